"""Files in one archive that is the same whenever it is made of the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Final

_TIME: Final = (1980, 1, 1, 0, 0, 0)


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip archive of files by name, in their order, without the time of day.

    Parameters
    ----------
    files : iterable of (str, bytes)
        Names with ``/`` between folders.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            # Parquet is packed already; run files are large, and little effort packs them well.
            kind = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, kind, compresslevel=1)
    return packed.getvalue()
