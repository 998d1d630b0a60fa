"""Training by XGBoost; imported at the first fit, because XGBoost and scikit-learn take long to import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xgboost import Booster, XGBClassifier
from xgboost.callback import TrainingCallback

from skrec_lite.estimator.training import Cancel, Epoch, Progress, raise_if_cancelled
from skrec_lite.exceptions import nearest_name_hint

_Labelled = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """A trained booster.

    Attributes
    ----------
    booster : xgboost.Booster
    rounds : (int, int)
        The trees that predict: with early stopping, those after the best round are not asked.
    missing : float
        What stands for a missing value.
    unused : tuple of str
        A message for each setting that XGBoost does not know.
    """

    booster: Booster
    rounds: tuple[int, int]
    missing: float
    unused: tuple[str, ...]

    def scores(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of label 1, shape (n_rows,), float32."""
        if not len(table):
            return np.empty(0, dtype=np.float32)
        predicted = self.booster.inplace_predict(
            table, iteration_range=self.rounds, missing=self.missing, validate_features=False
        )
        return np.asarray(predicted, dtype=np.float32)

    def gains(self, n_features: int) -> NDArray[np.float64]:
        """Return the share of each column in the total gain of all splits, shape (n_features,)."""
        by_name = self.booster.get_score(importance_type="total_gain")
        gains = np.array([by_name.get(f"f{column}", 0.0) for column in range(n_features)])
        return gains / (gains.sum() or 1.0)


def train(
    settings: dict[str, Any],
    data: _Labelled,
    valid: _Labelled | None,
    progress: Progress | None,
    cancel: Cancel | None,
) -> BoostedTrees:
    """Train ``xgboost.XGBClassifier(**settings)``; progress and cancel are handled every round."""
    monitor = _RoundMonitor(int(settings["n_estimators"]), progress, cancel)
    raise_if_cancelled(cancel, monitor.what)
    model = XGBClassifier(**{**settings, "callbacks": [*(settings.get("callbacks") or []), monitor]})
    model.fit(*data, eval_set=None if valid is None else [valid], verbose=False)
    booster = model.get_booster()
    best = booster.attributes().get("best_iteration")
    return BoostedTrees(
        booster,
        rounds=(0, booster.num_boosted_rounds() if best is None else int(best) + 1),
        missing=float(settings.get("missing", np.nan)),
        unused=tuple(_unused(settings, booster)),
    )


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
            text = f"{self.what}: tree {epoch + 1} of {self._rounds}"
            self._progress((epoch + 1) / self._rounds, text, Epoch(self.what, epoch + 1, self._rounds))
        return False


def _unused(settings: dict[str, Any], booster: Booster) -> Iterator[str]:
    known = {*_keys(json.loads(booster.save_config())), *XGBClassifier().get_params()}
    for name in settings:
        if name not in known:
            yield f"XGBoost does not know the parameter {name!r}.{nearest_name_hint(name, known)}"


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _keys(child)
