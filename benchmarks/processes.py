"""The other end of `protocol`: start a worker and ask it for steps."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_TAIL = 2_000


class WorkerFailed(RuntimeError):
    """A worker ended before it answered; the message ends with what it printed last."""


class Worker:
    """A running worker process.

    Parameters
    ----------
    python : Path
        Interpreter of the environment to run in.
    module : str
        Module of ``benchmarks.workers``.
    folder : Path
        Where the data of the shape lies; passed on as the only argument.
    environment : mapping, optional
        Environment variables to add.
    """

    def __init__(self, python: Path, module: str, folder: Path, environment: Mapping[str, str] | None = None):
        self._module = module
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close())
        self._process = subprocess.Popen(
            [str(python), "-m", f"benchmarks.workers.{module}", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "", **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def ask(self, step: str, **args: Any) -> dict[str, Any]:
        """Run a step and return its answer.

        Raises
        ------
        WorkerFailed
            If the worker ended instead.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"step": step, "args": args}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            line = ""
        else:
            line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            tail = self._errors.read()[-_TAIL:].decode(errors="replace")
            raise WorkerFailed(f"{self._module} ended at step {step!r}:\n{tail}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def side(self, step: str, **args: Any) -> Callable[[int], dict[str, Any]]:
        """Return a function of the repetition's number that asks for the same step each time."""
        return lambda _: self.ask(step, **args)

    def close(self) -> None:
        """End the process and wait for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(timeout=60)
        self._errors.close()
