"""The trainings of a run, under way or finished: their curves, and in words how large and how long."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_training import chart_height, curve_names, training_chart
from pages.components.jobs import Job
from pages.components.session import FinishedRun
from pages.components.text import counted, duration, number, plain
from skrec_lite.estimator.training import Epoch

Training = tuple[Epoch, ...]
_DRAWN = "_run_curve"


def trainings(epochs: Sequence[Epoch]) -> list[Training]:
    """Return the epochs of a run by training: another model, or a count that starts anew, begins one."""
    groups: list[list[Epoch]] = []
    for epoch in epochs:
        last = groups[-1][-1] if groups else None
        if last is not None and epoch.model == last.model and epoch.number > last.number:
            groups[-1].append(epoch)
        else:
            groups.append([epoch])
    return [tuple(group) for group in groups]


def reports_loss(training: Training) -> bool:
    """Whether there is a curve to draw."""
    return any(epoch.loss is not None for epoch in training)


def live_curve(job: Job) -> None:
    """Draw the latest training of a job that reports losses; nothing before the first loss.

    It stays through the stages that follow, and as high as any before it, so that nothing below it moves
    until the run ends.
    """
    so_far = trainings(job.epochs)
    with_loss = [training for training in so_far if reports_loss(training)]
    if not with_loss:
        return
    shown = with_loss[-1]
    show_chart(
        _drawn(shown, max(map(chart_height, with_loss))),
        key="run_loss",
        picture=("training of", shown[-1].model),
        alt=curve_words(shown),
    )
    goes_on = job.in_training and shown is so_far[-1]
    st.caption(plain(live_words(shown) if goes_on else f"{shown[-1].model} · {past_words(shown)}"))


def _drawn(training: Training, height: int) -> go.Figure:
    """Return the chart of a training under way, drawn anew only when there is something new to see."""
    seen = (training[-1], height)
    kept = st.session_state.get(_DRAWN)
    if kept is None or kept[0] != seen:
        kept = st.session_state[_DRAWN] = (seen, training_chart(training, height=height))
    return kept[1]


def how_training_went(run: FinishedRun) -> None:
    """Draw, folded away, every training of a finished run; nothing where none reported epochs."""
    past = trainings(run.epochs)
    if not past:
        return
    with st.expander("How training went", icon=":material/show_chart:", key="train_story"):
        for place, training in enumerate(past):
            st.markdown(f"**{plain(training[-1].model)}**")
            if reports_loss(training):
                show_chart(
                    training_chart(training, whole=True),
                    key=f"train_story_{place}",
                    picture=("training of", training[-1].model, f"run {run.number}"),
                    alt=curve_words(training),
                )
            st.caption(plain(past_words(training)))


def curve_words(training: Training) -> str:
    """Say what the curve shows, for those who cannot see it."""
    losses = [epoch.loss for epoch in training if epoch.loss is not None]
    end = training[-1]
    loss, measure = curve_names(end)
    way = f"from {number(losses[0])} to {number(losses[-1])}"
    words = f"{loss} of {end.model} by {end.unit}, {way} after {len(losses):,}"
    values = [epoch.value for epoch in training if epoch.value is not None]
    return f"{words}; {measure} from {number(values[0])} to {number(values[-1])}" if values else words


def live_words(training: Training) -> str:
    """Say which training it is, how large the model is and how far it is."""
    now = training[-1]
    return " · ".join([now.model, *_size(now), f"{now.unit} {now.number:,} of {now.total:,}"])


def past_words(training: Training) -> str:
    """Say how large a model was, how many epochs it was trained for and how long that took."""
    end = training[-1]
    early = f" of at most {end.total:,}" if end.number < end.total else ""
    words = [*_size(end), f"{counted(end.number, end.unit)}{early}", duration(end.seconds)]
    if not reports_loss(training):
        words.append("it reports no loss")
    elif measured := [epoch for epoch in training if epoch.value is not None]:
        best = (max if end.rises else min)(measured, key=lambda epoch: epoch.value or 0.0)
        words.append(f"best {best.metric} {number(best.value)} in {best.unit} {best.number:,}")
    return " · ".join(words)


def _size(epoch: Epoch) -> list[str]:
    return [counted(epoch.n_parameters, "parameter")] if epoch.n_parameters is not None else []
