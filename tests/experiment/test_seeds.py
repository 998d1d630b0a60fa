"""Chance in training beside chance in who was measured."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.experiment.figures.seeds import (
    FIGURE_COLUMNS,
    SPREAD_COLUMNS,
    figures_of,
    same_order,
    seed_sentence,
    seed_spread,
)
from skrec_lite.metrics import LIST_METRICS, ndcg, recall
from skrec_lite.metrics.bootstrap import mean_interval


def moved(result, moves):
    """The figures of a run for seeds 0, 1 and 2; `moves` are added in 1 and 2."""
    figures, tables = figures_of(result), []
    for seed in range(3):
        table = figures.assign(seed=seed)
        for (key, stage, metric), by in moves.items():
            rows = (table["retriever"] == key) & (table["stage"] == stage) & (table["metric"] == metric)
            assert rows.sum() == 1
            table.loc[rows, "value"] += (0.0, *by)[seed]
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def value_of(table, retriever, stage, metric, column="value"):
    rows = table[(table["retriever"] == retriever) & (table["stage"] == stage) & (table["metric"] == metric)]
    return rows[column].item()


def test_figures_are_means_over_users(result):
    figures = figures_of(result)
    assert tuple(figures.columns) == FIGURE_COLUMNS
    held_out = result.split.n_held_out
    for key, run in result.runs.items():
        assert value_of(figures, key, "pool", "recall") == pytest.approx(recall(run.hits, held_out).mean())
        head = ndcg(run.hits[:, : result.config.n], held_out).mean()
        assert value_of(figures, key, "pool", "ndcg") == pytest.approx(head)
        for metric in LIST_METRICS:
            assert value_of(figures, key, "list", metric) == pytest.approx(run.ranked.mean(metric))
    for metric in LIST_METRICS:
        assert value_of(figures, "full", "list", metric) == pytest.approx(
            result.reference.ranked.mean(metric)
        )
    assert len(figures) == len(result.runs) * (2 + len(LIST_METRICS)) + len(LIST_METRICS)


def test_spread_over_seeds_beside_the_interval_over_users(result):
    seeds = moved(result, {("embedding", "pool", "recall"): (0.03, -0.03)})
    spread = seed_spread(seeds, result)
    assert tuple(spread.columns) == SPREAD_COLUMNS
    assert len(spread) == len(figures_of(result))
    at = {column: value_of(spread, "embedding", "pool", "recall", column) for column in SPREAD_COLUMNS[3:]}
    per_user = result.recall_at("embedding", 100)
    interval = mean_interval(per_user, seed=result.config.seed)
    assert at["n_seeds"] == 3
    assert at["mean"] == pytest.approx(at["value"]) == pytest.approx(per_user.mean())
    assert at["sd"] == pytest.approx(0.03)  # of -3, 0 and 3 hundredths, with n - 1
    assert (at["min"], at["max"]) == pytest.approx((per_user.mean() - 0.03, per_user.mean() + 0.03))
    assert (at["low"], at["high"]) == pytest.approx((interval.low, interval.high))
    assert at["standard_error"] == pytest.approx(per_user.std() / np.sqrt(150), rel=0.1)
    others = spread[(spread["retriever"] != "embedding") | (spread["metric"] != "recall")]
    assert (others["sd"] < 1e-12).all()


def test_the_larger_source_of_chance_is_named(result):
    error = value_of(seed_spread(moved(result, {}), result), "embedding", "pool", "recall", "standard_error")
    for factor, source in ((0.8, "users"), (1.25, "seeds")):
        seeds = moved(result, {("embedding", "pool", "recall"): (factor * error, -factor * error)})
        spread = seed_spread(seeds, result)
        assert value_of(spread, "embedding", "pool", "recall", "larger_source") == source
        said = seed_sentence(spread, seeds, "pool", "recall", 100)
        by = f"{100 * factor * error:.1f} of 100"
        assert said.startswith(f"Over 3 seeds recall@100 of pools varies most for embedding: by {by}")
        assert f"beside {100 * error:.1f} of 100" in said
        assert ("Which users were measured is the larger" in said) == (source == "users")
        assert ("Training is the larger" in said) == (source == "seeds")


def test_retrievers_that_change_places_are_named(result):
    figures = figures_of(result)
    gap = value_of(figures, "popularity", "pool", "recall") - value_of(figures, "content", "pool", "recall")
    assert gap != 0
    for share, same in ((0.5, True), (1.02, False)):
        seeds = moved(result, {("content", "pool", "recall"): (share * gap, 0.0)})
        assert same_order(seeds, "pool", "recall") is same
        said = seed_sentence(seed_spread(seeds, result), seeds, "pool", "recall", 100)
        assert ("The order of the retrievers is the same with every seed." in said) is same
        assert ("change places: content-based and popularity." in said) is not same
        assert same_order(seeds, "list", "recall")


@pytest.mark.parametrize("ahead", ["embedding", "content"])
def test_a_tie_that_opens_is_no_change_of_places(ahead):
    behind = "content" if ahead == "embedding" else "embedding"
    values = {ahead: (0.5, 0.6, 0.5), behind: (0.5, 0.5, 0.4)}
    rows = [
        (seed, key, "pool", "recall", of[seed]) for seed in range(3) for key, of in sorted(values.items())
    ]
    seeds = pd.DataFrame(rows, columns=["seed", *FIGURE_COLUMNS])
    assert same_order(seeds, "pool", "recall")


def test_the_full_catalogue_takes_no_place_in_the_order(result):
    figures = figures_of(result)
    gap = value_of(figures, "full", "list", "recall") - value_of(figures, "popularity", "list", "recall")
    seeds = moved(result, {("full", "list", "recall"): (-2 * gap, 0.0)})
    assert same_order(seeds, "list", "recall")


def test_what_no_seed_moves_is_said_not_to_depend_on_them(result):
    seeds = moved(result, {})
    said = seed_sentence(seed_spread(seeds, result), seeds, "list", "ndcg", 10)
    assert said.startswith("With 3 seeds nDCG@10 of final lists is the same each time")


def test_one_seed_says_nothing(result):
    assert seed_spread(result.seed_figures, result).empty
    once = figures_of(result).assign(seed=0)
    spread = seed_spread(once, result)
    assert (spread["n_seeds"] == 1).all()
    assert seed_sentence(spread, once, "pool", "recall", 100) == ""
