"""A comparison as a file: it comes back as it was, is refused with words, and finds its data."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, SplitConfig, load_sample
from skrec_lite.dataset import load
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.plan import ComparisonPlan, Fingerprint, open_data, read_plan
from skrec_lite.experiment.plan.comparison_plan import MARK
from tests.experiment.few_files import CONFIG, NAME, app_result, contents, uploaded, write_files


@pytest.fixture(scope="module")
def plan():
    return ComparisonPlan.of_data(uploaded(), CONFIG)


def values_of(plan, **changes):
    return json.loads(plan.to_json()) | changes


def same_tables(first, second):
    for name in ("interactions", "items", "users"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None)
        if one is not None:
            pd.testing.assert_frame_equal(one, other)
    return True


# --- to JSON and back


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        ExperimentConfig(
            estimator="xgboost", params={"n_estimators": 20}, retrieval_params={"n_factors": 16},
            retrievers=("embedding", "popularity", "merged"), merge_method="quota",
            merge_weights={"embedding": 2.5},
            split=SplitConfig("global_time", test_fraction=0.3), exclude_seen=False, seed=7,
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sweep", [True, False])
def test_a_plan_comes_back_as_it_was(config, sweep):
    plan = ComparisonPlan.of_data(uploaded(), config, sweep=sweep)
    assert ComparisonPlan.from_json(plan.to_json()) == plan
    assert ComparisonPlan.from_json(plan.to_json().encode()) == plan
    assert ComparisonPlan.from_dict(plan.to_dict()) == plan


def test_a_file_holds_what_is_needed_and_nothing_of_the_data(plan):
    values = json.loads(plan.to_json())
    assert values["skrec_lite_comparison"] == 1
    assert values["name"] == NAME
    assert values["data"]["files"] == ["ratings.csv", "books.csv"]
    assert values["data"]["recipe"]["repairs"] == [{"kind": "k_core", "user_k": 5, "item_k": 2}]
    assert values["data"]["recipe"]["item_kinds"] == {"pages": "number"}
    assert values["config"] == json.loads(json.dumps(CONFIG.to_dict()))
    title = load_sample()[1]["TITLE"].iloc[0]
    assert title in contents()["books.csv"].decode()
    assert title not in plan.to_json()


def test_a_bare_configuration_is_understood():
    known = ComparisonPlan.from_json(json.dumps(CONFIG.to_dict()))
    assert known == ComparisonPlan("data", None, CONFIG)
    with pytest.raises(InvalidDataError, match=r"does not say what data it is for.*--data"):
        open_data(known)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"confg": {}}, ["'confg'", "Did you mean 'config'?"]),
        ({"skrec_lite_comparison": 2}, ["version 2", "reads version 1"]),
        ({"name": 3}, ["name must be a text", "Got 3"]),
        ({"sweep": "yes"}, ["sweep must be true or false", "'yes'"]),
        ({"data": {"sampel": "books"}}, ["data has no key 'sampel'", "Did you mean 'sample'?"]),
        ({"data": {"sample": "boks"}}, ["sample", "'boks'", "Did you mean 'books'?"]),
        ({"data": {"sample": "books", "tables": True}}, ["one of 'sample', 'files' and 'tables'"]),
        ({"data": {"files": ["../secret.csv"]}}, ["without folders", "'../secret.csv'"]),
        ({"data": {"files": "ratings.csv"}}, ["files must be a list", "'ratings.csv'"]),
        ({"data": {"files": ["a"], "recipe": {"version": 9}}}, ["recipe", "version 9"]),
        ({"data": {"files": ["a"], "recipe": "books"}}, ["recipe must be an object", "'books'"]),
        ({"data": {"files": ["a"], "recipe": {"version": 1}}}, ["recipe", "'tables'"]),
        ({"data": {"sample": "books", "fingerprint": {"rows": 3}}}, ["fingerprint"]),
        ({"config": []}, ["config must be an object", "[]"]),
        ({"config": {"topk": 5}}, ["config has no key 'topk'", "Did you mean 'top_k'?"]),
        ({"config": {"top_k": "5"}}, ["top_k must be a whole number", "'5'"]),
        ({"config": {"top_k": True}}, ["top_k must be a whole number", "True"]),
        ({"config": {"seed": 1.5}}, ["seed must be a whole number", "1.5"]),
        ({"config": {"exclude_seen": "no"}}, ["exclude_seen must be true or false", "'no'"]),
        ({"config": {"retrievers": "embedding"}}, ["retrievers must be a list", "'embedding'"]),
        ({"config": {"retrievers": ["embeding"]}}, ["'embeding'", "Did you mean 'embedding'?"]),
        ({"config": {"estimator": "xgbost"}}, ["'xgbost'", "Did you mean 'xgboost'?"]),
        ({"config": {"params": {"n_factor": 3}}}, ["'n_factor'", "Did you mean 'n_factors'?"]),
        ({"config": {"params": {"n_factors": -3}}}, ["n_factors", "-3"]),
        ({"config": {"split": {"kind": "globl_time"}}}, ["'globl_time'", "Did you mean 'global_time'?"]),
        ({"config": {"split": "global_time"}}, ["split must be an object", "'global_time'"]),
        ({"config": {"split": {"fraction": 0.1}}}, ["split has no key 'fraction'"]),
        ({"config": {"n": 50, "top_k": 10}}, ["n must not exceed top_k"]),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_key_and_what_was_got(plan, change, words):
    with pytest.raises(InvalidDataError) as refused:
        ComparisonPlan.from_dict(values_of(plan, **change), "my.json")
    assert str(refused.value).startswith("my.json cannot be used: ")
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff\xfe\xff"])
def test_what_is_no_json_is_said_to_be_none(text):
    with pytest.raises(InvalidDataError, match="is no JSON"):
        ComparisonPlan.from_json(text)


@pytest.mark.parametrize("text", ["3", "null", "[]", "{}", '{"skrec_lite_recipe": 1, "tables": []}'])
def test_other_json_is_said_to_be_no_comparison(text):
    with pytest.raises(InvalidDataError, match="neither a comparison"):
        ComparisonPlan.from_json(text)


def test_a_key_that_is_needed_is_named():
    with pytest.raises(InvalidDataError, match="needs the key 'config'"):
        ComparisonPlan.from_json('{"skrec_lite_comparison": 1}')


# --- where the data comes from


def test_a_sample_is_known_whatever_it_is_called_and_comes_back_with_its_repairs():
    data = LabData(*load_sample("shop"), name="Anything")
    repaired = data.with_kinds({"price": "number"}, {}).repaired(Repair("k_core", {"user_k": 9, "item_k": 1}))
    plan = ComparisonPlan.from_json(ComparisonPlan.of_data(repaired, CONFIG).to_json())
    assert (plan.data.kind, plan.data.sample, plan.name) == ("sample", "shop", "Anything")
    opened, difference = open_data(plan)
    assert same_tables(opened.tables, repaired.tables)
    assert opened.item_kinds == {"price": "number"}
    assert difference == ""
    assert len(opened.interactions) < len(data.interactions)


def test_a_sample_that_was_changed_is_no_sample(small_data):
    plan = ComparisonPlan.of_data(small_data, CONFIG)
    assert plan.data.kind == "tables"
    with pytest.raises(InvalidDataError, match="tables in memory"):
        open_data(plan)
    opened, difference = open_data(plan, small_data)
    assert opened is small_data
    assert difference == ""


def test_files_are_found_beside_the_plan(plan, tmp_path):
    write_files(tmp_path)
    opened, difference = open_data(plan, beside=tmp_path)
    assert same_tables(opened.tables, uploaded().tables)
    assert (opened.name, difference) == (NAME, "")
    assert ComparisonPlan.of_data(opened, CONFIG) == plan


def test_files_are_found_in_a_folder_deep_down_in_an_archive_and_one_by_one(plan, tmp_path):
    inner = tmp_path / "data" / "deep"
    inner.mkdir(parents=True)
    write_files(inner)
    (tmp_path / "data" / "other.csv").write_text("user,item\na,b\n")
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", inner)
    one_by_one = [inner / "books.csv", inner / "ratings.csv"]
    for given in (tmp_path / "data", str(tmp_path / "data"), archive, one_by_one):
        opened, difference = open_data(plan, given)
        same_tables(opened.tables, uploaded().tables)
        assert difference == ""


def test_files_of_other_names_are_known_by_their_columns(plan, tmp_path):
    write_files(tmp_path)
    (tmp_path / "ratings.csv").rename(tmp_path / "march.csv")
    assert same_tables(open_data(plan, tmp_path)[0].tables, uploaded().tables)


def test_files_without_a_recipe_are_guessed_as_on_the_data_screen(plan, tmp_path):
    write_files(tmp_path)
    bare = ComparisonPlan.from_dict({MARK: 1, "data": {"files": list(plan.data.files)}, "config": {}})
    assert same_tables(open_data(bare, beside=tmp_path)[0].tables, load(tmp_path).tables)


def test_missing_files_are_named(plan, tmp_path):
    write_files(tmp_path)
    (tmp_path / "books.csv").unlink()
    with pytest.raises(InvalidDataError, match=r"'ratings.csv', 'books.csv', and 'books.csv' is not beside"):
        open_data(plan, beside=tmp_path)
    with pytest.raises(InvalidDataError, match=r"books.csv"):
        open_data(plan, tmp_path)


def test_other_data_under_the_same_name_is_noticed(plan, tmp_path):
    write_files(tmp_path)
    lines = contents()["ratings.csv"].decode().splitlines(keepends=True)
    (tmp_path / "ratings.csv").write_text("".join(lines[:-40]))
    rows = len(uploaded().interactions)
    opened, difference = open_data(plan, beside=tmp_path)
    assert f"{len(opened.interactions):,} interactions instead of {rows:,} interactions" in difference
    head, *others = lines
    (tmp_path / "ratings.csv").write_text(head + "".join(sorted(others)))
    assert "same numbers of rows, but not the same in them" in open_data(plan, beside=tmp_path)[1]


def test_a_bare_configuration_takes_files_and_what_lies_beside_them_of_ours_is_no_table(tmp_path):
    write_files(tmp_path)
    (tmp_path / "config.json").write_text(ComparisonPlan.of_data(uploaded(), CONFIG).to_json())
    opened, difference = open_data(ComparisonPlan("data", None, CONFIG), tmp_path)
    assert opened.name == "ratings.csv"
    assert len(opened.interactions) == len(contents()["ratings.csv"].splitlines()) - 1
    assert difference == ""
    assert {plan.file for plan in opened.loaded.recipe.tables} == {"ratings.csv", "books.csv"}


def test_a_comparison_among_data_files_is_not_taken_for_a_recipe(plan, tmp_path):
    write_files(tmp_path)
    (tmp_path / "config.json").write_text(plan.to_json())
    loaded = load(tmp_path, plan.data.recipe)
    assert same_tables(loaded.tables, uploaded().tables)


def test_a_plan_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(InvalidDataError, match=r"nothing.json' cannot be read: there is no such file"):
        read_plan(tmp_path / "nothing.json")
    with pytest.raises(InvalidDataError, match="cannot be read"):
        read_plan(tmp_path)
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(InvalidDataError, match=r"^broken.json is no JSON"):
        read_plan(tmp_path / "broken.json")


# --- fingerprints


def table(**columns):
    return pd.DataFrame({"USER_ID": ["a", "b"], "ITEM_ID": ["x", "y"], **columns})


@pytest.mark.parametrize(
    "other",
    [
        Tables(table(OUTCOME=[1.0, 2.5])),
        Tables(table(OUTCOME=[1.0, 2.0])[["ITEM_ID", "USER_ID", "OUTCOME"]]),
        Tables(table(OUTCOME=[1.0, 2.0]).iloc[::-1]),
        Tables(table(OUTCOME=[1.0, 2.0]), items=pd.DataFrame({"ITEM_ID": ["x"]})),
        Tables(table(OUTCOME=[1.0, 2.0]).rename(columns={"OUTCOME": "WEIGHT"})),
    ],
)
def test_a_fingerprint_tells_apart_what_makes_other_figures(other):
    one = Fingerprint.of(Tables(table(OUTCOME=[1.0, 2.0])))
    assert one.difference(Fingerprint.of(other))
    assert not one.difference(Fingerprint.of(Tables(table(OUTCOME=[1.0, 2.0]))))


def test_a_fingerprint_does_not_depend_on_how_pandas_keeps_text():
    texts = Tables(table())
    objects = Tables(table().astype(object))
    assert Fingerprint.of(texts) == Fingerprint.of(objects)
    lists = Tables(table(TAGS=[["a"], ["b", "c"]]))
    assert Fingerprint.of(lists).sha256 != Fingerprint.of(Tables(table(TAGS=[["a"], ["c"]]))).sha256


def test_the_plan_of_a_result_is_that_of_its_data(plan):
    assert ComparisonPlan.of_result(app_result()) == plan
    assert ComparisonPlan.of_result(app_result(), sweep=True) == replace(plan, sweep=True)
    assert plan.data.fingerprint.rows == {
        "interactions": len(uploaded().interactions),
        "items": len(uploaded().items),
    }
