"""Find a user worth looking at: one who was served, one who was not, one on whom retrievers disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.figures.funnel import FUNNEL_ENDS, held_out_places
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments.bands import history_lengths
from skrec_lite.experiment.users.user_figures import own_pools, pool_distance, recall_gap

#: Kinds that are a matter of degree take this share of the users they are drawn from, rounded up.
EXTREME_SHARE: Final = 0.1
_FATE = "fate"


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
        UserKind(
            "worst",
            "Worst served",
            "No list shows anything held out for them; of those users, the tenth with most held out and, "
            "where that is equal, the longest histories.",
        ),
        UserKind(
            "disagreement",
            "Largest disagreement",
            "The tenth of the users whose pools differ most: in the share of held-out items that the best "
            "and the worst retriever found, and where that is equal, in the share of candidates that only "
            "one of them found.",
        ),
        UserKind(
            "cold",
            "Cold",
            "Little to go by: a retriever knew nothing of them and gave popular items, or their history is "
            "as short as those of the tenth with the shortest.",
        ),
        UserKind("shown", "A hit", "A held-out item reached the final list of at least one retriever."),
        UserKind(
            "lost", "Lost in ranking", "A held-out item was in a pool, but none reached any final list."
        ),
        UserKind("missed", "Not retrieved", "No retriever found anything of what was held out."),
        UserKind("single", "Found by one", "Exactly one retriever found something of what was held out."),
    )
}

_FATES_OF_USERS: Final = {
    "not_in_catalogue": "A held-out item of theirs was not in the catalogue at training.",
    "not_retrieved": "{} did not retrieve a held-out item of theirs.",
    "ranked_below": "{} retrieved a held-out item of theirs, and the ranker left it out of the list.",
    "shown": "With {}, a held-out item of theirs reached the list.",
}


def users_of_kind(result: ExperimentResult, kind: str) -> NDArray[np.int64]:
    """Return the rows of the measured users of one of `USER_KINDS`, ascending.

    Users first seen after the cut are of no kind: they are not among the measured users.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    check_choice("kind of user", kind, USER_KINDS)
    return _rows_of_kind(result, kind)


def users_of_fate(result: ExperimentResult, key: str, fate: str) -> NDArray[np.int64]:
    """Return the rows of the measured users with a held-out item that came to this end, ascending.

    A user with several held-out items may be among those of several fates.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever of the result.
    fate : str
        A key of `FUNNEL_ENDS`.

    Raises
    ------
    ValueError
        For an unknown retriever or fate.
    """
    check_choice("retriever", key, result.runs)
    check_choice("fate", fate, FUNNEL_ENDS)
    return _rows_of_fate(result, key, fate)


def fate_kind(key: str, fate: str) -> str:
    """Return the name by which `users_like` and `kind_of` know the users of a fate with one retriever."""
    return f"{_FATE}/{key}/{fate}"


def kind_of(kind: str) -> UserKind:
    """Return what is said of a kind: one of `USER_KINDS`, or a name from `fate_kind`.

    Raises
    ------
    ValueError
        For an unknown kind or fate.
    """
    if not kind.startswith(f"{_FATE}/"):
        check_choice("kind of user", kind, USER_KINDS)
        return USER_KINDS[kind]
    key, fate = _parts_of(kind)
    check_choice("fate", fate, FUNNEL_ENDS)
    label = RETRIEVERS[key].label if key in RETRIEVERS else key
    return UserKind(kind, f"{label}: {FUNNEL_ENDS[fate]}", _FATES_OF_USERS[fate].format(label))


def users_like(result: ExperimentResult, kind: str) -> NDArray[np.int64]:
    """Return the rows of the measured users of a kind, or of a name from `fate_kind`, ascending.

    Raises
    ------
    ValueError
        For an unknown kind, retriever or fate.
    """
    if kind.startswith(f"{_FATE}/"):
        return users_of_fate(result, *_parts_of(kind))
    return users_of_kind(result, kind)


def pick_user(result: ExperimentResult, kind: str = "any", seed: int = 0, besides: str = "") -> str | None:
    """Return the id of a user of that kind, drawn by `seed`; None where there is none.

    Parameters
    ----------
    result : ExperimentResult
    kind : str
        Key of `USER_KINDS`, or a name from `fate_kind`.
    seed : int
    besides : str
        A user not to return, unless it is the only one.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    ids = result.user_ids[users_like(result, kind)]
    others = ids[ids != besides]
    ids = others if len(others) else ids
    if not len(ids):
        return None
    return str(ids[np.random.default_rng(seed).integers(len(ids))])


def _parts_of(kind: str) -> tuple[str, str]:
    key, _, fate = kind.removeprefix(f"{_FATE}/").rpartition("/")
    return key, fate


@once_per_result
def _rows_of_fate(result: ExperimentResult, key: str, fate: str) -> NDArray[np.int64]:
    places = held_out_places(result, key)
    return np.unique(places.rows[places.ends == list(FUNNEL_ENDS).index(fate)])


@once_per_result
def _rows_of_kind(result: ExperimentResult, kind: str) -> NDArray[np.int64]:
    return _RULES[kind](result)


def _anyone(result: ExperimentResult) -> NDArray[np.int64]:
    return np.arange(len(result.user_ids), dtype=np.int64)


def _shown(result: ExperimentResult) -> NDArray[np.int64]:
    return np.flatnonzero(_lists_with_hit(result) > 0)


def _lost(result: ExperimentResult) -> NDArray[np.int64]:
    return np.flatnonzero((_pools_with_hit(result) > 0) & (_lists_with_hit(result) == 0))


def _missed(result: ExperimentResult) -> NDArray[np.int64]:
    return np.flatnonzero(_pools_with_hit(result) == 0)


def _single(result: ExperimentResult) -> NDArray[np.int64]:
    return np.flatnonzero(_pools_with_hit(result) == 1)


def _worst(result: ExperimentResult) -> NDArray[np.int64]:
    unserved = np.flatnonzero(_lists_with_hit(result) == 0)
    n_held_out, length = result.split.n_held_out[unserved], history_lengths(result)[unserved]
    return _most(unserved, n_held_out, length)


def _disagreement(result: ExperimentResult) -> NDArray[np.int64]:
    everyone = _anyone(result)
    if len(own_pools(result)) < 2:
        return everyone[:0]
    return _most(everyone, recall_gap(result), pool_distance(result))


def _cold(result: ExperimentResult) -> NDArray[np.int64]:
    length = history_lengths(result)
    shortest = np.sort(length)[_tenth(len(length)) - 1]
    unknown = np.any([run.candidates.fallback for run in result.runs.values()], axis=0)
    return np.flatnonzero(unknown | (length <= shortest))


def _pools_with_hit(result: ExperimentResult) -> NDArray[np.int64]:
    return np.sum([run.has_hit for run in result.runs.values()], axis=0, dtype=np.int64)


def _lists_with_hit(result: ExperimentResult) -> NDArray[np.int64]:
    hits = [run.ranked.per_user["hit_rate"] > 0 for run in result.runs.values()]
    return np.sum(hits, axis=0, dtype=np.int64)


def _tenth(n_users: int) -> int:
    return int(np.ceil(EXTREME_SHARE * n_users))


def _most(
    rows: NDArray[np.int64], first: NDArray[np.number], second: NDArray[np.number]
) -> NDArray[np.int64]:
    """Return the tenth of `rows` that `first` puts foremost, at equals `second`, then the earlier row."""
    order = np.lexsort([-second, -first])
    return np.sort(rows[order[: _tenth(len(rows))]])


_RULES: Final[dict[str, Callable[[ExperimentResult], NDArray[np.int64]]]] = {
    "any": _anyone,
    "worst": _worst,
    "disagreement": _disagreement,
    "cold": _cold,
    "shown": _shown,
    "lost": _lost,
    "missed": _missed,
    "single": _single,
}
