"""The answer to "why this item?": a score, its parts, and whether they add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.estimator.additive import through_sigmoid
from skrec_lite.exceptions import InvalidDataError


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a score is made of.

    Attributes
    ----------
    score : float
        What `base` and the contributions add up to, where `is_exact`. It is the retriever's or the ranker's
        own score, but for a classifier, whose probability is no sum: there it is the margin (the log-odds),
        and `shown` is the probability. NaN where a custom retriever gives none.
    kind : str
        "history", "features", "count", "trees" or "linear", by what the parts are; "likeness" where they
        are nearest items of the history in place of a sum; "none" without any.
    parts : DataFrame
        ``name`` (item id, feature or column), ``contribution``, ``value`` (of the feature, or the outcome of
        the history item; NaN without one) and ``source`` ("history", "user", "feature", "context", "item",
        "count"), the greatest contribution, whatever its sign, first.
    base : float
        What is added to the parts: an intercept, the average prediction, a tower's bias, and `unexplained`.
    is_exact : bool
        Whether ``base + parts["contribution"].sum()`` is `score`, up to the rounding of float32.
    note : str
        What the parts mean, in plain words; "Not decomposable" and why, where they are no sum.
    unexplained : float
        The share of `base` that no input of the model accounts for: what factors had still to go when
        training ended, or interactions other than those of the training.
    slope : float or None
        Steepness of the sigmoid that `score` is shown through, if any.
    """

    score: float
    kind: str
    parts: pd.DataFrame
    base: float
    is_exact: bool
    note: str
    unexplained: float = 0.0
    slope: float | None = None

    @classmethod
    def of_sum(
        cls,
        score: float,
        kind: str,
        parts: pd.DataFrame,
        base: float,
        note: str,
        unexplained: float = 0.0,
        slope: float | None = None,
    ) -> Explanation:
        """Return the explanation by parts that should add up to `score`, and say whether they do."""
        contributions = parts["contribution"].to_numpy()
        slack = 1e-5 * (abs(base) + float(np.abs(contributions).sum()) + abs(score))
        is_exact = bool(abs(base + float(contributions.sum()) - score) <= slack)
        return cls(score, kind, parts, base, is_exact, note, unexplained, slope)

    @classmethod
    def of_nothing(cls, score: float, note: str) -> Explanation:
        """Return the explanation that there is none, and why."""
        return cls(score, "none", parts_frame((), (), (), ()), 0.0, False, note)

    @property
    def shown(self) -> float:
        """The score as the retriever or the ranker gives it: through the sigmoid where there is one."""
        return float(through_sigmoid(np.array(self.score), self.slope))


def parts_frame(
    names: Sequence[str],
    contributions: ArrayLike,
    values: ArrayLike,
    sources: Sequence[str],
    *,
    by_size: bool = True,
) -> pd.DataFrame:
    """Return parts as a frame, the greatest contribution first; `by_size` whatever its sign.

    Parameters
    ----------
    names, sources : sequence of str, length n
    contributions, values : array-like of float, shape (n,)
    by_size : bool, default True
    """
    frame = pd.DataFrame(
        {
            "name": np.array(names, dtype=object),
            "contribution": np.asarray(contributions, dtype=np.float64),
            "value": np.asarray(values, dtype=np.float64),
            "source": np.array(sources, dtype=object),
        }
    )
    weight = frame["contribution"].abs() if by_size else frame["contribution"]
    return frame.iloc[np.argsort(-weight.to_numpy(), kind="stable")].reset_index(drop=True)


def one_id(value: Any, what: str) -> str:
    """Return an id as text.

    Raises
    ------
    InvalidDataError
        If it is missing.
    """
    text: NDArray[np.object_] = as_id_strings([value])
    if text[0] is None:
        raise InvalidDataError(f"{what} is missing.", repair="Name one user and one item.")
    return str(text[0])
