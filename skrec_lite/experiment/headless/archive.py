"""A comparison as one file to take away."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from skrec_lite.experiment.headless.folder import write_folder
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.experiment.trec import trec_files

# The same content makes the same archive, whenever it is made.
_TIME: Final = (1980, 1, 1, 0, 0, 0)


def comparison_zip(result: ExperimentResult, sweep: Sweep | None = None) -> bytes:
    """Return everything that `skrec_lite.experiment.headless.write_folder` writes, as a zip archive."""
    with tempfile.TemporaryDirectory() as place:
        folder = write_folder(result, Path(place) / "comparison", sweep=sweep)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return _zipped((path.relative_to(folder.parent).as_posix(), path.read_bytes()) for path in paths)


def trec_zip(result: ExperimentResult) -> bytes:
    """Return the TREC files of a comparison, as a zip archive; see `skrec_lite.experiment.trec`."""
    return _zipped((f"trec/{name}", "".join(blocks).encode()) for name, blocks in trec_files(result))


def _zipped(files: Iterator[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            # Parquet is packed already; run files are large, and little effort packs them well.
            kind = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, kind, compresslevel=1)
    return packed.getvalue()
