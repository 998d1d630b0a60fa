"""Who follows a link and has to log in first comes to where the link leads."""

import asyncio
from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest

from pages.components import after_login
from pages.components.after_login import COOKIE, BackToTheLink

PAGE = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def login_is_set_up(monkeypatch):
    monkeypatch.setattr(after_login.st, "secrets", {"auth": {"client_id": "lab"}})


def answer_to(path, query="", headers=PAGE, status=200, location=None):
    """Headers of the answer to a request, as pairs."""
    sent = []

    async def answer(scope, receive, send):
        given = [(b"location", location.encode())] if location else []
        await send({"type": "http.response.start", "status": status, "headers": given})
        await send({"type": "http.response.body", "body": b""})

    async def keep(message):
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": raw}
    asyncio.run(BackToTheLink(answer)(scope, None, keep))
    return [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]


def wanted(headers):
    """The cookie with the address; None if the answer has none."""
    return next((SimpleCookie(value)[COOKIE] for name, value in headers if name == "set-cookie"), None)


def come_back(cookie, status=302):
    headers = answer_to("/oauth2callback", "code=x", {"cookie": f"{COOKIE}={cookie}"}, status, "/")
    return dict(headers)["location"], wanted(headers)


def test_the_address_with_its_run_is_kept_and_led_to():
    cookie = wanted(answer_to("/comparison", "run=a%20b&section=Pools&user=7"))
    assert cookie["httponly"]
    location, left = come_back(cookie.value)
    assert location == "/comparison?run=a%20b&section=Pools&user=7"
    assert left["max-age"] == "0", "once"


def test_below_a_path_of_the_proxy_too():
    cookie = wanted(answer_to("/lab/comparison"))
    assert come_back(cookie.value)[0] == "/lab/comparison"


@pytest.mark.parametrize(
    "address", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "", "x"]
)
def test_nobody_is_led_to_another_machine(address):
    assert come_back(quote(address, safe=""))[0] == "/"


def test_a_login_that_failed_is_answered_as_it_was():
    assert come_back(quote("/comparison", safe=""), status=400) == ("/", None)


def test_nothing_is_kept_of_who_is_logged_in_nor_of_what_is_no_page():
    assert wanted(answer_to("/comparison", headers={**PAGE, "cookie": "_streamlit_user=signed"})) is None
    assert wanted(answer_to("/_stcore/health", headers={"accept": "*/*"})) is None
    assert wanted(answer_to("/auth/login", "provider=default")) is None
    assert wanted(answer_to("/comparison", "x" * 5_000)) is None


def test_nothing_is_kept_where_no_login_is_asked_for(monkeypatch):
    monkeypatch.setattr(after_login.st, "secrets", {})
    assert wanted(answer_to("/comparison")) is None
