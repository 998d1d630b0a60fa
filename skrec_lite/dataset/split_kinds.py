"""The kinds of splits: what each holds out, what it breaks, and which of them some data allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from skrec_lite.constants import SPLIT_COL, TIMESTAMP_COL
from skrec_lite.exceptions import InvalidParameterError, check_choice, check_positive_int

SplitKind = Literal["leave_last_out", "global_time", "given", "random"]
SplitPart = Literal["test", "validation"]
SPLIT_PARTS: Final[tuple[SplitPart, ...]] = ("test", "validation")


@dataclass(frozen=True)
class SplitSpec:
    """A kind of split as people read it.

    Attributes
    ----------
    label : str
        Its name, a few words.
    summary : str
        What it holds out, in a sentence.
    caveat : str
        What it breaks, or leaves out, in a sentence or two; to be said wherever its figures are explained.
    """

    label: str
    summary: str
    caveat: str


SPLITS: Final[dict[SplitKind, SplitSpec]] = {
    "leave_last_out": SplitSpec(
        "Leave last out",
        "Holds out each user's last interactions.",
        "Other users' later interactions are trained on, so popularity and vectors know something of what "
        "came after a user's cut (Ji et al. 2023, A critical study on data leakage in recommender system "
        "offline evaluation). A global time split does not have this.",
    ),
    "global_time": SplitSpec(
        "Global time",
        "Holds out everything from one moment on, for all users.",
        "Users first seen after the cut have no history: they are kept apart from the figures. Users who "
        "were not seen again have nothing held out, and are left out.",
    ),
    "given": SplitSpec(
        "Given",
        "Holds out what the data itself marks as its test part.",
        "The split is taken as it is given: whether it follows time, and what is in both of its parts, the "
        "leak check says.",
    ),
    "random": SplitSpec(
        "Random (ignores time)",
        "Holds out a share of each user's interactions, drawn at random.",
        "This breaks time: models see each user's later interactions and other users' future, and popularity "
        "and vectors know what comes. The figures come out too good. Use it only for data without time, or "
        "to compare with papers that split so.",
    ),
}


@dataclass(frozen=True)
class SplitConfig:
    """How to split.

    Attributes
    ----------
    kind : {"leave_last_out", "global_time", "given", "random"}
        Hold out each user's last interactions, everything after one moment, what the data itself marks as
        "test" in its column ``SPLIT``, or a random share of each user's interactions; see `SPLITS` for what
        each breaks.
    n_held_out : int, default 1
        Interactions held out per user, for ``"leave_last_out"``.
    test_fraction : float, default 0.2
        For ``"global_time"``, the share of all interactions, the latest ones; for ``"random"``, the share of
        each user's interactions, at least one, and users keep at least one.
    part : {"test", "validation"}, default "test"
        What is measured. With ``"validation"`` the same rule is applied once more to what lies before the
        test part: models train on what is before that second cut and are measured on what is after it, and
        the test part is set aside: nothing of it reaches anything. So settings are chosen on the validation
        part, and the test part is measured once, at the end. For ``"given"`` the validation part is what the
        data marks as "valid"; with ``"test"`` those rows are trained on.

    Raises
    ------
    InvalidParameterError
        For a value out of range.
    """

    kind: SplitKind = "leave_last_out"
    n_held_out: int = 1
    test_fraction: float = 0.2
    part: SplitPart = "test"

    def __post_init__(self) -> None:
        check_choice("split kind", self.kind, SPLITS)
        check_positive_int("n_held_out", self.n_held_out)
        if not 0 < self.test_fraction < 1:
            raise InvalidParameterError(
                f"test_fraction must be a number in the range (0, 1). Got {self.test_fraction!r} instead."
            )
        check_choice("split part", self.part, SPLIT_PARTS)


def possible_kinds(interactions: pd.DataFrame) -> tuple[SplitKind, ...]:
    """Return the kinds of splits that some interactions allow, the one to begin with first.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``, optionally ``TIMESTAMP`` and ``SPLIT``.
    """
    given: tuple[SplitKind, ...] = ("given",) if _has_part(interactions, "test") else ()
    timed: tuple[SplitKind, ...] = ("global_time",) if TIMESTAMP_COL in interactions.columns else ()
    return (*given, "leave_last_out", *timed, "random")


def possible_parts(interactions: pd.DataFrame, kind: SplitKind) -> tuple[SplitPart, ...]:
    """Return what can be measured with a kind of split: a given one need not have a validation part."""
    return SPLIT_PARTS if kind != "given" or _has_part(interactions, "valid") else ("test",)


def _has_part(interactions: pd.DataFrame, name: str) -> bool:
    """Return whether the data marks some of its rows, not all, as this part."""
    if SPLIT_COL not in interactions.columns:
        return False
    is_part = interactions[SPLIT_COL] == name
    return bool(is_part.any() and not is_part.all())
