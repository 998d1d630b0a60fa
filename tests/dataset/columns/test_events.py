"""Kinds of events and what they count; likes; how times are written; users."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.columns.events import guess_weights, weigh
from skrec_lite.dataset.columns.mapping import (
    ColumnMapping,
    UserMapping,
    apply_interaction_mapping,
    apply_user_mapping,
    guess_interaction_columns,
    guess_user_columns,
)
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError

EVENTS = pd.DataFrame(
    {
        "visitor": ["a", "a", "b", "b", "c"],
        "product": ["x", "y", "x", "x", "y"],
        "event": ["view", "addtocart", "view", "transaction", "remove_from_cart"],
        "n": [1, 2, 1, 3, 1],
    }
)


@pytest.mark.parametrize(
    ("kinds", "weights"),
    [
        (["view", "addtocart", "transaction"], [1, 3, 5]),
        (["pv", "cart", "fav", "buy"], [1, 3, 3, 5]),
        (["Product Viewed", "Added To Cart", "Order Completed"], [1, 3, 5]),
        (["view", "remove_from_cart", "Refunded"], [1, 0, 0]),
        (["IMPRESSION", "click", "zzz"], [1, 1, 1]),
    ],
)
def test_usual_words_have_their_usual_weights(kinds, weights):
    found = guess_weights(pd.Series(kinds))
    assert [found[kind] for kind in kinds] == weights


def test_kinds_that_say_nothing_can_be_left_out():
    assert guess_weights(pd.Series(["view", "zzz"]), only_known=True) == {"view": 1.0}


def test_weights_by_hand():
    assert weigh(pd.Series(["a", "b", None, "c"]), {"a": 2.0, "b": 0.5}).tolist()[:2] == [2.0, 0.5]
    assert np.isnan(weigh(pd.Series(["a", None]), {"a": 2.0})[1])
    assert weigh(pd.Series(["c"]), {"a": 2.0}).tolist() == [0.0]


def test_events_are_guessed_and_weighed():
    mapping = guess_interaction_columns(pd.concat([EVENTS] * 5, ignore_index=True))
    assert (mapping.user, mapping.item, mapping.event) == ("visitor", "product", "event")
    assert mapping.event_weights == {
        "transaction": 5.0,
        "addtocart": 3.0,
        "view": 1.0,
        "remove_from_cart": 0.0,
    }
    assert "kinds of events" in mapping.reasons["event"]


def test_events_count_and_those_of_weight_zero_are_left_out():
    weights = {"view": 1.0, "addtocart": 3.0, "transaction": 5.0}
    mapping = ColumnMapping("visitor", "product", event="event", event_weights=weights)
    mapped = apply_interaction_mapping(EVENTS, mapping)
    assert mapped.frame["OUTCOME"].tolist() == [1, 3, 1, 5]
    assert any("1 of 5 rows are events that count for nothing" in note for note in mapped.notes)


def test_an_outcome_is_multiplied_by_the_weight_of_its_event():
    weights = {"view": 1.0, "addtocart": 3.0, "transaction": 5.0, "remove_from_cart": 0.0}
    mapping = ColumnMapping("visitor", "product", "n", event="event", event_weights=weights)
    assert apply_interaction_mapping(EVENTS, mapping).frame["OUTCOME"].tolist() == [1, 6, 1, 15]


def test_an_empty_event_is_named():
    frame = EVENTS.assign(event=["view", None, "view", "view", "view"])
    mapping = ColumnMapping("visitor", "product", event="event", event_weights={"view": 1.0})
    with pytest.raises(InvalidDataError, match="'event' names no kind of event in 1 of 5 rows"):
        apply_interaction_mapping(frame, mapping)


def test_nothing_left_is_said():
    mapping = ColumnMapping("visitor", "product", event="event", event_weights={})
    with pytest.raises(InvalidDataError, match="every row counts for nothing"):
        apply_interaction_mapping(EVENTS, mapping)


@given(st.lists(st.floats(-5, 5, allow_nan=False), min_size=1, max_size=30), st.floats(-5, 5))
def test_likes_are_those_from_the_limit_on(outcomes, limit):
    frame = pd.DataFrame({"u": range(len(outcomes)), "i": 1, "r": outcomes})
    mapping = ColumnMapping("u", "i", "r", likes_from=limit)
    liked = [str(user) for user, outcome in enumerate(outcomes) if outcome >= limit]
    if not liked:
        with pytest.raises(InvalidDataError):
            apply_interaction_mapping(frame, mapping)
        return
    mapped = apply_interaction_mapping(frame, mapping).frame
    assert mapped["USER_ID"].tolist() == liked
    assert set(mapped["OUTCOME"]) == {1.0}
    assert mapped.index.tolist() == list(range(len(liked)))


@pytest.mark.parametrize(
    ("cells", "time_format", "moment"),
    [
        ([1_000_000_000], "s", "2001-09-09 01:46:40"),
        ([1_000_000_000], "ms", "1970-01-12 13:46:40"),
        ([20170128], "s", "1970-08-22 10:48:48"),
        ([20170128], "auto", "2017-01-28"),
        (["3/4/2020"], "day_first", "2020-04-03"),
        (["3/4/2020"], "month_first", "2020-03-04"),
        (["03.04.2020 10:30"], "day_first", "2020-04-03 10:30"),
        (["2020-04-03"], "day_first", "2020-04-03"),
    ],
)
def test_how_times_are_written_can_be_said(cells, time_format, moment):
    assert parse_timestamps(pd.Series(cells), time_format).times[0] == np.datetime64(pd.Timestamp(moment))


def test_an_unknown_way_of_writing_times_is_refused():
    with pytest.raises(InvalidParameterError, match="time_format"):
        parse_timestamps(pd.Series([1]), "weeks")


def test_users_by_hand():
    frame = pd.DataFrame({"name": ["Ann", "Bo", "Cy"], "uid": ["007", "8", "8"], "age": [30, 40, 50]})
    mapping = guess_user_columns(frame, ["007", "8"])
    assert mapping.user == "uid"
    assert "holds 100% of the user ids" in mapping.reasons["user"]
    mapped = apply_user_mapping(frame, mapping)
    assert mapped.frame["USER_ID"].tolist() == ["007", "8"]
    assert mapped.frame["age"].tolist() == [30, 40]
    assert any("1 rows repeat a user id" in note for note in mapped.notes)


def test_users_without_an_id_are_named():
    with pytest.raises(InvalidDataError, match="has no user id in 1 of 2 rows"):
        apply_user_mapping(pd.DataFrame({"uid": ["a", None]}), UserMapping("uid"))
