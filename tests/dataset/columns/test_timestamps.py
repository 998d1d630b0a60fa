"""Moments in all the ways people write them."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.columns import timestamps
from skrec_lite.dataset.columns.timestamps import parse_timestamps

NAT = "NaT"


@pytest.mark.parametrize(
    ("values", "expected", "how"),
    [
        ([881250949, 891717742], ["1997-12-04T15:55:49", "1998-04-04T19:22:22"], "Unix seconds"),
        (
            [881250949123, 891717742001],
            ["1997-12-04T15:55:49.123", "1998-04-04T19:22:22.001"],
            "Unix milliseconds",
        ),
        (
            [881250949000123, 891717742000000],
            ["1997-12-04T15:55:49.000123", "1998-04-04T19:22:22"],
            "Unix microseconds",
        ),
        ([881250949.5, np.nan], ["1997-12-04T15:55:49.5", NAT], "Unix seconds"),
        (["881250949", "x"], ["1997-12-04T15:55:49", NAT], "Unix seconds"),
        ([20170128, 20161231], ["2017-01-28", "2016-12-31"], "days written as YYYYMMDD"),
        ([20171399, 20161231], ["1970-08-22T11:09:59", "1970-08-22T08:20:31"], "Unix seconds"),
        (["2017-01-28 19:06:53", None], ["2017-01-28T19:06:53", NAT], "text dates"),
        (
            ["2017-01-28T19:06:53+02:00", "2017-01-28T19:06:53Z"],
            ["2017-01-28T17:06:53", "2017-01-28T19:06:53"],
            "text dates",
        ),
        (["01-Jan-1995", "02-Feb-1996"], ["1995-01-01", "1996-02-02"], "text dates %d-%b-%Y"),
        (
            ["12/1/2010 8:26", "12/13/2010 9:00"],
            ["2010-12-01T08:26", "2010-12-13T09:00"],
            "text dates %m/%d/%Y %H:%M",
        ),
        (["1/12/2010", "13/12/2010"], ["2010-12-01", "2010-12-13"], "text dates %d/%m/%Y"),
        (
            ["01.02.2020 10:00", "13.02.2020 10:00"],
            ["2020-02-01T10:00", "2020-02-13T10:00"],
            "text dates %d.%m.%Y %H:%M",
        ),
        (
            ["1/2/10 8:26 PM", "1/13/10 8:26 AM"],
            ["2010-01-02T20:26", "2010-01-13T08:26"],
            "text dates %m/%d/%y %I:%M %p",
        ),
        (["Sat Jan 28 19:06:53 2017"], ["2017-01-28T19:06:53"], "text dates %a %b %d %H:%M:%S %Y"),
        ([datetime.date(2020, 1, 2), None], ["2020-01-02", NAT], "text dates"),
        (["9999-12-31", "2010-01-01"], [NAT, "2010-01-01"], "text dates"),
    ],
)  # fmt: skip
def test_by_hand(values, expected, how):
    parsed = parse_timestamps(pd.Series(values))
    assert parsed.times.dtype == "datetime64[ns]"
    np.testing.assert_array_equal(parsed.times, np.array(expected, dtype="datetime64[ns]"))
    assert parsed.how == how


def test_time_zones_become_utc():
    parsed = parse_timestamps(pd.Series([pd.Timestamp("2020-01-01 00:00", tz="Europe/Berlin")]))
    assert parsed.times[0] == np.datetime64("2019-12-31T23:00")


def test_categories_are_read_through():
    assert parse_timestamps(pd.Series(["2020-01-01"] * 3, dtype="category")).times[2] == np.datetime64(
        "2020-01-01"
    )


def test_a_repeated_text_and_a_gap_keep_their_places():
    parsed = parse_timestamps(pd.Series(["2020-01-02", None, "2020-01-01", "2020-01-02"]))
    assert [str(day)[:10] for day in parsed.times] == ["2020-01-02", "NaT", "2020-01-01", "2020-01-02"]


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None, None],
        [np.nan],
        [np.inf],
        ["Toy Story 2", "Heat"],
        ["u1", "u2"],
        ["", " "],
        ["1.2.3.4", "5.6.7.8"],
    ],
)
def test_what_is_no_moment_is_none(values):
    parsed = parse_timestamps(pd.Series(values, dtype=object))
    assert np.isnat(parsed.times).all()
    assert len(parsed.times) == len(values)
    assert parsed.how == ""


def test_day_and_month_in_doubt_is_said():
    assert "%m/%d/%Y" in parse_timestamps(pd.Series(["1/2/2010", "3/4/2010"])).note
    assert parse_timestamps(pd.Series(["1/2/2010", "13/2/2010"])).note == ""
    # 5 May is 5 May either way.
    assert parse_timestamps(pd.Series(["5/5/2010", "6/6/2010"])).note == ""


def test_numbers_too_small_for_dates_are_said_and_keep_their_order():
    parsed = parse_timestamps(pd.Series([3, 1, 2]))
    assert "only their order" in parsed.note
    assert np.argsort(parsed.times).tolist() == [1, 2, 0]


def test_one_absurd_number_does_not_move_the_others():
    parsed = parse_timestamps(pd.Series([881250949, 891717742, 10**18]))
    assert str(parsed.times[0])[:10] == "1997-12-04"
    assert np.isnat(parsed.times[2])


MOMENTS = st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2038, 1, 1))


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_seconds_survive_numbers_and_text(moments):
    exact = np.array(moments, dtype="datetime64[s]")
    seconds = pd.Series(exact.astype(np.int64))
    for column in (seconds, seconds.astype(float), seconds.astype(str), seconds * 1000, pd.Series(exact),
                   pd.Series(exact).astype(str)):  # fmt: skip
        np.testing.assert_array_equal(parse_timestamps(column).times, exact)


_PIECES = st.sampled_from(
    [*"0123456789", "12", "2020", "31", *"/-.:, \t+()", "Jan", "may", "Mon", "AM", "UTC", "x"]
)


@given(st.lists(st.lists(_PIECES, max_size=14).map("".join), min_size=1, max_size=4))
def test_a_layout_that_is_not_tried_would_not_have_fitted(texts):
    column = pd.Series(texts, dtype=object)
    tried = parse_timestamps(column)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timestamps, "_MAYBE", re.compile(".*", re.DOTALL))
        every = parse_timestamps(column)
    np.testing.assert_array_equal(tried.times, every.times)
    assert (tried.how, tried.note) == (every.how, every.note)


@given(
    st.sampled_from(timestamps._FORMATS[1:]), st.datetimes(pd.Timestamp(1970, 1, 1), pd.Timestamp(2060, 1, 1))
)
def test_what_a_layout_writes_is_taken_for_a_moment(layout, moment):
    written = moment.replace(tzinfo=datetime.UTC).strftime(layout)
    assert timestamps._MAYBE.fullmatch(written), written
    assert parse_timestamps(pd.Series([written])).how
