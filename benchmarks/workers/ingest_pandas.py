"""The worker of reading a log of interactions: pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.protocol import peak_gib, serve, timed


def encode(path: str, columns: list[str], engine: str | None = None) -> dict[str, float]:
    """Read a log and factorise its ids; `columns` begin with those of user and item."""

    def read() -> tuple[Any, Any, pd.DataFrame]:
        frame = pd.read_csv(path) if engine is None else pd.read_csv(path, engine=engine)  # type: ignore[call-overload]
        return pd.factorize(frame[columns[0]]), pd.factorize(frame[columns[1]]), frame

    (users, items, frame), reading = timed(read)
    return {
        **reading,
        "peak_gib": peak_gib(),
        "rows": len(frame),
        "users": len(users[1]),
        "items": len(items[1]),
    }


if __name__ == "__main__":
    serve({"encode": encode})
