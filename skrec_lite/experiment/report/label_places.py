"""Places for labels at line ends, so that close ends do not print over each other."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Return the places nearest to those wanted, in the same order, at least `gap` apart.

    Nearest in the sense of least squares: with the i-th smallest moved down by i gaps, this is isotonic
    regression, solved by pooling adjacent violators.
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    blocks: list[tuple[float, int]] = []
    for step, place in enumerate(order):
        mean, size = wanted[place] - step * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, n_before = blocks.pop()
            mean, size = (before * n_before + mean * size) / (n_before + size), n_before + size
        blocks.append((mean, size))
    level = [mean for mean, size in blocks for _ in range(size)]
    placed = [0.0] * len(wanted)
    for step, place in enumerate(order):
        placed[place] = level[step] + step * gap
    return placed
