"""Candidate recall at every pool size: what a sweep costs once the indexes are built."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Row


def rows(bench: Bench) -> Iterator[Row]:
    """recall@1..500 of the three retrievers for all users, seen items excluded."""
    ours = bench.ours()
    row = bench.row(
        "recall",
        "recall@1..500 of 3 retrievers, all users",
        ours.side("recall_curves", k=500),
        aims=(Bound("seconds", 1, at_most=True),),
    )
    names = ("embedding", "content", "popularity")
    row.extra.update(
        {f"recall@500_{name}": value for name, value in zip(names, row.ours[0]["last"], strict=True)}
    )
    yield row
