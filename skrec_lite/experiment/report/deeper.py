"""The sections of a report that look closer: for whom, at which pool size, at what cost."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from skrec_lite.experiment.report.charts import (
    Line,
    Mark,
    Row,
    Spot,
    figure,
    interval_chart,
    line_chart,
    spot_chart,
)
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.report.markup import Html, bullets, joined, table, tag
from skrec_lite.experiment.report.words import duration, interval, of_100, score
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments import SMALL, SegmentFigures, segment_figures, segmentations
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.experiment.trec import FULL
from skrec_lite.metrics import Interval

#: Columns of the data that get a chart each; a table with a hundred columns would make a book of the report.
MOST_COLUMNS = 6


def segments(result: ExperimentResult) -> Html:
    """Return candidate recall by history, popularity, newness and columns of the data."""
    known = [segment_figures(result, each.key) for each in segmentations(result)]
    columns = [found for found in known if ":" in found.segmentation.key]
    telling = [found for found in columns if _n_large(found) > 1][:MOST_COLUMNS]
    drawn = [found for found in known if found not in columns or found in telling]
    others = [found.segmentation.label for found in columns if found not in telling]
    return joined(
        [
            tag(
                "p",
                "Each segment has its own denominator: of users, everything held out for them; of items, "
                "only held-out items of the segment. Hollow marks are small segments.",
            ),
            *map(_segmentation, drawn),
            tag(
                "p",
                f"Not drawn, for want of two segments of {SMALL} users or of room: {', '.join(others)}. "
                "Their figures are in result.json.",
                class_="soft",
            )
            if others
            else None,
        ]
    )


def _n_large(found: SegmentFigures) -> int:
    return int(found.frame.loc[~found.frame["is_small"], "segment"].nunique())


def _segmentation(found: SegmentFigures) -> Html:
    frame = found.frame
    rows = [
        Row(
            str(name),
            tuple(Mark(row.retriever, _of_hundred(row)) for row in part.itertuples()),
            str(part["size"].iloc[0]),
            bool(part["is_small"].iloc[0]),
        )
        for name, part in frame.groupby("segment", sort=False)
    ]
    label = found.segmentation.label
    said = "; ".join(
        f"{row.segment}, {label_of(row.retriever)} {of_100(row.pool_recall)}" for row in frame.itertuples()
    )
    figures = [
        (
            row.segment,
            label_of(row.retriever),
            row.size,
            f"{row.n_held_out:,}",
            f"{of_100(row.pool_recall)} ({_bounds(row, 'pool_recall')})",
            f"{of_100(row.recall)} ({_bounds(row, 'recall')})",
        )
        for row in frame.itertuples()
    ]
    heads = ("Segment", "Retriever", "Users", "Held out", "Pool recall", "Recall of the list")
    return joined(
        [
            tag("h3", label),
            tag("p", found.sentence),
            figure(
                lambda width: interval_chart(
                    width, rows, f"Pool recall by segment, of 100. {said}.", "Pool recall, of 100",
                    from_zero=True,
                ),
                f"{found.note} Marks, from top: {', '.join(map(label_of, frame['retriever'].unique()))}. "
                "Whiskers are 95 % intervals.",
            ),
            tag(
                "details",
                tag("summary", "In figures"),
                table(f"{label}: recall of 100 with 95 % intervals", heads, figures, n_words=3),
            ),
        ]
    )  # fmt: skip


def _of_hundred(row) -> Interval:  # type: ignore[no-untyped-def]
    return Interval(100 * row.pool_recall, 100 * row.pool_recall_low, 100 * row.pool_recall_high)


def _bounds(row, metric: str) -> str:  # type: ignore[no-untyped-def]
    return interval(Interval(0.0, getattr(row, f"{metric}_low"), getattr(row, f"{metric}_high")))


def pool_sizes(swept: Sweep) -> Html:
    """Return what every pool size is worth and costs, the front, and the advice."""
    frame = swept.frame
    own = frame[frame["retriever"] != FULL]
    top = 1.08 * float(frame["ndcg_high"].max())
    return joined(
        [
            tag("p", swept.advice().sentence, class_="answer"),
            bullets(swept.rule_of_thumb()),
            figure(
                lambda width: _worth(width, swept, own, top),
                "nDCG of the final list by pool size. Bands are 95 % intervals. Thin line: the whole "
                "catalogue.",
            ),
            figure(
                lambda width: _against_cost(width, swept, top),
                "What a pool size is worth against what it costs: one mark a pool size. Filled, with the "
                "size beside it: no other is both faster and better.",
            ),
            tag(
                "details",
                tag("summary", "Every pool size in figures"),
                table(
                    "Latency is that of one request, * interpolated; cost is that of a million requests at "
                    f"{swept.core_hour_price:g} for one hour of one processor core",
                    (
                        "Retriever",
                        "k",
                        "Pool recall",
                        f"nDCG@{swept.n}",
                        "95 % interval",
                        "Ranker calls",
                        "Latency",
                        "95 of 100 within",
                        "Cost",
                    ),
                    [_swept_row(row) for row in frame.itertuples()],
                ),
            ),
            bullets(swept.notes),
        ]
    )  # fmt: skip


def _worth(width: int, swept: Sweep, own: pd.DataFrame, top: float) -> Html:
    full = float(swept.frame.loc[swept.frame["retriever"] == FULL, "ndcg"].iloc[0])
    lines = [
        Line(
            str(key),
            part["k"].to_numpy(),
            part["ndcg"].to_numpy(),
            low=part["ndcg_low"].to_numpy(),
            high=part["ndcg_high"].to_numpy(),
            marks=tuple(range(len(part))),
        )
        for key, part in own.groupby("retriever", sort=False)
    ]
    return line_chart(
        width,
        lines,
        _sweep_in_words(own),
        "Candidates per user (k)",
        f"nDCG@{swept.n}",
        y_range=(0, top),
        ceiling=(full, f"full catalogue {score(full)}"),
    )


def _against_cost(width: int, swept: Sweep, top: float) -> Html:
    frame = swept.frame
    spots = [
        Spot(row.retriever, row.latency_ms, row.ndcg, f"{row.k:,}", is_front)
        for row, is_front in zip(frame.itertuples(), frame.index.isin(swept.front().index), strict=True)
    ]
    return spot_chart(
        width,
        spots,
        "Scatter chart of nDCG of the final list by latency of a request; its figures are in the table "
        "below.",
        "Milliseconds of a request, median",
        f"nDCG@{swept.n}",
        y_range=(0, top),
    )


def _sweep_in_words(own: pd.DataFrame) -> str:
    best = own.loc[own.groupby("retriever", sort=False)["ndcg"].idxmax()]
    said = [f"{label_of(row.retriever)} {score(row.ndcg)} at k = {row.k:,}" for row in best.itertuples()]
    return f"Line chart of nDCG of the final list by pool size. Best: {'; '.join(said)}."


def _swept_row(row) -> Sequence[str]:  # type: ignore[no-untyped-def]
    return (
        label_of(row.retriever),
        f"{row.k:,}",
        of_100(row.pool_recall),
        score(row.ndcg),
        interval(Interval(row.ndcg, row.ndcg_low, row.ndcg_high), of_hundred=False),
        f"{row.ranker_calls:,.0f}",
        f"{row.latency_ms:.2f} ms" + ("" if row.latency_measured else " *"),
        f"{row.latency_p95_ms:.2f} ms",
        f"{row.cost_per_million:.3g}",
    )


def cost(result: ExperimentResult) -> Html:
    """Return what each stage took."""
    timing = result.timing_frame()
    per_second = timing["users_per_second"]
    rows = [
        (
            label_of(row.retriever),
            f"{row.model_seconds:.2f} s",
            f"{row.ranker_seconds:.2f} s",
            f"{row.index_seconds:.3f} s",
            f"{row.retrieve_seconds:.3f} s",
            f"{row.rank_seconds:.3f} s",
            f"{row.serve_seconds:.3f} s",
            f"{row.users_per_second:,.0f}",
            f"{row.users_per_second / per_second.iloc[-1]:.1f} x",
            f"{row.n_users:,}",
        )
        for row in timing.itertuples()
    ]
    return joined(
        [
            tag(
                "p",
                f"Training the ranker took {duration(result.train_seconds)}; the whole comparison "
                f"{duration(result.total_seconds)}. Wall clock on the machine of the run, the best of five "
                "where it is short.",
            ),
            table(
                "Seconds of each stage for all measured users, and speed against the full catalogue",
                (
                    "",
                    "Model",
                    "Ranker",
                    "Index",
                    "Retrieve",
                    "Rank",
                    "Serve",
                    "Users a second",
                    "Speed",
                    "Users",
                ),
                rows,
            ),
        ]
    )
