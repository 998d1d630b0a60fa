"""Prepare the features of items for content-based retrieval and for the ranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset.columns.profile import words_of
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.features.blocks import Block, encode_column, title_years
from skrec_lite.dataset.features.fitted import FittedFeatures, any_present
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint


@dataclass(frozen=True)
class ItemFeatures:
    """Features of items, ready for a cosine.

    Attributes
    ----------
    frame : DataFrame
        ``ITEM_ID`` and one float32 column per feature, no NaN; rows as in the source.
    kinds : dict of str to str
        What each source column became: "number", "year", "flag", "category", "tags" or "skipped".
    notes : tuple of str
        One sentence per source column: what was done, or why it was skipped; and what was imputed.
    n_bare : int
        Items without any feature of their own, which therefore lie in the middle of everything.
    fitted : FittedFeatures
        How each column was read; see `transform`.
    """

    frame: pd.DataFrame
    kinds: dict[str, str]
    notes: tuple[str, ...]
    n_bare: int = 0
    fitted: FittedFeatures = field(default_factory=lambda: FittedFeatures(()), repr=False, compare=False)

    @property
    def feature_names(self) -> list[str]:
        """Names of the feature columns."""
        return [str(name) for name in self.frame.columns if name != ITEM_ID_NAME]

    def transform(self, items: pd.DataFrame) -> ItemFeatures:
        """Prepare items that came later in the very way of these: same scales, same flags, same columns.

        Parameters
        ----------
        items : DataFrame
            With ``ITEM_ID`` and the source columns. Where one is missing, or a cell, numbers take the median
            and flags 0; categories and tags that these items did not have count as none. `notes` say so.

        Raises
        ------
        InvalidDataError
            If ``ITEM_ID`` is missing or null.
        """
        require_ids(items, ITEM_ID_NAME, "new items")
        values, present, notes = self.fitted.read(items)
        frame = pd.DataFrame(values, columns=self.fitted.names, copy=False)
        frame.insert(0, ITEM_ID_NAME, items[ITEM_ID_NAME].to_numpy())
        bare = int((~present).sum())
        if bare and self.fitted.columns:
            notes += (f"{bare:,} of {len(items):,} new items have no feature that training knew.",)
        return ItemFeatures(frame, self.kinds, notes, bare, self.fitted)


def prepare_item_features(
    items: pd.DataFrame, feature_columns: Sequence[str] | None = None, *, allow_empty: bool = False
) -> ItemFeatures:
    """Turn the columns of an item table into scaled numbers.

    Numbers are standardised; texts of few values become flags, one per value; cells such as
    ``Action|Drama`` become one flag per tag; dates, and years at the end of titles, become years. How
    blocks are weighed against each other, and why, says `skrec_lite.dataset.features.blocks`; all
    0/1 columns together are one block.

    Parameters
    ----------
    items : DataFrame
        With ``ITEM_ID``; ``TITLE`` is never a feature itself.
    feature_columns : sequence of str, optional
        Which columns to use; by default all that can be.
    allow_empty : bool, default False
        Whether a table without any usable feature is accepted.

    Returns
    -------
    ItemFeatures

    Raises
    ------
    InvalidDataError
        If ``ITEM_ID`` is missing or null, a named column is absent or ``ITEM_ID``, or there is no
        usable feature.
    """
    require_ids(items, ITEM_ID_NAME, "items")
    blocks = {name: encode_column(name, items[name]) for name in _sources(items, feature_columns)}
    kinds = {name: block.kind for name, block in blocks.items()}
    notes = _notes(blocks)
    used = {name: block for name, block in blocks.items() if block.kind != "skipped"}
    if feature_columns is None and TITLE_COL in items.columns and not _has_year(used):
        years = title_years(items[TITLE_COL])
        if years is not None:
            used[TITLE_COL], kinds[TITLE_COL] = years, "year"
            notes.append(f"The year in brackets at the end of '{TITLE_COL}' is used as 'year'.")
    if not used and not allow_empty:
        why = " ".join(notes) or f"There is no column besides '{ITEM_ID_NAME}' and '{TITLE_COL}'."
        raise InvalidDataError(
            f"The items have no usable feature. {why}",
            repair="Add a column of numbers, categories or tags (price, year, genre), or go without content.",
        )
    names = _distinct_names([name for block in used.values() for name in block.names])
    fitted = FittedFeatures.of(used, names)
    values = fitted.combined([block.values for block in used.values()], len(items))
    present = any_present(list(used.values()), [block.kind for block in used.values()], len(items))
    bare = int((~present).sum()) if used else 0
    if bare:
        notes.append(
            f"{bare:,} of {len(items):,} items have no feature of their own; medians and zeros stand in, "
            "so content-based retrieval can hardly tell them apart."
        )
    frame = pd.DataFrame(values, columns=names, copy=False)
    frame.insert(0, ITEM_ID_NAME, items[ITEM_ID_NAME].to_numpy())
    return ItemFeatures(frame, kinds, tuple(notes), bare, fitted)


def _sources(items: pd.DataFrame, feature_columns: Sequence[str] | None) -> list[str]:
    if feature_columns is None:
        return [str(name) for name in items.columns if name not in (ITEM_ID_NAME, TITLE_COL)]
    for name in feature_columns:
        if name == ITEM_ID_NAME:
            raise InvalidDataError(
                f"'{ITEM_ID_NAME}' is the name of an item, not a feature.",
                column=ITEM_ID_NAME,
                repair="Leave it out of the feature columns.",
            )
        if name not in items.columns:
            known = [str(column) for column in items.columns if column != ITEM_ID_NAME]
            raise InvalidDataError(
                f"The items have no column '{name}'.{nearest_name_hint(name, known)}",
                column=name,
                repair=f"Choose among: {', '.join(known[:12]) or 'none'}.",
            )
    return list(dict.fromkeys(feature_columns))


def _notes(blocks: dict[str, Block]) -> list[str]:
    """One sentence per column; plain 0/1 columns share one, for there may be dozens."""
    plain = [name for name, block in blocks.items() if block.kind == "flag" and block.present.all()]
    notes = []
    if len(plain) > 1:
        shown = ", ".join(plain[:6]) + (" ..." if len(plain) > 6 else "")
        notes.append(f"{len(plain)} columns of 0 and 1 are weighed as one block of flags: {shown}.")
    for name, block in blocks.items():
        if block.kind == "skipped":
            notes.append(f"'{name}' {block.note}; it is not used.")
        elif len(plain) < 2 or name not in plain:
            notes.append(block.note)
    return notes


def _has_year(used: dict[str, Block]) -> bool:
    return any(
        block.kind == "year" or (block.kind == "number" and "year" in words_of(name))
        for name, block in used.items()
    )


def _distinct_names(names: list[str]) -> list[str]:
    seen: set[str] = {ITEM_ID_NAME}
    out: list[str] = []
    for name in names:
        while name in seen:
            name += "'"
        seen.add(name)
        out.append(name)
    return out
