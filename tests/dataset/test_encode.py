"""From a file to arrays: the short way gives what the long way gives."""

import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skrec_lite.constants import TIMESTAMP_COL
from skrec_lite.dataset import encode, encode_plain
from skrec_lite.dataset.columns.mapping import (
    ColumnMapping,
    apply_interaction_mapping,
    guess_interaction_columns,
)
from skrec_lite.dataset.encode import encode_interactions
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.exceptions import Cancelled, InvalidDataError

RATINGS = (
    b"userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n10,31,4.0,835355493\n"
)


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch):
    monkeypatch.setattr(encode, "LARGE_BYTES", 0)


@pytest.fixture
def short_ways(monkeypatch):
    """Count how often the short way was taken to its end."""
    taken = []
    whole = encode_plain.encode_plain

    def counted(*args):
        answer = whole(*args)
        taken.append(answer is not None)
        return answer

    monkeypatch.setattr(encode_plain, "encode_plain", counted)
    return taken


def the_long_way(data, mapping):
    read = read_table(data)
    mapping = guess_interaction_columns(read.frame) if mapping is None else mapping
    mapped = apply_interaction_mapping(read.frame, mapping)
    times = mapped.frame[TIMESTAMP_COL].to_numpy() if TIMESTAMP_COL in mapped.frame else None
    return EncodedInteractions.from_frame(mapped.frame), times, read.notes + mapped.notes


def assert_same(data, mapping=None):
    answers = []
    for way in (the_long_way, encode_interactions):
        try:
            answers.append(way(data, mapping))
        except InvalidDataError as error:
            answers.append(str(error))
    if isinstance(answers[0], str):
        assert answers[1] == answers[0]
        return
    (expected, times, notes), log = answers
    assert log.encoded.users == expected.users
    assert log.encoded.items == expected.items
    for name in ("user_index", "item_index", "outcome"):
        ours, theirs = getattr(log.encoded, name), getattr(expected, name)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    if times is None:
        assert log.times is None
    else:
        assert log.times.dtype == times.dtype == "datetime64[ns]"
        np.testing.assert_array_equal(log.times, times)
    assert log.notes == notes


def table(*rows, header="user,item,rating,time"):
    return "\n".join([header, *rows]).encode()


def test_by_hand(short_ways):
    log = encode_interactions(RATINGS)
    assert short_ways == [True]
    assert log.encoded.users.ids.tolist() == ["1", "10"]
    assert log.encoded.items.ids.tolist() == ["1029", "31"]  # sorted as text
    assert log.encoded.user_index.tolist() == [0, 0, 1]
    assert log.encoded.item_index.tolist() == [1, 0, 1]
    assert log.encoded.outcome.tolist() == [2.5, 3.0, 4.0]
    assert log.times.astype("datetime64[s]").astype(int).tolist() == [1260759144, 1260759179, 835355493]
    assert "Timestamps in 'timestamp' were read as Unix seconds." in log.notes


@pytest.mark.parametrize(
    ("rows", "short"),
    [
        (["1,2,3,1260759144", "2,2,4,1260759145"], True),
        (["1,2,3,1260759144", "1,2,3,1260759144", "1,2,5,1260759144"], True),  # repeated pairs
        (["-3,10,3.5,1260759144", "2,9,4.5,1260759145"], True),
        (["a,x,3,1260759144", "B,X,4,1260759145", "b,é,4,1260759146"], True),
        (["007,x,3,1260759144", "7,x,4,1260759145"], True),
        (["7.0,x,3,1260759144", "8.0,y,4,1260759145"], True),
        ([" 7,x,3,1260759144", "8 ,y,4,1260759145"], True),
        (["1e5,x,3,1260759144", "8,y,4,1260759145"], True),
        (["9007199254740993,x,3,1260759144", "9007199254740992,y,4,1260759145"], True),
        (["9223372036854775807,-9223372036854775807,3,1260759144", "1,2,4,1260759145"], True),
        (["1,2,3,1260759144000", "2,2,4,1260759145000"], True),  # milliseconds
        (["1,2,3,1260759144", "2,2,4,1260759145000"], True),  # seconds and milliseconds
        (["1,2,3,20170128", "2,2,4,20170129"], True),
        (["1,2,3,20170128", "2,2,4,20179999"], True),
        (["1,2,3,1", "2,2,4,0"], True),
        (["1,2,3,-5", "2,2,4,1260759145"], True),
        (["1,2,3,1260759144.5", "2,2,4,1260759145.25"], True),
        (["1,2,3,2017-01-28", "2,2,4,2017-01-29"], True),
        (["1,2,3,3/4/2017", "2,2,4,5/6/2017"], True),
        (["1,2,16777217,1260759144", "2,2,16777219,1260759145"], True),
        (["5000000000,2,3,1260759144", "1,2,4,1260759145"], True),  # ids beyond int32
        (["1,2,3,1260759144"] * 1100 + ["5000000000,2,3,1260759145"], True),  # only beyond the sample
        (["1,2,3,1260759144"] * 1100 + ["x,2,3,1260759144"], True),  # text beyond the sample
        (["1,2,3,1260759144"] * 1100 + ["1,2,3.5,1260759144"], True),
        # What is out of the ordinary goes the long way.
        ([",2,3,1260759144", "2,2,4,1260759145"], False),
        (["1,2,,1260759144", "2,2,4,1260759145"], False),
        (["1,2,3,", "2,2,4,1260759145"], False),
        (["1,2,3,9999999999999999999", "2,2,4,1260759145"], False),
        (["1,2,9007199791611905,1260759144", "2,2,4,1260759145"], False),
        (["NA,2,3,1260759144", "2,2,4,1260759145"], False),
        (["a,  ,3,1260759144", "b,x,4,1260759145"], False),
        (["a,x,good,1260759144", "b,x,bad,1260759145"], False),
        (["a,x,1e400,1260759144", "b,x,2,1260759145"], False),
        (['"a",x,3,1260759144', "b,x,4,1260759145"], False),
        (["9e+05,x,3,1260759144", "7,y,4,1260759145"], False),  # as R writes 900000
        (["a,x,3", "b,x,4,1260759145"], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("drop", [False, True])
def test_all_sorts_of_cells(rows, short, drop, short_ways):
    mapping = ColumnMapping("user", "item", "rating", "time", drop_bad_rows=drop)
    assert_same(table(*rows), mapping)
    assert short_ways == [short]


@pytest.mark.parametrize(
    ("mapping", "short"),
    [
        (ColumnMapping("item", "user"), True),
        (ColumnMapping("user", "item", None, "time"), True),
        (ColumnMapping("user", "item", "rating", "time", time_format="ms"), True),
        (ColumnMapping("user", "item", "rating", likes_from=4.0), False),
        (ColumnMapping("user", "rating", event="item", event_weights={"2": 1.0, "3": 0.0}), False),
        (ColumnMapping("user", "user"), False),
        (ColumnMapping("user", None), False),
        (ColumnMapping("user", "thing"), False),
        (None, True),
    ],
)
def test_all_sorts_of_mappings(mapping, short, short_ways):
    assert_same(table("1,2,3,1260759144", "2,2,4,1260759145", "2,3,4.5,1260759146"), mapping)
    assert short_ways == [short]


CELLS = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.sampled_from(["007", "7", "7.0", " 7", "1e5", "NA", "", "x", "é", "-0", "9007199254740993", "9e+05"]),
)
IDS = st.sampled_from([st.integers(0, 30).map(str), st.text("abcé", min_size=1, max_size=20), CELLS])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.booleans(), st.sampled_from([",", "\t", "::"]))
def test_the_short_way_is_the_long_way(data, drop, separator):
    users, items = data.draw(IDS), data.draw(IDS)
    outcomes = st.sampled_from(["1", "4.5", "3.0", "2"])
    times = st.one_of(st.integers(10**9, 2 * 10**9).map(str), st.just("2017-01-28"))
    rows = data.draw(st.lists(st.tuples(users, items, outcomes, times), min_size=1, max_size=12))
    lines = [separator.join(row) for row in rows]
    content = table(*lines, header=separator.join(["user", "item", "rating", "time"]))
    assert_same(content, ColumnMapping("user", "item", "rating", "time", drop_bad_rows=drop))


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "gzip"])
def test_every_kind_of_source(tmp_path, kind, short_ways):
    path = tmp_path / "ratings.csv"
    path.write_bytes(gzip.compress(RATINGS) if kind == "gzip" else RATINGS)
    log = encode_interactions({"path": path, "str": str(path), "bytes": RATINGS, "gzip": path}[kind])
    assert log.encoded.items.ids.tolist() == ["1029", "31"]
    assert short_ways == [kind != "gzip"]


def test_other_formats_are_left_to_read_table(short_ways):
    # RecBole's header, adjacency lines, JSON lines: all could pass for plain text.
    for data in (
        b"user_id:token\titem_id:token\trating:float\n1\t2\t3\n2\t3\t4\n",
        b'{"user": 1, "item": 2}\n{"user": 2, "item": 2}\n',
        b"1 2 3\n1 3 4\n2 3 5\n",
    ):
        assert_same(data)
    assert not any(short_ways)


def test_no_such_file(tmp_path):
    with pytest.raises(InvalidDataError, match="no file or folder"):
        encode_interactions(tmp_path / "nothing.csv")


def test_messages_name_the_file(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(RATINGS + b"1,2\n")
    with pytest.raises(InvalidDataError, match=r"log\.csv: line 5 has 2 cells"):
        encode_interactions(path)
    with pytest.raises(InvalidDataError, match=r"mine: line 5"):
        encode_interactions(path, name="mine")


@pytest.mark.parametrize("data", [RATINGS, RATINGS + b"1,,3,4\n"])
def test_progress_rises_and_cancel_ends(data):
    told = []
    mapping = ColumnMapping("userId", "movieId", "rating", "timestamp", drop_bad_rows=True)
    encode_interactions(data, mapping, progress=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    asked = []

    def cancel():
        asked.append(None)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        encode_interactions(data, mapping, cancel=cancel)
    assert len(asked) == 4


def test_the_times_do_not_keep_other_columns_in_memory():
    base = encode_interactions(RATINGS).times.base
    assert base is None or base.size < 3 + 3
