"""The leak check: a split made to leak is found out by the check that is there for it, and by that one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite import ExperimentConfig, LabData, run_experiment
from skrec_lite.dataset.time_split import SET_ASIDE
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.splitting import checks
from skrec_lite.experiment.splitting.leak_check import check_leaks
from skrec_lite.experiment.splitting.split import SplitConfig, cut_in_time, hold_out
from skrec_lite.experiment.splitting.split_parts import SplitParts


def frame(rows):
    table = pd.DataFrame(rows, columns=["USER_ID", "ITEM_ID", "TIMESTAMP"])
    return table.assign(TIMESTAMP=pd.to_datetime(table["TIMESTAMP"], unit="D"))


DATA = frame(
    [("u", "a", 1), ("u", "b", 2), ("u", "c", 3), ("u", "d", 5),
     ("v", "a", 2), ("v", "c", 4), ("v", "b", 6), ("v", "d", 7), ("w", "b", 8)]
)  # fmt: skip


def outcomes(leak_check):
    return {check.name: check.outcome for check in leak_check.checks}


def said(leak_check, name):
    return next(check.sentence for check in leak_check.checks if check.name == name)


def checked(data, config, *, tamper=None, **options):
    """The check of a split whose parts are tampered with after the cut."""
    train, test, cut = cut_in_time(data, config)
    if tamper is not None:
        train, test = tamper(train, test)
    return hold_out(train, test, cut, **options).leak_check


def broken(leak_check):
    return {check.name for check in leak_check.checks if check.outcome == "broken"}


CONFIGS = [
    SplitConfig(kind, test_fraction=0.3, part=part)
    for kind in ("leave_last_out", "global_time")
    for part in ("test", "validation")
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.kind} {config.part}")
def test_an_honest_split_passes(config):
    assert not broken(checked(DATA, config))


def moved(train, test, row=0):
    """One held-out row is learned from instead."""
    return pd.concat([train, test.iloc[[row]]]).sort_index(), test.drop(index=test.index[row])


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.kind} {config.part}")
def test_rows_lost_doubled_or_in_the_wrong_part_are_found(config):
    lost = checked(DATA, config, tamper=lambda train, test: (train.iloc[1:], test))
    assert "but the data has 9" in said(lost, checks.ROWS)
    doubled = checked(DATA, config, tamper=lambda train, test: (pd.concat([train, test.iloc[[0]]]), test))
    assert checks.ROWS in broken(doubled)
    swapped = checked(DATA, config, tamper=moved)
    assert "some are in the wrong part" in said(swapped, checks.ROWS)
    assert broken(lost) == {checks.ROWS}


@pytest.mark.parametrize("kind", ["leave_last_out", "global_time"])
def test_a_row_of_the_part_set_aside_is_found_wherever_it_went(kind):
    config = SplitConfig(kind, test_fraction=0.3, part="validation")
    train, test, cut = cut_in_time(DATA, config)
    aside = DATA.drop(index=train.index.union(test.index))
    honest = hold_out(train, test, cut).leak_check
    assert said(honest, checks.SET_APART).endswith(f"interactions set aside: {len(aside)}.")
    assert outcomes(honest)[checks.SET_APART] == "passed"
    for wrong in ((pd.concat([train, aside.iloc[[0]]]), test), (train, pd.concat([test, aside.iloc[[0]]]))):
        found = hold_out(*wrong, cut).leak_check
        assert outcomes(found)[checks.SET_APART] == "broken"
        assert "learned from or measured: 1, not 0." in said(found, checks.SET_APART)


def test_measuring_the_test_part_is_noted_with_what_is_trained_on():
    note = checked(DATA, SplitConfig())
    assert outcomes(note)[checks.SET_APART] == "note"
    assert "validation while you choose" in said(note, checks.SET_APART)
    given_parts = DATA.assign(SPLIT=["train", "valid", "test", "test"] + ["train"] * 3 + ["test", "valid"])
    assert "given validation part that are trained on: 2." in said(
        checked(given_parts, SplitConfig("given")), checks.SET_APART
    )


def test_a_counted_pair_that_was_trained_on_is_found():
    train, test, cut = cut_in_time(DATA, SplitConfig())
    honest = hold_out(train, test, cut)
    parts = SplitParts.of(train, test)
    everything = replace(honest, held_out=sp.csr_array(np.ones(honest.held_out.shape, dtype=bool)))
    found = check_leaks(parts, cut, everything, exclude_seen=True)
    assert broken(found) == {checks.PAIRS}
    # u and v have a, b, c in training; d, which both have held out, is not in the catalogue.
    assert said(found, checks.PAIRS).endswith("also in training: 6 of 8.")
    unreachable = honest.unreachable.assign(ITEM_ID="a")
    found = check_leaks(parts, cut, replace(honest, unreachable=unreachable), exclude_seen=True)
    assert said(found, checks.PAIRS).endswith("also in training: 2 of 2.")
    # What seen items count for is said where they are not left out.
    repeated = pd.concat([DATA, frame([("u", "a", 9)])], ignore_index=True)
    noted = checked(repeated, SplitConfig(), exclude_seen=False)
    assert "also in training: 1 of 2." in said(noted, checks.PAIRS)
    assert outcomes(noted)[checks.PAIRS] == "note"
    assert "Pairs that were are not counted: 1." in said(checked(repeated, SplitConfig()), checks.PAIRS)


def test_a_pair_of_a_newcomer_counts_as_a_pair_and_newcomers_have_no_history():
    data = frame([("u", "a", 1), ("v", "b", 2), ("u", "b", 8), ("new", "a", 9), ("x", "b", 9)])
    train, test, cut = cut_in_time(data, SplitConfig("global_time", test_fraction=0.5))
    split = hold_out(train, test, cut)
    assert outcomes(split.leak_check)[checks.NEWCOMERS] == "passed"
    assert said(split.leak_check, checks.NEWCOMERS).endswith(": 0 of 2.")
    assert "also in training: 0 of 3." in said(split.leak_check, checks.PAIRS)
    assert split.newcomers.leak_check is split.leak_check
    known = pd.concat([train, frame([("new", "a", 1)])])
    found = check_leaks(SplitParts.of(known, test), cut, split, exclude_seen=True)
    assert {checks.NEWCOMERS, checks.PAIRS} <= broken(found)
    assert said(found, checks.NEWCOMERS).endswith(": 1 of 2.")


def test_training_later_than_what_is_held_out_is_found():
    def later(train, test):
        last = train["USER_ID"] == "u"
        return train.assign(TIMESTAMP=train["TIMESTAMP"].mask(last, DATA["TIMESTAMP"].max())), test

    found = checked(DATA, SplitConfig(), tamper=later)
    assert broken(found) == {checks.OWN_TIME}
    assert said(found, checks.OWN_TIME).endswith("of theirs: 1 of 2.")
    found = checked(DATA, SplitConfig("global_time", test_fraction=0.3), tamper=later)
    assert broken(found) == {checks.ONE_MOMENT, checks.OTHERS}
    assert said(found, checks.ONE_MOMENT) == "Interactions learned from though later than the cut: 4."


def test_held_out_rows_outside_their_span_of_time_are_found():
    config = SplitConfig("global_time", test_fraction=0.3, part="validation")

    def shifted(days):
        return lambda train, test: (
            train,
            test.assign(TIMESTAMP=test["TIMESTAMP"] + pd.to_timedelta(days, "D")),
        )

    assert "Held-out ones earlier than it: 2." in said(
        checked(DATA, config, tamper=shifted(-3)), checks.ONE_MOMENT
    )
    assert "Held-out ones in the time of the test part: 2." in said(
        checked(DATA, config, tamper=shifted(9)), checks.ONE_MOMENT
    )


def test_ties_at_the_cut_are_counted_and_noted():
    tied = frame([("u", "a", 1), ("u", "b", 1), ("v", "a", 1), ("v", "b", 2)])
    found = checked(tied, SplitConfig(), items=pd.DataFrame({"ITEM_ID": ["a", "b"]}))
    assert outcomes(found)[checks.OWN_TIME] == "note"
    assert "interactions of the same time: 1." in said(found, checks.OWN_TIME)


def test_without_time_what_cannot_be_checked_is_said():
    untimed = DATA.drop(columns="TIMESTAMP")
    for config in (SplitConfig(), SplitConfig("random")):
        found = checked(untimed, config)
        assert outcomes(found)[checks.OWN_TIME] == "note"
        assert "There is no time column" in said(found, checks.OWN_TIME)
        assert checks.OTHERS not in outcomes(found)
    gaps = DATA.assign(TIMESTAMP=DATA["TIMESTAMP"].where(DATA.index != 1))
    found = checked(gaps, SplitConfig())
    assert outcomes(found)[checks.OWN_TIME] == "note"
    assert "earliest and unchecked: 1." in said(found, checks.OWN_TIME)


def test_items_known_only_from_the_items_file_are_noted_and_those_out_of_reach_counted():
    data = frame([("u", "a", 1), ("u", "y", 3), ("v", "a", 1), ("v", "z", 3), ("w", "a", 1), ("w", "z", 4)])
    bare = checked(data, SplitConfig())
    assert outcomes(bare)[checks.CATALOGUE] == "passed"
    assert said(bare, checks.OUT_OF_REACH).startswith(
        "Held-out items not in the catalogue at training: 3 of 3 (2 different)"
    )
    listed = checked(data, SplitConfig(), items=pd.DataFrame({"ITEM_ID": ["a", "z", "never chosen"]}))
    assert "none in training: 1 of 3." in said(listed, checks.CATALOGUE)
    assert outcomes(listed)[checks.CATALOGUE] == "note"
    assert "1 of 3 (1 different)" in said(listed, checks.OUT_OF_REACH)
    known = checked(data, SplitConfig(), items=pd.DataFrame({"ITEM_ID": ["a", "y", "z"]}))
    assert outcomes(known)[checks.OUT_OF_REACH] == "passed"


logs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 15)), min_size=8, max_size=60)


@settings(max_examples=40, deadline=None)
@given(
    logs, st.sampled_from(["leave_last_out", "global_time", "random", "given"]), st.booleans(), st.booleans()
)
def test_the_counts_are_those_of_a_loop_over_all_pairs_of_rows(rows, kind, validation, exclude_seen):
    data = frame(rows)
    data["SPLIT"] = np.resize(["train", "train", "valid", "test"], len(data))
    config = SplitConfig(kind, test_fraction=0.4, part="validation" if validation else "test")
    try:
        train, test, cut = cut_in_time(data, config, seed=2)
        split = hold_out(train, test, cut, exclude_seen=exclude_seen)
    except InvalidDataError:
        return
    learned = list(zip(train["USER_ID"], train["TIMESTAMP"], strict=True))
    held = list(zip(test["USER_ID"], test["TIMESTAMP"], strict=True))
    own = sum(any(other == user and time > at for other, time in learned) for user, at in held)
    others = sum(any(other != user and time > at for other, time in learned) for user, at in held)
    found = split.leak_check
    by_name = outcomes(found)
    if kind in ("random", "given"):
        assert by_name[checks.OWN_TIME] == ("broken" if own else "passed")
        assert f"to learn from: {own} of {len(held)}." in said(found, checks.OWN_TIME)
        assert not own or ("By design" in said(found, checks.OWN_TIME)) == (kind == "random")
    else:
        assert own == 0
        assert not broken(found)
    if kind == "global_time":
        assert others == 0
        assert by_name[checks.OTHERS] == "passed"
    else:
        assert by_name[checks.OTHERS] == ("note" if others else "passed")
        assert f"to learn from: {others} of {len(held)}." in said(found, checks.OTHERS)
    if kind == "leave_last_out" and cut.n_tied_users:
        assert f"of the same time: {cut.n_tied_users}." in said(found, checks.OWN_TIME)
    assert by_name[checks.ROWS] == "passed"
    assert by_name[checks.PAIRS] == ("passed" if exclude_seen else "note")
    assert found.count("passed") + found.count("note") + found.count("broken") == len(found.checks)


def test_the_sentence_counts_outcomes_and_names_what_is_broken():
    found = checked(DATA, SplitConfig("random", test_fraction=0.4))
    assert found.sentence.endswith("1 broken (each user's time).")
    assert "0 broken." in checked(DATA, SplitConfig()).sentence


@pytest.fixture(scope="module")
def pools_of(small_data):
    """Return a function from a change of some rows to all pools and final lists."""

    def pools(split, change):
        interactions = small_data.interactions.reset_index(drop=True)
        part_of_row = cut_in_time(interactions, split)[2].part_of_row
        data = LabData(change(interactions, part_of_row), small_data.items)
        config = ExperimentConfig(params={"n_factors": 8, "epochs": 2}, top_k=40, n=5, split=split)
        result = run_experiment(data, config)
        return {
            (user, key, stage): result.items.decode(lists[row]).tolist()
            for key, run in result.runs.items()
            for stage, lists in (("pool", run.candidates.item_index), ("list", run.ranked.item_index))
            for row, user in enumerate(result.user_ids)
        }

    return pools


def with_other_items(part):
    """A change: the rows of a part get other items, some of them unheard of, and other outcomes."""

    def change(interactions, part_of_row):
        rows = np.flatnonzero(part_of_row == part if part == 0 else part_of_row > 0)
        other = np.random.default_rng(5).permutation(interactions["ITEM_ID"].to_numpy())[rows]
        other[::3] = "unheard of"
        changed = interactions.copy()
        changed.loc[rows, "ITEM_ID"] = other
        changed.loc[rows, "OUTCOME"] = 99.0
        return changed

    return change


@pytest.mark.parametrize(
    "split",
    [
        SplitConfig(n_held_out=2, part="validation"),
        SplitConfig("global_time", test_fraction=0.1),
    ],
    ids=lambda split: f"{split.kind} {split.part}",
)
def test_no_pool_and_no_list_depends_on_what_is_held_out_or_set_aside(pools_of, split):
    before = pools_of(split, lambda interactions, _: interactions)
    after = pools_of(split, with_other_items("all but training"))
    # Whoever's new items are all repeats is not measured.
    both = before.keys() & after.keys()
    assert len(both) > 0.8 * len(before)
    assert {key for _, key, _ in both} == {"popularity", "content", "embedding"}
    assert all(before[one] == after[one] for one in both)
    # What is learned from does change them, or this would prove nothing.
    trained = pools_of(split, with_other_items(0))
    for key in ("popularity", "content", "embedding"):
        assert any(before[one] != trained[one] for one in before.keys() & trained.keys() if one[1] == key)


def test_measuring_on_validation_is_as_if_the_test_part_did_not_exist(small_data):
    """Down to what the ranker learns on: its own cut inside the training data is a plain one."""
    split = SplitConfig("global_time", test_fraction=0.2, part="validation")
    config = ExperimentConfig(
        "xgboost", {"n_estimators": 5}, retrievers=("popularity", "content"), top_k=30, n=5, split=split
    )
    cut = cut_in_time(small_data.interactions, split)[2]
    known = LabData(small_data.interactions.loc[cut.part_of_row != SET_ASIDE], small_data.items)
    measured = run_experiment(small_data, config)
    never_had = run_experiment(known, replace(config, split=replace(split, part="test")))
    assert measured.user_ids.tolist() == never_had.user_ids.tolist()
    assert measured.items == never_had.items
    for key, run in measured.runs.items():
        same = never_had.runs[key]
        assert run.ranker_words == same.ranker_words
        np.testing.assert_array_equal(run.candidates.item_index, same.candidates.item_index)
        np.testing.assert_array_equal(run.ranked.item_index, same.ranked.item_index)
        np.testing.assert_array_equal(run.ranked.scores, same.ranked.scores)
        np.testing.assert_array_equal(run.hits, same.hits)
