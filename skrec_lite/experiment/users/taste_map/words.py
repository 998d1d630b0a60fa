"""What a map keeps and what it distorts, as measured, in plain words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.report.words import counted
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.taste_map.colours import interactions_of
from skrec_lite.experiment.users.taste_map.layout import Projection
from skrec_lite.experiment.users.taste_map.space import FEATURES, TasteSpace, taste_space


def distortion_sentences(projection: Projection) -> list[str]:
    """Say how many true neighbours are neighbours on the map, how many by chance, and what the axes keep."""
    k = projection.n_neighbours
    pointing = int(np.count_nonzero(projection.space.lengths > 0))
    drawn = f" Measured on {counted(projection.n_asked, 'item')} drawn at random."
    chance = 100 * min(1.0, k / max(len(projection.space.items) - 1, 1))
    sentences = [
        f"On this map {100 * projection.neighbour_recall:.0f} of 100 true neighbours are neighbours.",
        f"True: the {k} items most like an item by all coordinates; on the map: the {k} nearest. A map at "
        f"random would keep {chance:.2g} of 100.{drawn if projection.n_asked < pointing else ''}",
    ]
    if projection.explained is not None:
        n_axes = projection.space.directions.shape[1]
        share = f"{100 * projection.explained:.0f} of 100"
        sentences.append(f"Its two axes keep {share} of the spread along all {n_axes:,} coordinates.")
    return sentences


def layout_words(projection: Projection) -> str:
    """Say how items and the user got their places, and of how many items nothing can be told."""
    silent = int(np.count_nonzero(projection.space.lengths == 0))
    nothing = f" Of {counted(silent, 'item')} nothing was learned; they lie together." if silent else ""
    if projection.explained is not None:
        return f"Items and the user are placed by one formula, so that their sides can be compared.{nothing}"
    words = "Near is likely alike; distances between groups, and their sizes, mean nothing."
    n_rest = len(projection.space.items) - projection.n_laid_out
    if n_rest:
        words += (
            f" Laid out were {projection.n_laid_out:,} items drawn at random; the other {n_rest:,} were put "
            "between the three of these that they are most like."
        )
    return (
        f"{words} The user stands between the {projection.n_neighbours} items nearest in direction.{nothing}"
    )


@once_per_result
def space_words(result: ExperimentResult, key: str) -> str:
    """Say what a space is made of, and whether length matters in it besides direction."""
    space = taste_space(result, key)
    n_items, n_axes = counted(len(space.items), "item"), counted(space.directions.shape[1], "coordinate")
    if key == FEATURES:
        return f"{n_items} by their features, {n_axes} each. No retriever searches them in this run."
    own = f"{n_items} as the retriever compares them, {n_axes} each."
    if not space.length_matters:
        return f"{own} Only the angle between two of them counts."
    return (
        f"{own} It scores by dot product, in which the length of an item's vector counts as well"
        f"{_long_and_popular(result, space)}. The map shows directions only: items side by side are alike, "
        "not equally likely to be retrieved."
    )


def _long_and_popular(result: ExperimentResult, space: TasteSpace) -> str:
    counts = interactions_of(result, space.items)
    if not np.ptp(counts):
        return ""
    # Spearman: Pearson's correlation of the ranks.
    ranks = pd.DataFrame({"length": space.lengths, "counts": counts}).rank().to_numpy()
    together = float(np.corrcoef(ranks.T)[0, 1])
    return f" (rank correlation of length and popularity {together:+.2f})"
