"""Words of column names, in the singular or as one usually meets them, and what they speak for."""

from __future__ import annotations

from typing import Final

USER: Final = frozenset({
    "user", "usr", "customer", "cust", "client", "member", "household", "visitor", "reviewer", "account",
    "buyer", "person", "uid", "listener", "viewer", "subscriber", "reader", "player", "student", "patient",
    "shopper", "guest", "consumer",
})  # fmt: skip
ITEM: Final = frozenset({
    "item", "product", "prod", "movie", "film", "show", "book", "isbn", "sku", "stock", "article", "song",
    "track", "artist", "video", "asin", "iid", "business", "venue", "poi", "game", "anime", "recipe",
    "course", "hotel", "news", "content", "document", "doc", "upc", "gtin", "ean", "listing", "offer",
    "restaurant", "location",
})  # fmt: skip
KEY: Final = frozenset({"id", "code", "key", "no", "nr", "number"})
LABEL: Final = frozenset({
    "name", "title", "description", "label", "desc", "url", "link", "type", "category", "group",
})  # fmt: skip
_STRENGTHS: Final[dict[str, dict[float, tuple[str, ...]]]] = {
    "outcome": {
        4.0: ("outcome", "rating", "ratings", "score", "stars", "star", "overall", "label", "preference"),
        3.0: ("quantity", "qty", "count", "counts", "plays", "clicks", "weight", "purchases", "frequency"),
        2.0: ("value", "sales", "amount", "spend", "revenue", "total", "duration", "minutes"),
    },
    "timestamp": {
        4.0: ("timestamp", "datetime", "ts"),
        3.0: ("time", "date", "created", "when", "unix", "epoch"),
        1.0: ("day", "week", "month", "year"),
    },
    "title": {4.0: ("title",), 3.0: ("name", "headline"), 2.0: ("description", "desc", "label")},
}
OUTCOME, TIMESTAMP, TITLE = (
    {word: strength for strength, words in _STRENGTHS[role].items() for word in words}
    for role in ("outcome", "timestamp", "title")
)
