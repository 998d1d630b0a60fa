"""Explained by features: one row of a tabular estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skrec_lite.estimator.additive import Contributions, Indivisible
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.explain.explanation import Explanation, parts_frame


def explain_row(estimator: Any, names: Sequence[str], row: ArrayLike) -> Explanation:
    """Say what each feature of one row adds to a tabular estimator's score.

    The score that is taken apart is the margin. Where the estimator shows a probability that is the
    margin's sigmoid, and no sum: `Explanation.shown`.

    Parameters
    ----------
    estimator : tabular estimator
        Fitted. One that declares ``contributions`` is taken apart by it; any other is not decomposable.
    names : sequence of str, length n_features
        Names of the features, in the order of the fit.
    row : array-like of float, shape (n_features,)
        NaN where a value is missing.

    Raises
    ------
    InvalidDataError
        If there is not one name for each value.
    RuntimeError
        Before the fit.
    """
    table = np.asarray(row, dtype=np.float32).reshape(1, -1)
    if len(names) != table.shape[1]:
        raise InvalidDataError(
            f"names must hold one name for each of {table.shape[1]:,} features. Got {len(names):,}."
        )
    score = float(estimator.predict_scores(table)[0])
    split = _taken_apart(estimator, table)
    if isinstance(split, Indivisible):
        return Explanation.of_nothing(score, f"Not decomposable: {split.reason}.")
    parts = parts_frame(list(names), split.parts[0], table[0], ("feature",) * len(names))
    margin = float(split.margins[0])
    if split.slope is None:
        margin, what = score, "Their sum is the ranker's score, of which only the order within a user counts."
    else:
        what = f"Their sum is in log-odds; the ranker shows it as a probability (a sigmoid), {score:.3g}."
    return Explanation.of_sum(
        margin, split.kind, parts, float(split.base[0]), f"{split.note} {what}", slope=split.slope
    )


def _taken_apart(estimator: Any, table: np.ndarray) -> Contributions | Indivisible:
    if hasattr(estimator, "contributions"):
        found: Contributions | Indivisible = estimator.contributions(table)
        return found
    return Indivisible(f"{type(estimator).__name__} does not say what each feature adds to its score")
