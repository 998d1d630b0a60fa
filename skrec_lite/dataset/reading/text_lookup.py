"""Compiled work on the texts of a table: counting lines, and numbering distinct texts by a hash table."""

from __future__ import annotations

from typing import Final

from numba import njit

from skrec_lite.dataset.reading.number_words import U, byte_at

_LF: Final = 10
_0, _1, _8, _16 = U(0), U(1), U(8), U(16)


@njit(nogil=True, cache=True)
def count_lines(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the number of line feeds in ``data[start:stop]``."""
    n = 0
    for byte in data[start:stop]:
        n += byte == _LF
    return n


@njit(nogil=True, cache=True)
def after_line(data, place):  # type: ignore[no-untyped-def]
    """Return the place after the first line feed at or behind `place`; ``len(data)`` where there is none."""
    for i in range(place, len(data)):
        if data[i] == _LF:
            return i + 1
    return len(data)


@njit(nogil=True, cache=True)
def gather(places, out):  # type: ignore[no-untyped-def]
    """Write texts one after another; `places` has rows ``(address, length, ...)``."""
    at = 0
    for i in range(len(places)):
        start = places[i, 0]
        for j in range(places[i, 1]):
            out[at] = byte_at(start + U(j))
            at += 1


@njit(nogil=True, cache=True)
def sort_keys(offsets, letters, skip, keys):  # type: ignore[no-untyped-def]
    """Write eight bytes of each text, from the one of number `skip` on, as a number that sorts as they do."""
    for i in range(len(keys)):
        key = _0
        for place in range(offsets[i] + skip, offsets[i] + skip + 8):
            key = (key << _8) | (U(letters[place]) if place < offsets[i + 1] else _0)
        keys[i] = key


@njit(nogil=True, cache=True)
def _mixed(first, second, about):  # type: ignore[no-untyped-def]
    h = (first ^ (second + about) * U(0xC2B2AE3D27D4EB4F)) * U(0x9E3779B97F4A7C15)
    h ^= h >> U(32)
    h *= U(0xBF58476D1CE4E5B9)
    return h ^ (h >> U(29))


@njit(nogil=True, cache=True)
def regrow(old, new):  # type: ignore[no-untyped-def]
    """Move the entries of a hash table of texts to an empty one, rows of ``(first, second, about, code)``."""
    mask = U(len(new) - 1)
    for i in range(len(old)):
        if old[i, 2] != _0:
            h = _mixed(old[i, 0], old[i, 1], old[i, 2]) & mask
            while new[h, 2] != _0:
                h = (h + _1) & mask
            new[h] = old[i]


@njit(nogil=True, cache=True)
def _same_rest(a, b, length):  # type: ignore[no-untyped-def]
    i = _16
    while i < length:
        if byte_at(a + i) != byte_at(b + i):
            return False
        i += _1
    return True


@njit(nogil=True, cache=True)
def look_up(firsts, seconds, starts, lengths, column, table, places, n_texts, codes):  # type: ignore[no-untyped-def]
    """Write the code of each text of a column; new texts are entered. Return the number of texts.

    The first 16 bytes lie in the table itself, so that usual ids are compared without a look at the file.
    """
    mask = U(len(table) - 1)
    for i in range(len(codes)):
        length = lengths[i]
        if length == _0:
            codes[i] = -1
            continue
        first, second = firsts[i], seconds[i]
        # Never 0, which marks an empty slot.
        about = (U(column + 1) << U(40)) | length
        h = _mixed(first, second, about) & mask
        while True:
            if table[h, 2] == about and table[h, 0] == first and table[h, 1] == second:
                code = table[h, 3]
                if length <= _16 or _same_rest(places[code, 0], starts[i], length):
                    codes[i] = code
                    break
            elif table[h, 2] == _0:
                table[h, 0], table[h, 1], table[h, 2], table[h, 3] = first, second, about, n_texts
                places[n_texts, 0], places[n_texts, 1], places[n_texts, 2] = starts[i], length, column
                places[n_texts, 3], places[n_texts, 4] = first, second
                codes[i] = n_texts
                n_texts += 1
                break
            h = (h + _1) & mask
    return n_texts
