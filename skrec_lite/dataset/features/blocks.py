"""The numbers that one source column becomes, such that a cosine can compare them.

Scale matters more than encoding: the cosine of two items is decided by whichever columns are longest.
Every block therefore gets the same say. A number or date is standardised (mean square 1 over the items). A
block of flags (categories, tags, 0/1 columns) is weighted by how much each flag tells, its inverse document
frequency (see `skrec_lite.dataset.features.weights`), and each item's row in it is then brought to length 1,
so that an item with five genres does not outweigh one with a single genre. A text's topics (see
`skrec_lite.dataset.features.text`) are a row of length 1 too, so that a long text does not outweigh a short
one. For items that have something in each block of flags and texts, the cosine over these is the plain mean
of the blocks' own cosines; an item without a text has a row of 0 there, and the other blocks decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.readers import Reader, Values


@dataclass(frozen=True, eq=False)
class Block:
    """The features made of one source column.

    Attributes
    ----------
    kind : str
        "number", "year", "date", "flag", "category", "tags" or "text"; "skipped" if nothing could be made
        of it.
    names : tuple of str
        Feature names, one per column of `values`.
    values : ndarray of float32 or csr_array, shape (n_rows, len(names))
        As of `Reading`.
    present : ndarray of bool, shape (n_rows,)
        Whether the source cell said anything.
    note : str
        What was done, or why nothing.
    reader : Reader or None
        What gives the same numbers for the same cells of other rows; None if nothing could be made of them.
    """

    kind: str
    names: tuple[str, ...]
    values: Values
    present: NDArray[np.bool_]
    note: str
    reader: Reader | None = None


def skipped(values: NDArray[np.generic] | pd.Series, reason: str) -> Block:
    """Return the block of a column that yields nothing."""
    n = len(values)
    return Block("skipped", (), np.empty((n, 0), dtype=np.float32), np.zeros(n, dtype=bool), reason)


CONSTANT = "has the same value everywhere"
EMPTY = "is empty"
