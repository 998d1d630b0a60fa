"""The shop sample is what its description says, and its script makes it again, at any size."""

import gzip
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import make_shop
from data.make_shop import DEFAULTS, LEAST, generate, main, write_shop
from data.shop import LASTS_DAYS
from data.shop_shelves import CATEGORIES

FOLDER = Path(make_shop.__file__).parent
SMALL = {"n_visitors": 60, "n_products": 120, "seed": 3}
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def shop() -> tuple[pd.DataFrame, pd.DataFrame]:
    return generate()


@pytest.fixture(scope="module")
def joined(shop) -> pd.DataFrame:
    """Events beside their products, with the time as a date."""
    events, products = shop
    at = pd.to_datetime(events["timestamp"], unit="ms")
    return events.merge(products, on="product_id", how="left", validate="many_to_one").assign(at=at)


def gini(counts: np.ndarray) -> float:
    """Mean absolute difference over twice the mean, from its definition."""
    return float(np.abs(counts[:, None] - counts[None, :]).mean() / (2 * counts.mean()))


# --- the files ---------------------------------------------------------------------------------


def test_committed_files_are_what_the_script_writes(tmp_path):
    events, products = write_shop(tmp_path, **DEFAULTS)
    committed = FOLDER / events.name
    # Unpacked: how a gzip stream is cut into blocks is up to the zlib at hand, its content is not.
    assert gzip.decompress(events.read_bytes()) == gzip.decompress(committed.read_bytes())
    assert products.read_bytes() == (FOLDER / products.name).read_bytes()


def test_same_seed_same_bytes_and_other_seed_other_data(tmp_path):
    paths = [write_shop(tmp_path / name, **SMALL) for name in "ab"]
    for first, second in zip(*paths, strict=True):
        assert first.read_bytes() == second.read_bytes()
    # Two writes within a second would agree on a time stamp too: the header has neither name nor time.
    assert paths[0][0].read_bytes()[3:8] == bytes(5)
    events, products = generate(**(SMALL | {"seed": 4}))
    assert not events.equals(generate(**SMALL)[0])
    assert not products.equals(generate(**SMALL)[1])


def test_what_is_written_reads_back_as_what_is_made(tmp_path):
    events_path, products_path = write_shop(tmp_path, **SMALL)
    events, products = generate(**SMALL)
    text = {"visitor_id": str}
    pd.testing.assert_frame_equal(pd.read_csv(events_path, dtype=text), events, check_dtype=False)
    pd.testing.assert_frame_equal(pd.read_csv(products_path), products, check_dtype=False)


def test_what_is_committed_is_small():
    assert (FOLDER / "shop_events.csv.gz").stat().st_size < 1_000_000
    assert (FOLDER / "shop_products.csv").stat().st_size < 300_000


def test_the_script_runs_from_any_folder(tmp_path):
    sizes = ["--visitors", "20", "--products", "60", "--seed", "1", "--out", "made"]
    subprocess.run([sys.executable, str(FOLDER / "make_shop.py"), *sizes], cwd=tmp_path, check=True)
    assert len(pd.read_csv(tmp_path / "made" / "shop_products.csv")) == 60


def test_impossible_sizes_are_refused_in_words(tmp_path, capsys):
    with pytest.raises(ValueError, match=r"at least 1 visitor and 50 products\. Got 0 and 100 instead"):
        generate(0, 100, 0)
    with pytest.raises(SystemExit):
        main(["--visitors", "10", "--products", "49", "--out", str(tmp_path)])
    assert "Got 10 and 49 instead" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# --- any size ----------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(LEAST, 200), st.integers(0, 1000))
def test_at_any_size_events_follow_from_each_other(n_visitors, n_products, seed):
    events, products = generate(n_visitors, n_products, seed)
    assert len(products) == n_products
    assert products["product_id"].is_unique
    assert set(events["product_id"]) <= set(products["product_id"])
    assert events["visitor_id"].nunique() <= n_visitors
    assert_events_follow(events, products)


def assert_events_follow(events: pd.DataFrame, products: pd.DataFrame) -> None:
    """Walk through every (visitor, product) pair in plain Python: view, cart, purchase, nothing after it."""
    assert events["timestamp"].is_monotonic_increasing
    assert not events.duplicated(["visitor_id", "timestamp"]).any()
    lasts = dict(zip(CATEGORIES, LASTS_DAYS.tolist(), strict=True))
    used_up = dict(zip(products["product_id"], products["category"].map(lasts) > 0, strict=True))
    listed = dict(zip(products["product_id"], pd.to_datetime(products["listed_on"]), strict=True))
    counts: Counter[tuple[str, str, str]] = Counter()
    for at, visitor, event, product in events.itertuples(index=False):
        assert pd.Timestamp(at, unit="ms") >= listed[product]
        assert used_up[product] or not counts[visitor, product, "purchase"]
        counts[visitor, product, event] += 1
        views, carts, purchases = (counts[visitor, product, kind] for kind in ("view", "cart", "purchase"))
        assert views >= carts >= purchases


# --- the default sample ------------------------------------------------------------------------


def test_shape_and_ids(shop):
    events, products = shop
    assert events.columns.tolist() == ["timestamp", "visitor_id", "event", "product_id"]
    assert 60_000 <= len(events) <= 90_000
    assert products["product_id"].tolist() == [f"P{number:05d}" for number in range(1, 1201)]
    assert set(events["visitor_id"]) == {f"{number:05d}" for number in range(1, 1501)}
    shares = events["event"].value_counts(normalize=True)
    assert set(shares.index) == {"view", "cart", "purchase"}
    assert shares["view"] > 0.75
    assert shares["view"] > 4 * shares["cart"] > 4 * shares["purchase"] > 0.12
    first, last = pd.to_datetime(events["timestamp"].iloc[[0, -1]], unit="ms")
    assert (first.date().isoformat(), last.date().isoformat()) == ("2025-01-01", "2025-12-31")


def test_products_are_described_without_a_gap_but_the_ratings_of_the_newest(shop):
    _, products = shop
    described = products.drop(columns="avg_rating")
    assert not described.isna().any().any()
    assert not (described[["name", "category", "brand", "tags", "description"]] == "").any().any()
    listed = pd.to_datetime(products["listed_on"])
    newest = listed > pd.Timestamp("2025-12-18")
    assert products["avg_rating"].isna().equals(newest)
    assert 0.02 <= newest.mean() <= 0.04
    assert products["avg_rating"].dropna().between(1, 5).all()
    assert products["price"].between(1, 500).all()
    assert listed.between("2018-12-01", "2026-01-31").all()


def test_categories_brands_and_tags_are_few_enough_to_be_features(shop):
    _, products = shop
    assert set(products["category"]) == set(CATEGORIES)
    assert products["category"].str.split(" > ").str.len().eq(2).all()
    assert products["category"].str.split(" > ").str[0].nunique() == 8
    assert products["brand"].nunique() <= 40
    tags = products["tags"].str.split("|").explode()
    assert tags.nunique() <= 50
    assert (tags.str.strip() == tags).all()
    assert (tags != "").all()


def test_names_and_descriptions_read_like_those_of_a_shop(shop):
    _, products = shop
    assert products["name"].is_unique
    assert products["name"].str.fullmatch(r"[A-Z][A-Za-z0-9 ,.'&\-]+").all()
    starts_with_brand = [
        name.startswith(brand + " ") for name, brand in products[["name", "brand"]].to_numpy().tolist()
    ]
    assert all(starts_with_brand)
    assert products["description"].str.fullmatch(r"[A-Z][A-Za-z ',\-]+\.").all()
    assert not products["description"].str.contains(r"^A [aeio]").any()
    assert products["description"].value_counts().max() <= 3


def test_long_tail_varied_histories_and_announced_products(shop):
    events, products = shop
    seen = products["product_id"].map(events["product_id"].value_counts()).fillna(0).to_numpy()
    assert 0.4 <= gini(seen) <= 0.6
    announced = (products["listed_on"] >= "2026").to_numpy()
    assert announced.sum() == 24
    assert seen[announced].sum() == 0
    histories = events["visitor_id"].value_counts()
    assert histories.max() > 5 * histories.median()


def test_products_come_and_go(joined):
    listed = pd.to_datetime(joined["listed_on"])
    assert (joined["at"] >= listed).all()
    assert joined.loc[listed >= "2025", "product_id"].nunique() > 250
    last_month = joined.loc[joined["at"] >= "2025-12-01", "product_id"]
    popular_in_spring = joined.loc[joined["at"] < "2025-07-01", "product_id"].value_counts().head(300).index
    assert 5 <= (~popular_in_spring.isin(last_month)).sum() <= 60  # withdrawn


def test_a_visit_looks_at_alike_products(joined):
    views = joined[joined["event"] == "view"].sort_values(["visitor_id", "timestamp"])
    gap = views.groupby("visitor_id")["timestamp"].diff()
    next_in_visit = (gap < 15 * 60_000).to_numpy()
    assert 0.4 < next_in_visit.mean() < 0.9
    category = views["category"].astype("category").cat.codes.to_numpy()
    alike = (category[1:] == category[:-1])[next_in_visit[1:]].mean()
    shuffled = np.random.default_rng(0).permutation(category)
    assert alike > 0.5 > 10 * (shuffled[1:] == shuffled[:-1]).mean()


def test_what_is_used_up_is_bought_again_and_the_rest_once(joined):
    bought = joined[joined["event"] == "purchase"]
    lasts = bought["category"].map(dict(zip(CATEGORIES, LASTS_DAYS.tolist(), strict=True)))
    again = bought.duplicated(["visitor_id", "product_id"])
    assert not again[lasts == 0].any()
    assert again[lasts > 0].mean() > 0.25
    refills = bought[lasts > 0].groupby(["visitor_id", "product_id"])["timestamp"].diff().dropna()
    assert 15 < (refills / DAY_MS).median() < 110


def test_seasons(joined):
    def share(category: str, months: tuple[int, ...]) -> float:
        return float(joined.loc[joined["category"] == category, "at"].dt.month.isin(months).mean())

    assert share("Garden > Seeds", (3, 4, 5)) > 2 * share("Garden > Seeds", (9, 10, 11))
    assert share("Outdoors > Tents", (5, 6, 7, 8)) > 2 * share("Outdoors > Tents", (1, 2, 11, 12))
    assert share("Living > Candles", (10, 11, 12)) > 2 * share("Living > Candles", (5, 6, 7))
    assert share("Kitchen > Knives", (10, 11, 12)) < 2 * share("Kitchen > Knives", (5, 6, 7))


def test_avg_rating_and_every_other_feature_come_from_no_event(shop):
    # Ten times fewer visitors: were any feature computed from their events, it would differ.
    pd.testing.assert_frame_equal(generate(150, DEFAULTS["n_products"], DEFAULTS["seed"])[1], shop[1])


def test_a_visitor_keeps_to_a_price_level_and_to_some_brands(joined):
    views = joined[joined["event"] == "view"]
    level = np.log(views["price"]) - np.log(views["price"]).groupby(views["category"]).transform("mean")
    own = level.groupby(views["visitor_id"]).var().mean()
    by_chance = level.var()
    assert own < 0.8 * by_chance
    brands = pd.crosstab(views["visitor_id"], views["brand"]).to_numpy(dtype=float)
    shares = brands / brands.sum(axis=1, keepdims=True)
    overall = brands.sum(axis=0) / brands.sum()
    assert (shares**2).sum(axis=1).mean() > 2 * (overall**2).sum()


def test_looking_together_tells_more_than_categories_and_these_more_than_popularity(shop):
    """Hold out each visitor's last new product: recall@50, by an implementation of its own."""
    events, products = shop
    pairs = events.drop_duplicates(["visitor_id", "product_id"])
    user = pairs["visitor_id"].astype(int).to_numpy() - 1
    item = pairs["product_id"].str[1:].astype(int).to_numpy() - 1
    last = ~pairs["visitor_id"].duplicated(keep="last").to_numpy()
    seen = np.zeros((1500, 1200), dtype=np.float32)
    seen[user[~last], item[~last]] = 1
    held_out = np.empty(1500, dtype=int)
    held_out[user[last]] = item[last]

    def recall_at_50(scores: np.ndarray) -> float:
        scores = np.where(seen > 0, -np.inf, scores)
        better = (scores > scores[np.arange(1500), held_out][:, None]).sum(axis=1)
        return float((better < 50).mean())

    viewers = seen.sum(axis=0)
    together = (seen.T @ seen) / np.sqrt(np.outer(viewers + 1, viewers + 1))
    flags = pd.get_dummies(products[["category", "brand"]]).to_numpy(dtype=np.float32)
    by_popularity = recall_at_50(np.broadcast_to(viewers, seen.shape))
    by_features = recall_at_50(seen @ flags @ flags.T)
    assert recall_at_50(seen @ together) > by_features + 0.05
    assert by_features > by_popularity + 0.1
    assert by_popularity > 2 * 50 / 1200
