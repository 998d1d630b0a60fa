"""Two-stage retrieval as one picture: the catalogue narrows to a pool, the pool to a list."""

from __future__ import annotations

import math
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.identity import LOOKS
from pages.components.session import Lab
from pages.components.sketch import Sketch
from pages.components.text import listed
from pages.components.theme import ink
from skrec_lite.experiment import ExperimentResult

_FILL = "rgba(74, 144, 190, {alpha})"
_BAR, _GAP = 1.0, 0.62
_NARROWEST = 0.46


@dataclass(frozen=True)
class Stage:
    """One level of the picture: how many items, what they are, what of the held-out items is still in."""

    count: int
    name: str
    kept: str = ""


def stages_of(here: Lab) -> tuple[Stage, Stage, Stage]:
    """Return catalogue, pool and list with the loaded data's numbers.

    Pool and list are those of the shown result where it was made on this data, with what each retriever
    kept; otherwise those of the default run.
    """
    n_items = here.data.n_items
    result = _result_on_this_data(here)
    config = here.default_config() if result is None else result.config
    kept = ("", "", "") if result is None else _kept(result)
    return (
        Stage(n_items, "items in the catalogue", kept[0]),
        Stage(min(config.top_k, n_items), "candidates", kept[1]),
        Stage(min(config.n, n_items), "shown", kept[2]),
    )


def _result_on_this_data(here: Lab) -> ExperimentResult | None:
    return here.result if here.result is not None and here.result.data is here.data else None


def _kept(result: ExperimentResult) -> tuple[str, str, str]:
    """Return what is left of 100 held-out items in the catalogue, in each pool and in each list."""
    pools = {key: curve[-1] for key, curve in result.recall_curves.items()}
    lists = {key: run.ranked.mean("recall") for key, run in result.runs.items()}
    return (
        f"{100 * result.reachable_share:.1f} of 100 held-out items",
        f"{_by_mark(pools)} of 100 still there",
        _by_mark(lists),
    )


def _by_mark(shares: dict[str, float]) -> str:
    return " · ".join(f"{LOOKS[key].glyph} {100 * share:.1f}" for key, share in shares.items())


def draw_pipeline(here: Lab) -> None:
    """Draw the picture, and say what it saves and whose marks it bears."""
    stages, result = stages_of(here), _result_on_this_data(here)
    catalogue, pool, final = stages
    show_chart(
        pipeline_figure(stages, ink()),
        width="stretch",
        key="pipeline_picture",
        picture=("two stages", here.data.name),
        alt=f"A retriever narrows {catalogue.count:,} items to {pool.count:,} candidates; "
        f"a ranker orders these and shows {final.count:,}.{_kept_words(result)}",
    )
    if result is not None:
        names = listed([LOOKS[key].badge for key in result.runs])
        st.caption(f"Of 100 held-out items, how many are still there after each stage, with {names}.")
    st.caption(
        f"For each request the ranker scores {pool.count:,} items instead of {catalogue.count:,}: "
        f"{catalogue.count / pool.count:,.1f} times fewer. Widths by logarithm."
    )


def _kept_words(result: ExperimentResult | None) -> str:
    """Return for people who do not see the picture what each retriever keeps."""
    if result is None:
        return ""
    told = [
        f"{LOOKS[key].label} {100 * result.recall_curves[key][-1]:.1f} in the pool and "
        f"{100 * run.ranked.mean('recall'):.1f} in the list"
        for key, run in result.runs.items()
    ]
    return f" Of 100 held-out items: {'; '.join(told)}."


def pipeline_figure(stages: tuple[Stage, Stage, Stage], ink: str) -> go.Figure:
    """Return a funnel of three bars, as wide as the logarithms of the counts; `ink` is the colour of text."""
    widths = _widths([stage.count for stage in stages])
    figure = Sketch()
    steps = ("<b>Retriever</b> · fast, looks at all", "<b>Ranker</b> · thorough, looks at few")
    top = 0.0
    for place, (stage, width) in enumerate(zip(stages, widths, strict=True)):
        bottom = top - _BAR
        _block(figure, top, bottom, width, width, 0.28 + 0.24 * place)
        second = f"<br><span style='font-size:12px'>{stage.kept}</span>" if stage.kept else ""
        _text(figure, (top + bottom) / 2, f"<b>{stage.count:,}</b> {stage.name}{second}", 16, ink)
        if place < len(steps):
            _block(figure, bottom, bottom - _GAP, width, widths[place + 1], 0.1)
            _text(figure, bottom - _GAP / 2, steps[place], 12, ink)
        top = bottom - _GAP
    figure.update_xaxes(visible=False, range=[-0.5, 0.5], fixedrange=True)
    figure.update_yaxes(visible=False, range=[top + _GAP, 0], fixedrange=True)
    figure.update_layout(
        height=330,
        # On a see-through ground Plotly would make that of its button dark.
        modebar={"bgcolor": "rgba(0,0,0,0)"},
        hovermode=False,
        dragmode=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure.figure()


def _widths(counts: list[int]) -> list[float]:
    """Return widths between `_NARROWEST` and 1, by logarithm; equal counts get equal widths."""
    low, high = math.log(max(min(counts), 1)), math.log(max(max(counts), 2))
    if high <= low:
        return [1.0] * len(counts)
    return [
        _NARROWEST + (1 - _NARROWEST) * (math.log(max(count, 1)) - low) / (high - low) for count in counts
    ]


def _block(figure: Sketch, top: float, bottom: float, above: float, below: float, alpha: float) -> None:
    path = f"M {-above / 2} {top} L {above / 2} {top} L {below / 2} {bottom} L {-below / 2} {bottom} Z"
    figure.add_shape(
        type="path", path=path, fillcolor=_FILL.format(alpha=alpha), line={"width": 0}, layer="below"
    )


def _text(figure: Sketch, y: float, text: str, size: int, ink: str) -> None:
    figure.add_annotation(x=0, y=y, text=text, showarrow=False, font={"size": size, "color": ink})
