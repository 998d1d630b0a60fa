"""How long each screen takes to answer: ``python -m benchmarks.screens``.

Trains one comparison on the 1M shape, opens the app on it, and touches everything on every screen: each
choice, slider, switch, field, click on a row or a point, button and section. What starts work in the
background is left out. Each rerun is timed inside the thread that runs the script: wall clock, and the
processor time of that thread. Where a browser would have only a fragment of the page run, only that is.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from benchmarks.fragments import Fragments
from benchmarks.machine import OtherLoad, describe_machine
from benchmarks.processes import ROOT
from benchmarks.shapes import FULL, QUICK, SEED, Shape
from benchmarks.touching import Touch, sections, touches
from data.make_sample import generate
from pages.components.start import get_ready_once
from skrec_lite.dataset.samples import COLUMN_NAMES
from skrec_lite.experiment import ExperimentConfig, ExperimentResult, LabData, run_experiment
from skrec_lite.experiment.ledger import Record
from skrec_lite.experiment.sweep import sweep

RESULT = Path(__file__).resolve().parent / "results" / "screens.json"
SCREENS = ("home", "data", "train", "candidates", "rankings", "compare", "playground", "learn", "runs")
MOST_MS = 150.0
#: Beyond this share of others on the machine the wall clock tells more of them than of us.
QUIET = 0.05
_SLOWEST = 10
_NOTEBOOK = "benchmark-of-screens"


@dataclass(frozen=True)
class Rerun:
    """One run of the script.

    Attributes
    ----------
    screen, widget : str
        What was touched; ``widget`` is empty where the screen was opened.
    kind : {"opening", "interaction"}
        A screen, a section or a fold seen for the first time, or anything later.
    wall_ms, cpu_ms : float
    """

    screen: str
    widget: str
    kind: str
    wall_ms: float
    cpu_ms: float


@contextmanager
def clock() -> Iterator[list[tuple[float, float]]]:
    """Time every run of a script while it is open; yield the list that wall and processor seconds go to."""
    taken: list[tuple[float, float]] = []
    unwatched = ScriptRunner._run_script

    def watched(runner: Any, request: Any) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        unwatched(runner, request)
        taken.append((time.perf_counter() - wall, time.thread_time() - cpu))

    ScriptRunner._run_script = watched  # type: ignore[method-assign]
    try:
        yield taken
    finally:
        ScriptRunner._run_script = unwatched  # type: ignore[method-assign]


class Toucher:
    """Goes through the app and touches what is there.

    Parameters
    ----------
    app : AppTest
        Run once.
    taken : list
        From `clock`.
    fragments : Fragments
        Which part of the page each widget has run.
    """

    def __init__(self, app: AppTest, taken: list[tuple[float, float]], fragments: Fragments):
        self._app, self._taken, self._fragments = app, taken, fragments
        self._screen = ""
        self.reruns: list[Rerun] = []
        self.exceptions: list[str] = []

    def visit(self, screen: str) -> None:
        """Open a screen, touch everything in each of its sections, then once more with its folds open."""
        self._screen = screen
        self._go("opening")
        in_sections = sections(iter(self._app._tree)) or [None]
        for section in in_sections:
            if section is not None:
                self._do(section.widget, section.states[0], "opening")
            self._touch_all(section)
        for section in in_sections if len(in_sections) > 1 else ():
            self._do(section.widget, section.states[0], "interaction")
        self._go("interaction")

    def _touch_all(self, section: Touch | None) -> None:
        """Touch what is there and what appears by it; folds last, and then all again."""
        for folded in (True, False):
            done: set[str] = set()
            while True:
                there = touches(iter(self._app._tree))
                left = [one for one in there if one.widget not in done and one.kind != "expander"]
                if not left:
                    break
                done.add(left[0].widget)
                for state in left[0].states:
                    self._do(left[0].widget, state, "interaction", section)
            folds = [one for one in touches(iter(self._app._tree)) if one.kind == "expander"]
            if not folded or not folds:
                return
            for fold in folds:
                self._do(fold.widget, fold.states[0], "opening")

    def _go(self, kind: str) -> None:
        self._note("", kind, lambda: self._app.switch_page(f"pages/{self._screen}.py").run())

    def _do(self, widget: str, state: WidgetState, kind: str, section: Touch | None = None) -> None:
        """Send what the browser would, and come back where that led to another screen."""
        before = [title.value for title in self._app.title]
        states = self._app._tree.get_widget_states()
        kept = [each for each in states.widgets if each.id != state.id]
        del states.widgets[:]
        states.widgets.extend([*kept, state])
        is_part = self._fragments.ask_for(state.id)
        self._note(widget, kind, lambda: self._app._run(states))
        if is_part:  # Of the page only that part is known now: see all of it before the next touch.
            del states.widgets[:]
            states.widgets.extend(kept if state.HasField("trigger_value") else [*kept, state])
            self._app._run(states)
        if [title.value for title in self._app.title] != before:
            self._app.switch_page(f"pages/{self._screen}.py").run()
            if section is not None:
                self._app._run(WidgetStates(widgets=section.states))

    def _note(self, widget: str, kind: str, run: Any) -> None:
        self._taken.clear()
        run()
        wall, cpu = np.sum(self._taken, axis=0)
        self.reruns.append(
            Rerun(self._screen, widget, kind, round(1000 * float(wall), 2), round(1000 * float(cpu), 2))
        )
        self.exceptions += [f"{self._screen}, {widget}: {box.message}" for box in self._app.exception]


def prepared(shape: Shape) -> tuple[Any, dict[str, Any]]:
    """Return a session's laboratory with one finished comparison on data of a shape, and what is in it."""
    from pages.components.session import FinishedRun, Lab

    interactions, items = (
        table.rename(columns=COLUMN_NAMES)
        for table in generate(shape.n_users, shape.n_items, shape.n_interactions, SEED)
    )
    data = LabData(interactions, items, name=str(shape))
    config = ExperimentConfig(top_k=min(500, shape.n_items // 2))
    result = run_experiment(data, config)
    return Lab(data, runs=[FinishedRun(1, result)], shown=1), {"data": str(shape), "top_k": config.top_k}


def opened(here: Any) -> AppTest:
    """Return the app on a laboratory whose run was swept and stands in the ledger, its baseline besides."""
    from pages.components.runs_ledger import ledger
    from pages.components.sweep_panel import SweepOfRun

    result: ExperimentResult = here.result
    for _ in range(2):
        ledger().add(_NOTEBOOK, Record.of_result(result), result.data)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state["_lab"] = here
    app.session_state["_notebook"] = _NOTEBOOK
    app.session_state["_sweeps"] = {1: SweepOfRun(found=sweep(result))}
    return app.run()


def summary(reruns: Sequence[Rerun]) -> dict[str, Any]:
    """Return count, median, 95th percentile and longest of reruns in milliseconds, by both clocks."""
    if not reruns:
        return {"n": 0}
    out: dict[str, Any] = {"n": len(reruns)}
    for name in ("wall_ms", "cpu_ms"):
        taken = np.array([getattr(rerun, name) for rerun in reruns])
        out[name] = {
            "median": round(float(np.median(taken)), 1),
            "p95": round(float(np.quantile(taken, 0.95)), 1),
            "max": round(float(taken.max()), 1),
        }
    return out


def by_screen(reruns: Sequence[Rerun], kind: str) -> dict[str, Any]:
    """Return the summary of the reruns of a kind for each screen."""
    parted = defaultdict(list)
    for rerun in reruns:
        if rerun.kind == kind:
            parted[rerun.screen].append(rerun)
    return {screen: summary(mine) for screen, mine in parted.items()}


def slowest(reruns: Sequence[Rerun], kind: str, clock: str) -> list[dict[str, Any]]:
    """Return the ten slowest widgets of a kind, each by its slowest rerun."""
    worst: dict[tuple[str, str], Rerun] = {}
    for rerun in sorted(reruns, key=lambda rerun: getattr(rerun, clock)):
        if rerun.kind == kind:
            worst[rerun.screen, rerun.widget] = rerun
    ordered = sorted(worst.values(), key=lambda rerun: -getattr(rerun, clock))
    return [asdict(rerun) for rerun in ordered[:_SLOWEST]]


def pace() -> float:
    """Return the processor seconds that a fixed piece of Python takes here and now."""
    began = time.thread_time()
    # Nothing that is collected: with much in memory the collector would be most of it.
    sum(number * number % 7 for number in range(100_000))
    return time.thread_time() - began


def run(shape: Shape, screens: Sequence[str], rounds: int) -> tuple[dict[str, Any], list[Rerun]]:
    """Go through the screens and return what was measured, and every rerun."""
    about = describe_machine()
    with tempfile.TemporaryDirectory() as home:
        os.environ["SKREC_LITE_HOME"] = home
        get_ready_once()
        here, what = prepared(shape)
        app = opened(here)
        others = OtherLoad([os.getpid()])
        paces = []
        with Fragments() as fragments, clock() as taken:
            toucher = Toucher(app, taken, fragments)
            for _ in range(rounds):
                for screen in screens:
                    paces += [pace() for _ in range(5)]
                    toucher.visit(screen)
        share = others.share()
    reruns = toucher.reruns
    judged_by = "wall_ms" if share is not None and share <= QUIET else "cpu_ms"
    interactions = by_screen(reruns, "interaction")
    return {
        "machine": about,
        **what,
        "limit_ms": MOST_MS,
        "judged_by": judged_by,
        "others_share": None if share is None else round(share, 3),
        # The same work takes more processor time, too, where others empty the caches: how much more, as the
        # median over the quickest of a fixed piece of work before each screen.
        "slowdown": round(float(np.median(paces) / min(paces)), 2),
        "interactions": interactions,
        "openings": by_screen(reruns, "opening"),
        "all_interactions": summary([rerun for rerun in reruns if rerun.kind == "interaction"]),
        "over_the_limit": [
            screen for screen, told in interactions.items() if told[judged_by]["p95"] > MOST_MS
        ],
        "slowest_interactions": slowest(reruns, "interaction", judged_by),
        "slowest_openings": slowest(reruns, "opening", judged_by),
        "exceptions": sorted(set(toucher.exceptions)),
    }, reruns


def main(arguments: list[str] | None = None) -> int:
    """Run, print, write; return 1 if a screen is too slow or shows an exception."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screens", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data: does every screen still answer?")
    parser.add_argument("--screens", nargs="+", choices=SCREENS, default=SCREENS, metavar="SCREEN")
    parser.add_argument("--rounds", type=int, default=1, help="times through the screens")
    parser.add_argument("--every", type=Path, help="file for every single rerun, as JSON lines")
    parser.add_argument(
        "--out", type=Path, help=f"file for the result; {RESULT.name} beside the others after a complete run"
    )
    given = parser.parse_args(arguments)
    measured, reruns = run((QUICK if given.quick else FULL)["1M"], given.screens, given.rounds)
    text = json.dumps(measured, indent=2)
    print(text)
    if given.every is not None:
        given.every.write_text("".join(json.dumps(asdict(rerun)) + "\n" for rerun in reruns))
    is_complete = not given.quick and list(given.screens) == list(SCREENS)
    if (target := given.out or (RESULT if is_complete else None)) is not None:
        target.write_text(text + "\n", encoding="utf-8")
    return 1 if measured["over_the_limit"] or measured["exceptions"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
