"""A link outlives the login.

Streamlit comes back from the provider to the first page, whatever was asked for. Here, who asks for a page
and is not logged in gets a cookie with its address, and the way back from the provider leads there.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import quote, unquote

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.web.server.server_util import AUTH_COOKIE_NAME

from pages.components.notebook_cookie import cookie_path

COOKIE = "skrec_lite_wanted"
_SECONDS = 15 * 60
#: Longer addresses are not kept: a browser takes about 4,000 bytes a cookie.
_LONGEST = 2_000


class BackToTheLink:
    """Keep the address that a person asked for before the login, and send them there after it.

    Parameters
    ----------
    app : ASGI application
        What answers the request.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        change = _change(scope) if scope["type"] == "http" and _login_is_set_up() else None

        async def send_changed(message: Message) -> None:
            if change is not None and message["type"] == "http.response.start":
                change(message)
            await send(message)

        await self._app(scope, receive, send_changed)


def _login_is_set_up() -> bool:
    """Return whether this server has a section ``[auth]`` in its secrets."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def _change(scope: Scope) -> Callable[[Message], None] | None:
    """Return what is to be done to the head of the answer to a request; None if nothing."""
    headers = Headers(scope=scope)
    cookies = SimpleCookie(headers.get("cookie", ""))
    if scope["path"].endswith("/oauth2callback"):
        wanted = unquote(cookies[COOKIE].value) if COOKIE in cookies else ""
        return (lambda head: _lead_to(wanted, head)) if _is_ours(wanted) else None
    address = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
    is_page = "text/html" in headers.get("accept", "") and "/auth/" not in scope["path"]
    if not is_page or AUTH_COOKIE_NAME in cookies or not _is_ours(address):
        return None
    rest = f"Path={cookie_path()}; Max-Age={_SECONDS}; HttpOnly; SameSite=Lax"
    kept = f"{COOKIE}={quote(address, safe='')}; {rest}"
    return lambda head: MutableHeaders(scope=head).append("set-cookie", kept)


def _lead_to(address: str, head: Message) -> None:
    headers = MutableHeaders(scope=head)
    if head["status"] == 302:
        headers["location"] = address
        headers.append("set-cookie", f"{COOKIE}=; Path={cookie_path()}; Max-Age=0")


def _is_ours(address: str) -> bool:
    """Whether an address is a path of this server and no way to another."""
    return address.startswith("/") and address[1:2] not in ("/", "\\") and len(address) <= _LONGEST


BACK_TO_THE_LINK = Middleware(BackToTheLink)
