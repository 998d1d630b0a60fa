"""RecBole's atomic files."""

import numpy as np
import pytest

from skrec_lite.dataset.reading import read_table
from skrec_lite.exceptions import InvalidDataError

ITEMS = (
    b"item_id:token\tgenre:token_seq\tprice:float\tvec:float_seq\n"
    b"007\tAction Comedy\t1.50\t0.1 0.2\n1e5\t\t\t1\n"
)


def test_by_hand():
    read = read_table(ITEMS, "x.item")
    assert read.frame.columns.tolist() == ["item_id", "genre", "price"]
    assert read.frame["item_id"].tolist() == ["007", "1e5"]
    assert read.frame["genre"].iloc[0] == "Action|Comedy"
    assert read.frame["genre"].isna().tolist() == [False, True]
    np.testing.assert_array_equal(read.frame["price"], [1.5, np.nan])
    assert read.notes[0].startswith("RecBole atomic file")
    assert any("'vec'" in note and "left out" in note for note in read.notes)


def test_tokens_are_never_numbers():
    frame = read_table(b"user_id:token\titem_id:token\n1\t7.0\n2\tNA\n").frame
    assert frame["user_id"].tolist() == ["1", "2"]
    assert frame["item_id"].tolist() == ["7.0", "NA"]


def test_an_element_with_a_bar():
    frame = read_table(b"i:token\tg:token_seq\n1\ta|b c\n2\td\n").frame
    assert frame["g"].tolist() == ['["a|b", "c"]', '["d"]']


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"a:token\tb:float\n1\t2\n3\n", "line 3 has 1 cells where the header has 2"),
        (b"a:token\tb:float\n1\t2\n3\tx\n", "'b' is declared float, but row 2 holds 'x'"),
        (b"a:token\ta:float\n1\t2\n", "same name"),
        (b"a:token\tb:float\n", "no rows"),
    ],
)
def test_broken(data, match):
    with pytest.raises(InvalidDataError, match=match):
        read_table(data)
