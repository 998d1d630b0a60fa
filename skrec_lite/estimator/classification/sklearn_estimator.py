"""Any scikit-learn classifier or regressor as a ranker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.additive import Contributions, Indivisible
from skrec_lite.estimator.classification._checked_table import Labelled
from skrec_lite.estimator.classification.base_classifier import BaseClassifier
from skrec_lite.estimator.classification.forest import Forest
from skrec_lite.estimator.persistence import State
from skrec_lite.estimator.training import Cancel, Epoch, Progress, raise_if_cancelled
from skrec_lite.exceptions import InvalidParameterError

_PREFIX = "model__"
_FILE = "model.skops"


class SklearnEstimator(BaseClassifier):
    """Rank by a scikit-learn model: a classifier's probability of label 1, or a regressor's prediction.

    Every fit fits a fresh clone, so the model that was given is never changed and an earlier fit stays
    if a later one fails. The model sees float32 matrices. A classifier without ``predict_proba`` ranks
    by its ``decision_function``. For a model that takes no NaN, missing values are replaced by the
    column's median in the training rows. Seeds are the model's own: give it a ``random_state``.

    Parameters
    ----------
    model : scikit-learn estimator
        A classifier or regressor, or a pipeline that ends in one.

    Attributes
    ----------
    fitted_model : scikit-learn estimator
        The clone of the last fit.

    Raises
    ------
    ValueError
        If `model` cannot be fitted and predicted with, or, at the fit, is neither classifier nor
        regressor.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> SklearnEstimator(LogisticRegression(C=0.5)).get_params()["model__C"]
    0.5
    """

    def __init__(self, model: Any):
        if isinstance(model, type) or not all(hasattr(model, name) for name in ("fit", "get_params")):
            raise InvalidParameterError(
                f"model must be a scikit-learn classifier or regressor, such as LogisticRegression(). Got "
                f"{model!r} instead."
            )
        self.model = model
        self._model: Any = None
        self._method = ""
        self._medians: NDArray[np.float32] | None = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name.

        Parameters
        ----------
        deep : bool
            Whether the model's own are there too, as ``model__<name>``.
        """
        own = super().get_params(deep=False)
        if deep:
            own |= {f"{_PREFIX}{name}": value for name, value in self.model.get_params(deep=True).items()}
        return own

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, the model's own as ``model__<name>``; they hold from the next fit on.

        Raises
        ------
        ValueError
            For a name that is none.
        """
        nested = {
            name.removeprefix(_PREFIX): value for name, value in params.items() if name.startswith(_PREFIX)
        }
        super().set_params(**{name: value for name, value in params.items() if not name.startswith(_PREFIX)})
        if nested:
            self.model.set_params(**nested)
        return self

    @property
    def fitted_model(self) -> Any:
        """The clone that the last fit fitted.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        if self._model is None:
            raise self._not_fitted()
        return self._model

    @property
    def gives_probabilities(self) -> bool:
        """Whether the last fit was of a classifier with ``predict_proba``.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        if self._model is None:
            raise self._not_fitted()
        return self._method == "predict_proba"

    def predict_scores(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each row, shape (n_rows,), float32.

        It is the probability of label 1, the decision function, or what a regressor predicts.

        Parameters
        ----------
        X : ndarray of float32, shape (n_rows, n_features)
            Columns in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        model = self.fitted_model
        if not len(X):
            return np.empty(0, dtype=np.float32)
        return _scores(model, self._method, _filled(X, self._medians))

    def contributions(self, X: NDArray[np.float32]) -> Contributions | Indivisible:
        """Return what each feature adds to the score, for a linear model, scaled column by column or not.

        Parameters and errors are those of `BaseClassifier.contributions`.
        """
        from skrec_lite.estimator.classification._linear_parts import contributions_of

        return contributions_of(self.fitted_model, _filled(X, self._medians), self._method)

    def forest(self) -> Forest | None:
        """Return the trees of a ``HistGradientBoostingClassifier`` as arrays; None for any other model.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        from skrec_lite.estimator.classification._sklearn_models import forest_of

        return forest_of(self.fitted_model, self._method)

    def _fit(
        self, data: Labelled, valid: Labelled | None, progress: Progress | None, cancel: Cancel | None
    ) -> None:
        from skrec_lite.estimator.classification._sklearn_models import fit_clone, score_method, takes_nan

        what, began = _name(self.model), time.perf_counter()
        raise_if_cancelled(cancel, what)
        method = score_method(self.model)
        medians = None if takes_nan(self.model) else _medians(data.table)
        if progress is not None:
            progress(0.0, f"{what}: fitting {len(data.table):,} rows")
        model = fit_clone(self.model, _filled(data.table, medians), data.labels, method)
        raise_if_cancelled(cancel, what)
        self._model, self._method, self._medians = model, method, medians
        if progress is not None:
            progress(1.0, f"{what}: fitted", self._epoch(what, began, valid))

    def _epoch(self, what: str, began: float, valid: Labelled | None) -> Epoch:
        seconds = time.perf_counter() - began
        if valid is None or valid.labels.min() == valid.labels.max():
            return Epoch(what, 1, 1, seconds=seconds, unit="fit")
        from skrec_lite.estimator.classification._sklearn_models import area_under_curve

        auc = area_under_curve(valid.labels, self.predict_scores(valid.table))
        return Epoch(what, 1, 1, metric="auc", value=auc, seconds=seconds, unit="fit")

    def _plain_params(self) -> dict[str, Any]:
        # The model is a file of its own.
        return {}

    @classmethod
    def _unfitted(cls, params: Mapping[str, Any]) -> Self:
        # `_restore_engine` brings the model.
        return cls.__new__(cls)

    def _engine_state(self) -> State:
        from skrec_lite.estimator.classification._sklearn_models import to_bytes

        arrays = {} if self._medians is None else {"medians": self._medians}
        return State({"method": self._method}, arrays, {_FILE: to_bytes(self.fitted_model)})

    def _restore_engine(self, state: State) -> None:
        from skrec_lite.estimator.classification._sklearn_models import from_bytes, unfitted

        self._model = from_bytes(state.files[_FILE])
        self.model = unfitted(self._model)
        self._method = str(state.facts["method"])
        self._medians = state.arrays.get("medians")


def _name(model: Any) -> str:
    """Return the name of a model's class; of a pipeline, that of what it ends in."""
    steps = getattr(model, "steps", None)
    return type(steps[-1][1] if steps else model).__name__


def _medians(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each column's median without its missing values, 0 for a column of nothing else."""
    known = np.where(np.isnan(table).all(axis=0), np.float32(0.0), table)
    return np.nanmedian(known, axis=0).astype(np.float32)


def _filled(table: NDArray[np.float32], medians: NDArray[np.float32] | None) -> NDArray[np.float32]:
    return table if medians is None else np.where(np.isnan(table), medians, table)


def _scores(model: Any, method: str, table: NDArray[np.float32]) -> NDArray[np.float32]:
    output = np.asarray(getattr(model, method)(table), dtype=np.float32)
    return output[:, 1] if method == "predict_proba" else output.reshape(len(table))
