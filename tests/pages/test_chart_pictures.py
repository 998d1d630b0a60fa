"""Charts can be saved as pictures, each under a name of its own, and are read aloud."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.chart_pictures import CHART_CONFIG, chart_config
from tests.pages.driving import go


def test_a_chart_offers_one_button_and_names_its_file():
    def page():
        import plotly.graph_objects as go

        from pages.components.chart_pictures import show_chart

        show_chart(go.Figure(go.Bar(x=[1], y=[2])), key="one", alt="One bar", picture=("Recall@10", "Ä shop"))
        show_chart(go.Figure(go.Bar(x=[1], y=[2])), key="another_one", alt="Another bar")

    app = AppTest.from_function(page).run()
    assert not app.exception
    first, second = (chart.proto for chart in app.get("plotly_chart"))
    sent = json.loads(first.config)
    assert sent["modeBarButtons"] == [["toImage"]]
    assert sent["displayModeBar"] == "hover"
    assert sent["displaylogo"] is False
    assert sent["toImageButtonOptions"] == {"format": "png", "filename": "recall-10-shop", "scale": 2}
    assert json.loads(second.config)["toImageButtonOptions"]["filename"] == "another-one"
    assert (first.alt, second.alt) == ("One bar", "Another bar")
    drawn = json.loads(first.spec)["layout"]
    assert drawn["xaxis"]["separatethousands"]
    assert drawn["yaxis"]["separatethousands"]
    assert drawn["hoverlabel"]["font"]["color"] == "#0e161d", "what it says under the pointer is text"
    assert drawn["yaxis"]["exponentformat"] == "none", "15,000 and not 15k"
    assert drawn["font"]["family"].startswith("'Source Sans'"), "a picture falls back to fonts as wide"


def pictures(app):
    """The file name of each chart of a screen, and what is read aloud of it."""
    return [
        (json.loads(chart.proto.config)["toImageButtonOptions"]["filename"], chart.proto.alt)
        for chart in app.get("plotly_chart")
        if "toImageButtonOptions" in json.loads(chart.proto.config)
    ]


def test_every_chart_of_compare_and_data_has_a_name_of_its_own_and_words(finished_app):
    named = pictures(go(finished_app, "data"))
    compare = go(finished_app, "compare")
    for section in [tab.label for tab in compare.tabs]:
        compare.query_params["section"] = section
        compare.run()
        named += pictures(compare)
    assert len(named) >= 12
    names = [name for name, _ in named]
    assert len(set(names)) == len(names)
    assert all("small-shop" in name for name in names), "which data it is of"
    assert all(len(words) > 20 for _, words in named)


@pytest.mark.parametrize("k", [50, 7])
def test_the_picture_of_the_curves_says_at_which_k(finished_app, k):
    app = go(finished_app, "compare")
    app.query_params["section"] = "Pools"
    app.run()
    app.select_slider(key="k").set_value(k).run()
    (name, words), *_ = pictures(app)
    assert name == f"recall-at-k-{k}-small-shop"
    assert f"At k = {k}, of 100 held-out items: Embedding " in words


def test_the_common_one_differs_by_its_name_alone():
    assert chart_config("chart") == CHART_CONFIG
