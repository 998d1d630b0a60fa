"""Watching a validation set: recall after each epoch, the best weights, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._positives import history_matrix

K = 20
METRIC = f"recall@{K}"
_MAX_USERS = 1000
_ROWS = 256

Model = TypeVar("Model")
ScoreMatrix = Callable[[Model, NDArray[np.int32]], NDArray[np.float32]]


@dataclass
class Validation(Generic[Model]):
    """What is held out, and the best model so far.

    Attributes
    ----------
    users : ndarray of int32, shape (n,)
        Rows of the users to measure: at most 1,000, spread over all that have something held out.
    held_out, seen : csr_array, shape (n, n_items)
        What shall be found, and what is left out because it was trained on; no pair is in both.
    patience : int or None
        Epochs without a better recall before training ends.
    keep_best : bool
    """

    users: NDArray[np.int32]
    held_out: sp.csr_array
    seen: sp.csr_array
    patience: int | None
    keep_best: bool
    best: Model | None = None
    _values: list[float] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        valid: pd.DataFrame | None,
        train: EncodedInteractions,
        patience: int | None,
        keep_best: bool,
    ) -> Validation[Model] | None:
        """Prepare a validation set for a model of the users and items of `train`; see `over`."""
        return cls.over(valid, train.users, train.items, history_matrix(train), patience, keep_best)

    @classmethod
    def over(
        cls,
        valid: pd.DataFrame | None,
        users: IdMap,
        items: IdMap,
        seen: sp.csr_array,
        patience: int | None,
        keep_best: bool,
    ) -> Validation[Model] | None:
        """Prepare a validation set; None where nothing of it is positive, known and not trained on.

        Parameters
        ----------
        valid : DataFrame or None
            ``USER_ID``, ``ITEM_ID`` and ``OUTCOME``; rows with ``OUTCOME > 0`` count.
        users, items : IdMap
            What the model knows.
        seen : csr_array, shape (n_users, n_items)
            A pair that is stored was trained on, whatever its value.
        patience : int or None
        keep_best : bool
        """
        if valid is None or valid.empty:
            return None
        held_out = history_matrix(EncodedInteractions.from_frame(valid, users=users, items=items))
        ones = np.ones(seen.nnz, dtype=np.float32)
        seen = sp.csr_array((ones, seen.indices, seen.indptr), shape=seen.shape)
        # What was trained on can never be found, as it is left out of every list.
        held_out = sp.csr_array(held_out - held_out.multiply(seen))
        held_out.eliminate_zeros()
        rows = np.flatnonzero(np.diff(held_out.indptr) > 0).astype(np.int32)
        if not len(rows):
            return None
        if len(rows) > _MAX_USERS:
            rows = rows[np.linspace(0, len(rows) - 1, _MAX_USERS).astype(np.int64)]
        return cls(rows, held_out[rows], seen[rows], patience, keep_best)

    def after_epoch(self, model: Model, score_matrix: ScoreMatrix[Model]) -> tuple[str, float | None, bool]:
        """Measure a model; return the metric's name, its value, and whether training shall end."""
        value = self._recall(model, score_matrix)
        if self.best is None or value > max(self._values, default=-1.0):
            self.best = model
        self._values.append(value)
        since_best = len(self._values) - 1 - int(np.argmax(self._values))
        return METRIC, value, self.patience is not None and since_best >= self.patience

    def chosen(self, last: Model) -> Model:
        """Return the model to keep: that of the best epoch, or the last one."""
        return self.best if self.keep_best and self.best is not None else last

    def _recall(self, model: Model, score_matrix: ScoreMatrix[Model]) -> float:
        shares = []
        for start in range(0, len(self.users), _ROWS):
            rows = slice(start, start + _ROWS)
            scores = np.array(score_matrix(model, self.users[rows]), dtype=np.float32)
            scores[self.seen[rows].nonzero()] = -np.inf
            k = min(K, scores.shape[1])
            found = np.argpartition(-scores, k - 1, axis=1)[:, :k]
            wanted = self.held_out[rows].toarray() > 0
            hits = np.take_along_axis(wanted, found, axis=1).sum(axis=1)
            shares.append(hits / wanted.sum(axis=1))
        return float(np.concatenate(shares).mean())
