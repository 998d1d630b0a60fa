"""What one can take away of a comparison: a report, figures, files for other programs, the way back to it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.components.background import Background, of_shown_run, watch
from pages.components.compare_tables import curves_csv, metrics_csv
from pages.components.identity import LOOKS
from pages.components.text import duration, file_stem, plain
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.headless import comparison_zip, trec_zip
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.report import html_report, reproduction_script
from skrec_lite.experiment.report.own_code import own_code
from skrec_lite.experiment.report.scikit_rec import scikit_rec_refusal, scikit_rec_zip
from skrec_lite.experiment.sweep import Sweep

Step = Callable[[float, str], object]
# A file that takes longer is made in the background, with progress.
_AT_ONCE_SECONDS = 1.0
# Measured on two cores, with one million interactions, 6,040 users and three pools of 200.
_SECONDS_AN_INTERACTION, _SECONDS_A_USER, _SECONDS_A_CANDIDATE = 1e-6, 1e-4, 0.8e-6


def exports(result: ExperimentResult, swept: Sweep | None = None) -> None:
    """Draw a button for each file; a file is made when its button is clicked, not before.

    Parameters
    ----------
    result : ExperimentResult
    swept : Sweep, optional
        Of the same result; it is then in the report and in the archive of everything.
    """
    name = file_stem(result.data.name)
    refusal = scikit_rec_refusal(result)
    seconds = seconds_to_make(result)
    # A sweep made since then belongs into the file: what was made without it is another one.
    state = "swept" if swept is not None else "plain"
    with st.container(horizontal=True):
        waiting = [
            _file(
                "Report (HTML)", lambda step: html_report(result, sweep=swept).encode("utf-8", "replace"),
                f"{name}-report.html", "text/html", "compare_report_html",
                "Figures, charts and caveats on one page that opens offline",
                seconds=seconds["report"], state=state,
            ),
            _file(
                "Everything (ZIP)", lambda step: comparison_zip(result, swept, step=step),
                f"{name}-comparison.zip", "application/zip", "compare_all_zip",
                "All that the command line writes: report, figures (JSON), tables (Parquet), TREC files, "
                "script",
                seconds=seconds["everything"], state=state,
            ),
        ]  # fmt: skip
        _button(
            "Configuration (JSON)", lambda: plan_json(result, swept), "config.json", "application/json",
            "compare_config_json", "Makes the comparison again: python -m skrec_lite compare config.json",
        )  # fmt: skip
        _button(
            "Script (Python)", lambda: script(result), "reproduce.py", "text/x-python",
            "compare_script_py", "The same comparison, step by step, without the app",
        )  # fmt: skip
        _button(
            "scikit-rec (ZIP)", lambda: scikit_rec_zip(result), f"{name}-scikit-rec.zip", "application/zip",
            "compare_scikit_rec_zip", "The comparison as a script for scikit-rec, and the data it reads",
            disabled=bool(refusal),
        )  # fmt: skip
        waiting.append(
            _file(
                "TREC files (ZIP)", lambda step: trec_zip(result, step=step), f"{name}-trec.zip",
                "application/zip", "compare_trec_zip",
                "Pools, lists and held-out items for trec_eval and other evaluators",
                seconds=seconds["trec"], state="",
            )
        )  # fmt: skip
        _button(
            "Curves (CSV)", lambda: curves_csv(result), "recall_curves.csv", "text/csv",
            "compare_curves_csv", "Recall at every pool size with its interval",
        )  # fmt: skip
        _button(
            "Metrics and timings (CSV)", lambda: metrics_csv(result), "metrics.csv", "text/csv",
            "compare_metrics_csv", "Metrics of the final lists, and seconds of each stage",
        )  # fmt: skip
    for key, label, work in filter(None, waiting):
        watch(work, key, f"Making {label}", "Stops at the next file.")
    if refusal:
        st.caption(plain(refusal))
    code_panel(result)


def seconds_to_make(result: ExperimentResult) -> dict[str, float]:
    """Return about how many seconds the large files take to make, by what the data and pools hold."""
    rows = sum(run.candidates.item_index.size for run in result.runs.values())
    report = _SECONDS_AN_INTERACTION * len(result.split.train) + _SECONDS_A_USER * len(result.user_ids)
    trec = _SECONDS_A_CANDIDATE * rows
    return {"report": report, "trec": trec, "everything": report + 2 * trec}


def code_panel(result: ExperimentResult) -> None:
    """Draw, once opened, the code of one retriever with its ranker, to copy into a program of one's own."""
    opened = st.expander(
        "A retriever of this run in your own code", icon=":material/code:", key="own_code", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        keys = list(result.runs)
        chosen = st.segmented_control(
            "Retriever",
            keys,
            default=keys[0],
            required=True,
            format_func=lambda key: LOOKS[key].label,
            key="code_retriever",
            persist_state="session",
            wrap=True,
        )
        st.code(own_code(result, chosen if chosen in keys else keys[0]), language="python", wrap_lines=True)
        st.caption(
            "Trains on all interactions, the held-out ones too, with the parameters of this run. The button "
            "at the top right of the code copies it."
        )


def plan_json(result: ExperimentResult, swept: Sweep | None = None) -> bytes:
    """Return the comparison file: data, recipe and configuration."""
    plan = ComparisonPlan.of_result(result, sweep=swept is not None)
    return plan.to_json().encode("utf-8", "backslashreplace")


def script(result: ExperimentResult) -> bytes:
    """Return the script that makes the comparison again."""
    return reproduction_script(ComparisonPlan.of_result(result)).encode()


def _file(
    label: str,
    make: Callable[[Step], bytes],
    file_name: str,
    mime: str,
    key: str,
    help: str,
    *,
    seconds: float,
    state: str,
) -> tuple[str, str, Background] | None:
    """Draw the button of a file; one that takes long is made in the background first.

    Returns
    -------
    tuple of str, str, Background, or None
        Key, label and work of a file that has to be made first.
    """
    if seconds <= _AT_ONCE_SECONDS:
        _button(label, lambda: make(lambda fraction, doing: None), file_name, mime, key, help)
        return None
    # Of the shown run alone: such files are large, and a session may hold several runs.
    work = of_shown_run(f"_{key}_{state}", Background, keeps_others=False)
    if work.found is not None:
        _button(label, lambda: work.found, file_name, mime, key, f"{help}. It is ready.")
        return None
    st.button(
        f"Make {label}",
        key=f"{key}_make",
        icon=":material/hourglass_empty:",
        disabled=work.is_running,
        on_click=work.begin,
        args=(lambda progress, cancel: make(_steps_of(progress, cancel)),),
        help=f"{help}. Takes about {duration(seconds)}; then it can be downloaded.",
    )
    return key, label, work


def _steps_of(progress: Progress, cancel: Cancel) -> Step:
    """Return what a long work calls between its steps: it reports, and ends the work once cancelled."""

    def step(fraction: float, doing: str) -> None:
        if cancel():
            raise Cancelled("The file was not made.")
        progress(fraction, doing)

    return step


def _button(
    label: str,
    data: Callable[[], bytes],
    file_name: str,
    mime: str,
    key: str,
    help: str,
    disabled: bool = False,
) -> None:
    st.download_button(
        label, data, file_name, mime,
        key=key, icon=":material/download:", on_click="ignore", help=help, disabled=disabled,
    )  # fmt: skip
