"""One run: the shapes it has made, the workers it has started, and how a case becomes a row."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.environments import python_of
from benchmarks.machine import OtherLoad
from benchmarks.measure import Pace, Row, Side, alternate
from benchmarks.processes import Worker
from benchmarks.shapes import FULL, QUICK, Shape, write_shape

#: Where each worker runs: the name of its environment, or None for this project's own.
_HOMES = {
    "ours": None,
    "networks": None,
    "scoring": None,
    "home": None,
    "implicit_als": "vectors",
    "faiss_flat": "vectors",
    "scikit_rec": "scikit_rec",
    "scikit_rec_networks": "scikit_rec",
}
#: implicit itself advises against BLAS threads beside its own.
_ENVIRONMENT = {"implicit_als": {"OPENBLAS_NUM_THREADS": "1"}}


class Bench:
    """Makes data and workers when a case asks for them; closes them when it is left.

    Parameters
    ----------
    folder : Path
        Where the shapes' files go.
    repeat : int
        Repetitions of each side at least.
    quick : bool
        Small shapes, no peers, one repetition: shows that the cases run, not how fast.
    patience : float
        Seconds to wait at most, before each row, for other work on the machine to pause.
    """

    def __init__(self, folder: Path, repeat: int = 5, quick: bool = False, patience: float = 0.0):
        self.repeat = repeat
        self.quick = quick
        self._folder = folder
        self._patience = patience
        self._workers: dict[tuple[str, str], Worker] = {}

    def shape(self, name: str) -> Shape:
        """Return the size of a shape in this run."""
        return (QUICK if self.quick else FULL)[name]

    def folder(self, name: str) -> Path:
        """Return the folder of a shape, generating its data when first asked."""
        shape = self.shape(name)
        folder = self._folder / f"{shape.n_users}x{shape.n_items}x{shape.n_interactions}"
        return write_shape(shape, folder)

    def ours(self, shape: str = "1M") -> Worker:
        """Return the worker of this library on a shape."""
        return self._worker("ours", shape)

    def peer(self, module: str, shape: str = "1M") -> Worker | None:
        """Return a peer's worker, installed when first asked; None in a quick run."""
        return None if self.quick else self._worker(module, shape)

    def own(self, module: str, shape: str = "1M") -> Worker:
        """Return a further worker of this library on a shape, started when first asked."""
        return self._worker(module, shape)

    def alone(self, module: str) -> Worker:
        """Return a worker that needs no shape, started when first asked; it gets the folder of all data."""
        key = (module, "")
        if key not in self._workers:
            self._workers[key] = self.fresh(module)
        return self._workers[key]

    def fresh(self, module: str, environment: Mapping[str, str] | None = None) -> Worker:
        """Start one more worker of this project; the caller closes it."""
        return Worker(Path(sys.executable), module, self._folder, environment)

    def row(
        self,
        case: str,
        what: str,
        ours: Side,
        theirs: Side | None = None,
        *,
        repeat: int | None = None,
        **about: Any,
    ) -> Row:
        """Measure both sides in turn and return the row; `about` fills its other fields."""
        print(f"  {case}: {what} ...", file=sys.stderr, flush=True)
        self._wait_for_quiet()
        few = min(repeat or self.repeat, self.repeat)
        pace = Pace(1, 0.0, 1.0) if self.quick else Pace(few)
        pairs = alternate(ours, theirs, pace, lambda: self._load().share)
        return Row(case, what, pairs.ours, pairs.theirs, others=pairs.others, judged=not self.quick, **about)

    def _load(self) -> OtherLoad:
        return OtherLoad([os.getpid(), *(worker.pid for worker in self._workers.values())])

    def _wait_for_quiet(self) -> None:
        """Wait until other processes leave the machine alone, or until patience ends."""
        until = time.monotonic() + self._patience
        while time.monotonic() < until:
            load = self._load()
            time.sleep(1.0)
            if (load.share() or 0.0) <= Pace.quiet:
                return

    def release(self, module: str, shape: str = "1M") -> None:
        """Close a worker that later cases do not need."""
        worker = self._workers.pop((module, shape), None)
        if worker is not None:
            worker.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _worker(self, module: str, shape: str) -> Worker:
        if (module, shape) not in self._workers:
            home = _HOMES[module]
            python = Path(sys.executable) if home is None else python_of(home)
            self._workers[module, shape] = Worker(
                python, module, self.folder(shape), _ENVIRONMENT.get(module)
            )
        return self._workers[module, shape]
