"""What the recall chart of the pools also shows: where lists end up, and the two gaps at one pool size."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Sketch
from pages.components.theme import ground, ink_of
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.gaps import RecallGaps
from skrec_lite.experiment.report.label_places import spread

GREY = "#808080"
#: Points of recall below which a gap has no room for its label.
_LEAST = 3.0
#: Least distance of the two labels, in points of recall.
_GAP = 14.0
#: Share of the axis within which the length of a list leaves no room on its left.
_NARROW = 0.15


def add_lists(figure: Sketch, result: ExperimentResult) -> None:
    """Mark at k = n what the final lists of each retriever, and of the full catalogue ranked, find."""
    n, full = result.config.n, LOOKS["full"]
    for key, run in result.runs.items():
        look, final = LOOKS[key], 100 * run.ranked.mean("recall")
        figure.add_trace(
            go.Scatter(
                x=[n], y=[final], mode="markers", cliponaxis=False, name=f"{look.label}, list of {n:,}",
                marker={"symbol": f"{look.marker}-open", "size": 15, "color": look.colour,
                        "line": {"width": 2}},
                hovertemplate=f"{look.label}, list of {n:,}: %{{y:.1f}}<extra></extra>",
            )
        )  # fmt: skip
    final = 100 * result.reference.ranked.mean("recall")
    figure.add_trace(
        go.Scatter(
            x=[n], y=[final], mode="markers", cliponaxis=False, name=f"{full.label}, list of {n:,}",
            marker={"symbol": full.marker, "size": 26, "color": full.colour,
                    "line": {"width": 3, "color": full.colour}},
            hovertemplate=f"{full.label} ranked, list of {n:,}: %{{y:.1f}}<extra></extra>",
        )
    )  # fmt: skip


def add_full_label(figure: Sketch, result: ExperimentResult, log_k: bool) -> None:
    """Name the grey stroke: what the ranker shows when it is given the whole catalogue."""
    n, final = result.config.n, 100 * result.reference.ranked.mean("recall")
    # In even steps the list is often so short that there is no room between the mark and the axis.
    place: dict[str, Any] = (
        {"xanchor": "left", "yanchor": "top", "align": "left", "xshift": 12, "yshift": 6, "bgcolor": ground()}
        if not log_k and n < _NARROW * result.config.top_k
        else {"xanchor": "right", "yanchor": "bottom", "align": "right", "xshift": -10, "yshift": 2}
    )
    figure.add_annotation(
        x=math.log10(n) if log_k else n, y=final, text=f"full catalogue<br>ranked {final:.1f}",
        showarrow=False, font={"size": 12, "color": ink_of(GREY)}, **place,
    )  # fmt: skip


def add_gaps(figure: Sketch, gaps: RecallGaps, log_k: bool, labels_right: bool) -> None:
    """Draw both gaps as brackets at k, with what is lost in each, in the retriever's colour."""
    look = LOOKS[gaps.retriever]
    ends = [100 * share for share in (gaps.ceiling, gaps.pool, gaps.final)]
    told = [
        (f"lost in<br>retrieval <b>{100 * gaps.lost_in_retrieval:.1f}</b>", ends[0], ends[1]),
        (f"lost in<br>ranking <b>{100 * gaps.lost_in_ranking:.1f}</b>", ends[1], ends[2]),
    ]
    figure.add_trace(
        go.Scatter(
            x=[gaps.k] * 3, y=ends, mode="lines+markers", cliponaxis=False, hoverinfo="skip", name="Gaps",
            line={"color": look.tint(0.55), "width": 5}, marker={"symbol": "line-ew", "size": 16,
            "color": look.colour, "line": {"width": 2.5, "color": look.colour}},
        )
    )  # fmt: skip
    roomy = [(text, (high + low) / 2) for text, high, low in told if high - low >= _LEAST]
    places = spread([middle for _, middle in roomy], _GAP)
    for (text, _), place in zip(roomy, places, strict=True):
        figure.add_annotation(
            x=math.log10(gaps.k) if log_k else gaps.k, y=place, text=text, showarrow=False,
            xanchor="left" if labels_right else "right", xshift=9 if labels_right else -9, yanchor="middle",
            align="left" if labels_right else "right", bgcolor=ground(), borderpad=2,
            font={"size": 12, "color": ink_of(look.colour)},
        )  # fmt: skip
