"""What each feature adds to the score of a scikit-learn model that is linear in its prepared columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from skrec_lite.estimator.additive import Contributions, Indivisible


def contributions_of(model: Any, table: NDArray[np.float32], method: str) -> Contributions | Indivisible:
    r"""Return :math:`w_j z_j` of each prepared column `z`, with the intercept as base.

    What counts is how the model behaves, not its class: a preparation must map each column by itself
    (scalers do, principal components do not), and the sum, or its sigmoid, must be the model's own score,
    on the rows and beside them.

    Parameters
    ----------
    model : scikit-learn estimator
        Fitted; a pipeline's last step is the linear model.
    table : ndarray of float32, shape (n_rows, n_features)
        At least one row, nothing missing.
    method : str
        The method of `model` whose output ranks: ``predict_proba``, ``decision_function`` or ``predict``.
    """
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    name = type(steps[-1]).__name__
    weights = np.asarray(getattr(steps[-1], "coef_", ()), dtype=np.float64).ravel()
    beside = _moved(table[0])
    rows = np.vstack([table, beside])
    prepared = rows if len(steps) == 1 else np.asarray(model[:-1].transform(rows), dtype=np.float64)
    if len(weights) == 0:
        return Indivisible(f"{name} is not linear, so no feature has a share of its own in the score")
    if prepared.shape != rows.shape or not _keeps_columns_apart(prepared[len(table) :]):
        return Indivisible(f"the columns are mixed with each other before {name} sees them")
    intercept = float(np.ravel(steps[-1].intercept_)[0])
    scores = getattr(model, method)(rows)
    scores = scores[:, 1] if method == "predict_proba" else np.ravel(scores)
    slope = 1.0 if method == "predict_proba" else None
    found = Contributions(prepared * weights, np.full(len(rows), intercept), slope, "linear", _note(steps))
    if not found.agree_with(scores):
        what = "sum" if slope is None else "sum through a sigmoid"
        return Indivisible(f"the score of {name} is not its linear {what}")
    return replace(found, parts=found.parts[: len(table)], base=found.base[: len(table)])


def _moved(row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `row`, then for each column a copy in which that one is moved, (1 + n_features, n_features)."""
    return np.vstack([row, row + np.diag(1.0 + np.abs(row))]).astype(np.float32)


def _keeps_columns_apart(prepared: NDArray[np.float64]) -> bool:
    """Return whether moving one column, as `_moved` does, changed no other."""
    change = np.abs(prepared[1:] - prepared[0])
    np.fill_diagonal(change, 0.0)
    return bool((change <= 1e-6 * (1.0 + np.abs(prepared[0]))).all())


def _note(steps: list[Any]) -> str:
    names = [type(step).__name__ for step in steps[:-1] if step != "passthrough"]
    prepared = " as prepared by " + ", then ".join(names) if names else ""
    return (
        f"Each part is a feature's coefficient times its value{prepared}; the intercept is added to them all."
    )
