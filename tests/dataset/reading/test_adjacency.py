"""Adjacency lines become pairs; tables are not taken for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading import read_table
from skrec_lite.dataset.reading.adjacency import is_adjacency, read_adjacency
from skrec_lite.exceptions import InvalidDataError


def pairs(read):
    return list(zip(as_id_strings(read.frame["user"]), as_id_strings(read.frame["item"]), strict=True))


def test_by_hand():
    read = read_table(b"0 5 6\n1 7\n3\n2 5\n", "train.txt")
    assert read.frame.to_dict("list") == {"user": [0, 0, 1, 2], "item": [5, 6, 7, 5]}
    assert "4 lines, 4 pairs" in read.notes[0]
    assert read.notes[1].startswith("1 lines name a user without items")


def test_ids_are_kept_as_they_are():
    read = read_table(b"007 9007199254740993 i1\n7 i01 1e5 1.0\n")
    assert pairs(read) == [
        ("007", "9007199254740993"), ("007", "i1"), ("7", "i01"), ("7", "1e5"), ("7", "1.0"),
    ]  # fmt: skip


WORD = st.text("abAB01-._é", min_size=1, max_size=5)
LINES = st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=10)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([" ", "\t", "  "]), st.booleans())
def test_against_a_plain_loop(lines, end, gap, last_end):
    expected = [(words[0], item) for words in lines for item in words[1:]]
    text = end.join(gap.join(words) for words in lines) + end * last_end
    if not expected:
        with pytest.raises(InvalidDataError, match="no items"):
            read_adjacency(text.encode(), "x")
        return
    read = read_adjacency(text.encode(), "x")
    if read.frame["user"].dtype == "str" and read.frame["item"].dtype == "str":
        assert pairs(read) == expected
    else:
        plain = [(user.removesuffix(".0"), item.removesuffix(".0")) for user, item in expected]
        assert [(u.removesuffix(".0"), i.removesuffix(".0")) for u, i in pairs(read)] == plain
    empty = sum(len(words) == 1 for words in lines)
    assert any(note.startswith(f"{empty} lines") for note in read.notes) == (empty > 0)


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"0 5 6\n1 7\n", "x", True),
        (b"0 5 6\n1 7 8 9 1", "x", False),  # one whole line is no evidence
        (b"0 5 6 7\n1 7 8 9\n", "test.txt", True),
        (b"0 5 6 7\n1 7 8 9\n", "x.txt", False),
        (b"0 5 6 7\n0 7 8 9\n", "train.txt", False),
        (b"0 5 6\n1 7 8\n", "train.txt", False),  # user, item, rating
        (b"0 5\n1 7\n", "train.txt", False),
        (b"org_id remap_id\n343 0\n5258 1\n", "user_list.txt", False),
        (b"1 2,5\n2 3,5 6\n", "x", False),
        (b"1\t2\t3\n4\t5\n", "x", True),
        (b"some text\nand more text\n", "x", False),
        (b"943 users\n1682 items\n", "x", False),
        (b"1 2 3\n1 3 4\n2 5\n", "x", False),  # a table with a broken line
        (b"", "train.txt", False),
        (b"0 1 2 3 4 5", "train.txt", True),
        (b"\xef\xbb\xbf0 5 6\n1 7\n", "x", True),
    ],
)
def test_recognised_or_not(head, name, expected):
    assert is_adjacency(head, name) is expected


def test_a_table_can_be_asked_for():
    with pytest.raises(InvalidDataError, match="line"):
        read_table(b"0 5 6\n1 7 8\n2 4\n", separator=" ")


@pytest.mark.parametrize("gap", [" ", "   "])
def test_tables_separated_by_blanks(gap):
    read = read_table(gap.join(["org_id", "remap_id\n343"]).encode() + f"{gap}0 \r\n 007{gap}1\r\n".encode())
    assert read.frame.to_dict("list") == {"org_id": ["343", "007"], "remap_id": [0, 1]}
    assert "separated by blanks" in read.notes[-1]


def test_names_of_two_words_are_one_column_where_one_will_do():
    assert read_table(b"name\nJohn Smith\nJane Doe\n", min_columns=1, header=True).frame.shape == (2, 1)
    assert read_table(b"John Smith\nJane Doe\n", min_columns=1, header=False).frame.shape == (2, 1)
    assert read_table(b"user item\n1 2\n3 4\n", min_columns=1).frame.shape == (2, 2)
