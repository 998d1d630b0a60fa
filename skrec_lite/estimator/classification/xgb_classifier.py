"""Gradient-boosted trees by XGBoost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xgboost import Booster, XGBClassifier
from xgboost.callback import TrainingCallback

from skrec_lite.estimator.classification.base_classifier import BaseClassifier
from skrec_lite.estimator.training import Cancel, Progress, raise_if_cancelled
from skrec_lite.exceptions import InvalidParameterError, NotFittedError, nearest_name_hint
from skrec_lite.kernels.threads import N_THREADS

_DEFAULTS: dict[str, Any] = {
    "n_estimators": 100,
    "max_depth": 6,
    "tree_method": "hist",
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
    XGBClassifierEstimator(params={'learning_rate': 0.1, 'n_estimators': 50})
    """

    def __init__(self, params: dict[str, Any] | None = None):
        if params is not None and not isinstance(params, dict):
            raise InvalidParameterError(f"params must be a dict or None. Got {params!r} instead.")
        self.params = params
        self._booster: Booster | None = None
        self._rounds = (0, 0)
        self._missing = float("nan")

    def _fit(
        self,
        table: NDArray[np.float32],
        labels: NDArray[np.float32],
        valid: tuple[NDArray[np.float32], NDArray[np.float32]] | None,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        settings = {**_DEFAULTS, **(self.params or {})}
        if settings.setdefault("objective", "binary:logistic") != "binary:logistic":
            raise InvalidParameterError(
                f"objective must be 'binary:logistic', whose output is a probability. Got "
                f"{settings['objective']!r} instead."
            )
        monitor = _RoundMonitor(int(settings["n_estimators"]), progress, cancel)
        raise_if_cancelled(cancel, monitor.what)
        model = XGBClassifier(**{**settings, "callbacks": [*(settings.get("callbacks") or []), monitor]})
        model.fit(table, labels, eval_set=None if valid is None else [valid], verbose=False)
        booster = model.get_booster()
        # With early stopping, the trees after the best round are not asked.
        best = booster.attributes().get("best_iteration")
        self._rounds = (0, booster.num_boosted_rounds() if best is None else int(best) + 1)
        self._missing = float(settings.get("missing", np.nan))
        self._booster = booster
        self.warnings_ = tuple(_unused(settings, booster))

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
        if self._booster is None:
            raise NotFittedError("This XGBClassifierEstimator has not been fitted. Call fit first.")
        if not len(X):
            return np.empty(0, dtype=np.float32)
        scores = self._booster.inplace_predict(
            X, iteration_range=self._rounds, missing=self._missing, validate_features=False
        )
        return np.asarray(scores, dtype=np.float32)

    def feature_importance(self) -> dict[str, float]:
        """Return each feature's share of the total gain of all splits, greatest first; they sum to 1.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        if self._booster is None:
            raise NotFittedError("This XGBClassifierEstimator has not been fitted. Call fit first.")
        names = self.feature_names or tuple(f"f{column}" for column in range(self.n_features))
        gain = self._booster.get_score(importance_type="total_gain")
        total = sum(gain.values()) or 1.0
        shares = {name: gain.get(f"f{column}", 0.0) / total for column, name in enumerate(names)}
        return dict(sorted(shares.items(), key=lambda entry: -entry[1]))

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn whether there is a model."""
        return self._booster is not None


class _RoundMonitor(TrainingCallback):
    """Reports each boosting round and stops when asked to."""

    what = "XGBoost"

    def __init__(self, rounds: int, progress: Progress | None, cancel: Cancel | None):
        super().__init__()
        self._rounds, self._progress, self._cancel = rounds, progress, cancel

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Tell and ask the caller; an exception is the only stop that leaves no half-grown model."""
        raise_if_cancelled(self._cancel, self.what)
        if self._progress is not None:
            self._progress((epoch + 1) / self._rounds, f"{self.what}: tree {epoch + 1} of {self._rounds}")
        return False


def _unused(settings: dict[str, Any], booster: Booster) -> Iterator[str]:
    """Yield a message for each setting that neither the booster's configuration nor its wrapper names."""
    known = {*_keys(json.loads(booster.save_config())), *XGBClassifier().get_params()}
    for name in settings:
        if name not in known:
            yield f"XGBoost does not know the parameter {name!r}.{nearest_name_hint(name, known)}"


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _keys(child)
