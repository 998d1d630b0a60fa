"""Guess, from files alone, the whole way to tables; say why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import pandas as pd

from skrec_lite.dataset.columns.choices import ColumnMapping
from skrec_lite.dataset.columns.events import guess_weights
from skrec_lite.dataset.columns.ids import distinct_ids, ids_of
from skrec_lite.dataset.columns.roles import guess_interaction_columns, likelihood_of_interactions
from skrec_lite.dataset.reading.adjacency import is_adjacency
from skrec_lite.dataset.recipe.forms import describing_columns
from skrec_lite.dataset.recipe.layouts import Layout, match_layout
from skrec_lite.dataset.recipe.listings import as_listing, plan_of_interactions
from skrec_lite.dataset.recipe.public_layouts import LAYOUTS
from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import Recipe, TablePlan
from skrec_lite.exceptions import InvalidDataError

_SPLIT_NAME: Final = re.compile(r"(?:^|[._-])(train|valid|validation|val|dev|test)(?:[._-]|$)")
_SPLITS: Final = {"train": "train", "test": "test"}
_ASIN: Final = r"(?:B0[0-9A-Z]{8}|[0-9]{9}[0-9X])"
_REVIEWER: Final = r"A[0-9A-Z]{9,20}"
_DROP_SHARE: Final = 0.5
_MAX_DESCRIBING: Final = 100
"""So many columns beside those with a part are looked at for what they tell of items and users."""


def guess_recipe(reader: FileReader) -> Recipe:
    """Guess what each file is, which column is what, and how all is read.

    Parameters
    ----------
    reader : FileReader
        The files; small ones are read whole, of large ones the head.

    Returns
    -------
    Recipe
        Complete wherever something could be guessed; each guess with its reason.

    Raises
    ------
    InvalidDataError
        If there is no file, or none of them can be read as a table.
    """
    if not len(reader):
        raise InvalidDataError(
            "There is no file to read.", repair="Choose at least one file of interactions."
        )
    columns, problems = _columns_of(reader)
    if all(each is None for each in columns.values()):
        raise next(iter(problems.values()))
    known = match_layout(LAYOUTS, columns)
    if known is not None:
        return _of_layout(reader, *known)
    adjacent = [name for name, file in reader.files.items() if columns[name] and _is_adjacent(file, name)]
    plans = _adjacency(reader, adjacent) if adjacent else _generic(reader, columns)
    plans += [
        TablePlan(name, "ignored", why=f"It cannot be read: {problem.problem}")
        for name, problem in problems.items()
        if name not in {plan.file for plan in plans}
    ]
    order = {name: place for place, name in enumerate(reader.files)}
    plans.sort(key=lambda plan: order[plan.file])
    recipe = Recipe(tuple(plans), layout="LightGCN's adjacency lines" if adjacent else _amazon_title(plans))
    return _completed(reader, recipe)


def _columns_of(
    reader: FileReader,
) -> tuple[dict[str, list[str] | None], dict[str, InvalidDataError]]:
    """Return the columns of each file, and why some have none."""
    columns: dict[str, list[str] | None] = {}
    problems: dict[str, InvalidDataError] = {}
    for name in reader.files:
        try:
            columns[name] = [str(column) for column in reader.sample(name).columns]
        except InvalidDataError as problem:
            columns[name], problems[name] = None, problem
    return columns, problems


def _is_adjacent(file: object, name: str) -> bool:
    head: bytes = file.head()  # type: ignore[attr-defined]
    return is_adjacency(head, name)


def _of_layout(reader: FileReader, layout: Layout, plans: tuple[TablePlan, ...]) -> Recipe:
    recipe = Recipe(plans, layout.title, dict(layout.event_weights))
    if {"train", "test"} <= {plan.split for plan in recipe.of_role("interactions")}:
        # The parts are the whole: a file of all interactions beside them would count each twice.
        tables = [
            replace(plan, role="ignored", columns={}, why="Its interactions are in the given split.")
            if plan.role == "interactions" and not plan.split
            else plan
            for plan in plans
        ]
        recipe = replace(recipe, tables=tuple(tables))
    return _completed(reader, recipe)


def _adjacency(reader: FileReader, names: list[str]) -> list[TablePlan]:
    splits = _given_split(reader.files)
    plans = []
    for name in reader.files:
        if name in names:
            plans.append(
                TablePlan(
                    name, "interactions", columns={"user": "user", "item": "item"},
                    split=splits.get(name, ""),
                    why="Each line is a user followed by items, as in LightGCN's data sets.",
                    reasons={"user": "It stands first in each line.", "item": "Users are followed by items."},
                )
            )  # fmt: skip
        elif _SPLIT_NAME.search(name.lower()) and _n_columns(reader, name) == 2:
            # One held-out item a user: such lines look like any table of two columns.
            plans.append(
                TablePlan(
                    name, "interactions", columns={"user": "user", "item": "item"}, names=("user", "item"),
                    header=False, split=splits.get(name, ""),
                    why="Each line is a user and one item, beside files with several.",
                    reasons={"user": "It stands first in each line.", "item": "It stands second."},
                )
            )  # fmt: skip
        else:
            plans.append(TablePlan(name, "ignored", why="The lines of adjacency need no other file."))
    return plans


def _n_columns(reader: FileReader, name: str) -> int:
    try:
        return reader.sample(name).shape[1]
    except InvalidDataError:
        return 0


def _given_split(names: Iterable[str]) -> dict[str, str]:
    """Return the part of each file where their names say train and test; else nothing."""
    found = {
        name: _SPLITS.get(match[1], "valid")
        for name in names
        if (match := _SPLIT_NAME.search(name.lower())) is not None
    }
    return found if {"train", "test"} <= set(found.values()) else {}


def _generic(reader: FileReader, columns: dict[str, list[str] | None]) -> list[TablePlan]:
    """Find the interactions, then items and users by their ids."""
    samples = {name: reader.sample(name) for name, has in columns.items() if has}
    wide_enough = {name: frame for name, frame in samples.items() if frame.shape[1] >= 2}
    if not wide_enough:
        raise InvalidDataError(
            f"No file has two columns or more, so none can hold interactions ({', '.join(samples)[:200]}).",
            repair="Choose a table with a column of users and one of items.",
        )
    best = next(iter(wide_enough))
    if len(wide_enough) > 1:
        likely = {name: likelihood_of_interactions(frame) for name, frame in wide_enough.items()}
        best = max(likely, key=lambda name: (likely[name], reader.files[name].size))
    alike = [name for name in wide_enough if columns[name] == columns[best]]
    twice = _copies(reader, {name: samples[name] for name in alike})
    alike = [name for name in alike if name not in twice]
    splits = _given_split(alike)
    mapping = _amazon(samples[best]) or guess_interaction_columns(samples[best])
    plans = [plan_of_interactions(name, mapping, columns[name] or [], splits.get(name, "")) for name in alike]
    ids = {
        part: distinct_ids(samples[best][column], column)
        for part in ("user", "item")
        if (column := getattr(mapping, part)) is not None
    }
    for name, first in twice.items():
        why = f"It holds the same as {first}: its interactions would count twice."
        plans.append(TablePlan(name, "ignored", why=why))
    others = (name for name in samples if name not in alike and name not in twice)
    return plans + [as_listing(name, samples[name], ids, mapping) for name in others]


def _copies(reader: FileReader, samples: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Return the files that hold the same as an earlier one, by name, and which."""
    found: dict[str, str] = {}
    for name, frame in samples.items():
        for first in samples:
            if first == name:
                break
            same_size = reader.files[first].size == reader.files[name].size
            if first not in found and same_size and samples[first].equals(frame):
                found[name] = first
                break
    return found


def _amazon(frame: pd.DataFrame) -> ColumnMapping | None:
    """Recognise Amazon's ratings without header, of either order, by what their ids look like."""
    if frame.shape[1] != 4 or not all(re.fullmatch(r"column_\d+", str(name)) for name in frame.columns):
        return None
    first, second, rating, time = map(str, frame.columns)
    head = frame.head(2000)
    if not pd.api.types.is_numeric_dtype(head[rating].dtype) or not head[rating].between(0, 5).all():
        return None
    for user, item in ((first, second), (second, first)):
        is_user = head[user].astype(str).str.fullmatch(_REVIEWER).mean()
        is_item = head[item].astype(str).str.fullmatch(_ASIN).mean()
        if is_user > 0.95 and is_item > 0.8:
            reasons = {
                "user": "Amazon's reviewer ids look like that.",
                "item": "Amazon's product numbers (ASIN) look like that.",
                "outcome": "Amazon's ratings hold stars from 1 to 5 here.",
                "timestamp": "Amazon's ratings end with Unix seconds.",
                "event": "Amazon's ratings have no kinds of events.",
            }
            return ColumnMapping(user, item, rating, time, reasons=reasons)
    return None


def _amazon_title(plans: list[TablePlan]) -> str:
    amazon = any("Amazon" in reason for plan in plans for reason in plan.reasons.values())
    return "Amazon ratings" if amazon else ""


def _completed(reader: FileReader, recipe: Recipe) -> Recipe:
    """Add what interactions tell of items and users, what events count, and whether rows must go."""
    plans = recipe.of_role("interactions")
    if not plans:
        return recipe
    plan = max(plans, key=lambda plan: reader.files[plan.file].size)
    frame = _named(reader.sample(plan.file, plan.read_options), plan)
    user, item, event = (plan.columns.get(part) for part in ("user", "item", "event"))
    weights = dict(recipe.event_weights)
    if event and not weights:
        weights = guess_weights(frame[event])
    taken = {column for column in plan.columns.values() if column}
    free = [str(column) for column in frame.columns if column not in taken][:_MAX_DESCRIBING]
    item_columns: tuple[str, ...] = ()
    user_columns: tuple[str, ...] = ()
    if user and item and free:
        if not recipe.of_role("items"):
            item_columns = tuple(describing_columns(frame, item, user, free))
        if not recipe.of_role("users"):
            user_columns = tuple(describing_columns(frame, user, item, free))
    return replace(
        recipe,
        event_weights=weights,
        item_columns=item_columns,
        user_columns=user_columns,
        drop_bad_rows=_few_are_bad(frame, plan),
    )


def _few_are_bad(frame: pd.DataFrame, plan: TablePlan) -> bool:
    """Return whether some rows, but fewer than half, lack an id: the usual guests without an account."""
    ids = [column for part in ("user", "item") if (column := plan.columns.get(part))]
    bad = sum(
        (ids_of(frame[column], column, []).isna() for column in ids), pd.Series(0, index=range(len(frame)))
    )
    share = float((bad > 0).mean()) if len(frame) else 0.0
    return 0 < share <= _DROP_SHARE


def _named(frame: pd.DataFrame, plan: TablePlan) -> pd.DataFrame:
    return frame.set_axis(list(plan.names), axis=1) if plan.names else frame
