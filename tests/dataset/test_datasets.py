"""InteractionsDataset, ItemsDataset, UsersDataset."""

import inspect

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset import InteractionsDataset, ItemsDataset, UsersDataset
from skrec_lite.dataset.schema import Schema
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError

CSV = "USER_ID,ITEM_ID,OUTCOME,price,city\n7,007,1,1.50,Ulm\n8,8,0.5,007,Bonn\n"


@pytest.fixture
def csv_path(tmp_path):
    path = tmp_path / "interactions.csv"
    path.write_text(CSV)
    return path


def schema(tmp_path, text, name="schema.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


REQUIRED = """columns:
  - name: USER_ID
    type: str
  - name: ITEM_ID
    type: str
  - name: OUTCOME
    type: float
"""


def test_signatures_are_those_of_the_contract():
    names = ["data_location", "client_schema_path", "extra_required_schema_path"]
    assert list(inspect.signature(InteractionsDataset).parameters) == [*names, "is_training"]
    assert inspect.signature(InteractionsDataset).parameters["is_training"].default is True
    assert list(inspect.signature(ItemsDataset).parameters) == names
    assert list(inspect.signature(UsersDataset).parameters) == names


@pytest.mark.parametrize("as_text", [False, True])
def test_csv(csv_path, as_text):
    frame = InteractionsDataset(str(csv_path) if as_text else csv_path).fetch_data()
    assert frame["USER_ID"].tolist() == ["7", "8"]
    assert frame["ITEM_ID"].tolist() == ["007", "8"]
    assert frame["OUTCOME"].tolist() == [1.0, 0.5]
    assert frame.dtypes.astype(str).tolist() == ["str", "str", "float64", "float64", "str"]
    assert frame["price"].tolist() == [1.5, 7.0]  # no id, so a number however it is written


@pytest.mark.parametrize("folder", [False, True])
def test_parquet(tmp_path, folder):
    frame = pd.DataFrame({"USER_ID": [1, 2], "ITEM_ID": ["007", "8"], "OUTCOME": [1, 0]})
    path = tmp_path / ("data" if folder else "data.parquet")
    if folder:
        path.mkdir()
        frame.iloc[:1].to_parquet(path / "0.parquet")
        frame.iloc[1:].to_parquet(path / "1.parquet")
    else:
        frame.to_parquet(path)
    out = InteractionsDataset(str(path)).fetch_data()
    assert out["USER_ID"].tolist() == ["1", "2"]
    assert out["ITEM_ID"].tolist() == ["007", "8"]
    assert out["OUTCOME"].dtype == np.float64


@pytest.mark.parametrize("user", [7, 7.0, "7", np.int32(7)])
def test_ids_of_any_type_agree(user):
    frame = pd.DataFrame({"USER_ID": [user], "ITEM_ID": ["x"], "OUTCOME": [1]})
    assert InteractionsDataset.from_frame(frame).fetch_data()["USER_ID"].tolist() == ["7"]


def test_a_frame_is_neither_changed_nor_followed():
    source = pd.DataFrame({"USER_ID": [1, 2], "ITEM_ID": [3, 4], "OUTCOME": [1, 2], "price": [5.0, 6.0]})
    before = source.copy(deep=True)
    dataset = InteractionsDataset.from_frame(source)
    fetched = dataset.fetch_data()
    pd.testing.assert_frame_equal(source, before)
    source.loc[0, "price"] = -1
    source["USER_ID"] = 99
    fetched.loc[1, "price"] = -2
    fetched["ITEM_ID"] = "z"
    again = dataset.fetch_data()
    assert again["price"].tolist() == [5, 6]
    assert again["USER_ID"].tolist() == ["1", "2"]
    assert again["ITEM_ID"].tolist() == ["3", "4"]
    assert source["price"].tolist() == [-1, 6]


def test_a_frame_changed_before_it_is_fetched_is_not_followed_either():
    source = pd.DataFrame({"ITEM_ID": ["a", "b"], "price": [5.0, 6.0]})
    dataset = ItemsDataset.from_frame(source)
    source.loc[0, "price"] = -1
    assert dataset.fetch_data()["price"].tolist() == [5, 6]


def test_row_numbers_of_the_frame_are_kept():
    source = pd.DataFrame({"ITEM_ID": ["a", "b"], "price": [5.0, 6.0]}, index=[7, 7])
    assert ItemsDataset.from_frame(source).fetch_data().index.tolist() == [7, 7]


@pytest.mark.parametrize(("dataset", "required"), [(ItemsDataset, "ITEM_ID"), (UsersDataset, "USER_ID")])
def test_items_and_users(tmp_path, dataset, required):
    path = tmp_path / "table.csv"
    path.write_text(f"{required},age\n007,1\nb,2\n")
    assert dataset(path).fetch_data()[required].tolist() == ["007", "b"]
    path.write_text(f"{required}\n007\nb\n")  # as in scikit-rec's examples: ids only
    assert dataset(path).fetch_data()[required].tolist() == ["007", "b"]
    with pytest.raises(InvalidDataError, match=f"'{required}'"):
        dataset.from_frame(pd.DataFrame({"id": [1]})).fetch_data()
    with pytest.raises(InvalidDataError, match="empty in 1 of 2"):
        dataset.from_frame(pd.DataFrame({required: [1, None]})).fetch_data()


@pytest.mark.parametrize("missing", ["USER_ID", "ITEM_ID", "OUTCOME"])
def test_training_needs_users_items_and_outcomes(missing):
    frame = pd.DataFrame({"USER_ID": [1], "ITEM_ID": [2], "OUTCOME": [1.0]}).drop(columns=missing)
    with pytest.raises(InvalidDataError, match=f"'{missing}'") as caught:
        InteractionsDataset.from_frame(frame).fetch_data()
    assert caught.value.column == missing
    assert caught.value.repair


def test_inference_needs_users_only(tmp_path):
    path = tmp_path / "queries.csv"
    path.write_text("USER_ID\n007\n")
    frame = InteractionsDataset(path, is_training=False).fetch_data()
    assert frame["USER_ID"].tolist() == ["007"]
    with pytest.raises(InvalidDataError, match="'ITEM_ID'"):
        InteractionsDataset(path).fetch_data()


@pytest.mark.parametrize(
    ("outcomes", "rows"), [([1, None], 1), (["good", "bad"], 2), ([1, np.inf], 1), ([None, None], 2)]
)
def test_outcomes_must_be_numbers(outcomes, rows):
    frame = pd.DataFrame({"USER_ID": [1, 2], "ITEM_ID": [2, 3], "OUTCOME": outcomes})
    with pytest.raises(InvalidDataError, match="OUTCOME") as caught:
        InteractionsDataset.from_frame(frame).fetch_data()
    assert (caught.value.column, caught.value.rows) == ("OUTCOME", rows)


def test_null_ids_are_refused():
    frame = pd.DataFrame({"USER_ID": [1, None], "ITEM_ID": [2, 3], "OUTCOME": [1, 1]})
    with pytest.raises(ValueError, match="'USER_ID' is empty in 1 of 2 rows"):
        InteractionsDataset.from_frame(frame).fetch_data()


def test_timestamps_as_text_become_moments_and_others_stay():
    frame = pd.DataFrame(
        {"USER_ID": [1, 2], "ITEM_ID": [2, 3], "OUTCOME": [1, 1], "TIMESTAMP": ["12/31/2010", "1/2/2011"]}
    )
    out = InteractionsDataset.from_frame(frame).fetch_data()["TIMESTAMP"]
    assert out.tolist() == [pd.Timestamp("2010-12-31"), pd.Timestamp("2011-01-02")]
    numbers = InteractionsDataset.from_frame(frame.assign(TIMESTAMP=[5, 3])).fetch_data()["TIMESTAMP"]
    assert numbers.tolist() == [5, 3]
    with pytest.raises(InvalidDataError, match="1 of 2 timestamps") as caught:
        InteractionsDataset.from_frame(frame.assign(TIMESTAMP=["2010-12-31", "soon"])).fetch_data()
    assert caught.value.column == "TIMESTAMP"


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidDataError, match="no file or folder") as caught:
        InteractionsDataset(tmp_path / "nothing.csv").fetch_data()
    assert "nothing.csv" in str(caught.value)
    with pytest.raises(InvalidDataError, match="schema"):
        ItemsDataset("x.csv", client_schema_path=tmp_path / "nothing.yaml")


def test_what_is_no_frame_is_refused():
    with pytest.raises(InvalidDataError, match="DataFrame is needed, not list"):
        ItemsDataset.from_frame([1, 2])


def test_two_columns_of_one_name():
    frame = pd.DataFrame([["a", 1, 2]], columns=["ITEM_ID", "x", "x"])
    with pytest.raises(InvalidDataError, match="two columns are called 'x'"):
        ItemsDataset.from_frame(frame).fetch_data()


def test_a_client_schema_chooses_columns_and_types(tmp_path, csv_path):
    path = schema(tmp_path, REQUIRED + "  - name: price\n    type: int\n")
    csv_path.write_text("city,price,OUTCOME,ITEM_ID,USER_ID\nUlm,3,1,007,7\n")
    frame = InteractionsDataset(csv_path, client_schema_path=path).fetch_data()
    assert frame.columns.tolist() == ["USER_ID", "ITEM_ID", "OUTCOME", "price"]
    assert frame["price"].dtype == np.int64
    assert frame["ITEM_ID"].tolist() == ["007"]
    queries = InteractionsDataset(csv_path, client_schema_path=path, is_training=False).fetch_data()
    assert queries.columns.tolist() == ["USER_ID", "price"]


def test_a_client_schema_must_have_what_is_required(tmp_path):
    lacking = schema(tmp_path, "columns:\n  - name: USER_ID\n    type: str\n")
    with pytest.raises(ValueError, match="'ITEM_ID' of type str is required"):
        InteractionsDataset("x.csv", client_schema_path=lacking)
    other = schema(tmp_path, REQUIRED.replace("float", "int"))
    with pytest.raises(
        ValueError, match="'OUTCOME' of type float is required, but the client's schema says int"
    ):
        InteractionsDataset("x.csv", client_schema_path=other)


def test_extra_required_columns(tmp_path, csv_path):
    extra = schema(tmp_path, "columns:\n  - name: city\n    type: str\n")
    assert InteractionsDataset(csv_path, None, extra).fetch_data()["city"].tolist() == ["Ulm", "Bonn"]
    extra = schema(tmp_path, "columns:\n  - name: citty\n    type: str\n")
    with pytest.raises(InvalidDataError, match="Did you mean 'city'"):
        InteractionsDataset(csv_path, None, extra).fetch_data()


def test_cells_must_be_of_the_type_of_their_schema(tmp_path):
    path = schema(
        tmp_path,
        "columns:\n  - {name: ITEM_ID, type: str}\n  - {name: n, type: int}\n  - {name: x, type: float}\n",
    )
    dataset = Schema.from_file(path)
    good = pd.DataFrame({"ITEM_ID": [1], "n": [2**60 + 1], "x": [None]})
    assert dataset.apply(good, "items")["n"].tolist() == [2**60 + 1]
    for bad in ({"n": [1.5]}, {"n": [None]}, {"n": ["a"]}, {"x": ["a"]}):
        with pytest.raises(InvalidDataError, match="must be of type") as caught:
            dataset.apply(good.assign(**bad), "items")
        assert caught.value.column == next(iter(bad))


def test_vocabularies_and_hashes_become_flags_as_in_scikit_rec(tmp_path):
    path = schema(
        tmp_path,
        "columns:\n  - {name: ITEM_ID, type: str}\n  - {name: g, type: str, vocab: [a, b]}\n"
        "  - {name: c, type: str, hash_buckets: 3}\n",
    )
    frame = pd.DataFrame({"ITEM_ID": [1, 2, 3], "g": ["b", None, "a"], "c": ["Ulm", "Bonn", None]})
    out = Schema.from_file(path).apply(frame, "items")
    assert out.columns.tolist() == ["ITEM_ID", "g_unknown", "g_0", "g_1", "c_0", "c_1", "c_2"]
    assert out[["g_unknown", "g_0", "g_1"]].to_numpy().tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    buckets = pd.util.hash_array(np.array(["Ulm", "Bonn", "nan"], dtype=object)) % 3
    assert out[["c_0", "c_1", "c_2"]].to_numpy().argmax(axis=1).tolist() == buckets.tolist()
    assert out[["c_0", "c_1", "c_2"]].to_numpy().sum() == 3


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("columns: [", InvalidDataError, "no YAML"),
        ("", InvalidDataError, "no list 'columns'"),
        ("- a\n- b\n", InvalidDataError, "no list 'columns'"),
        ("columns: text", InvalidDataError, "no list 'columns'"),
        ("columns:\n  - name: a\n", InvalidDataError, "lacks a name or a type"),
        ("columns:\n  - {name: a, type: blob}\n", InvalidParameterError, "'str', 'int', 'float'"),
        ("columns:\n  - {name: a, type: str, hash_buckets: 0}\n", InvalidParameterError, "hash_buckets"),
        ("columns:\n  - !!python/object/apply:os.system ['true']\n", InvalidDataError, "no YAML"),
    ],
)
def test_a_bad_schema_is_refused(tmp_path, text, error, match):
    with pytest.raises(error, match=match):
        Schema.from_file(schema(tmp_path, text))


def test_a_schema_may_be_json(tmp_path):
    path = schema(tmp_path, '{"columns": [{"name": "ITEM_ID", "type": "str"}]}', "schema.json")
    assert Schema.from_file(path).names == ("ITEM_ID",)
