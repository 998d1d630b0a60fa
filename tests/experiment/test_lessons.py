"""The lesson's figures: what the tour says is what the library computes, or what can be counted by hand."""

import numpy as np
import pytest

from skrec_lite import load_sample
from skrec_lite.exceptions import Cancelled, InvalidParameterError
from skrec_lite.experiment import ExperimentConfig, LabData, run_experiment, why_candidate
from skrec_lite.experiment.lessons import LESSON_CONFIG, Contender, ScoringCost, make_lesson, suits
from skrec_lite.experiment.lessons.comparing import front, thin_and_thick
from skrec_lite.experiment.lessons.cost import Load, load_of, size_in_words, time_in_words
from skrec_lite.experiment.lessons.embedding import genre_likeness, neighbours, positive_share, products
from skrec_lite.experiment.lessons.lesson import contenders_of
from skrec_lite.experiment.lessons.pools import (
    Crossing,
    crossing,
    ends,
    first_candidates,
    found_alone,
    perfect_recall,
    places_of_user,
)
from skrec_lite.experiment.lessons.profile import OTHERS, head_share, popularity_curve, profile_parts
from tests.experiment.conftest import readers
from tests.experiment.lesson_run import small_lesson


@pytest.fixture(scope="module")
def lesson():
    return small_lesson()


def test_two_stages_and_full_scoring_by_hand():
    load = Load(n_items=1_000_000, requests=50, pool=200, looked_at=0.01, micro_retrieve=0.1, micro_rank=2.0)
    assert load.full == pytest.approx(2.0)
    assert load.two_stages == pytest.approx(0.001 + 0.0004)
    assert load.full_cores == pytest.approx(100)
    assert load.two_stage_cores == pytest.approx(0.07)
    assert load.largest_full == 50_000


def test_a_pool_larger_than_the_catalogue_ranks_the_catalogue():
    load = Load(100, 1, 200, 1.0, 0.0, 3.0)
    assert load.two_stages == pytest.approx(load.full)


@pytest.mark.parametrize("looked_at", [0.0, -0.1, 1.5])
def test_a_search_looks_at_some_of_the_catalogue(looked_at):
    with pytest.raises(InvalidParameterError, match="looked_at"):
        Load(100, 1, 10, looked_at, 1.0, 1.0)


def test_measured_costs_enter_the_load():
    cost = ScoringCost(dot=0.01, trees=0.5, n_trees=100, n_factors=64, n_dot_pairs=1, n_tree_pairs=1)
    assert load_of(cost, 2_000_000).full == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4e-5, "40 µs"),
        (1.398e-4, "140 µs"),
        (5e7, "13,900 h"),
        (0.0031, "3.1 ms"),
        (2.4, "2.4 s"),
        (90, "90 s"),
        (720, "12 min"),
        (12600, "3.5 h"),
    ],
)
def test_durations_are_said_in_their_unit(seconds, words):
    assert time_in_words(seconds) == words


def test_counts_are_said_as_people_do():
    assert [size_in_words(n) for n in (1500, 2e7, 1e9, 1e10)] == [
        "1,500", "20 million", "1 billion", "10 billion",
    ]  # fmt: skip


def test_costs_are_measured(lesson):
    assert 0 < lesson.cost.dot < lesson.cost.trees
    assert lesson.cost.n_factors == 64
    assert lesson.cost.n_tree_pairs > 1000


def test_products_add_up_to_the_score_of_pool_and_ranker(lesson):
    """The retriever's and the ranker's own scores, made by matrix products in other places."""
    run, items = lesson.result.runs["embedding"], lesson.result.items
    for row in (0, 7, 90):
        user = str(lesson.result.user_ids[row])
        for place in (0, 3, 9):
            item = items.decode(run.candidates.item_index[row, place : place + 1])[0]
            found = products(lesson, user, item)
            assert found.total == pytest.approx(found.score, abs=1e-5)
            assert found.total == pytest.approx(float(run.candidates.scores[row, place]), abs=1e-5)
            at = int(np.flatnonzero(items.decode(run.ranked.item_index[row]) == item)[0])
            assert found.total == pytest.approx(float(run.ranked.scores[row, at]), abs=1e-5)


def test_positive_share_is_that_of_best_candidates(lesson):
    shares = []
    for user in lesson.result.user_ids:
        best = next(iter(first_candidates(lesson, "embedding", str(user))))
        shares.append((products(lesson, str(user), best).products > 0).mean())
    assert positive_share(lesson) == pytest.approx(np.mean(shares))


def test_neighbours_are_the_nearest_by_cosine(lesson):
    items, vectors = lesson.result.recommenders["embedding"].retriever.item_space()
    item = str(lesson.result.items.ids[40])
    near = neighbours(lesson, item)
    own = vectors[items.encode([item])[0]].astype(float)
    by_hand = {}
    chosen = set(lesson.result.split.train["ITEM_ID"].astype(str))
    for other, vector in zip(items.ids, vectors.astype(float), strict=True):
        if other != item and other in chosen:
            by_hand[other] = own @ vector / np.linalg.norm(own) / np.linalg.norm(vector)
    best = sorted(by_hand, key=by_hand.__getitem__, reverse=True)[:10]
    assert near["ITEM_ID"].tolist() == best
    assert near["cosine"].to_numpy() == pytest.approx([by_hand[other] for other in best], abs=1e-5)


def test_shared_genres_are_those_of_the_items(lesson):
    genres = lesson.result.data.item_table["genres"]
    item = str(lesson.result.items.ids[40])
    near = neighbours(lesson, item)
    own = set(genres[item].split("|"))
    assert near["shares"].tolist() == [bool(own & set(genres[other].split("|"))) for other in near["ITEM_ID"]]


def test_near_books_share_genres_more_often_than_any_two(lesson):
    likeness = genre_likeness(lesson)
    genres = lesson.result.data.item_table["genres"].str.split("|").map(set)
    some = genres.loc[lesson.result.split.train["ITEM_ID"].astype(str).unique()].tolist()
    share = np.mean([bool(a & b) for at, a in enumerate(some) for b in some[:at]])
    assert likeness.random == pytest.approx(10 * share)
    assert likeness.nearest > likeness.random


def test_profile_products_add_up_to_the_cosine(lesson):
    user = str(lesson.result.user_ids[3])
    item = next(iter(first_candidates(lesson, "content", user)))
    parts = profile_parts(lesson, user, item)
    score = lesson.result.runs["content"].candidates.scores[lesson.result.row_of(user), 0]
    assert parts["product"].sum() == pytest.approx(float(score), abs=1e-5)
    why = why_candidate(lesson.result, "content", user, item)["content"]
    assert parts["product"].sum() == pytest.approx(why.explanation.score, abs=1e-5)
    shown = parts.iloc[:-1]
    assert parts["feature"].iloc[-1] == OTHERS
    assert (shown["profile"] * shown["item"]).to_numpy() == pytest.approx(shown["product"].to_numpy())
    assert shown["product"].abs().is_monotonic_decreasing


def test_popularity_curve_counts_training_choices(lesson):
    counts = lesson.result.split.train["ITEM_ID"].astype(str).value_counts().to_numpy()
    items, choices = popularity_curve(lesson)
    assert len(items) == lesson.n_items + 1
    assert choices[10] == pytest.approx(counts[:10].sum() / counts.sum())
    assert head_share(lesson, 30 / lesson.n_items) == pytest.approx(counts[:30].sum() / counts.sum())
    assert head_share(lesson, 1.0) == pytest.approx(1.0)


def test_ends_sum_to_100_and_the_ceiling_is_what_a_perfect_ranker_shows(lesson):
    found = ends(lesson).set_index("retriever")
    assert found.sum(axis=1).to_numpy() == pytest.approx(100)
    for key in found.index:
        # One held-out item a reader: the best list shows every hit of the pool.
        assert 100 * perfect_recall(lesson, key) == pytest.approx(100 - found.loc[key, "not_retrieved"])
        assert found.loc[key, "shown"] == pytest.approx(100 * lesson.final_recall(key))


def test_places_of_a_user_are_those_of_the_pools(lesson):
    user = str(lesson.result.user_ids[5])
    places = places_of_user(lesson, user).set_index("retriever")
    alone = found_alone(lesson, user)
    for key, (own, shared) in alone.items():
        hits = lesson.result.runs[key].hits[5]
        assert places.loc[key, "pool_rank"] == (np.flatnonzero(hits)[0] + 1 if hits.any() else 0)
        assert sorted(own + shared) == list(range(1, lesson.top_k + 1))
    pools = {key: set(lesson.result.runs[key].candidates.item_index[5].tolist()) for key in alone}
    rest = pools["embedding"] - pools["content"] - pools["popularity"]
    assert len(alone["embedding"][0]) == len(rest)


def contender(key, *recalls):
    return Contender(key, key.title(), np.array([recalls] * 3 + [[0.0] * len(recalls)]))


def test_crossing_orders_at_both_cut_offs_and_says_when_the_best_becomes_the_worst():
    a, b = contender("a", 1.0, 1.0, 1.0), contender("b", 0.5, 0.8, 2.0)
    found = Crossing(1, 3, (a, b), (b, a))
    assert found.is_reversed
    assert "a 75.0, b 37.5" in found.orders[0]
    assert "+37.5 of 100" in found.differences[0]
    assert "-75.0 of 100" in found.differences[0]
    assert not Crossing(1, 3, (a, b), (a, b)).is_reversed


def test_contenders_are_what_a_comparison_would_find(lesson):
    """The small factorization again, by `run_experiment`; popularity as the lesson's own run has it."""
    config = ExperimentConfig(params={"n_factors": 4, "regularization": 0.05}, retrievers=("embedding",))
    again = run_experiment(readers(), config).recall_curves["embedding"]
    assert lesson.contenders["small"].curve == pytest.approx(again)
    assert lesson.contenders["popularity"].curve == pytest.approx(lesson.result.recall_curves["popularity"])
    found = crossing(lesson)
    assert [one.at(found.late) for one in found.late_order] == sorted(
        (one.at(found.late) for one in lesson.contenders.values()), reverse=True
    )


def test_on_the_sample_the_best_list_is_the_worst_pool():
    data = LabData(*load_sample())
    config = ExperimentConfig(params={"n_factors": 4, "epochs": 1}, retrievers=("popularity",))
    large, small, popularity = contenders_of(run_experiment(data, config)).values()
    for other in (small, popularity):
        assert large.at(10) > other.at(10)
        assert large.at(200) < other.at(200)
        assert large.beyond(other, 200).high < 0


def test_front_holds_whatever_finds_most(lesson):
    most = max(("embedding", "content", "popularity"), key=lambda key: lesson.recall(key, lesson.top_k))
    assert front(lesson)[-1] == most


def test_short_histories_are_at_least_a_tenth_of_the_readers(lesson):
    limit, thin, thick = thin_and_thick(lesson)
    lengths = lesson.result.split.train.groupby("USER_ID").size().reindex(lesson.result.user_ids).to_numpy()
    found = lesson.result.recall_at("embedding", lesson.top_k)
    assert (lengths <= limit).mean() >= 0.1
    assert (thin, thick) == pytest.approx((found[lengths <= limit].mean(), found[lengths > limit].mean()))


def test_a_finished_comparison_serves_if_its_choices_are_the_lessons(lesson):
    assert lesson.result.config == LESSON_CONFIG
    assert suits(lesson.result)
    other = run_experiment(readers(), ExperimentConfig(retrievers=("popularity",), params={"epochs": 1}))
    assert not suits(other)
    told = []
    with pytest.raises(Cancelled):
        make_lesson(
            readers(), lesson.result,
            progress=lambda done, doing, epoch=None: told.append(doing), cancel=lambda: bool(told),
        )  # fmt: skip
    assert told[0].startswith("A large model")


def test_it_can_be_cancelled():
    with pytest.raises(Cancelled):
        make_lesson(readers(), cancel=lambda: True)
