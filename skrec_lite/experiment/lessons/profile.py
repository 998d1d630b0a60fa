"""A content profile and an item, feature by feature; and how unevenly choices spread over items."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.experiment.lessons.lesson import Lesson
from skrec_lite.experiment.lessons.matching import matched
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.users.why import in_words

#: Features shown one by one; the others are summed up in a row of their own.
N_FEATURES: Final = 8
OTHERS: Final = "all others"


def profile_parts(lesson: Lesson, user_id: str, item_id: str) -> pd.DataFrame:
    """Return how like a user's profile an item is: ``feature, profile, item, product``.

    The greatest products come first, then all others in one row, whose profile and item are NaN. The products
    sum to the cosine, which is the retriever's score.

    Parameters
    ----------
    lesson : Lesson
    user_id : str
        Measured.
    item_id : str
        In the catalogue.
    """
    match, profile, item = matched(lesson, "content", user_id, item_id)
    frame = pd.DataFrame(
        {
            "feature": [in_words(name) for name in match.feature_names],
            "profile": profile,
            "item": item,
            "product": profile * item,
        }
    )
    order = np.argsort(-np.abs(frame["product"].to_numpy()), kind="stable")
    order = order[frame["product"].to_numpy()[order] != 0]
    head, tail = frame.iloc[order[:N_FEATURES]], frame.iloc[order[N_FEATURES:]]
    rest = {"feature": OTHERS, "profile": np.nan, "item": np.nan, "product": tail["product"].sum()}
    return pd.concat([head, pd.DataFrame([rest])], ignore_index=True)


@once_per_result
def popularity_curve(lesson: Lesson) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return shares of items, the most popular first, and the shares of training choices that they hold.

    Returns
    -------
    items, choices : ndarray of float64, shape (n_items + 1,)
        Both from 0 to 1.
    """
    catalogue = lesson.result.items
    rows = catalogue.encode(lesson.result.split.train["ITEM_ID"])
    counts = np.sort(np.bincount(rows[rows >= 0], minlength=len(catalogue)))[::-1]
    choices = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
    return np.linspace(0.0, 1.0, len(counts) + 1), choices


def head_share(lesson: Lesson, share: float) -> float:
    """Return the share of choices that the most popular `share` of the items hold."""
    items, choices = popularity_curve(lesson)
    return float(np.interp(share, items, choices))
