"""Training by XGBoost; imported at the first fit, because XGBoost and scikit-learn take long to import."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xgboost import Booster, DMatrix, XGBClassifier, XGBRanker
from xgboost.callback import TrainingCallback

from skrec_lite.estimator.additive import Contributions
from skrec_lite.estimator.classification._boosted_estimator import SHAP_NOTE, Measured, Rounds
from skrec_lite.estimator.classification._checked_table import Labelled
from skrec_lite.estimator.classification.forest import Forest, Tree, below
from skrec_lite.estimator.persistence import State
from skrec_lite.exceptions import nearest_name_hint

_FILE = "trees.ubj"
#: How the names of the measures begin that XGBoost's early stopping wants great.
_RISING = ("auc", "map", "ndcg", "pre")


@dataclass(frozen=True, eq=False)
class XGBTrees:
    """A trained booster.

    Attributes
    ----------
    booster : xgboost.Booster
    objective : str
    rounds : (int, int)
        The trees that predict: with early stopping, those after the best round are not asked.
    missing : float
        What stands for a missing value.
    unused : tuple of str
        A message for each setting that XGBoost does not know.
    """

    booster: Booster
    objective: str
    rounds: tuple[int, int]
    missing: float
    unused: tuple[str, ...]

    def scores(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each row, shape (n_rows,), float32.

        It is XGBoost's in-place prediction: no ``DMatrix`` is built, all cores work. A margin would cost
        the same as a probability.
        """
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

    def contributions(self, table: NDArray[np.float32]) -> Contributions:
        """Return XGBoost's SHAP values of each row, by the rounds that predict."""
        rows = DMatrix(table, missing=self.missing)
        values = self.booster.predict(
            rows, pred_contribs=True, iteration_range=self.rounds, validate_features=False
        ).astype(np.float64)
        slope = 1.0 if self.objective == "binary:logistic" else None
        return Contributions(values[:, :-1], values[:, -1], slope, "trees", SHAP_NOTE)

    def forest(self) -> Forest | None:
        """Return the trees as arrays; None where ``booster`` is not ``gbtree``, and for categories."""
        learner = json.loads(self.booster.save_raw("json"))["learner"]
        booster = learner["gradient_booster"]
        if booster["name"] != "gbtree" or not np.isnan(self.missing):
            return None
        model = booster["model"]
        first, last = (model["iteration_indptr"][round_number] for round_number in self.rounds)
        trees = model["trees"][first:last]
        if not trees or any(any(tree["split_type"]) for tree in trees):
            return None
        base = np.float32(learner["learner_model_param"]["base_score"].strip("[]"))
        is_logistic = self.objective == "binary:logistic"
        if is_logistic:
            # Rounded where XGBoost rounds: numpy's logarithm in single precision can miss its last bit.
            base = np.float32(-math.log(np.float32(1.0) / base - np.float32(1.0)))
        return Forest.joined([_tree(tree) for tree in trees], float(base), 1.0 if is_logistic else None)

    def state(self) -> State:
        """Return the trees as UBJSON, and how they are asked."""
        facts = {
            "objective": self.objective,
            "rounds": list(self.rounds),
            "missing": None if np.isnan(self.missing) else self.missing,
            "unused": list(self.unused),
        }
        return State(facts, files={_FILE: bytes(self.booster.save_raw("ubj"))})


def read(state: State, n_jobs: int) -> XGBTrees:
    """Return the trees of `XGBTrees.state`, which predict on `n_jobs` threads."""
    booster = Booster({"nthread": n_jobs})
    booster.load_model(bytearray(state.files[_FILE]))
    facts = state.facts
    first, last = facts["rounds"]
    missing = np.nan if facts["missing"] is None else float(facts["missing"])
    return XGBTrees(booster, str(facts["objective"]), (first, last), missing, tuple(facts["unused"]))


def _tree(read: dict[str, Any]) -> Tree:
    """Return a tree of XGBoost's JSON, where a leaf's value stands in a threshold's place."""
    left, given = np.array(read["left_children"]), np.array(read["split_conditions"], dtype=np.float32)
    is_leaf = left < 0
    return Tree(
        column=np.where(is_leaf, -1, read["split_indices"]),
        threshold=below(given),
        missing_left=np.array(read["default_left"], dtype=bool),
        left=left,
        right=np.array(read["right_children"]),
        value=given,
    )


def train(settings: dict[str, Any], data: Labelled, valid: Labelled | None, rounds: Rounds) -> XGBTrees:
    """Train ``xgboost.XGBRanker(**settings)`` on groups, ``xgboost.XGBClassifier(**settings)`` without."""
    # Last comes what early stopping watches. XGBoost knows the training rows again by identity and keeps
    # their margins. With callbacks of the caller's own, which may name sets by their places, none is added.
    watch_train = rounds.are_watched and not settings.get("callbacks")
    measured = [data] * watch_train + ([] if valid is None else [valid])
    monitor = _RoundMonitor(int(settings["n_estimators"]), rounds, watch_train)
    if valid is None:
        # As everywhere in the library, early stopping needs something to watch; without it all rounds run.
        settings = {name: value for name, value in settings.items() if name != "early_stopping_rounds"}
    engine = XGBClassifier if data.groups is None else XGBRanker
    model = engine(**{**settings, "callbacks": [*(settings.get("callbacks") or []), monitor]})
    options: dict[str, Any] = {}
    if measured:
        options["eval_set"] = [(rows.table, rows.labels) for rows in measured]
    if data.groups is not None:
        options["qid"] = data.groups
        options["eval_qid"] = [rows.groups for rows in measured] or None
    model.fit(data.table, data.labels, verbose=False, **options)
    booster = model.get_booster()
    best = booster.attributes().get("best_iteration")
    return XGBTrees(
        booster,
        objective=settings["objective"],
        rounds=(0, booster.num_boosted_rounds() if best is None else int(best) + 1),
        missing=float(settings.get("missing", np.nan)),
        unused=tuple(_unused(settings, booster)),
    )


class _RoundMonitor(TrainingCallback):
    """Hands each boosting round to `Rounds`, with the last measure of each set that is evaluated."""

    def __init__(self, total: int, rounds: Rounds, train_is_first: bool):
        super().__init__()
        self._total, self._rounds, self._train_is_first = total, rounds, train_is_first

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Tell and ask the caller."""
        sets = [_last(log) for log in evals_log.values()]
        train = sets.pop(0) if sets and self._train_is_first else None
        self._rounds.finish(epoch + 1, self._total, train, sets[-1] if sets else None)
        return False


def _last(log: Mapping[str, Sequence[float]]) -> Measured:
    metric, values = list(log.items())[-1]
    return Measured(metric, float(values[-1]), metric != "mape" and metric.startswith(_RISING))


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
