"""A year of events of the made-up shop: views, carts and purchases.

Some of what is viewed goes into the cart, some of that is bought, what is used up is bought again, and who
owns something durable looks no further at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.shop import LASTS_DAYS, SPAN_DAYS, Catalogue, season
from data.shoppers import DAY_MS, Shoppers, views, visit_starts

VIEW, CART, PURCHASE = 0, 1, 2
EVENTS: Final = ("view", "cart", "purchase")

PAYS: Final = 0.4  # share of the visits at whose end the cart is paid for
REFILLS: Final = 0.5  # share of what is used up that is bought again each time, in season


@dataclass(frozen=True)
class Events:
    """What happened; arrays of shape (n,)."""

    shopper: NDArray
    kind: NDArray  # VIEW, CART or PURCHASE
    item: NDArray
    at: NDArray  # milliseconds since `shop.FIRST_DAY`, int64

    def __len__(self) -> int:
        return len(self.shopper)

    def __getitem__(self, rows: NDArray) -> Events:
        return Events(self.shopper[rows], self.kind[rows], self.item[rows], self.at[rows])

    def becoming(self, rows: NDArray, kind: int, at: NDArray) -> Events:
        """Return what followed some of the events, by the same shopper on the same product."""
        return Events(self.shopper[rows], np.full(len(at), kind), self.item[rows], at)


def make_events(shop: Catalogue, n_shoppers: int, rng: np.random.Generator) -> Events:
    """Return the year, sorted by time; no shopper does two things in the same millisecond."""
    shoppers = Shoppers.draw(n_shoppers, int(shop.brand.max()) + 1, rng)
    visitor = np.repeat(np.arange(n_shoppers), shoppers.visits)
    start = visit_starts(shoppers, visitor, rng)
    visit, item, liking = views(shop, shoppers, visitor, start / DAY_MS, rng)
    seen = Events(visitor[visit], np.full(len(visit), VIEW), item, start[visit] + _pauses(visit, rng))
    bought = _with_purchases(shop, seen, visit, liking, rng)
    return _spread(_without_rethinking(shop, _join(bought, *_refills(shop, bought, rng))))


def _pauses(visit: NDArray, rng: np.random.Generator) -> NDArray:
    """Return the time since the start of its visit of each view, growing within the visit, in ms."""
    pause = 2_000 + rng.exponential(40_000.0, len(visit)).astype(np.int64)
    total = np.cumsum(pause)
    starts = np.flatnonzero(np.diff(visit, prepend=-1))
    return total - np.repeat((total - pause)[starts], np.diff(np.append(starts, len(visit))))


def _with_purchases(
    shop: Catalogue, seen: Events, visit: NDArray, liking: NDArray, rng: np.random.Generator
) -> Events:
    """Add what was put into the cart right after its view, and what was paid for at the end of the visit."""
    used_up = LASTS_DAYS[shop.category[seen.item]] > 0
    odds = -2.8 + 1.8 * liking + 0.5 * shop.quality[seen.item] + 0.7 * used_up
    carted = np.flatnonzero(rng.random(len(seen)) < 1.0 / (1.0 + np.exp(-odds)))
    # One decision a visit: a cart is paid for or left behind.
    n_visits = int(visit.max(initial=-1)) + 1
    pays, thinks = rng.random(n_visits) < PAYS, rng.integers(20_000, 180_000, n_visits)
    bought = carted[pays[visit[carted]]]
    last = np.zeros(n_visits, dtype=np.int64)
    np.maximum.at(last, visit, seen.at)
    return _join(
        seen,
        # The next view is at least two seconds away.
        seen.becoming(carted, CART, seen.at[carted] + rng.integers(500, 1_900, len(carted))),
        seen.becoming(bought, PURCHASE, (last + thinks)[visit[bought]]),
    )


def _refills(shop: Catalogue, events: Events, rng: np.random.Generator) -> list[Events]:
    """Return the later purchases of what is used up: seen, into the cart, paid, some times over."""
    due = events[events.kind == PURCHASE]
    made = []
    while len(due):
        category = shop.category[due.item]
        lasts = LASTS_DAYS[category]
        at = due.at + (lasts * rng.lognormal(0.0, 0.3, len(due)) * DAY_MS).astype(np.int64)
        on_sale = (at < SPAN_DAYS * DAY_MS) & (at / DAY_MS < shop.gone[due.item])
        needed = rng.random(len(due)) < REFILLS * season(category, at / DAY_MS)
        again = np.flatnonzero((lasts > 0) & needed & on_sale)
        steps = np.cumsum(rng.integers([0, 3_000, 20_000], [1, 9_000, 90_000], (len(again), 3)), axis=1)
        made += [due.becoming(again, kind, at[again] + steps[:, kind]) for kind in (VIEW, CART, PURCHASE)]
        due = made[-1]
    return made


def _without_rethinking(shop: Catalogue, events: Events) -> Events:
    """Leave out what comes after the purchase of something durable, and after the year."""
    _, pair = np.unique(events.shopper * np.int64(len(shop.category)) + events.item, return_inverse=True)
    bought = np.full(pair.max(initial=-1) + 1, np.iinfo(np.int64).max)
    owned = (events.kind == PURCHASE) & (LASTS_DAYS[shop.category[events.item]] == 0)
    np.minimum.at(bought, pair[owned], events.at[owned])
    return events[(events.at <= bought[pair]) & (events.at < SPAN_DAYS * DAY_MS)]


def _spread(events: Events) -> Events:
    """Nudge events of one shopper that share a millisecond apart, and sort by time."""
    events = events[np.lexsort((events.kind, events.at, events.shopper))]
    position = np.arange(len(events))
    band = events.shopper * np.int64(2 * SPAN_DAYS * DAY_MS)  # keeps shoppers apart in one running maximum
    at = np.maximum.accumulate(events.at - position + band) + position - band
    apart = Events(events.shopper, events.kind, events.item, at)
    return apart[np.lexsort((events.shopper, at))]


def _join(*parts: Events) -> Events:
    return Events(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__dataclass_fields__)
    )
