"""Splits: nothing from after the cut gets before it, and every row and user is accounted for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.experiment.split import SplitConfig, cut_in_time, hold_out


def frame(rows, columns=("USER_ID", "ITEM_ID", "TIMESTAMP")):
    table = pd.DataFrame(rows, columns=list(columns))
    if "TIMESTAMP" in table:
        table["TIMESTAMP"] = pd.to_datetime(table["TIMESTAMP"], unit="D")
    return table


def both(interactions, config, items=None, **options):
    train, test, cut = cut_in_time(interactions, config)
    return hold_out(train, test, cut, items, **options)


def held(split, catalogue):
    dense = split.held_out.toarray()
    return {user: sorted(np.array(catalogue)[dense[row]]) for row, user in enumerate(split.user_ids)}


def test_leave_last_out_by_hand():
    data = frame([("u", "a", 3), ("v", "a", 1), ("u", "b", 1), ("u", "c", 2), ("v", "b", 5), ("w", "c", 9)])
    split = both(data, SplitConfig())
    # u's last is a (day 3), v's last is b; w has a single row and keeps it.
    assert held(split, ["a", "b", "c"]) == {"u": ["a"], "v": ["b"]}
    assert sorted(zip(split.train["USER_ID"], split.train["ITEM_ID"], strict=True)) == [
        ("u", "b"), ("u", "c"), ("v", "a"), ("w", "c"),
    ]  # fmt: skip
    summary = split.summary
    assert (summary.n_train, summary.n_test, summary.n_users_measured) == (4, 2, 2)
    assert summary.n_users_without_holdout == 1
    assert summary.ordered_by == "time"


def test_ties_in_time_and_missing_time_go_by_row_order():
    rows = [("u", "a", 1), ("u", "b", 1), ("u", "c", 1)]
    assert held(both(frame(rows), SplitConfig(), pd.DataFrame({"ITEM_ID": list("abc")})), list("abc")) == {
        "u": ["c"]
    }
    untimed = frame([row[:2] for row in rows], ("USER_ID", "ITEM_ID"))
    split = both(untimed, SplitConfig(n_held_out=2), pd.DataFrame({"ITEM_ID": list("abc")}))
    assert held(split, list("abc")) == {"u": ["b", "c"]}
    assert split.summary.ordered_by == "row order"


def test_global_time_holds_out_all_that_is_later_and_leaves_newcomers_out():
    data = frame([("u", "a", 1), ("v", "b", 2), ("u", "b", 8), ("v", "c", 9), ("new", "a", 9), ("x", "a", 3)])
    split = both(data, SplitConfig("global_time", test_fraction=0.5))
    assert split.train["TIMESTAMP"].max() < pd.to_datetime(8, unit="D")
    assert split.user_ids.tolist() == ["u", "v"]
    # c was never seen before the cut: it counts as held out, but nothing can reach it.
    assert split.n_held_out.tolist() == [1, 1]
    assert split.held_out.toarray().sum() == 1
    summary = split.summary
    assert (summary.n_unreachable, summary.n_users_without_history, summary.n_users_without_holdout) == (
        1,
        1,
        1,
    )


def test_repeats_are_dropped_only_where_seen_items_are_excluded():
    data = frame([("u", "a", 1), ("u", "b", 2), ("u", "a", 3), ("v", "a", 1), ("v", "b", 2)])
    split = both(data, SplitConfig())
    assert split.user_ids.tolist() == ["v"]
    assert (split.summary.n_repeats, split.summary.n_users_without_holdout) == (1, 1)
    kept = both(data, SplitConfig(), exclude_seen=False)
    assert kept.user_ids.tolist() == ["u", "v"]


def test_an_item_listed_but_never_seen_in_training_is_reachable():
    data = frame([("u", "a", 1), ("u", "z", 2)])
    assert both(data, SplitConfig()).summary.n_unreachable == 1
    listed = pd.DataFrame({"ITEM_ID": ["a", "z"]})
    assert both(data, SplitConfig(), listed).summary.n_unreachable == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(0, 20)), min_size=8, max_size=80),
    st.sampled_from(
        [SplitConfig(), SplitConfig(n_held_out=3), SplitConfig("global_time", test_fraction=0.3)]
    ),
)
def test_no_row_is_lost_and_no_held_out_row_precedes_training(rows, config):
    data = frame(rows)
    train, test, _ = cut_in_time(data, config)
    pd.testing.assert_frame_equal(pd.concat([train, test]).sort_index(), data)
    if config.kind == "global_time":
        assert not len(train) or not len(test) or train["TIMESTAMP"].max() < test["TIMESTAMP"].min()
        return
    for user, after in test.groupby("USER_ID"):
        before = train[train["USER_ID"] == user]
        assert len(before) >= 1
        assert len(after) == config.n_held_out
        assert before["TIMESTAMP"].max() <= after["TIMESTAMP"].min()


def test_at_most_max_users_are_measured_and_the_seed_decides_which():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"USER_ID": rng.integers(0, 90, 2000), "ITEM_ID": rng.integers(0, 200, 2000)})
    first, again = (both(data, SplitConfig(), max_users=20, seed=1) for _ in range(2))
    assert len(first.user_ids) == 20
    assert first.user_ids.tolist() == again.user_ids.tolist()
    assert first.user_ids.tolist() != both(data, SplitConfig(), max_users=20, seed=2).user_ids.tolist()


def test_what_cannot_be_split_is_refused_with_a_way_out():
    untimed = pd.DataFrame({"USER_ID": ["u", "u"], "ITEM_ID": ["a", "b"]})
    with pytest.raises(ValueError, match=r"needs a time column.*leave-last-out"):
        both(untimed, SplitConfig("global_time"))
    with pytest.raises(ValueError, match="No user has both"):
        both(pd.DataFrame({"USER_ID": ["u", "v"], "ITEM_ID": ["a", "b"]}), SplitConfig())
    for options in ({"kind": "random"}, {"test_fraction": 1.0}, {"n_held_out": 0}):
        with pytest.raises(ValueError):
            SplitConfig(**options)
