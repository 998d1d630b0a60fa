"""Repairs: recorded as plain values, applied without changing what they are given."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.report.repairs import KINDS, Repair, apply_repair
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError

ONE_OF_EACH = [
    Repair("k_core", {"user_k": 1, "item_k": 1}),
    Repair("deduplicate", {"keep": "sum"}),
    Repair("drop_unknown_items"),
    Repair("drop_items_without_interactions"),
    Repair("drop_nonpositive"),
    Repair("likes_only", {"threshold": 3}),
    Repair("drop_users", {"rule": "long_history", "threshold": 3}),
    Repair("drop_item_column", {"column": "price"}),
    Repair("drop_user_column", {"column": "age"}),
    Repair("drop_outside_time", {"before": "2020-01-02", "after": "2020-01-06T12:00:00"}),
    Repair("sample_users", {"share": 0.5, "seed": 7}),
    Repair("merge_ids_by", {"how": "strip", "column": "ITEM_ID"}),
]


def tables():
    events = pd.DataFrame(
        {
            "USER_ID": ["a", "a", "a", "b", "b", "c", "c"],
            "ITEM_ID": ["x", "y", "x", "x", " x", "z", "y"],
            "OUTCOME": [5.0, 1.0, 2.0, 4.0, 3.0, 0.0, -1.0],
            "TIMESTAMP": pd.date_range("2020-01-01", periods=7).as_unit("ns")[[2, 0, 1, 3, 4, 5, 6]],
        }
    ).astype({"USER_ID": "str", "ITEM_ID": "str"})
    items = pd.DataFrame({"ITEM_ID": ["x", " x", "y", "q"], "price": [1.0, 2.0, 3.0, 4.0]}).astype(
        {"ITEM_ID": "str"}
    )
    users = pd.DataFrame({"USER_ID": ["a", "b", "c", "d"], "age": [1, 2, 3, 4]}).astype({"USER_ID": "str"})
    return Tables(events, items, users)


def triples(done):
    events = done.tables.interactions
    assert events.index.tolist() == list(range(len(events)))
    return list(zip(events["USER_ID"], events["ITEM_ID"], events["OUTCOME"], strict=True))


def applied(kind, **params):
    return apply_repair(tables(), Repair(kind, params))


@pytest.mark.parametrize("repair", ONE_OF_EACH, ids=lambda repair: repair.kind)
def test_a_repair_is_a_plain_value(repair):
    written = json.loads(json.dumps(repair.to_dict(), allow_nan=False))
    again = Repair.from_dict(written)
    assert again == repair
    assert hash(again) == hash(repair)
    assert again.to_dict() == written
    assert copy.deepcopy(repair) == repair == Repair.from_dict(json.loads(json.dumps(repair.to_dict())))
    assert repair.label
    assert repair.label[0].isupper()
    with pytest.raises(TypeError):
        repair.params["kind"] = 1


@pytest.mark.parametrize("repair", ONE_OF_EACH, ids=lambda repair: repair.kind)
def test_the_input_stays_and_the_output_is_the_same_each_time(repair):
    given_tables, untouched = tables(), tables()
    first, second = apply_repair(given_tables, repair), apply_repair(given_tables, repair)
    for name in ("interactions", "items", "users"):
        pd.testing.assert_frame_equal(getattr(given_tables, name), getattr(untouched, name))
        pd.testing.assert_frame_equal(getattr(first.tables, name), getattr(second.tables, name))
        before, after = getattr(untouched, name), getattr(first.tables, name)
        assert dict(after.dtypes).items() <= dict(before.dtypes).items()
    assert first.note == second.note
    assert first.note.endswith(".")
    assert (first.n_rows_before, first.n_rows_after) == (7, len(first.tables.interactions))


def test_every_kind_is_tested():
    assert [repair.kind for repair in ONE_OF_EACH] == list(KINDS)


def test_defaults_are_filled_in_so_that_equal_repairs_are_equal():
    assert Repair("k_core") == Repair("k_core", {"user_k": 5, "item_k": np.int64(5)})
    assert Repair("k_core").to_dict() == {"kind": "k_core", "user_k": 5, "item_k": 5}
    assert len({Repair("likes_only", {"threshold": 4}), Repair("likes_only", {"threshold": 4.0})}) == 1
    assert Repair("k_core") != Repair("k_core", {"user_k": 6})


@pytest.mark.parametrize(
    ("kind", "params", "words"),
    [
        ("k-core", {}, "Did you mean 'k_core'"),
        (None, {}, "kind must be one of"),
        (["k_core"], {}, "kind must be one of"),
        ("k_core", {"k": 5}, "has no parameter 'k'"),
        ("k_core", {"user_k": 0}, "user_k must be an int"),
        ("k_core", {"user_k": True}, "user_k must be an int"),
        ("k_core", {"user_k": 5.0}, "user_k must be an int"),
        ("k_core", {"user_k": "5"}, "user_k must be an int"),
        ("k_core", [("user_k", 5)], "params must be a mapping"),
        ("deduplicate", {"keep": "lst"}, "Did you mean 'last'"),
        ("deduplicate", {"keep": 3}, "keep must be one of"),
        ("likes_only", {}, "needs the parameter 'threshold'"),
        ("likes_only", {"threshold": float("nan")}, "threshold must be a number"),
        ("likes_only", {"threshold": float("inf")}, "threshold must be a number"),
        ("likes_only", {"threshold": "4"}, "threshold must be a number"),
        ("likes_only", {"threshold": None}, "threshold must be a number"),
        ("drop_users", {"rule": "bots", "threshold": 1}, "rule must be one of"),
        ("drop_users", {"rule": "machine_speed", "threshold": -1}, "threshold must be a number"),
        ("drop_item_column", {"column": "ITEM_ID"}, "cannot be dropped"),
        ("drop_user_column", {"column": "USER_ID"}, "cannot be dropped"),
        ("drop_user_column", {"column": 3}, "name of a column"),
        ("drop_outside_time", {}, "needs 'before' or 'after'"),
        ("drop_outside_time", {"before": "soon"}, "must be a date"),
        ("drop_outside_time", {"before": "2020-13-01"}, "must be a date"),
        ("drop_outside_time", {"before": "9999999-01-01"}, "must be a date"),
        ("drop_outside_time", {"before": "2021-01-01", "after": "2020-01-01"}, "must not lie after"),
        ("sample_users", {}, "either 'share' or 'n'"),
        ("sample_users", {"share": 0.5, "n": 3}, "either 'share' or 'n'"),
        ("sample_users", {"share": 0}, "share must be a number"),
        ("sample_users", {"share": 1.5}, "share must be a number"),
        ("sample_users", {"n": 3, "seed": -1}, "seed must be an int"),
        ("merge_ids_by", {"how": "strip"}, "needs the parameter 'column'"),
        ("merge_ids_by", {"how": "strip", "column": "TITLE"}, "column must be one of"),
    ],
)
def test_unknown_kinds_and_parameters_are_refused(kind, params, words):
    with pytest.raises(InvalidParameterError) as caught:
        Repair(kind, params)
    assert words in str(caught.value)


@pytest.mark.parametrize("written", [None, [], "k_core", {}, {"user_k": 5}])
def test_what_describes_no_repair_is_refused(written):
    with pytest.raises(InvalidParameterError):
        Repair.from_dict(written)


def test_deduplicate_by_hand():
    # ("a", "x") came at day 3 with 5 and at day 2 with 2; " x" is another id than "x".
    rest_after = [("b", "x", 4.0), ("b", " x", 3.0), ("c", "z", 0.0), ("c", "y", -1.0)]
    y = ("a", "y", 1.0)
    assert triples(applied("deduplicate", keep="last")) == [("a", "x", 5.0), y, *rest_after]
    assert triples(applied("deduplicate", keep="first")) == [y, ("a", "x", 2.0), *rest_after]
    assert triples(applied("deduplicate", keep="max")) == [("a", "x", 5.0), y, *rest_after]
    assert triples(applied("deduplicate", keep="sum")) == [("a", "x", 7.0), y, *rest_after]
    summed = applied("deduplicate", keep="sum").tables.interactions
    assert summed.loc[0, "TIMESTAMP"] == pd.Timestamp("2020-01-03")
    assert applied("deduplicate", keep="last").note.startswith("1 of 7 rows")


def test_deduplicate_without_time_or_outcome_takes_the_order_of_rows_and_counts():
    bare = Tables(tables().interactions[["USER_ID", "ITEM_ID"]])
    last = apply_repair(bare, Repair("deduplicate")).tables.interactions
    assert last["ITEM_ID"].tolist() == ["y", "x", "x", " x", "z", "y"]
    summed = apply_repair(bare, Repair("deduplicate", {"keep": "sum"})).tables.interactions
    assert summed["OUTCOME"].tolist() == [1, 2, 1, 1, 1, 1]


def test_a_given_split_is_never_added_up_across_its_parts():
    events = tables().interactions.assign(SPLIT=["train", "train", "test", "train", "test", "test", "test"])
    for keep in ("last", "first", "sum", "max"):
        done = apply_repair(Tables(events), Repair("deduplicate", {"keep": keep}))
        pd.testing.assert_frame_equal(done.tables.interactions, events)


events_of = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-2, 5), st.integers(0, 4)),
    min_size=1,
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(events_of, st.sampled_from(["last", "first", "sum", "max"]))
def test_deduplicate_agrees_with_a_loop(rows, keep):
    best = {}
    for place, (user, item, outcome, day) in enumerate(rows):
        key = (user, item)
        new = {
            "last": (day, place),
            "sum": (day, place),
            "first": (-day, -place),
            "max": (outcome, day, place),
        }
        if key not in best or new[keep] > best[key][0]:
            best[key] = (new[keep], place)
    kept = sorted(place for _, place in best.values())
    total = {}
    for user, item, outcome, _ in rows:
        total[user, item] = total.get((user, item), 0) + outcome
    expected = [(*rows[p][:2], total[rows[p][:2]] if keep == "sum" else rows[p][2]) for p in kept]
    users, items, outcomes, days = zip(*rows, strict=True)
    events = pd.DataFrame({"USER_ID": users, "ITEM_ID": items, "OUTCOME": outcomes})
    events["TIMESTAMP"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(days, "D")
    done = apply_repair(Tables(events), Repair("deduplicate", {"keep": keep}))
    assert triples(done) == expected


def test_dropping_rows_by_hand():
    assert applied("drop_unknown_items").n_rows_after == 6
    assert "1 of 7" in applied("drop_unknown_items").note
    assert applied("drop_items_without_interactions").tables.items["ITEM_ID"].tolist() == ["x", " x", "y"]
    assert [row[2] for row in triples(applied("drop_nonpositive"))] == [5, 1, 2, 4, 3]
    assert triples(applied("likes_only", threshold=3)) == [("a", "x", 1), ("b", "x", 1), ("b", " x", 1)]
    done = applied("drop_outside_time", before="2020-01-03", after="2020-01-05")
    assert done.tables.interactions["TIMESTAMP"].dt.day.tolist() == [3, 4, 5]
    done = applied("drop_outside_time", after="2020-01-05T01:00:00+02:00")  # 23:00 on the 4th
    assert done.tables.interactions["TIMESTAMP"].dt.day.tolist() == [3, 1, 2, 4]


def test_dropping_columns():
    assert list(applied("drop_item_column", column="price").tables.items) == ["ITEM_ID"]
    assert list(applied("drop_user_column", column="age").tables.users) == ["USER_ID"]
    done = applied("drop_item_column", column="weight")
    assert "no column 'weight'" in done.note
    assert done.tables.items.equals(tables().items)


@pytest.mark.parametrize("repair", ONE_OF_EACH, ids=lambda repair: repair.kind)
def test_a_repair_that_finds_nothing_to_do_says_so(repair):
    bare = Tables(pd.DataFrame({"USER_ID": ["a", "b"], "ITEM_ID": ["x", "y"]}))
    if repair.kind == "sample_users":
        return
    done = apply_repair(bare, repair)
    assert done.n_rows_after == 2
    assert done.tables.items is None
    assert done.tables.users is None


def test_nothing_left_is_refused_in_words():
    for kind, params in (
        ("likes_only", {"threshold": 100}),
        ("k_core", {"user_k": 50}),
        ("drop_outside_time", {"after": "1999-01-01"}),
    ):
        with pytest.raises(InvalidDataError, match="would leave no interaction of 7"):
            applied(kind, **params)


def test_the_core_by_hand():
    # a: x y; b: x " x"; c: z y. Items with two users: x (a b), y (a c). Then b and c have one item: gone,
    # then x and y have one user each: nothing is left. With one user per item enough, all stay.
    with pytest.raises(InvalidDataError):
        applied("k_core", user_k=2, item_k=2)
    done = applied("k_core", user_k=1, item_k=2)
    assert {row[1] for row in triples(done)} == {"x", "y"}
    assert done.tables.items["ITEM_ID"].tolist() == ["x", "y"]
    assert done.tables.users["USER_ID"].tolist() == ["a", "b", "c", "d"]  # nothing was asked of users
    assert "3 users and 4 items, 3 and 2 are left" in done.note


def test_sampling_keeps_whole_users_and_the_catalogue():
    done = applied("sample_users", n=2, seed=3)
    kept = set(done.tables.interactions["USER_ID"])
    assert len(kept) == 2
    before = tables().interactions
    expected = before[before["USER_ID"].isin(kept)].reset_index(drop=True)
    pd.testing.assert_frame_equal(done.tables.interactions, expected)
    assert set(done.tables.users["USER_ID"]) == kept
    assert len(done.tables.items) == 4
    assert "do not bias it" in done.note
    assert "would inflate recall" in done.note
    assert applied("sample_users", n=100).n_rows_after == 7
    chosen = {
        frozenset(applied("sample_users", n=1, seed=s).tables.interactions["USER_ID"]) for s in range(20)
    }
    assert len(chosen) == 3
    without_z = [
        s for s in range(20) if "c" not in set(applied("sample_users", n=2, seed=s).tables.users["USER_ID"])
    ]
    assert "1 items that only the others had" in applied("sample_users", n=2, seed=without_z[0]).note


def test_the_order_of_rows_does_not_decide_who_is_sampled():
    shuffled = Tables(tables().interactions.iloc[::-1].reset_index(drop=True))
    for seed in range(5):
        repair = Repair("sample_users", {"n": 1, "seed": seed})
        one, other = apply_repair(tables(), repair), apply_repair(shuffled, repair)
        assert set(one.tables.interactions["USER_ID"]) == set(other.tables.interactions["USER_ID"])


def test_merging_blanks_changes_only_ids_with_a_look_alike():
    base = tables()
    events = base.interactions.assign(ITEM_ID=["x", " lone", "x ", "x", " x", "007", "7"]).astype(
        {"ITEM_ID": "str"}
    )
    done = apply_repair(
        Tables(events, base.items), Repair("merge_ids_by", {"how": "strip", "column": "ITEM_ID"})
    )
    assert done.tables.interactions["ITEM_ID"].tolist() == ["x", " lone", "x", "x", "x", "007", "7"]
    assert done.tables.items["ITEM_ID"].tolist() == ["x", "y", "q"]
    assert done.tables.items["price"].tolist() == [1.0, 3.0, 4.0]
    assert done.tables.interactions["ITEM_ID"].dtype == events["ITEM_ID"].dtype
    assert done.note.startswith("2 ids in 'ITEM_ID'")
    assert "in 2 interactions" in done.note
    assert "1 rows of the table of items" in done.note


def test_merging_blanks_where_no_id_is_without_them():
    events = pd.DataFrame({"USER_ID": [" u", "u ", " u", "   ", "v"], "ITEM_ID": list("abcde")})
    done = apply_repair(Tables(events), Repair("merge_ids_by", {"how": "strip", "column": "USER_ID"}))
    assert done.tables.interactions["USER_ID"].tolist() == ["u", "u", "u", "   ", "v"]


def test_merging_case_keeps_the_listed_then_the_most_frequent_then_the_first():
    events = pd.DataFrame({"USER_ID": list("uvwuvwu"), "ITEM_ID": ["ab", "AB", "ab", "Cd", "cd", "EF", "ef"]})
    items = pd.DataFrame({"ITEM_ID": ["zz", "cd", "ZZ", "Zz"], "p": [1, 2, 3, 4]})
    repair = Repair("merge_ids_by", {"how": "case", "column": "ITEM_ID"})
    done = apply_repair(Tables(events, items), repair)
    assert done.tables.interactions["ITEM_ID"].tolist() == ["ab", "ab", "ab", "cd", "cd", "EF", "EF"]
    assert done.tables.items["ITEM_ID"].tolist() == ["cd", "ZZ"]
    assert done.tables.items["p"].tolist() == [2, 3]
    again = apply_repair(done.tables, repair)
    assert "nothing was merged" in again.note
    assert again.tables is done.tables


def test_dropping_suspicious_users_is_by_the_rule_and_not_by_ids():
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(60), 20)
    events = pd.DataFrame({"USER_ID": users, "ITEM_ID": rng.integers(0, 2000, len(users))})
    bot = pd.DataFrame({"USER_ID": 99, "ITEM_ID": np.arange(900)})
    base = Tables(pd.concat([events, bot], ignore_index=True), None, pd.DataFrame({"USER_ID": [99, 0, 1000]}))
    done = apply_repair(base, Repair("drop_users", {"rule": "long_history", "threshold": 2}))
    assert done.n_rows_after == 1200
    assert done.tables.users["USER_ID"].tolist() == [0, 1000]
    assert "1 of 61 users were dropped, with 900 interactions" in done.note
