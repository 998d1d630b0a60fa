"""The cookie by which a browser keeps the name of its notebook: set with the page itself, before any session.

So all tabs of a browser have the same notebook from the first on, and no script in the page can read it.
"""

from __future__ import annotations

import re
import secrets
from http.cookies import SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "skrec_lite_notebook"
# No colon: nobody gets into the notebook of a person who logs in by writing their address.
NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")
_ABOUT_A_YEAR = 34_560_000


def new_name() -> str:
    """Return a name for a notebook that nobody guesses."""
    return secrets.token_urlsafe(16)


def cookie_path() -> str:
    """Return the path below which our cookies are sent: several apps may share a machine behind one proxy."""
    return "/" + str(st.get_option("server.baseUrlPath") or "").strip("/")


class NotebookCookie:
    """Give every browser that asks for a page a notebook, or the one that it has for longer.

    Parameters
    ----------
    app : ASGI application
        What answers the request.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # By what is asked for: the answer to a browser that still has the page names no kind of content.
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = _cookie(_kept(scope) or new_name(), secure=_is_https(scope))
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _kept(scope: Scope) -> str:
    """Return the notebook that the browser has; empty if none, or none of a form that we give."""
    kept = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(COOKIE)
    return kept.value if kept is not None and NAME.fullmatch(kept.value) else ""


def _is_https(scope: Scope) -> bool:
    """Whether the browser speaks to us, or to the proxy before us, by https."""
    return "https" in (scope.get("scheme"), Headers(scope=scope).get("x-forwarded-proto"))


def _cookie(name: str, *, secure: bool) -> str:
    text = f"{COOKIE}={name}; Path={cookie_path()}; Max-Age={_ABOUT_A_YEAR}; HttpOnly; SameSite=Lax"
    return f"{text}; Secure" if secure else text


COOKIE_MIDDLEWARE = Middleware(NotebookCookie)
