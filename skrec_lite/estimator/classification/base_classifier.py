"""What a tabular estimator owes: a fit with named columns, fast scores, and probabilities if it has any."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skrec_lite.constants import LABEL_NAME
from skrec_lite.estimator.additive import Contributions, Indivisible
from skrec_lite.estimator.classification._checked_table import (
    Labelled,
    Table,
    aligned,
    as_matrix,
    check_labels,
    require_finite,
)
from skrec_lite.estimator.classification.forest import Forest
from skrec_lite.estimator.persistence import Persistent, State
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, NotFittedError


class BaseClassifier(Persistent, ABC):
    """Scores rows of numeric features, learned from labels 0 and 1.

    A subclass implements `_fit`, `predict_scores`, `_engine_state` and `_restore_engine`. NaN is a
    missing value.

    Attributes
    ----------
    feature_names : tuple of str or None
        Columns of the frame it was fitted on; None before the fit, or after one on a plain matrix.
    n_features : int
        Width of the matrix it was fitted on; 0 before the fit.
    """

    feature_names: tuple[str, ...] | None = None
    n_features: int = 0

    @property
    def wants_groups(self) -> bool:
        """Whether the next fit learns an order within groups of rows, and so needs `groups`."""
        return False

    @property
    def gives_probabilities(self) -> bool:
        """Whether the scores of the last fit are probabilities of label 1."""
        return True

    def fit(
        self,
        X: Table,
        y: ArrayLike,
        X_valid: Table | None = None,
        y_valid: ArrayLike | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        groups: ArrayLike | None = None,
        groups_valid: ArrayLike | None = None,
    ) -> None:
        """Learn to tell label 1 from label 0, or to rank label 1 above label 0 within each group.

        Parameters
        ----------
        X : ndarray or DataFrame, shape (n_rows, n_features)
            Numeric features. The column names of a frame are kept.
        y : array-like, shape (n_rows,)
            Labels, 0 or 1, of which both must occur.
        X_valid, y_valid : optional
            A validation set, with the same columns.
        progress, cancel : callable, optional
            As everywhere in the library; asked and told every round where there are rounds.
        groups, groups_valid : array-like of int, shape (n_rows,), optional
            Which query, usually which user, each row belongs to. Needed if `wants_groups`, else not used.

        Raises
        ------
        ValueError
            For features that are not numeric or infinite, lengths that differ, labels other than 0 and 1,
            labels of one class only, groups that are needed and not given, or no group with both labels.
        Cancelled
            If `cancel` asked for it; an earlier fit stays.
        """
        names = tuple(map(str, X.columns)) if isinstance(X, pd.DataFrame) else None
        table = as_matrix(X)
        data = Labelled(table, check_labels(y, len(table), "y"))
        require_finite(table, names)
        if data.labels.min() == data.labels.max():
            raise InvalidDataError(
                f"All {len(table):,} labels are {data.labels[0]:g}, so there is nothing to tell apart.",
                column=LABEL_NAME,
                rows=len(table),
                repair="Add rows with the other label: for implicit feedback, sample items that the users "
                "did not choose as 0.",
            )
        valid = None
        if X_valid is not None and y_valid is not None:
            valid_table = aligned(X_valid, names, table.shape[1])
            valid = Labelled(valid_table, check_labels(y_valid, len(valid_table), "y_valid"))
            require_finite(valid_table, names)
        elif X_valid is not None or y_valid is not None:
            raise InvalidDataError("X_valid and y_valid go together, and one is missing.")
        if self.wants_groups:
            data = self._grouped(data, groups, "groups")
            data.require_a_mixed_group()
            valid = None if valid is None else self._grouped(valid, groups_valid, "groups_valid")
        self._fit(data, valid, progress, cancel)
        self.feature_names, self.n_features = names, table.shape[1]

    def predict_proba(self, X: Table) -> NDArray[np.float32]:
        """Return the probabilities of labels 0 and 1, shape (n_rows, 2), float32.

        The columns of a frame are taken by name, in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a column is missing, the width differs, or the scores of this model are no probabilities
            (see `gives_probabilities`).
        """
        table = self.as_features(X)
        if not self.gives_probabilities:
            raise InvalidParameterError(
                f"The scores of this {type(self).__name__} order rows and are no probabilities. Use "
                "predict_scores(as_features(X)), or fit a classifier with a probability."
            )
        positive = self.predict_scores(table)
        return np.column_stack([1.0 - positive, positive])

    @abstractmethod
    def predict_scores(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each row, shape (n_rows,), float32, by the fastest way there is.

        A greater score is a better item. It is the probability of label 1 if `gives_probabilities`, else
        a margin: only its order within a query means something.

        Parameters
        ----------
        X : ndarray of float32, shape (n_rows, n_features)
            Columns in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        """

    def as_features(self, X: Table) -> NDArray[np.float32]:
        """Return `X` as the float32 matrix that `predict_scores` takes, columns in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a column is missing or the width differs.
        """
        if not self.n_features:
            raise self._not_fitted()
        return aligned(X, self.feature_names, self.n_features)

    def contributions(self, X: NDArray[np.float32]) -> Contributions | Indivisible:
        """Return what each feature adds to the score of each row; by default the score is no such sum.

        Parameters
        ----------
        X : ndarray of float32, shape (n_rows, n_features)
            At least one row, columns in the order of the fit.

        Returns
        -------
        Contributions, or Indivisible with the reason

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return Indivisible(f"{type(self).__name__} does not say what each feature adds to its score")

    def forest(self) -> Forest | None:
        """Return what `predict_scores` computes as trees in plain arrays, or None where it cannot be.

        Whoever scores many pairs of few queries and items can then do so without a row for each.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return None

    @abstractmethod
    def _fit(
        self, data: Labelled, valid: Labelled | None, progress: Progress | None, cancel: Cancel | None
    ) -> None:
        """Fit on checked input; leave an earlier model untouched if this fails."""

    @abstractmethod
    def _engine_state(self) -> State:
        """Return what the fitted engine consists of."""

    @abstractmethod
    def _restore_engine(self, state: State) -> None:
        """Take over what `_engine_state` returned."""

    def _state(self) -> State:
        if not self.n_features:
            raise self._not_fitted()
        engine = self._engine_state()
        names = None if self.feature_names is None else list(self.feature_names)
        columns = {"feature_names": names, "n_features": self.n_features}
        return State({**engine.facts, **columns}, engine.arrays, engine.files)

    def _restore(self, state: State) -> None:
        self._restore_engine(state)
        names = state.facts["feature_names"]
        self.feature_names = None if names is None else tuple(names)
        self.n_features = int(state.facts["n_features"])

    def _grouped(self, data: Labelled, groups: ArrayLike | None, what: str) -> Labelled:
        if groups is None:
            raise InvalidDataError(
                f"{type(self).__name__} learns an order within each user's rows, and {what} is missing.",
                repair=f"Pass {what}=, one integer for each row that says whose row it is.",
            )
        return data.by_group(groups, what)

    def _not_fitted(self) -> NotFittedError:
        return NotFittedError(f"This {type(self).__name__} has not been fitted. Call fit first.")
