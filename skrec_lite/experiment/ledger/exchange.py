"""Runs as a JSON file that another notebook, or another server, takes in."""

from __future__ import annotations

import base64
import binascii
import json
import math
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.ledger.entry import Entry
from skrec_lite.experiment.ledger.ledger import LONGEST_NAME, LONGEST_NOTE, Ledger
from skrec_lite.experiment.ledger.record import unpacked
from skrec_lite.experiment.plan import ComparisonPlan

MARK: Final = "skrec_lite_runs"
"""The key by which a JSON file is known for exported runs; its value is the version."""
VERSION: Final = 1
MOST_RUNS: Final = 1_000
_TEXTS = ("name", "note", "created", "data_name", "verdict", "measured")
_LONGEST = {"name": LONGEST_NAME, "note": LONGEST_NOTE}
_LONGEST_TEXT = 2_000


def export_runs(ledger: Ledger, entries: Iterable[Entry]) -> str:
    """Return runs as JSON text, which `import_runs` reads: all but their ids, their notebook and their data.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    runs = [
        {
            **{name: getattr(entry, name) for name in _TEXTS},
            "comparison": entry.comparison,
            "figures": entry.figures,
            "data_key": entry.data_key,
            "per_user": [
                {"stage": stage, "retriever": key, "metric": metric, "packed": _as_text(content)}
                for (stage, key, metric), content in ledger.packed_per_user(entry.id).items()
            ],
        }
        for entry in entries
    ]
    return json.dumps({MARK: VERSION, "runs": runs}, indent=1, allow_nan=False) + "\n"


def import_runs(ledger: Ledger, notebook: str, text: str | bytes) -> tuple[list[Entry], int]:
    """Take exported runs into a notebook: all of them, or none where one cannot be used.

    Returns
    -------
    taken : list of Entry
    n_known : int
        Runs that the notebook had already, which are not taken again.

    Raises
    ------
    InvalidDataError
        If the text is something else; the message says what.
    LedgerError
        If the ledger cannot be written.
    """
    present = ledger.entries(notebook)
    known = {_identity(entry) for entry in present}
    # The checksum of data is in every report: it opens data only to those who could open it anyway.
    own_data = {entry.data_key for entry in present}
    taken, n_known = [], 0
    for entry, per_user in _read(text, notebook):
        if _identity(entry) in known:
            n_known += 1
            continue
        known.add(_identity(entry))
        kept = entry if entry.data_key in own_data else _without_data(entry)
        taken.append((kept, per_user))
    ledger.insert_all(taken)
    return [entry for entry, _ in taken], n_known


def _read(text: str | bytes, notebook: str) -> list[tuple[Entry, dict[tuple[str, str, str], bytes]]]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDataError(f"This is no JSON ({error}).", repair="Export the runs again.") from error
    if not isinstance(values, dict) or MARK not in values:
        raise InvalidDataError(
            f"This file holds no runs (there is no {MARK!r}).", repair="Use a file that Runs exported."
        )
    if values[MARK] != VERSION:
        raise InvalidDataError(
            f"The runs are of version {values[MARK]!r}, and this app reads version {VERSION}.",
            repair="Update the app, or export them again.",
        )
    runs = values.get("runs")
    if not isinstance(runs, list) or len(runs) > MOST_RUNS:
        raise InvalidDataError(f"runs must be a list of at most {MOST_RUNS:,}.")
    found = []
    for place, run in enumerate(runs, start=1):
        try:
            found.append(_one(run, notebook))
        except (InvalidDataError, KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise InvalidDataError(f"Run {place} of {len(runs)} cannot be used: {reason}.") from error
    return found


def _one(run: Any, notebook: str) -> tuple[Entry, dict[tuple[str, str, str], bytes]]:
    texts = {name: run[name] for name in _TEXTS}
    for name, value in texts.items():
        longest = _LONGEST.get(name, _LONGEST_TEXT)
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError(f"{name} must be a text of at most {longest:,} characters")
    if datetime.fromisoformat(texts["created"]).tzinfo is None:
        raise ValueError("created must say its time zone")
    ComparisonPlan.from_dict(run["comparison"])
    _check_figures(run["figures"])
    data_key = run.get("data_key", "")
    if not isinstance(data_key, str):
        raise ValueError("data_key must be a text")
    entry = Entry(
        id=secrets.token_urlsafe(16),
        notebook=notebook,
        comparison=run["comparison"],
        figures=run["figures"],
        data_key=data_key,
        **texts,
    )
    return entry, _per_user(run.get("per_user", []), entry)


def _per_user(rows: Any, entry: Entry) -> dict[tuple[str, str, str], bytes]:
    found = {}
    for row in rows:
        key = (row["stage"], row["retriever"], row["metric"])
        if not all(isinstance(part, str) for part in key):
            raise ValueError("per_user: stage, retriever and metric must be texts")
        try:
            content = base64.b64decode(row["packed"], validate=True)
        except binascii.Error as error:
            raise ValueError(f"per_user: packed is no base64 ({error})") from error
        if len(unpacked(content)) != entry.figures["users"]:
            raise ValueError("per_user must have a value for each of the users")
        found[key] = content
    return found


def _check_figures(figures: Any) -> None:
    """Check what tables read of figures, so that no page stumbles over them later."""
    users = figures["users"]
    if isinstance(users, bool) or not isinstance(users, int) or users < 1:
        raise ValueError("figures: users must be a whole number of at least 1")
    for stage, size in (("pools", "k"), ("lists", "n")):
        length = figures[stage][size]
        if isinstance(length, bool) or not isinstance(length, int) or length < 1:
            raise ValueError(f"figures: {stage}: {size} must be a whole number of at least 1")
        keys = [key for key in figures["pools"] if key != "k"]
        if not keys:
            raise ValueError("figures: pools must have at least one retriever")
        for key in keys:
            for metric in ("recall", "ndcg"):
                found = figures[stage][key][metric]
                _check_number(found["mean"], f"{stage}: {key}: {metric}: mean")
                for end in ("low", "high"):
                    if found[end] is not None:
                        _check_number(found[end], f"{stage}: {key}: {metric}: {end}")
    for name in ("train", "total"):
        _check_number(figures["seconds"][name], f"seconds: {name}")
    if not isinstance(figures["software"], dict) or not isinstance(figures["cut"], str):
        raise ValueError("figures: software must be an object and cut a text")


def _check_number(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"figures: {where} must be a number")


def _without_data(entry: Entry) -> Entry:
    is_sample = "sample" in (entry.comparison.get("data") or {})
    note = "" if is_sample else "Its data did not come with the imported file."
    return replace(entry, data_key="", data_note=note)


def _identity(entry: Entry) -> str:
    return json.dumps([entry.created, entry.comparison, entry.figures], sort_keys=True)


def _as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()
