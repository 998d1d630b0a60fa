"""What an Arrow stream claims to unpack to, read from its messages before anything is unpacked."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_DICTIONARY_BATCH = 2
_RECORD_BATCH = 3


def claimed_bytes(data: bytes) -> int:
    """Return how many bytes the packed buffers of a stream say they unpack to.

    Each buffer of a compressed batch begins with its unpacked length (int64), by which Arrow takes memory
    at once: a file of some kilobytes could ask for all there is. The layout is that of
    https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format and of flatbuffers.

    Parameters
    ----------
    data : bytes
        Of a stream, or of an Arrow file behind its first eight bytes.
    """
    total = 0
    try:
        for metadata, body in _messages(data):
            total += _batch_bytes(data, metadata, body)
    except (struct.error, IndexError, ValueError):
        # What Arrow cannot follow either it refuses by itself.
        pass
    return total


def _messages(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the metadata and the body of each message begin."""
    at = 0
    while at + 8 <= len(data):
        mark, length = struct.unpack_from("<Ii", data, at)
        if mark != 0xFFFFFFFF or length <= 0:
            return
        metadata = at + 8
        body = metadata + length
        root = metadata + struct.unpack_from("<I", data, metadata)[0]
        slot = _field(data, root, 3)
        yield metadata, body
        at = body + (struct.unpack_from("<q", data, slot)[0] if slot else 0)
        if at < body:
            return


def _batch_bytes(data: bytes, metadata: int, body: int) -> int:
    root = metadata + struct.unpack_from("<I", data, metadata)[0]
    kind, header = _field(data, root, 1), _field(data, root, 2)
    if not kind or not header or data[kind] not in (_DICTIONARY_BATCH, _RECORD_BATCH):
        return 0
    batch = header + struct.unpack_from("<I", data, header)[0]
    if data[kind] == _DICTIONARY_BATCH:
        slot = _field(data, batch, 1)
        if not slot:
            return 0
        batch = slot + struct.unpack_from("<I", data, slot)[0]
    buffers, compression = _field(data, batch, 2), _field(data, batch, 3)
    if not buffers or not compression:
        return 0
    vector = buffers + struct.unpack_from("<I", data, buffers)[0]
    total = 0
    for i in range(struct.unpack_from("<I", data, vector)[0]):
        offset, length = struct.unpack_from("<qq", data, vector + 4 + 16 * i)
        if length > 8:
            total += max(struct.unpack_from("<q", data, body + offset)[0], 0)
    return total


def _field(data: bytes, table: int, number: int) -> int:
    """Return where a field of a flatbuffers table begins, 0 if the table does not have it."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    slot = 4 + 2 * number
    if slot >= struct.unpack_from("<H", data, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", data, vtable + slot)[0]
    return table + offset if offset else 0
