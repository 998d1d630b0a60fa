"""What each retriever finds, and shows, in each segment, and whether one of them stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.experiment.figures.funnel import held_out_places
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments.choices import Segmentation, segmentations, segments_of
from skrec_lite.experiment.segments.membership import Segments
from skrec_lite.experiment.segments.sentence import SegmentLead, lead_in, segment_sentence
from skrec_lite.metrics import recall
from skrec_lite.metrics.bootstrap import bootstrap_means, percentile_bounds

#: With fewer users than this a segment is small: it says so, and takes no part in comparisons of segments.
SMALL: Final = 30
_OF_ITEMS: Final = ("pool_recall", "recall")
_OF_USERS: Final = (*_OF_ITEMS, "ndcg")


@dataclass(frozen=True, eq=False)
class SegmentFigures:
    """The figures of one segmentation.

    Attributes
    ----------
    segmentation : Segmentation
    frame : DataFrame
        As of `segment_frame`.
    sentence : str
        Where the leading retriever is furthest ahead and least, if that is beyond chance.
    note : str
        How the segments are made.
    is_disjoint : bool
        Whether each user, or held-out item, is in one segment only.
    """

    segmentation: Segmentation
    frame: pd.DataFrame
    sentence: str
    note: str
    is_disjoint: bool


def segment_frame(result: ExperimentResult, key: str) -> pd.DataFrame:
    """Return recall in each segment of one of `segmentations`, one row a segment and retriever.

    Returns
    -------
    DataFrame
        - ``segment, retriever``;
        - ``n_users, n_held_out``: the segment's own; of items, the users who have such an item held out. The
          counts of held-out items of disjoint segments sum to all;
        - ``is_small``: fewer than `SMALL` users; ``size``: in words;
        - ``pool_recall, pool_recall_low, pool_recall_high`` and ``recall, recall_low, recall_high``: of the
          pool and of the final list, means over the segment's users with 95 % intervals (users resampled). In
          a segment of items only held-out items of the segment count, above and below the line;
        - ``ndcg, ndcg_low, ndcg_high``: of the final list, for segments of users.

    Raises
    ------
    InvalidParameterError
        If the result has no segmentation of that key.
    """
    return segment_figures(result, key).frame


@once_per_result
def segment_figures(result: ExperimentResult, key: str) -> SegmentFigures:
    """Measure every retriever in every segment of one of `segmentations`.

    Raises
    ------
    InvalidParameterError
        If the result has no segmentation of that key.
    """
    segments = segments_of(result, key)
    segmentation = next(known for known in segmentations(result) if known.key == key)
    of_users = segmentation.of == "users"
    parts = (
        _parts_of_users(result, segments, key == "new_users")
        if of_users
        else _parts_of_items(result, segments)
    )
    retrievers, metrics = list(result.runs), _OF_USERS if of_users else _OF_ITEMS
    leader = max(retrievers, key=lambda name: float(result.recall_curves[name][-1]))
    rows: list[dict[str, object]] = []
    leads: list[SegmentLead] = []
    for part in parts:
        means = part.values.mean(axis=0)
        resampled = bootstrap_means(part.values, seed=result.config.seed)
        # One user tells nothing of others.
        bounds = percentile_bounds(resampled) if len(part.values) > 1 else np.full((2, *means.shape), np.nan)
        rows += [
            {
                "segment": part.name,
                "retriever": name,
                "n_users": len(part.values),
                "n_held_out": part.n_held_out,
                "is_small": part.is_small,
                "size": part.size,
                **_figures(metrics, means[place], bounds[:, place]),
            }
            for place, name in enumerate(retrievers)
        ]
        if not part.is_small:
            leads.append(lead_in(part.name, retrievers, leader, part.values[:, :, 0], resampled[:, :, 0]))
    return SegmentFigures(
        segmentation,
        pd.DataFrame(rows),
        segment_sentence(leader, leads, SMALL),
        segments.note,
        segments.is_disjoint,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """One segment: per-user values (n_users, n_retrievers, n_metrics), and how many items are held out."""

    name: str
    values: NDArray[np.float64]
    n_held_out: int

    @property
    def is_small(self) -> bool:
        """Whether it has fewer than `SMALL` users."""
        return len(self.values) < SMALL

    @property
    def size(self) -> str:
        """Its number of users in words, saying so where it is small: ``small: 12 users``."""
        users = f"{len(self.values):,} user" + ("" if len(self.values) == 1 else "s")
        return f"small: {users}" if self.is_small else users


def _figures(
    metrics: tuple[str, ...], means: NDArray[np.float64], bounds: NDArray[np.float64]
) -> dict[str, float]:
    out: dict[str, float] = {}
    for place, metric in enumerate(metrics):
        low, high = bounds[:, place]
        out |= {metric: float(means[place]), f"{metric}_low": float(low), f"{metric}_high": float(high)}
    return out


def _parts_of_users(result: ExperimentResult, segments: Segments, with_newcomers: bool) -> list[_Part]:
    """Return the segments of users; everything held out for a user counts."""
    n_held_out = result.split.n_held_out
    values = np.stack(
        [
            np.column_stack(
                [recall(run.hits, n_held_out), run.ranked.per_user["recall"], run.ranked.per_user["ndcg"]]
            )
            for run in result.runs.values()
        ],
        axis=1,
    )
    if with_newcomers and result.split.newcomers is not None:
        n_new = result.split.newcomers.n_held_out
        apart = [run.newcomers for run in result.runs.values() if run.newcomers is not None]
        of_new = [
            np.column_stack(
                [recall(run.hits, n_new), run.ranked.per_user["recall"], run.ranked.per_user["ndcg"]]
            )
            for run in apart
        ]
        values = np.concatenate([values, np.stack(of_new, axis=1)])
        n_held_out = np.concatenate([n_held_out, n_new])
    return [
        _Part(name, values[members], int(n_held_out[members].sum()))
        for name, members in zip(segments.names, segments.members.T, strict=True)
    ]


def _parts_of_items(result: ExperimentResult, segments: Segments) -> list[_Part]:
    """Return the segments of held-out items; only those of the segment count, for the users who have such."""
    places = [held_out_places(result, key) for key in result.runs]
    found = np.stack([[own.pool_rank > 0, own.position > 0] for own in places]).transpose(2, 0, 1)
    rows = places[0].rows
    parts = []
    for name, members in zip(segments.names, segments.members.T, strict=True):
        # Ascending, so that each user's items lie side by side.
        _, starts, counts = np.unique(rows[members], return_index=True, return_counts=True)
        hits = np.add.reduceat(found[members].astype(np.float64), starts, axis=0)
        parts.append(_Part(name, hits / counts[:, None, None], len(rows[members])))
    return parts
