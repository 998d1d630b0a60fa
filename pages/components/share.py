"""The address of what is on the screen, to give to someone else."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pages.components.identity import LOOKS

#: The choices that a link restores, by the key of their widget, which is their name in the address too.
_CHOICES = ("user", "retriever", "k", "section")
_RUN = "run"


def share_link(address: str, parameters: Mapping[str, object]) -> str:
    """Return the address of a screen with what it shows.

    Parameters
    ----------
    address : str
        Of the screen; what is behind a question mark is dropped.
    parameters : mapping of str to object
        Each as the address names and writes it.
    """
    here = address.partition("?")[0].partition("#")[0]
    return (
        f"{here}?{urlencode({name: str(value) for name, value in parameters.items()})}"
        if parameters
        else here
    )


def shown_parameters() -> dict[str, str]:
    """Return the run and the choices of this screen as the address writes them.

    Choices at their defaults are among them: the address leaves those out, and a default may be another one
    in the session of whoever opens the link.
    """
    shown = {_RUN: st.query_params[_RUN]} if _RUN in st.query_params else {}
    for name in _CHOICES:
        if (value := st.session_state.get(name)) is not None:
            shown[name] = LOOKS[value].label if name == "retriever" else str(value)
    return shown


def share_line() -> None:
    """Draw a button that opens the link to this view, with a button that copies it."""
    parameters = shown_parameters()
    with st.popover(
        "Share this view", icon=":material/link:", key="share", help="A link to what is shown here"
    ):
        st.code(share_link(str(st.context.url or ""), parameters), language=None, wrap_lines=True)
        what = "the same choices and the same run" if _RUN in parameters else "the same choices"
        st.caption(
            f"Opens this screen with {what}, for whoever reaches this server."
            + ("" if _RUN in parameters else " This run is in your session alone: others see their own.")
        )
