"""What is asked of scikit-learn itself; imported late, because scikit-learn takes long to import."""

from __future__ import annotations

from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.metrics import roc_auc_score
from sklearn.utils import get_tags

from skrec_lite.estimator.classification.forest import Forest, Tree, at_most
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError

#: A saved model may name types of these packages and of no other.
_TRUSTED = ("sklearn.", "numpy.", "scipy.")


def score_method(model: Any) -> str:
    """Return the method of `model` whose output ranks.

    Raises
    ------
    ValueError
        If it is neither classifier nor regressor, or a classifier with no score at all.
    """
    name = type(model).__name__
    if is_classifier(model):
        for method in ("predict_proba", "decision_function"):
            if hasattr(model, method):
                return method
        raise InvalidParameterError(
            f"{name} has neither predict_proba nor decision_function, so its answers cannot be ranked."
        )
    if is_regressor(model):
        return "predict"
    raise InvalidParameterError(f"model must be a scikit-learn classifier or regressor. {name} is neither.")


def takes_nan(model: Any) -> bool:
    """Return whether `model` says that it handles missing values itself."""
    return bool(get_tags(model).input_tags.allow_nan)


def fit_clone(model: Any, table: NDArray[np.float32], labels: NDArray[np.float32], method: str) -> Any:
    """Return a clone of `model` fitted on the rows; a regressor learns the labels as numbers."""
    fitted = clone(model)
    fitted.fit(table, labels if method == "predict" else labels.astype(np.int64))
    return fitted


def forest_of(model: Any, method: str) -> Forest | None:
    """Return the trees of a ``HistGradientBoostingClassifier`` without categories; None of others."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if type(model) is not HistGradientBoostingClassifier or method != "predict_proba":
        return None
    # scikit-learn keeps these private and has kept them so since 0.21; whoever uses a `Forest` compares
    # its scores with the model's own first.
    if not all(hasattr(model, name) for name in ("_predictors", "_baseline_prediction")):
        return None
    grown = [trees[0].nodes for trees in model._predictors]
    if not grown or any(nodes["is_categorical"].any() for nodes in grown):
        return None
    return Forest.joined([_tree(nodes) for nodes in grown], float(model._baseline_prediction.item()), 1.0)


def _tree(nodes: NDArray[np.void]) -> Tree:
    is_leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        column=np.where(is_leaf, -1, nodes["feature_idx"]),
        threshold=at_most(nodes["num_threshold"]),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        value=nodes["value"].astype(np.float64),
    )


def area_under_curve(labels: NDArray[np.float32], scores: NDArray[np.float32]) -> float:
    """Return the share of pairs of rows, one of each label, that the scores order rightly."""
    return float(roc_auc_score(labels, scores))


def unfitted(model: Any) -> Any:
    """Return a clone of `model`, which is not fitted."""
    return clone(model)


def to_bytes(model: Any) -> bytes:
    """Return the fitted `model` in the format of skops, which is read without running code from it.

    Raises
    ------
    ValueError
        If the model holds objects of other packages than scikit-learn, NumPy and SciPy.
    ImportError
        If skops is not installed; the message holds the command.
    """
    skops_io = _skops_io()
    content = bytes(skops_io.dumps(model))
    _trusted_types(skops_io, content)
    return content


def from_bytes(content: bytes) -> Any:
    """Return the model that `to_bytes` wrote.

    Raises
    ------
    ValueError
        If the content names types of other packages than scikit-learn, NumPy and SciPy.
    ImportError
        If skops is not installed; the message holds the command.
    """
    skops_io = _skops_io()
    try:
        return skops_io.loads(content, trusted=_trusted_types(skops_io, content))
    except BadZipFile as error:
        raise InvalidDataError(f"skops cannot read the model ({error}).", repair="Save it again.") from error


def _trusted_types(skops_io: Any, content: bytes) -> list[str]:
    found: list[str] = skops_io.get_untrusted_types(data=content)
    foreign = [name for name in found if not name.startswith(_TRUSTED)]
    if foreign:
        raise InvalidDataError(
            f"The model holds objects of {', '.join(map(repr, foreign[:5]))}; only those of scikit-learn, "
            "NumPy and SciPy are saved and read, since others could run code.",
            repair="Refit such a model where it is needed.",
        )
    return found


def _skops_io() -> Any:
    try:
        from skops import io
    except ImportError as error:
        raise ImportError(
            "Saving a scikit-learn model takes skops, which is not installed. Install it by: "
            "pip install 'skrec-lite[sklearn-save]'"
        ) from error
    return io
