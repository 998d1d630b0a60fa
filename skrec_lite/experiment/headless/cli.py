"""The command line: ``python -m skrec_lite compare config.json``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from skrec_lite.exceptions import Cancelled, SkrecLiteError
from skrec_lite.experiment.choices.retriever_specs import load_plugins
from skrec_lite.experiment.headless.progress import TerminalProgress
from skrec_lite.experiment.headless.run import run_and_say
from skrec_lite.experiment.headless.summary import summary

DONE: Final = 0
CANNOT: Final = 1
CANCELLED: Final = 130

_EXIT_CODES = """\
exit codes:
  0    done
  1    data or configuration cannot be used; the reason is on standard error
  2    the command line cannot be understood
  130  cancelled (Ctrl-C); nothing was written
"""
_FILES = f"""\
CONFIG is a file that the Compare screen exported ("Configuration"). It names the data: a built-in sample, or
files, which are looked for beside CONFIG or in --data.

--out gets: result.json (every figure), per_user.parquet, pools.parquet, lists.parquet, curves.parquet,
report.html (opens offline), trec/ (qrels and run files for trec_eval), config.json and reproduce.py.

{_EXIT_CODES}
examples:
  python -m skrec_lite compare config.json
  python -m skrec_lite compare config.json --data ml-latest-small --out comparison --sweep
  python -m skrec_lite compare config.json --data ratings.csv movies.csv --out comparison --quiet
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process by default.

    Returns
    -------
    int
        0 done, 1 data or configuration cannot be used, 130 cancelled.

    Raises
    ------
    SystemExit
        With 2 if the command line cannot be understood, and with 0 after ``--help``.
    """
    given = _parser().parse_args(arguments)
    show = TerminalProgress(sys.stderr) if not given.quiet else None
    try:
        for module, reason in load_plugins().items():
            _say(f"The retrievers of {module} could not be loaded: {reason}")
        with _stops_on_interrupt(show) as stopped:
            result, swept = run_and_say(
                given.config,
                given.data,
                out=given.out,
                sweep=True if given.sweep else None,
                force=given.force,
                progress=show,
                cancel=stopped.is_set,
                say=lambda words: _say(words, show),
            )
    except (Cancelled, KeyboardInterrupt):
        _say("Cancelled; nothing was written.", show)
        return CANCELLED
    except MemoryError:
        _say("There was not enough memory. Use fewer interactions, fewer factors or a smaller pool.", show)
        return CANNOT
    except SkrecLiteError as problem:
        _say(str(problem), show)
        return CANNOT
    if show is not None:
        show.end()
    sys.stdout.write(summary(result, swept))
    if given.out is not None:
        sys.stdout.write(f"\nWritten to {given.out}.\n")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skrec_lite",
        description="Two-stage retrieval without a screen: the comparisons of the laboratory, for scripts.",
        epilog=_EXIT_CODES + "\nMore: python -m skrec_lite compare --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    compare = commands.add_parser(
        "compare",
        help="make a comparison from its file; print the figures, or write them all into a folder",
        description="Make a comparison: split, train, retrieve, rank, measure. With the same seed the "
        "figures are those of the app, to the digit.",
        epilog=_FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("config", metavar="CONFIG", help="comparison file (JSON)")
    compare.add_argument(
        "--data",
        nargs="+",
        metavar="PATH",
        help="files, an archive or a folder with the data, instead of CONFIG's",
    )
    compare.add_argument(
        "--out", metavar="DIR", help="folder to write everything into; it must not exist yet"
    )
    compare.add_argument("--sweep", action="store_true", help="sweep all pool sizes as well")
    compare.add_argument("--force", action="store_true", help="replace an earlier comparison in DIR")
    compare.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return parser


@contextmanager
def _stops_on_interrupt(show: TerminalProgress | None) -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets: work ends at its next step. The second ends it at once."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        _say("Stopping at the next step; press Ctrl-C again to stop at once.", show)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _say(words: str, show: TerminalProgress | None = None) -> None:
    if show is not None:
        show.end()
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
