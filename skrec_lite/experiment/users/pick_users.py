"""Find a user worth looking at: one who was served, one who was not, one on whom retrievers disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.result import ExperimentResult


@dataclass(frozen=True)
class UserKind:
    """A kind of user: its key, its name and what it means."""

    key: str
    label: str
    summary: str


USER_KINDS: dict[str, UserKind] = {
    kind.key: kind
    for kind in (
        UserKind("any", "Surprise me", "Anyone who was measured."),
        UserKind("shown", "A hit", "A held-out item reached the final list of at least one retriever."),
        UserKind(
            "lost", "Lost in ranking", "A held-out item was in a pool, but none reached any final list."
        ),
        UserKind("missed", "Not retrieved", "No retriever found anything of what was held out."),
        UserKind("single", "Found by one", "Exactly one retriever found something of what was held out."),
    )
}


def users_of_kind(result: ExperimentResult, kind: str) -> NDArray[np.int64]:
    """Return the rows of the measured users of one of `USER_KINDS`, ascending.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    check_choice("kind of user", kind, USER_KINDS)
    found = np.vstack([run.has_hit for run in result.runs.values()])
    shown = np.vstack([run.ranked.per_user["hit_rate"] > 0 for run in result.runs.values()])
    chosen = {
        "any": np.ones(found.shape[1], dtype=bool),
        "shown": shown.any(axis=0),
        "lost": found.any(axis=0) & ~shown.any(axis=0),
        "missed": ~found.any(axis=0),
        "single": found.sum(axis=0) == 1,
    }[kind]
    return np.flatnonzero(chosen)


def pick_user(result: ExperimentResult, kind: str = "any", seed: int = 0, besides: str = "") -> str | None:
    """Return the id of a user of that kind, drawn by `seed`; None where there is none.

    Parameters
    ----------
    result : ExperimentResult
    kind : str
        Key of `USER_KINDS`.
    seed : int
    besides : str
        A user not to return, unless it is the only one.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    ids = result.user_ids[users_of_kind(result, kind)]
    others = ids[ids != besides]
    ids = others if len(others) else ids
    if not len(ids):
        return None
    return str(ids[np.random.default_rng(seed).integers(len(ids))])
