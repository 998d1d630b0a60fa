"""Gradient-boosted trees by XGBoost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.classification.base_classifier import BaseClassifier
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidParameterError, NotFittedError
from skrec_lite.kernels.threads import N_THREADS

if TYPE_CHECKING:
    from skrec_lite.estimator.classification._xgb_training import BoostedTrees

_DEFAULTS: dict[str, Any] = {
    "n_estimators": 100,
    "max_depth": 6,
    "tree_method": "hist",
    "objective": "binary:logistic",
    "random_state": 0,
    "n_jobs": N_THREADS,
}


class XGBClassifierEstimator(BaseClassifier):
    """Rank by the probability that gradient-boosted trees give to label 1.

    Parameters
    ----------
    params : dict, optional
        Parameters of ``xgboost.XGBClassifier``. Where it says nothing: 100 trees of depth 6,
        ``tree_method="hist"``, ``random_state=0``, all cores.

    Attributes
    ----------
    warnings_ : tuple of str
        One message for each parameter that XGBoost did not use in the last fit, with the nearest name
        that it knows. XGBoost itself warns of them as a ``UserWarning``.

    Examples
    --------
    >>> XGBClassifierEstimator({"n_estimators": 50, "learning_rate": 0.1})
    XGBClassifierEstimator(params={'n_estimators': 50, 'learning_rate': 0.1})
    """

    def __init__(self, params: dict[str, Any] | None = None):
        if params is not None and not isinstance(params, dict):
            raise InvalidParameterError(f"params must be a dict or None. Got {params!r} instead.")
        self.params = params
        self._trees: BoostedTrees | None = None

    def _fit(
        self,
        table: NDArray[np.float32],
        labels: NDArray[np.float32],
        valid: tuple[NDArray[np.float32], NDArray[np.float32]] | None,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        from skrec_lite.estimator.classification._xgb_training import train

        settings = {**_DEFAULTS, **(self.params or {})}
        if settings["objective"] != "binary:logistic":
            raise InvalidParameterError(
                f"objective must be 'binary:logistic', whose output is a probability. Got "
                f"{settings['objective']!r} instead."
            )
        self._trees = train(settings, (table, labels), valid, progress, cancel)
        self.warnings_ = self._trees.unused

    def predict_scores(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of label 1, shape (n_rows,), float32.

        It is XGBoost's in-place prediction: no ``DMatrix`` is built, all cores work. Margins would cost
        the same and come in the same order, so this returns the very numbers of `predict_proba`.

        Parameters
        ----------
        X : ndarray of float32, shape (n_rows, n_features)
            Columns in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return self._fitted().scores(X)

    def feature_importance(self) -> dict[str, float]:
        """Return each feature's share of the total gain of all splits, greatest first; they sum to 1.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        gains = self._fitted().gains(self.n_features)
        names = self.feature_names or tuple(f"f{column}" for column in range(self.n_features))
        return {names[column]: float(gains[column]) for column in np.argsort(-gains, kind="stable")}

    def _fitted(self) -> BoostedTrees:
        if self._trees is None:
            raise NotFittedError("This XGBClassifierEstimator has not been fitted. Call fit first.")
        return self._trees
