"""Two stages against one: the same model over a pool of 200 and over the full catalogue, both ours."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Row

_RETRIEVERS = ("embedding", "popularity", "content")


def matrix_factorization(bench: Bench) -> Iterator[Row]:
    """All users of the 1M shape. A dot product is cheap: two stages only must not lose."""
    yield from _rows(bench, "stages-mf", "1M", "mf", None, 1)


def trees(bench: Bench) -> Iterator[Row]:
    """1,000 users of the 1M shape."""
    yield from _rows(bench, "stages-xgb", "1M", "xgb", min(1_000, bench.shape("1M").n_users), 10)


def wide_catalogue(bench: Bench) -> Iterator[Row]:
    """50 users, 100,000 items."""
    yield from _rows(bench, "stages-wide", "wide", "xgb", 50, 50)
    bench.release("ours", "wide")


def _rows(
    bench: Bench, case: str, shape: str, estimator: str, n_users: int | None, times: float
) -> Iterator[Row]:
    ours = bench.ours(shape)
    size = bench.shape(shape)
    n = n_users or size.n_users
    ranker = "MF" if estimator == "mf" else "XGBoost"
    for retriever in _RETRIEVERS:
        yield bench.row(
            case,
            f"{ranker}, {size.n_items:,} items, {retriever} retriever",
            ours.side("recommend", estimator=estimator, retriever=retriever, n_users=n_users),
            ours.side("recommend", estimator=estimator, retriever=None, n_users=n_users),
            repeat=5 if estimator == "mf" else 3,
            peer="ours, full catalogue",
            n=n,
            peer_n=n,
            aims=(Bound("ratio", times), Bound("cpu_ratio", times)),
        )
