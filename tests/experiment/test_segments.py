"""Segments: the figures of each part, on its own denominator, against one loop over users."""

import numpy as np
import pytest

from skrec_lite import ExperimentConfig, LabData, run_experiment
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.figures.funnel import fates
from skrec_lite.experiment.segments import (
    SMALL,
    segment_figures,
    segment_frame,
    segmentations,
    segments_of,
)
from skrec_lite.experiment.segments.bands import users_of_items
from skrec_lite.experiment.segments.membership import MOST_LABELS
from skrec_lite.experiment.segments.sentence import lead_in, segment_sentence
from skrec_lite.metrics.bootstrap import bootstrap_means, mean_interval
from tests.experiment.rich_result import rich_result


@pytest.fixture(scope="module")
def rich():
    return rich_result()


#: Those of `rich_result`; a test below says so.
USERS = ("history", "new_users", "users:country", "users:age", "users:subscriber")
ITEMS = (
    "popularity", "new_items", "items:author", "items:genres", "items:price", "items:avg_rating",
    "items:year", "items:pages",
)  # fmt: skip


def slow_users(result, segments, key):
    """Per segment: the users' pool recall, final recall and nDCG, one user at a time."""
    rows = {}
    for place, name in enumerate(segments.names):
        values = []
        for user in range(len(result.user_ids)):
            if not segments.members[user, place]:
                continue
            run, held_out = result.runs[key], result.split.held_out[[user]].indices
            n_held_out = result.split.n_held_out[user]
            pool = set(run.candidates.item_index[user].tolist())
            shown = run.ranked.item_index[user].tolist()
            gain = sum(1 / np.log2(at + 2) for at, item in enumerate(shown) if item in held_out)
            ideal = sum(1 / np.log2(at + 2) for at in range(min(n_held_out, len(shown))))
            found = sum(item in pool for item in held_out)
            hits = sum(item in shown for item in held_out)
            values.append([found / n_held_out, hits / n_held_out, gain / ideal, n_held_out])
        rows[name] = np.array(values, dtype=float)
    return rows


def slow_items(result, segments, key):
    """Per segment: pool and final recall of its own held-out items, for each user who has such."""
    table = fates(result, key)
    rows = {}
    for place, name in enumerate(segments.names):
        own = table[segments.members[:, place]]
        values = [
            [part["fate"].isin(["shown", "ranked_below"]).mean(), (part["fate"] == "shown").mean(), len(part)]
            for _, part in own.groupby("USER_ID", sort=False)
        ]
        rows[name] = np.array(values, dtype=float)
    return rows


@pytest.mark.parametrize("key", [key for key in (*USERS, *ITEMS) if key != "new_users"])
def test_figures_are_those_of_a_loop_over_users(rich, key):
    frame, segments = segment_frame(rich, key), segments_of(rich, key)
    of_users = key in USERS
    assert frame["segment"].tolist() == list(np.repeat(segments.names, len(rich.runs)))
    for retriever in ("content", "merged") if key in ("history", "popularity") else ("content",):
        slow = (slow_users if of_users else slow_items)(rich, segments, retriever)
        own = frame[frame["retriever"] == retriever].set_index("segment")
        for name, values in slow.items():
            row = own.loc[name]
            assert row["n_users"] == len(values)
            assert row["n_held_out"] == values[:, -1].sum()
            assert row["is_small"] == (len(values) < SMALL)
            metrics = ["pool_recall", "recall", "ndcg"] if of_users else ["pool_recall", "recall"]
            for column, metric in enumerate(metrics):
                assert row[metric] == pytest.approx(values[:, column].mean(), abs=1e-12)
                if len(values) > 1:
                    expected = mean_interval(values[:, column], seed=rich.config.seed)
                    assert row[f"{metric}_low"] == pytest.approx(expected.low)
                    assert row[f"{metric}_high"] == pytest.approx(expected.high)
                else:
                    assert np.isnan(row[f"{metric}_low"])
    assert ("ndcg" in frame) == of_users


@pytest.mark.parametrize("key", [*USERS, *ITEMS])
def test_everything_belongs_somewhere_and_disjoint_segments_sum_to_all(rich, key):
    segments, figures = segments_of(rich, key), segment_figures(rich, key)
    assert segments.members.any(axis=1).all()
    assert segments.members.any(axis=0).all()
    assert len(set(segments.names)) == len(segments.names)
    held_out = figures.frame.loc[figures.frame["retriever"] == "content", "n_held_out"].sum()
    everything = rich.split.n_held_out.sum()
    if key == "new_users":
        everything += rich.split.newcomers.n_held_out.sum()
    assert segments.is_disjoint == figures.is_disjoint == (segments.members.sum(axis=1) == 1).all()
    assert held_out == everything if segments.is_disjoint else held_out > everything
    assert segments.is_disjoint == (key != "items:genres")


def test_the_segmentations_are_those_of_this_data(rich):
    known = segmentations(rich)
    assert [one.key for one in known] == [*USERS, *ITEMS]
    assert [one.of for one in known] == ["users"] * len(USERS) + ["items"] * len(ITEMS)
    assert next(one.label for one in known if one.key == "items:genres") == "Items by genres"
    with pytest.raises(InvalidParameterError, match="Did you mean 'items:genres'"):
        segments_of(rich, "items:genre")


def test_users_are_in_the_segment_of_their_own_cell(rich):
    table = rich.data.users.set_index("USER_ID")
    countries = segments_of(rich, "users:country")
    for row, user in enumerate(rich.user_ids):
        cell = table["country"].get(user)
        name = countries.names[int(countries.members[row].argmax())]
        assert name == (cell if isinstance(cell, str) else "no value")
    assert set(countries.names) == {"France", "Chile", "Kenya", "no value"}
    yes = segments_of(rich, "users:subscriber")
    assert set(yes.names) == {"yes", "no", "no value"}


def test_items_are_in_the_segment_of_each_of_their_tags(rich):
    genres, table = segments_of(rich, "items:genres"), rich.data.item_table
    pairs = fates(rich, "content")
    counts = {}
    for item in pairs["ITEM_ID"]:
        for tag in table["genres"].get(item, "").split("|"):
            counts[tag] = counts.get(tag, 0) + 1
    counts.pop("")
    kept = sorted(counts, key=lambda tag: (-counts[tag], tag))[:MOST_LABELS]
    assert list(genres.names[: len(kept)]) == kept
    assert genres.names[len(kept) :] == (f"other ({len(counts) - len(kept)})", "no value")
    for row, item in enumerate(pairs["ITEM_ID"]):
        tags = set(filter(None, table["genres"].get(item, "").split("|")))
        expected = {tag for tag in tags if tag in kept}
        expected |= {genres.names[-2]} if tags - set(kept) else set()
        got = {name for name, is_in in zip(genres.names, genres.members[row], strict=True) if is_in}
        assert got == (expected or {"no value"})


def test_history_is_counted_in_training_interactions(rich):
    segments = segments_of(rich, "history")
    lengths = rich.split.train["USER_ID"].astype(str).value_counts()
    bands = {"1 to 5": (1, 5), "6 to 20": (6, 20), "21 to 50": (21, 50), "51 to 200": (51, 200),
             "more than 200": (201, np.inf)}  # fmt: skip
    for row, user in enumerate(rich.user_ids):
        low, high = bands[segments.names[int(segments.members[row].argmax())]]
        assert low <= lengths[user] <= high


def test_head_middle_and_tail_each_make_a_third(rich):
    train = rich.split.train.assign(ITEM_ID=rich.split.train["ITEM_ID"].astype(str))
    users = train.drop_duplicates(["USER_ID", "ITEM_ID"])["ITEM_ID"].value_counts()
    counts = users_of_items(rich)
    assert dict(zip(rich.items.ids, counts, strict=True)) == {
        item: int(users.get(item, 0)) for item in rich.items.ids
    }
    segments = segments_of(rich, "popularity")
    had = np.array([users.get(item, 0) for item in fates(rich, "content")["ITEM_ID"]])
    assert [name.partition(":")[0] for name in segments.names] == [
        "head", "middle", "tail", "chosen by nobody in training"
    ]  # fmt: skip
    border = {
        share: next(least for least in sorted(set(users), reverse=True)
                    if users[users >= least].sum() >= share * users.sum())
        for share in (1 / 3, 2 / 3)
    }  # fmt: skip
    expected = np.select([had >= border[1 / 3], had >= border[2 / 3], had > 0], [0, 1, 2], 3)
    assert segments.members.argmax(axis=1).tolist() == expected.tolist()
    assert segments.names[0] == f"head: {border[1 / 3]} users or more"


def test_new_users_have_denominators_of_their_own(rich):
    frame = segment_frame(rich, "new_users")
    new = frame[frame["segment"] == "new users"].set_index("retriever")
    apart = rich.split.newcomers
    assert set(apart.user_ids).isdisjoint(rich.user_ids)
    for key, run in rich.runs.items():
        row = new.loc[key]
        assert row["n_users"] == len(apart.user_ids)
        assert row["pool_recall"] == pytest.approx((run.newcomers.hits.sum(axis=1) / apart.n_held_out).mean())
        assert row["recall"] == pytest.approx(run.newcomers.ranked.mean("recall"))
        assert row["ndcg"] == pytest.approx(run.newcomers.ranked.mean("ndcg"))
    known = frame[frame["segment"] == "users with a history"].set_index("retriever")
    for key, curve in rich.recall_curves.items():
        assert known.loc[key, "pool_recall"] == pytest.approx(curve[-1])


def test_without_new_users_or_columns_there_is_no_such_segmentation(small_data):
    data = LabData(small_data.interactions, None, name="bare")
    bare = run_experiment(data, ExperimentConfig(retrievers=("popularity",), top_k=20, n=5))
    assert [known.key for known in segmentations(bare)] == ["history", "popularity", "new_items"]
    with pytest.raises(InvalidParameterError, match="segmentation must be one of"):
        segment_frame(bare, "new_users")


def test_a_small_segment_says_so_and_names_no_winner(rich):
    frame = segment_frame(rich, "items:author")
    small = frame[frame["n_users"] < SMALL]
    assert len(small)
    assert small["is_small"].all()
    assert small["size"].str.fullmatch(r"small: \d+ users?").all()
    assert set(small.loc[small["n_users"] == 1, "size"]) <= {"small: 1 user"}
    large = frame[frame["n_users"] >= SMALL]
    assert not large["is_small"].any()
    assert large["size"].str.fullmatch(r"[\d,]+ users").all()
    for name in set(small["segment"]) - set(large["segment"]):
        assert f'"{name}"' not in segment_figures(rich, "items:author").sentence


def leads_of(segments, seed=0, n_resamples=2000):
    """One lead a segment, of pool recall (n_users, n_retrievers)."""
    return [
        lead_in(name, ("embedding", "content", "popularity"), "embedding", values,
                bootstrap_means(values, n_resamples, seed))
        for name, values in segments.items()
    ]  # fmt: skip


def test_the_sentence_names_segments_only_beyond_chance():
    """Leads of +50 and -25 points are far apart, and the best of the others is told for each."""
    rng = np.random.default_rng(3)
    ahead = (rng.random((400, 3)) < [0.8, 0.3, 0.2]).astype(float)
    behind = (rng.random((400, 3)) < [0.3, 0.1, 0.55]).astype(float)
    leads = leads_of({"young": ahead, "old": behind})
    words = segment_sentence("embedding", leads, SMALL)
    assert words.startswith('Embedding is furthest ahead in candidate recall for "young" (+')
    assert "points against content-based" in words
    assert 'and furthest behind for "old" (-' in words
    assert "points against popularity" in words
    first = 100 * (ahead[:, 0] - ahead[:, 1]).mean()
    assert f"({first:+.1f} points" in words
    low, high = np.percentile(bootstrap_means(ahead[:, 0] - ahead[:, 1]), [1.25, 98.75])
    assert leads[0].interval(2) == pytest.approx((low, high))
    same = leads_of({"young": ahead, "old": ahead[::-1]})
    assert segment_sentence("embedding", same, SMALL).startswith("No segment stands out: how far embedding")


def test_where_nothing_is_found_there_is_nothing_to_compare():
    rng = np.random.default_rng(3)
    some = (rng.random((400, 3)) < 0.5).astype(float)
    words = segment_sentence("embedding", leads_of({"a": some, "none": np.zeros((400, 3))}), SMALL)
    assert words.startswith("Nothing to compare: fewer than two segments have 30 users")


def test_one_retriever_is_set_against_itself():
    rng = np.random.default_rng(3)
    leads = []
    for name, share in (("a", 0.9), ("b", 0.2)):
        values = (rng.random((300, 1)) < share).astype(float)
        leads.append(lead_in(name, ("content",), "content", values, bootstrap_means(values)))
    words = segment_sentence("content", leads, SMALL)
    assert words.startswith('Content-based finds most for "a" (')
    assert "of 100, " in words
    assert 'and least for "b" (' in words


def test_among_twelve_alike_segments_one_is_rarely_named():
    """With intervals of 95 % each, one run in five would name two of twelve segments that do not differ."""
    rng = np.random.default_rng(11)
    named = 0
    for _ in range(60):
        segments = {f"s{place}": (rng.random((60, 3)) < 0.5).astype(float) for place in range(12)}
        named += "stands out" not in segment_sentence("embedding", leads_of(segments, 0, 400), SMALL)
    assert named <= 3
