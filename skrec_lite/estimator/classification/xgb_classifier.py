"""Gradient-boosted trees by XGBoost."""

from __future__ import annotations

from typing import Any

from skrec_lite.estimator.classification._boosted_estimator import BoostedEstimator, Rounds, Trees
from skrec_lite.estimator.classification._checked_table import Labelled
from skrec_lite.estimator.persistence import State
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.kernels.threads import N_THREADS

_DEFAULTS: dict[str, Any] = {
    "n_estimators": 100,
    "max_depth": 6,
    "tree_method": "hist",
    "objective": "binary:logistic",
    "random_state": 0,
    "n_jobs": N_THREADS,
}


class XGBClassifierEstimator(BoostedEstimator):
    """Rank by gradient-boosted trees: by the probability of label 1, or by an order learned within users.

    Parameters
    ----------
    params : dict, optional
        Parameters of ``xgboost.XGBClassifier``. Where it says nothing: 100 trees of depth 6,
        ``tree_method="hist"``, ``random_state=0``, all cores. ``objective`` is ``"binary:logistic"``,
        whose scores are probabilities, or one of ``"rank:ndcg"``, ``"rank:pairwise"`` and ``"rank:map"``
        (LambdaMART: Burges, "From RankNet to LambdaRank to LambdaMART", 2010), whose scores are margins;
        these train ``xgboost.XGBRanker`` and need ``groups`` at the fit. Early stopping takes
        a validation set; without one all rounds are run.

    Attributes
    ----------
    warnings_ : tuple of str
        One message for each parameter that XGBoost did not use in the last fit, with the nearest name
        that it knows. XGBoost itself warns of them as a ``UserWarning``.

    Examples
    --------
    >>> XGBClassifierEstimator({"n_estimators": 50, "learning_rate": 0.1})
    XGBClassifierEstimator(params={'n_estimators': 50, 'learning_rate': 0.1})
    >>> XGBClassifierEstimator({"objective": "rank:ndcg"}).wants_groups
    True
    """

    _ENGINE = "XGBoost"
    _PROBABILITY = "binary:logistic"
    _RANKING = ("rank:ndcg", "rank:pairwise", "rank:map")

    def _train(self, data: Labelled, valid: Labelled | None, rounds: Rounds) -> Trees:
        from skrec_lite.estimator.classification._xgb_training import train

        if self._settings().get("booster") == "gblinear":
            raise InvalidParameterError(
                "booster='gblinear' grows no trees. For a linear model rank by "
                "SklearnEstimator(sklearn.linear_model.LogisticRegression()); for trees leave booster out."
            )
        return train(self._settings(), data, valid, rounds)

    def _read(self, state: State) -> Trees:
        from skrec_lite.estimator.classification._xgb_training import read

        return read(state, self._settings()["n_jobs"])

    def _settings(self) -> dict[str, Any]:
        return {**_DEFAULTS, **(self.params or {})}
