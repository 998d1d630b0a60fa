"""The parts of the shop's generator whose right answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from data.shop import AT_HOME, Brands, make_catalogue, season
from data.shop_pursuits import PURSUITS
from data.shop_shelves import CATEGORIES, DEPARTMENT_OF, DEPARTMENTS, SHELVES
from data.shop_text import BRANDS, ProductWriter


def test_a_product_is_present_from_its_listing_to_its_withdrawal_and_most_when_new():
    shop = make_catalogue(60, np.random.default_rng(0))
    shop = replace(shop, listed=np.full(60, 100.0), gone=np.full(60, 200.0))
    item = np.zeros(5, dtype=int)
    present = shop.presence(item, np.array([99.9, 100.0, 130.0, 199.9, 200.0]))
    # 0.6 + 0.4 e^(-age / 30), by hand.
    assert present == pytest.approx([0.0, 1.0, 0.74715, 0.61432, 0.0], abs=1e-4)


def test_a_season_is_full_on_its_peak_day_and_least_half_a_year_away():
    seeds, knives = CATEGORIES.index("Garden > Seeds"), CATEGORIES.index("Kitchen > Knives")
    days = np.array([95.0, 95.0 + 182.5, 95.0 + 365.0])
    assert season(np.full(3, seeds), days) == pytest.approx([1.0, 0.15, 1.0])
    assert season(np.full(3, knives), days) == pytest.approx([1.0, 1.0, 1.0])


def test_shelves_and_pursuits_fit_together():
    names = [category.split(" > ")[1] for category in CATEGORIES]
    assert len(set(names)) == len(SHELVES) == len(DEPARTMENT_OF) == 41
    for homes, phrases in PURSUITS.values():
        assert set(homes) <= set(names)
        assert all(phrase.startswith("for ") for phrase in phrases)
    assert AT_HOME.sum(axis=1).tolist() == [len(homes) for homes, _ in PURSUITS.values()]
    assert (AT_HOME.sum(axis=0) > 0).all()  # every category serves something
    departments = [{DEPARTMENT_OF[names.index(name)] for name in homes} for homes, _ in PURSUITS.values()]
    assert min(map(len, departments)) > 1  # every pursuit crosses departments


def test_every_department_has_brands_of_its_own_choice():
    brands = Brands.draw(np.random.default_rng(0))
    assert (brands.sells.sum(axis=1) == 2).all()
    assert (brands.sells.sum(axis=0) >= len(BRANDS) // len(DEPARTMENTS)).all()
    shop = make_catalogue(600, np.random.default_rng(0))
    sold = Brands.draw(np.random.default_rng(0)).sells[shop.brand, np.array(DEPARTMENT_OF)[shop.category]]
    assert sold.all()


def test_every_share_is_met_exactly_at_any_size():
    for n in (100, 1000):
        shop = make_catalogue(n, np.random.default_rng(1))
        assert (shop.listed >= 365).sum() == 0.02 * n
        assert ((shop.listed >= 0) & (shop.listed < 365)).sum() == 0.25 * n
        assert np.isfinite(shop.gone).sum() == 0.10 * n
        assert (shop.pursuit[:, 0] != shop.pursuit[:, 1]).all()


def test_prices_follow_the_category_and_the_level():
    shop = make_catalogue(1200, np.random.default_rng(2))
    price = shop.frame["price"].to_numpy()
    base = np.array([shelf.price for shelf in SHELVES])[shop.category]
    assert np.corrcoef(np.log(price / base), shop.level)[0, 1] > 0.97
    assert set(np.round(price * 100 % 100).astype(int)) <= {0, 50, 90}


def test_a_writer_out_of_names_goes_on_with_marks_and_minds_its_articles():
    writer = ProductWriter(np.random.default_rng(0))
    made = [writer.write(0, 0, 0, "Plumbeck") for _ in range(4000)]
    names, descriptions, tags = zip(*made, strict=True)
    assert len(set(names)) == 4000
    assert any(name.endswith(", Mark 2") for name in names)
    starts = {" ".join(text.split()[:2]) for text in descriptions}
    articles = {start for start in starts if start.startswith(("A ", "An "))}
    assert articles == {"An enamel", "An aluminium", "A steel", "A copper", "A cast"}
    assert {text.split("|")[0] for text in tags} == {"steel", "iron", "brass & copper", "light metal"}
