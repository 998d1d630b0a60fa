"""Planted bots are found, people are not."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.report.checks import check_interactions
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.repairs import Repair, apply_repair
from skrec_lite.dataset.report.suspicion import DEFAULTS, history_limit, suspicious_users
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidParameterError

START = pd.Timestamp("2021-06-01")


def program(name, seconds, n_items=400):
    """Rows of a program that took its items at these moments."""
    items = [f"i{n % n_items}" for n in range(len(seconds))]
    stamps = START + pd.to_timedelta(np.asarray(seconds, dtype=float), unit="s")
    frame = pd.DataFrame(
        {"USER_ID": name, "ITEM_ID": items, "OUTCOME": 1.0, "TIMESTAMP": stamps.as_unit("ns")}
    )
    return frame.astype({"USER_ID": "str", "ITEM_ID": "str"})


def found_users(events, rule):
    coded = CodedInteractions.of(events)
    return set(coded.users.ids[suspicious_users(coded, rule, DEFAULTS[rule])])


def titles(events):
    return {finding.title for finding in check_interactions(events)}


RULE_TITLES = {"Machine speed", "Clockwork users", "Whole-catalogue users", "Very long histories"}


def test_people_are_not_suspected(people):
    assert all(not found_users(people, rule) for rule in DEFAULTS)
    assert not titles(people) & RULE_TITLES


@pytest.mark.parametrize(
    ("rule", "title", "rows"),
    [
        ("machine_speed", "Machine speed", program("bot", np.cumsum(np.tile([0, 0.5, 0.5, 7], 30)))),
        ("machine_speed", "Machine speed", program("bot", np.cumsum(np.tile([1, 1, 500], 30)))),
        ("regular_gaps", "Clockwork users", program("bot", 3600.0 * np.arange(60))),
        ("whole_catalogue", "Whole-catalogue users", program("bot", np.arange(300) ** 1.7)),
        ("long_history", "Very long histories", program("bot", np.arange(3000) ** 1.5, 60)),
    ],
)
def test_a_planted_bot_is_found_and_one_click_drops_it(people, rule, title, rows):
    events = pd.concat([people, rows], ignore_index=True)
    assert found_users(events, rule) == {"bot"}
    finding = next(finding for finding in check_interactions(events) if finding.title == title)
    assert finding.rows == 1
    assert "1 of 201 users stands out" in finding.message
    assert "'bot'" in finding.message
    assert f"{len(rows):,} interactions" in finding.message
    assert finding.repairs == (Repair("drop_users", {"rule": rule, "threshold": DEFAULTS[rule]}),)
    done = apply_repair(Tables(events), finding.repairs[0])
    pd.testing.assert_frame_equal(done.tables.interactions, people)


def test_a_basket_at_one_moment_is_no_machine(people):
    basket = pd.concat([program("shopper", np.repeat(86_400.0 * np.array([1, 5, 6, 30]), 25))])
    events = pd.concat([people, basket], ignore_index=True)
    assert not found_users(events, "machine_speed")
    assert not found_users(events, "regular_gaps")


def test_what_most_users_do_is_no_finding():
    rows = [program(f"u{n}", 3600.0 * np.arange(60) + n) for n in range(100)]
    events = pd.concat(rows, ignore_index=True)
    assert len(found_users(events, "regular_gaps")) == 100
    assert not titles(events) & RULE_TITLES


def test_whole_catalogue_needs_a_catalogue_and_others_who_do_not():
    small = program("bot", np.arange(49) ** 1.7, 49)
    assert not found_users(small, "whole_catalogue")
    everybody = pd.concat([program(f"u{n}", np.arange(60) ** 1.7, 60) for n in range(5)])
    assert not found_users(everybody, "whole_catalogue")


def test_the_limit_of_histories_by_hand():
    # Quartiles of 1 2 4 8 16 are 2 and 8: ln 8 + 2 * (ln 8 - ln 2) = ln 128.
    assert history_limit(np.array([16, 1, 4, 8, 2]), 2.0) == pytest.approx(128)
    # Where all have one, twice ln 2 is the least: ln 1 + 2 ln 2.
    assert history_limit(np.ones(9, dtype=int), 2.0) == pytest.approx(4)


def test_thresholds_are_inclusive_where_they_say_so():
    gaps = np.cumsum([0.0, *[1.0] * 25, *[1000.0] * 25])
    coded = CodedInteractions.of(program("bot", gaps))
    assert suspicious_users(coded, "machine_speed", 1.0).tolist() == [True]
    assert suspicious_users(coded, "machine_speed", 0.999).tolist() == [False]
    fewer = CodedInteractions.of(program("bot", gaps[:-1]))
    assert suspicious_users(fewer, "machine_speed", 1.0).tolist() == [False]  # 49 gaps


def test_without_times_two_rules_find_nobody(people):
    bare = people.drop(columns="TIMESTAMP")
    assert not found_users(bare, "machine_speed")
    assert not found_users(bare, "regular_gaps")
    with pytest.raises(InvalidParameterError, match="rule must be one of"):
        suspicious_users(CodedInteractions.of(bare), "robots", 1.0)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), min_size=1, max_size=60),
    st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_gaps_agree_with_pandas(rows, unit):
    users, seconds = zip(*rows, strict=True)
    stamps = (START + pd.to_timedelta(seconds, unit="s")).as_unit(unit)
    frame = pd.DataFrame({"USER_ID": [f"u{user}" for user in users], "ITEM_ID": "x", "TIMESTAMP": stamps})
    coded = CodedInteractions.of(frame)
    ordered = frame.sort_values(["USER_ID", "TIMESTAMP"])
    expected = ordered.groupby("USER_ID")["TIMESTAMP"].diff().dt.total_seconds()
    expected = expected[expected > 0]
    found, gaps = coded.gaps
    assert coded.users.ids[found].tolist() == ordered.loc[expected.index, "USER_ID"].tolist()
    np.testing.assert_allclose(gaps, expected)


def test_times_that_do_not_fit_beside_the_users_are_coarsened_and_not_overflowed():
    stamps = pd.DatetimeIndex([pd.Timestamp("1700-01-01"), pd.Timestamp.max, pd.Timestamp("2200-01-01")])
    frame = pd.DataFrame({"USER_ID": ["a", "b", "b"], "ITEM_ID": "x", "TIMESTAMP": stamps})
    many = pd.DataFrame({"USER_ID": [f"c{n}" for n in range(5000)], "ITEM_ID": "x", "TIMESTAMP": stamps[2]})
    coded = CodedInteractions.of(pd.concat([frame, many], ignore_index=True))
    users, ticks, seconds = coded.ordered
    assert (np.diff(users) >= 0).all()
    assert users.max() == 5001
    days = (dt.date(2262, 4, 11) - dt.date(1700, 1, 1)).days  # and pandas' last moment is 23:47:16
    assert float(ticks.max() * seconds) == pytest.approx(days * 86_400 + 85_636, abs=1)
