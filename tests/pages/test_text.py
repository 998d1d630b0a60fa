"""Words and numbers for people; text from files stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.components.text import duration, of_100, percent, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[a](b)", r"\[a\]\(b\)"),
        ("$x$ and <b>", r"\$x\$ and \<b\>"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("two\n\nlines", "two lines"),
        ("Heat, 1995: a film", "Heat, 1995: a film"),
    ],
)
def test_markdown_is_shown_letter_by_letter(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize("text", [":material/home:", ":red[x]", "http://a.b", "www.a.b", "me@a.b"])
def test_codes_and_links_are_broken_invisibly(text):
    assert "\u2060" in plain(text)
    assert re.sub(r"[\\\u2060]", "", plain(text)) == text


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "N", "P", "S"))))
def test_nothing_is_lost(text):
    assert re.sub(r"\\(.)", r"\1", plain(text).replace("\u2060", "")) == text


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0 %"), (1, "100 %"), (0.05, "5 %"), (0.016968, "1.7 %"), (0.0000123456, "0.00123 %")],
)
def test_percent_keeps_three_figures(share, shown):
    assert percent(share) == shown


def test_durations_and_shares():
    assert [duration(s) for s in (0.04, 9.94, 12.4, 185)] == ["0.0 s", "9.9 s", "12 s", "3 min 5 s"]
    assert of_100(0.7519) == "75.2 of 100"
