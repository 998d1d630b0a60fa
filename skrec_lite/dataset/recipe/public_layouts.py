"""The public data sets that are recognised, as their publishers lay them out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from skrec_lite.dataset.recipe.layouts import Layout, Part
from skrec_lite.dataset.recipe.recipe import TablePlan

_GENRES_100K: Final = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
    "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
_RATING: Final = {"user": "userId", "item": "movieId", "outcome": "rating", "timestamp": "timestamp"}
_RECBOLE: Final = ((r".*\.train", "train"), (r".*\.valid", "valid"), (r".*\.test", "test"), (".*", ""))


def _plan(role: str, form: str = "rows", **more: object) -> TablePlan:
    """Return the plan of a file; parts by the names of their columns, the rest as `TablePlan` has it."""
    columns: dict[str, str | None] = {}
    given = dict(more)
    for part in ("user", "item", "outcome", "timestamp", "event", "title", "tag", "property", "value"):
        if part in given:
            columns[part] = str(given.pop(part))
    return replace(TablePlan("", role, form, columns), **given)  # type: ignore[arg-type]


_SKIP: Final = TablePlan("", "ignored")

LAYOUTS: Final = (
    Layout(
        "MovieLens 100K",
        (
            Part(
                r"u\.data",
                _plan(
                    "interactions", user="user id", item="item id", outcome="rating", timestamp="timestamp",
                    names=("user id", "item id", "rating", "timestamp"), header=False,
                ),
                required=True,
            ),
            Part(
                r"u\.item",
                _plan(
                    "items", item="movie id", title="movie title", header=False, separator="|",
                    names=(
                        "movie id", "movie title", "release date", "video release date", "IMDb URL",
                        *_GENRES_100K,
                    ),
                ),
            ),
            Part(
                r"u\.user",
                _plan(
                    "users", user="user id", header=False, separator="|",
                    names=("user id", "age", "gender", "occupation", "zip code"),
                ),
            ),
            Part(r"u\.(genre|info|occupation)|u[1-5ab]\.(base|test)|.*\.(sh|pl)", _SKIP),
        ),
    ),
    Layout(
        "MovieLens 1M or 10M",
        (
            Part(
                r"ratings\.dat",
                _plan(
                    "interactions", **_RATING, names=("userId", "movieId", "rating", "timestamp"),
                    header=False, separator="::",
                ),
                required=True,
            ),
            Part(
                r"movies\.dat",
                _plan(
                    "items", item="movieId", title="title", names=("movieId", "title", "genres"),
                    header=False, separator="::",
                ),
                required=True,
            ),
            Part(
                r"users\.dat",
                _plan(
                    "users", user="userId", names=("userId", "gender", "age", "occupation", "zip code"),
                    header=False, separator="::",
                ),
            ),
            Part(
                r"tags\.dat",
                _plan(
                    "items", "tags", item="movieId", tag="tag", header=False,
                    names=("userId", "movieId", "tag", "timestamp"), separator="::",
                ),
            ),
            Part(r".*\.(sh|pl)|r[ab1-5]\.(train|test)", _SKIP),
        ),
    ),
    Layout(
        "MovieLens 20M, 25M, 32M or latest",
        (
            Part(
                r"ratings?\.csv",
                _plan("interactions", **_RATING, header=True),
                needs=("userId", "movieId", "rating", "timestamp"),
                required=True,
            ),
            Part(
                r"movies?\.csv",
                _plan("items", item="movieId", title="title", header=True),
                needs=("movieId", "title", "genres"),
            ),
            Part(
                r"tags?\.csv",
                _plan("items", "tags", item="movieId", tag="tag", header=True),
                needs=("movieId", "tag"),
            ),
            Part(r"(links?|genome[-_](scores|tags))\.csv", _SKIP),
        ),
    ),
    Layout(
        "RetailRocket",
        (
            Part(
                r"events\.csv",
                _plan(
                    "interactions", user="visitorid", item="itemid", timestamp="timestamp", event="event",
                    header=True,
                ),
                needs=("timestamp", "visitorid", "event", "itemid"),
                required=True,
            ),
            Part(
                r"item_properties(_part\d)?(\.\d)?\.csv",
                _plan(
                    "items", "properties", item="itemid", property="property", value="value",
                    timestamp="timestamp", header=True,
                ),
                needs=("timestamp", "itemid", "property", "value"),
            ),
            Part(r"category_tree\.csv", _SKIP),
        ),
        {"transaction": 5.0, "addtocart": 3.0, "view": 1.0},
    ),
    Layout(
        "Amazon reviews 2018",
        (
            Part(
                r".*\.jsonl?",
                _plan(
                    "interactions", user="reviewerID", item="asin", outcome="overall",
                    timestamp="unixReviewTime",
                ),
                needs=("reviewerID", "asin", "overall"),
                required=True,
            ),
            Part(
                r".*\.jsonl?",
                _plan("items", item="asin", title="title"),
                needs=("asin", "title|price|brand"),
            ),
        ),
    ),
    Layout(
        "Amazon reviews 2023",
        (
            Part(
                r".*\.(jsonl?|csv)",
                _plan(
                    "interactions", user="user_id", item="parent_asin", outcome="rating",
                    timestamp="timestamp",
                ),
                needs=("user_id", "parent_asin", "rating", "timestamp"),
                required=True,
            ),
            Part(
                r".*\.(jsonl?|csv)",
                _plan("items", item="parent_asin", title="title"),
                needs=("parent_asin", "title", "main_category|average_rating|store"),
            ),
        ),
    ),
    Layout(
        "Steam reviews",
        (
            Part(
                r".*\.jsonl?",
                _plan("interactions", user="username", item="product_id", outcome="hours", timestamp="date"),
                needs=("username", "product_id", "hours", "date"),
                required=True,
            ),
            Part(
                r".*\.jsonl?",
                _plan("items", item="id", title="app_name"),
                needs=("id", "app_name", "genres|tags"),
            ),
        ),
    ),
    Layout(
        "Goodreads",
        (
            # A rating of 0 stands for "not rated", so that shelving a book is what counts.
            Part(
                r".*interactions.*\.(jsonl?|csv)|.*reviews.*\.jsonl?",
                _plan("interactions", user="user_id", item="book_id", timestamp="date_added"),
                needs=("user_id", "book_id", "is_read|rating", "date_added"),
                required=True,
            ),
            Part(
                r".*interactions.*\.csv",
                _plan("interactions", user="user_id", item="book_id"),
                needs=("user_id", "book_id", "is_read", "is_reviewed"),
                required=True,
            ),
            Part(
                r".*books?.*\.jsonl?",
                _plan("items", item="book_id", title="title"),
                needs=("book_id", "title"),
            ),
            Part(r"(book|user)_id_map\.csv", _SKIP),
        ),
        any_is_enough=True,
    ),
    Layout(
        "RecBole",
        (
            *(Part(
                rf"{ending}\.inter",
                _plan(
                    "interactions", user="user_id", item="item_id", outcome="rating", timestamp="timestamp",
                    split=split, header=True,
                ),
                needs=("user_id", "item_id"),
                required=not split,
            )
            for ending, split in _RECBOLE),
            Part(r".*\.item", _plan("items", item="item_id", title="title", header=True), needs=("item_id",)),
            Part(r".*\.user", _plan("users", user="user_id", header=True), needs=("user_id",)),
            Part(r".*\.(kg|link|net)", _SKIP),
        ),
        any_is_enough=True,
    ),
)  # fmt: skip
"""The layouts that are looked for, in this order. Headless Amazon ratings and LightGCN's lines of adjacency
are known by their content: see `skrec_lite.dataset.recipe.guess`."""
