"""Cuts: each row falls on the side its time says, whatever the column's type; ties and chance are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.split_kinds import SPLITS, SplitConfig, possible_kinds, possible_parts
from skrec_lite.dataset.time_split import HELD_OUT, LEARNED_FROM, SET_ASIDE, cut_in_time, time_order


def frame(rows: list[tuple[object, ...]], unit: str = "D") -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["USER_ID", "ITEM_ID", "TIMESTAMP"])
    return table.assign(TIMESTAMP=pd.to_datetime(table["TIMESTAMP"], unit=unit))


def items(part: pd.DataFrame) -> str:
    return "".join(part["ITEM_ID"])


logs = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(0, 12)), min_size=8, max_size=80
).map(frame)
timed = st.sampled_from(
    [
        SplitConfig(),
        SplitConfig(n_held_out=3),
        SplitConfig("global_time", test_fraction=0.3),
        SplitConfig("random", test_fraction=0.4),
    ]
)


@settings(max_examples=40, deadline=None)
@given(logs, st.integers(1, 3))
def test_leave_last_out_is_the_tail_of_each_user_in_stable_order_of_time(data, n):
    _, test, cut = cut_in_time(data, SplitConfig(n_held_out=n))
    ordered = data.sort_values("TIMESTAMP", kind="stable")
    last = [
        own.tail(n) for _, own in ordered.groupby("USER_ID") if len(own) > n
    ]  # A user with no more than n keeps all.
    assert test.index.tolist() == sorted(pd.concat(last).index if last else [])
    tied = 0
    for _, own in ordered.groupby("USER_ID"):
        times = own["TIMESTAMP"].tolist()
        tied += len(times) > n and times[-n - 1] == times[-n]
    assert cut.n_tied_users == tied


@settings(max_examples=40, deadline=None)
@given(logs, timed)
def test_the_test_part_is_the_same_whichever_part_is_measured(data, config):
    before, later, _ = cut_in_time(data, config, seed=3)
    # All may be of one moment: that is refused, as another test says.
    assume(len(before))
    train, test, cut = cut_in_time(data, replace(config, part="validation"), seed=3)
    aside = data.loc[cut.part_of_row == SET_ASIDE]
    assert aside.index.equals(later.index)
    assert cut.n_set_aside == len(later)
    pd.testing.assert_frame_equal(pd.concat([train, test]).sort_index(), before)
    assert train.index.equals(data.index[cut.part_of_row == LEARNED_FROM])
    assert test.index.equals(data.index[cut.part_of_row == HELD_OUT])
    if config.kind != "random":
        # The same rule once more, on what the first cut leaves.
        again = cut_in_time(before, config)
        pd.testing.assert_frame_equal(train, again[0])
        pd.testing.assert_frame_equal(test, again[1])


def test_validation_by_hand():
    data = frame([("u", "a", 1), ("u", "b", 2), ("u", "c", 3), ("u", "d", 4), ("v", "e", 2), ("v", "f", 9)])
    train, test, cut = cut_in_time(data, SplitConfig(part="validation"))
    # v has nothing left to hold out once its last is set aside: it is learned from.
    assert (items(train), items(test)) == ("abe", "c")
    assert "validation" in cut.where
    assert "the test part is set aside" in cut.where
    train, test, cut = cut_in_time(data, SplitConfig("global_time", test_fraction=0.3, part="validation"))
    assert (items(train), items(test), items(data[cut.part_of_row == SET_ASIDE])) == ("abe", "c", "df")


def test_all_of_one_moment_is_held_out_together():
    data = frame([("u", "a", 1), ("v", "b", 5), ("u", "c", 5), ("v", "d", 5), ("u", "e", 2)])
    train, test, cut = cut_in_time(data, SplitConfig("global_time", test_fraction=0.2))
    assert (items(train), items(test)) == ("ae", "bcd")
    assert (cut.where, cut.n_tied_users) == ("everything from 1970-01-06 00:00", 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=120), st.floats(0.01, 0.99), st.integers(0, 5))
def test_random_draws_a_share_of_each_user_who_keeps_at_least_one(users, fraction, seed):
    data = pd.DataFrame({"USER_ID": users, "ITEM_ID": np.arange(len(users))})
    train, test, cut = cut_in_time(data, SplitConfig("random", test_fraction=fraction), seed=seed)
    pd.testing.assert_frame_equal(pd.concat([train, test]).sort_index(), data)
    assert (np.diff(train.index) > 0).all()
    for user, count in data["USER_ID"].value_counts().items():
        n_test = int((test["USER_ID"] == user).sum())
        assert n_test == (0 if count == 1 else min(max(round(fraction * count), 1), count - 1))
    assert "at random" in cut.where


def test_random_draws_by_its_seed_alone_and_from_all_of_a_history():
    data = pd.DataFrame({"USER_ID": np.arange(4000) % 4, "ITEM_ID": 0, "TIMESTAMP": np.arange(4000)})
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    drawn = [cut_in_time(data, SplitConfig("random"), seed=seed)[1].index for seed in (1, 1, 2)]
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert drawn[0].equals(drawn[1])
    assert not drawn[0].equals(drawn[2])
    # 800 of 4,000: each tenth of time gives 80, standard deviation 8.
    tenths = np.bincount(drawn[0] // 400, minlength=10)
    assert tenths.min() > 80 - 5 * 8
    assert tenths.max() < 80 + 5 * 8


KINDS = {
    "seconds": lambda days: days * 86_400,
    "fractions": lambda days: days + 0.5,
    "microseconds": lambda days: pd.to_datetime(days, unit="D").astype("datetime64[us]"),
    "zoned": lambda days: pd.to_datetime(days, unit="D").dt.tz_localize("Europe/Paris"),
    "words": lambda days: pd.to_datetime(days, unit="D").dt.strftime("%Y-%m-%d"),
    "nullable": lambda days: days.astype("Int64"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("config", [SplitConfig(), SplitConfig("global_time", part="validation")])
def test_the_type_of_the_time_column_does_not_matter(kind, config):
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {"USER_ID": rng.integers(0, 9, 90), "ITEM_ID": 1, "TIMESTAMP": rng.integers(0, 30, 90)}
    )
    expected = cut_in_time(data, config)[2]
    cut = cut_in_time(data.assign(TIMESTAMP=KINDS[kind](data["TIMESTAMP"])), config)[2]
    assert np.array_equal(cut.part_of_row, expected.part_of_row)
    assert cut.n_tied_users == expected.n_tied_users


def test_what_has_no_time_counts_as_the_earliest():
    rows = [("u", "a", 3), ("u", "b", np.nan), ("u", "c", 1), ("v", "d", np.nan), ("v", "e", 7)]
    as_numbers = pd.DataFrame(rows, columns=["USER_ID", "ITEM_ID", "TIMESTAMP"])
    for data in (frame(rows), as_numbers, as_numbers.astype({"TIMESTAMP": "Int64"})):
        assert time_order(data)[0].tolist() == [3, 0, 2, 1, 4]
        assert items(cut_in_time(data, SplitConfig())[1]) == "ae"
        train, test, _ = cut_in_time(data, SplitConfig("global_time", test_fraction=0.5))
        assert (items(train), items(test)) == ("bcd", "ae")
    timeless = as_numbers.assign(TIMESTAMP=np.nan)
    with pytest.raises(ValueError, match="needs a time column"):
        cut_in_time(timeless, SplitConfig("global_time"))


def given_data(*parts: str) -> pd.DataFrame:
    return pd.DataFrame({"USER_ID": "u", "ITEM_ID": list("abcdef")[: len(parts)], "SPLIT": parts})


def test_a_given_split_measures_the_part_asked_for():
    data = given_data("train", "valid", "test", "train", "valid")
    train, test, cut = cut_in_time(data, SplitConfig("given"))
    assert (items(train), items(test), cut.n_validation_rows, cut.n_set_aside) == ("abde", "c", 2, 0)
    train, test, cut = cut_in_time(data, SplitConfig("given", part="validation"))
    assert (items(train), items(test), cut.n_validation_rows, cut.n_set_aside) == ("ad", "be", 0, 1)
    assert "SPLIT" not in train.columns


def test_a_part_that_is_not_there_is_refused_with_a_way_out():
    for data, part, message in (
        (given_data("train", "test"), "validation", "no validation part.*measure the test part"),
        (given_data("valid", "test"), "validation", "no 'train' part left"),
        (given_data("train", "valid"), "test", "no 'test' part left"),
        (given_data("test", "test"), "test", "no 'train' part left"),
        (given_data("train").drop(columns="SPLIT"), "test", "gives no split"),
    ):
        with pytest.raises(ValueError, match=message):
            cut_in_time(data, SplitConfig("given", part=part))
    at_once = frame([("u", "a", 1), ("v", "b", 1)])
    with pytest.raises(ValueError, match=r"nothing lies before the test part.*Hold out less"):
        cut_in_time(at_once, SplitConfig("global_time", part="validation"))


def test_only_what_the_data_allows_is_possible():
    timed = frame([("u", "a", 1), ("u", "b", 2)])
    assert possible_kinds(timed) == ("leave_last_out", "global_time", "random")
    assert possible_kinds(timed.drop(columns="TIMESTAMP")) == ("leave_last_out", "random")
    assert possible_kinds(given_data("train", "test")) == ("given", "leave_last_out", "random")
    assert possible_kinds(given_data("test", "test")) == ("leave_last_out", "random")
    assert possible_parts(given_data("train", "test"), "given") == ("test",)
    assert possible_parts(given_data("train", "valid"), "given") == ("test", "validation")
    for kind in possible_kinds(timed):
        assert possible_parts(timed, kind) == ("test", "validation")


def test_settings_out_of_range_are_refused():
    for options, message in (
        ({"kind": "randon"}, "Did you mean 'random'"),
        ({"test_fraction": 1.0}, "range"),
        ({"n_held_out": 0}, "range"),
        ({"part": "train"}, "'test', 'validation'"),
    ):
        with pytest.raises(ValueError, match=message):
            SplitConfig(**options)


def test_every_kind_says_what_it_breaks():
    assert set(SPLITS) == {"leave_last_out", "global_time", "given", "random"}
    assert "breaks time" in SPLITS["random"].caveat
    assert "ignores time" in SPLITS["random"].label
    assert "Ji et al. 2023" in SPLITS["leave_last_out"].caveat
    assert "no history" in SPLITS["global_time"].caveat
