"""The catalogue of a made-up shop for kitchen, household, garden and outdoors.

A product has features that everyone sees (category, brand, price, tags, ...) and two *pursuits* that
nobody sees: what people use it for. Pursuits cross departments, so the features explain a part of who wants
a product, and the rest can only be learned from who looked at what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.bookshop import WeightedLists
from data.shop_pursuits import PURSUITS
from data.shop_shelves import CATEGORIES, DEPARTMENT_OF, DEPARTMENTS, SHELVES
from data.shop_text import BRANDS, ProductWriter

FIRST_DAY: Final = np.datetime64("2025-01-01T00:00:00", "ms")
SPAN_DAYS: Final = 365  # 2025

NEW_SHARE: Final = 0.25  # of the catalogue is listed during the year,
ANNOUNCED_SHARE: Final = 0.02  # and this much after it: described, and not on sale until January 2026
GONE_SHARE: Final = 0.10  # of the others is withdrawn during the year
KNOWN_FOR: Final = 8.0  # times as likely that a brand makes something for a pursuit that it is known for
UNREVIEWED_DAYS: Final = 14  # what was listed later than this before the year's end has no review yet

N_CATEGORIES: Final = len(CATEGORIES)
N_PURSUITS: Final = len(PURSUITS)
DEPARTMENT: Final = np.array(DEPARTMENT_OF)
LASTS_DAYS: Final = np.array([shelf.lasts_days for shelf in SHELVES])
_WEIGHT = np.array([shelf.weight for shelf in SHELVES])
_PRICE = np.array([shelf.price for shelf in SHELVES])
_PEAK = np.array([shelf.peak_day for shelf in SHELVES])
_SWING = np.array([shelf.swing for shelf in SHELVES])
_NAMES = [category.split(" > ")[1] for category in CATEGORIES]
AT_HOME: Final = np.array([[name in homes for name in _NAMES] for homes, _ in PURSUITS.values()])
"""Whether a category belongs to a pursuit, shape (N_PURSUITS, N_CATEGORIES)."""


@dataclass(frozen=True)
class Brands:
    """What brands stand for; arrays of shape (n_brands, ...)."""

    level: NDArray  # how dear they are
    fame: NDArray
    sells: NDArray  # (n_brands, n_departments) bool
    serves: NDArray  # (n_brands, N_PURSUITS) bool: those it is known for

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Brands:
        """Give each brand two departments, so that each department has several brands."""
        n, n_departments = len(BRANDS), len(DEPARTMENTS)
        first = rng.permutation(np.arange(n) % n_departments)
        second = (first + rng.integers(1, n_departments, n)) % n_departments
        departments = np.arange(n_departments)
        return cls(
            level=rng.normal(size=n),
            fame=rng.normal(size=n),
            sells=(departments == first[:, None]) | (departments == second[:, None]),
            serves=rng.random((n, N_PURSUITS)) < 0.15,
        )


@dataclass(frozen=True)
class Catalogue:
    """All products, what is seen of them (`frame`) and what drives the shoppers; arrays over products.

    Days count from `FIRST_DAY`.
    """

    frame: pd.DataFrame
    category: NDArray  # (n,)
    pursuit: NDArray  # (n, 2), the main one first
    brand: NDArray  # (n,)
    level: NDArray  # (n,) how dear within the category, about standard normal
    quality: NDArray  # (n,) standard normal
    listed: NDArray  # (n,) day, negative for what was there before
    gone: NDArray  # (n,) day of its withdrawal, infinite for most
    front_page: WeightedLists
    by_category: WeightedLists
    by_pursuit: WeightedLists
    by_both: WeightedLists  # group: pursuit * N_CATEGORIES + category

    def presence(self, item: NDArray, day: NDArray) -> NDArray:
        """Return how present each product is on a day, in [0, 1]: 0 when not on sale, most when new."""
        age = day - self.listed[item]
        fresh = 0.6 + 0.4 * np.exp(-np.maximum(age, 0.0) / 30.0)
        return np.where((age >= 0) & (day < self.gone[item]), fresh, 0.0)


def season(category: NDArray, day: NDArray) -> NDArray:
    """Return how much each category is wanted on a day, in [0, 1]; 1 on its peak day."""
    away = (1.0 - np.cos(2 * np.pi * (day - _PEAK[category]) / 365.0)) / 2
    return 1.0 - _SWING[category] * away


def make_catalogue(n_products: int, rng: np.random.Generator) -> Catalogue:
    """Return a catalogue of `n_products`; the same generator state gives the same products."""
    n = n_products
    brands = Brands.draw(rng)
    category = rng.choice(N_CATEGORIES, n, p=_WEIGHT / _WEIGHT.sum())
    pursuit = _pursuits(category, rng)
    brand = _brands(DEPARTMENT[category], pursuit[:, 0], brands, rng)
    pursuit_level = rng.normal(size=N_PURSUITS)
    level = 0.6 * brands.level[brand] + 0.5 * pursuit_level[pursuit[:, 0]] + 0.6 * rng.normal(size=n)
    quality = 0.6 * level + 0.7 * rng.normal(size=n)
    appeal = _appeal(0.4 * brands.fame[brand] + 0.4 * quality + 0.8 * rng.normal(size=n))

    life = rng.permutation(n) / n  # every share is met exactly, at any size
    announced = life < ANNOUNCED_SHARE
    is_new = ~announced & (life < ANNOUNCED_SHARE + NEW_SHARE)
    withdrawn = life >= 1.0 - GONE_SHARE
    day = rng.uniform(0.0, SPAN_DAYS, n)
    listed = np.where(announced, SPAN_DAYS + day % 28, np.where(is_new, day, -1.0 - 6.0 * day))
    listed = np.floor(listed)
    gone = np.where(withdrawn, np.floor(rng.uniform(30.0, SPAN_DAYS, n)), np.inf)

    writer = ProductWriter(rng)
    texts = [
        writer.write(at, DEPARTMENT_OF[at], use, BRANDS[maker])
        for at, use, maker in zip(category.tolist(), pursuit[:, 0].tolist(), brand.tolist(), strict=True)
    ]
    names, descriptions, tags = zip(*texts, strict=True)
    frame = pd.DataFrame(
        {
            "product_id": product_ids(np.arange(n)),
            "name": names,
            "category": np.array(CATEGORIES, dtype=object)[category],
            "brand": np.array(BRANDS, dtype=object)[brand],
            "price": _price_tags(_PRICE[category] * np.exp(0.6 * level)),
            "avg_rating": _reviews_elsewhere(quality, listed, rng),
            "tags": tags,
            "description": descriptions,
            "listed_on": np.datetime_as_string((FIRST_DAY + listed.astype("timedelta64[D]")), unit="D"),
        }
    )
    items = np.arange(n)
    both = np.concatenate([appeal, 0.4 * appeal])
    use = pursuit.T.ravel()
    return Catalogue(
        frame=frame,
        category=category,
        pursuit=pursuit,
        brand=brand,
        level=level,
        quality=quality,
        listed=listed,
        gone=gone,
        front_page=WeightedLists(np.zeros(n, dtype=int), items, appeal**1.2, 1),
        by_category=WeightedLists(category, items, appeal, N_CATEGORIES),
        by_pursuit=WeightedLists(use, np.tile(items, 2), both, N_PURSUITS),
        by_both=WeightedLists(
            use * N_CATEGORIES + np.tile(category, 2), np.tile(items, 2), both, N_PURSUITS * N_CATEGORIES
        ),
    )


def product_ids(index: NDArray) -> list[str]:
    """Return ids such as ``P00042`` (leading zeros belong to them)."""
    return [f"P{number:05d}" for number in (index + 1).tolist()]


def _pursuits(category: NDArray, rng: np.random.Generator) -> NDArray:
    """Return each product's pursuits, shape (n, 2): two different ones, mostly of its category."""
    n = len(category)
    pursuit, home = np.nonzero(AT_HOME)
    kin = WeightedLists(home, pursuit, np.ones(len(home)), N_CATEGORIES)
    of_category = kin.draw(category, rng.random(n))
    main = np.where(rng.random(n) < 0.88, of_category, rng.integers(N_PURSUITS, size=n))
    any_other = rng.integers(N_PURSUITS, size=n)
    second = np.where(rng.random(n) < 0.5, kin.draw(category, rng.random(n)), any_other)
    return np.column_stack([main, np.where(second == main, (second + 1) % N_PURSUITS, second)])


def _brands(department: NDArray, pursuit: NDArray, brands: Brands, rng: np.random.Generator) -> NDArray:
    """Return a brand of each product's department, shape (n,), mostly one known for its pursuit."""
    weight = np.exp(0.5 * brands.fame)[:, None] * brands.sells[:, department]
    weight *= np.where(brands.serves[:, pursuit], KNOWN_FOR, 1.0)
    cumulative = np.cumsum(weight, axis=0)
    return (rng.random(len(department)) * cumulative[-1] >= cumulative).sum(axis=0)


def _appeal(strength: NDArray) -> NDArray:
    """Return weights that fall like Zipf's law with the rank of `strength`."""
    n = len(strength)
    rank = np.empty(n)
    rank[np.argsort(-strength, kind="stable")] = np.arange(1, n + 1)
    return (rank / n + 0.02) ** -0.8 * (1.02 - rank / n) ** 0.6


def _price_tags(price: NDArray) -> NDArray:
    """Return prices that end as prices do: in 9, or in 90 or 50 below 10."""
    dear = np.maximum(np.round(price / 10.0) * 10.0 - 1.0, 9.0)
    fair = np.floor(price) + 0.9
    cheap = np.floor(np.maximum(price, 1.0)) + np.where(price % 1.0 < 0.5, 0.5, 0.9)
    return np.round(np.where(price >= 60.0, dear, np.where(price >= 10.0, fair, cheap)), 2)


def _reviews_elsewhere(quality: NDArray, listed: NDArray, rng: np.random.Generator) -> NDArray:
    """Return each product's mean review in all shops, to one decimal; NaN where it is too new for any.

    It is drawn from the product's quality, never computed from this shop's events: a feature made of the
    events would leak the held-out ones. Older products have more reviews, and so less chance in their mean.
    """
    n_reviews = 4.0 + np.maximum(SPAN_DAYS - listed, 0.0) / 12.0
    rating = 3.9 + 0.4 * quality + rng.normal(0.0, 0.9, len(quality)) / np.sqrt(n_reviews)
    return np.where(listed > SPAN_DAYS - UNREVIEWED_DAYS, np.nan, np.round(np.clip(rating, 1.0, 5.0), 1))
