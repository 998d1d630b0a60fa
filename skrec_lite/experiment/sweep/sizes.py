"""Which pool sizes are tried, and at which of them single requests are timed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skrec_lite.exceptions import InvalidParameterError, check_positive_int

#: The smallest pool that is tried, where the final list is no longer than that.
LEAST_POOL = 10
#: Multiples of the final list that the rule of thumb names.
RULE_OF_THUMB = (10, 20)

# Round numbers of a decade, finest first; the finest that makes at most so many sizes is taken.
_ROUND = ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 3.0, 5.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
_MOST_SIZES = 20
_TIMED = 7


def pool_sizes(n: int, n_items: int, top_k: int) -> tuple[int, ...]:
    """Return the pool sizes to try, ascending, to the whole catalogue.

    Round numbers from 10 (from `n`, if that is more, and from `top_k`, if that is less), as fine as keeps
    them to 20, with 10 and 20 times `n`, `top_k` and the catalogue.

    Parameters
    ----------
    n : int
        Length of the final list.
    n_items : int
        Size of the catalogue.
    top_k : int
        Pool size of the run, at least `n`.
    """
    asked = {max(LEAST_POOL, n), n_items, top_k, *(times * n for times in RULE_OF_THUMB)}
    least = min(asked)
    decades = 10.0 ** np.arange(1, len(str(n_items)) + 1)
    sizes: list[int] = []
    for steps in _ROUND:
        rounded = np.outer(steps, decades).round().astype(int).ravel().tolist()
        sizes = sorted(size for size in asked.union(rounded) if least <= size <= n_items)
        if len(sizes) <= _MOST_SIZES:
            break
    return tuple(sizes)


def checked_sizes(given: Sequence[int], n: int, n_items: int) -> tuple[int, ...]:
    """Return given pool sizes ascending, each once; what is beyond the catalogue is the catalogue.

    Raises
    ------
    InvalidParameterError
        For none, for one that is no positive integer, or one that cannot fill a list of `n`.
    """
    sizes = sorted({min(check_positive_int("sizes", size), n_items) for size in given})
    if not sizes:
        raise InvalidParameterError("sizes must name at least one pool size, or be None for a range of them.")
    if sizes[0] < min(n, n_items):
        raise InvalidParameterError(
            f"sizes must be at least n: a pool of {sizes[0]} cannot fill a list of {n}."
        )
    return tuple(sizes)


def timed_sizes(sizes: Sequence[int], top_k: int) -> tuple[int, ...]:
    """Return the sizes at which requests are timed: the ends, some between, and the run's `top_k`.

    About 7 of `sizes`, evenly spaced in their order; latency between two of them is near a straight line.
    """
    places = np.linspace(0, len(sizes) - 1, num=min(_TIMED, len(sizes))).round().astype(int)
    return tuple(sorted({*(sizes[place] for place in places), *({top_k} & set(sizes))}))
