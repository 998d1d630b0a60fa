"""Training by LightGBM; imported at the first fit, because LightGBM is an optional extra."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.additive import Contributions
from skrec_lite.estimator.classification._boosted_estimator import SHAP_NOTE, Measured, Rounds
from skrec_lite.estimator.classification._checked_table import Labelled
from skrec_lite.estimator.classification.forest import Forest, Tree, at_most
from skrec_lite.estimator.persistence import State
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint

try:
    import lightgbm
except ImportError as error:
    raise ImportError(
        "LightGBM is not installed. Install it by: pip install 'skrec-lite[lightgbm]'"
    ) from error

_FILE = "trees.txt"


@dataclass(frozen=True, eq=False)
class LightGBMTrees:
    """A trained booster.

    Attributes
    ----------
    booster : lightgbm.Booster
        With early stopping it predicts with the trees up to the best round.
    objective : str
    n_threads : int
        How many threads predict.
    unused : tuple of str
        A message for each setting that LightGBM does not know.
    """

    booster: lightgbm.Booster
    objective: str
    n_threads: int
    unused: tuple[str, ...]

    def scores(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each row, shape (n_rows,), float32."""
        if not len(table):
            return np.empty(0, dtype=np.float32)
        return np.asarray(self.booster.predict(table, num_threads=self.n_threads), dtype=np.float32)

    def gains(self, n_features: int) -> NDArray[np.float64]:
        """Return the share of each column in the total gain of all splits, shape (n_features,)."""
        gains = np.asarray(self.booster.feature_importance("gain"), dtype=np.float64)
        return gains / (gains.sum() or 1.0)

    def contributions(self, table: NDArray[np.float32]) -> Contributions | None:
        """Return LightGBM's SHAP values of each row; None of trees with models in their leaves."""
        try:
            values = np.asarray(
                self.booster.predict(table, pred_contrib=True, num_threads=self.n_threads), dtype=np.float64
            )
        except lightgbm.basic.LightGBMError:
            return None
        slope = _slope(self.booster.dump_model(num_iteration=1)["objective"])
        return Contributions(values[:, :-1], values[:, -1], slope, "trees", SHAP_NOTE)

    def forest(self) -> Forest | None:
        """Return the trees as arrays; None for linear or averaged trees, categories and zeros as missing."""
        dump = self.booster.dump_model(num_iteration=self.booster.best_iteration)
        infos = dump["tree_info"]
        if dump["average_output"] or not infos:
            return None
        trees = [_tree(info["tree_structure"]) for info in infos]
        if any(tree is None for tree in trees):
            return None
        known = [tree for tree in trees if tree is not None]
        return Forest.joined(known, 0.0, _slope(dump["objective"]))

    def state(self) -> State:
        """Return the trees as LightGBM's text, and how they are asked."""
        facts = {"objective": self.objective, "n_threads": self.n_threads, "unused": list(self.unused)}
        return State(facts, files={_FILE: self.booster.model_to_string().encode("utf-8")})


def read(state: State) -> LightGBMTrees:
    """Return the trees of `LightGBMTrees.state`."""
    try:
        booster = lightgbm.Booster(model_str=state.files[_FILE].decode("utf-8"))
    except lightgbm.basic.LightGBMError as error:
        raise InvalidDataError(f"LightGBM cannot read its trees ({error}).") from error
    facts = state.facts
    return LightGBMTrees(booster, str(facts["objective"]), int(facts["n_threads"]), tuple(facts["unused"]))


def _slope(objective: str) -> float | None:
    """Return the steepness of the sigmoid that an objective such as ``"binary sigmoid:1"`` scores through."""
    name, *options = objective.split()
    if name != "binary":
        return None
    return float(dict(option.split(":") for option in options).get("sigmoid", "1"))


def _tree(root: dict[str, Any]) -> Tree | None:
    """Return a tree of LightGBM's dump, or None if it asks what a `Forest` cannot."""
    nodes: list[dict[str, Any]] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        node["place"] = len(nodes)
        nodes.append(node)
        if "split_feature" in node:
            if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
                return None
            waiting += [node["right_child"], node["left_child"]]
        elif "leaf_coeff" in node:
            return None
    splits = [node if "split_feature" in node else None for node in nodes]
    threshold = np.array([node["threshold"] if node else 0.0 for node in splits])
    # Where training saw nothing missing, LightGBM takes a missing value for 0.
    missing_left = [
        node is not None
        and (node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0.0)
        for node in splits
    ]
    return Tree(
        column=np.array([node["split_feature"] if node else -1 for node in splits]),
        threshold=at_most(threshold),
        missing_left=np.array(missing_left),
        left=np.array([node["left_child"]["place"] if node else -1 for node in splits]),
        right=np.array([node["right_child"]["place"] if node else -1 for node in splits]),
        value=np.array([node.get("leaf_value", 0.0) for node in nodes]),
    )


def train(
    defaults: dict[str, Any], params: dict[str, Any], data: Labelled, valid: Labelled | None, rounds: Rounds
) -> LightGBMTrees:
    """Train by ``lightgbm.train``; every parameter may go by any of the names that LightGBM knows."""
    names = _main_names()
    settings = {names[name]: value for name, value in defaults.items()}
    settings |= {names.get(name, name): value for name, value in params.items()}
    unused = tuple(_unused(params, names))
    for message in unused:
        warnings.warn(message, UserWarning, stacklevel=2)
    if valid is None:
        # As everywhere in the library, early stopping needs something to watch; without it all rounds run.
        settings.pop("early_stopping_round", None)
    n_trees = int(settings.pop("num_iterations"))
    rows = _dataset(data, settings)
    # What is measured on the training rows stops nothing early: LightGBM leaves them out.
    measured = [rows] if rounds.are_watched else []
    if valid is not None:
        measured.append(_dataset(valid, settings, rows))
    booster = lightgbm.train(settings, rows, n_trees, valid_sets=measured, callbacks=[_round_monitor(rounds)])
    return LightGBMTrees(booster, settings["objective"], int(settings["num_threads"]), unused)


def _dataset(
    data: Labelled, settings: dict[str, Any], reference: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        data.table, data.labels, group=data.group_sizes(), params=dict(settings), reference=reference
    )


def _round_monitor(rounds: Rounds) -> Any:
    def after_iteration(env: lightgbm.callback.CallbackEnv) -> None:
        last = {
            of: Measured(metric, float(value), rises)
            for of, metric, value, rises, *_ in env.evaluation_result_list or ()
        }
        train = last.pop(env.model._train_data_name, None)
        rounds.finish(env.iteration + 1, env.end_iteration, train, next(iter(last.values()), None))

    return after_iteration


@cache
def _main_names() -> dict[str, str]:
    """Return the main name of each parameter by each of its names."""
    aliases = lightgbm.basic._ConfigAliases._get_all_param_aliases()
    return {alias: name for name, known in aliases.items() for alias in (name, *known)}


def _unused(params: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    for name in params:
        if name not in names:
            yield f"LightGBM does not know the parameter {name!r}.{nearest_name_hint(name, names)}"
