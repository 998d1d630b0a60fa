"""User vectors that a caller passes in place of the learned ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.retrieval_space import stack_vectors
from skrec_lite.exceptions import InvalidDataError


def given_or_learned(
    interactions: pd.DataFrame, users: pd.DataFrame, learned: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the vector of each row's user, shape (n_rows, d): the given one, or else the learned one.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID`` of each row.
    users : DataFrame
        ``USER_ID`` and ``EMBEDDING``; of a user who occurs twice the last row counts.
    learned : ndarray of float32, shape (n_rows, d)
        The learned vector of each row's user.

    Raises
    ------
    InvalidDataError
        If ids are missing, or vectors are broken or of the wrong width.
    """
    require_ids(users, USER_ID_NAME, "users")
    given = stack_vectors(users, USER_EMBEDDING_NAME)
    if given.shape[1] != learned.shape[1]:
        raise InvalidDataError(
            f"users: the vectors in '{USER_EMBEDDING_NAME}' have {given.shape[1]} numbers, but those of "
            f"this model have {learned.shape[1]}.",
            column=USER_EMBEDDING_NAME,
            rows=len(users),
            repair="Take them from get_user_embeddings() of this very model.",
        )
    last = ~users[USER_ID_NAME].duplicated(keep="last").to_numpy()
    rows = IdMap(users.loc[last, USER_ID_NAME]).encode(interactions[USER_ID_NAME])
    return np.where(rows[:, None] >= 0, given[last][rows], learned)
