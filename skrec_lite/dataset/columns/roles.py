"""Guess which column is the user, the item, the outcome, the timestamp, the title; say why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.columns.profile import ColumnProfile, is_made_up
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError

# Words of column names, in the singular or as one usually meets them.
_USER: Final = frozenset({
    "user", "usr", "customer", "cust", "client", "member", "household", "visitor", "reviewer", "account",
    "buyer", "person", "uid", "listener", "viewer", "subscriber", "reader", "player", "student", "patient",
    "shopper", "guest", "consumer",
})  # fmt: skip
_ITEM: Final = frozenset({
    "item", "product", "prod", "movie", "film", "show", "book", "isbn", "sku", "stock", "article", "song",
    "track", "artist", "video", "asin", "iid", "business", "venue", "poi", "game", "anime", "recipe",
    "course", "hotel", "news", "content", "document", "doc", "upc", "gtin", "ean", "listing", "offer",
    "restaurant", "location",
})  # fmt: skip
_KEY: Final = frozenset({"id", "code", "key", "no", "nr", "number"})
_LABEL: Final = frozenset({
    "name", "title", "description", "label", "desc", "url", "link", "type", "category", "group",
})  # fmt: skip
_STRENGTHS: Final[dict[str, dict[float, tuple[str, ...]]]] = {
    "outcome": {
        4.0: ("outcome", "rating", "ratings", "score", "stars", "star", "overall", "label", "preference"),
        3.0: ("quantity", "qty", "count", "counts", "plays", "clicks", "weight", "purchases", "frequency"),
        2.0: ("value", "sales", "amount", "spend", "revenue", "total", "duration", "minutes"),
    },
    "timestamp": {
        4.0: ("timestamp", "datetime", "ts"),
        3.0: ("time", "date", "created", "when", "unix", "epoch"),
        1.0: ("day", "week", "month", "year"),
    },
    "title": {4.0: ("title",), 3.0: ("name", "headline"), 2.0: ("description", "desc", "label")},
}
_OUTCOME, _TIMESTAMP, _TITLE = (
    {word: strength for strength, words in _STRENGTHS[role].items() for word in words}
    for role in ("outcome", "timestamp", "title")
)


@dataclass
class ColumnMapping:
    """Which columns of a table are the interactions; change any field before applying it.

    Attributes
    ----------
    user, item : str or None
        Columns of the ids; ``None`` where none could be guessed.
    outcome : str or None
        Column of the label; ``None`` makes every interaction count 1.
    timestamp : str or None
        Column of the timestamp; ``None`` leaves the order of rows.
    drop_bad_rows : bool, default False
        Whether rows that cannot be used are dropped (and counted) instead of refused.
    reasons : dict of str to str
        One sentence for each of "user", "item", "outcome", "timestamp": why it was guessed.
    """

    user: str | None
    item: str | None
    outcome: str | None = None
    timestamp: str | None = None
    drop_bad_rows: bool = False
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass
class ItemMapping:
    """Which columns of a table are the item's id and title; the others are its features.

    Attributes
    ----------
    item : str or None
        Column of the ids.
    title : str or None
        Column of the names that people read.
    drop_bad_rows : bool, default False
        Whether rows without an id are dropped (and counted) instead of refused.
    reasons : dict of str to str
        One sentence for each of "item", "title": why it was guessed.
    """

    item: str | None
    title: str | None = None
    drop_bad_rows: bool = False
    reasons: dict[str, str] = field(default_factory=dict)


_Scorer = Callable[[ColumnProfile], tuple[float, str]]


def guess_interaction_columns(frame: pd.DataFrame) -> ColumnMapping:
    """Guess the roles of the columns of an interaction table, by name and by content.

    Parameters
    ----------
    frame : DataFrame
        As read; column names may be made up (``column_1``).

    Returns
    -------
    ColumnMapping
        Each column has at most one role.

    Raises
    ------
    InvalidDataError
        If the table has fewer than two columns.
    """
    if frame.shape[1] < 2:
        raise InvalidDataError(
            f"Interactions need a column of users and one of items, but the table has {frame.shape[1]}.",
            repair="Choose a table with at least two columns.",
        )
    picks = _assign(
        ColumnProfile.of(frame),
        {"user": _user_score, "item": _item_score, "timestamp": _timestamp_score, "outcome": _outcome_score},
    )
    none = {
        "user": "No column looks like a user id.",
        "item": "No column looks like an item id.",
        "outcome": "No column looks like a rating or a quantity, so every interaction counts as 1.",
        "timestamp": "No column holds dates, so the order of the rows is taken as the order in time.",
    }
    reasons = {role: picks[role][1] if role in picks else text for role, text in none.items()}
    chosen = {role: picks[role][0] if role in picks else None for role in none}
    return ColumnMapping(
        chosen["user"], chosen["item"], chosen["outcome"], chosen["timestamp"], reasons=reasons
    )


def guess_item_columns(frame: pd.DataFrame, known_item_ids: Iterable[Any] | None = None) -> ItemMapping:
    """Guess the id and title columns of an item table.

    Parameters
    ----------
    frame : DataFrame
        As read.
    known_item_ids : iterable, optional
        Item ids of the interactions: the column that holds them is the id, whatever its name.

    Returns
    -------
    ItemMapping

    Raises
    ------
    InvalidDataError
        If the table has no columns.
    """
    if not frame.shape[1]:
        raise InvalidDataError("The item table has no columns.", repair="Choose a table with item ids.")
    known = None if known_item_ids is None else pd.Index(as_id_strings(known_item_ids)).dropna().unique()

    def id_score(column: ColumnProfile) -> tuple[float, str]:
        return _catalogue_score(column, frame.iloc[:, column.position], known)

    picks = _assign(ColumnProfile.of(frame), {"item": id_score, "title": _title_score})
    item, item_reason = picks.get("item", (None, "No column looks like an item id."))
    title, title_reason = picks.get(
        "title", (None, "No column looks like a title; items are shown by their id.")
    )
    return ItemMapping(item, title, reasons={"item": item_reason, "title": title_reason})


def _assign(columns: list[ColumnProfile], scorers: dict[str, _Scorer]) -> dict[str, tuple[str, str]]:
    """Give the best (role, column) pair first, then the best among what is left; ties by order."""
    scored = [
        (-score, rank, column.position, role, column.name, reason)
        for rank, (role, scorer) in enumerate(scorers.items())
        for column in columns
        for score, reason in [scorer(column)]
        if score > 0
    ]
    picks: dict[str, tuple[str, str]] = {}
    taken: set[int] = set()
    for _, _, position, role, name, reason in sorted(scored):
        if role not in picks and position not in taken:
            picks[role] = (name, reason)
            taken.add(position)
    return picks


def _user_score(column: ColumnProfile) -> tuple[float, str]:
    return _id_score(column, _USER, USER_ID_NAME, "user")


def _item_score(column: ColumnProfile) -> tuple[float, str]:
    return _id_score(column, _ITEM, ITEM_ID_NAME, "item")


def _id_score(column: ColumnProfile, role_words: frozenset[str], exact: str, role: str) -> tuple[float, str]:
    """Score a column as an id of interactions: named so, or of values that repeat."""
    if column.name.upper() == exact:
        return 20.0, f"It is called {column.name}."
    fractions = column.is_numeric and not column.is_whole
    if fractions or not column.n_distinct:
        return 0.0, ""
    if column.words & role_words:
        score = 6.0 + bool(column.words & _KEY) - 3.0 * bool(column.words & _LABEL)
        return score, f"'{column.name}' is named like the id of a {'person' if role == 'user' else 'thing'}."
    if column.is_time or column.words & (_OUTCOME.keys() | _TIMESTAMP.keys()):
        return 0.0, ""
    # Many values that repeat are ids; a handful is a category, and one a row is a receipt number.
    score = 1.0 if column.n_distinct > 10 and column.distinct_share < 0.95 else 0.5
    if is_made_up(column.name):
        score += 0.4 - 0.1 * min(column.position, 3)
    where = "first" if role == "user" else "next"
    if column.distinct_share < 1:
        return score, f"Its values repeat, and it is the {where} such column."
    return score, f"It is the {where} column that can hold ids."


def _outcome_score(column: ColumnProfile) -> tuple[float, str]:
    """Score a column as a label: numbers, named so, or few different ones."""
    if column.name.upper() == LABEL_NAME:
        return 20.0, f"It is called {column.name}."
    named = max((_OUTCOME.get(word, 0.0) for word in column.words), default=0.0)
    if named and len(column.numbers):
        low, high = column.numbers.min(), column.numbers.max()
        return named, f"'{column.name}' is named like a rating or a quantity ({low:g} to {high:g})."
    if not named and is_made_up(column.name) and column.is_numeric and not column.is_time:
        low, high = column.numbers.min(), column.numbers.max()
        if column.n_distinct <= 101 and low >= -100 and high <= 100:
            return (
                1.35 if column.n_distinct <= 11 else 0.45,
                f"It holds few different numbers ({low:g} to {high:g}).",
            )
    return 0.0, ""


def _timestamp_score(column: ColumnProfile) -> tuple[float, str]:
    """Score a column as a timestamp: it reads as dates, and is named so."""
    if column.name.upper() == TIMESTAMP_COL:
        return 20.0, f"It is called {column.name}."
    named = max((_TIMESTAMP.get(word, 0.0) for word in column.words), default=0.0)
    if column.is_time:
        times = column.times
        first, last = (str(when)[:10] for when in (np.nanmin(times.times), np.nanmax(times.times)))
        return named + 2.0, f"Its values are {times.how} from {first} to {last}."
    if named and column.is_numeric:
        return named / 4, f"'{column.name}' is named like a timestamp."
    return 0.0, ""


def _catalogue_score(column: ColumnProfile, cells: pd.Series, known: pd.Index | None) -> tuple[float, str]:
    """Score a column as the id of an item table: it holds the known ids, or is named so and unique."""
    if not column.n_distinct or (column.is_numeric and not column.is_whole):
        return 0.0, ""
    if known is not None and len(known):
        found = int(known.isin(as_id_strings(cells.drop_duplicates())).sum())
        if found:
            share = found / len(known)
            # A column of small numbers (years, prices) shares some ids by chance.
            return (
                30 * share + column.distinct_share,
                f"It holds {share:.0%} of the item ids of the interactions.",
            )
    if column.name.upper() == ITEM_ID_NAME:
        return 20.0, f"It is called {column.name}."
    named = bool(column.words & (_ITEM | {"id"})) - 0.5 * bool(column.words & _LABEL)
    unique = column.distinct_share > 0.95
    if named <= 0 and not (unique and not column.is_time and not column.is_prose):
        return 0.0, ""
    reason = (
        f"'{column.name}' is named like an item id." if named > 0 else "Every row has a value of its own."
    )
    return 4 * named + 2 * unique + 0.5 * bool(column.words & _KEY) - 0.01 * min(column.position, 40), reason


def _title_score(column: ColumnProfile) -> tuple[float, str]:
    """Score a column as the name that people read."""
    named = max((_TITLE.get(word, 0.0) for word in column.words), default=0.0)
    if named and not column.is_numeric and column.n_distinct:
        return named, f"'{column.name}' is named like a title."
    if column.is_prose:
        return 1.0 - 0.01 * min(
            column.position, 40
        ), "It is the first column of names, most of them different."
    return 0.0, ""
