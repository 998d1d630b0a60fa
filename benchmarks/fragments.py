"""Reruns as a server has them and `AppTest` by itself does not: of a part of a page, of compiled scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.testing.v1.local_script_runner import LocalScriptRunner


class Fragments:
    """Knows, while it is open, which fragment each widget of the app stands in, and has one run alone."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._asked = ""
        self._original = LocalScriptRunner.request_rerun, LocalScriptRunner.run, LocalScriptRunner.__init__

    def __enter__(self) -> Fragments:
        """Watch what every run sends to the browser."""
        request_rerun, run, begin = self._original
        scripts = ScriptCache()
        this = self

        def of_a_part(runner: Any, data: Any) -> Any:
            asked, this._asked = this._asked, ""
            if asked:
                # The runner begins with a wish for the whole page, which would take the part's place.
                runner._requests = ScriptRequests()
                data = replace(data, fragment_id=asked)
            return request_rerun(runner, data)

        def noted(runner: Any, *arguments: Any, **named: Any) -> Any:
            tree = run(runner, *arguments, **named)
            for message in runner.forward_msgs():
                if message.WhichOneof("type") == "delta":
                    this._note(message.delta)
            return tree

        def compiled_once(runner: Any, *arguments: Any, **named: Any) -> None:
            begin(runner, *arguments, **named)
            # As a server has one for all its sessions.
            runner._script_cache = runner._pages_manager._script_cache = scripts

        runner: Any = LocalScriptRunner
        runner.request_rerun, runner.run, runner.__init__ = of_a_part, noted, compiled_once
        return self

    def __exit__(self, *error: object) -> None:
        """Leave `AppTest` as it was."""
        runner: Any = LocalScriptRunner
        runner.request_rerun, runner.run, runner.__init__ = self._original

    def ask_for(self, widget: str) -> bool:
        """Have the next run be that of a widget's fragment; return False where it stands in none."""
        self._asked = self._of.get(widget, "")
        return bool(self._asked)

    def _note(self, delta: Any) -> None:
        sort = delta.WhichOneof("type")
        if sort not in ("new_element", "add_block"):
            return
        held = getattr(delta, sort)
        kind = held.WhichOneof("type")
        if widget := getattr(getattr(held, kind), "id", "") if kind else "":
            self._of[widget] = delta.fragment_id
