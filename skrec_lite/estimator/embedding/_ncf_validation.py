"""The validation measure of neural collaborative filtering: recall over the whole catalogue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import scipy.sparse as sp

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.embedding._ncf_data import NcfData
from skrec_lite.estimator.embedding._ncf_model import NcfModel
from skrec_lite.kernels.topk import top_k_rows

METRIC = "recall@20"
_K, _MOST_USERS = 20, 1000


def recall_of(
    valid_interactions: pd.DataFrame | None, data: NcfData, rng: np.random.Generator
) -> Callable[[NcfModel], float] | None:
    """Return a function that measures a model's recall@20, or None if there is nothing to measure on.

    Of at most 1,000 users, drawn at random, the share of the positive items of `valid_interactions` that
    are among the 20 best of the whole catalogue, what the user met in training left out (also of the
    positives), averaged over users.
    """
    if valid_interactions is None or valid_interactions.empty:
        return None
    encoded = EncodedInteractions.from_frame(valid_interactions, data.users, data.items)
    positive = encoded.outcome > 0
    pairs = (encoded.user_index[positive], encoded.item_index[positive])
    wanted = sp.coo_array((np.ones(len(pairs[0])), pairs), shape=data.seen.shape).tocsr()
    pattern = sp.csr_array(
        (np.ones(data.seen.nnz), data.seen.indices, data.seen.indptr), shape=data.seen.shape
    )
    wanted = sp.csr_array(wanted - wanted.multiply(pattern))
    wanted.eliminate_zeros()
    users = np.flatnonzero(np.diff(wanted.indptr)).astype(np.int32)
    if not len(users):
        return None
    if len(users) > _MOST_USERS:
        users = np.sort(rng.choice(users, _MOST_USERS, replace=False))
    relevant = wanted[users].astype(bool).toarray()
    withheld = data.withheld(users)
    k = min(_K, len(data.items))

    def measure(model: NcfModel) -> float:
        top, _ = top_k_rows(model.score_matrix(users), k, withheld)
        hits = np.take_along_axis(relevant, np.maximum(top, 0), axis=1) & (top >= 0)
        return float((hits.sum(axis=1) / relevant.sum(axis=1)).mean())

    return measure
