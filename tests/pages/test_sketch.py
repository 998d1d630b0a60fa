"""A figure that is not checked is the one that a check would have let through."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from pages.components import sketch
from pages.components.charts_pools import overlap_chart, strip_chart
from pages.components.charts_rankings import bump_chart
from skrec_lite.experiment.users.user_view import user_view


def both_ways(monkeypatch, draw):
    """The figure as the app draws it, and as tests do."""
    out = []
    for checks in (False, True):
        monkeypatch.setattr(sketch, "CHECKS", checks)
        out.append(json.loads(draw().to_json()))
    return out


def test_titles_of_axes_and_traces_of_both_kinds_come_through(monkeypatch):
    traces = [go.Scatter(x=[1], y=[2]), {"type": "bar", "x": np.array([3]), "y": np.array([4])}]
    layout = {"xaxis": {"title": "Rank in the pool"}, "yaxis": {"showgrid": False}, "height": 300}
    unchecked, checked = both_ways(monkeypatch, lambda: sketch.drawn(traces, layout))
    assert unchecked == checked
    assert unchecked["layout"]["xaxis"]["title"] == {"text": "Rank in the pool"}


@pytest.mark.parametrize("chart", [strip_chart, overlap_chart, lambda view: bump_chart(view, "embedding")])
def test_the_charts_of_a_user_are_the_same_unchecked(monkeypatch, small_result, chart):
    view = user_view(small_result, str(small_result.user_ids[0]))
    unchecked, checked = both_ways(monkeypatch, lambda: chart(view))
    assert unchecked == checked
    assert unchecked["data"]
