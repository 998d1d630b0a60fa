"""Which columns of a table are looked at, what each becomes, and which of that is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from skrec_lite.dataset.columns.profile import words_of
from skrec_lite.dataset.features.blocks import Block, skipped
from skrec_lite.dataset.features.choosing import encode_as
from skrec_lite.dataset.features.guessing import Prose, encode_column
from skrec_lite.dataset.features.number_blocks import title_years
from skrec_lite.dataset.features.word_blocks import block_or_skipped, text_block
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint

MAX_TEXTS: Final = 5
"""Columns that become text without being asked for: those with the longest texts."""

MAX_FEATURES: Final = 2_000
"""Features that are made at most; columns of many are left out first."""


def with_distinct_names(table: pd.DataFrame, noun: str) -> pd.DataFrame:
    """Return the table with its column names as text.

    Raises
    ------
    InvalidDataError
        If two are the same.
    """
    names = pd.Index([str(name) for name in table.columns], dtype=object)
    twice = names[names.duplicated()]
    if len(twice):
        raise InvalidDataError(
            f"The {noun} have more than one column '{twice[0]}'.",
            column=twice[0],
            repair="Give each column a name of its own.",
        )
    return table if names.equals(table.columns) else table.set_axis(names, axis=1)


def named_columns(
    table: pd.DataFrame, feature_columns: Sequence[str] | None, id_name: str, noun: str
) -> list[str]:
    """Return the columns that may be features: those named, or all but the id.

    Raises
    ------
    InvalidDataError
        If a named column is absent or the id.
    """
    if feature_columns is None:
        return [name for name in table.columns if name != id_name]
    for name in feature_columns:
        if name == id_name:
            raise InvalidDataError(
                f"'{id_name}' is the name of {_ONE[noun]}, not a feature.",
                column=id_name,
                repair="Leave it out of the feature columns.",
            )
        if name not in table.columns:
            known = [column for column in table.columns if column != id_name]
            raise InvalidDataError(
                f"The {noun} have no column '{name}'.{nearest_name_hint(name, known)}",
                column=name,
                repair=f"Choose among: {', '.join(known[:12]) or 'none'}.",
            )
    return list(dict.fromkeys(feature_columns))


def blocks_of(table: pd.DataFrame, names: Sequence[str], choices: Mapping[str, str]) -> dict[str, Block]:
    """Make features of each column, as chosen or as its cells suggest."""
    found: dict[str, Block | Prose] = {
        name: encode_as(name, table[name], choices[name])
        if name in choices
        else encode_column(name, table[name])
        for name in names
    }
    prose = {name: block.words for name, block in found.items() if isinstance(block, Prose)}
    longest = sorted(prose, key=lambda name: (-prose[name], name))[:MAX_TEXTS]
    blocks: dict[str, Block] = {}
    for name, block in found.items():
        if isinstance(block, Block):
            blocks[name] = block
        elif name in longest:
            blocks[name] = block_or_skipped(table[name], text_block(name, table[name]))
        else:
            blocks[name] = skipped(
                table[name], f"is text, and the {MAX_TEXTS} columns with the longest texts are used already"
            )
    return blocks


def bounded(blocks: dict[str, Block], chosen: Mapping[str, str]) -> dict[str, Block]:
    """Skip columns of many features until there are `MAX_FEATURES` at most; those chosen go last."""
    room = MAX_FEATURES
    out = dict(blocks)
    for name in sorted(blocks, key=lambda name: (name not in chosen, len(blocks[name].names), name)):
        width = len(blocks[name].names)
        if width > room:
            out[name] = skipped(
                blocks[name].present,
                f"would be {width:,} features more, and the table has {MAX_FEATURES:,} at most",
            )
        else:
            room -= width
    return out


def blocks_of_titles(titles: pd.Series, used: Mapping[str, Block]) -> tuple[list[Block], tuple[str, ...]]:
    """Make features of titles that nobody asked for: their years if need be their words.

    Returns
    -------
    blocks : list of Block
    remarks : tuple of str
        A sentence for each.
    """
    if has_year(used):
        return [], ()
    years = title_years(titles)
    blocks = [] if years is None else [years]
    remarks = tuple(block.note for block in blocks)
    if not used:
        words = text_block(str(titles.name), titles)
        if isinstance(words, Block) and words.present.mean() >= 0.5:
            blocks.append(words)
            remarks += (f"No other column can be used, so the words of titles are. {words.note}",)
    return blocks, remarks


def has_year(used: Mapping[str, Block]) -> bool:
    """Return whether a year or date is among the features."""
    return any(
        block.kind in ("year", "date") or (block.kind == "number" and "year" in words_of(name))
        for name, block in used.items()
    )


_ONE: Final = {"items": "an item", "users": "a user"}
