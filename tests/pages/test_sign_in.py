"""A server that asks for a login shows nothing else before it; one that does not lets everyone in."""

from streamlit.testing.v1 import AppTest

from pages.components import sign_in
from tests.pages.driving import open_app


class Stranger:
    """Whom Streamlit sees before a login, once a login is set up."""

    is_logged_in = False


class Person:
    is_logged_in = True


def behind_a_login():
    import streamlit as st

    from pages.components.sign_in import ask_to_log_in, is_let_in

    if is_let_in():
        st.text("inside")
    else:
        ask_to_log_in()


def test_without_a_section_in_the_secrets_everyone_is_let_in():
    app = AppTest.from_function(behind_a_login).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["inside"]
    assert not app.button


def test_with_one_nothing_is_shown_before_the_login(monkeypatch):
    monkeypatch.setattr(sign_in.st, "user", Stranger)
    calls = []
    monkeypatch.setattr(sign_in.st, "login", lambda: calls.append("login"))
    app = AppTest.from_function(behind_a_login).run()
    assert not app.exception
    assert not app.text
    assert [button.label for button in app.button] == ["Log in"]
    app.button(key="log_in").click().run()
    assert calls == ["login"]


def test_who_is_logged_in_can_leave(monkeypatch):
    monkeypatch.setattr(sign_in.st, "user", Person)
    calls = []
    monkeypatch.setattr(sign_in.st, "logout", lambda: calls.append("logout"))
    app = AppTest.from_function(behind_a_login).run()
    assert [text.value for text in app.text] == ["inside"]
    app.sidebar.button(key="log_out").click().run()
    assert calls == ["logout"]


def test_the_app_shows_a_stranger_the_login_alone(monkeypatch):
    monkeypatch.setattr(sign_in.st, "user", Stranger)
    app = open_app()
    assert not app.exception
    assert [button.label for button in app.button] == ["Log in"]
    assert [title.value for title in app.title] == ["Two-stage retrieval lab"]
    assert not app.sidebar.markdown
