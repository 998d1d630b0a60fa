"""A link to a view opens that view in another session."""

from urllib.parse import parse_qs, urlparse

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.session import FinishedRun, Lab
from pages.components.share import share_link
from tests.pages.driving import go, open_app

HERE = "http://lab.example/lab/compare"


def test_a_link_is_the_address_with_every_choice():
    link = share_link(f"{HERE}?user=old&x=1#part", {"user": "a b&c=ü/#", "k": 50})
    assert link.startswith(f"{HERE}?")
    assert parse_qs(urlparse(link).query) == {"user": ["a b&c=ü/#"], "k": ["50"]}
    assert share_link(f"{HERE}?user=old", {}) == HERE


def with_share_line():
    """A page with the choices that the screens have, bound to the address as they bind them, and the link."""
    import streamlit as st

    from pages.components.compare_tables import choose_k
    from pages.components.identity import LOOKS
    from pages.components.share import share_line

    result = st.session_state["result"]
    st.tabs(["Lost items", "Pools", "Lists"], key="section", bind="query-params")
    users, keys = result.user_ids.tolist(), list(result.runs)
    st.text(st.selectbox("User", users, key="user", bind="query-params"))
    label = {key: LOOKS[key].label for key in keys}
    st.text(
        st.segmented_control(
            "Pool by",
            keys,
            default=keys[0],
            required=True,
            key="retriever",
            bind="query-params",
            format_func=label.__getitem__,
        )
    )
    st.text(str(choose_k(result)))
    share_line()


def opened(result, query=None):
    app = AppTest.from_function(with_share_line, default_timeout=30)
    app.session_state["result"] = result
    for name, values in (query or {}).items():
        app.query_params[name] = values[0]
    app.run()
    assert not app.exception
    return app


def link_in(app):
    return app.code[0].value


def test_the_link_restores_user_retriever_k_and_section(small_result):
    first = opened(small_result)
    user = small_result.user_ids[7]
    first.selectbox(key="user").set_value(user).run()
    first.segmented_control(key="retriever").set_value("popularity").run()
    first.select_slider(key="k").set_value(10).run()
    query = parse_qs(urlparse(link_in(first)).query)
    assert query == {"user": [user], "retriever": ["Popularity"], "k": ["10"], "section": ["Lost items"]}
    second = opened(small_result, query)
    assert [text.value for text in second.text] == [user, "popularity", "10"]
    assert link_in(second) == link_in(first)


def test_choices_at_their_defaults_are_in_the_link(small_result):
    app = opened(small_result)
    shown = [text.value for text in app.text]
    query = parse_qs(urlparse(link_in(app)).query)
    assert query["user"] == [shown[0]]
    assert query["k"] == [shown[2]]


def test_a_run_in_the_address_is_in_the_link_and_said(small_result):
    app = opened(small_result, {"run": ["r1"]})
    assert parse_qs(urlparse(link_in(app)).query)["run"] == ["r1"]
    assert any("the same run" in caption.value for caption in app.caption)
    without = opened(small_result)
    assert any("in your session alone" in caption.value for caption in without.caption)


@pytest.mark.parametrize("page", ["candidates", "rankings"])
def test_a_link_opens_the_real_screens_at_that_user(small_data, small_result, page):
    app = open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
    user = str(small_result.user_ids[11])
    app.query_params["user"] = user
    go(app, page)
    assert not app.exception
    assert app.selectbox(key="user").value == user
