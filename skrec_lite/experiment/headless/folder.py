"""A comparison as a folder of files: written whole, or not there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.headless.figures import RESULT_MARK, figures
from skrec_lite.experiment.headless.tables import result_tables
from skrec_lite.experiment.plan.comparison_plan import ComparisonPlan
from skrec_lite.experiment.report import html_report, reproduction_script
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.experiment.trec import trec_files

RESULT_FILE: Final = "result.json"


def check_out(out: str | Path, *, force: bool = False) -> Path:
    """Return the folder to write into if it may be: it is new or empty, or holds an earlier comparison.

    Parameters
    ----------
    out : path
    force : bool
        Whether an earlier comparison may be replaced. A folder with anything else in it never is.

    Raises
    ------
    InvalidDataError
        If it may not be written.
    """
    folder = Path(out)
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise InvalidDataError(f"'{out}' is a file, not a folder.", repair="Choose another folder.")
    if not any(folder.iterdir()):
        return folder
    if not _is_comparison(folder):
        raise InvalidDataError(
            f"The folder '{out}' is not empty and does not hold a comparison.", repair="Choose another one."
        )
    if not force:
        raise InvalidDataError(
            f"The folder '{out}' holds a comparison already.",
            repair="Choose another one, or replace it: --force on the command line, force=True in Python.",
        )
    return folder


def write_folder(
    result: ExperimentResult,
    out: str | Path,
    *,
    plan: ComparisonPlan | None = None,
    sweep: Sweep | None = None,
    force: bool = False,
    notes: Sequence[str] = (),
    step: Callable[[float, str], object] = lambda fraction, doing: None,
) -> Path:
    """Write everything about a comparison into a folder.

    ``result.json`` (all figures), ``per_user.parquet``, ``pools.parquet``, ``lists.parquet``,
    ``curves.parquet``, ``report.html``, ``trec/`` (qrels and runs), ``config.json`` (the comparison file) and
    ``reproduce.py``. It is written beside the folder under another name and renamed at the end, so that a
    folder of that name is always complete.

    Parameters
    ----------
    result : ExperimentResult
    out : path
    plan : ComparisonPlan, optional
        How it is made again; found from the result by default.
    sweep : Sweep, optional
        Of the same result.
    force : bool
        Replace an earlier comparison there.
    notes : sequence of str
        What a reader should know besides; written into ``result.json`` and the report.
    step : callable
        Called with (fraction done, what is being done); may raise to end the work.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InvalidDataError
        As `check_out`, or if the disk cannot be written.
    """
    folder = check_out(out, force=force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-unfinished-", dir=folder.parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        known = plan or ComparisonPlan.of_result(result, sweep=sweep is not None)
        _write_all(result, known, sweep, beside, notes, step)
        beside.chmod(0o755)
        _put_in_place(beside, folder)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _write_all(
    result: ExperimentResult,
    plan: ComparisonPlan,
    swept: Sweep | None,
    folder: Path,
    notes: Sequence[str],
    step: Callable[[float, str], object],
) -> None:
    step(0.0, "Writing figures")
    (folder / "config.json").write_text(plan.to_json(), encoding="utf-8", errors="backslashreplace")
    made = json.dumps(
        figures(result, plan, sweep=swept, notes=notes), indent=2, ensure_ascii=False, allow_nan=False
    )
    (folder / RESULT_FILE).write_text(made + "\n", encoding="utf-8")
    step(0.4, "Writing tables")
    for name, table in result_tables(result):
        table.to_parquet(folder / f"{name}.parquet", index=False)
    step(0.6, "Writing TREC files")
    (folder / "trec").mkdir()
    for name, blocks in trec_files(result):
        with (folder / "trec" / name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(blocks)
    step(0.8, "Writing the report")
    report = html_report(result, plan=plan, sweep=swept, notes=notes)
    (folder / "report.html").write_text(report, encoding="utf-8")
    (folder / "reproduce.py").write_text(reproduction_script(plan), encoding="utf-8")
    step(1.0, "Done")


def _put_in_place(beside: Path, folder: Path) -> None:
    """Rename the finished folder; an earlier comparison is moved away first and deleted last."""
    if not folder.exists():
        beside.rename(folder)
        return
    earlier = Path(tempfile.mkdtemp(prefix=f".{folder.name}-earlier-", dir=folder.parent))
    folder.rename(earlier / folder.name)
    try:
        beside.rename(folder)
    except OSError:
        (earlier / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(earlier, ignore_errors=True)


def _is_comparison(folder: Path) -> bool:
    try:
        with (folder / RESULT_FILE).open("rb") as file:
            return f'"{RESULT_MARK}"'.encode() in file.read(4096)
    except OSError:
        return False


def _unwritable(out: str | Path, error: OSError) -> InvalidDataError:
    return InvalidDataError(
        f"'{out}' cannot be written ({error.strerror or error}).", repair="Choose another folder."
    )
