"""Positive interactions over a catalogue, with the rows that they came from."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import scipy.sparse as sp

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError

_logger = logging.getLogger(__name__)


def positive_interactions(
    interactions: pd.DataFrame, items: pd.DataFrame | None
) -> tuple[EncodedInteractions, pd.DataFrame]:
    """Encode the rows with ``OUTCOME > 0`` and a known item; return them and the frame of just these rows.

    The catalogue is the items frame when there is one, else the items of the positive rows.

    Raises
    ------
    InvalidDataError
        If the frame is empty, ids are missing, or no row is positive.
    """
    if interactions is None or interactions.empty:
        raise InvalidDataError(
            "interactions must be a non-empty DataFrame.",
            repair=f"Pass one with '{USER_ID_NAME}', '{ITEM_ID_NAME}' and '{LABEL_NAME}'.",
        )
    for column in (USER_ID_NAME, ITEM_ID_NAME):
        require_ids(interactions, column, "interactions")
    kept = outcomes_of(interactions) > 0
    catalogue = None
    if items is not None and not items.empty:
        require_ids(items, ITEM_ID_NAME, "items")
        catalogue = IdMap.from_values(items[ITEM_ID_NAME])
        known = catalogue.encode(interactions[ITEM_ID_NAME]) >= 0
        if not known.all():
            left_out = int((~known).sum())
            _logger.warning("%d interactions with items that are not in the items frame left out.", left_out)
        kept &= known
    if not kept.any():
        raise InvalidDataError(
            f"Implicit feedback needs rows with {LABEL_NAME} above 0, and none of {len(kept):,} interactions "
            "with known items has one.",
            column=LABEL_NAME,
            rows=len(kept),
            repair=f"Check the column mapped to '{LABEL_NAME}', and that both tables name items alike.",
        )
    rows = interactions if kept.all() else interactions.loc[kept]
    return EncodedInteractions.from_frame(rows, items=catalogue), rows


def history_matrix(encoded: EncodedInteractions) -> sp.csr_array:
    """Return which items each user chose, distinct, as a matrix of ones, float32."""
    positive = encoded.outcome > 0
    pairs = (encoded.user_index[positive], encoded.item_index[positive])
    matrix = sp.coo_array(
        (np.ones(len(pairs[0]), dtype=np.float32), pairs), shape=(len(encoded.users), len(encoded.items))
    ).tocsr()
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
