"""Who or what belongs to which segment: bands of numbers, most frequent labels, tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Labels that get a segment of their own; the others share one.
MOST_LABELS: Final = 12
OTHER: Final = "other"
NO_VALUE: Final = "no value"


@dataclass(frozen=True, eq=False)
class Segments:
    """Segments and their members: measured users, or held-out items of measured users.

    Attributes
    ----------
    names : tuple of str
        Different, in the order to show them in; labels from files are as they are there.
    members : ndarray of bool, shape (n_members, n_segments)
        Each segment has a member, and each member a segment.
    is_disjoint : bool
        Whether nothing belongs to two of them.
    note : str
        How the segments are made, in a sentence.
    """

    names: tuple[str, ...]
    members: NDArray[np.bool_]
    is_disjoint: bool
    note: str


def by_code(names: Sequence[str], codes: NDArray[np.integer], note: str) -> Segments:
    """Return disjoint segments; `codes` (n_members,) are places in `names`, of which unused ones go."""
    members = np.asarray(codes)[:, None] == np.arange(len(names))
    used = np.flatnonzero(members.any(axis=0)).tolist()
    return Segments(_different([names[place] for place in used]), members[:, used], True, note)


def by_bands(numbers: NDArray[np.float64], write: Callable[[float], str], note: str) -> Segments:
    """Part members by number: each of a few whole numbers alone, otherwise bands at the quartiles.

    Parameters
    ----------
    numbers : ndarray of float64, shape (n_members,)
        NaN for `NO_VALUE`.
    write : callable
        Writes a number for people.
    note : str
        What the numbers are; how they are parted is added.
    """
    told = np.isfinite(numbers)
    values = np.unique(numbers[told])
    if len(values) <= MOST_LABELS and (values == np.floor(values)).all():
        codes = np.where(told, np.searchsorted(values, np.where(told, numbers, 0.0)), len(values))
        return by_code([*map(write, values), NO_VALUE], codes, f"{note}, each value by itself.")
    # Edges are values that occur, so that equal numbers always share a band.
    edges = np.unique(np.quantile(numbers[told], [0.25, 0.5, 0.75], method="inverted_cdf"))
    bands = np.where(told, np.searchsorted(edges, np.where(told, numbers, 0.0)), len(edges) + 1)
    names = [_span(numbers[bands == band], write) for band in range(len(edges) + 1)]
    return by_code([*names, NO_VALUE], bands, f"{note}, parted at the quartiles of what is measured here.")


def by_label(labels: pd.Series, note: str) -> Segments:
    """Part members by their label (n_members,), missing for `NO_VALUE`; rare labels share `OTHER`."""
    kept = _most_frequent(labels.dropna().value_counts().to_dict())
    codes = pd.Index(kept, dtype=object).get_indexer(labels.to_numpy(dtype=object))
    codes = np.where(codes >= 0, codes, len(kept) + labels.isna().to_numpy())
    n_rare = labels.nunique() - len(kept)
    return by_code([*kept, _other(n_rare), NO_VALUE], codes, note)


def by_tags(tags: Sequence[Sequence[str]], note: str) -> Segments:
    """Put members into the segment of each of their tags (n_members of them); rare tags share `OTHER`."""
    counts = Counter(tag for own in tags for tag in set(own))
    kept = _most_frequent(counts)
    place = {tag: nth for nth, tag in enumerate(kept)}
    members = np.zeros((len(tags), len(kept) + 2), dtype=bool)
    pairs = [(row, place.get(tag, len(kept))) for row, own in enumerate(tags) for tag in own]
    if pairs:
        members[tuple(np.array(pairs).T)] = True
    members[:, -1] = ~members.any(axis=1)
    names = [*kept, _other(len(counts) - len(kept)), NO_VALUE]
    used = np.flatnonzero(members.any(axis=0)).tolist()
    members = members[:, used]
    is_disjoint = bool((members.sum(axis=1) == 1).all())
    return Segments(_different([names[place] for place in used]), members, is_disjoint, note)


def _most_frequent(counts: dict[str, int]) -> list[str]:
    """Return the most frequent labels, most first, equal ones by name."""
    return sorted(counts, key=lambda label: (-counts[label], label))[:MOST_LABELS]


def _other(n_labels: int) -> str:
    return f"{OTHER} ({n_labels:,})"


def _span(numbers: NDArray[np.float64], write: Callable[[float], str]) -> str:
    if not len(numbers):
        return ""
    low, high = write(float(numbers.min())), write(float(numbers.max()))
    return low if low == high else f"{low} to {high}"


def _different(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, numbered where a label from a file is written as another segment is."""
    seen: Counter[str] = Counter()
    out: list[str] = []
    for name in names:
        seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)
