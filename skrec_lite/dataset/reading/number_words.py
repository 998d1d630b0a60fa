"""Eight bytes at a time: the arithmetic inside one machine word that the parsing of text rests on.

Sources: the parallel conversion of eight digits is that of Johnny Lee (simdjson's
``parse_eight_digits_unrolled``); the test for a zero byte is in S. E. Anderson, Bit Twiddling Hacks.
Words are little-endian: the first byte of the text is the lowest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.cpython.unsafe.numbers import trailing_zeros
from numba.extending import intrinsic

U = np.uint64
_ONES = U(0x0101010101010101)
_HIGH = U(0x8080808080808080)
_ZEROS = U(0x3030303030303030)
_OVER_NINE = U(0x7676767676767676)
_ALL = U(0xFFFFFFFFFFFFFFFF)
POWERS = np.array([10**i for i in range(16)], dtype=np.uint64)


def _load_of(bits: int, kind: Any) -> Any:
    @intrinsic
    def load(typing_context: Any, address: Any) -> Any:
        """Load from memory, aligned or not."""

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.inttoptr(args[0], ir.PointerType(ir.IntType(bits)))
            return builder.load(pointer, align=1)

        return kind(types.uint64), build

    return load


def _store_of(kind: Any) -> Any:
    @intrinsic
    def store(typing_context: Any, address: Any, value: Any) -> Any:
        """Store a number in memory."""

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.inttoptr(args[0], ir.PointerType(context.get_value_type(kind)))
            builder.store(args[1], pointer)
            return context.get_dummy_value()

        return types.void(types.uint64, kind), build

    return store


# Addresses instead of arrays: compiled code counts references to an array at each call that is given one.
byte_at = _load_of(8, types.uint8)
"""Return the byte at an address."""
word_at = _load_of(64, types.uint64)
"""Return the eight bytes at an address as one word."""
put_whole = _store_of(types.int64)
"""Write an int64 to an address."""
put_real = _store_of(types.float64)
"""Write a float64 to an address."""
put_narrow_whole = _store_of(types.int32)
"""Write an int32 to an address."""
put_narrow_real = _store_of(types.float32)
"""Write a float32 to an address."""


@njit(nogil=True, cache=True)
def digits_in(word):  # type: ignore[no-untyped-def]
    """Return how many digits a word begins with (0 to 8), and the number that they write."""
    values = word ^ _ZEROS
    others = ((values + _OVER_NINE) | values) & _HIGH
    n = U(8)
    if others != U(0):
        n = U(trailing_zeros(others)) >> U(3)
        if n == U(0):
            return n, U(0)
        values <<= U(64) - (n << U(3))
    values = (values * U(2561)) >> U(8) & U(0x00FF00FF00FF00FF)
    values = (values * U(6553601)) >> U(16) & U(0x0000FFFF0000FFFF)
    return n, (values * U(42949672960001)) >> U(32)


@njit(nogil=True, cache=True)
def has_zero(word):  # type: ignore[no-untyped-def]
    """Return a word whose lowest set bit is the highest bit of the first zero byte; 0 if there is none."""
    return (word - _ONES) & ~word & _HIGH


@njit(nogil=True, cache=True)
def is_not_ascii(word):  # type: ignore[no-untyped-def]
    """Return non-zero where a byte is no ASCII."""
    return word & _HIGH


@njit(nogil=True, cache=True)
def repeated(byte):  # type: ignore[no-untyped-def]
    """Return a word of eight times the same byte."""
    return U(byte) * _ONES


@njit(nogil=True, cache=True)
def first_bytes(word, n):  # type: ignore[no-untyped-def]
    """Return a word of which only the first `n` bytes (0 to 8) are kept."""
    if n >= U(8):
        return word
    return word & ~(_ALL << (n << U(3)))


@njit(nogil=True, cache=True)
def first_set_byte(flags):  # type: ignore[no-untyped-def]
    """Return the number of the byte of the lowest set bit; `flags` is not 0."""
    return U(trailing_zeros(flags)) >> U(3)
