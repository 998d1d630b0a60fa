"""Where the leading retriever is furthest ahead of the others, and where least: said only beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.metrics.bootstrap import FEW_DECIDING, deciding_users


@dataclass(frozen=True, eq=False)
class SegmentLead:
    """The leading retriever's pool recall in a segment, less that of the best other one there.

    Attributes
    ----------
    segment : str
    other : str
        Key of the best other one; empty where there is none, and the recall itself is the lead.
    lead : float
    resampled : ndarray of float64, shape (n_resamples,)
        The lead when users are resampled.
    can_be_told : bool
        Whether enough users decide it for its interval to be trusted
        (`skrec_lite.metrics.bootstrap.deciding_users`).
    """

    segment: str
    other: str
    lead: float
    resampled: NDArray[np.float64]
    can_be_told: bool

    def interval(self, n_segments: int) -> tuple[float, float]:
        """Return the interval that holds for `n_segments` at once with 95 % (Bonferroni)."""
        outside = 2.5 / n_segments
        low, high = np.percentile(self.resampled, [outside, 100 - outside])
        return float(low), float(high)

    def words(self, n_segments: int) -> str:
        """Return the lead with its interval, for people."""
        low, high = (100 * bound for bound in self.interval(n_segments))
        if not self.other:
            return f'"{self.segment}" ({100 * self.lead:.1f} of 100, {low:.1f} to {high:.1f})'
        other = RETRIEVERS[self.other].in_a_sentence
        return f'"{self.segment}" ({100 * self.lead:+.1f} points against {other}, {low:+.1f} to {high:+.1f})'


def lead_in(
    segment: str,
    retrievers: Sequence[str],
    leader: str,
    recall: NDArray[np.float64],
    resampled: NDArray[np.float64],
) -> SegmentLead:
    """Return the lead in one segment.

    Parameters
    ----------
    segment : str
    retrievers : sequence of str
    leader : str
        The one with the highest pool recall over all users.
    recall : ndarray of float64, shape (n_users, n_retrievers)
        Pool recall of the segment's users.
    resampled : ndarray of float64, shape (n_resamples, n_retrievers)
        Its means when users are resampled.
    """
    own, means = list(retrievers).index(leader), recall.mean(axis=0)
    others = [place for place in range(len(retrievers)) if place != own]
    lead, drawn, other = recall[:, own], resampled[:, own], ""
    if others:
        best = max(others, key=lambda place: means[place])
        lead, drawn, other = lead - recall[:, best], drawn - resampled[:, best], retrievers[best]
    can_be_told = bool(deciding_users(lead) >= FEW_DECIDING)
    return SegmentLead(segment, other, float(lead.mean()), drawn, can_be_told)


def segment_sentence(leader: str, leads: Sequence[SegmentLead], small: int) -> str:
    """Say where the leader is furthest ahead and where least, if the two intervals do not overlap.

    The intervals are widened so that all of them hold at once: where the lead is the same everywhere, a
    sentence that names segments is wrong in 5 % of cases at most, however many segments there are. A lead
    that few users decide (nobody finds anything, or everybody all) has no interval to trust and is left out.

    Parameters
    ----------
    leader : str
    leads : sequence of SegmentLead
        Of segments that are not small.
    small : int
        With fewer users than this a segment is small.
    """
    told = [lead for lead in leads if lead.can_be_told]
    if len(told) < 2:
        return (
            f"Nothing to compare: fewer than two segments have {small} users, and enough of them in whom the "
            "leading retriever differs from the next."
        )
    most, least = max(told, key=lambda lead: lead.lead), min(told, key=lambda lead: lead.lead)
    n_segments = len(told)
    if most.interval(n_segments)[0] <= least.interval(n_segments)[1]:
        return (
            f"No segment stands out: how far {RETRIEVERS[leader].in_a_sentence} is ahead differs between "
            "them by no more than chance."
            if most.other
            else "No segment stands out beyond chance."
        )
    name = RETRIEVERS[leader].label
    what = "is furthest ahead in candidate recall for" if most.other else "finds most for"
    where = "and least for" if least.lead >= 0 or not least.other else "and furthest behind for"
    return (
        f"{name} {what} {most.words(n_segments)} {where} {least.words(n_segments)}. "
        f"The intervals hold for all {n_segments} segments at once (95 %)."
    )
