"""Prepare the features of items for content-based retrieval and for the ranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset.features.table_features import TableFeatures


@dataclass(frozen=True)
class ItemFeatures(TableFeatures):
    """Features of items, ready for a cosine; see `TableFeatures`."""

    id_name: ClassVar[str] = ITEM_ID_NAME
    noun: ClassVar[str] = "items"
    title_name: ClassVar[str | None] = TITLE_COL


def prepare_item_features(
    items: pd.DataFrame,
    feature_columns: Sequence[str] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    allow_empty: bool = False,
) -> ItemFeatures:
    """Turn the columns of an item table into scaled numbers.

    Numbers and dates are standardised; texts of few values become flags, one per value, of the most
    frequent values where there are many; cells such as ``Action|Drama`` or ``["Action", "Drama"]`` become one
    flag per tag; prose becomes a few topics; years at the end of titles become a number. How blocks are
    weighed against each other, and why, says `skrec_lite.dataset.features.blocks`; all 0/1 columns together
    are one block. The order of rows and columns makes no difference but to the order of what is returned, as
    long as there are no more than 1,000 columns.

    Parameters
    ----------
    items : DataFrame
        With ``ITEM_ID``. The words of ``TITLE`` are used only where `kinds` says so, or where nothing else
        can be used.
    feature_columns : sequence of str, optional
        Which columns to use; by default all that can be, of the first 1,000.
    kinds : mapping of str to str, optional
        What to make of columns, each one of `FEATURE_KINDS`, by default what their cells suggest ("auto").
        Does not add to `feature_columns` where these are given.
    allow_empty : bool, default False
        Whether a table without any usable feature is accepted.

    Returns
    -------
    ItemFeatures

    Raises
    ------
    InvalidDataError
        If ``ITEM_ID`` is missing or null, two columns have one name, a named column is absent or
        ``ITEM_ID``, a column cannot be used as chosen, or there is no usable feature.
    InvalidParameterError
        If a kind is unknown.
    """
    return ItemFeatures.prepare(items, feature_columns, kinds, allow_empty)
