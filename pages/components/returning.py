"""Who reloads the page, or opens a second one, finds everything again: data, runs, and the run under way.

For Streamlit a reload is a new session, and it forgets the one before within minutes. A person is known by
the notebook, as in the ledger. Whether a page was left or is only hidden cannot be told (browsers keep pages
that were left alive for a while), so a new session gets a copy: two tabs never pull at one laboratory.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import Any

#: Laboratories that are kept though nobody looks at them: those whose run ended unseen, the latest only.
UNSEEN_KEPT = 3


class Returning:
    """The laboratories of a server by whose they are.

    They are held weakly: as long as Streamlit keeps the session, or a run is under way in it. The few that a
    run has just ended in without anyone looking are held on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, list[weakref.ref[Any]]] = {}
        self._unseen: deque[tuple[object, Any]] = deque(maxlen=UNSEEN_KEPT)

    def note(self, owner: str, laboratory: Any) -> None:
        """Note that somebody looks at their laboratory now."""
        with self._lock:
            self._seen = {other: kept for other in self._seen if (kept := self._others(other, laboratory))}
            self._seen.setdefault(owner, []).append(weakref.ref(laboratory))

    def latest(self, owner: str) -> Any | None:
        """Return the laboratory that a person looked at last, one with a run under way before all others."""
        with self._lock:
            alive = [kept for seen in self._seen.get(owner, ()) if (kept := seen()) is not None]
        running = [laboratory for laboratory in alive if laboratory.is_running]
        return (running or alive or [None])[-1]

    def hold(self, work: object, laboratory: Any) -> None:
        """Keep a laboratory in which work has ended until its person has seen what came of it."""
        with self._lock:
            self._unseen.append((work, laboratory))

    def release(self, work: object) -> None:
        """Somebody has seen what came of it."""
        with self._lock:
            kept = [(other, laboratory) for other, laboratory in self._unseen if other is not work]
            self._unseen = deque(kept, maxlen=UNSEEN_KEPT)

    def _others(self, owner: str, laboratory: Any) -> list[weakref.ref[Any]]:
        # By identity: laboratories compare by what is in them.
        return [seen for seen in self._seen[owner] if seen() is not None and seen() is not laboratory]
