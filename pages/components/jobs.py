"""Runs in the background: a bounded pool, a job one can watch and cancel. Nothing here calls Streamlit's
drawing functions, so a worker thread never needs a session."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.exceptions import Cancelled, SkrecLiteError

MAX_RUNNING = 2
_NO_MEMORY = "There was not enough memory. Use fewer interactions, fewer factors or a smaller pool."
_UNEXPECTED = "Something unexpected went wrong; the server's log has the details. Your data is still loaded."
_log = logging.getLogger(__name__)

# Set when the server was told to stop and waits for nothing but the runs. The public `atexit` is called only
# after them; this is what pools of threads use, which are told after what was registered later.
_leaving = threading.Event()
threading._register_atexit(_leaving.set)  # type: ignore[attr-defined]

Work = Callable[[Progress, Cancel], Any]


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=MAX_RUNNING, thread_name_prefix="lab-job")


@dataclass
class Job:
    """Work under way: its state, its progress and its way out.

    Attributes
    ----------
    state : {"waiting", "running", "done", "failed", "cancelled"}
    fraction : float
        Done so far, 0 to 1.
    doing : str
        What is being done.
    message : str
        Why it failed, for people.
    epochs : tuple of Epoch
        Every epoch that its trainings reported, in order. Only the worker adds to it, each time by a new
        tuple, so whoever reads it holds a finished one.
    in_training : bool
        Whether the latest report was that of an epoch.
    """

    state: str = "waiting"
    fraction: float = 0.0
    doing: str = "Waiting for a free place"
    message: str = ""
    epochs: tuple[Epoch, ...] = ()
    in_training: bool = False
    steps: list[tuple[float, str]] = field(default_factory=list)
    asked: float = field(default_factory=time.monotonic)
    _mark: tuple[float, float] = (0.0, 0.0)
    _reported: float = 0.0
    _began: float | None = None
    _ended: float | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _result: Any = None
    _future: Future[None] | None = None

    @classmethod
    def submit(cls, work: Work) -> Job:
        """Start `work(progress, cancel)` in the background."""
        job = cls()
        job._future = _pool().submit(job._run, work)
        return job

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def seconds(self) -> float:
        """Seconds since it began, or was asked for while it waits; stands still once it has ended."""
        return (self._ended or time.monotonic()) - (self._began or self.asked)

    @property
    def seconds_left(self) -> float | None:
        """Estimate of what is left, in seconds; None while too little is done to tell.

        By the pace since the latest training began or ended: stages differ too much for a common one.
        """
        since, before = self._mark
        done = self.fraction - before
        if done < 0.08 or not self.is_active:
            return None
        return (self.seconds - since) * (1 - self.fraction) / done

    @property
    def training_left(self) -> float | None:
        """Seconds that the training under way takes at most from now; None where there is none to time."""
        if not (self.in_training and self.is_active):
            return None
        latest = self.epochs[-1]
        if latest.number >= latest.total or latest.seconds <= 0:
            return None
        left = latest.seconds / latest.number * (latest.total - latest.number)
        return max(0.0, left - (self.seconds - self._reported))

    def cancel(self) -> None:
        """Ask the work to stop; it does at its next epoch, round or stage, and at once if it still waits."""
        self._stop.set()
        if self._future is not None and self._future.cancel():
            self._end("cancelled")

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop and has not yet."""
        return self._stop.is_set() and self.is_active

    @property
    def result(self) -> Any:
        """The result; None before it is there, and once it has been taken."""
        return self._result

    def take_result(self) -> Any:
        """Return the result once; None before it is there and ever after."""
        result, self._result = self._result, None
        return result

    def wait(self, timeout: float | None = None) -> None:
        """Block until the work has ended; for tests."""
        if self._future is not None and not self._future.cancelled():
            self._future.result(timeout)

    def wait_at_most(self, seconds: float) -> None:
        """Block until the work has ended or the time is up."""
        if self._future is not None and not self._future.cancelled():
            wait([self._future], seconds)

    def _progress(self, fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        if self.in_training != (epoch is not None):
            began = self.seconds - (epoch.seconds if epoch is not None else 0.0)
            self._mark = (began, self.fraction)
        self.fraction, self.doing, self._reported = fraction, doing, self.seconds
        if epoch is not None:
            self.epochs = (*self.epochs, epoch)
        self.in_training = epoch is not None
        stage = doing.split(":")[0]
        if not self.steps or self.steps[-1][1] != stage:
            self.steps.append((self.seconds, stage))

    def _run(self, work: Work) -> None:
        self._began = time.monotonic()
        self.state = "running"
        try:
            self._result = work(self._progress, self._shall_stop)
            self._end("done")
        except Cancelled:
            self._end("cancelled")
        except SkrecLiteError as error:
            self._end("failed", str(error))
        except MemoryError:
            self._end("failed", _NO_MEMORY)
        except Exception:
            if _leaving.is_set():
                # Pools of threads take no more work then, wherever the run just was.
                _log.debug("A run ended as the server left", exc_info=True)
                self._end("cancelled")
                return
            # A page never shows a traceback; the server's log keeps it.
            _log.exception("A run failed unexpectedly")
            self._end("failed", _UNEXPECTED)

    def _shall_stop(self) -> bool:
        return self._stop.is_set() or _leaving.is_set()

    def _end(self, state: str, message: str = "") -> None:
        # The state comes last: whoever sees it ended sees the message and the time too.
        self._ended, self.message = time.monotonic(), message
        self.state = state
