"""Load the files of a case and say what is not as it must be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skrec_lite.dataset import Loaded, load
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment import LabData
from tests.dataset.corpus.case import Case, Files, Loads, Refused


def faults_of(case: Case) -> list[str]:
    """Return what is wrong with what comes of the files; nothing where all is right.

    Whatever is raised besides `InvalidDataError` goes through: it is a fault of the reader.
    """
    return faults_of_files(case.make(), case.expect)


def faults_of_files(files: Files, expect: Loads | Refused) -> list[str]:
    """Return what is wrong with what comes of files."""
    try:
        loaded = load(files)
    except InvalidDataError as problem:
        return faults_of_refusal(problem, files, expect)
    if isinstance(expect, Refused):
        interactions = loaded.tables.interactions
        return [
            f"is read as {len(interactions):,} rows, the first {interactions.iloc[:2].to_dict('list')!s:.300}"
        ]
    return faults_of_loaded(loaded, expect)


def faults_of_refusal(problem: InvalidDataError, files: Files, expect: Loads | Refused) -> list[str]:
    """Return what is wrong with a refusal: it must name the file, the place and a repair."""
    said = str(problem)
    if isinstance(expect, Loads):
        return [f"is refused: {said:.400}"]
    faults = [f"does not say {word!r}: {said:.400}" for word in expect.words if word not in said]
    if not (problem.repair or "").strip():
        faults.append(f"gives no repair: {said}")
    inside = any(word.endswith(".csv") for word in expect.words)
    if not inside and not any(name.rsplit(".", 1)[0] in said for name, _ in files):
        faults.append(f"does not name the file: {said:.400}")
    if len(said) > 2_000:
        faults.append(f"takes {len(said):,} signs to say it")
    return faults


def faults_of_loaded(loaded: Loaded, expect: Loads) -> list[str]:
    """Return what is wrong with tables: the ids must be the very ones, in order."""
    interactions = loaded.tables.interactions
    faults = []
    for kind, wanted in (("USER_ID", expect.users), ("ITEM_ID", expect.items)):
        got = interactions[kind].tolist()
        if got != list(wanted):
            differ = [pair for pair in zip(got, wanted, strict=False) if pair[0] != pair[1]][:3]
            faults.append(f"has {len(got)} {kind}, not {len(wanted)}; differing {differ!r:.300}")
    if expect.outcomes is not None and interactions["OUTCOME"].tolist() != list(expect.outcomes):
        faults.append(f"has outcomes {interactions['OUTCOME'].tolist()[:6]}, not {expect.outcomes[:6]}")
    if expect.times is not None:
        faults += _faults_of_times(interactions, expect.times)
    told = told_of(loaded)
    faults += [f"does not say {word!r}: {told:.1200}" for word in expect.said if word not in told]
    if expect.check is not None:
        expect.check(loaded)
    return faults


def _faults_of_times(interactions: pd.DataFrame, wanted: tuple[str, ...]) -> list[str]:
    if "TIMESTAMP" not in interactions:
        return ["has no times"]
    got = np.datetime_as_string(interactions["TIMESTAMP"].to_numpy().astype("datetime64[s]")).tolist()
    return [] if got == list(wanted) else [f"has times {got[:5]}, not {wanted[:5]}"]


def told_of(loaded: Loaded) -> str:
    """Return all that a person is told of tables: notes, reasons and findings."""
    notes = [note for file in loaded.notes for note in (file, *loaded.notes[file])]
    plans = [part for plan in loaded.recipe.tables for part in (plan.file, plan.why, *plan.reasons.values())]
    findings = [finding.message for finding in LabData.of(loaded, "mine").findings]
    return "\n".join([*notes, *plans, *findings, loaded.recipe.layout])
