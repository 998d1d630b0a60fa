"""A number whose range moves with the data: what small data had no room for comes back with larger data."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def form():
    import streamlit as st

    from pages.components.bounded_input import bounded_input

    high, default = st.session_state.get("high", 500), st.session_state.get("default", 200)
    st.session_state["given"] = bounded_input("Candidates", "size", high, default, 10, "How many.")


@pytest.fixture
def app():
    return AppTest.from_function(form).run()


def with_room_for(app, high):
    app.session_state["high"] = high
    app.run()
    assert not app.exception
    assert app.number_input(key="size").value == app.session_state["given"]
    return app.session_state["given"]


def test_a_default_survives_data_that_has_no_room_for_it(app):
    assert app.session_state["given"] == 200
    assert [with_room_for(app, high) for high in (3, 3, 50, 1, 500, 500)] == [3, 3, 50, 1, 200, 200]


def test_a_persons_own_value_does_too(app):
    app.number_input(key="size").set_value(410).run()
    assert [with_room_for(app, high) for high in (300, 350, 500)] == [300, 350, 410]


def test_what_is_chosen_on_small_data_stays(app):
    assert with_room_for(app, 30) == 30
    app.number_input(key="size").set_value(20).run()
    assert app.session_state["given"] == 20
    assert [with_room_for(app, high) for high in (500, 10, 500)] == [20, 10, 20]


def test_a_value_set_from_elsewhere_is_taken(app):
    with_room_for(app, 30)
    app.session_state["size"] = 12
    assert [with_room_for(app, high) for high in (30, 500)] == [12, 12]


def test_a_default_that_goes_by_the_data_is_anew_on_other_data():
    app = AppTest.from_function(form)
    app.session_state["default"] = 1
    assert with_room_for(app, 3) == 1
    app.session_state["default"] = 200
    assert with_room_for(app, 500) == 200
    app.number_input(key="size").set_value(60).run()
    app.session_state["default"] = 1
    assert [with_room_for(app, high) for high in (3, 500)] == [3, 60]


def test_a_value_set_before_the_form_was_ever_drawn_is_taken():
    app = AppTest.from_function(form)
    app.session_state["size"] = 12
    assert [with_room_for(app, high) for high in (500, 5, 500)] == [12, 5, 12]
