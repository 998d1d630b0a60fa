"""A short script that makes a comparison again, step by step and without a screen."""

from __future__ import annotations

import json
from typing import Any, Final

from skrec_lite.experiment.plan.comparison_plan import ComparisonPlan
from skrec_lite.experiment.plan.data_plan import DataPlan

_WIDTH: Final = 88
_USAGE: Final = {
    "sample": "    python reproduce.py\n",
    "files": (
        "    python reproduce.py [PATH ...]\n\n"
        "PATH: the data (files, a folder or an archive); by default the files named below, beside this "
        "script.\n"
    ),
    "tables": (
        "    python reproduce.py PATH ...\n\n"
        "PATH: the data (files, a folder or an archive). The comparison was made on tables in memory, so "
        "that no\nfile is known; what each column is, is guessed.\n"
    ),
}
_REST: Final = """\
result = run_experiment(data, ExperimentConfig.from_dict(CONFIG))

print(verdict(result).sentence)
print()
print(result.final_frame().to_string(index=False))
print()
print(funnel_frame(result).to_string(index=False))
"""


def reproduction_script(plan: ComparisonPlan) -> str:
    """Return a Python script that loads the data as the plan says, compares, and prints the figures.

    Parameters
    ----------
    plan : ComparisonPlan

    Returns
    -------
    str
        Everything from the plan stands in it as a Python literal, so that no name can be read as code.
    """
    source = plan.data or DataPlan("tables")
    usage = f'"""Makes a comparison again and prints its figures.\n\n{_USAGE[source.kind]}"""'
    blocks = (_imports(source), _constants(plan, source), _loading(source), _check(source), _REST)
    return "\n\n".join([usage, *(block for block in blocks if block)])


def _imports(source: DataPlan) -> str:
    standard = {
        "sample": [],
        "files": ["import json", "import sys", "from pathlib import Path"],
        "tables": ["import sys"],
    }[source.kind]
    if source.fingerprint is not None and "import sys" not in standard:
        standard.append("import sys")
    reading = {
        "sample": ["from skrec_lite import load_sample"],
        "files": ["from skrec_lite.dataset import Recipe, load"],
        "tables": ["from skrec_lite.dataset import load"],
    }[source.kind]
    if source.kind != "files" and source.repairs:
        reading.append("from skrec_lite.dataset.report.repairs import Repair")
    reading.append(
        "from skrec_lite.experiment import ExperimentConfig, LabData, funnel_frame, run_experiment, verdict"
    )
    if source.fingerprint is not None:
        reading.append("from skrec_lite.experiment.plan import Fingerprint")
    return "\n\n".join("\n".join(block) for block in (standard, reading) if block)


def _constants(plan: ComparisonPlan, source: DataPlan) -> str:
    lines = [f"NAME = {plan.name!r}"]
    if source.kind == "files":
        lines += [
            f"FILES = {_literal(list(source.files))}",
            "# What each file is and which column plays which part, and every repair, as the Data screen had "
            "it.",
            f"RECIPE = {_literal(json.loads(source.recipe.to_json()))}",
        ]
    return "\n".join([*lines, f"CONFIG = {_literal(plan.config.to_dict())}"])


def _loading(source: DataPlan) -> str:
    recipe = source.recipe
    if source.kind == "files":
        return (
            "paths = sys.argv[1:] or [Path(__file__).parent / name for name in FILES]\n"
            "data = LabData.of(load(paths, Recipe.from_json(json.dumps(RECIPE))), NAME)"
        )
    lines = [
        f"data = LabData(*load_sample({source.sample!r}), name=NAME)"
        if source.kind == "sample"
        else "data = LabData.of(load(sys.argv[1:]), NAME)"
    ]
    if recipe.item_kinds or recipe.user_kinds:
        lines.append(f"data = data.with_kinds({dict(recipe.item_kinds)!r}, {dict(recipe.user_kinds)!r})")
    if recipe.repairs:
        lines.append(f"for repair in {_literal([repair.to_dict() for repair in recipe.repairs])}:")
        lines.append("    data = data.repaired(Repair.from_dict(repair))")
    return "\n".join(lines)


def _check(source: DataPlan) -> str:
    if source.fingerprint is None:
        return ""
    rows, sha256 = dict(source.fingerprint.rows), source.fingerprint.sha256
    return (
        f"made_on = Fingerprint({rows!r}, {sha256!r})\n"
        "if difference := made_on.difference(Fingerprint.of(data.tables)):\n"
        "    print(difference, file=sys.stderr)"
    )


def _literal(value: Any, indent: int = 0) -> str:
    """Return a value as a Python literal, opened up where it is long, as a formatter would lay it out."""
    whole = repr(value)
    if len(whole) + indent <= _WIDTH or not isinstance(value, (dict, list, tuple)) or not value:
        return whole
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        lines = [f"{inner}{key!r}: {_literal(each, indent + 4)},\n" for key, each in value.items()]
        return "{\n" + "".join(lines) + " " * indent + "}"
    lines = [f"{inner}{_literal(each, indent + 4)},\n" for each in value]
    start, end = "[]" if isinstance(value, list) else "()"
    return f"{start}\n" + "".join(lines) + " " * indent + end
