"""Random bits of a counter, for compiled loops whose draws must not depend on the number of threads."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, inline="always")
def bits_of(counter):  # type: ignore[no-untyped-def]
    """Return 64 well-mixed bits of a counter.

    The output of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators")
    at its `counter`-th step from state 0.

    Parameters
    ----------
    counter : uint64

    Returns
    -------
    uint64
    """
    z = counter * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
