"""Progress on a terminal: a bar that moves, or plain lines where nothing can be overwritten."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from skrec_lite.estimator.training import Epoch

_WIDTH = 24
_EVERY = 0.1


class TerminalProgress:
    """Shows how far the work is, what is being done and for how long.

    On a terminal one line is written over and over; elsewhere (a log, a pipe) each stage gets a line.

    Parameters
    ----------
    stream : file
        Where to write, standard error as a rule.

    Examples
    --------
    >>> run_experiment(data, progress=TerminalProgress(sys.stderr))  # doctest: +SKIP
    """

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._moves = stream.isatty()
        self._began = self._shown = time.monotonic()
        self._stage = ""

    def __call__(self, fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        """Show a step; `epoch` adds nothing to what `doing` says."""
        stage = doing.split(":")[0]
        now = time.monotonic()
        if self._moves:
            if stage == self._stage and now - self._shown < _EVERY and fraction < 1:
                return
            self._line(fraction, doing, now)
        elif stage != self._stage:
            self._stream.write(f"{_clock(now - self._began)} {100 * fraction:3.0f} % {stage}\n")
        self._stream.flush()
        self._stage, self._shown = stage, now

    def end(self) -> None:
        """Leave the line, so that what follows starts on one of its own."""
        if self._moves and self._stage:
            self._stream.write("\n")
            self._stream.flush()
        self._stage = ""

    def _line(self, fraction: float, doing: str, now: float) -> None:
        done = round(_WIDTH * min(max(fraction, 0.0), 1.0))
        bar = "#" * done + "." * (_WIDTH - done)
        text = f"[{bar}] {100 * fraction:3.0f} % {_clock(now - self._began)} {' '.join(doing.split())}"
        # A line wider than the terminal wraps, and the next one would not cover it.
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{text[:width]:<{width}}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:3d}:{rest:02d}"
