"""The sections of a report on the two stages: what pools hold and what lists show."""

from __future__ import annotations

import numpy as np

from skrec_lite.experiment.figures.gaps import recall_gaps
from skrec_lite.experiment.figures.metric_intervals import list_intervals
from skrec_lite.experiment.report.charts import (
    Line,
    Mark,
    Row,
    figure,
    interval_chart,
    line_chart,
)
from skrec_lite.experiment.report.definitions import METRICS
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.report.markup import Html, bullets, joined, table, tag
from skrec_lite.experiment.report.words import interval, listed, of_100, score
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.stages.catalogue_facts import BEYOND_ACCURACY
from skrec_lite.metrics import Interval

_RECALL_CAPTION = (
    "Final recall: held-out items in the list. Whiskers are 95 % intervals of each mean; whether two differ "
    "is in the section on differences."
)
_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def pools(result: ExperimentResult) -> Html:
    """Return recall at every pool size with its bands, and in figures at round sizes."""
    top_k, n = result.config.top_k, result.config.n
    at = result.curve_k - 1
    marks = tuple(int(place) for place in np.flatnonzero(np.isin(result.curve_k, (n, top_k))))
    lines = [
        Line(
            key,
            result.curve_k,
            100 * curve[at],
            low=100 * result.recall_intervals[key][0, at],
            high=100 * result.recall_intervals[key][1, at],
            marks=marks,
        )
        for key, curve in result.recall_curves.items()
    ]
    chance = Line("", result.curve_k, 100 * result.random_recall[at], label="Random")
    ceiling = 100 * result.reachable_share
    sizes = sorted({size for size in (*_ROUND, n, top_k) if size <= top_k})
    rows = [
        (
            f"{size:,}",
            *(
                f"{of_100(curve[size - 1])} ({_bounds(result, key, size)})"
                for key, curve in result.recall_curves.items()
            ),
            of_100(float(result.random_recall[size - 1])),
        )
        for size in sizes
    ]
    nine_tenths = [f"{result.pool_reaching(key, 0.9):,} ({label_of(key)})" for key in result.runs]
    caption = (
        "Candidate recall: held-out items among the first k candidates, of 100, mean over users. Bands are "
        f"95 % intervals. Marks at k = {n:,}, the length of the list, and k = {top_k:,}, the pool. Dotted "
        "grey: candidates drawn at random. Thin line: what anything could find."
    )
    return joined(
        [
            figure(
                lambda width: line_chart(
                    width, [*lines, chance], _curves_in_words(result), "Candidates per user (k)",
                    "Found of 100 held-out items", y_range=(0, 105),
                    ceiling=(ceiling, f"ceiling {ceiling:.1f}"),
                ),
                caption,
            ),
            tag("h3", "What is lost at each stage, of 100 held-out items"),
            bullets(recall_gaps(result, key, top_k).sentence for key in result.runs),
            tag("p", f"Nine tenths of what the whole pool finds lie within the first {listed(nine_tenths)}."),
            table(
                "Recall@k of the pools, of 100, with 95 % intervals",
                ("k", *map(label_of, result.runs), "Random"),
                rows,
            ),
            _beyond(result, "pool"),
        ]
    )  # fmt: skip


def _bounds(result: ExperimentResult, key: str, k: int) -> str:
    low, high = result.recall_intervals[key][:, k - 1]
    return interval(Interval(0.0, float(low), float(high)))


def _curves_in_words(result: ExperimentResult) -> str:
    ends = [f"{label_of(key)} {of_100(curve[-1])}" for key, curve in result.recall_curves.items()]
    return (
        f"Line chart of candidate recall by pool size. At {result.config.top_k:,} candidates, of 100 "
        f"held-out items: {listed(ends)}."
    )


def lists(result: ExperimentResult) -> Html:
    """Return the metrics of the final lists with their intervals, and what lists are like besides."""
    n, frame = result.config.n, result.final_frame().set_index("retriever")
    found = list_intervals(result)
    rows = [
        (
            label_of(key),
            of_100(frame.loc[key, "pool_recall"]),
            *(
                (of_100 if is_share else score)(intervals[metric].mean)
                for metric, (_, is_share) in METRICS.items()
            ),
            f"{frame.loc[key, 'n_users']:,}",
        )
        for key, intervals in found.items()
    ]
    charts = [
        figure(
            lambda width, metric=metric, times=times, name=name: _metric_chart(  # type: ignore[misc]
                width, found, metric, times, name
            ),
            caption,
        )
        for metric, times, name, caption in (
            ("recall", 100, f"Recall@{n}, of 100", _RECALL_CAPTION),
            ("ndcg", 1, f"nDCG@{n}", "nDCG of the final list: hits count more the higher they stand."),
        )
    ]
    return joined(
        [
            *charts,
            table(
                f"Metrics of the final lists of {n:,}: shares of 100; nDCG, MRR and MAP from 0 to 1. Pool "
                "recall is the ceiling of recall",
                ("", "Pool recall", *(name for name, _ in METRICS.values()), "Users"),
                rows,
            ),
            tag("p", reference_words(result)),
            bullets(f"{run.label}: {run.ranker_words}" for run in result.runs.values() if run.ranker_words),
            _beyond(result, "list"),
        ]
    )


def _metric_chart(width: int, found: dict, metric: str, times: int, name: str) -> Html:
    def scaled(given: Interval) -> Interval:
        return Interval(times * given.mean, times * given.low, times * given.high)

    rows = [
        Row(label_of(key), (Mark(key, scaled(own[metric])),), _with_interval(own[metric], times > 1))
        for key, own in found.items()
    ]
    said = "; ".join(f"{row.label} {row.words}" for row in rows)
    return interval_chart(width, rows, f"{name} with 95 % intervals: {said}.", name, from_zero=True)


def _with_interval(given: Interval, of_hundred: bool) -> str:
    mean = of_100(given.mean) if of_hundred else score(given.mean)
    return f"{mean} ({interval(given, of_hundred=of_hundred)})"


def reference_words(result: ExperimentResult) -> str:
    """Say on whom the full catalogue was scored, and by a ranker that learned on what."""
    covered, users = len(result.reference.users), len(result.user_ids)
    learned = ""
    if any(run.ranker_seconds for run in result.runs.values()):
        learned = " Its ranker learned on random items: it has no retriever to learn from."
    whom = (
        f"the same {users:,} users"
        if covered == users
        else f"{covered:,} of {users:,} users, drawn at random"
    )
    return f"The full catalogue of {len(result.items):,} items was scored for {whom}.{learned}"


def _beyond(result: ExperimentResult, stage: str) -> Html:
    """Return what pools or lists are like apart from hits; a figure that cannot be told is a dash."""
    if stage == "pool":
        told = {key: run.beyond for key, run in result.runs.items()}
        what = f"What the pools of {result.config.top_k:,} are like apart from hits"
    else:
        told = {key: run.ranked.beyond for key, run in result.runs.items()}
        told["full"] = result.reference.ranked.beyond
        what = f"What the lists of {result.config.n:,} are like apart from hits"
    shares = ("coverage", "popularity_share", "serendipity")
    rows = [
        (
            label_of(key),
            *(
                (of_100 if name in shares else score)(figures.get(name, float("nan")))
                for name in BEYOND_ACCURACY
            ),
        )
        for key, figures in told.items()
    ]
    return table(
        f"{what}; {listed(['coverage', 'popular items', 'serendipity'])} of 100",
        ("", *(label for label, _ in BEYOND_ACCURACY.values())),
        rows,
    )
