"""The benchmark of screens: what it touches, and what it makes of the times; no time is asserted."""

import json
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from benchmarks.fragments import Fragments
from benchmarks.screens import Rerun, Toucher, by_screen, clock, slowest, summary
from benchmarks.touching import sections, spread, touches


def _script():
    import pandas as pd
    import streamlit as st

    st.selectbox("A", list("abcdefgh"), key="letter")
    st.select_slider("B", [1, 2, 5], key="size")
    st.segmented_control("C", ["x", "y"], key="way", required=True, default="x")
    st.toggle("D", key="on")
    st.number_input("E", 0, 5, 5, key="number")
    st.multiselect("F", ["p", "q"], ["p"], key="several")
    st.button("G", key="pick_any")
    st.button("H", key="sweep_start")
    st.button("I", key="off", disabled=True)
    st.download_button("J", "text", key="file")
    st.dataframe(pd.DataFrame({"n": [1]}), key="table", on_select="rerun", selection_mode="multi-row")
    st.dataframe(pd.DataFrame({"n": [1]}), key="still")
    fold = st.expander("K", key="fold_12", on_change="rerun")
    if fold.open:
        fold.text_input("L", key="within")
    with st.form("form"):
        st.text_input("M", key="typed")
        st.form_submit_button("N")
    tabs = st.tabs(["One", "Two"], key="section", on_change="rerun")
    if tabs[1].open:
        tabs[1].checkbox("O", key="second")

    @st.fragment
    def part():
        st.session_state["parts"] = st.session_state.get("parts", 0) + 1
        st.toggle("P", key="apart")

    st.session_state["wholes"] = st.session_state.get("wholes", 0) + 1
    part()


@pytest.fixture
def app():
    return AppTest.from_function(_script).run()


def values(touch, field):
    told = [getattr(state, field) for state in touch.states]
    return [list(one.data) if hasattr(one, "data") else one for one in told]


def test_everything_that_reruns_at_once_is_touched_and_work_is_not(app):
    found = {touch.widget: touch for touch in touches(iter(app._tree))}
    assert set(found) == {
        "letter", "size", "way", "on", "number", "several", "pick_any", "table", "fold_#", "apart",
    }  # fmt: skip
    assert values(found["letter"], "string_value") == ["h", "f", "c", "a"]
    assert values(found["size"], "string_array_value") == [["5"], ["2"], ["1"]]
    assert values(found["way"], "string_array_value") == [["y"], ["x"]]
    assert values(found["on"], "bool_value") == [True, False]
    assert values(found["number"], "double_value") == [4.0, 5.0]
    assert values(found["several"], "string_array_value") == [[], ["p", "q"], ["p"]]
    assert json.loads(values(found["table"], "string_value")[0])["selection"]["rows"] == [0]
    assert [one.widget for one in sections(iter(app._tree))] == ["section: One", "section: Two"]


def test_options_are_spread_from_the_last_to_the_first():
    assert spread(range(10), 4) == [9, 6, 3, 0]
    assert spread(["only"]) == ["only"]
    assert spread([]) == []


def test_it_goes_through_sections_and_folds_and_times_every_rerun(app, monkeypatch):
    monkeypatch.setattr(app, "switch_page", lambda _: SimpleNamespace(run=app.run), raising=False)
    with Fragments() as fragments, clock() as taken:
        toucher = Toucher(app, taken, fragments)
        toucher.visit("toy")
    assert toucher.exceptions == []
    touched = {rerun.widget for rerun in toucher.reruns if rerun.kind == "interaction"}
    assert {"letter", "within", "second", "section: One"} <= touched
    opened = {rerun.widget for rerun in toucher.reruns if rerun.kind == "opening"}
    assert opened == {"", "section: One", "section: Two", "fold_#"}
    assert all(0 < rerun.cpu_ms <= rerun.wall_ms + 1 for rerun in toucher.reruns)


def test_a_widget_of_a_fragment_has_the_fragment_alone_run_and_any_other_the_whole_page(app):
    before = LocalScriptRunner.run
    with Fragments() as fragments:
        app.run()
        counted = []
        for key in ("apart", "on"):
            is_part = fragments.ask_for(app.toggle(key=key).proto.id)
            wholes, parts = app.session_state["wholes"], app.session_state["parts"]
            app.toggle(key=key).set_value(True).run()
            counted.append(
                (is_part, app.session_state["wholes"] - wholes, app.session_state["parts"] - parts)
            )
            app.run()
    assert counted == [(True, 0, 1), (False, 1, 1)]
    assert LocalScriptRunner.run is before


def test_times_are_summed_up_by_screen_and_by_the_slowest_widget():
    reruns = [
        Rerun("home", "a", "interaction", 30.0, 10.0),
        Rerun("home", "a", "interaction", 50.0, 40.0),
        Rerun("data", "b", "interaction", 70.0, 20.0),
        Rerun("data", "", "opening", 900.0, 800.0),
    ]
    told = by_screen(reruns, "interaction")
    assert {screen: figures["n"] for screen, figures in told.items()} == {"home": 2, "data": 1}
    assert told["home"]["wall_ms"] == {"median": 40.0, "p95": 49.0, "max": 50.0}
    assert [one["widget"] for one in slowest(reruns, "interaction", "cpu_ms")] == ["a", "b"]
    assert [one["widget"] for one in slowest(reruns, "interaction", "wall_ms")] == ["b", "a"]
    assert slowest(reruns, "opening", "cpu_ms")[0]["cpu_ms"] == 800.0
    assert summary([]) == {"n": 0}
