"""Retrieval: 200 candidates for all users from the vectors of one matrix factorization."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Row

#: The "peer" of the row that is no comparison with a peer.
LIMIT_PEER = "ours, seen excluded"


def rows(bench: Bench) -> Iterator[Row]:
    """Ours with seen items excluded, beside FAISS (which filters nothing) and implicit (which does)."""
    ours = bench.ours()
    ours.ask("save_models", xgb=False)
    n = bench.shape("1M").n_users
    retrieve = ours.side("retrieve", exclude=True)
    for module, name, aims in (
        ("faiss_flat", "FAISS IndexFlatIP, unfiltered", (Bound("ratio", 1.5),)),
        ("implicit_als", "implicit 0.7.3, seen filtered", ()),
    ):
        peer = bench.peer(module)
        yield bench.row(
            "retrieve",
            "200 for all users, seen excluded",
            retrieve,
            peer.side("retrieve") if peer else None,
            peer=name,
            n=n,
            peer_n=n,
            aims=aims,
        )
        bench.release(module)
        if peer is None:
            break
    # Ours stands in the peer's place: the ratio is what would be won if choosing the best cost nothing.
    product = ours.side("product")
    yield bench.row(
        "retrieve",
        "the matrix product alone (the limit)",
        product,
        retrieve,
        peer=LIMIT_PEER,
        n=n,
        peer_n=n,
    )
