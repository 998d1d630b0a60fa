"""Content-based retrieval: the index and 200 for all users."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Row


def rows(bench: Bench) -> Iterator[Row]:
    """The same two calls on both sides; then ours as arrays, which is how the library itself retrieves."""
    ours, peer = bench.ours(), bench.peer("scikit_rec")
    for as_lists, what, aims in (
        (True, "content index + 200 for all users, as lists", (Bound("ratio", 10),)),
        (False, "content index + 200 for all users, as arrays", ()),
    ):
        row = bench.row(
            "content",
            what,
            ours.side("content", as_lists=as_lists),
            peer.side("content") if peer else None,
            peer="scikit-rec 0.4.2",
            aims=aims,
        )
        for part in ("build", "find"):
            row.extra[f"{part}_seconds"] = sorted(r[part] for r in row.ours)[len(row.ours) // 2]
        yield row
    bench.release("scikit_rec")
