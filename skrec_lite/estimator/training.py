"""What every training loop owes its caller: progress, a way out, and its losses."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from skrec_lite.exceptions import Cancelled

Cancel = Callable[[], bool]


@dataclass(frozen=True)
class Epoch:
    """Figures of one finished epoch (or boosting round), as a `Progress` callback is given them.

    Attributes
    ----------
    model : str
        Name of the training.
    number, total : int
        Which epoch, from 1, and how many there will be at most.
    loss : float or None
        The training loss, or what an engine of trees measures on the rows it trains on; None where there is
        neither.
    metric : str
        Name of what is measured on the validation set, such as ``"recall@20"``; empty without one.
    value : float or None
        That measure.
    n_parameters : int or None
        Numbers the model learns; None where there is no fixed count.
    seconds : float
        Wall clock since the training began.
    unit : str
        What is counted: ``"epoch"``, ``"round"`` where trees are boosted, ``"fit"`` of a model that tells no
        steps.
    loss_name : str
        What `loss` is: ``"loss"``, or the engine's name of its measure, such as ``"logloss"``. A ranking
        objective's, such as ``"ndcg@5"``, rises.
    rises : bool
        Whether a greater `value` is better.
    """

    model: str
    number: int
    total: int
    loss: float | None = None
    metric: str = ""
    value: float | None = None
    n_parameters: int | None = None
    seconds: float = 0.0
    unit: str = "epoch"
    loss_name: str = "loss"
    rises: bool = True


class Progress(Protocol):
    """What a caller passes to follow long work: the share done, what is being done, and each epoch."""

    def __call__(self, fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        """Take note; `epoch` is given by training loops, once an epoch, and None between stages."""


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
        How many epochs there will be at most.
    progress, cancel : callable, optional
        As everywhere in the library: see `Progress`; ``cancel()`` is True to stop.
    verbose : int
        Above 0, each epoch is also logged at level INFO.
    n_parameters : int, optional
        Numbers the model learns.
    losses : list of float
        One entry a finished epoch.
    values : list of float
        One validation measure a finished epoch, if there is a validation set.
    """

    what: str
    epochs: int
    progress: Progress | None = None
    cancel: Cancel | None = None
    verbose: int = 0
    n_parameters: int | None = None
    losses: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    _began: float = field(default_factory=time.perf_counter, repr=False)

    def check(self) -> None:
        """Raise `Cancelled` if the caller asks for it."""
        raise_if_cancelled(self.cancel, self.what)

    def finish_epoch(self, loss: float, metric: str = "", value: float | None = None) -> None:
        """Record the loss of an epoch, and its validation measure if there is one, and report them."""
        self.losses.append(float(loss))
        text = f"{self.what}: epoch {len(self.losses)} of {self.epochs}, loss {loss:.4f}"
        if value is not None:
            self.values.append(float(value))
            text += f", {metric} {value:.4f}"
        if self.verbose > 0:
            _logger.info(text)
        if self.progress is not None:
            done = len(self.losses)
            seconds = time.perf_counter() - self._began
            epoch = Epoch(self.what, done, self.epochs, loss, metric, value, self.n_parameters, seconds)
            self.progress(done / self.epochs, text, epoch)
