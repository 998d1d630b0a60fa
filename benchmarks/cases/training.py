"""Training: implicit matrix factorization beside implicit's."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Reading, Row


def rows(bench: Bench) -> Iterator[Row]:
    """64 factors, 15 iterations; the recall of both is taken by one routine, a seed a repetition."""
    ours, peer = bench.ours(), bench.peer("implicit_als")
    recalls: list[float] = []

    def theirs(number: int) -> Reading:
        assert peer is not None
        reading = peer.ask("train", seed=number + 1)
        recalls.append(ours.ask("recall_of", file="implicit.npz")["recall"])
        return reading

    row = bench.row(
        "train",
        "iALS, 64 factors, 15 iterations",
        lambda number: ours.ask("train", seed=number + 1),
        theirs if peer else None,
        peer="implicit 0.7.3 ALS (CG)",
        aims=(Bound("ratio", 1), Bound("recall_ratio", 1)),
    )
    row.extra["recall"] = mean(reading["recall"] for reading in row.ours)
    if peer:
        row.extra["peer_recall"] = mean(recalls)
        row.extra["recall_ratio"] = row.extra["recall"] / row.extra["peer_recall"]
    yield row
