"""Make features of a column as a person wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.blocks import CONSTANT, EMPTY, Block, skipped
from skrec_lite.dataset.features.cells import (
    NO,
    YES,
    cells_of,
    days_of,
    labels_of_numbers,
    numbers_of,
    plain,
    yes_or_no,
)
from skrec_lite.dataset.features.number_blocks import date_block, flag_block, number_block
from skrec_lite.dataset.features.word_blocks import (
    Distinct,
    category_block,
    guessed_separator,
    likeliest_separator,
    tag_block,
    text_block,
)
from skrec_lite.exceptions import InvalidDataError, check_choice, nearest_name_hint

FEATURE_KINDS: Final = ("auto", "number", "category", "tags", "text", "date", "flag", "skip")
"""What a person may ask of a column; "auto" leaves it to the cells."""

_REPAIR: Final = "Choose another kind for it, or skip it."


def checked_kinds(
    kinds: Mapping[str, str] | None, table: pd.DataFrame, id_name: str, noun: str
) -> dict[str, str]:
    """Return what was chosen per column; "auto" is no choice.

    Raises
    ------
    InvalidDataError
        If a column is not in the table, or is the id.
    InvalidParameterError
        If a kind is unknown.
    """
    for name, kind in (kinds or {}).items():
        check_choice(f"The kind of '{name}'", kind, FEATURE_KINDS)
        if name == id_name and kind not in ("auto", "skip"):
            raise InvalidDataError(
                f"'{id_name}' names {noun}; it cannot be used as {kind}.",
                column=id_name,
                repair="Choose a kind for other columns only.",
            )
        if name not in table.columns:
            known = [str(column) for column in table.columns if column != id_name]
            raise InvalidDataError(
                f"A kind is chosen for '{name}', and the {noun} have no such column."
                f"{nearest_name_hint(name, known)}",
                column=name,
                repair=f"Choose among: {', '.join(known[:12]) or 'none'}.",
            )
    return {name: kind for name, kind in (kinds or {}).items() if kind != "auto" and name != id_name}


def encode_as(name: str, values: pd.Series, kind: str) -> Block:
    """Make features of one kind of a column.

    Numbers, dates and flags that cannot be read count as missing as long as half of the cells can.

    Parameters
    ----------
    name : str
    values : Series
        Any dtype, shape (n_rows,).
    kind : str
        One of `FEATURE_KINDS`, not "auto".

    Raises
    ------
    InvalidDataError
        If more cells are in the way, or no two rows have a category, tag or word in common.
    """
    values = plain(values)
    if kind == "skip":
        return skipped(values, "is left out, as chosen")
    if cells_of(values).isna().all():
        return skipped(values, EMPTY)
    if kind == "number":
        numbers = numbers_of(values)
        return _noted(number_block(name, numbers), _in_the_way(name, values, np.isfinite(numbers), "numbers"))
    if kind == "date":
        readable = np.isfinite(days_of(values))
        return _noted(date_block(name, values), _in_the_way(name, values, readable, "dates"))
    if kind == "flag":
        return _flag(name, values)
    made = _words(name, values, kind)
    if isinstance(made, str) and made.startswith(CONSTANT):
        return skipped(values, made)
    if isinstance(made, str):
        wanted = {"category": "categories"}.get(kind, kind)
        n_present = int(cells_of(values).notna().sum())
        raise InvalidDataError(
            f"'{name}' cannot be used as {wanted}: it {made}.", column=name, rows=n_present, repair=_REPAIR
        )
    return made


def _words(name: str, values: pd.Series, kind: str) -> Block | str:
    if kind == "text":
        return text_block(name, values)
    if kind == "category":
        is_numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(
            values.dtype
        )
        numbers = numbers_of(values) if is_numeric else np.empty(0)
        finite = numbers[np.isfinite(numbers)]
        of_numbers = bool(len(finite)) and bool((finite == np.floor(finite)).all())
        cells = labels_of_numbers(numbers) if of_numbers else cells_of(values)
        return category_block(name, values, Distinct.of(cells), of_numbers)
    distinct = Distinct.of(cells_of(values))
    return tag_block(name, values, distinct, guessed_separator(distinct) or likeliest_separator(distinct))


def _flag(name: str, values: pd.Series) -> Block:
    read = yes_or_no(values)
    readable = (read == 0) | (read == 1)
    labels = pd.unique(cells_of(values).dropna())
    if len(labels) == 2 and readable.sum() < cells_of(values).notna().sum():
        no, yes = sorted(map(str, labels), key=_how_much_a_yes)
        return flag_block(name, values, (no, yes))
    return _noted(flag_block(name, values), _in_the_way(name, values, readable, "yes or no"))


def _how_much_a_yes(label: str) -> tuple[bool, bool, str]:
    return label.lower() in YES, label.lower() not in NO, label


def _in_the_way(name: str, values: pd.Series, readable: NDArray[np.bool_], what: str) -> str:
    """Return a sentence on cells that could not be read, empty if there is none.

    Raises
    ------
    InvalidDataError
        If more than half could not.
    """
    cells = cells_of(values)
    present = cells.notna().to_numpy()
    bad = np.flatnonzero(present & ~readable)
    if not len(bad):
        return ""
    first = f"the first is '{str(cells.iloc[bad[0]])[:40]}' in row {bad[0] + 1:,}"
    if len(bad) > 0.5 * present.sum():
        n_present = int(present.sum())
        why = f"{len(bad):,} of {n_present:,} cells are none"
        if what == "dates" and len(bad) == n_present:
            why = f"no usual notation of dates fits half of the {n_present:,} cells"
        raise InvalidDataError(
            f"'{name}' cannot be used as {what}: {why} ({first}).", column=name, rows=len(bad), repair=_REPAIR
        )
    return f" {len(bad):,} of them are not {what} ({first})."


def _noted(block: Block, more: str) -> Block:
    if block.kind == "skipped" or not more:
        return block
    return Block(block.kind, block.names, block.values, block.present, block.note + more, block.reader)
