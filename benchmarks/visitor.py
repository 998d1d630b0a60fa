"""A person at the app without a browser: speaks Streamlit's own protocol with a running server."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

_KEYED = re.compile(r"^\$\$ID-[0-9a-f]+-(.+)$")
_NO_LIMIT = None


@dataclass
class Drawn:
    """What the script sent in its latest run.

    Attributes
    ----------
    ids : dict
        Widget id by key.
    texts : list of str
        All Markdown, alerts and captions.
    metrics : list of (label, value)
    tabs : list of str
    exceptions : list of str
        What an exception box says.
    fragment : str
        The fragment that reruns by itself; empty where there is none.
    """

    ids: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    metrics: list[tuple[str, str]] = field(default_factory=list)
    tabs: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    fragment: str = ""


class Visitor:
    """One session on a running server.

    Parameters
    ----------
    port : int
        Port of the server on this machine.
    timeout : float
        Seconds to wait for one rerun.

    Attributes
    ----------
    seconds : list of (str, float)
        What was asked, and how long it took from the request until the script had ended and all of its
        messages had arrived.
    bytes_received : int
    """

    def __init__(self, port: int, timeout: float = 120.0):
        self._leaving = ExitStack()
        self._socket = self._leaving.enter_context(
            connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=_NO_LIMIT)
        )
        self._timeout = timeout
        self._values: dict[str, dict[str, Any]] = {}
        self._page = self._drawn_page = ""
        self.pages: dict[str, str] = {}
        self.drawn = Drawn()
        self.seconds: list[tuple[str, float]] = []
        self.bytes_received = 0

    def open(self) -> None:
        """Open the first page."""
        self._rerun("open")

    def go(self, title: str) -> None:
        """Switch to a screen by its title."""
        self._page = self.pages[title]
        self._rerun(f"go to {title}")

    def set(self, key: str, **value: Any) -> None:
        """Keep a widget's value, as ``int_value=5``, for the next rerun."""
        self._values[self.drawn.ids[key]] = value

    def choose(self, key: str, **value: Any) -> None:
        """Set a widget's value and rerun."""
        self.set(key, **value)
        self._rerun(f"choose {key}")

    def press(self, key: str) -> None:
        """Press a button."""
        self._rerun(f"press {key}", pressed=self.drawn.ids[key])

    def watch(self, seconds: float) -> bool:
        """Wait so long and rerun what reruns by itself; return whether there was anything."""
        if not self.drawn.fragment:
            return False
        time.sleep(seconds)
        self._rerun("watch", fragment=self.drawn.fragment)
        return True

    def close(self) -> None:
        """Leave."""
        self._leaving.close()

    def _rerun(self, what: str, pressed: str = "", fragment: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.page_script_hash = self._page
        state.widget_states.widgets.extend(
            WidgetState(id=key, **value) for key, value in self._values.items()
        )
        if pressed:
            state.widget_states.widgets.append(WidgetState(id=pressed, trigger_value=True))
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        began = time.perf_counter()
        self._socket.send(message.SerializeToString())
        # A run that was under way may end first: the answer is the one on the page that was asked for.
        while not (self._finished(self._receive()) and (fragment or self._page in ("", self._drawn_page))):
            pass
        self._page = self._drawn_page
        self.seconds.append((what, time.perf_counter() - began))

    def _receive(self) -> ForwardMsg:
        data = self._socket.recv(timeout=self._timeout)
        self.bytes_received += len(data)
        message = ForwardMsg()
        message.ParseFromString(data)
        return message

    def _finished(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self.drawn = Drawn()
        elif kind == "navigation":
            self.pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
            self._drawn_page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self.drawn.fragment = message.auto_rerun.fragment_id
        elif kind == "delta":
            self._note(message.delta)
        # Where the script starts itself anew, the next run is part of the same answer.
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _note(self, delta: Any) -> None:
        if delta.WhichOneof("type") == "add_block":
            block = delta.add_block
            if block.WhichOneof("type") == "tab":
                self.drawn.tabs.append(block.tab.label)
            elif block.WhichOneof("type") == "tab_container":
                self._keep_id(block.tab_container.id)
            return
        kind = delta.new_element.WhichOneof("type")
        if kind is None:
            return
        element = getattr(delta.new_element, kind)
        self._keep_id(getattr(element, "id", ""))
        if kind == "exception":
            self.drawn.exceptions.append(f"{element.type}: {element.message}")
        elif kind == "metric":
            self.drawn.metrics.append((element.label, element.body))
        elif kind in ("markdown", "alert"):
            self.drawn.texts.append(element.body)

    def _keep_id(self, identifier: str) -> None:
        if keyed := _KEYED.match(identifier):
            self.drawn.ids[keyed[1]] = identifier
