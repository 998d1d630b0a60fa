"""Compare, method: the sampled protocol is measured when asked for, kept by run, always called sampled."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.text import plain
from skrec_lite.experiment.figures.sampled import sampled_figures
from tests.experiment.rich_result import rich_result
from tests.pages.driving import table, texts


def _panel():
    import streamlit as st

    from pages.components.sampled_panel import sampled_panel

    sampled_panel(st.session_state["shown"])


@pytest.fixture
def app(small_result):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"] = small_result
    return app.run()


def test_nothing_is_measured_until_asked(app):
    assert not app.exception
    assert not app.dataframe
    assert app.number_input(key="sampled_negatives").value == 99


def test_both_figures_stand_side_by_side_with_the_ratio(app, small_result):
    began = time.perf_counter()
    app.button(key="sampled_measure").click().run()
    assert time.perf_counter() - began < 2
    assert not app.exception
    expected = sampled_figures(small_result)
    shown = table(app, "Sampled figures of the full-catalogue ranker (1 held-out item among 99 random ones)")
    assert shown["metric"].tolist() == ["HR@5", "nDCG@5", "MRR@5"]
    for name in ("sampled", "whole", "ratio"):
        assert shown[name].tolist() == expected.table[name].tolist()
    assert shown["sampled_interval"].iloc[0] == (
        f"{expected.table['sampled_low'].iloc[0]:.3f} to {expected.table['sampled_high'].iloc[0]:.3f}"
    )
    assert plain(expected.sentence) in texts(app)
    assert "Sampled: 1 held-out item among 99 random ones" in texts(app)


def test_the_answer_is_kept_by_run_and_number(app, small_result):
    app.button(key="sampled_measure").click().run()
    assert len(app.run().dataframe) == 1, "a rerun keeps it"
    app.number_input(key="sampled_negatives").set_value(20).run()
    assert not app.dataframe, "that is another question"
    app.button(key="sampled_measure").click().run()
    assert "20 random ones" in texts(app)
    app.number_input(key="sampled_negatives").set_value(99).run()
    assert "99 random ones" in texts(app)
    app.session_state["shown"] = rich_result()
    assert not app.run().dataframe, "another run has not been measured"
    app.session_state["shown"] = small_result
    assert len(app.run().dataframe) == 1
