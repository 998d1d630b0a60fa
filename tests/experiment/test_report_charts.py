"""Charts lie where the values are, and markup holds whatever it is given."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.experiment.report import looks, svg
from skrec_lite.experiment.report.charts import (
    Line,
    Mark,
    Part,
    Row,
    Spot,
    interval_chart,
    line_chart,
    spot_chart,
    stacked_chart,
)
from skrec_lite.experiment.report.label_places import spread
from skrec_lite.experiment.report.markup import Html, table, tag, text
from skrec_lite.experiment.report.svg import Scale
from skrec_lite.experiment.report.theme import CSS
from skrec_lite.metrics import Interval

finite = st.floats(-1e6, 1e6)


def drawn(chart):
    return ElementTree.fromstring(chart)


def points(path):
    return np.array([[float(a), float(b)] for a, b in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d"))])


def labels(chart):
    return {element.text: element for element in drawn(chart).iter("text")}


# --- markup


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_only_text(given):
    element = ElementTree.fromstring(tag("p", given, title=given))
    assert not len(element)
    shown = "".join(element.itertext())
    kept = [a == b for a, b in zip(given, shown, strict=False) if b != "\ufffd" and a not in "\r"]
    assert all(kept)
    assert set(element.attrib) == {"title"}


def test_markup_by_hand():
    assert tag("p", "a < b & c", None, 3, ["x", tag("b", "y")]) == "<p>a &lt; b &amp; c3x<b>y</b></p>"
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8"/>'
    assert (
        tag("td", class_="n", aria_label='"q"', id=None) == '<td class="n" aria-label="&quot;q&quot;"></td>'
    )
    assert tag("rect", x=1.23456, y=2.0) == '<rect x="1.23" y="2"/>'
    assert text(Html("<b>")) == "<b>"


def test_a_table_by_hand():
    made = drawn(table("<i>", ("", "a"), [("r", "1 < 2")]))
    assert made.get("aria-label") == "<i>"
    assert "".join(made.find("table/caption").itertext()) == "<i>"
    assert [cell.text for cell in made.find("table/tbody/tr")] == ["r", "1 < 2"]


# --- scales


@given(finite, st.floats(1e-3, 1e6), st.floats(0, 1))
def test_a_scale_goes_evenly_from_end_to_end(low, size, share):
    scale = Scale(low, low + size, 30, 700)
    np.testing.assert_allclose(scale([low, low + size]), [30, 700], atol=1e-6)
    assert float(scale(low + share * size)) == pytest.approx(
        30 + 670 * share, abs=1e-3 * (1 + abs(low) / size)
    )
    assert all(low - 1e-6 * size <= value <= low + size * (1 + 1e-6) for value in scale.ticks())
    assert 2 <= len(scale.ticks()) <= 8


@given(st.floats(0.01, 1e4), st.floats(1.5, 1e4), st.floats(0, 1))
def test_a_logarithmic_scale_goes_evenly_in_factors(low, factor, share):
    scale = Scale(low, low * factor, 30, 700, is_log=True)
    assert float(scale(low * factor**share)) == pytest.approx(30 + 670 * share, abs=1e-6)
    ticks = scale.ticks()
    assert all(low <= value <= low * factor * (1 + 1e-9) for value in ticks)
    assert all(float(f"{value:.6e}".split("e")[0]) in (1.0, 2.0, 5.0) for value in ticks)


def test_a_scale_of_one_value_is_one_unit_long():
    assert Scale(0, 0, 30, 700).ticks() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert float(Scale(1, 1, 30, 700, is_log=True)(1)) == 30


@given(st.text(min_size=1), st.floats(20, 400))
def test_names_are_cut_to_their_room(name, room):
    cut = svg.fitted(name, room)
    assert svg.width_of(cut) <= room
    assert cut == name if svg.width_of(name) <= room else cut.endswith("…")


def test_ticks_by_hand():
    assert Scale(0, 105, 0, 1).ticks() == [0, 20, 40, 60, 80, 100]
    assert Scale(-0.07, 0.05, 0, 1).ticks() == pytest.approx([-0.06, -0.04, -0.02, 0, 0.02, 0.04])
    assert Scale(1, 200, 0, 1, is_log=True).ticks() == [1, 2, 5, 10, 20, 50, 100, 200]


@given(st.lists(st.floats(0, 400), min_size=1, max_size=8), st.floats(1, 30))
def test_labels_keep_their_distance_and_their_order(wanted, gap):
    placed = spread(wanted, gap)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(np.array(placed)[order]) >= gap - 1e-6).all()
    assert np.mean(placed) == pytest.approx(np.mean(wanted)), "moved as little as can be, and not to one side"
    if all(b - a >= gap for a, b in pairwise(sorted(wanted))):
        np.testing.assert_allclose(placed, wanted, atol=1e-9)


# --- charts


def curves():
    k = np.array([1, 10, 100])
    return [
        Line("embedding", k, np.array([10.0, 40, 80]), k * 0 + 5.0, k * 0 + 90.0, marks=(1,)),
        Line("popularity", k, np.array([10.0, 20.0, 30.0])),
        Line("", k, np.array([0.0, 1.0, 2.0]), label="Random"),
    ]  # fmt: skip


@pytest.mark.parametrize("width", [720, 350])
def test_a_curve_lies_where_its_values_are(width):
    chart = line_chart(width, curves(), "Words", "k", "found", y_range=(0, 100), ceiling=(95.0, "ceiling 95"))
    root = drawn(chart)
    embedding, popularity, _ = [path for path in root.iter("path") if path.get("fill") == "none"]
    # Over a logarithmic axis 1, 10 and 100 are equally far apart; heights are linear.
    x, y = points(embedding).T
    assert x[2] - x[1] == pytest.approx(x[1] - x[0], abs=0.11)
    assert (y[0] - y[1]) / 30 == pytest.approx((y[1] - y[2]) / 40, abs=0.02)
    np.testing.assert_allclose(points(popularity)[0], points(embedding)[0])
    assert (embedding.get("stroke"), embedding.get("stroke-dasharray")) == ("#0072B2", None)
    assert (popularity.get("stroke"), popularity.get("stroke-dasharray")) == ("#D55E00", "2 4")
    (band,) = [path for path in root.iter("path") if path.get("fill-opacity")]
    assert len(points(band)) == 6
    (mark,) = list(root.iter("circle"))
    np.testing.assert_allclose(
        [float(mark.get("cx")), float(mark.get("cy"))], points(embedding)[1], atol=0.06
    )
    assert {"Embedding", "Popularity", "Random", "ceiling 95", "k", "found"} <= set(labels(chart))
    for element in root.iter("text"):
        if element.get("text-anchor") == "start":
            assert float(element.get("x")) + 7.6 * len(element.text) <= width, "no name is cut off"
    assert root.get("viewBox").split()[2] == str(width)


def test_whiskers_reach_from_low_to_high_and_the_zero_line_is_at_zero():
    rows = [
        Row("a less b", (Mark("content", Interval(10, 5, 15)),), "+10"),
        Row("c less d", (Mark("popularity", Interval(-5, -10, 0)),), "-5", is_open=True),
        Row("one user", (Mark("embedding", Interval(3, float("nan"), float("nan"))),)),
    ]
    root = drawn(interval_chart(720, rows, "Words", "difference"))
    first, second = [points(path)[:2, 0] for path in root.iter("path")]
    (zero,) = [float(line.get("x1")) for line in root.iter("line") if line.get("class") == "zero"]
    per_unit = (first[1] - first[0]) / 10
    np.testing.assert_allclose(first, [zero + 5 * per_unit, zero + 15 * per_unit], atol=0.11)
    np.testing.assert_allclose(second, [zero - 10 * per_unit, zero], atol=0.11)
    square, triangle = list(root.iter("polygon"))
    assert square.get("fill") == "#009E73"
    assert triangle.get("fill") == "var(--paper)"
    assert len(list(root.iter("circle"))) == 1, "one user has a mark and no whisker"


def test_a_long_label_leaves_room_for_the_figures_beside_it():
    row = Row(
        "A category with a name of its own " * 5, (Mark("content", Interval(1, 0, 2)),), "small: 12 users"
    )
    label, figures, *_ = drawn(interval_chart(350, [row], "Words", "recall")).findall("text")[-2:]
    assert label.text.endswith("…")
    assert float(label.get("x")) + svg.width_of(label.text) < float(figures.get("x")) - svg.width_of(
        figures.text
    )


def test_a_stacked_bar_is_parted_by_its_sizes():
    parts = [Part("shown", 10, True, 1.0), Part("below", 30, True, 0.4), Part("lost", 60, False, 0.5)]
    chart = stacked_chart(700, [("content", parts), ("popularity", [Part("shown", 1, True, 1.0)])], "Words")
    boxes = list(drawn(chart).iter("rect"))
    np.testing.assert_allclose([float(box.get("width")) for box in boxes], [70, 210, 420, 700])
    np.testing.assert_allclose([float(box.get("x")) for box in boxes], [0, 70, 280, 0])
    assert [box.get("fill") for box in boxes] == ["#009E73", "#009E73", "#808080", "#D55E00"]
    assert {"10", "30", "60", "Content-based"} <= set(labels(chart))


def test_the_front_is_joined_in_order_and_drawn_above_the_rest():
    spots = [
        Spot("embedding", 4.0, 0.3, "100", True),
        Spot("popularity", 2.0, 0.1, "50", False),
        Spot("content", 1.0, 0.2, "10", True),
    ]
    chart = spot_chart(720, spots, "Words", "ms", "nDCG", y_range=(0, 0.4))
    root = drawn(chart)
    (front,) = [line for line in root.iter("line") if line.get("class") == "edge"]
    (circle,) = list(root.iter("circle"))
    assert float(front.get("x1")) < float(front.get("x2")) == float(circle.get("cx"))
    triangle, square = list(root.iter("polygon"))
    assert triangle.get("fill") == "var(--paper)"
    assert square.get("fill") == "#009E73"
    assert {"10", "100"} <= set(labels(chart))
    assert "50" not in labels(chart)


def contrast(first, second):
    """WCAG 2.2, section 1.4.3: ratio of the relative luminances of two colours."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_names_and_words_can_be_read_on_light_and_on_dark():
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w{6})", rules)) for rules in re.findall(r":root \{([^}]*)\}", CSS)[:2]
    )
    for look in (*looks.LOOKS.values(), *looks.SPARE):
        assert contrast(look.on_light, light["paper"]) >= 4.5
        assert contrast(look.on_dark, dark["paper"]) >= 4.5
    for colours in (light, dark):
        for ink in ("ink", "soft", "link"):
            assert contrast(colours[ink], colours["paper"]) >= 4.5
        assert contrast(colours["ink"], colours["warn"]) >= 4.5
        assert contrast(colours["ink"], colours["shade"]) >= 4.5
