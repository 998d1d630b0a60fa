"""A repair of the loaded data, in the background: large data takes a while to be looked over anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.components.background import Background, watch
from pages.components.files_form import show_problem
from pages.components.session import Lab
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment import LabData

_KEY = "_data_repairing"
#: A repair that takes no longer is awaited, so that the screen does not flicker.
_WAIT = 1.5
Change = Callable[[LabData], LabData]


@dataclass
class Repairing(Background):
    """The change under way, of which data; what it finds is the changed data, or why there is none."""

    of: LabData | None = None


def begin_repair(here: Lab, change: Change) -> None:
    """Begin to change the loaded data, unless another change is under way."""
    mine = _repairing()
    if mine.is_running:
        return
    data = mine.of = here.data
    mine.begin(lambda progress, cancel: _changed(data, change, progress, cancel), wait=_WAIT)
    take_repaired(here)


def take_repaired(here: Lab) -> None:
    """Load the changed data once it is there, unless other data was loaded meanwhile."""
    mine = _repairing()
    mine.collect()
    if isinstance(mine.found, LabData):
        if here.data is mine.of:
            here.data = mine.found
        mine.found = None


def watch_repair() -> None:
    """Draw how far the change is, or why it was not made; the loaded data is then as it was."""
    mine = _repairing()
    if isinstance(mine.found, InvalidDataError):
        show_problem(mine.found)
        mine.found = None
    watch(mine, "data_repair", "The repair", "Stops at the next step. The data stays as it is.")


def is_repairing() -> bool:
    """Whether a change is under way."""
    return _repairing().is_running


def _repairing() -> Repairing:
    kept: Repairing = st.session_state.setdefault(_KEY, Repairing())
    return kept


def _changed(data: LabData, change: Change, progress: Progress, cancel: Cancel) -> LabData | InvalidDataError:
    """Return the changed data, looked over as the screen will show it."""
    progress(0.0, "Changing the data")
    try:
        changed = change(data)
        looks = (
            (0.4, lambda: changed.summary),
            (0.6, lambda: changed.features),
            (0.7, lambda: changed.findings),
        )
        for share, look in looks:
            if cancel():
                raise Cancelled("The repair was cancelled.")
            progress(share, "Looking the data over")
            look()
    except InvalidDataError as problem:
        return problem
    return changed
