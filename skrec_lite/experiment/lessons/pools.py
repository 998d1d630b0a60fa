"""The pools of one user and of all, what the ranker makes of them, and the models that change places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skrec_lite.experiment.figures.funnel import fates, funnel_frame
from skrec_lite.experiment.lessons.lesson import NEEDED, Contender, Lesson
from skrec_lite.experiment.once import once_per_result
from skrec_lite.metrics import LIST_METRICS


@dataclass(frozen=True)
class Crossing:
    """Which contender leads early, and where it stands late.

    Attributes
    ----------
    early, late : int
        Cut-offs.
    early_order, late_order : tuple of Contender
        Best first.
    """

    early: int
    late: int
    early_order: tuple[Contender, ...]
    late_order: tuple[Contender, ...]

    @property
    def best_early(self) -> Contender:
        """The contender with the highest recall at the early cut-off."""
        return self.early_order[0]

    @property
    def is_reversed(self) -> bool:
        """Whether the best at the early cut-off is the worst at the late one."""
        return self.best_early is self.late_order[-1]

    @property
    def orders(self) -> list[str]:
        """The contenders at both cut-offs, best first, in sentences."""
        return [
            f"Within {self.early} candidates {_in_order(self.early_order, self.early)}.",
            f"Within {self.late:,} candidates {_in_order(self.late_order, self.late)}.",
        ]

    @property
    def differences(self) -> list[str]:
        """What the one that leads early has beyond each other, with intervals, in sentences."""
        best, said = self.best_early, []
        for other in self.early_order[1:]:
            at = [f"{_points(best, other, k)} at k = {k:,}" for k in (self.early, self.late)]
            said.append(f"{best.label} against {_low(other.label)}: {' and '.join(at)}.")
        return said


def _in_order(order: tuple[Contender, ...], k: int) -> str:
    found = ", ".join(f"{_low(one.label)} {100 * one.at(k):.1f}" for one in order)
    return f"of 100 held-out items are found, best first: {found}"


def _points(best: Contender, other: Contender, k: int) -> str:
    difference = best.beyond(other, k)
    certain = "certain" if difference.excludes_zero else "not certain"
    return (
        f"{100 * difference.mean:+.1f} of 100 (95 % interval {100 * difference.low:+.1f} to "
        f"{100 * difference.high:+.1f}, {certain})"
    )


def _low(label: str) -> str:
    return label[0].lower() + label[1:]


@once_per_result
def crossing(lesson: Lesson) -> Crossing:
    """Order the contenders by recall at the length of the list and at the size of the pool."""
    early, late = lesson.n, lesson.top_k
    every = lesson.contenders.values()
    return Crossing(
        early,
        late,
        tuple(sorted(every, key=lambda one: -one.at(early))),
        tuple(sorted(every, key=lambda one: -one.at(late))),
    )


@once_per_result
def ends(lesson: Lesson) -> pd.DataFrame:
    """Return where 100 held-out items end: ``retriever, shown, ranked_below, not_retrieved``."""
    frame = funnel_frame(lesson.result)
    columns = ["shown", "ranked_below", "not_retrieved"]
    shares = frame[columns].div(frame["held_out"], axis=0) * 100
    return pd.concat([frame[["retriever"]], shares], axis=1)


@once_per_result
def perfect_recall(lesson: Lesson, key: str) -> float:
    """Return recall of the best list that a retriever's pools allow: their hits first, as many as fit."""
    result = lesson.result
    found = result.runs[key].hits.sum(axis=1)
    best = np.arange(lesson.n) < found[:, None]
    return float(LIST_METRICS["recall"](best, result.split.n_held_out).mean())


def first_candidates(lesson: Lesson, key: str, user_id: str, n: int = 20) -> dict[str, str]:
    """Return the first candidates of a user, by id: place and title."""
    result = lesson.result
    rows = result.runs[key].candidates.item_index[result.row_of(user_id)][:n]
    ids = result.items.decode(rows[rows >= 0])
    titles = result.data.titles_of(ids)
    return {item: f"{place}. {title}" for place, (item, title) in enumerate(zip(ids, titles, strict=True), 1)}


def places_of_user(lesson: Lesson, user_id: str) -> pd.DataFrame:
    """Return where held-out items stand: ``retriever, TITLE, pool_rank, position``, 0 for nowhere."""
    parts = []
    for key in NEEDED:
        own = _fates(lesson, key)
        mine = own.loc[own["USER_ID"] == user_id]
        parts.append(
            pd.DataFrame(
                {
                    "retriever": key,
                    "TITLE": lesson.result.data.titles_of(mine["ITEM_ID"].to_numpy(dtype=object)),
                    "pool_rank": mine["pool_rank"].to_numpy(),
                    "position": mine["position"].to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def found_alone(lesson: Lesson, user_id: str) -> dict[str, tuple[list[int], list[int]]]:
    """Return the places of a user's candidates, by retriever: found by it alone, and by others too."""
    result = lesson.result
    row = result.row_of(user_id)
    pools = {key: result.runs[key].candidates.item_index[row] for key in NEEDED}
    found = {}
    for key, pool in pools.items():
        others = np.concatenate([items for other, items in pools.items() if other != key])
        is_alone = ~np.isin(pool, others) & (pool >= 0)
        is_shared = np.isin(pool, others) & (pool >= 0)
        found[key] = ((np.flatnonzero(is_alone) + 1).tolist(), (np.flatnonzero(is_shared) + 1).tolist())
    return found


@once_per_result
def _fates(lesson: Lesson, key: str) -> pd.DataFrame:
    return fates(lesson.result, key)
