"""The random bits of a counter are those of SplitMix64."""

import numpy as np
import pytest

from skrec_lite.kernels.random import bits_of

MASK = (1 << 64) - 1


def splitmix64(seed, n):
    """Return the first outputs of the generator as its authors wrote it, in Python's own integers."""
    state, out = seed, []
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out.append(z ^ (z >> 31))
    return out


def test_the_bits_of_counters_are_the_outputs_of_splitmix64():
    assert [int(bits_of(np.uint64(n))) for n in range(1, 6)] == splitmix64(0, 5)
    # The published first output of seed 0.
    assert int(bits_of(np.uint64(1))) == 0xE220A8397B1DCDAF


@pytest.mark.parametrize("bit", [0, 17, 40, 63])
def test_every_bit_is_fair_over_counters_in_a_row(bit):
    drawn = np.array([int(bits_of(np.uint64(n))) >> bit & 1 for n in range(10_000)])
    # Five standard deviations of a fair coin.
    assert abs(drawn.mean() - 0.5) < 0.025
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.05
