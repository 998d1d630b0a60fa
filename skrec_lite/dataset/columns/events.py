"""Kinds of events: what a view, a cart and a purchase count for."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.profile import words_of

MAX_EVENTS: Final = 20
"""A column with more different values does not name kinds of events."""

_WORDS: Final = {
    5.0: (
        "purchase", "purchased", "buy", "bought", "order", "ordered", "transaction", "checkout", "paid",
        "pay", "sale", "sold", "subscribe", "conversion", "booking", "booked", "install",
    ),
    3.0: (
        "cart", "basket", "addtocart", "fav", "favorite", "favourite", "wishlist", "like", "liked", "save",
        "saved", "bookmark", "share", "shared", "add", "addtobasket", "follow",
    ),
    1.0: (
        "view", "viewed", "pv", "click", "clicked", "impression", "visit", "pageview", "detail", "details",
        "open", "opened", "play", "played", "watch", "watched", "read", "listen", "listened", "browse",
        "seen",
    ),
    0.0: (
        "remove", "removed", "removefromcart", "return", "returned", "refund", "refunded", "cancel",
        "cancelled", "canceled", "dislike", "disliked", "unlike", "skip", "skipped", "delete", "deleted",
    ),
}  # fmt: skip
_WEIGHTS: Final = {word: weight for weight, words in _WORDS.items() for word in words}


def guess_weights(events: pd.Series, only_known: bool = False) -> dict[str, float]:
    """Return what each kind of event counts for: view 1, cart 3, purchase 5, taking back 0.

    Parameters
    ----------
    events : Series
        The column, or a sample of it.
    only_known : bool, default False
        Leave out kinds whose name says nothing; otherwise they count 1.

    Returns
    -------
    dict of str to float
        By the cell's text, heaviest first.
    """
    kinds = events.dropna().astype(str).drop_duplicates().head(MAX_EVENTS)
    guessed = {kind: _weight_of(kind) for kind in kinds}
    known = {kind: weight for kind, weight in guessed.items() if weight is not None}
    weights = (
        known if only_known else {kind: 1.0 if weight is None else weight for kind, weight in guessed.items()}
    )
    return dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0])))


def _weight_of(kind: str) -> float | None:
    """Return the weight of the most telling word; taking back wins, as in "remove from cart"."""
    words = words_of(kind) | {kind.lower().replace("_", "").replace("-", "").replace(" ", "")}
    found = [_WEIGHTS[word] for word in words if word in _WEIGHTS]
    if not found:
        return None
    return 0.0 if 0.0 in found else max(found)


def weigh(events: pd.Series, weights: dict[str, float]) -> NDArray[np.float64]:
    """Return the weight of each row's event, shape (n,); NaN where the cell is empty, 0 for other kinds."""
    codes, kinds = pd.factorize(events)
    of_kinds = np.array([weights.get(str(kind), 0.0) for kind in kinds] + [np.nan])
    return of_kinds[codes]
