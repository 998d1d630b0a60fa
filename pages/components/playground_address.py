"""A changed history in the address, so that a link shows it to someone else."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from pages.components.share import share_link, shown_parameters

#: The names in the address; a changed history is what was added to, and taken from, that of training.
_START, _ADDED, _DROPPED = "start", "added", "dropped"
#: With more changes than this an address would be too long for some programs.
MOST_IN_ADDRESS = 60
_READ = "_playground_address_read"


@dataclass(frozen=True)
class Edit:
    """What was changed in a history.

    Attributes
    ----------
    start : str
        ``"edit"`` for the history of a user, ``"new"`` for a user who is made up.
    added, dropped : tuple of str
        Item ids; what was added comes in the order of the history, the latest first.
    """

    start: str = "edit"
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return self.start == "edit" and not self.added and not self.dropped

    def applied(self, had: list[str], known: set[str]) -> list[str]:
        """Return a history, the latest first, with this change; items that are not known are left out."""
        was, gone = set(had), set(self.dropped)
        added = [item for item in self.added if item in known and item not in was]
        return [*added, *(item for item in had if item not in gone)]


def linked_edit() -> Edit:
    """Return the change that a link brought, the first time in a session; later the screen's own counts."""
    if st.session_state.get(_READ):
        return Edit()
    st.session_state[_READ] = True
    start = "new" if st.query_params.get(_START) == "new" else "edit"
    return Edit(start, tuple(st.query_params.get_all(_ADDED)), tuple(st.query_params.get_all(_DROPPED)))


def put_edit(edit: Edit) -> bool:
    """Write a change into the address; return whether it has room there."""
    has_room = len(edit.added) + len(edit.dropped) <= MOST_IN_ADDRESS
    shown = edit if has_room else Edit()
    _put(_START, ["new"] if shown.start == "new" else [])
    _put(_ADDED, list(shown.added))
    _put(_DROPPED, list(shown.dropped))
    return has_room


def forget_edit() -> None:
    """Take a change out of the address."""
    put_edit(Edit())


def share_edit(edit: Edit) -> None:
    """Draw a button with the link to the history as it is now."""
    parameters: list[tuple[str, str]] = [
        *shown_parameters().items(),
        *([(_START, "new")] if edit.start == "new" else []),
        *((_ADDED, item) for item in edit.added),
        *((_DROPPED, item) for item in edit.dropped),
    ]
    with st.popover("Share", icon=":material/link:", key="what_if_share", help="A link to this history"):
        if len(edit.added) + len(edit.dropped) > MOST_IN_ADDRESS:
            st.caption(f"Too much was changed for a link: it has room for {MOST_IN_ADDRESS} items.")
            return
        address = share_link(str(st.context.url or ""), {})
        st.code(f"{address}?{urlencode(parameters)}", language=None, wrap_lines=True)
        st.caption(
            "Opens the Playground with this history, for whoever reaches this server."
            + ("" if dict(parameters).get("run") else " This run is in your session alone.")
        )


def _put(name: str, values: list[str]) -> None:
    if st.query_params.get_all(name) == values:
        return
    if values:
        st.query_params[name] = values
    else:
        del st.query_params[name]
