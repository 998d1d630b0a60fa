"""What a tabular classifier owes: a fit with named columns, probabilities, and fast scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skrec_lite.constants import LABEL_NAME
from skrec_lite.estimator.parameters import Parametrized
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, NotFittedError, nearest_name_hint

Table: TypeAlias = NDArray[np.float32] | pd.DataFrame


class BaseClassifier(Parametrized, ABC):
    """A binary classifier over rows of numeric features.

    A subclass implements `_fit` and `predict_scores`. NaN is a missing value.

    Attributes
    ----------
    feature_names : tuple of str or None
        Columns of the frame it was fitted on; None before the fit, or after one on a plain matrix.
    n_features : int
        Width of the matrix it was fitted on; 0 before the fit.
    """

    feature_names: tuple[str, ...] | None = None
    n_features: int = 0

    def fit(
        self,
        X: Table,
        y: ArrayLike,
        X_valid: Table | None = None,
        y_valid: ArrayLike | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Learn to tell label 1 from label 0.

        Parameters
        ----------
        X : ndarray or DataFrame, shape (n_rows, n_features)
            Numeric features. The column names of a frame are kept.
        y : array-like, shape (n_rows,)
            Labels, 0 or 1, of which both must occur.
        X_valid, y_valid : optional
            A validation set, with the same columns.
        progress, cancel : callable, optional
            As everywhere in the library; asked and told every round.

        Raises
        ------
        ValueError
            For features that are not numeric or infinite, lengths that differ, labels other than 0 and 1,
            or labels of one class only.
        Cancelled
            If `cancel` asked for it; an earlier fit stays.
        """
        names = tuple(map(str, X.columns)) if isinstance(X, pd.DataFrame) else None
        table = _as_matrix(X)
        labels = _check_labels(y, len(table), "y")
        if labels.min() == labels.max():
            raise InvalidDataError(
                f"All {len(labels):,} labels are {labels[0]:g}, so there is nothing to tell apart.",
                column=LABEL_NAME,
                rows=len(labels),
                repair="Add rows with the other label: for implicit feedback, sample items that the users "
                "did not choose as 0.",
            )
        valid = None
        if X_valid is not None and y_valid is not None:
            valid_table = _aligned(X_valid, names, table.shape[1])
            valid = valid_table, _check_labels(y_valid, len(valid_table), "y_valid")
        elif X_valid is not None or y_valid is not None:
            raise InvalidDataError("X_valid and y_valid go together, and one is missing.")
        self._fit(table, labels, valid, progress, cancel)
        self.feature_names, self.n_features = names, table.shape[1]

    def predict_proba(self, X: Table) -> NDArray[np.float32]:
        """Return the probabilities of labels 0 and 1, shape (n_rows, 2), float32.

        The columns of a frame are taken by name, in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a column is missing or the width differs.
        """
        positive = self.predict_scores(self.as_features(X))
        return np.column_stack([1.0 - positive, positive])

    @abstractmethod
    def predict_scores(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of label 1, shape (n_rows,), float32, by the fastest way there is.

        Parameters
        ----------
        X : ndarray of float32, shape (n_rows, n_features)
            Columns in the order of the fit.
        """

    @abstractmethod
    def _fit(
        self,
        table: NDArray[np.float32],
        labels: NDArray[np.float32],
        valid: tuple[NDArray[np.float32], NDArray[np.float32]] | None,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        """Fit on checked input; leave an earlier model untouched if this fails."""

    def as_features(self, X: Table) -> NDArray[np.float32]:
        """Return `X` as the float32 matrix that `predict_scores` takes, columns in the order of the fit."""
        if not self.n_features:
            raise NotFittedError(f"This {type(self).__name__} has not been fitted. Call fit first.")
        return _aligned(X, self.feature_names, self.n_features)


def _aligned(X: Table, names: tuple[str, ...] | None, width: int) -> NDArray[np.float32]:
    if isinstance(X, pd.DataFrame) and names is not None:
        present = X.rename(columns=str)
        missing = [name for name in names if name not in present.columns]
        if missing:
            listed = ", ".join(map(repr, missing[:5])) + (", ..." if len(missing) > 5 else "")
            raise InvalidDataError(
                f"{len(missing):,} of the {len(names):,} features of the fit are missing: {listed}."
                f"{nearest_name_hint(missing[0], map(str, present.columns))}",
                column=missing[0],
                repair="Give the columns that the model was fitted on.",
            )
        X = present[list(names)]
    table = _as_matrix(X)
    if table.shape[1] != width:
        raise InvalidDataError(
            f"The model was fitted on {width:,} features, but got {table.shape[1]:,}.",
            repair="Give the columns that the model was fitted on, in the same order.",
        )
    return table


def _as_matrix(X: Table) -> NDArray[np.float32]:
    if isinstance(X, pd.DataFrame):
        for name, dtype in X.dtypes.items():
            if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)):
                raise InvalidDataError(
                    f"Feature '{name}' holds {dtype} values, and features must be numbers.",
                    column=str(name),
                    rows=len(X),
                    repair="Encode the column as numbers, or leave it out.",
                )
        table = X.to_numpy(dtype=np.float32, na_value=np.nan)
    else:
        table = np.asarray(X, dtype=np.float32)
    if table.ndim != 2:
        raise InvalidDataError(f"Features must be a table of rows and columns, but have shape {table.shape}.")
    return np.ascontiguousarray(table)


def _check_labels(y: ArrayLike, n_rows: int, what: str) -> NDArray[np.float32]:
    labels = np.asarray(y, dtype=np.float32).ravel()
    if len(labels) != n_rows or not n_rows:
        raise InvalidDataError(
            f"{what} must hold one label for each of {n_rows:,} rows. Got {len(labels):,}."
        )
    bad = ~np.isin(labels, (0.0, 1.0))
    if bad.any():
        raise InvalidDataError(
            f"{what} must hold the labels 0 and 1, but {int(bad.sum()):,} of {n_rows:,} rows do not (the "
            f"first is {labels[bad][0]:g}).",
            column=LABEL_NAME,
            rows=int(bad.sum()),
            repair="Turn outcomes into 1 (wanted) and 0 (not wanted), for instance rating >= 4.",
        )
    return labels
