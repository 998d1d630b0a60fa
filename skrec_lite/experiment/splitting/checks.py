"""One thing that was checked of a split, and all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Outcome = Literal["passed", "broken", "note"]

# The names of the checks, in the order in which they are made.
ROWS: Final = "Every row in one part"
SET_APART: Final = "Measured part"
PAIRS: Final = "Seen pairs"
OWN_TIME: Final = "Each user's time"
ONE_MOMENT: Final = "One moment for all"
OTHERS: Final = "Other users' later interactions"
NEWCOMERS: Final = "New users"
CATALOGUE: Final = "Catalogue at training"
OUT_OF_REACH: Final = "Out of reach"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        A few words.
    outcome : {"passed", "broken", "note"}
        ``"broken"``: something that models should not know reaches them. ``"note"``: nothing is broken, but
        whoever reads the figures should know; or it cannot be checked.
    sentence : str
        What was counted.
    """

    name: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class LeakCheck:
    """All that was checked of a split.

    Attributes
    ----------
    checks : tuple of Check
    """

    checks: tuple[Check, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many checks came out so."""
        return sum(check.outcome == outcome for check in self.checks)

    @property
    def sentence(self) -> str:
        """How the checks came out, with the names of the broken ones."""
        broken = [check.name.lower() for check in self.checks if check.outcome == "broken"]
        passed, notes = self.count("passed"), self.count("note")
        counts = f"Leak check: {passed} passed, {notes} to note, {len(broken)} broken"
        return f"{counts} ({'; '.join(broken)})." if broken else f"{counts}."
