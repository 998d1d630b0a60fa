"""Charts offer to be saved as a picture, and nothing else."""

import json

from streamlit.testing.v1 import AppTest

from pages.components.chart_pictures import CHART_CONFIG, chart_config


def test_a_chart_offers_one_button_and_names_its_file():
    def page():
        import plotly.graph_objects as go
        import streamlit as st

        from pages.components.chart_pictures import chart_config

        st.plotly_chart(go.Figure(), config=chart_config("recall-at-k"), key="one")

    app = AppTest.from_function(page).run()
    assert not app.exception
    sent = json.loads(app.get("plotly_chart")[0].proto.config)
    assert sent["modeBarButtons"] == [["toImage"]]
    assert sent["displayModeBar"] == "hover"
    assert sent["displaylogo"] is False
    assert sent["toImageButtonOptions"] == {"format": "png", "filename": "recall-at-k", "scale": 2}


def test_the_common_one_differs_by_its_name_alone():
    assert chart_config("chart") == CHART_CONFIG
