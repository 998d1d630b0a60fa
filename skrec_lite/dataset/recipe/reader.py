"""Files of one data set, each read at most once for the same way of reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from skrec_lite.dataset.reading.files import SourceFile
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress
from skrec_lite.dataset.reading.tables import TableRead, read_table
from skrec_lite.exceptions import InvalidDataError

_WHOLE_BYTES: Final = 32 << 20
_HEAD_BYTES: Final = 1 << 20


class FileReader:
    """Reads files and keeps what it read.

    Parameters
    ----------
    files : iterable of SourceFile
        With distinct names, or else later ones are called ``name (2)``.
    """

    def __init__(self, files: Iterable[SourceFile]):
        self.files: dict[str, SourceFile] = {}
        for file in files:
            wanted = re.split(r"[/\\]", file.name)[-1]
            name, copy = wanted, 1
            while name in self.files:
                copy += 1
                name = f"{wanted} ({copy})"
            self.files[name] = file
        self._read: dict[tuple[Any, ...], TableRead] = {}
        self._samples: dict[tuple[Any, ...], pd.DataFrame | InvalidDataError] = {}

    def __len__(self) -> int:
        return len(self.files)

    @property
    def n_bytes(self) -> int:
        """Bytes of all files as given."""
        return sum(file.size for file in self.files.values())

    def read(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        progress: ReadProgress | None = None,
        cancel: ReadCancel | None = None,
    ) -> TableRead:
        """Return a file's table.

        Raises
        ------
        InvalidDataError
            If there is no such file, or it is no table.
        """
        key = _key(name, options)
        if key not in self._read:
            if name not in self.files:
                raise InvalidDataError(
                    f"There is no file '{name}'.", repair=f"Files at hand: {', '.join(self.files) or 'none'}."
                )
            self._read[key] = self.files[name].read(progress=progress, cancel=cancel, **(options or {}))
        return self._read[key]

    def sample(self, name: str, options: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return the first rows of a large file, or all of a small one.

        Raises
        ------
        InvalidDataError
            If it is no table.
        """
        key = _key(name, options)
        if key in self._read:
            return self._read[key].frame
        if key not in self._samples:
            try:
                self._samples[key] = self._sampled(name, dict(options or {}))
            except InvalidDataError as error:
                self._samples[key] = error
        found = self._samples[key]
        if isinstance(found, InvalidDataError):
            raise found
        return found

    def _sampled(self, name: str, options: dict[str, Any]) -> pd.DataFrame:
        file = self.files[name]
        if file.size <= _WHOLE_BYTES:
            return self.read(name, options).frame
        head = file.head(_HEAD_BYTES)
        end = head.rfind(b"\n")
        if end > 0 and b"\0" not in head:
            try:
                return read_table(head[: end + 1], name, **options).frame
            except InvalidDataError:
                pass  # a record that goes on past the head, for one; the whole file will tell
        return self.read(name, options).frame


def _key(name: str, options: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """Return the same key for options left out and options that leave the choice to the reader."""
    return (name, *sorted(pair for pair in (options or {}).items() if pair[1] is not None))
