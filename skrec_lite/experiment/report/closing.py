"""The last sections of a report: what to know before quoting it, how to make it again, what words mean."""

from __future__ import annotations

import base64

from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.report.definitions import GLOSSARY
from skrec_lite.experiment.report.markup import Html, bullets, joined, tag
from skrec_lite.experiment.report.run_caveats import caveats
from skrec_lite.experiment.report.script import reproduction_script
from skrec_lite.experiment.result import ExperimentResult


def to_know(result: ExperimentResult) -> Html | None:
    """Return the caveats of this run."""
    return bullets(caveats(result))


def again(plan: ComparisonPlan) -> Html:
    """Return the script and the comparison file, to be read here and to be saved from here."""
    script, config = reproduction_script(plan), plan.to_json()
    files = [
        ("config.json", "application/json", config, "the comparison file"),
        ("reproduce.py", "text/x-python", script, "the same as a script"),
    ]
    links = [
        tag("li", tag("a", name, href=_data_uri(kind, content), download=name), f": {what}")
        for name, kind, content, what in files
    ]
    return joined(
        [
            tag("p", _needed(plan)),
            tag("pre", tag("code", "python -m skrec_lite compare config.json --out comparison")),
            tag("p", "Both files are in this page:"),
            tag("ul", links, class_="files"),
            tag("details", tag("summary", "The script"), tag("pre", tag("code", script))),
            tag("details", tag("summary", "The comparison file"), tag("pre", tag("code", config))),
        ]
    )


def _needed(plan: ComparisonPlan) -> str:
    if plan.data is None or plan.data.kind == "tables":
        return (
            "The comparison was made on tables in memory, which are not in this page: give the data with "
            "--data. With the same data and seed the figures are the same to the digit, timings apart."
        )
    where = (
        "The data is a sample that comes with the laboratory."
        if plan.data.kind == "sample"
        else f"It needs the files {', '.join(plan.data.files)}, beside config.json or in --data."
    )
    return f"{where} With the same data and seed the figures are the same to the digit, timings apart."


def glossary() -> Html:
    """Return what the words of the report mean."""
    return tag("dl", [[tag("dt", term), tag("dd", meaning)] for term, meaning in GLOSSARY.items()])


def _data_uri(kind: str, content: str) -> str:
    packed = base64.b64encode(content.encode("utf-8", "replace")).decode("ascii")
    return f"data:{kind};charset=utf-8;base64,{packed}"
