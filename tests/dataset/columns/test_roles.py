"""Guessing which column is what."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.columns.profile import words_of
from skrec_lite.dataset.columns.roles import guess_interaction_columns, guess_item_columns
from skrec_lite.exceptions import InvalidDataError

N = 400


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def ml_100k(rng):
    return pd.DataFrame(
        {
            "column_1": rng.integers(1, 90, N),
            "column_2": rng.integers(1, 160, N),
            "column_3": rng.integers(1, 6, N),
            "column_4": rng.integers(874724710, 893286638, N),
        }
    )


def roles(mapping):
    return mapping.user, mapping.item, mapping.outcome, mapping.timestamp


def test_names_are_split_into_words():
    assert words_of("CustomerID") == {"customer", "id"}
    assert words_of("customer_id") == {"customer", "id"}
    assert words_of("customerid") >= {"customer", "id"}
    assert words_of("StockCode") == {"stock", "code"}
    assert words_of("movieId") == {"movie", "id"}
    assert words_of("USER_ID") == {"user", "id"}


def test_a_file_without_header(rng):
    mapping = guess_interaction_columns(ml_100k(rng))
    assert roles(mapping) == ("column_1", "column_2", "column_3", "column_4")
    assert "Unix seconds from 1997-09-" in mapping.reasons["timestamp"]
    assert "(1 to 5)" in mapping.reasons["outcome"]


def test_a_file_without_header_and_time_or_outcome(rng):
    assert roles(guess_interaction_columns(ml_100k(rng).iloc[:, :2])) == ("column_1", "column_2", None, None)
    assert roles(guess_interaction_columns(ml_100k(rng).iloc[:, :3])) == (
        "column_1",
        "column_2",
        "column_3",
        None,
    )


def test_movielens(rng):
    frame = ml_100k(rng).set_axis(["userId", "movieId", "rating", "timestamp"], axis=1)
    assert roles(guess_interaction_columns(frame)) == ("userId", "movieId", "rating", "timestamp")


def test_groceries(rng):
    hours = pd.Series(pd.Timestamp("2017-01-01") + pd.to_timedelta(np.arange(N), "h"))
    frame = pd.DataFrame(
        {
            "household_id": rng.integers(1, 90, N),
            "store_id": rng.integers(1, 20, N),
            "basket_id": rng.integers(1, 300, N),
            "product_id": rng.integers(1, 160, N),
            "quantity": rng.integers(1, 4, N).astype(float),
            "sales_value": rng.integers(1, 900, N) / 100,
            "retail_disc": rng.integers(1, 90, N) / 100,
            "week": rng.integers(1, 53, N),
            "transaction_timestamp": hours.astype(str),
        }
    )  # fmt: skip
    assert roles(guess_interaction_columns(frame)) == (
        "household_id",
        "product_id",
        "quantity",
        "transaction_timestamp",
    )
    assert guess_interaction_columns(frame.drop(columns="quantity")).outcome == "sales_value"


def test_invoices(rng):
    frame = pd.DataFrame(
        {
            "InvoiceNo": rng.integers(536365, 536465, N).astype(str),
            "StockCode": [f"{code}A" for code in rng.integers(1, 160, N)],
            "Description": [f"WHITE LANTERN {i}" for i in rng.integers(1, 160, N)],
            "Quantity": rng.integers(-5, 40, N),
            "InvoiceDate": ["2010-12-01 08:26:00"] * N,
            "UnitPrice": rng.integers(1, 900, N) / 100,
            "CustomerID": np.where(np.arange(N) % 4, rng.integers(12346, 12446, N), np.nan),
            "Country": "United Kingdom",
        }
    )
    assert roles(guess_interaction_columns(frame)) == ("CustomerID", "StockCode", "Quantity", "InvoiceDate")
    known = frame["StockCode"].unique()
    mapping = guess_item_columns(frame, known)
    assert (mapping.item, mapping.title) == ("StockCode", "Description")


def test_the_library_s_own_names_win(rng):
    frame = ml_100k(rng).set_axis(["TIMESTAMP", "OUTCOME", "ITEM_ID", "USER_ID"], axis=1)
    assert roles(guess_interaction_columns(frame)) == ("USER_ID", "ITEM_ID", "OUTCOME", "TIMESTAMP")


@given(st.permutations(["userId", "movieId", "rating", "timestamp", "store", "comment"]))
def test_named_columns_are_found_in_any_order(order):
    rng = np.random.default_rng(0)
    frame = ml_100k(rng).set_axis(["userId", "movieId", "rating", "timestamp"], axis=1)
    frame["store"] = rng.integers(1, 9, N)
    frame["comment"] = [f"some words {i}" for i in range(N)]
    assert roles(guess_interaction_columns(frame[order])) == ("userId", "movieId", "rating", "timestamp")


def test_an_outcome_with_a_few_bad_cells_is_still_the_outcome(rng):
    frame = ml_100k(rng).set_axis(["user", "item", "rating", "ts"], axis=1).astype({"rating": str})
    frame.loc[3, "rating"] = "good"
    assert guess_interaction_columns(frame).outcome == "rating"


def test_texts_are_ids_too():
    frame = pd.DataFrame({"column_1": ["ann", "bob", "ann", "cid"], "column_2": ["x", "x", "y", "z"]})
    assert roles(guess_interaction_columns(frame)) == ("column_1", "column_2", None, None)


def test_each_guess_has_a_reason(rng):
    mapping = guess_interaction_columns(ml_100k(rng).iloc[:, :2])
    assert set(mapping.reasons) == {"user", "item", "outcome", "timestamp", "event"}
    assert all(reason.endswith(".") for reason in mapping.reasons.values())
    assert "counts as 1" in mapping.reasons["outcome"]


def test_one_column_is_not_enough():
    with pytest.raises(InvalidDataError, match="table has 1"):
        guess_interaction_columns(pd.DataFrame({"user": [1]}))


@pytest.mark.parametrize("frame", [
    pd.DataFrame({"a": [], "b": []}),
    pd.DataFrame({"a": [None, None], "b": [None, None]}),
    pd.DataFrame({"a": [True, False], "b": [1.5, 2.5]}),
    pd.DataFrame([[1, 2], [3, 4]]),
    pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"]),
])  # fmt: skip
def test_odd_tables_are_guessed_without_a_crash(frame):
    mapping = guess_interaction_columns(frame)
    assert mapping.user is None or mapping.user != mapping.item or not frame.columns.is_unique
    assert guess_item_columns(frame).item is None or guess_item_columns(frame).item in map(str, frame.columns)


def items(n=30):
    return pd.DataFrame(
        {
            "column_1": np.arange(1, n + 1),
            "column_2": [f"Movie number {chr(65 + i % 26)}{i} (1995)" for i in range(n)],
            "column_3": [f"{i % 28 + 1:02d}-Jan-1995" for i in range(n)],
            "column_5": [f"http://us.imdb.com/{i}" for i in range(n)],
            "column_6": np.arange(n) % 2,
        }
    )


def test_items_without_header():
    mapping = guess_item_columns(items())
    assert (mapping.item, mapping.title) == ("column_1", "column_2")


def test_known_ids_outweigh_names_and_order():
    frame = items().rename(columns={"column_1": "movieId"}).assign(other=np.arange(1000, 1030).astype(str))
    assert guess_item_columns(frame).item == "movieId"
    mapping = guess_item_columns(frame, [1000, 1001, 1002, 7])
    assert mapping.item == "other"
    assert "75%" in mapping.reasons["item"]


def test_a_movie_table():
    frame = pd.DataFrame(
        {
            "genres": ["A|B", "A", "B"] * 10,
            "title": [f"Heat {i}" for i in range(30)],
            "movieId": np.arange(30) * 7,
        }
    )
    mapping = guess_item_columns(frame)
    assert (mapping.item, mapping.title) == ("movieId", "title")
    assert guess_item_columns(frame.drop(columns="title")).title is None


def test_an_item_table_without_columns():
    with pytest.raises(InvalidDataError, match="no columns"):
        guess_item_columns(pd.DataFrame())
