"""What every training loop owes its caller: progress, a way out, and its losses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from skrec_lite.exceptions import Cancelled

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]

_logger = logging.getLogger(__name__)


def raise_if_cancelled(cancel: Cancel | None, what: str) -> None:
    """Raise `Cancelled` if the caller asks for the end of the work.

    Parameters
    ----------
    cancel : callable, optional
        Returns True when the work shall stop.
    what : str
        What was being done, for the message.
    """
    if cancel is not None and cancel():
        raise Cancelled(f"{what} was cancelled.")


@dataclass
class EpochMonitor:
    """Reports each epoch and stops the loop when asked to.

    Attributes
    ----------
    what : str
        Name of the training, for messages.
    epochs : int
        How many epochs there will be.
    progress, cancel : callable, optional
        As everywhere in the library: ``progress(fraction, text)``; ``cancel()`` is True to stop.
    verbose : int
        Above 0, each epoch is also logged at level INFO.
    losses : list of float
        One entry a finished epoch.
    """

    what: str
    epochs: int
    progress: Progress | None = None
    cancel: Cancel | None = None
    verbose: int = 0
    losses: list[float] = field(default_factory=list)

    def check(self) -> None:
        """Raise `Cancelled` if the caller asks for it."""
        raise_if_cancelled(self.cancel, self.what)

    def finish_epoch(self, loss: float) -> None:
        """Record the loss of an epoch and report it."""
        self.losses.append(float(loss))
        done = len(self.losses)
        text = f"{self.what}: epoch {done} of {self.epochs}, loss {loss:.4f}"
        if self.verbose > 0:
            _logger.info(text)
        if self.progress is not None:
            self.progress(done / self.epochs, text)
