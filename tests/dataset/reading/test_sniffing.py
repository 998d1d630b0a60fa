"""Guessing the layout of a text table."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skrec_lite.dataset.reading.sniffing import Layout, first_row_is_header, guess_layout, split_records

CELL = st.from_regex(r"[a-z]{1,6}[0-9]{0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["1,2,3", "4,5,6"], Layout(",", True, 3)),
        (["1\t2\t3", "4\t5\t6"], Layout("\t", True, 3)),
        (["1;2,5;3", "4;5,5;6"], Layout(";", True, 3)),
        (["1|2|3", "4|5|6"], Layout("|", True, 3)),
        (["1::2::3", "4::5::6"], Layout("::", False, 3)),
        # Tags in a cell are no columns, even where each row has the same number of them.
        (["id,genres", "1,a|b", "2,c|d"], Layout(",", True, 2)),
        (["1,t,a|b", "2,u,c|d"], Layout(",", True, 3)),
        # A comma within quotation marks separates nothing.
        (['1,"b, c",3', "4,5,6"], Layout(",", True, 3)),
        (["1::Star Wars: a, b::x|y", "2::Heat::z"], Layout("::", False, 3)),
        # Decimal commas: both separators split evenly.
        (["1;2,5", "3;4,5"], Layout(";", True, 2)),
        # One line that does not fit does not change what the file is.
        (["1,2,3"] * 20 + ["1,2,3,4"], Layout(",", True, 3)),
        # An inch mark is no quotation mark.
        (['1\t"tv 5', "2\tb", "3\tc"], Layout("\t", False, 2)),
    ],
)
def test_layouts_by_hand(lines, expected):
    assert guess_layout(lines) == expected


@pytest.mark.parametrize("lines", [[], ["abc"], ["a", "b", "c"], ["one two", "three"]])
def test_no_separator(lines):
    assert guess_layout(lines) is None


@given(
    st.sampled_from([",", "\t", ";", "|", "::"]),
    st.integers(2, 6).flatmap(
        lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=2, max_size=12)
    ),
)
def test_any_plain_table_is_understood(separator, rows):
    layout = guess_layout([separator.join(cells) for cells in rows])
    assert layout is not None
    assert (layout.separator, layout.n_columns) == (separator, len(rows[0]))


def test_records_may_span_lines():
    records = split_records(['a,"b', 'c",d', "e,f,g"], ",", True)
    assert [len(cells) for cells in records] == [3, 3]
    assert records[1] == ["e", "f", "g"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([["userId", "movieId", "rating"], ["1", "2", "3.5"]], True),
        ([["196", "242", "3"], ["186", "302", "3"]], False),
        # ml-100k u.user and u.genre
        ([["1", "24", "M", "technician"], ["2", "53", "F", "other"]], False),
        ([["unknown", "0"], ["Action", "1"]], False),
        # The index column that pandas writes has no name.
        ([["", "user", "item"], ["0", "a", "b"], ["1", "c", "d"]], True),
        # Years as column names stand above numbers, but so does a word.
        ([["city", "pop", "2019"], ["a", "1", "5"], ["b", "2", "6"]], True),
        # Text only.
        ([["user", "item"], ["ann", "apple"], ["bob", "pear"]], True),
        ([["u1", "i9"], ["u2", "i7"], ["u3", "i7"]], False),
        ([["ann", "apple"], ["bob", "pear"], ["ann", "pear"]], False),
        ([["ann", ""], ["bob", "x"]], False),
        ([["ann", "ann"], ["bob", "x"]], False),
        ([["foo", "bar"], ["ann", "apple"]], True),
        ([["u1", "The Movie"], ["u2", "Heat"]], False),
        ([["2017-01-28", "x1"], ["2017-02-28", "x2"]], False),
        # A missing number in the first row of data is no column name.
        ([["1", "NA"], ["2", "3"], ["4", "5"]], False),
        # A bad cell further down does not make a column text.
        ([["user", "n"], *[["1", "2"]] * 20, ["x", "3"]], True),
        # One line only.
        ([["user_id", "item_id"]], True),
        ([["196", "242"]], False),
    ],
)
def test_headers_by_hand(records, expected):
    assert first_row_is_header(records) is expected


@given(st.lists(st.tuples(CELL, st.integers(), st.integers()), min_size=1, max_size=20))
def test_a_header_above_numbers_is_found_and_its_absence_too(rows):
    records = [[name, str(a), str(b)] for name, a, b in rows]
    assume(records[0][0] not in ("id", "no"))
    assert first_row_is_header([["foo", "bar", "baz"], *records])
    assert not first_row_is_header(records)
