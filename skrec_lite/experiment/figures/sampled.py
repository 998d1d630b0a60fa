"""The sampled protocol: one held-out item among random ones, beside the whole-catalogue figure.

Publications often rank a held-out item among a hundred sampled items (He et al. 2017, "Neural collaborative
filtering"). Such figures are larger than those of the whole catalogue and may order two rankers otherwise
(Krichene and Rendle 2020, "On sampled metrics for item recommendation"). They are here for comparison with
such publications, always named as sampled, and never without the figure that they are mistaken for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import Cancelled, InvalidDataError, check_positive_int
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.metrics.bootstrap import mean_intervals
from skrec_lite.metrics.sampled import expected_in_sample
from skrec_lite.scorer.queries import Queries

#: The metrics of the protocol, by the names of `skrec_lite.metrics.LIST_METRICS`.
SAMPLED_METRICS = ("hit_rate", "ndcg", "mrr")
_MAX_PAIRS = 3_000_000
# Held-out items scored between two looks at `cancel`.
_TRIALS = 4096


@dataclass(frozen=True, eq=False)
class SampledFigures:
    """What the full-catalogue ranker earns by the sampled protocol, and on the whole catalogue.

    Attributes
    ----------
    n_negatives : int
        Random items beside each held-out one.
    n : int
        Where lists are cut.
    users : ndarray of int64, shape (n_users,)
        Rows of the measured users that take part.
    n_held_out : int
        Their held-out items within reach, each ranked by itself.
    n_items : int
        Items of the catalogue.
    n_short : int
        Held-out items with fewer than `n_negatives` beside them, because their user has had nearly all.
    per_user : dict of str to ndarray of float64, shape (n_users,)
        Each of `SAMPLED_METRICS`, mean over the held-out items of a user.
    whole : dict of str to ndarray of float64, shape (n_users,)
        The same items by their place in the user's list of n made of the whole catalogue.
    table : DataFrame
        ``metric, sampled, sampled_low, sampled_high, whole, whole_low, whole_high, ratio``: means over users
        with 95 % intervals; ``ratio`` is sampled / whole, NaN where the latter is 0.
    """

    n_negatives: int
    n: int
    users: NDArray[np.int64]
    n_held_out: int
    n_items: int
    n_short: int
    per_user: dict[str, NDArray[np.float64]]
    whole: dict[str, NDArray[np.float64]]
    table: pd.DataFrame

    @property
    def label(self) -> str:
        """What the figures must always be called."""
        return f"sampled: 1 held-out item among {self.n_negatives:,} random ones"

    @property
    def sentence(self) -> str:
        """Why the sampled figure is the higher one, and what it must not be used for."""
        row = self.table.set_index("metric").loc["hit_rate"]
        times = f", {row['ratio']:.1f} times as much" if np.isfinite(row["ratio"]) else ""
        return (
            f"The same ranker puts {100 * row['sampled']:.1f} of 100 held-out items into the top {self.n} of "
            f"1 held-out item and {self.n_negatives:,} random ones, and {100 * row['whole']:.1f} into the "
            f"top {self.n} of the whole catalogue of {self.n_items:,}{times}. It is not better at one than "
            "at the other: among few items there are fewer that could stand before it. Sampled figures may "
            "also put two rankers in the wrong order, so compare them only with others sampled alike, never "
            "with figures of the whole catalogue."
        )


def sampled_figures(
    result: ExperimentResult,
    n_negatives: int = 99,
    seed: int = 0,
    *,
    max_pairs: int = _MAX_PAIRS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> SampledFigures:
    """Rank each held-out item among random items, by the full-catalogue ranker.

    Every held-out item within reach takes part, by itself: its negatives are drawn, without repeats and each
    as likely as the other, from the items that its user neither had in training nor has held out. Where
    scores are equal, all orders of them count alike. A user's value is the mean over their held-out items;
    figures are means over users, as everywhere else. The users are those of the full-catalogue reference.

    Parameters
    ----------
    result : ExperimentResult
    n_negatives : int
    seed : int
        Of the negatives, and of the choice of users where there are too many.
    max_pairs : int
        (user, item) pairs scored at most; beyond, fewer users take part.
    progress : callable, optional
        As of `run_experiment`.
    cancel : callable, optional
        Asked between batches; True ends the work.

    Raises
    ------
    InvalidParameterError
        If `n_negatives` or `max_pairs` is less than 1.
    InvalidDataError
        If no user of the reference has a held-out item within reach.
    Cancelled
        If `cancel` returned True.
    """
    check_positive_int("n_negatives", n_negatives)
    check_positive_int("max_pairs", max_pairs)
    rng = np.random.default_rng(seed)
    places = _affordable(result, max(1, max_pairs // (n_negatives + 1)), rng)
    users = result.reference.users[places]
    held_out = result.split.held_out[users]
    owner = np.repeat(np.arange(len(users)), np.diff(held_out.indptr))
    own = held_out.indices.astype(np.int32)
    negatives = draw_negatives(_had(result, users), len(result.items), owner, n_negatives, rng)
    scores = _scores(result, users[owner], np.column_stack([own, negatives]), progress, cancel)
    others = np.where(negatives >= 0, scores[:, 1:], np.float32(np.nan))
    sampled = expected_in_sample(scores[:, 0], others, result.config.n)
    whole = _in_full_lists(result, places[owner], own)
    counts = np.bincount(owner)
    per_user = {name: np.bincount(owner, sampled[name]) / counts for name in SAMPLED_METRICS}
    of_whole = {name: np.bincount(owner, whole[name]) / counts for name in SAMPLED_METRICS}
    return SampledFigures(
        n_negatives=n_negatives,
        n=result.config.n,
        users=users,
        n_held_out=len(own),
        n_items=len(result.items),
        n_short=int((negatives < 0).any(axis=1).sum()),
        per_user=per_user,
        whole=of_whole,
        table=_table(per_user, of_whole, result.config.seed),
    )


def draw_negatives(
    had: NDArray[np.int64], n_items: int, owner: NDArray[np.int64], n: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw different items for each trial, from those that its user has not had, all sets alike likely.

    Parameters
    ----------
    had : ndarray of int64, shape (n_had,)
        ``user * n_items + item`` of everything users have had, ascending, without repeats.
    n_items : int
    owner : ndarray of int64, shape (n_trials,)
        The user of each trial.
    n : int
        Items of each trial.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int32, shape (n_trials, n)
        In no order; ``-1`` at the end of a row where fewer items are left.

    Notes
    -----
    Floyd's algorithm (Bentley and Floyd 1987, "Programming pearls: a sample of brilliance") draws n of the m
    items that are left by their place among them, in n steps for all trials at once. The item at place p
    among those left is p plus the number of items had before it.
    """
    had_by = had // n_items
    n_users = 1 + max(owner.max(initial=-1), had_by.max(initial=-1))
    starts = np.searchsorted(had, np.arange(n_users + 1) * np.int64(n_items))
    left = n_items - np.diff(starts)[owner]
    size = np.minimum(left, n)
    drawn = np.full((len(owner), n), -1, dtype=np.int32)
    for step in range(n):
        last = left - size + step
        place = (rng.random(len(owner)) * (last + 1)).astype(np.int32)
        is_taken = (drawn[:, :step] == place[:, None]).any(axis=1)
        drawn[:, step] = np.where(step >= size, -1, np.where(is_taken, last, place))
    # How many items are left before each that was had; ascending within a user, and so over all.
    left_before = had - (np.arange(len(had)) - starts[had_by])
    asked = owner[:, None] * np.int64(n_items) + drawn
    n_before = np.searchsorted(left_before, asked, side="right") - starts[owner][:, None]
    return np.where(drawn >= 0, drawn + n_before, -1).astype(np.int32)


def _affordable(result: ExperimentResult, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return which users of the reference take part: all with something in reach, or as many as `most` allow.

    `most` is a number of held-out items; places are among ``result.reference.users``, ascending.
    """
    n_reachable = result.split.n_reachable[result.reference.users]
    places = np.flatnonzero(n_reachable > 0)
    if not len(places):
        raise InvalidDataError(
            "No user of the full-catalogue reference has a held-out item in the catalogue at training.",
            repair="Use another split: this one holds out items that nobody could find.",
        )
    if n_reachable.sum() <= most:
        return places
    shuffled = rng.permutation(places)
    n_users = int(np.searchsorted(np.cumsum(n_reachable[shuffled]), most, side="right"))
    return np.sort(shuffled[: max(1, n_users)])


def _had(result: ExperimentResult, users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``row * n_items + item`` of what users had in training or have held out, ascending."""
    n_items = np.int64(len(result.items))
    seen = result.recommenders["full"].seen_items.of(result.user_ids[users], result.items)
    rows, items = seen.pairs()
    held_out = result.split.held_out[users]
    own = np.repeat(np.arange(len(users)), np.diff(held_out.indptr))
    return np.unique(np.concatenate([rows * n_items + items, own * n_items + held_out.indices]))


def _scores(
    result: ExperimentResult,
    rows: NDArray[np.int64],
    candidates: NDArray[np.int32],
    progress: Progress | None,
    cancel: Cancel | None,
) -> NDArray[np.float32]:
    """Return the full-catalogue ranker's scores of `candidates` (n_trials, k) for users of the split."""
    view = result.recommenders["full"].scorer.fitted
    queries = Queries.from_frames(queries_of(result.user_ids[rows]), None)
    scores = np.empty(candidates.shape, dtype=np.float32)
    step = max(1, min(_TRIALS, view.pairs_per_batch() // candidates.shape[1]))
    for start in range(0, len(rows), step):
        if cancel is not None and cancel():
            raise Cancelled("The sampled protocol was cancelled.")
        stop = min(start + step, len(rows))
        scores[start:stop] = view.score_candidates(queries.rows(start, stop), candidates[start:stop])
        if progress is not None:
            progress(stop / len(rows), "Scoring held-out items among random ones")
    return scores


def _in_full_lists(
    result: ExperimentResult, places: NDArray[np.int64], items: NDArray[np.int32]
) -> dict[str, NDArray[np.float64]]:
    """Return what each item (n_trials,) earns by its place in its user's list made of the whole catalogue."""
    same = result.reference.ranked.item_index[places] == items[:, None]
    is_shown, rank = same.any(axis=1), same.argmax(axis=1) + 1
    return {
        "hit_rate": is_shown.astype(np.float64),
        "ndcg": is_shown / np.log2(rank + 1),
        "mrr": is_shown / rank,
    }


def _table(
    sampled: dict[str, NDArray[np.float64]], whole: dict[str, NDArray[np.float64]], seed: int
) -> pd.DataFrame:
    values = np.column_stack([side[name] for side in (sampled, whole) for name in SAMPLED_METRICS])
    intervals = mean_intervals(values, seed=seed)
    rows = []
    for name, few, all_ in zip(
        SAMPLED_METRICS, intervals[: len(SAMPLED_METRICS)], intervals[len(SAMPLED_METRICS) :], strict=True
    ):
        rows.append(
            {
                "metric": name,
                "sampled": few.mean, "sampled_low": few.low, "sampled_high": few.high,
                "whole": all_.mean, "whole_low": all_.low, "whole_high": all_.high,
                "ratio": few.mean / all_.mean if all_.mean else float("nan"),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
