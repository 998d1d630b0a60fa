"""Where most held-out items are lost, in one sentence a retriever, and the users to whom it happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL, USER_ID_NAME
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.figures.difference_words import amount, name_of
from skrec_lite.experiment.figures.funnel import FUNNEL_ENDS, funnel_frame, held_out_places
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments.bands import history_lengths


@dataclass(frozen=True)
class Losses:
    """What one retriever's pools and lists lose, as shares of all held-out items together.

    Attributes
    ----------
    retriever : str
    unreachable, retrieval, ranking, shown : float
        The four ends of `FUNNEL_ENDS`, in that order; they sum to 1.
    best : float
        What would be shown if every list held the hits of its pool, as many as it has places: what no
        ranker of these pools can pass.
    """

    retriever: str
    unreachable: float
    retrieval: float
    ranking: float
    shown: float
    best: float

    @property
    def largest(self) -> str:
        """The end, a key of `FUNNEL_ENDS`, at which most is lost; ``"shown"`` where nothing is."""
        lost = {
            "ranked_below": self.ranking,
            "not_retrieved": self.retrieval,
            "not_in_catalogue": self.unreachable,
        }
        worst = max(lost, key=lost.__getitem__)
        return worst if lost[worst] > 0 else "shown"

    @property
    def sentence(self) -> str:
        """What is lost where, for people."""
        name = name_of(self.retriever)
        if self.largest == "shown":
            return f"{name} loses nothing: every held-out item is shown."
        told = {
            "not_retrieved": ("at retrieval", self.retrieval, "not in its pool"),
            "ranked_below": ("at ranking", self.ranking, "in its pool, but ranked below the list"),
            "not_in_catalogue": ("before it starts", self.unreachable, "not in the catalogue at training"),
        }
        stage, most, where = told.pop(self.largest)
        if self.largest == "ranked_below" and self.retrieval == self.ranking:
            stage = "at ranking and as much at retrieval"
        others = [f"{amount(share)} {what}" for _, share, what in told.values() if share]
        parts = "; ".join([f"{amount(most)} of 100 held-out items are {where}", *others])
        return (
            f"{name} loses most {stage}: {parts}. A perfect ranker of its pools would show "
            f"{amount(self.best)}, not {amount(self.shown)}."
        )


@once_per_result
def losses(result: ExperimentResult) -> dict[str, Losses]:
    """Return what each retriever loses at which stage, by its key."""
    frame, n = funnel_frame(result).set_index("retriever"), result.config.n
    shares = frame[list(FUNNEL_ENDS)].div(frame["held_out"], axis=0)
    out = {}
    for key, run in result.runs.items():
        best = float(np.minimum(run.hits.sum(axis=1), n).sum()) / float(frame.loc[key, "held_out"])
        unreachable, retrieval, ranking, shown = shares.loc[key].tolist()
        out[key] = Losses(key, unreachable, retrieval, ranking, shown, best)
    return out


@once_per_result
def users_behind(result: ExperimentResult, key: str, fate: str) -> pd.DataFrame:
    """Return the users behind one part of a retriever's bar, with the held-out items that came to that end.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever.
    fate : str
        A key of `FUNNEL_ENDS`.

    Returns
    -------
    DataFrame
        One row a user: ``USER_ID``; ``history`` (their interactions in training); ``n_items`` of that end,
        whose sum is the funnel's count; ``ITEM_ID`` and ``TITLE`` (lists of str), best placed first;
        ``pool_rank`` and ``position`` of the best placed, 0 where it has none. Those who came nearest to the
        list first: by pool rank, then those with the longest history, then in the order of measuring.

    Raises
    ------
    InvalidParameterError
        If no retriever of the result, or no end, is called so.
    """
    check_choice("fate", fate, FUNNEL_ENDS)
    places = held_out_places(result, key)
    mine = np.flatnonzero(places.ends == list(FUNNEL_ENDS).index(fate))
    # Each user's items together, the best placed first.
    mine = mine[np.lexsort((places.position[mine], places.pool_rank[mine], places.rows[mine]))]
    users, first, counts = np.unique(places.rows[mine], return_index=True, return_counts=True)
    item_ids, best = places.item_ids[mine], mine[first]
    table = pd.DataFrame(
        {
            USER_ID_NAME: result.user_ids[users],
            "history": history_lengths(result)[users],
            "n_items": counts,
            ITEM_ID_NAME: _parted(item_ids, first),
            TITLE_COL: _parted(result.data.titles_of(item_ids), first),
            "pool_rank": places.pool_rank[best],
            "position": places.position[best],
        }
    )
    order = np.lexsort((users, -table["history"], table["pool_rank"]))
    return table.iloc[order].reset_index(drop=True)


def _parted(values: NDArray[np.object_], first: NDArray[np.intp]) -> list[list[str]]:
    """Return the values from each place in `first` to the next, as lists."""
    return [part.tolist() for part in np.split(values, first[1:])] if len(first) else []
