"""Splits: nothing from after the cut gets before it, and every row and user is accounted for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite import ExperimentConfig, run_experiment
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.splitting.split import SplitConfig, cut_in_time, hold_out


def frame(rows, columns=("USER_ID", "ITEM_ID", "TIMESTAMP")):
    table = pd.DataFrame(rows, columns=list(columns))
    if "TIMESTAMP" in table:
        table["TIMESTAMP"] = pd.to_datetime(table["TIMESTAMP"], unit="D")
    return table


def both(interactions, config, items=None, **options):
    train, test, cut = cut_in_time(interactions, config)
    return hold_out(train, test, cut, items, **options)


def naive(train, test, exclude_seen):
    """What each user has to find, by sets: the oracle of the vectorised answer."""
    seen = set(zip(train["USER_ID"], train["ITEM_ID"], strict=True))
    found = {}
    for user, item in zip(test["USER_ID"], test["ITEM_ID"], strict=True):
        if not exclude_seen or (user, item) not in seen:
            found.setdefault(str(user), set()).add(str(item))
    known = set(train["USER_ID"].astype(str))
    return {user: items for user, items in found.items() if user in known}, {
        user: items for user, items in found.items() if user not in known
    }


def pairs_of(split):
    pairs = split.held_out_pairs()
    assert (np.diff(pairs["row"]) >= 0).all()
    by_user = pairs.groupby("row")["ITEM_ID"].apply(set)
    return {split.user_ids[row]: items for row, items in by_user.items()}


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


logs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(0, 20)), min_size=8, max_size=80)


@settings(max_examples=40, deadline=None)
@given(
    logs,
    st.sampled_from(["leave_last_out", "global_time", "random"]),
    st.sampled_from(["test", "validation"]),
    st.booleans(),
    st.booleans(),
)
def test_what_is_held_out_is_what_sets_say(rows, kind, part, exclude_seen, with_items):
    data = frame(rows)
    items = pd.DataFrame({"ITEM_ID": [0, 1, 2, 3, "never chosen"]}) if with_items else None
    try:
        train, test, cut = cut_in_time(data, SplitConfig(kind, test_fraction=0.4, part=part), seed=1)
        split = hold_out(train, test, cut, items, exclude_seen=exclude_seen)
    except InvalidDataError:
        return
    catalogue = set((train if items is None else items)["ITEM_ID"].astype(str))
    measured, new = naive(train, test, exclude_seen)
    assert pairs_of(split) == measured
    assert split.user_ids.tolist() == sorted(measured)
    assert (pairs_of(split.newcomers) if split.newcomers is not None else {}) == new
    for each in (split, split.newcomers):
        if each is None:
            continue
        assert set(each.catalogue.ids) == catalogue
        assert not set(each.unreachable["ITEM_ID"]) & catalogue
        assert each.summary.n_unreachable == len(each.unreachable)
        counts = np.bincount(each.held_out_pairs()["row"], minlength=len(each.user_ids))
        assert np.array_equal(counts, each.n_held_out)
        beyond = np.bincount(each.unreachable["row"], minlength=len(each.user_ids))
        assert np.array_equal(each.n_reachable + beyond, each.n_held_out)
    summary = split.summary
    assert summary.n_train + summary.n_test + summary.n_set_aside == len(data)
    assert (summary.kind, summary.part) == (kind, part)
    assert (summary.n_set_aside > 0) == (part == "validation")


def test_newcomers_are_a_split_of_their_own_with_the_same_training_and_no_history():
    data = frame(
        [("u", "a", 1), ("v", "b", 2), ("u", "b", 9), ("new", "a", 9), ("new", "z", 9), ("w", "z", 9)]
    )
    split = both(data, SplitConfig("global_time", test_fraction=0.5))
    new = split.newcomers
    assert new.user_ids.tolist() == ["new", "w"]
    assert new.n_held_out.tolist() == [2, 1]
    assert held(new, ["a", "b"]) == {"new": ["a"], "w": []}
    assert new.unreachable.to_dict("list") == {"row": [0, 1], "ITEM_ID": ["z", "z"]}
    assert new.train is split.train
    assert [len(new.history_of(row)) for row in (0, 1)] == [0, 0]
    assert (new.summary.n_users_measured, split.summary.n_users_measured) == (2, 1)
    assert new.newcomers is None
    assert both(data, SplitConfig()).newcomers is None


def test_newcomers_are_sampled_too_and_do_not_change_who_else_is():
    rng = np.random.default_rng(0)
    old = pd.DataFrame({"USER_ID": rng.integers(0, 90, 2000), "ITEM_ID": rng.integers(0, 200, 2000)})
    new = pd.DataFrame({"USER_ID": rng.integers(100, 150, 300), "ITEM_ID": rng.integers(0, 200, 300)})
    marked = pd.concat([old.assign(SPLIT="train"), old.assign(SPLIT="test"), new.assign(SPLIT="test")])
    first, again = (both(marked, SplitConfig("given"), max_users=20, exclude_seen=False) for _ in range(2))
    assert len(first.newcomers.user_ids) == 20
    assert first.newcomers.user_ids.tolist() == again.newcomers.user_ids.tolist()
    assert len(both(marked, SplitConfig("given"), exclude_seen=False).newcomers.user_ids) == 50
    without = both(marked.head(4000), SplitConfig("given"), max_users=20, exclude_seen=False)
    assert without.user_ids.tolist() == first.user_ids.tolist()


def test_the_summary_says_what_row_order_decided_and_what_is_set_aside():
    data = frame([("u", "a", 1), ("u", "b", 2), ("u", "c", 2), ("v", "a", 1), ("v", "b", 3), ("v", "c", 4)])
    assert both(data, SplitConfig()).summary.n_tied_users == 1
    summary = both(data, SplitConfig(part="validation")).summary
    assert (summary.n_tied_users, summary.n_train, summary.n_test, summary.n_set_aside) == (0, 2, 2, 2)
    assert "validation" in summary.cut
    assert "at random" in both(data, SplitConfig("random", test_fraction=0.5)).summary.cut


def test_the_seed_of_the_run_draws_its_random_split(small_data):
    config = ExperimentConfig(
        params={"n_factors": 4, "epochs": 1}, retrievers=("popularity",), top_k=10, n=5, seed=4,
        split=SplitConfig("random"),
    )  # fmt: skip
    train, test, _ = cut_in_time(small_data.interactions, config.split, seed=4)
    other, _, _ = cut_in_time(small_data.interactions, config.split, seed=0)
    split = run_experiment(small_data, config).split
    pd.testing.assert_frame_equal(split.train, train)
    assert not split.train.index.equals(other.index)
    assert split.summary.n_test == len(test)
