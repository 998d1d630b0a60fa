"""The slow layout of the taste map: asked for, followed in the background, cancelled, and kept."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.components.jobs import Job
from pages.components.text import duration, plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.users.taste_map import METHODS, Method, is_projected, projection

REFRESH_SECONDS = 0.5
_KEY = "_layouts"


@dataclass
class Layout:
    """A layout under way, or how it ended; the finished map is kept with the result."""

    result: ExperimentResult
    space: str
    method: Method
    job: Job | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self.job is not None and self.job.is_active

    def start(self) -> None:
        """Start unless it is under way."""
        if not self.is_running:
            self.job = Job.submit(
                lambda progress, cancel: projection(
                    self.result, self.space, self.method, progress=progress, cancel=cancel
                )
            )


def laid_out(result: ExperimentResult, space: str, method: Method) -> bool:
    """Return whether the map is there; where it takes seconds, draw the offer, or how far it is."""
    if method == "pca" or is_projected(result, space, method):
        return True
    mine = _layout_of(result, space, method)
    if mine.is_running:
        st.fragment(_live, run_every=REFRESH_SECONDS)(mine)
        return False
    _how_it_ended(mine)
    st.markdown(f"{plain(METHODS[method][1])} The layout takes some seconds, once for this run.")
    st.button(
        "Lay the items out" if mine.job is None else "Try again",
        key="taste_layout",
        icon=":material/scatter_plot:",
        type="primary",
        on_click=mine.start,
    )
    return False


def _layout_of(result: ExperimentResult, space: str, method: Method) -> Layout:
    """Return that of the shown run; those of other runs are let go, so that no result outlives its run."""
    kept = {key: one for key, one in st.session_state.get(_KEY, {}).items() if one.result is result}
    mine: Layout = kept.setdefault((space, method), Layout(result, space, method))
    st.session_state[_KEY] = kept
    return mine


def _how_it_ended(mine: Layout) -> None:
    if mine.job is None:
        return
    if mine.job.state == "failed":
        st.error(plain(mine.job.message), title="The layout failed", icon=":material/error:")
    elif mine.job.state == "cancelled":
        st.warning(
            f"Stopped after {duration(mine.job.seconds)}. Nothing of it was kept.",
            title="The layout was cancelled",
            icon=":material/cancel:",
        )


def _live(mine: Layout) -> None:
    """Redraw until the work has ended, then let the whole page see the outcome."""
    if mine.job is None or not mine.is_running:
        st.rerun()
    with st.container(border=True, key="taste_live"):
        doing = "Stopping when the layout has ended ..." if mine.job.is_stopping else mine.job.doing
        st.markdown(f":material/hourglass_top: {plain(doing)}")
        st.caption(
            f"{duration(mine.job.seconds)} so far; seconds as a rule. The method does not say how far it is."
        )
        st.button(
            "Cancel",
            key="taste_cancel",
            icon=":material/stop_circle:",
            on_click=mine.job.cancel,
            disabled=mine.job.is_stopping,
            help="It ends within seconds, and nothing of it is kept. The other layout stays as it is.",
        )
