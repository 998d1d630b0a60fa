"""A log of interactions, from a csv file to encoded arrays."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.logs import FULL, QUICK
from benchmarks.measure import Bound, Row

_COLUMNS = {
    "movielens": ["userId", "movieId", "rating", "timestamp"],
    "amazon": ["user_id", "item_id", "rating", "timestamp"],
}
_AIMS = {
    "movielens": (Bound("ratio", 3), Bound("seconds", 60, at_most=True), Bound("peak_gib", 6, at_most=True)),
    "amazon": (),
}


def rows(bench: Bench) -> Iterator[Row]:
    """Whole numbers as ids (20 million rows) and text as ids (5 million), each against pandas' readers."""
    for kind, columns in _COLUMNS.items():
        n = (QUICK if bench.quick else FULL)[kind]
        # Fresh processes for each file: the peak of memory is that of a process.
        ours, pandas = bench.alone("ingest"), None if bench.quick else bench.alone("ingest_pandas")
        file = ours.ask("write", kind=kind, n=n)
        given = {"path": file["path"], "columns": columns}
        what = f"{n:,} rows like {kind}'s ({file['bytes'] / 1e6:,.0f} MB)"
        peers = {"pandas.read_csv + factorize": None, "the same, engine pyarrow": "pyarrow"}
        for peer, engine in peers.items() if pandas is not None else {"": None}.items():
            yield bench.row(
                "ingest",
                what,
                ours.side("encode", **given),
                None if pandas is None else pandas.side("encode", engine=engine, **given),
                repeat=3,
                peer=peer or None,
                n=n,
                peer_n=n,
                aims=_AIMS[kind] if engine is None else (),
            )
        bench.release("ingest", "")
        bench.release("ingest_pandas", "")
