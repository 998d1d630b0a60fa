"""The readers of the made-up bookshop: when they come, what they take, and how they rate it.

Every book that a reader takes is found in one of three ways, and these are what the three retrievers of
the laboratory look for:

* on the bestseller table, whatever the reader's taste (popularity),
* on the shelf of a genre that the reader likes (what the features can tell),
* through a circle of readers with the same taste (what only reading together can tell).

Readers come in blocks with a random generator each, so that any number of them fits in memory and the
result does not depend on how many blocks are kept at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.bookshop import SPAN_DAYS, TOUCHES, Catalogue

MIN_HISTORY: Final = 10
MAX_SHARE: Final = 0.33  # of the catalogue, that one reader may take

FIND_ON_TABLE = 0.08
FIND_ON_SHELF = 0.28  # the rest is found through a circle
CIRCLES_OF_A_READER = 3
CIRCLES_THAT_CHANGE = 2
_TASTE_ROUNDS = 16
_SEEN_CELLS = 2**27  # a block's "already taken" table stays below this many bytes
_SECONDS = 86_400
# Visits by hour of the day: quiet nights, a lunch break, a long evening.
_HOURS = np.array([2, 1, 0.5, 0.3, 0.3, 0.6, 2, 4, 5, 5, 6, 7, 9, 8, 6, 6, 6, 7, 9, 12, 14, 14, 10, 5])


@dataclass(frozen=True)
class Block:
    """Interactions of some consecutive readers, sorted by reader and time; arrays of shape (n,)."""

    reader: NDArray  # row of the reader, int64
    item: NDArray  # row of the item, int64
    rating: NDArray  # 1 to 5 in half steps, float32
    second: NDArray  # since `bookshop.FIRST_DAY`, int64; distinct within a reader

    def __len__(self) -> int:
        return len(self.reader)


def history_lengths(n_users: int, n_items: int, n_interactions: int, rng: np.random.Generator) -> NDArray:
    """Return how many books each reader takes, shape (n_users,): lognormal, `n_interactions` in all."""
    low = min(MIN_HISTORY, n_interactions // n_users)
    high = int(MAX_SHARE * n_items)
    shape = rng.lognormal(0.0, 1.0, n_users)
    # Halving finds the scale at which the sum is right although the longest are cut off at `high`.
    small, large = 0.0, (high - low) / shape.min()
    for _ in range(100):
        scale = (small + large) / 2
        enough = np.minimum(low + scale * shape, high).sum() >= n_interactions
        small, large = (small, scale) if enough else (scale, large)
    ends = np.floor(np.cumsum(np.minimum(low + large * shape, high)) + 1e-6).astype(np.int64)
    ends[-1] = n_interactions
    return np.diff(ends, prepend=0)


def readers_per_block(n_items: int) -> int:
    """Return how many readers are made at a time; it depends on the catalogue alone."""
    return int(np.clip(_SEEN_CELLS // n_items, 16, 1024))


def make_block(shop: Catalogue, first_reader: int, lengths: NDArray, rng: np.random.Generator) -> Block:
    """Return the interactions of the readers ``first_reader .. first_reader + len(lengths) - 1``."""
    reader = np.repeat(np.arange(len(lengths)), lengths)
    second = _visits(reader, lengths, rng)
    taste = _Tastes.draw(shop, len(lengths), rng)
    item = _choose(shop, taste, reader, second / _SECONDS, rng)
    rating = _rate(shop, taste, reader, item, rng)
    return Block(first_reader + reader, item, rating, second)


def _visits(reader: NDArray, lengths: NDArray, rng: np.random.Generator) -> NDArray:
    """Return the second of each interaction, ascending and distinct within a reader.

    A reader joins, stays a while and comes by now and then, taking two books a visit on average.
    """
    n = len(lengths)
    joined = np.where(rng.random(n) < 0.45, 0.0, rng.beta(1.0, 1.6, n) * (SPAN_DAYS - 30))
    # Who is there on the first day came earlier, and has shown to be one who stays.
    least = np.where(joined == 0.0, 200.0, 20.0)
    stays = np.where(rng.random(n) < 0.5, np.inf, least + rng.exponential(260.0, n))
    left = np.minimum(joined + stays, SPAN_DAYS - 1.0)
    n_visits = (lengths + 1) // 2
    offset = np.cumsum(n_visits) - n_visits
    owner = np.repeat(np.arange(n), n_visits)
    day = np.floor(joined[owner] + (left - joined)[owner] * rng.random(len(owner)))
    hour = rng.choice(24, size=len(owner), p=_HOURS / _HOURS.sum())
    start = day * _SECONDS + hour * 3600 + rng.integers(0, 3600, len(owner))
    visit = offset[reader] + np.floor(rng.random(len(reader)) * n_visits[reader]).astype(np.int64)
    second = start[visit].astype(np.int64) + rng.exponential(180.0, len(reader)).astype(np.int64)
    order = np.lexsort((second, reader))
    second = second[order]  # `reader` is sorted already
    # Nudge ties forward by a second each: (second - position) may not fall within a reader.
    position = np.arange(len(second))
    band = reader * np.int64(2 * SPAN_DAYS * _SECONDS)  # keeps readers apart in one running maximum
    return np.maximum.accumulate(second - position + band) + position - band


@dataclass(frozen=True)
class _Tastes:
    """What the readers of a block like; a reader's taste moves from the first circles to the last."""

    before: NDArray  # (n, CIRCLES_OF_A_READER) circles at the start of the span
    after: NDArray  # the same at its end
    cumulative: NDArray  # (n, CIRCLES_OF_A_READER) cumulative weights, last column 1
    leniency: NDArray  # (n,) added to every rating of this reader
    table: NDArray  # (n,) share of finds on the bestseller table

    @classmethod
    def draw(cls, shop: Catalogue, n: int, rng: np.random.Generator) -> _Tastes:
        circles = shop.circles
        before = rng.choice(len(circles), (n, CIRCLES_OF_A_READER), p=circles.size)
        after = before.copy()
        after[:, -CIRCLES_THAT_CHANGE:] = rng.choice(
            len(circles), (n, CIRCLES_THAT_CHANGE), p=circles.size_at_end
        )
        weight = rng.dirichlet(np.full(CIRCLES_OF_A_READER, 0.9), n)
        cumulative = np.cumsum(weight, axis=1)
        cumulative[:, -1] = 1.0
        return cls(
            before=before,
            after=after,
            cumulative=cumulative,
            leniency=rng.normal(0.0, 0.35, n),
            table=rng.beta(2.0, 2.0 / FIND_ON_TABLE - 2.0, n),
        )

    def circle(self, reader: NDArray, moved: NDArray, uniform: NDArray) -> NDArray:
        """Return a circle for each choice; `moved` says whether it follows the taste of the end."""
        slot = (uniform[:, None] >= self.cumulative[reader]).sum(axis=1)
        return np.where(moved, self.after[reader, slot], self.before[reader, slot])

    def liking(self, n_circles: int) -> NDArray:
        """Return how much each reader likes each circle, averaged over the span, shape (n, n_circles)."""
        weight = np.diff(self.cumulative, axis=1, prepend=0.0) / 2
        liking = np.zeros((len(weight), n_circles))
        rows = np.broadcast_to(np.arange(len(weight))[:, None], weight.shape)
        np.add.at(liking, (rows, self.before), weight)
        np.add.at(liking, (rows, self.after), weight)
        return liking


def _choose(
    shop: Catalogue, taste: _Tastes, reader: NDArray, day: NDArray, rng: np.random.Generator
) -> NDArray:
    """Return the item of each interaction: drawn by taste, present on that day, and never taken twice."""
    n_items = len(shop.genre)
    taken = np.zeros((len(taste.leniency), n_items), dtype=bool)
    item = np.full(len(reader), -1, dtype=np.int64)
    pending = np.arange(len(reader))
    moves_on = day / SPAN_DAYS
    for _ in range(_TASTE_ROUNDS):
        if not len(pending):
            return item
        u = rng.random((6, len(pending)))
        who = reader[pending]
        circle = taste.circle(who, u[0] < moves_on[pending], u[1])
        found = _find(shop, circle, taste.table[who], u[2:5])
        present = u[5] < shop.attention(found, day[pending])
        pending = pending[~_take(pending, found, present, reader, taken, item)]
    # Whoever has taken all that taste offers walks along the catalogue to the next book still on offer.
    found = (rng.random(len(pending)) * n_items).astype(np.int64)
    while len(pending):
        released = shop.attention(found, day[pending]) > 0
        done = _take(pending, found, released, reader, taken, item)
        pending, found = pending[~done], (found[~done] + 1) % n_items
    return item


def _find(shop: Catalogue, circle: NDArray, table: NDArray, uniform: NDArray) -> NDArray:
    """Return a book for each choice, found on the table, on a shelf or through the circle."""
    home = shop.circles.home[circle, (uniform[0] < 0.3).astype(int)]
    on_table = uniform[1] < table
    on_shelf = ~on_table & (uniform[1] < table + FIND_ON_SHELF) & shop.by_genre.filled[home]
    in_circle = ~on_table & ~on_shelf & shop.by_circle.filled[circle]
    found = shop.bestsellers.draw(np.zeros(len(circle), dtype=np.int64), uniform[2])
    found[on_shelf] = shop.by_genre.draw(home[on_shelf], uniform[2][on_shelf])
    found[in_circle] = shop.by_circle.draw(circle[in_circle], uniform[2][in_circle])
    return found


def _take(
    pending: NDArray, found: NDArray, allowed: NDArray, reader: NDArray, taken: NDArray, item: NDArray
) -> NDArray:
    """Record in `taken` and `item` what may be taken; return which of `pending` that settled, shape (n,)."""
    who = reader[pending]
    candidates = np.flatnonzero(allowed & ~taken[who, found])
    _, first = np.unique(who[candidates] * np.int64(taken.shape[1]) + found[candidates], return_index=True)
    chosen = candidates[first]
    taken[who[chosen], found[chosen]] = True
    item[pending[chosen]] = found[chosen]
    settled = np.zeros(len(pending), dtype=bool)
    settled[chosen] = True
    return settled


def _rate(
    shop: Catalogue, taste: _Tastes, reader: NDArray, item: NDArray, rng: np.random.Generator
) -> NDArray:
    """Return ratings, 1 to 5 in half steps: leniency, quality, closeness of the book's circles, chance."""
    liking = taste.liking(len(shop.circles))
    close = sum(liking[reader, shop.circle[item, touch]] for touch in range(TOUCHES))
    opinion = 3.6 + taste.leniency[reader] + 0.35 * shop.quality[item] + 1.1 * np.minimum(close, 0.7)
    opinion += rng.normal(0.0, 0.6, len(item))
    return (np.clip(np.round(2 * opinion), 2, 10) / 2).astype(np.float32)
