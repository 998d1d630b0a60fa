"""The command: ``python -m benchmarks [--quick] [--only CASE ...]``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.cases import CASES
from benchmarks.environments import INSTALLS, versions_in
from benchmarks.machine import describe_machine
from benchmarks.measure import Row
from benchmarks.plot import write_plot
from benchmarks.report import table, write_json

RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: list[str] | None = None) -> list[Row]:
    """Run the cases, print the table, write the results of a complete run; return the rows."""
    given = _parser().parse_args(arguments)
    about = describe_machine()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.data or Path(temporary)
        with Bench(folder, given.repeat, given.quick, given.wait) as bench:
            rows = [row for case in given.only or CASES for row in CASES[case](bench)]
            about["shapes"] = {name: str(bench.shape(name)) for name in ("1M", "wide")}
    about["load_average_after"] = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    complete = not given.only and not given.quick
    about["peers"] = {name: versions_in(name) for name in INSTALLS} if complete else {}
    print(table(rows))
    target = given.out or (RESULTS if complete else None)
    if target is not None:
        write_json(rows, about, target / "results.json")
        write_plot(rows, target / "ratios.svg")
        print(f"\nWritten to {target}.", file=sys.stderr)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small data and no peers: do the cases run? (under a minute)"
    )
    parser.add_argument("--only", nargs="+", choices=CASES, metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions of each side at least (default 5)")
    parser.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="before each row, wait this long at most for other work on the machine to pause",
    )
    parser.add_argument(
        "--out", type=Path, help="folder for results; by default benchmarks/results after a complete run"
    )
    parser.add_argument("--data", type=Path, help="folder that keeps the generated data for the next run")
    return parser


if __name__ == "__main__":
    main()
