"""Every browser gets a notebook with its first page, keeps it, and by https sends it by https alone."""

import asyncio
from http.cookies import SimpleCookie

import pytest

from pages.components import notebook_cookie
from pages.components.notebook_cookie import COOKIE, NAME, NotebookCookie

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def set_by(headers, scheme="http", kind="http"):
    """The cookies that the answer to one request sets."""
    sent = []

    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b"x")]})
        await send({"type": "http.response.body", "body": b"page"})

    async def keep(message):
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(NotebookCookie(answer)({"type": kind, "scheme": scheme, "headers": raw}, None, keep))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (b"etag", b"x") in sent[0]["headers"], "what the answer held stays"
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def notebook(set_cookie):
    return SimpleCookie(set_cookie)[COOKIE]


def test_a_new_browser_gets_a_name_of_its_own_that_no_script_can_read():
    (first,), (second,) = set_by(PAGE), set_by(PAGE)
    assert NAME.fullmatch(notebook(first).value)
    assert notebook(first).value != notebook(second).value
    assert notebook(first)["httponly"]
    assert notebook(first)["samesite"] == "Lax"
    assert notebook(first)["path"] == "/"
    assert int(notebook(first)["max-age"]) > 300 * 86_400


def test_a_browser_keeps_its_notebook_and_its_year_begins_again():
    name = "A" * 22
    (again,) = set_by({**PAGE, "cookie": f"other=1; {COOKIE}={name}"})
    assert notebook(again).value == name


@pytest.mark.parametrize("forged", ["user:ann@example.org", "short", "a b" * 8, ""])
def test_a_name_of_another_form_is_replaced(forged):
    (given,) = set_by({**PAGE, "cookie": f'{COOKIE}="{forged}"'})
    assert notebook(given).value != forged
    assert NAME.fullmatch(notebook(given).value)


@pytest.mark.parametrize(
    ("headers", "scheme", "secure"),
    [({}, "http", False), ({}, "https", True), ({"x-forwarded-proto": "https"}, "http", True)],
)
def test_it_is_for_https_alone_where_the_browser_speaks_https(headers, scheme, secure):
    (given,) = set_by({**PAGE, **headers}, scheme)
    assert bool(notebook(given)["secure"]) is secure


def test_nothing_but_pages_brings_one():
    assert set_by({"accept": "*/*"}) == []
    assert set_by({}) == []
    assert set_by(PAGE, kind="websocket") == []


def test_below_a_path_it_is_sent_there_alone(monkeypatch):
    monkeypatch.setattr(notebook_cookie.st, "get_option", {"server.baseUrlPath": "/lab/"}.get)
    (given,) = set_by(PAGE)
    assert notebook(given)["path"] == "/lab"
