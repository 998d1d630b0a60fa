"""The worker of reading a log of interactions: ours, from the file to encoded arrays."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.logs import write_log
from benchmarks.protocol import peak_gib, serve, timed
from skrec_lite.dataset.columns.mapping import ColumnMapping
from skrec_lite.dataset.encode import encode_interactions

FOLDER = Path(sys.argv[1])


def write(kind: str, n: int) -> dict[str, Any]:
    """Write a log, unless it is there already."""
    path = write_log(kind, n, FOLDER)
    return {"path": str(path), "bytes": path.stat().st_size}


def encode(path: str, columns: list[str]) -> dict[str, float]:
    """Encode a log; `columns` are those of user, item, outcome and timestamp."""
    log, reading = timed(lambda: encode_interactions(path, ColumnMapping(*columns)))
    encoded = log.encoded
    return {
        **reading,
        "peak_gib": peak_gib(),
        "rows": len(encoded),
        "users": len(encoded.users),
        "items": len(encoded.items),
    }


if __name__ == "__main__":
    serve({"write": write, "encode": encode})
