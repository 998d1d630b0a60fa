"""Compiled parsing of plain text tables: from bytes to numbers and to codes of distinct texts.

Only the plainest notation is taken for a number here, and only where the rules of
`skrec_lite.dataset.reading.lossless` would surely make the same number of it. Every other cell ends the
attempt for its column, which is then judged by those rules themselves.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from skrec_lite.dataset.reading.number_words import (
    POWERS,
    U,
    byte_at,
    digits_in,
    first_bytes,
    first_set_byte,
    has_zero,
    is_not_ascii,
    put_narrow_real,
    put_narrow_whole,
    put_real,
    put_whole,
    repeated,
    word_at,
)
from skrec_lite.dataset.reading.text_lookup import look_up

SKIP: Final = 0
"""Kind of a column that is not wanted: its cells are passed over."""
WHOLE: Final = 1
"""Kind of a column of int64."""
REAL: Final = 2
"""Kind of a column of float64."""
TEXT: Final = 3
"""Kind of a column of which each distinct text gets a code."""
NARROW_WHOLE: Final = 5
"""Kind of a column of int32."""
NARROW_REAL: Final = 6
"""Kind of a column of float32: each number is rounded to float64 first."""
EMPTY: Final = 4
"""Kind of a column whose cells must be empty: what lies between the two bytes of ``::``."""

FINE: Final = 0
"""Verdict on a column that is as wanted."""
HAS_POINT: Final = 1
"""Verdict on a WHOLE column in which a decimal point was met."""
TOO_LARGE: Final = 3
"""Verdict on a NARROW_WHOLE column in which a number was met that needs more than an int32."""
NOT_PLAIN: Final = 2
"""Verdict on a column of numbers in which something else was met."""

VERDICT: Final = 0
"""Row of the facts: what became of the column."""
GAPS: Final = 1
"""Row of the facts: whether a cell is empty."""
POINTLESS: Final = 2
"""Row of the facts: whether a REAL column has a number without point (7)."""
ZERO_POINT: Final = 3
"""Row of the facts: whether a REAL column has a whole number with one (7.0)."""
N_FACTS: Final = 4

DONE: Final = 0
"""`parse_lines` came to the end."""
ODD: Final = 1
"""`parse_lines` met a line of another length, a quotation mark, a NUL or a lone carriage return."""
TABLE_FULL: Final = 2
"""`parse_lines` needs a larger table of texts."""

BATCH: Final = 256
"""Lines whose texts are looked up together, so that the waits for memory overlap."""

GAP: Final = -(1 << 63)
"""What an empty cell of a WHOLE column becomes; no cell is read as this number."""

MARGIN: Final = 40
"""Bytes that must be readable behind the last line."""

_MOST_DIGITS: Final = U(15)  # so many decimal digits always survive the way to float64 and back
_REAL_POWERS = 10.0 ** np.arange(16)
_LF, _CR, _MINUS, _POINT, _ZERO, _QUOTE = U(10), U(13), U(45), U(46), U(48), U(34)
_0, _1, _7, _8, _9, _16, _19, _BYTE = U(0), U(1), U(7), U(8), U(9), U(16), U(19), U(255)


@njit(nogil=True, cache=True)
def _digits_at(p):  # type: ignore[no-untyped-def]
    """Return how many digits stand at an address (beyond 23 they are not counted), and what they write."""
    n, value = digits_in(word_at(p))
    if n == _8:
        more_n, more = digits_in(word_at(p + _8))
        value = value * POWERS[more_n] + more
        n += more_n
        if n == _16:
            more_n, more = digits_in(word_at(p + _16))
            value = value * POWERS[more_n] + more
            n += more_n
    return n, value


@njit(nogil=True, cache=True)
def parse_lines(  # type: ignore[no-untyped-def]
    start, stop, separator, kinds, targets, row, codes, table, places, n_texts, facts
):
    """Parse the lines between two addresses.

    Parameters
    ----------
    start, stop : int
        Addresses of the first byte, and of the one after the last. That last one must be a line feed, and
        `MARGIN` bytes after it must be readable.
    separator : int
        The byte between cells.
    kinds : ndarray of int64, shape (n_columns,)
        A column on which a verdict fell becomes SKIP.
    targets : ndarray of uint64, shape (n_columns,)
        Of a column of numbers the address of its output, where an empty cell is `GAP` (0 in an int32) or NaN;
        of a TEXT column its row in `codes`.
    row : int
        Where the first line goes in these.
    codes : ndarray of int32, shape (n of TEXT columns, n_rows)
        An empty cell is -1.
    table : ndarray of uint64, shape (2**k, 4)
        Hash table of distinct texts: their first 16 bytes; length and column; code.
    places : ndarray of uint64, shape (m, 5)
        Of each code: the address of its text, the length, the column, the first 16 bytes.
    n_texts : int
        Texts in both.
    facts : ndarray of int64, shape (N_FACTS, n_columns)
        What was met in each column; added to.

    Returns
    -------
    reason, address, row, n_texts, is_ascii
        Why it stopped, and where; after ``TABLE_FULL`` it can go on from there.
    """
    last = len(kinds) - 1
    n_keys = len(codes)
    room = min(len(places), len(table) // 2) - BATCH * n_keys
    firsts = np.empty((n_keys, BATCH), np.uint64)
    seconds = np.empty((n_keys, BATCH), np.uint64)
    starts = np.empty((n_keys, BATCH), np.uint64)
    lengths = np.empty((n_keys, BATCH), np.uint64)
    separators, feeds, returns, quotes = repeated(separator), repeated(_LF), repeated(_CR), repeated(_QUOTE)
    p, stop, separator = U(start), U(stop), U(separator)
    others = _0
    while p < stop:
        if n_keys > 0 and n_texts > room:
            return TABLE_FULL, p, row, n_texts, others == _0
        batch_row = row
        while p < stop and row < batch_row + BATCH:
            if byte_at(p) == _LF:
                p += _1
                continue
            if byte_at(p) == _CR and byte_at(p + _1) == _LF:
                p += U(2)
                continue
            at = U(row) << U(3)
            for column in range(last + 1):
                kind = kinds[column]
                cell = p
                is_whole = (kind == WHOLE) | (kind == NARROW_WHOLE)
                is_real = (kind == REAL) | (kind == NARROW_REAL)
                if is_whole:
                    # Nearly all ids and times are so: digits, no zero ahead of others, then the next cell.
                    word = word_at(p)
                    n_digits, value = digits_in(word)
                    if n_digits == _8:
                        more_digits, more = digits_in(word_at(p + _8))
                        value = value * POWERS[more_digits & _7] + more
                        n_digits += more_digits
                    after = byte_at(p + n_digits)
                    if (
                        (after == (separator if column < last else _LF))
                        & (n_digits - _1 < U(15))
                        & ((word & _BYTE != _ZERO) | (n_digits == _1))
                        & ((kind == WHOLE) | (value < U(1 << 31)))
                    ):
                        if kind == WHOLE:
                            put_whole(targets[column] + at, np.int64(value))
                        else:
                            put_narrow_whole(targets[column] + (at >> _1), np.int32(value))
                        p += n_digits + _1
                        continue
                elif is_real:
                    # Nearly all ratings look like 4.5. Bitwise logic on purpose: whether one ends with .0 or
                    # with .5 cannot be predicted.
                    word = word_at(p)
                    digit, decimal, after = word & _BYTE, word >> _16 & _BYTE, word >> U(24) & _BYTE
                    if (
                        (word >> _8 & _BYTE == _POINT)
                        & (digit - _ZERO <= _9)
                        & (decimal - _ZERO <= _9)
                        & (after == (separator if column < last else _LF))
                    ):
                        tenths = np.float64((digit - _ZERO) * U(10) + (decimal - _ZERO))
                        if kind == REAL:
                            put_real(targets[column] + at, tenths / 10.0)
                        else:
                            put_narrow_real(targets[column] + (at >> _1), np.float32(tenths / 10.0))
                        facts[ZERO_POINT, column] |= decimal == _ZERO
                        p += U(4)
                        continue
                if is_whole | is_real:
                    word = word_at(p)
                    negative = word & _BYTE == _MINUS
                    if negative:
                        p += _1
                        word = word_at(p)
                    leading_zero = word & _BYTE == _ZERO
                    n_digits, value = digits_in(word)
                    if n_digits == _8:
                        more_digits, more = _digits_at(p + _8)
                        value = value * POWERS[min(more_digits, _MOST_DIGITS)] + more
                        n_digits += more_digits
                    fine = (n_digits > _0) & ((n_digits == _1) | (not leading_zero))
                    p += n_digits
                    after = byte_at(p)
                    has_point = after == _POINT
                    if is_whole:
                        fine &= (n_digits <= _19) & (value < U(1 << 63)) & ((not negative) | (value != _0))
                        ended = (after == separator) | (after == _LF) | (after == _CR)
                        if fine & ended:
                            number = np.int64(value)
                            number = -number if negative else number
                            if kind == WHOLE:
                                put_whole(targets[column] + at, number)
                            elif value < U(1 << 31):
                                put_narrow_whole(targets[column] + (at >> _1), np.int32(number))
                            else:
                                facts[VERDICT, column], kinds[column] = TOO_LARGE, SKIP
                        elif ended & (p == cell):
                            facts[GAPS, column] = 1
                            if kind == WHOLE:
                                put_whole(targets[column] + at, GAP)
                            else:
                                put_narrow_whole(targets[column] + (at >> _1), np.int32(0))
                        else:
                            late_point = fine & has_point & (kind == WHOLE)
                            facts[VERDICT, column] = HAS_POINT if late_point else NOT_PLAIN
                            kinds[column] = SKIP
                    else:
                        n_decimals = _0
                        if has_point:
                            n_decimals, decimals = _digits_at(p + _1)
                            p += _1 + n_decimals
                            after = byte_at(p)
                            value = value * POWERS[min(n_decimals, _MOST_DIGITS)] + decimals
                            zero_point = (n_decimals == _1) & (decimals == _0)
                            fine &= (n_decimals > _0) & (zero_point | (byte_at(p - _1) != _ZERO))
                            facts[ZERO_POINT, column] |= zero_point
                        ended = (after == separator) | (after == _LF) | (after == _CR)
                        fine &= (n_digits + n_decimals <= _MOST_DIGITS) & ((not negative) | (value != _0))
                        real = np.float64(value) / _REAL_POWERS[min(n_decimals, _MOST_DIGITS)]
                        # Smaller numbers are written in several ways (1e-05), large ones without point too.
                        fine &= (value == _0) | (real >= 1e-4)
                        fine &= has_point | (real < 1e10)
                        if fine & ended:
                            real = -real if negative else real
                            if kind == REAL:
                                put_real(targets[column] + at, real)
                            else:
                                put_narrow_real(targets[column] + (at >> _1), np.float32(real))
                            facts[POINTLESS, column] |= not has_point
                        elif ended & (p == cell):
                            facts[GAPS, column] = 1
                            if kind == REAL:
                                put_real(targets[column] + at, np.nan)
                            else:
                                put_narrow_real(targets[column] + (at >> _1), np.float32(np.nan))
                        else:
                            facts[VERDICT, column], kinds[column] = NOT_PLAIN, SKIP
                    if after == separator and column < last:
                        p += _1
                        continue
                    if after == _LF and column == last:
                        p += _1
                        continue
                    # The rest of a cell that is no plain number, and line ends of two bytes.
                first = second = _0
                while True:
                    word = word_at(p)
                    ends = has_zero(word ^ separators) | has_zero(word ^ feeds) | has_zero(word ^ returns)
                    ends |= has_zero(word ^ quotes) | has_zero(word)
                    n = first_set_byte(ends) if ends != _0 else _8
                    word = first_bytes(word, n)
                    others |= is_not_ascii(word)
                    if p == cell:
                        first = word
                    elif p == cell + _8:
                        second = word
                    p += n
                    if n < _8:
                        break
                if kind == TEXT:
                    key, i = np.int64(targets[column]), row - batch_row
                    firsts[key, i], seconds[key, i] = first, second
                    starts[key, i], lengths[key, i] = cell, p - cell
                elif kind == EMPTY and p != cell:
                    return ODD, p, row, n_texts, others == _0
                after = byte_at(p)
                if column == last and after == _CR:
                    p += _1
                    after = byte_at(p)
                if after != (_LF if column == last else separator):
                    return ODD, p, row, n_texts, others == _0
                p += _1
            row += 1
        n_rows = row - batch_row
        for column in range(last + 1):
            if kinds[column] == TEXT:
                key = np.int64(targets[column])
                n_texts = look_up(
                    firsts[key, :n_rows], seconds[key, :n_rows], starts[key, :n_rows], lengths[key, :n_rows],
                    column, table, places, n_texts, codes[key, batch_row:row],
                )  # fmt: skip
    return DONE, p, row, n_texts, others == _0
