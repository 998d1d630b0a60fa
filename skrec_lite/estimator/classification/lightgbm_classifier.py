"""Gradient-boosted trees by LightGBM, an optional extra."""

from __future__ import annotations

from typing import Any

from skrec_lite.estimator.classification._boosted_estimator import BoostedEstimator, Rounds, Trees
from skrec_lite.estimator.classification._checked_table import Labelled
from skrec_lite.estimator.persistence import State
from skrec_lite.kernels.threads import N_THREADS

_DEFAULTS: dict[str, Any] = {
    "n_estimators": 100,
    "objective": "binary",
    "random_state": 0,
    "n_jobs": N_THREADS,
    # Both are what LightGBM's documentation asks for where two trainings shall agree to the bit.
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class LightGBMClassifierEstimator(BoostedEstimator):
    """Rank by LightGBM's trees: by the probability of label 1, or by an order learned within users.

    LightGBM is an optional extra, imported at the fit: ``pip install 'skrec-lite[lightgbm]'``.

    Parameters
    ----------
    params : dict, optional
        Parameters of LightGBM, under any name that it knows (``n_estimators`` is ``num_iterations``).
        Where it says nothing: 100 trees, ``random_state=0``, all cores, deterministic. ``objective`` is
        ``"binary"``, whose scores are probabilities, or ``"lambdarank"`` or ``"rank_xendcg"``, whose
        scores are margins and which need ``groups`` at the fit. Early stopping takes
        a validation set; without one all rounds are run.

    Attributes
    ----------
    warnings_ : tuple of str
        One message for each parameter that LightGBM does not know, with the nearest name that it knows;
        the fit also warns of them as a ``UserWarning``.

    Raises
    ------
    ImportError
        From the fit or the load, if LightGBM is not installed; the message holds the command.

    Examples
    --------
    >>> LightGBMClassifierEstimator({"n_estimators": 50, "num_leaves": 15})
    LightGBMClassifierEstimator(params={'n_estimators': 50, 'num_leaves': 15})
    """

    _ENGINE = "LightGBM"
    _PROBABILITY = "binary"
    _RANKING = ("lambdarank", "rank_xendcg")

    def _train(self, data: Labelled, valid: Labelled | None, rounds: Rounds) -> Trees:
        from skrec_lite.estimator.classification._lightgbm_training import train

        return train(_DEFAULTS, self.params or {}, data, valid, rounds)

    def _read(self, state: State) -> Trees:
        from skrec_lite.estimator.classification._lightgbm_training import read

        return read(state)
