"""Repetitions that alternate, their medians, and what they are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Reading = dict[str, Any]
Side = Callable[[int], Reading]


@dataclass(frozen=True)
class Bound:
    """One condition of an aim.

    Attributes
    ----------
    quantity : str
        A key of `Row.figures`.
    limit : float
    at_most : bool
        By default the figure must reach the limit; with this it must not exceed it.
    """

    quantity: str
    limit: float
    at_most: bool = False

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Return whether the figures meet this condition."""
        value = figures[self.quantity]
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        text = {
            "ratio": f"{self.limit:g} x",
            "cpu_ratio": f"{self.limit:g} x CPU",
            "rate": f"{self.limit:,.0f}/s",
            "seconds": f"{self.limit:g} s",
            "peak_gib": f"{self.limit:g} GiB",
            "engine_ratio": f"{self.limit:g} x its engine",
            "recall_ratio": f"{self.limit:g} x its recall",
            "hit_ratio": f"{self.limit:g} x its HR@10",
        }[self.quantity]
        return f"{sign} {text}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    case, what : str
        The case, and what of it was timed.
    ours, theirs : list of dict
        A reading each repetition: ``wall`` and ``cpu`` seconds, and whatever else the worker measured.
        `theirs` is empty where there is no peer.
    peer : str or None
    n, peer_n : int
        Users answered in one call, for rates and for ratios per user; 1 where a call is the unit.
    aims : tuple of Bound
        Empty where the figure only informs.
    extra : dict
        Further figures, such as recalls.
    others : float or None
        Share of the machine that other processes used meanwhile.
    judged : bool
        False where the data is too small for the aim to mean anything.
    """

    case: str
    what: str
    ours: list[Reading]
    theirs: list[Reading] = field(default_factory=list)
    peer: str | None = None
    n: int = 1
    peer_n: int = 1
    aims: tuple[Bound, ...] = ()
    extra: dict[str, float] = field(default_factory=dict)
    others: float | None = None
    judged: bool = True

    @property
    def ratios(self) -> list[float]:
        """How many times our wall clock the peer needs per user, pair by pair."""
        return self._pairwise("wall")

    @property
    def figures(self) -> dict[str, float]:
        """Medians: ``seconds, cpu, rate``; with a peer also ``peer_seconds, peer_cpu, ratio, cpu_ratio``.

        ``engine_ratio`` is how many times our wall clock the tree engine's own predict would need for the
        same pairs: where nothing but that predict is fast, at most 1. ``peak_gib`` is the most memory that
        the process had at once, ``peer_peak_gib`` that of the peer's.
        """
        seconds = median(reading["wall"] for reading in self.ours)
        out = {
            "seconds": seconds,
            "cpu": median(reading["cpu"] for reading in self.ours),
            "rate": self.n / seconds,
        }
        if self.theirs:
            out["peer_seconds"] = median(reading["wall"] for reading in self.theirs)
            out["peer_cpu"] = median(reading["cpu"] for reading in self.theirs)
            out["peer_rate"] = self.peer_n / out["peer_seconds"]
            out["ratio"] = median(self.ratios)
            out["cpu_ratio"] = median(self._pairwise("cpu"))
        for side, prefix in ((self.ours, ""), (self.theirs, "peer_")):
            if side and "peak_gib" in side[0]:
                out[f"{prefix}peak_gib"] = max(reading["peak_gib"] for reading in side)
        if "engine" in self.ours[0]:
            out["engine_ratio"] = median(reading["engine"] / reading["wall"] for reading in self.ours)
        return out | self.extra

    @property
    def reached(self) -> bool | None:
        """Whether every aim holds; None where there is none, or the data is too small to say."""
        if not self.aims or not self.judged:
            return None
        return all(bound.holds(self.figures) for bound in self.aims)

    def _pairwise(self, clock: str) -> list[float]:
        scale = self.n / self.peer_n
        if not self.theirs:
            return []
        return [scale * b[clock] / a[clock] for a, b in zip(self.ours, self.theirs, strict=True)]


@dataclass(frozen=True)
class Pace:
    """How often to repeat.

    Attributes
    ----------
    repeat : int
        Pairs of repetitions wanted.
    seconds : float
        Short calls are repeated until they add up to this.
    quiet : float
        A pair counts as disturbed when other processes used more than this share of the machine. Disturbed
        pairs are repeated, until there are three times as many pairs or `patience` ends. What decides is
        the others' load, never our result.
    patience : float
        Seconds of measuring after which disturbed pairs are no longer repeated.
    """

    repeat: int = 5
    seconds: float = 2.0
    quiet: float = 0.1
    patience: float = 30.0

    @property
    def most(self) -> int:
        """Pairs at most."""
        return 3 * self.repeat


@dataclass(frozen=True)
class Pairs:
    """Kept repetitions: readings of ours, of the peer (if there is one), and the others' load."""

    ours: list[Reading]
    theirs: list[Reading]
    others: float | None


def alternate(
    ours: Side, theirs: Side | None, pace: Pace, watch: Callable[[], Callable[[], float | None]]
) -> Pairs:
    """Warm both sides up, call them in turn, and keep the undisturbed pairs.

    Parameters
    ----------
    ours, theirs : callable
        Given the number of the repetition (-1 to warm up), run it and return its reading.
    pace : Pace
    watch : callable
        Starts to watch the machine; what it returns tells the share that others have used since.
    """
    sides = [side for side in (ours, theirs) if side is not None]
    for side in sides:
        side(-1)
    pairs: list[tuple[float, list[Reading]]] = []
    spent = 0.0
    for number in range(pace.most):
        quiet = sum(others <= pace.quiet for others, _ in pairs)
        if quiet >= pace.repeat and spent >= pace.seconds:
            break
        if number >= pace.repeat and spent >= pace.patience:
            break
        share = watch()
        pairs.append((0.0, [side(number) for side in sides]))
        pairs[-1] = share() or 0.0, pairs[-1][1]
        spent += sum(reading["wall"] for reading in pairs[-1][1])
    quiet = sum(others <= pace.quiet for others, _ in pairs)
    kept = sorted(pairs, key=lambda pair: pair[0])[: max(quiet, min(pace.repeat, len(pairs)))]
    columns = [[readings[place] for _, readings in kept] for place in range(len(sides))]
    return Pairs(columns[0], columns[1] if theirs else [], median(others for others, _ in kept))
