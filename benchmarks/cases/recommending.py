"""Two-stage recommendation: 10 of 200 candidates for 1,000 users, beside scikit-rec's same calls."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Reading, Row
from benchmarks.processes import Worker

_USERS = 1_000
#: scikit-rec loops over users, so that a rate shows at once; it warms up on these.
_WARM_UP_USERS = 50


def matrix_factorization(bench: Bench) -> Iterator[Row]:
    """Rank with matrix factorization.

    Behind its own embedding retriever the pool already stands in the ranker's order and nothing is
    rescored; behind the other two every candidate is.
    """
    aims = (Bound("rate", 20_000), Bound("ratio", 50))
    for retriever in ("embedding", "popularity", "content"):
        yield _row(bench, "mf", retriever, aims)


def trees(bench: Bench) -> Iterator[Row]:
    """Rank with XGBoost, 100 trees of depth 6, on as many feature columns on both sides.

    XGBoost's own predict, given the feature rows of the same pairs, was the limit of the whole call before
    trees were evaluated by bits.
    """
    aims = (Bound("ratio", 25), Bound("engine_ratio", 0.8))
    for retriever in ("popularity", "content"):
        yield _row(bench, "xgb", retriever, aims)
    # scikit-rec refuses this pair: its embedding retriever has only the ranker's vectors.
    yield _row(bench, "xgb", "embedding", aims[1:], with_peer=False)


def _row(
    bench: Bench, estimator: str, retriever: str, aims: tuple[Bound, ...], with_peer: bool = True
) -> Row:
    ours = bench.ours()
    n = min(_USERS, bench.shape("1M").n_users)
    ours.ask("save_models", xgb=estimator == "xgb")
    peer = bench.peer("scikit_rec") if with_peer else None
    call = {"estimator": estimator, "retriever": retriever}
    ranker = "MF" if estimator == "mf" else "XGBoost"
    row = bench.row(
        f"recommend-{estimator}",
        f"10 of 200 by {ranker}, {retriever} retriever",
        ours.side("recommend", n_users=n, **call),
        (lambda number: _theirs(peer, number, n, call)) if peer else None,
        repeat=3,
        peer="scikit-rec 0.4.2",
        n=n,
        peer_n=n,
        aims=aims,
    )
    if peer and estimator == "mf":
        row.extra["same_items"] = _agreement(ours, peer, call)
    return row


def _theirs(peer: Worker, number: int, n: int, call: dict[str, str]) -> Reading:
    return peer.ask("recommend", n_users=_WARM_UP_USERS if number < 0 else n, **call)


def _agreement(ours: Worker, peer: Worker, call: dict[str, str]) -> float:
    """Return the share of items that both sides recommend to the same users: that both do the same work."""
    answers = [
        side.ask("recommend", n_users=_WARM_UP_USERS, lists=True, **call)["lists"] for side in (ours, peer)
    ]
    shared = [len(set(mine) & set(other)) / len(mine) for mine, other in zip(*answers, strict=True)]
    return sum(shared) / len(shared)
