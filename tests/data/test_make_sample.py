"""The sample is what its description says, and its script makes it again, at any size."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import make_sample
from data.bookshop import FIRST_DAY, SPAN_DAYS
from data.make_sample import DEFAULTS, generate, main, write_sample
from data.readers import MAX_SHARE, MIN_HISTORY, history_lengths

FOLDER = Path(make_sample.__file__).parent
SMALL = {"n_users": 1300, "n_items": 60, "n_interactions": 15_000, "seed": 3}  # two blocks of readers


@pytest.fixture(scope="module")
def sample() -> tuple[pd.DataFrame, pd.DataFrame]:
    return generate()


def gini(counts: np.ndarray) -> float:
    """Mean absolute difference over twice the mean, from its definition."""
    return float(np.abs(counts[:, None] - counts[None, :]).mean() / (2 * counts.mean()))


def main_genre(items: pd.DataFrame) -> np.ndarray:
    return items["genres"].str.split("|").str[0].astype("category").cat.codes.to_numpy()


# --- the files ---------------------------------------------------------------------------------


def test_committed_files_are_what_the_script_writes(tmp_path):
    interactions, items = write_sample(tmp_path, **DEFAULTS)
    committed = FOLDER / interactions.name
    # Unpacked: how a gzip stream is cut into blocks is up to the zlib at hand, its content is not.
    assert gzip.decompress(interactions.read_bytes()) == gzip.decompress(committed.read_bytes())
    assert items.read_bytes() == (FOLDER / items.name).read_bytes()


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_same_seed_same_bytes_and_other_seed_other_data(tmp_path, file_format):
    paths = [write_sample(tmp_path / name, **SMALL, file_format=file_format) for name in "ab"]
    for first, second in zip(*paths, strict=True):
        assert first.read_bytes() == second.read_bytes()
    if file_format == "csv":  # two writes within a second would agree on a time stamp too
        assert paths[0][0].read_bytes()[3:8] == bytes(5)  # gzip header: no name, no time
    other, _ = generate(**(SMALL | {"seed": 4}))
    assert not other.equals(generate(**SMALL)[0])


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_written_in_parts_equals_made_in_memory(tmp_path, monkeypatch, file_format):
    monkeypatch.setattr(make_sample, "_ROWS_PER_WRITE", 5_000)
    path, items_path = write_sample(tmp_path, **SMALL, file_format=file_format)
    interactions, items = generate(**SMALL)
    if file_format == "csv":
        written = pd.read_csv(path, parse_dates=["timestamp"])
        written_items = pd.read_csv(items_path)
    else:
        assert pq.ParquetFile(path).num_row_groups == 2
        written, written_items = pd.read_parquet(path), pd.read_parquet(items_path)
    pd.testing.assert_frame_equal(written, interactions, check_dtype=False)
    pd.testing.assert_frame_equal(written_items, items, check_dtype=False)


def test_blocks_of_readers_are_independent():
    """A random generator that started anew with each block would give its readers the same dates."""
    interactions, _ = generate(2048, 60, 30_000, 3)
    joined = interactions.groupby("user_id")["timestamp"].min().astype("int64").to_numpy().reshape(2, 1024)
    assert abs(np.corrcoef(joined)[0, 1]) < 0.15


def test_what_is_committed_is_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("sample_*")) < 1_500_000


def test_the_script_runs_from_any_folder(tmp_path):
    sizes = ["--users", "20", "--items", "30", "--interactions", "150", "--out", "made"]
    subprocess.run([sys.executable, str(FOLDER / "make_sample.py"), *sizes], cwd=tmp_path, check=True)
    assert len(pd.read_csv(tmp_path / "made" / "sample_interactions.csv.gz")) == 150


def test_impossible_sizes_are_refused_in_words(tmp_path, capsys):
    with pytest.raises(ValueError, match=r"10 users and 20 items can have 10 to 60 interactions.*Got 61"):
        generate(10, 20, 61, 0)
    with pytest.raises(ValueError, match="Got 9 instead"):
        generate(10, 20, 9, 0)
    with pytest.raises(SystemExit):
        main(["--users", "10", "--items", "20", "--interactions", "61", "--out", str(tmp_path)])
    assert "10 to 60 interactions" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# --- any size ----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(4, 80), st.floats(0, 1), st.integers(0, 5))
def test_any_feasible_size_is_met_exactly_without_repeats(n_users, n_items, fill, seed):
    most = n_users * int(MAX_SHARE * n_items)
    n_interactions = n_users + round(fill * (most - n_users))
    interactions, items = generate(n_users, n_items, n_interactions, seed)
    assert len(interactions) == n_interactions
    assert len(items) == n_items
    assert set(interactions["user_id"]) == set(range(1, n_users + 1))
    assert interactions["item_id"].between(1, n_items).all()
    assert not interactions.duplicated(["user_id", "item_id"]).any()


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 3000), st.integers(31, 2000), st.floats(0, 1), st.integers(0, 5))
def test_histories_sum_to_the_total_within_their_bounds(n_users, n_items, fill, seed):
    least, most = min(MIN_HISTORY, int(MAX_SHARE * n_items)), int(MAX_SHARE * n_items)
    total = n_users * least + round(fill * n_users * (most - least))
    lengths = history_lengths(n_users, n_items, total, np.random.default_rng(seed))
    assert lengths.sum() == total
    assert lengths.min() >= least
    assert lengths.max() <= most


# --- the default sample ------------------------------------------------------------------------


def test_shape_and_values(sample):
    interactions, items = sample
    assert interactions.shape == (150_000, 4)
    assert interactions["user_id"].nunique() == 2000
    assert not interactions.duplicated(["user_id", "item_id"]).any()
    assert set(interactions["rating"]) <= set(np.arange(2, 11) / 2)
    assert 3.5 < interactions["rating"].mean() < 4.2
    assert items["item_id"].tolist() == list(range(1, 1501))
    assert not items.isna().any().any()
    assert items["price"].between(2, 60).all()
    assert items["avg_rating"].between(1, 5).all()
    assert items["year"].between(1960, 2025).all()
    assert items["genres"].str.count(r"\|").between(0, 2).all()
    assert all(len(set(genres.split("|"))) == genres.count("|") + 1 for genres in items["genres"])


def test_time_runs_forward_within_a_reader_over_two_years(sample):
    interactions, _ = sample
    same_reader = interactions["user_id"].diff() == 0
    assert (
        interactions["timestamp"].diff()[same_reader] > pd.Timedelta(0)
    ).all()  # no ties: "last" is one row
    assert interactions["timestamp"].min() >= FIRST_DAY
    assert interactions["timestamp"].max() < FIRST_DAY + np.timedelta64(SPAN_DAYS, "D")
    assert interactions["timestamp"].dt.to_period("M").nunique() == 24


def test_long_tail_and_varied_histories(sample):
    interactions, _ = sample
    readers = np.bincount(interactions["item_id"] - 1, minlength=1500)
    assert 0.58 <= gini(readers) <= 0.75
    histories = interactions["user_id"].value_counts()
    assert histories.min() >= MIN_HISTORY
    assert histories.max() > 400
    assert histories.median() < 0.8 * histories.mean()


def test_some_items_are_cold_and_none_is_read_before_its_release(sample):
    interactions, items = sample
    readers = np.bincount(interactions["item_id"] - 1, minlength=1500)
    assert 0.03 <= (readers <= 2).mean() <= 0.05
    year = items["year"].to_numpy()
    assert (year == 2025).sum() == 45
    assert readers[year == 2025].sum() == 0
    read_in = interactions["timestamp"].dt.year.to_numpy()
    assert (read_in >= year[interactions["item_id"] - 1]).all()


def test_titles_read_like_titles(sample):
    _, items = sample
    titles = items["title"]
    assert titles.is_unique
    assert titles.str.fullmatch(r"[A-Z][A-Za-z0-9 ,:'?\-]+").all()
    first_words = titles.str.split().str[:3].str.join(" ").value_counts()
    assert first_words.max() <= 15  # no turn of phrase in more than one title of a hundred
    assert not titles.str.contains("Volume").any()


def test_avg_rating_agrees_with_the_ratings_but_does_not_come_from_them(sample):
    interactions, items = sample
    own = interactions.groupby("item_id")["rating"].agg(["mean", "size"])
    known = own[own["size"] >= 30]
    elsewhere = items.set_index("item_id")["avg_rating"]
    assert 0.75 < np.corrcoef(known["mean"], elsewhere[known.index])[0, 1] < 0.97
    # Ten times fewer readers, another history: were any feature computed from them, it would differ.
    pd.testing.assert_frame_equal(generate(200, 1500, 5_000, DEFAULTS["seed"])[1], items)


def test_new_books_rise_and_fade(sample):
    interactions, items = sample
    year = items["year"].to_numpy()
    rows = interactions[year[interactions["item_id"] - 1] == 2023]
    age = (rows["timestamp"] - rows.groupby("item_id")["timestamp"].transform("min")).dt.days
    first, second, third = (age.between(60 * part, 60 * part + 59).sum() for part in range(3))
    assert first > 1.25 * second > 1.25 * 1.1 * third


def test_a_reader_moves_on_to_other_genres(sample):
    """The first and the last third of a long history differ more than two random thirds of it."""
    interactions, items = sample
    length = interactions.groupby("user_id")["user_id"].transform("size")
    rows = interactions[length >= 100].reset_index(drop=True)
    rows["user_id"] = rows["user_id"].astype("category").cat.codes + 1
    genre = main_genre(items)[rows["item_id"] - 1]

    def distance(order: pd.Series) -> float:
        place = order.groupby(rows["user_id"]).rank(pct=True)
        ends = _profiles(rows, genre, place <= 1 / 3) - _profiles(rows, genre, place > 2 / 3)
        return float(np.abs(ends).sum(axis=1).mean())

    by_chance = pd.Series(np.random.default_rng(0).permutation(len(rows)))
    assert distance(rows["timestamp"]) > 1.15 * distance(by_chance)


def _profiles(interactions: pd.DataFrame, genre: np.ndarray, rows: pd.Series) -> np.ndarray:
    """Genre shares of each reader over the chosen rows, shape (n_users, n_genres)."""
    chosen = rows.to_numpy()
    counts = np.zeros((interactions["user_id"].max(), genre.max() + 1))
    np.add.at(counts, (interactions["user_id"].to_numpy()[chosen] - 1, genre[chosen]), 1)
    return counts / counts.sum(axis=1, keepdims=True)


def test_genres_say_something_about_a_reader(sample):
    interactions, items = sample
    genre = main_genre(items)[interactions["item_id"] - 1]
    everything = pd.Series(True, index=interactions.index)
    concentration = (_profiles(interactions, genre, everything) ** 2).sum(axis=1).mean()
    shuffled = np.random.default_rng(0).permutation(genre)  # the same books in other hands
    by_chance = (_profiles(interactions, shuffled, everything) ** 2).sum(axis=1).mean()
    assert concentration > 1.6 * by_chance


def test_reading_together_tells_more_than_features_and_these_more_than_chance(sample):
    """Leave the last book out: recall@50 of co-reading > popularity > genres > chance, each clearly."""
    interactions, items = sample
    user, item = interactions["user_id"].to_numpy() - 1, interactions["item_id"].to_numpy() - 1
    last = np.append(np.diff(user) != 0, True)
    read = np.zeros((2000, 1500), dtype=np.float32)
    read[user[~last], item[~last]] = 1
    held_out = item[last]

    def recall_at_50(scores: np.ndarray) -> float:
        scores = np.where(read > 0, -np.inf, scores)
        better = (scores > scores[np.arange(2000), held_out][:, None]).sum(axis=1)
        return float((better < 50).mean())

    readers = read.sum(axis=0)
    together = (read.T @ read) / np.sqrt(np.outer(readers + 1, readers + 1))
    genres = items["genres"].str.get_dummies("|").to_numpy(dtype=np.float32)
    genres = genres / np.linalg.norm(genres, axis=1, keepdims=True)
    chance = 50 / 1500
    by_popularity = recall_at_50(np.broadcast_to(readers, read.shape))
    by_genres = recall_at_50(read @ genres @ genres.T)
    assert recall_at_50(read @ together) > by_popularity + 0.08
    assert by_popularity > by_genres + 0.1
    assert by_genres > 2 * chance
