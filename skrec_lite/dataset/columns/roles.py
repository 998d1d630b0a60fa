"""Guess which column is the user, the item, the outcome, the timestamp, the title; say why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.columns import vocabulary
from skrec_lite.dataset.columns.choices import ColumnMapping, ItemMapping, UserMapping
from skrec_lite.dataset.columns.events import MAX_EVENTS, guess_weights
from skrec_lite.dataset.columns.profile import ColumnProfile, is_made_up, words_of
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError

_MANY: Final = 500
# A text with more different values than so many may stand in for a title.
_TELLING: Final = 100
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
    scorers: dict[str, _Scorer] = {
        "user": _user_score, "item": _item_score, "timestamp": _timestamp_score, "outcome": _outcome_score,
        "event": _event_score,
    }  # fmt: skip
    if frame.shape[1] == 2 and all(map(is_made_up, map(str, frame.columns))):
        # Two columns without a name can be nothing else.
        scorers = {"user": _user_score, "item": _item_score}
    picks = _assign(_judged(frame), scorers)
    none = {
        "user": "No column looks like a user id.",
        "item": "No column looks like an item id.",
        "outcome": "No column looks like a rating or a quantity, so every interaction counts as 1.",
        "timestamp": "No column holds dates, so the order of the rows is taken as the order in time.",
        "event": "No column tells kinds of events, such as view and purchase.",
    }
    reasons = {role: picks[role][1] if role in picks else text for role, text in none.items()}
    chosen = {role: picks[role][0] if role in picks else None for role in none}
    weights = {} if chosen["event"] is None else guess_weights(frame[chosen["event"]])
    return ColumnMapping(
        chosen["user"], chosen["item"], chosen["outcome"], chosen["timestamp"], chosen["event"], weights,
        reasons=reasons,
    )  # fmt: skip


def likelihood_of_interactions(frame: pd.DataFrame) -> float:
    """Return how much a table looks like interactions: the scores of its best columns for each part, summed.

    A column has one part at most. Of two tables the one with the higher figure is the likelier; below about
    2 there is no column of users or none of items.
    """
    columns = _judged(frame)
    total = 0.0
    taken: set[int] = set()
    scorers: tuple[_Scorer, ...] = (_user_score, _item_score, _timestamp_score, _outcome_score, _event_score)
    for place, scorer in enumerate(scorers):
        scored = [(scorer(column)[0], -column.position) for column in columns if column.position not in taken]
        score, position = max(scored, default=(0.0, 0))
        if score > 0:
            taken.add(-position)
            total += score
        elif place < 2:
            return 0.0
    return total


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
    known = None if known_item_ids is None else _index_of(known_item_ids)

    def id_score(column: ColumnProfile) -> tuple[float, str]:
        return _listed_score(column, frame.iloc[:, column.position], known, "item")

    picks = _assign(_judged(frame), {"item": id_score, "title": _title_score})
    item, item_reason = picks.get("item", (None, "No column looks like an item id."))
    title, title_reason = picks.get(
        "title", (None, "No column looks like a title; items are shown by their id.")
    )
    return ItemMapping(item, title, reasons={"item": item_reason, "title": title_reason})


def guess_user_columns(frame: pd.DataFrame, known_user_ids: Iterable[Any] | None = None) -> UserMapping:
    """Guess the id column of a user table.

    Parameters
    ----------
    frame : DataFrame
        As read.
    known_user_ids : iterable, optional
        User ids of the interactions: the column that holds them is the id, whatever its name.

    Returns
    -------
    UserMapping

    Raises
    ------
    InvalidDataError
        If the table has no columns.
    """
    if not frame.shape[1]:
        raise InvalidDataError("The user table has no columns.", repair="Choose a table with user ids.")
    known = None if known_user_ids is None else _index_of(known_user_ids)

    def id_score(column: ColumnProfile) -> tuple[float, str]:
        return _listed_score(column, frame.iloc[:, column.position], known, "user")

    picks = _assign(_judged(frame), {"user": id_score})
    user, reason = picks.get("user", (None, "No column looks like a user id."))
    return UserMapping(user, reasons={"user": reason})


def _judged(frame: pd.DataFrame) -> list[ColumnProfile]:
    """Return the columns that are looked at: of a very wide table, the first ones and those named well."""
    known = (
        vocabulary.USER
        | vocabulary.ITEM
        | vocabulary.KEY
        | vocabulary.OUTCOME.keys()
        | vocabulary.TIMESTAMP.keys()
        | vocabulary.TITLE.keys()
    )
    names = enumerate(map(str, frame.columns))
    return ColumnProfile.of(frame, [i for i, name in names if i < _MANY or words_of(name) & known])


def _index_of(ids: Iterable[Any]) -> pd.Index:
    """Return distinct ids as objects: ``isin`` of ``str`` takes two hundred times as long (pandas 3.1)."""
    return pd.Index(as_id_strings(ids), dtype=object).dropna().unique()


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
    return _id_score(column, vocabulary.USER, USER_ID_NAME, "user")


def _item_score(column: ColumnProfile) -> tuple[float, str]:
    return _id_score(column, vocabulary.ITEM, ITEM_ID_NAME, "item")


def _id_score(column: ColumnProfile, role_words: frozenset[str], exact: str, role: str) -> tuple[float, str]:
    """Score a column as an id of interactions: named so, or of values that repeat."""
    if column.name.upper() == exact:
        return 20.0, f"It is called {column.name}."
    fractions = column.is_numeric and not column.is_whole
    if fractions or not column.n_distinct:
        return 0.0, ""
    if column.words & role_words:
        score = 6.0 + bool(column.words & vocabulary.KEY) - 3.0 * bool(column.words & vocabulary.LABEL)
        return score, f"'{column.name}' is named like the id of a {'person' if role == 'user' else 'thing'}."
    if column.is_time or column.words & (vocabulary.OUTCOME.keys() | vocabulary.TIMESTAMP.keys()):
        return 0.0, ""
    # Many values that repeat are ids; a handful is a category, and one a row is a receipt number.
    if len(column.cells) < 2:
        return 0.0, ""  # One row under names that say nothing is as likely an error message.
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
    named = max((vocabulary.OUTCOME.get(word, 0.0) for word in column.words), default=0.0)
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


def _event_score(column: ColumnProfile) -> tuple[float, str]:
    """Score a column as the kind of event: a few words, among them such as view, cart or purchase."""
    if column.is_numeric or column.is_time or not 1 <= column.n_distinct <= MAX_EVENTS:
        return 0.0, ""
    known = sum(weight is not None for weight in guess_weights(column.cells, only_known=True).values())
    if known < 0.5 * column.n_distinct:
        return 0.0, ""
    words = ", ".join(map(str, column.cells.drop_duplicates().head(4)))
    # Stronger than an id by its content, weaker than one by its name.
    return 3.0 + known, f"It names kinds of events ({words})."


def _timestamp_score(column: ColumnProfile) -> tuple[float, str]:
    """Score a column as a timestamp: it reads as dates, and is named so."""
    if column.name.upper() == TIMESTAMP_COL:
        return 20.0, f"It is called {column.name}."
    named = max((vocabulary.TIMESTAMP.get(word, 0.0) for word in column.words), default=0.0)
    if column.is_time:
        times = column.times
        first, last = (str(when)[:10] for when in (np.nanmin(times.times), np.nanmax(times.times)))
        return named + 2.0, f"Its values are {times.how} from {first} to {last}."
    if named and column.is_numeric:
        return named / 4, f"'{column.name}' is named like a timestamp."
    return 0.0, ""


def _listed_score(
    column: ColumnProfile, cells: pd.Series, known: pd.Index | None, role: str
) -> tuple[float, str]:
    """Score a column as the id of a table of items or users: it holds the known ids, or is named so."""
    if not column.n_distinct or (column.is_numeric and not column.is_whole):
        return 0.0, ""
    if known is not None and len(known):
        found = int(known.isin(_index_of(cells.drop_duplicates())).sum())
        if found:
            share = found / len(known)
            # A column of small numbers (years, prices) shares some ids by chance.
            return (
                30 * share + column.distinct_share,
                f"It holds {share:.0%} of the {role} ids of the interactions.",
            )
    words, exact = (vocabulary.ITEM, ITEM_ID_NAME) if role == "item" else (vocabulary.USER, USER_ID_NAME)
    if column.name.upper() == exact:
        return 20.0, f"It is called {column.name}."
    named = bool(column.words & (words | {"id"})) - 0.5 * bool(column.words & vocabulary.LABEL)
    unique = column.distinct_share > 0.95
    if named <= 0 and not (unique and not column.is_time and not column.is_prose):
        return 0.0, ""
    reason = (
        f"'{column.name}' is named like the id of {'an item' if role == 'item' else 'a user'}."
        if named > 0
        else "Every row has a value of its own."
    )
    return 4 * named + 2 * unique + 0.5 * bool(column.words & vocabulary.KEY) - 0.01 * min(
        column.position, 40
    ), reason


def _title_score(column: ColumnProfile) -> tuple[float, str]:
    """Score a column as the name that people read."""
    named = max((vocabulary.TITLE.get(word, 0.0) for word in column.words), default=0.0)
    if named and not column.is_numeric and column.n_distinct:
        return named, f"'{column.name}' is named like a title."
    if column.is_prose:
        score = 1.0 - 0.01 * min(column.position, 40)
        return score, "It is the first column of names, most of them different."
    if not column.is_numeric and not column.is_time and column.n_distinct > _TELLING and column.has_words:
        return 0.5 * column.distinct_share, "No column is a name; this text tells most items apart."
    return 0.0, ""
