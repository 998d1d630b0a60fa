"""Words for labels and sentences: cut at words, counted, listed, and never read as marks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.components.text import bullets, counted, in_chart, listed, plain, shortened


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("A Grave Matter", 14, "A Grave Matter"),
        ("A Grave Matter in Wexcombe", 16, "A Grave Matter…"),
        ("A Grave Matter: Part Two", 16, "A Grave Matter…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
    ],
)
def test_long_titles_are_cut_at_a_word_where_one_is_near(text, longest, expected):
    assert shortened(text, longest) == expected


@settings(deadline=None)
@given(st.text(), st.integers(2, 40))
def test_what_is_cut_fits(text, longest):
    assert len(shortened(text, longest)) <= longest


def test_chart_labels_hold_no_marks():
    assert in_chart("<b>x</b> &  y\n") == "&lt;b&gt;x&lt;/b&gt; &amp; y"
    assert in_chart("<a href='z'>long title</a>", 6) == "&lt;a hr…"


def test_numbers_with_their_nouns():
    assert counted(1, "user") == "1 user"
    assert counted(0, "hit") == "0 hits"
    assert counted(2000, "history", "histories") == "2,000 histories"


def test_lists_in_prose():
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_bullets_show_each_sentence_as_it_is():
    assert bullets(["one", "**two**"]) == f"- one\n- {plain('**two**')}"
