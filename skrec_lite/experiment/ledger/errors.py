"""What can go wrong with a ledger, in words for people."""

from __future__ import annotations

from skrec_lite.exceptions import SkrecLiteError


class LedgerError(SkrecLiteError, RuntimeError):
    """The ledger cannot be read or written; the message says why and what it means."""
