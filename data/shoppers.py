"""The shoppers of the made-up shop: what they like, when they come, what they look at.

A visit has one aim, and these are what the three retrievers of the laboratory look for:

* to see what is on the front page, whatever the shopper's taste (popularity),
* to browse a category that the shopper likes, at a price level and among brands of taste (what the features
  can tell),
* to get things for a pursuit, across categories (what only looking and buying together can tell).

What follows a view, up to the purchase, is in `shop_events`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.bookshop import WeightedLists
from data.shop import AT_HOME, N_CATEGORIES, N_PURSUITS, SPAN_DAYS, Catalogue, season

VISITS: Final = 25.0  # a shopper thinks of on average, besides coming back for what is used up
FRONT_PAGE: Final = 0.06  # share of visits without an aim
BROWSING: Final = 0.45  # share that browse a category; the rest serve a pursuit
STAYING: Final = 0.7  # of the views for a pursuit stay in the category of the first
RETURNING: Final = 0.35  # of the products seen before are looked at again
CHANCE: Final = 0.03  # share of views that nothing explains
PURSUITS_OF_A_SHOPPER: Final = 3
DAY_MS: Final = 86_400_000
_ROUNDS = 60
# Visits by hour of the day: quiet nights, a lunch break, a long evening.
_HOURS = np.array([1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 3, 4, 5, 5, 6, 8, 7, 5, 5, 6, 7, 8, 11, 14, 13, 8, 3])


@dataclass(frozen=True)
class Shoppers:
    """What shoppers like; arrays of shape (n, ...)."""

    pursuits: NDArray  # (n, PURSUITS_OF_A_SHOPPER)
    weights: NDArray  # the same shape, cumulative, last column 1
    taken_up: NDArray  # day from which the last pursuit counts; beyond the year for half of the shoppers
    categories: NDArray  # (n, 2) to browse, of the first two pursuits
    level: NDArray  # how dear they like it
    brand_luck: NDArray  # (n, n_brands) in [0, 1]
    visits: NDArray
    joined: NDArray  # day
    left: NDArray

    @classmethod
    def draw(cls, n: int, n_brands: int, rng: np.random.Generator) -> Shoppers:
        """Make `n` shoppers."""
        homes = WeightedLists(*np.nonzero(AT_HOME), np.ones(int(AT_HOME.sum())), N_PURSUITS)
        fashion = rng.dirichlet(np.full(N_PURSUITS, 15.0))
        score = np.log(fashion) + rng.gumbel(size=(n, N_PURSUITS))  # Gumbel: distinct, by their fashion
        pursuits = np.argsort(-score, axis=1)[:, :PURSUITS_OF_A_SHOPPER]
        weights = np.cumsum(rng.dirichlet(np.full(PURSUITS_OF_A_SHOPPER, 0.8), n), axis=1)
        weights[:, -1] = 1.0
        joined = np.where(rng.random(n) < 0.5, 0.0, rng.uniform(0.0, SPAN_DAYS - 60.0, n))
        stays = np.where(rng.random(n) < 0.6, np.inf, 45.0 + rng.exponential(150.0, n))
        return cls(
            pursuits=pursuits,
            weights=weights,
            taken_up=rng.uniform(0.0, 2.0 * SPAN_DAYS, n),
            categories=homes.draw(pursuits[:, :2].ravel(), rng.random(2 * n)).reshape(n, 2),
            level=np.clip(rng.normal(size=n), -1.8, 1.8),
            brand_luck=np.where(rng.random((n, n_brands)) < 0.2, 1.0, 0.2),
            visits=4 + np.round(rng.lognormal(np.log(VISITS - 4.0) - 0.32, 0.8, n)).astype(np.int64),
            joined=joined,
            left=np.minimum(joined + stays, SPAN_DAYS - 1.0),
        )


def visit_starts(shoppers: Shoppers, visitor: NDArray, rng: np.random.Generator) -> NDArray:
    """Return when each visit begins, in ms: between joining and leaving, more of them before the holidays."""
    share = rng.random(len(visitor))
    day = shoppers.joined[visitor] + (shoppers.left - shoppers.joined)[visitor] * share
    # A sixth of the visits in the first half of the year is put off to its last seven weeks.
    late = (day < 180.0) & (rng.random(len(day)) < 1 / 6) & (shoppers.left[visitor] > SPAN_DAYS - 2.0)
    day = np.floor(np.where(late, SPAN_DAYS - 50.0 + 48.0 * rng.random(len(day)), day))
    hour = rng.choice(24, size=len(day), p=_HOURS / _HOURS.sum())
    return day.astype(np.int64) * DAY_MS + hour * 3_600_000 + rng.integers(0, 3_600_000, len(day))


@dataclass(frozen=True)
class _Aims:
    """What visits, or single views, are after; arrays of shape (n,)."""

    shopper: NDArray
    day: NDArray
    front: NDArray  # bool: the front page; else `browse` a category, else serve a pursuit
    browse: NDArray  # bool
    pursuit: NDArray
    category: NDArray  # to browse, or to stay in within the pursuit; -1 for any

    @classmethod
    def draw(cls, shoppers: Shoppers, visitor: NDArray, day: NDArray, rng: np.random.Generator) -> _Aims:
        n = len(visitor)
        slot = (rng.random(n)[:, None] >= shoppers.weights[visitor]).sum(axis=1)
        # Until it is taken up, the last pursuit leaves its visits to the first.
        slot = np.where((slot == PURSUITS_OF_A_SHOPPER - 1) & (day < shoppers.taken_up[visitor]), 0, slot)
        aim = rng.random(n)
        browse = (aim >= FRONT_PAGE) & (aim < FRONT_PAGE + BROWSING)
        favourite = shoppers.categories[visitor, (rng.random(n) < 0.25).astype(int)]
        return cls(
            shopper=visitor,
            day=day,
            front=aim < FRONT_PAGE,
            browse=browse,
            pursuit=shoppers.pursuits[visitor, slot],
            category=np.where(browse, favourite, -1),
        )

    def __getitem__(self, rows: NDArray) -> _Aims:
        return _Aims(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def after(self, begun: NDArray, shop: Catalogue, uniform: NDArray) -> _Aims:
        """Return what to look at after a first product (-1: none); often more of its category."""
        stay = (begun >= 0) & (uniform < STAYING) & ~self.front & ~self.browse
        return replace(self, category=np.where(stay, shop.category[begun], self.category))


def views(
    shop: Catalogue, shoppers: Shoppers, visitor: NDArray, day: NDArray, rng: np.random.Generator
) -> tuple[NDArray, NDArray, NDArray]:
    """Return visit, product and liking (0 to 1) of each view, in order; none twice within a visit."""
    aims = _Aims.draw(shoppers, visitor, day, rng)
    length = 1 + rng.geometric(0.25, len(visitor))
    visit = np.repeat(np.arange(len(visitor)), length)
    first = np.cumsum(length) - length
    rest = np.setdiff1d(np.arange(len(visit)), first)
    item = np.full(len(visit), -1, dtype=np.int64)
    liking = np.zeros(len(visit))
    item[first], liking[first] = _choose(shop, shoppers, aims, rng)
    others = aims[visit[rest]].after(item[first[visit[rest]]], shop, rng.random(len(rest)))
    item[rest], liking[rest] = _choose(shop, shoppers, others, rng)
    # Out of season nobody comes for it, nor looks at it when there.
    wanted = rng.random(len(visit)) < season(shop.category[item], day[visit])
    keep = (item >= 0) & wanted & wanted[first][visit] & _worth_a_look(visitor[visit], item, day[visit], rng)
    return visit[keep], item[keep], liking[keep]


def _worth_a_look(shopper: NDArray, item: NDArray, day: NDArray, rng: np.random.Generator) -> NDArray:
    """Return whether each product is new to the shopper, or looked at again on another day, shape (n,)."""
    order = np.lexsort((np.arange(len(item)), day, item, shopper))
    known = (np.diff(item[order]) == 0) & (np.diff(shopper[order]) == 0)
    another_day = np.diff(day[order]) > 0.5
    out = np.ones(len(item), dtype=bool)
    out[order[1:]] = ~known | (another_day & (rng.random(len(known)) < RETURNING))
    return out


def _choose(
    shop: Catalogue, shoppers: Shoppers, aims: _Aims, rng: np.random.Generator
) -> tuple[NDArray, NDArray]:
    """Return a product for each aim and how well it suits (0 to 1); -1 where nothing on sale was found."""
    found = np.full(len(aims.shopper), -1, dtype=np.int64)
    suits = np.zeros(len(found))
    odd = rng.random(len(found)) < CHANCE
    pending = np.arange(len(found))
    for _ in range(_ROUNDS):
        if not len(pending):
            break
        u = rng.random((2, len(pending)))
        aim, by_chance = aims[pending], odd[pending]
        drawn = np.where(by_chance, (u[0] * len(shop.category)).astype(np.int64), _find(shop, aim, u[0]))
        suit = _suit(shop, shoppers, aim.shopper, drawn)
        # Who browses compares prices and brands; who has a purpose takes what serves it.
        picky = np.where(aim.browse, suit, np.where(aim.front | by_chance, 1.0, suit**0.7))
        taken = u[1] < picky * shop.presence(drawn, aim.day)
        found[pending[taken]], suits[pending[taken]] = drawn[taken], suit[taken]
        pending = pending[~taken]
    return found, suits


def _find(shop: Catalogue, aim: _Aims, uniform: NDArray) -> NDArray:
    """Return a product for each aim, from the front page, its category, its pursuit or what is in both."""
    category = np.maximum(aim.category, 0)
    cell = aim.pursuit * N_CATEGORIES + category
    drawn = shop.front_page.draw(np.zeros(len(cell), dtype=np.int64), uniform)
    browse = aim.browse & shop.by_category.filled[category]
    stay = ~aim.front & ~aim.browse & (aim.category >= 0) & shop.by_both.filled[cell]
    serve = ~aim.front & ~browse & ~stay & shop.by_pursuit.filled[aim.pursuit]
    for rows, lists, group in (
        (browse, shop.by_category, category),
        (stay, shop.by_both, cell),
        (serve, shop.by_pursuit, aim.pursuit),
    ):
        drawn[rows] = lists.draw(group[rows], uniform[rows])
    return drawn


def _suit(shop: Catalogue, shoppers: Shoppers, who: NDArray, item: NDArray) -> NDArray:
    """Return how well price level and brand suit, in [0, 1]."""
    distance = shop.level[item] - shoppers.level[who]
    return np.exp(-0.5 * (distance / 0.6) ** 2) * shoppers.brand_luck[who, shop.brand[item]]
