"""What one request takes: scoring the whole catalogue, or a search and then a pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.lessons.lesson import ScoringCost

#: What a person waits for without noticing (Nielsen 1993, chapter 5: about a tenth of a second).
UNNOTICED_SECONDS: Final = 0.1
#: Sizes of catalogue that the calculator goes through.
SIZES: Final = tuple(int(10**power) for power in range(3, 11))


@dataclass(frozen=True)
class Load:
    """What a service has to answer.

    Attributes
    ----------
    n_items : int
        In the catalogue.
    requests : float
        A second.
    pool : int
        Candidates that the first stage passes on.
    looked_at : float
        Share of the catalogue that the first stage compares, over 0 to 1: 1 for exact search, less for an
        approximate index, which looks only where near items are.
    micro_retrieve, micro_rank : float
        Microseconds for a pair, in the first stage and in the ranker.
    """

    n_items: int
    requests: float
    pool: int
    looked_at: float
    micro_retrieve: float
    micro_rank: float

    def __post_init__(self) -> None:
        if not 0 < self.looked_at <= 1:
            raise InvalidParameterError(f"looked_at must be over 0 and at most 1. Got {self.looked_at!r}.")

    def full_seconds(self, n_items: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the seconds of a request if the ranker scores every item, for each size of catalogue."""
        return 1e-6 * self.micro_rank * np.asarray(n_items, dtype=np.float64)

    def two_stage_seconds(self, n_items: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the seconds of a request with a search first, for each size of catalogue."""
        sizes = np.asarray(n_items, dtype=np.float64)
        search = self.micro_retrieve * self.looked_at * sizes
        return 1e-6 * (search + self.micro_rank * np.minimum(self.pool, sizes))

    @property
    def full(self) -> float:
        """Seconds of a request, every item scored."""
        return float(self.full_seconds(self.n_items))

    @property
    def two_stages(self) -> float:
        """Seconds of a request, in two stages."""
        return float(self.two_stage_seconds(self.n_items))

    @property
    def full_cores(self) -> float:
        """Cores that are busy all the time, every item scored: requests a second times their seconds."""
        return self.requests * self.full

    @property
    def two_stage_cores(self) -> float:
        """The same in two stages."""
        return self.requests * self.two_stages

    @property
    def largest_full(self) -> int:
        """Items of the largest catalogue whose full scoring goes unnoticed."""
        return int(UNNOTICED_SECONDS / (1e-6 * self.micro_rank))


def load_of(
    cost: ScoringCost, n_items: int, *, requests: float = 100.0, pool: int = 200, looked_at: float = 0.01
) -> Load:
    """Return the load with the figures that were measured: a search by dot product, and trees to rank."""
    return Load(n_items, requests, pool, looked_at, cost.dot, cost.trees)


def size_in_words(count: float) -> str:
    """Return a count as people say it: ``1,500``, ``20 million``, ``1 billion``."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{_three_figures(count / size)} {word}"
    return f"{count:,.0f}"


def about(count: float) -> str:
    """Return a count to two significant figures, in words: what an estimate is worth."""
    return size_in_words(float(f"{count:.2g}"))


def time_in_words(seconds: float) -> str:
    """Return a duration of any length: ``40 µs``, ``3.1 ms``, ``2.4 s``, ``12 min``, ``3.5 h``."""
    for size, unit in ((3600.0, "h"), (120.0, "min"), (1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{_three_figures(seconds / (60.0 if unit == 'min' else size))} {unit}"
    return f"{_three_figures(1e6 * seconds)} µs"


def _three_figures(value: float) -> str:
    """Return a number to three significant figures, never as a power of ten."""
    return f"{float(f'{value:.3g}'):,g}"
