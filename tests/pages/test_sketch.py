"""What the app sends of a chart is what Plotly would, had it checked it; `conftest` asks so of each."""

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pages.components.sketch import Drawing, Sketch, drawn

KINDS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "b1", "U3"]


def plotlys(traces, layout):
    return json.loads(go.Figure(traces, layout).to_json())


@given(hnp.arrays(st.sampled_from(KINDS), st.integers(0, 6)))
def test_any_array_is_sent_as_plotly_sends_it(values):
    trace = {
        "type": "scatter",
        "y": values,
        "error_y": {"array": values},
        "customdata": values.reshape(-1, 1),
    }
    assert json.loads(drawn([trace], {}).to_json()) == plotlys([trace], {})


def test_times_series_lists_and_nothing_are_sent_as_plotly_sends_them():
    days = np.array(["2020-01-01", "2020-02-01"], dtype="datetime64[s]")
    traces = [
        {"type": "bar", "x": pd.Series([3, 1_000_000]), "y": [2.5, None], "name": None},
        {"type": "bar", "x": [1, 2], "y": [float("nan"), 1.0], "text": ["NaN", "Infinity"]},
    ]
    assert json.loads(drawn(traces, {}).to_json()) == plotlys(traces, {})
    sent = json.loads(drawn([{"type": "bar", "x": days, "y": [1, 2]}], {}).to_json())
    assert sent["data"][0]["x"] == ["2020-01-01T00:00:00", "2020-02-01T00:00:00"]


def test_titles_of_axes_and_traces_of_both_kinds_come_through():
    traces = [go.Scatter(x=[1], y=[2]), {"type": "bar", "x": np.array([3]), "y": np.array([4])}]
    layout = {"xaxis": {"title": "Rank in the pool"}, "yaxis": {"showgrid": False}, "height": 300}
    chart = drawn(traces, layout)
    sent = json.loads(chart.to_json())
    assert sent == plotlys(traces, layout)
    assert sent["layout"]["xaxis"]["title"] == {"text": "Rank in the pool"}
    assert [type(trace) for trace in chart.data] == [go.Scatter, go.Bar]
    assert chart.layout.height == 300


def test_what_is_set_of_axes_holds_for_each_of_them():
    made = drawn([{"type": "bar", "x": [1], "xaxis": "x2"}], {"xaxis": {"domain": [0, 0.4]}, "xaxis2": {}})
    made.update_xaxes(separatethousands=True)
    made.update_yaxes(showgrid=False)
    made.update_layout(font={"family": "serif"})
    axes = [made.layout.xaxis, made.layout.xaxis2]
    assert [axis.separatethousands for axis in axes] == [True, True]
    assert made.layout.xaxis.domain == (0, 0.4)
    assert made.layout.yaxis.showgrid is False
    assert made.layout.font.family == "serif"


def test_what_was_drawn_is_not_changed_by_drawing_it():
    piece = {"type": "bar", "x": np.arange(3), "marker": {"color": np.arange(3.0)}}
    axis = {"title": "k"}
    for _ in range(2):
        made = drawn([piece], {"xaxis": axis})
        made.update_xaxes(showgrid=False)
        made.to_json()
    assert isinstance(piece["x"], np.ndarray)
    assert isinstance(piece["marker"]["color"], np.ndarray)
    assert axis == {"title": "k"}


@pytest.mark.parametrize(
    ("trace", "layout"),
    [({"type": "bar", "marker_color": "red"}, {}), ({"type": "bar"}, {"font_family": "serif"})],
)
def test_a_name_that_only_plotlys_own_figures_know_is_found(trace, layout):
    with pytest.raises(AssertionError, match="_"):
        Drawing([trace], layout).checked()


def test_a_property_that_plotly_does_not_know_is_found():
    with pytest.raises(ValueError, match="colour"):
        Drawing([{"type": "bar", "marker": {"colour": "red"}}], {}).checked()


def test_a_sketch_draws_lines_across():
    sketch = Sketch(go.Scatter(x=[1, 2], y=[1, 2]))
    sketch.add_hline(1.5, {"width": 1})
    sketch.add_vline(1.2, {"width": 1})
    across, down = sketch.figure().layout.shapes
    assert (across.xref, across.x0, across.x1, across.y0, across.y1) == ("x domain", 0, 1, 1.5, 1.5)
    assert (down.yref, down.y0, down.y1, down.x0, down.x1) == ("y domain", 0, 1, 1.2, 1.2)
