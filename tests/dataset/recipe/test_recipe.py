"""Recipes: guessed from files nobody has seen, kept as JSON, applied again to the next files."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.reading import open_files
from skrec_lite.dataset.recipe import FileReader, Recipe, TablePlan, apply_recipe, guess_recipe, load
from skrec_lite.dataset.recipe.listings import plan_for
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.exceptions import Cancelled, InvalidDataError
from tests.dataset.recipe import replicas

KINDS = ("view", "cart", "purchase")


def shop(n=400, seed=0):
    """Return events, products and customers of a shop that is in no book."""
    rng = np.random.default_rng(seed)
    events = pd.DataFrame(
        {
            "when": pd.Timestamp("2024-03-01") + pd.to_timedelta(np.sort(rng.integers(0, 9e6, n)), "s"),
            "client": [f"C{k:03d}" for k in rng.integers(0, 40, n)],
            "sku": [f"{k:05d}" for k in rng.integers(0, 60, n)],
            "action": rng.choice(KINDS, n, p=(0.7, 0.2, 0.1)),
        }
    )
    products = pd.DataFrame(
        {
            "sku": [f"{k:05d}" for k in range(60)],
            "label": [f"Pan no. {k}" for k in range(60)],
            "price": np.arange(60) + 0.5,
        }
    )
    clients = pd.DataFrame({"client": [f"C{k:03d}" for k in range(40)], "age": 20 + np.arange(40)})
    return {"log.csv": events, "assortment.csv": products, "crm.csv": clients}


def as_files(tables):
    return [(name, frame.to_csv(index=False).encode()) for name, frame in tables.items()]


def test_an_unknown_shop_is_understood_without_a_choice():
    loaded = load(as_files(shop()))
    roles = {plan.file: plan.role for plan in loaded.recipe.tables}
    assert roles == {"log.csv": "interactions", "assortment.csv": "items", "crm.csv": "users"}
    events = shop()["log.csv"]
    assert loaded.tables.interactions["ITEM_ID"].tolist() == events["sku"].tolist(), "leading zeros stay"
    weights = {"view": 1.0, "cart": 3.0, "purchase": 5.0}
    assert loaded.tables.interactions["OUTCOME"].tolist() == events["action"].map(weights).tolist()
    assert loaded.tables.interactions["TIMESTAMP"].tolist() == events["when"].tolist()
    assert loaded.tables.items["TITLE"].iloc[3] == "Pan no. 3"
    assert loaded.tables.users["age"].iloc[3] == 23
    assert all(plan.why for plan in loaded.recipe.tables)


def test_one_table_describes_its_items_and_users():
    tables = shop()
    wide = tables["log.csv"].merge(tables["assortment.csv"], on="sku").merge(tables["crm.csv"], on="client")
    loaded = load([("all.csv", wide.to_csv(index=False).encode())])
    assert loaded.recipe.item_columns == ("label", "price")
    assert loaded.recipe.user_columns == ("age",)
    items = loaded.tables.items.set_index("ITEM_ID")
    assert items.loc["00003", "TITLE"] == "Pan no. 3"
    assert items.loc["00003", "price"] == 3.5
    assert loaded.tables.users.set_index("USER_ID").loc["C003", "age"] == 23


def test_exports_by_month_are_put_together():
    events = shop()["log.csv"]
    files = as_files({"log_march.csv": events[:150], "log_april.csv": events[150:]})
    loaded = load(files)
    assert [plan.role for plan in loaded.recipe.tables] == ["interactions", "interactions"]
    assert loaded.tables.interactions["ITEM_ID"].tolist() == events["sku"].tolist()
    assert not loaded.recipe.has_split


def test_the_same_file_twice_counts_once():
    content = shop()["log.csv"].to_csv(index=False).encode()
    loaded = load([("log.csv", content), ("log (1).csv", content)])
    assert len(loaded.tables.interactions) == 400
    copy = next(plan for plan in loaded.recipe.tables if plan.file == "log (1).csv")
    assert copy.role == "ignored"
    assert "same as log.csv" in copy.why


def test_a_split_in_the_names_is_kept():
    events = shop()["log.csv"]
    loaded = load(as_files({"x-test.csv": events[300:], "x-train.csv": events[:300]}))
    assert loaded.tables.interactions["SPLIT"].value_counts().to_dict() == {"train": 300, "test": 100}


def test_a_file_that_is_no_table_is_set_aside_and_said():
    loaded = load([*as_files(shop()), ("picture.dat", bytes(range(256)) * 50)])
    plan = next(plan for plan in loaded.recipe.tables if plan.file == "picture.dat")
    assert plan.role == "ignored"
    assert "cannot be read" in plan.why


def test_guests_without_an_id_are_left_out_and_counted():
    events = shop()["log.csv"]
    events.loc[::4, "client"] = None
    loaded = load(as_files({"log.csv": events}))
    assert loaded.recipe.drop_bad_rows
    assert len(loaded.tables.interactions) == 300
    assert any("100 of 400 rows were dropped" in note for note in loaded.notes["log.csv"])


def test_a_recipe_gives_the_same_tables_of_the_same_files():
    files = as_files(shop())
    first = load(files)
    again = load(files, Recipe.from_json(first.recipe.to_json()))
    for name in ("interactions", "items", "users"):
        pd.testing.assert_frame_equal(getattr(again.tables, name), getattr(first.tables, name))


def test_a_recipe_among_the_files_is_taken():
    files = as_files(shop())
    recipe = load(files).recipe.with_repair(Repair("deduplicate", {"keep": "last"}))
    loaded = load([*files, ("my-recipe.json", recipe.to_json().encode())])
    assert loaded.recipe == recipe
    assert len(loaded.tables.interactions) == len(shop()["log.csv"].drop_duplicates(["client", "sku"]))
    assert len(loaded.mapped.interactions) == 400


def test_a_recipe_is_applied_to_the_next_month():
    recipe = load(as_files(shop())).recipe
    events = shop(seed=1)
    files = as_files(
        {
            "log-2024-04.csv": events["log.csv"],
            "items.csv": events["assortment.csv"],
            "p.csv": events["crm.csv"],
        }
    )
    loaded = load(files, recipe)
    assert loaded.tables.interactions["ITEM_ID"].tolist() == events["log.csv"]["sku"].tolist()
    assert {plan.file for plan in loaded.recipe.of_role("interactions")} == {"log-2024-04.csv"}


def test_a_recipe_that_finds_no_file_says_what_it_needs():
    recipe = load(as_files(shop())).recipe
    with pytest.raises(InvalidDataError, match=r"needs a file like log\.csv with 'client', 'sku'"):
        load([("other.csv", b"a,b\n1,2\n")], recipe)


def test_a_column_that_is_gone_is_named():
    recipe = load(as_files(shop())).recipe
    events = shop()["log.csv"].rename(columns={"when": "at"})
    with pytest.raises(InvalidDataError, match=r"log\.csv.*no column 'when'"):
        load([*as_files({"log.csv": events}), *as_files(shop())[1:]], recipe)


@pytest.mark.parametrize(
    "make", [replicas.ml_100k, replicas.retail_rocket, replicas.light_gcn, replicas.recbole]
)
def test_json_there_and_back(make):
    recipe = load(make()).recipe
    recipe = recipe.with_repair(Repair("k_core", {"user_k": 2, "item_k": 1}))
    text = recipe.to_json()
    assert Recipe.from_json(text) == recipe
    assert Recipe.from_json(text).to_json() == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "no JSON"),
        (b"[]", "no recipe"),
        (b'{"a": 1}', "no recipe"),
        (b'{"skrec_lite_recipe": 99, "tables": []}', "version 99"),
        (b'{"skrec_lite_recipe": 1}', "tables"),
        (b'{"skrec_lite_recipe": 1, "tables": [], "more": 1}', "no 'more'"),
        (b'{"skrec_lite_recipe": 1, "tables": [{"file": "a", "role": "boss"}]}', "boss"),
        (b'{"skrec_lite_recipe": 1, "tables": [{"file": "a", "role": "users", "form": "tags"}]}', "form"),
        (b'{"skrec_lite_recipe": 1, "tables": [3]}', "object"),
        (b'{"skrec_lite_recipe": 1, "tables": [], "repairs": [{"kind": "burn"}]}', "burn"),
        (b'{"skrec_lite_recipe": 1, "tables": [], "time_format": "weeks"}', "weeks"),
        (b'{"skrec_lite_recipe": 1, "tables": [], "event_weights": {"view": "x"}}', "cannot be used"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_a_broken_recipe_is_refused_in_words(text, words):
    with pytest.raises(InvalidDataError, match=words) as caught:
        Recipe.from_json(text, "mine.json")
    assert "mine.json" in str(caught.value)
    assert caught.value.repair


def test_another_role_is_guessed_for():
    files, _ = open_files(as_files(shop()))
    reader = FileReader(files)
    recipe = guess_recipe(reader)
    plan = plan_for(reader, recipe, "crm.csv", "items")
    assert plan.role == "items"
    assert plan_for(reader, recipe, "assortment.csv", "ignored").columns == {}
    assert plan_for(reader, recipe, "log.csv", "interactions").columns["user"] == "client"


def test_one_time_column_for_all_or_none():
    events = shop()["log.csv"]
    recipe = load(as_files({"a.csv": events[:200], "b.csv": events[200:]})).recipe
    plan = recipe.tables[1]
    changed = recipe.with_table(
        TablePlan("b.csv", "interactions", columns={**plan.columns, "timestamp": None})
    )
    with pytest.raises(InvalidDataError, match=r"b\.csv has no time column"):
        load(as_files({"a.csv": events[:200], "b.csv": events[200:]}), changed)


def test_no_file_and_no_table():
    with pytest.raises(InvalidDataError, match="no file"):
        load([])
    with pytest.raises(InvalidDataError, match=r"x\.csv is empty"):
        load([("x.csv", b"")])


def test_progress_rises_and_cancel_cancels():
    seen = []
    load(as_files(shop()), progress=lambda fraction, doing: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(Cancelled):
        load(as_files(shop()), cancel=lambda: True)


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_changes_nothing(random):
    tables = shop(120)
    shuffled = {}
    for name, frame in tables.items():
        columns, rows = list(frame.columns), list(range(len(frame)))
        random.shuffle(columns)
        random.shuffle(rows)
        shuffled[name] = frame.iloc[rows][columns]
    first, second = load(as_files(tables)), load(as_files(shuffled))
    assert [plan.role for plan in first.recipe.tables] == [plan.role for plan in second.recipe.tables]

    def in_order(frame):
        return frame[sorted(frame.columns)].sort_values(sorted(frame.columns)).reset_index(drop=True)

    for name in ("interactions", "items", "users"):
        pd.testing.assert_frame_equal(
            in_order(getattr(first.tables, name)), in_order(getattr(second.tables, name))
        )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).filter(str.strip),
            st.sampled_from(
                ["007", "7", "7.0", "1e5", "NaN", "a", "A", "é", "🙂", "9007199254740993", "2024-01-01"]
            ),
        ),
        min_size=12,
        max_size=40,
    )
)
def test_ids_come_through_as_they_were_written(rows):
    frame = pd.DataFrame(rows, columns=["user_id", "item_id"]).assign(rating=1)
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    recipe = Recipe((TablePlan("x", "interactions", columns={"user": "user_id", "item": "item_id"}),))
    for content in (buffer.getvalue(), json.dumps(frame.to_dict("records")).encode()):
        reader = FileReader(open_files([("x", content)])[0])
        interactions = apply_recipe(reader, recipe).tables.interactions
        assert interactions["USER_ID"].tolist() == frame["user_id"].tolist()
        assert interactions["ITEM_ID"].tolist() == frame["item_id"].tolist()
