"""What one can take away of a comparison: a report, figures, files for other programs, the way back to it."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from pages.components.compare_tables import curves_csv, metrics_csv
from pages.components.identity import LOOKS
from pages.components.text import plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.headless import comparison_zip, trec_zip
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.report import html_report, reproduction_script
from skrec_lite.experiment.report.own_code import own_code
from skrec_lite.experiment.report.scikit_rec import scikit_rec_refusal, scikit_rec_zip
from skrec_lite.experiment.sweep import Sweep


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
    with st.container(horizontal=True):
        _button(
            "Report (HTML)", lambda: html_report(result, sweep=swept).encode("utf-8", "replace"),
            f"{name}-report.html", "text/html", "compare_report_html",
            "Figures, charts and caveats on one page that opens offline",
        )  # fmt: skip
        _button(
            "Everything (ZIP)", lambda: comparison_zip(result, swept), f"{name}-comparison.zip",
            "application/zip", "compare_all_zip",
            "All that the command line writes: report, figures (JSON), tables (Parquet), TREC files, script",
        )  # fmt: skip
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
        _button(
            "TREC files (ZIP)", lambda: trec_zip(result), f"{name}-trec.zip", "application/zip",
            "compare_trec_zip", "Pools, lists and held-out items for trec_eval and other evaluators",
        )  # fmt: skip
        _button(
            "Curves (CSV)", lambda: curves_csv(result), "recall_curves.csv", "text/csv",
            "compare_curves_csv", "Recall at every pool size with its interval",
        )  # fmt: skip
        _button(
            "Metrics and timings (CSV)", lambda: metrics_csv(result), "metrics.csv", "text/csv",
            "compare_metrics_csv", "Metrics of the final lists, and seconds of each stage",
        )  # fmt: skip
    if refusal:
        st.caption(plain(refusal))
    code_panel(result)


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


def file_stem(name: str) -> str:
    """Return a name of data as the beginning of a file's name: small letters, digits and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-") or "comparison"


def plan_json(result: ExperimentResult, swept: Sweep | None = None) -> bytes:
    """Return the comparison file: data, recipe and configuration."""
    plan = ComparisonPlan.of_result(result, sweep=swept is not None)
    return plan.to_json().encode("utf-8", "backslashreplace")


def script(result: ExperimentResult) -> bytes:
    """Return the script that makes the comparison again."""
    return reproduction_script(ComparisonPlan.of_result(result)).encode()


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
