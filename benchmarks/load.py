"""Many people at once: ``python -m benchmarks.load --sessions 10``.

Starts the app as ``streamlit run`` does, and lets that many sessions train and browse at the same time, each
with a pool size of its own. Every session must see the figures of its own configuration, as the library gives
them.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import OtherLoad, describe_machine
from benchmarks.processes import ROOT
from benchmarks.visitor import Visitor
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import RETRIEVERS, ExperimentConfig, LabData, run_experiment

RESULT = Path(__file__).resolve().parent / "results" / "load.json"
MOST_GIB = 6.0
#: Screens that are gone through while the session's own training runs, and after it.
MEANWHILE = ("Data", "Train")
SMALLEST_POOL, POOL_STEP = 60, 20


class Server:
    """The app in a process of its own, and the most memory it held."""

    def __init__(self, home: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = (home / "server.log").open("w+")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={self.port}",
                "--server.headless=true", "--server.address=127.0.0.1",
            ],
            cwd=ROOT, stdout=self._log, stderr=subprocess.STDOUT,
            env={**os.environ, "SKREC_LITE_HOME": str(home)},
        )  # fmt: skip
        self._wait()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def gib(self, line: str) -> float:
        """Return a figure of the process in GiB: ``VmRSS`` for now, ``VmHWM`` for the most so far."""
        for text in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if text.startswith(line):
                return int(text.split()[1]) / 2**20
        raise ValueError(f"/proc says nothing of {line}")

    def tracebacks(self) -> list[str]:
        """Return those that the log holds, each with the lines before and after it."""
        pieces = Path(self._log.name).read_text().split("Traceback")
        return [before[-200:] + "Traceback" + after[:3000] for before, after in pairwise(pieces)]

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("The app did not start.")


def visit(
    port: int, pools: list[int], rounds: int, at_once: threading.Barrier | None = None
) -> dict[str, Any]:
    """Train once for each pool size, look at every screen after each; return what was seen, and how fast."""
    visitor = Visitor(port)
    seen, exceptions = [], []
    if at_once is not None:
        at_once.wait(120)
    visitor.open()
    for pool in pools:
        visitor.go("Train")
        visitor.set("train_top_k", int_value=pool)
        visitor.press("train_run")
        while visitor.watch(1.0):
            for title in MEANWHILE:
                visitor.go(title)
        for _ in range(rounds):
            exceptions += _browse(visitor)
        visitor.go("Home")
        seen.append({"pool": pool, "metrics": visitor.drawn.metrics, "texts": visitor.drawn.texts})
    visitor.close()
    return {
        "seen": seen, "exceptions": exceptions, "seconds": visitor.seconds, "bytes": visitor.bytes_received,
    }  # fmt: skip


def _browse(visitor: Visitor) -> list[str]:
    """Go through every screen and use what is there to press; return what exception boxes said."""
    exceptions = []
    for title in visitor.pages:
        visitor.go(title)
        exceptions += visitor.drawn.exceptions
        for key in [key for key in visitor.drawn.ids if key.startswith("pick_")][:2]:
            if key in visitor.drawn.ids:
                visitor.press(key)
                exceptions += visitor.drawn.exceptions
        for tab in visitor.drawn.tabs if "section" in visitor.drawn.ids else ():
            visitor.choose("section", string_value=tab)
            exceptions += visitor.drawn.exceptions
            if "section" not in visitor.drawn.ids:
                exceptions.append(f"{title} lost its sections at {tab}.")
                break
    return exceptions


def wrong_figures(seen: dict[str, Any], data: LabData) -> list[str]:
    """Return how what a session saw differs from what the library gives for its own configuration."""
    result = run_experiment(data, ExperimentConfig(top_k=seen["pool"]))
    wrong = []
    if not any(f"within {seen['pool']:,} candidates" in text for text in seen["texts"]):
        wrong.append(f"Home does not speak of {seen['pool']:,} candidates.")
    for key, curve in result.recall_curves.items():
        shown = next((body for label, body in seen["metrics"] if label.endswith(RETRIEVERS[key].label)), None)
        expected = f"{100 * curve[-1]:.1f}"
        if shown is None or shown.split()[0] != expected:
            wrong.append(f"{key} within {seen['pool']:,}: {shown} is shown, {expected} is right.")
    return wrong


def timings(visits: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return count, median, 95th percentile and longest of the reruns, by what they were for, in seconds."""
    every = [item for one in visits for item in one["seconds"]]
    kinds = {
        "open": lambda what: what == "open",
        "switch": lambda what: what.startswith("go "),
        "interact": lambda what: what.startswith(("press ", "choose ")),
        "watch_training": lambda what: what == "watch",
        "all": lambda what: True,
    }
    out = {}
    for kind, belongs in kinds.items():
        taken = np.array([seconds for what, seconds in every if belongs(what)])
        out[kind] = {
            "n": len(taken),
            "median": round(float(np.median(taken)), 3),
            "p95": round(float(np.quantile(taken, 0.95)), 3),
            "max": round(float(taken.max()), 3),
        }
    return out


def run(sessions: int, rounds: int, trainings: int) -> dict[str, Any]:
    """Run the load and return what was measured."""
    about = describe_machine()
    with tempfile.TemporaryDirectory() as home:
        server = Server(Path(home))
        try:
            visit(server.port, [SMALLEST_POOL], 1)  # The server's first visitor compiles; not counted.
            before, others = server.gib("VmRSS"), OtherLoad([server.pid, os.getpid()])
            at_once, began = threading.Barrier(sessions), time.perf_counter()
            with ThreadPoolExecutor(sessions) as people:
                pools = [
                    [SMALLEST_POOL + POOL_STEP * (person + sessions * turn) for turn in range(trainings)]
                    for person in range(sessions)
                ]
                visits = list(
                    people.map(lambda mine: visit(server.port, mine, rounds, at_once), pools, timeout=1800)
                )
            seconds, share = time.perf_counter() - began, others.share()
            peak, after, tracebacks = server.gib("VmHWM"), server.gib("VmRSS"), server.tracebacks()
        finally:
            server.close()
    interactions, items = load_sample()
    data = LabData(interactions, items, name="sample")
    wrong = [text for one in visits for seen in one["seen"] for text in wrong_figures(seen, data)]
    return {
        "machine": about,
        "sessions": sessions,
        "trainings": sessions * trainings,
        "screens": "every screen of the navigation, every section of Compare",
        "seconds": round(seconds, 1),
        "others_share": None if share is None else round(share, 3),
        "rss_gib": {"before": round(before, 2), "peak": round(peak, 2), "after": round(after, 2)},
        "rerun_seconds": timings(visits),
        "megabytes_to_a_session": round(sum(one["bytes"] for one in visits) / sessions / 1e6, 1),
        "figures_checked": sum(len(seen["metrics"]) for one in visits for seen in one["seen"]),
        "wrong_figures": wrong,
        "exceptions": [text for one in visits for text in one["exceptions"]],
        "tracebacks_in_log": tracebacks,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run, print, write; return 1 if memory, figures or exceptions are not as they have to be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--trainings", type=int, default=2, help="of each session, one after the other")
    parser.add_argument("--rounds", type=int, default=2, help="times through all screens after each training")
    parser.add_argument(
        "--out", type=Path, help=f"file for the result; {RESULT.name} beside the others if left"
    )
    given = parser.parse_args(arguments)
    measured = run(given.sessions, given.rounds, given.trainings)
    text = json.dumps(measured, indent=2)
    print(text)
    (given.out or RESULT).write_text(text + "\n", encoding="utf-8")
    fine = measured["rss_gib"]["peak"] < MOST_GIB and not (
        measured["wrong_figures"] or measured["exceptions"] or measured["tracebacks_in_log"]
    )
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
