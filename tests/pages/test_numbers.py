"""Numbers are written one way on every screen, in every chart and in the report."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import learn_lesson
from pages.components.learn_lesson import LessonSlot
from skrec_lite.experiment.lessons import STEPS
from skrec_lite.experiment.report import html_report
from tests.experiment.lesson_run import small_lesson
from tests.experiment.report_reader import parsed
from tests.experiment.rich_result import rich_result
from tests.pages.driving import go
from tests.pages.number_rules import broken_rules

_SCREENS = ("home", "data", "train", "candidates", "rankings", "compare", "playground", "runs")
_KINDS = ("title", "subheader", "markdown", "caption", "error", "warning", "info", "success")
#: Density is a share of so many pairs that it is told in percent; decades and identifiers are names.
_ALLOWED = (r"\d[\d.]* %(?= of all pairs|$| of its best| and )", r"\b(?:19|20)\d\ds\b", r"'new \d+'")


def chart_texts(spec: str) -> Iterator[str]:
    """All that a chart says by itself: labels, hover texts, names and titles of axes."""
    chart = json.loads(spec)
    for note in chart["layout"].get("annotations", ()):
        yield note["text"]
    for name, axis in chart["layout"].items():
        if name.startswith(("xaxis", "yaxis")) and "title" in axis:
            yield axis["title"].get("text", "")
    for trace in chart["data"]:
        yield trace.get("name") or ""
        for kind in ("text", "hovertext"):
            words = trace.get(kind, ())
            yield from (
                [words] if isinstance(words, str) else (word for word in words if isinstance(word, str))
            )


def said(app: AppTest) -> Iterator[str]:
    """All that a screen says: texts, figures, charts with their descriptions, and words in tables."""
    for kind in _KINDS:
        yield from (str(element.value) for element in app.get(kind))
    for metric in app.metric:
        yield from (metric.label, str(metric.value), str(metric.delta))
    for chart in app.get("plotly_chart"):
        yield chart.proto.alt
        yield from chart_texts(chart.proto.spec)
    for table in app.dataframe:
        yield table.proto.alt
        for column in table.value:
            # What stands alone in its cell may be the name of a user or an item.
            yield from (cell for cell in table.value[column] if isinstance(cell, str) and not cell.isdigit())


@pytest.mark.parametrize("screen", _SCREENS)
def test_a_screen_writes_its_numbers_by_the_rules(finished_app, screen):
    app = go(finished_app, screen)
    assert not app.exception
    assert broken_rules(said(app), _ALLOWED) == []


def test_so_does_every_section_of_compare(finished_app):
    app = go(finished_app, "compare")
    names = [tab.label for tab in app.tabs]
    assert len(names) >= 10
    for name in names:
        app.query_params["section"] = name
        app.run()
        assert not app.exception
        assert broken_rules(said(app), _ALLOWED) == [], name


def test_so_does_every_step_of_the_tour(app, monkeypatch):
    slot = LessonSlot(small_lesson())
    monkeypatch.setattr(learn_lesson, "lesson_slot", lambda: slot)
    learn = go(app, "learn")
    for key in STEPS:
        learn.segmented_control(key="step").set_value(key).run()
        learn.button(key=f"learn_show_{key}").click().run()
        assert not learn.exception
        assert broken_rules(said(learn), _ALLOWED) == [], key


def test_so_does_the_report():
    page = parsed(html_report(rich_result()))
    texts = [text for text in page.texts if "import " not in text and "{" not in text]
    assert broken_rules(texts, _ALLOWED) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1234567 interactions", "thousands are separated"),
        ("a loss of 1.2e+06", "no powers of ten"),
        ("found 12.3 % of them", "percent is for"),
        ("recall@10 0.123", "recall is told of 100"),
        ("nDCG@10 0.1234", "nDCG has three digits"),
        ("took 12s", "a space before a unit"),
        ("took 12 seconds", "seconds are s"),
        ("nan of them", "a dash"),
        ("at k=10", "with spaces"),
        ("61.25 of 100 items", "one digit"),
    ],
)
def test_a_rule_finds_what_it_is_for(text, rule):
    assert any(rule in broken for broken in broken_rules([text]))


def test_what_is_right_breaks_no_rule():
    right = [
        "1,234,567 interactions in 2024", "61.2 of 100 (95 % interval 59.3 to 63.5)", "nDCG@10 0.123",
        "12 s, 3 min 5 s and 0.38 ms", "within 200 candidates, k = 10", "http://127.0.0.1:8501/?user=12345",
    ]  # fmt: skip
    assert broken_rules(right) == []
