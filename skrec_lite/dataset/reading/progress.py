"""How long work on files tells what it is doing, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from skrec_lite.exceptions import Cancelled

ReadProgress: TypeAlias = Callable[[float, str], object]
"""Called with the fraction done, from 0 to 1, and what is being done, in words."""

ReadCancel: TypeAlias = Callable[[], bool]
"""Asked now and then; True ends the work."""


def step(
    progress: ReadProgress | None, cancel: ReadCancel | None, fraction: float = 0.0, doing: str = ""
) -> None:
    """Report, and stop if that is asked for.

    Raises
    ------
    Cancelled
        If `cancel` returned True.
    """
    if cancel is not None and cancel():
        raise Cancelled("Reading was cancelled.")
    if progress is not None:
        progress(fraction, doing)


def rising(progress: ReadProgress | None) -> ReadProgress | None:
    """Return a callback whose fractions never fall, whatever rounding does to those it is told."""
    if progress is None:
        return None
    report, highest = progress, 0.0

    def told(fraction: float, doing: str) -> object:
        nonlocal highest
        highest = max(highest, fraction)
        return report(highest, doing)

    return told
