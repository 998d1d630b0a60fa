"""A user and an item as one retriever of the lesson sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.lessons.lesson import Lesson
from skrec_lite.retriever.match import Match


def matched(
    lesson: Lesson, key: str, user_id: str, item_id: str
) -> tuple[Match, NDArray[np.float64], NDArray[np.float64]]:
    """Return the match of a user and an item by a retriever of vectors, and both vectors, shape (d,).

    Parameters
    ----------
    lesson : Lesson
    key : str
        ``"embedding"`` or ``"content"``.
    user_id : str
        Measured.
    item_id : str
        In the catalogue.
    """
    match: Match = lesson.result.recommenders[key].retriever.match(user_id, item_id)
    assert match.user_vector is not None
    assert match.item_vector is not None
    return match, match.user_vector.astype(np.float64), match.item_vector.astype(np.float64)
