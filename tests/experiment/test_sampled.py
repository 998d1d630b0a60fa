"""The sampled protocol: fair draws, the right ranker, and always the whole-catalogue figure beside it."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from skrec_lite.exceptions import Cancelled, InvalidParameterError
from skrec_lite.experiment.figures.sampled import SAMPLED_METRICS, draw_negatives, sampled_figures
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.metrics import paired_difference
from tests.experiment.rich_result import rich_result


@pytest.fixture(scope="module")
def rich():
    return rich_result()


@pytest.fixture(scope="module")
def ranks(rich):
    """For each user of the reference: the rank of each reachable held-out item among what was never had."""
    full, users = rich.recommenders["full"], rich.reference.users
    n_items = len(rich.items)
    lists = full.rank(queries_of(rich.user_ids[users]), top_k=n_items, exclude_seen=True)
    out = {}
    for row, user in enumerate(users):
        held_out = set(rich.split.held_out[[user]].indices.tolist())
        order = [item for item in lists.item_index[row].tolist() if item >= 0]
        never_had = [item for item in order if item not in held_out]
        place = {item: at for at, item in enumerate(order)}
        out[user] = {
            item: (1 + sum(place[other] < place[item] for other in never_had), len(never_had))
            for item in held_out
        }
    return out


@settings(max_examples=60)
@given(st.data())
def test_draws_are_different_items_that_the_user_never_had(data):
    n_items = data.draw(st.integers(1, 12))
    users = data.draw(st.lists(st.sets(st.integers(0, n_items - 1)), min_size=1, max_size=4))
    owner = np.array(data.draw(st.lists(st.integers(0, len(users) - 1), max_size=6)), dtype=np.int64)
    n = data.draw(st.integers(1, 14))
    had = np.array(
        sorted(user * n_items + item for user, own in enumerate(users) for item in own), dtype=np.int64
    )
    drawn = draw_negatives(had, n_items, owner, n, np.random.default_rng(data.draw(st.integers(0, 99))))
    assert drawn.shape == (len(owner), n)
    for user, row in zip(owner, drawn, strict=True):
        left = set(range(n_items)) - users[user]
        kept = row[row >= 0].tolist()
        assert len(kept) == len(set(kept)) == min(n, len(left))
        assert set(kept) <= left
        assert (row[len(kept) :] == -1).all()


def test_every_set_of_items_is_drawn_alike():
    """Of the items 0 2 3 5, pairs: six sets, 2,000 of each expected, the standard deviation 41."""
    had = np.array([1, 4, 6 + 0], dtype=np.int64)
    drawn = draw_negatives(had, 6, np.zeros(12_000, dtype=np.int64), 2, np.random.default_rng(5))
    counts = Counter(tuple(sorted(row)) for row in drawn.tolist())
    assert set(counts) == {(0, 2), (0, 3), (0, 5), (2, 3), (2, 5), (3, 5)}
    assert max(abs(count - 2000) for count in counts.values()) < 4 * 41


def test_with_every_item_as_a_negative_it_is_the_exact_rank(rich, ranks):
    n_items = len(rich.items)
    figures = sampled_figures(rich, n_negatives=n_items, max_pairs=400 * (n_items + 1))
    assert figures.n_short == figures.n_held_out, "nobody has had nothing"
    n = rich.config.n
    worth = {"hit_rate": lambda rank: rank <= n, "ndcg": lambda rank: (rank <= n) / np.log2(rank + 1),
             "mrr": lambda rank: (rank <= n) / rank}  # fmt: skip
    for metric in SAMPLED_METRICS:
        expected = [
            np.mean([worth[metric](rank) for rank, _ in ranks[user].values()]) for user in figures.users
        ]
        np.testing.assert_allclose(figures.per_user[metric], expected, atol=1e-12)


def test_among_a_few_it_is_as_likely_as_counting_says(rich, ranks):
    """Of the items ranked above, so many are among the negatives as a hypergeometric draw gives."""
    n, n_negatives = rich.config.n, 40
    figures = [sampled_figures(rich, n_negatives, seed) for seed in range(4)]
    assert len({tuple(one.per_user["mrr"]) for one in figures}) == 4, "every seed draws others"
    got = np.mean([one.per_user["hit_rate"] for one in figures], axis=0)
    expected = [
        np.mean([hypergeom.cdf(n - 1, left, rank - 1, n_negatives) for rank, left in ranks[user].values()])
        for user in figures[0].users
    ]
    difference = paired_difference(got, np.array(expected))
    assert difference.low <= 0 <= difference.high
    assert abs(difference.mean) < 0.01


def test_beside_it_stands_the_figure_of_the_full_catalogues_own_lists(rich):
    figures = sampled_figures(rich)
    assert (
        figures.users.tolist()
        == rich.reference.users[rich.split.n_reachable[rich.reference.users] > 0].tolist()
    )
    row_of = {user: row for row, user in enumerate(rich.reference.users)}
    for at, user in enumerate(figures.users):
        shown = rich.reference.ranked.item_index[row_of[user]].tolist()
        places = [shown.index(item) + 1 if item in shown else np.inf
                  for item in rich.split.held_out[[user]].indices]  # fmt: skip
        assert figures.whole["hit_rate"][at] == pytest.approx(np.mean(np.isfinite(places)))
        assert figures.whole["mrr"][at] == pytest.approx(np.mean(1 / np.array(places)))
        assert figures.whole["ndcg"][at] == pytest.approx(np.mean(1 / np.log2(np.array(places) + 1)))
    table = figures.table.set_index("metric")
    for metric in SAMPLED_METRICS:
        row = table.loc[metric]
        assert row["sampled"] == pytest.approx(figures.per_user[metric].mean())
        assert row["whole"] == pytest.approx(figures.whole[metric].mean())
        assert row["ratio"] == pytest.approx(row["sampled"] / row["whole"])
        assert row["sampled_low"] < row["sampled"] < row["sampled_high"]
        none = paired_difference(figures.whole[metric], np.zeros(len(figures.users)), seed=rich.config.seed)
        assert (row["whole_low"], row["whole_high"]) == pytest.approx((none.low, none.high))
    assert table.loc["hit_rate", "sampled"] > table.loc["hit_rate", "whole_high"]


def test_it_is_always_called_sampled(rich):
    figures = sampled_figures(rich, n_negatives=50)
    assert figures.label == "sampled: 1 held-out item among 50 random ones"
    row = figures.table.set_index("metric").loc["hit_rate"]
    for said in (f"{100 * row['sampled']:.1f} of 100", "1 held-out item and 50 random ones",
                 f"{100 * row['whole']:.1f} into the top", f"{row['ratio']:.1f} times", "never"):  # fmt: skip
        assert said in figures.sentence


def test_pairs_are_capped_by_taking_fewer_users(rich):
    n_reachable = rich.split.n_reachable
    few = sampled_figures(rich, 20, max_pairs=21 * 100)
    assert 0 < len(few.users) < (n_reachable > 0).sum()
    assert few.n_held_out == n_reachable[few.users].sum() <= 100
    assert (np.diff(few.users) > 0).all()
    assert len(sampled_figures(rich, 20, max_pairs=1).users) == 1
    again = sampled_figures(rich, 20, max_pairs=21 * 100)
    assert again.users.tolist() == few.users.tolist()
    np.testing.assert_array_equal(again.per_user["mrr"], few.per_user["mrr"])


def test_it_can_be_cancelled_tells_its_progress_and_leaves_the_global_generator_alone(rich):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is tested
    told = []
    sampled_figures(rich, 5, progress=lambda fraction, doing, epoch=None: told.append((fraction, doing)))
    assert told[-1][0] == 1.0
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    with pytest.raises(Cancelled):
        sampled_figures(rich, 5, cancel=lambda: True)
    with pytest.raises(InvalidParameterError, match="n_negatives"):
        sampled_figures(rich, 0)
