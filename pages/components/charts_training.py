"""How a training went: the loss of each epoch, and below it what was measured on the validation set."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pages.components.text import number
from pages.components.theme import ink
from skrec_lite.estimator.training import Epoch

#: Pixels of a chart with the loss alone, and with a validation measure below it.
HEIGHT, HEIGHT_WITH_METRIC = 190, 310
#: With more epochs than this the line alone is drawn.
_MOST_MARKS = 40


def training_chart(epochs: Sequence[Epoch], *, whole: bool = False, height: int | None = None) -> go.Figure:
    """Return the curves of one training.

    Parameters
    ----------
    epochs : sequence of Epoch
        Of one training, in order, at least one.
    whole : bool, default False
        Whether the training has ended: the axis then ends where it did, otherwise at the last
        epoch there may be.
    height : int, optional
        In pixels; `chart_height` where not given.
    """
    metric = _metric(epochs)
    loss_name, metric_name = curve_names(epochs[-1])
    figure = make_subplots(rows=2 if metric else 1, shared_xaxes=True, vertical_spacing=0.1)
    _curve(figure, 1, loss_name, [(epoch.number, epoch.loss) for epoch in epochs])
    if metric:
        _curve(figure, 2, metric_name, [(epoch.number, epoch.value) for epoch in epochs])
    last = epochs[-1].number if whole else epochs[-1].total
    figure.update_xaxes(range=[0.5, last + 0.5], tickvals=_ticks(last), zeroline=False, showgrid=False)
    figure.update_xaxes(title=epochs[-1].unit.capitalize(), row=2 if metric else 1, col=1)
    figure.update_yaxes(zeroline=False, nticks=4, automargin=True)
    figure.update_layout(
        height=height or chart_height(epochs), showlegend=False, hovermode="x unified",
        margin={"l": 10, "r": 70, "t": 10, "b": 10},
    )  # fmt: skip
    return figure


def chart_height(epochs: Sequence[Epoch]) -> int:
    """Return the height in pixels, the same however many epochs there are yet."""
    return HEIGHT_WITH_METRIC if _metric(epochs) else HEIGHT


def curve_names(epoch: Epoch) -> tuple[str, str]:
    """Return what to call the training curve and the validation curve, so that they differ."""
    if epoch.loss_name == "loss":
        return "Loss", epoch.metric
    same = epoch.metric == epoch.loss_name
    return f"Training {epoch.loss_name}", f"Validation {epoch.metric}" if same else epoch.metric


def _metric(epochs: Sequence[Epoch]) -> str:
    return next((epoch.metric for epoch in epochs if epoch.metric), "")


def _curve(figure: go.Figure, row: int, name: str, points: list[tuple[int, float | None]]) -> None:
    """Draw one line with its last value written at its end; what is not a finite number leaves a gap."""
    values = [value if value is not None and math.isfinite(value) else None for _, value in points]
    colour = ink()
    few = len(points) <= _MOST_MARKS
    figure.add_trace(
        go.Scatter(
            x=[at for at, _ in points], y=values, mode="lines+markers" if few else "lines",
            name=name, line={"color": colour, "width": 2}, marker={"size": 5, "color": colour},
            cliponaxis=False, hovertemplate=f"{name} %{{y:,.4~r}}<extra></extra>",
        ),
        row=row, col=1,
    )  # fmt: skip
    # On two lines, for it stands along a low axis.
    figure.update_yaxes(title=name.replace(" ", "<br>"), row=row, col=1)
    ends = [(at, value) for (at, _), value in zip(points, values, strict=True) if value is not None]
    if ends:
        last, value = ends[-1]
        figure.add_annotation(
            x=last, y=value, text=f"<b>{number(value)}</b>", showarrow=False, xanchor="left", xshift=7,
            font={"size": 12, "color": colour}, row=row, col=1,
        )  # fmt: skip


def _ticks(last: int) -> list[int]:
    """Return about five whole epochs to label, the first and the last among them."""
    step = max(1, next(step for step in _steps() if last / step <= 5))
    inner = [tick for tick in range(step, last, step) if tick > 1 and last - tick > step / 2]
    return sorted({1, *inner, last})


def _steps() -> Sequence[int]:
    return [base * 10**power for power in range(9) for base in (1, 2, 5)]
