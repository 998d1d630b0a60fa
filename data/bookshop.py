"""The catalogue of a made-up bookshop: what each book is, who is likely to want it, and when.

A book has features that everyone sees (genres, price, year, ...) and two *circles* that nobody sees:
groups of readers with a common taste. A circle has home genres, a preferred age of books and a price
level, so the features explain a part of it; the rest can only be learned from who read what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.titles import GENRES, TitleMaker, author_names

FIRST_DAY: Final = np.datetime64("2023-01-01T00:00:00", "s")
SPAN_DAYS: Final = 731  # 2023 and 2024

NEW_SHARE = 0.26  # of the catalogue appears during the span,
ANNOUNCED_SHARE = 0.03  # and this much after it: on the shelf in January 2025, unread until then
REVIVED_SHARE = 0.12  # of older books come back once: an adaptation, a prize
TOUCHES: Final = 2  # circles a book belongs to
_MEMORY_YEARS = 60  # the shop sells no older books: its authors are alive and write new ones

# genre: weight in the shop, median pages, base price, neighbouring genres for second and third labels
_GENRE_FACTS: Final[dict[str, tuple[float, int, float, tuple[str, ...]]]] = {
    "Crime": (9, 340, 5.5, ("Thriller", "Historical Fiction", "Literary Fiction")),
    "Thriller": (8, 360, 5.5, ("Crime", "Science Fiction", "Horror")),
    "Romance": (9, 310, 4.5, ("Historical Fiction", "Young Adult", "Literary Fiction")),
    "Fantasy": (8, 480, 6.5, ("Young Adult", "Romance", "Science Fiction", "Horror")),
    "Science Fiction": (6, 390, 6.0, ("Fantasy", "Thriller", "Young Adult")),
    "Horror": (4, 320, 5.5, ("Thriller", "Fantasy", "Young Adult")),
    "Historical Fiction": (6, 420, 6.5, ("Romance", "Literary Fiction", "Crime")),
    "Literary Fiction": (8, 290, 7.5, ("Historical Fiction", "Romance", "Poetry")),
    "Young Adult": (6, 300, 5.0, ("Fantasy", "Romance", "Science Fiction")),
    "Children": (7, 48, 5.0, ("Fantasy", "Nature")),
    "Biography": (6, 350, 10.0, ("History", "Business", "Travel")),
    "History": (6, 460, 12.0, ("Biography", "Travel", "Popular Science")),
    "Popular Science": (5, 300, 10.5, ("Nature", "History", "Business")),
    "Nature": (4, 260, 10.0, ("Popular Science", "Travel", "Poetry")),
    "Travel": (4, 280, 9.0, ("Biography", "Nature", "Food")),
    "Food": (5, 220, 14.0, ("Travel", "Biography", "Nature")),
    "Business": (4, 250, 12.0, ("Biography", "Popular Science", "History")),
    "Poetry": (2, 90, 8.0, ("Literary Fiction", "Nature")),
}
_N_GENRES = len(GENRES)
_WEIGHT = np.array([_GENRE_FACTS[genre][0] for genre in GENRES]) / sum(
    fact[0] for fact in _GENRE_FACTS.values()
)
_PAGES = np.array([_GENRE_FACTS[genre][1] for genre in GENRES])
_PRICE = np.array([_GENRE_FACTS[genre][2] for genre in GENRES])
_NEIGHBOURS = [np.array([GENRES.index(name) for name in _GENRE_FACTS[genre][3]]) for genre in GENRES]


class WeightedLists:
    """Several lists of items with weights; an item is drawn from any of them by one binary search."""

    def __init__(self, group: NDArray, item: NDArray, weight: NDArray, n_groups: int):
        order = np.lexsort((item, group))
        self._items = item[order]
        self._cumulative = np.cumsum(weight[order])
        ends = np.searchsorted(group[order], np.arange(n_groups), side="right")
        upper = np.concatenate([[0.0], self._cumulative])[ends]
        self._lower = np.concatenate([[0.0], upper[:-1]])
        self._total = upper - self._lower
        self.filled = self._total > 0

    def draw(self, group: NDArray, uniform: NDArray) -> NDArray:
        """Return one item for each entry of `group`, shape (n,); `uniform` in [0, 1) decides which."""
        at = self._lower[group] + uniform * self._total[group]
        return self._items[
            np.minimum(np.searchsorted(self._cumulative, at, side="right"), len(self._items) - 1)
        ]


@dataclass(frozen=True)
class Circles:
    """Groups of readers with a common taste, all arrays of shape (n_circles, ...)."""

    home: NDArray  # (n, 2) genres
    size: NDArray  # share of readers at the start, sums to 1
    size_at_end: NDArray  # share at the end: fashions change
    age_years: NDArray  # how old the books are that it likes
    price_level: NDArray

    @classmethod
    def draw(cls, n_items: int, rng: np.random.Generator) -> Circles:
        """Make about sqrt(n_items) circles, at least one a genre where there are so many."""
        n = max(4, round(np.sqrt(n_items)))
        spread = (np.cumsum(_WEIGHT)[None, :] < ((np.arange(n) + 0.5) / n)[:, None]).sum(axis=1)
        first = rng.permutation(np.minimum(spread, _N_GENRES - 1))
        second = np.array([rng.choice(_NEIGHBOURS[genre]) for genre in first.tolist()])
        size = rng.lognormal(0.0, 0.5, n)
        at_end = size * rng.lognormal(0.0, 1.2, n)
        return cls(
            home=np.column_stack([first, second]),
            size=size / size.sum(),
            size_at_end=at_end / at_end.sum(),
            age_years=rng.lognormal(np.log(9.0), 0.8, n),
            price_level=rng.normal(0.0, 1.8, n),
        )

    def __len__(self) -> int:
        return len(self.size)


@dataclass(frozen=True)
class Catalogue:
    """All books, what is seen of them (`frame`) and what drives their readers; arrays over items.

    Day numbers count from `FIRST_DAY`. `attention` turns the last four into a book's life over time.
    """

    frame: pd.DataFrame
    circles: Circles
    genre: NDArray  # (n,) main genre
    circle: NDArray  # (n, TOUCHES)
    quality: NDArray  # (n,) standard normal
    turning_day: NDArray  # (n,) release of a new book, revival of an old one, far away for the others
    before: NDArray  # (n,) attention before that day
    after: NDArray  # (n,) attention long after it
    fade_days: NDArray
    bestsellers: WeightedLists
    by_genre: WeightedLists
    by_circle: WeightedLists

    def attention(self, item: NDArray, day: NDArray) -> NDArray:
        """Return how present each book is on a day, in [0, 1]; 0 before its release.

        It climbs for some two weeks after release or revival and then fades exponentially.
        """
        age = day - self.turning_day[item]
        climbed = -np.expm1(-np.maximum(age, 0.0) / 6.0)
        level = self.after[item] + (1.0 - self.after[item]) * np.exp(
            -np.maximum(age, 0.0) / self.fade_days[item]
        )
        before = self.before[item]
        return np.where(age <= 0, before, np.maximum(before, climbed * level))


def make_catalogue(n_items: int, rng: np.random.Generator) -> Catalogue:
    """Return a catalogue of `n_items` books; the same generator state gives the same books."""
    circles = Circles.draw(n_items, rng)
    n_authors = max(1, round(0.45 * n_items))
    author_circle = rng.choice(len(circles), n_authors, p=circles.size)
    author_genre = np.where(
        rng.random(n_authors) < 0.75, circles.home[author_circle, 0], circles.home[author_circle, 1]
    )
    author_genre = np.where(
        rng.random(n_authors) < 0.12, rng.choice(_N_GENRES, n_authors, p=_WEIGHT), author_genre
    )
    author_fame = rng.normal(size=n_authors)
    prolific = 1.0 / np.arange(3, n_authors + 3) ** 0.6
    author = rng.choice(n_authors, n_items, p=prolific / prolific.sum())

    genre = author_genre[author]
    circle = _circles_of_books(author_circle[author], genre, circles, rng)
    quality = rng.normal(size=n_items)
    appeal = _appeal(0.45 * author_fame[author] + 0.35 * quality + 0.8 * rng.normal(size=n_items))

    life = rng.permutation(n_items) / n_items  # every share is met exactly, at any size
    is_new = life < NEW_SHARE + ANNOUNCED_SHARE
    announced = life < ANNOUNCED_SHARE
    revived = ~is_new & (life < NEW_SHARE + ANNOUNCED_SHARE + REVIVED_SHARE)
    day = rng.uniform(0.0, SPAN_DAYS, n_items)
    turning_day = np.where(announced, SPAN_DAYS + 1 + day % 30, np.where(is_new | revived, day, 1e6))

    pages = _PAGES[genre] * rng.lognormal(0.0, 0.22, n_items)
    taste = circles.price_level[circle[:, 0]]
    price = _PRICE[genre] + 0.011 * pages + taste + 6.0 * is_new + rng.normal(0.0, 1.0, n_items)
    older = 2022 - np.floor(rng.exponential(circles.age_years[circle[:, 0]])).astype(int) % _MEMORY_YEARS
    released = 2023 + (turning_day >= 365).astype(int) + announced
    titles = TitleMaker(rng)
    names = np.array(author_names(n_authors, rng), dtype=object)
    frame = pd.DataFrame(
        {
            "item_id": np.arange(1, n_items + 1),
            "title": [titles.title(GENRES[index]) for index in genre.tolist()],
            "author": names[author],
            "genres": _genre_labels(genre, rng),
            "price": _price_tags(price, rng),
            "avg_rating": _rating_elsewhere(quality, rng),
            "year": np.where(is_new, released, older),
            "pages": np.maximum(16, np.round(pages)).astype(int),
        }
    )
    items = np.arange(n_items)
    return Catalogue(
        frame=frame,
        circles=circles,
        genre=genre,
        circle=circle,
        quality=quality,
        turning_day=turning_day,
        before=np.where(is_new, 0.0, rng.uniform(0.35, 0.6, n_items)),
        after=rng.uniform(0.1, 0.45, n_items),
        fade_days=rng.lognormal(np.log(90.0), 0.6, n_items),
        bestsellers=WeightedLists(np.zeros(n_items, dtype=int), items, appeal**1.1, 1),
        by_genre=WeightedLists(genre, items, appeal**0.9, _N_GENRES),
        by_circle=WeightedLists(
            circle.T.ravel(),
            np.tile(items, TOUCHES),
            np.concatenate([appeal**0.9, 0.4 * appeal**0.9]),
            len(circles),
        ),
    )


def _circles_of_books(main: NDArray, genre: NDArray, circles: Circles, rng: np.random.Generator) -> NDArray:
    """Return each book's circles, shape (n, 2): its author's as a rule, and one that may share its genre."""
    n = len(main)
    main = np.where(rng.random(n) < 0.1, rng.integers(len(circles), size=n), main)
    kin = WeightedLists(
        circles.home.T.ravel(), np.tile(np.arange(len(circles)), 2), np.ones(2 * len(circles)), _N_GENRES
    )
    same_genre = (rng.random(n) < 0.5) & kin.filled[genre]
    second = np.where(same_genre, kin.draw(genre, rng.random(n)), rng.integers(len(circles), size=n))
    second = np.where(second == main, (second + 1) % len(circles), second)
    return np.column_stack([main, second])


def _appeal(strength: NDArray) -> NDArray:
    """Return weights that fall like Zipf's law with the rank of `strength`, and faster in the far tail."""
    n = len(strength)
    rank = np.empty(n)
    rank[np.argsort(-strength, kind="stable")] = np.arange(1, n + 1)
    return (rank / n + 0.02) ** -1.2 * (1.02 - rank / n) ** 1.6


def _genre_labels(genre: NDArray, rng: np.random.Generator) -> list[str]:
    """Return ``A``, ``A|B`` or ``A|B|C`` for each book, the main genre first."""
    extra = rng.choice(3, size=len(genre), p=[0.4, 0.42, 0.18])
    labels = []
    for main, count in zip(genre.tolist(), extra.tolist(), strict=True):
        more = rng.permutation(_NEIGHBOURS[main])[:count].tolist()
        labels.append("|".join(GENRES[index] for index in [main, *more]))
    return labels


def _price_tags(price: NDArray, rng: np.random.Generator) -> NDArray:
    endings = rng.choice([0.99, 0.49, 0.95, 0.5], size=len(price), p=[0.6, 0.15, 0.15, 0.1])
    return np.round(np.maximum(np.floor(price), 2.0) + endings, 2)


def _rating_elsewhere(quality: NDArray, rng: np.random.Generator) -> NDArray:
    """Return each book's average rating among the readers of all bookshops, to two decimals.

    It is drawn from the same quality as this shop's ratings, never computed from them: a feature made of
    the interactions would leak the held-out ones.
    """
    return np.round(np.clip(3.85 + 0.3 * quality + rng.normal(0.0, 0.08, len(quality)), 1.0, 5.0), 2)
