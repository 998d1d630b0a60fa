"""The two gaps below the ceiling at one pool size: what retrieval loses, and what ranking loses then."""

from __future__ import annotations

from dataclasses import dataclass

from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.figures.difference_words import amount, name_of
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.metrics import hit_matrix, recall

#: Seconds that making the lists of another pool size may take where nobody asked for a wait.
AT_ONCE_SECONDS = 0.1


@dataclass(frozen=True)
class RecallGaps:
    """Mean recall at the ends of the two gaps, of one retriever at one pool size.

    Attributes
    ----------
    retriever : str
    k, n : int
        Sizes of pool and list.
    ceiling : float
        What any retriever could find: held-out items in the catalogue at training.
    pool, final : float
        Recall of the first `k` candidates, and of the list of `n` that the ranker makes of them.
    """

    retriever: str
    k: int
    n: int
    ceiling: float
    pool: float
    final: float

    @property
    def lost_in_retrieval(self) -> float:
        """From the ceiling to the pool's recall."""
        return self.ceiling - self.pool

    @property
    def lost_in_ranking(self) -> float:
        """From the pool's recall to the list's."""
        return self.pool - self.final

    @property
    def sentence(self) -> str:
        """Both gaps, for people."""
        return (
            f"{name_of(self.retriever)} with {self.k:,} candidates: {amount(self.lost_in_retrieval)} of 100 "
            f"lost in retrieval ({amount(self.ceiling)} within reach, {amount(self.pool)} in the pool), "
            f"{amount(self.lost_in_ranking)} lost in ranking ({amount(self.final)} in the list of "
            f"{self.n:,})."
        )


def recall_gaps(result: ExperimentResult, key: str, k: int) -> RecallGaps:
    """Return the gaps of one retriever with pools of `k`.

    At the run's own pool size the list is the run's; at a smaller one the same ranker, not taught again,
    orders the first `k` candidates of the run's pools, once.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever.
    k : int
        From 1 to ``config.top_k``.

    Raises
    ------
    InvalidParameterError
        If no retriever of the result has that key.
    """
    check_choice("retriever", key, result.runs)
    return RecallGaps(
        retriever=key,
        k=k,
        n=result.config.n,
        ceiling=result.reachable_share,
        pool=float(result.recall_curves[key][k - 1]),
        final=_final_recall(result, key, k),
    )


def gaps_are_at_hand(result: ExperimentResult, key: str, k: int) -> bool:
    """Return whether `recall_gaps` answers without a wait, judged by what the run itself took."""
    top_k = result.config.top_k
    return k == top_k or result.runs[key].ranked.seconds * k / top_k <= AT_ONCE_SECONDS


@once_per_result
def _final_recall(result: ExperimentResult, key: str, k: int) -> float:
    config, split, run = result.config, result.split, result.runs[key]
    if k == config.top_k:
        return run.ranked.mean("recall")
    lists = result.recommenders[key].rank(
        queries_of(split.user_ids), top_k=config.n, candidates=run.candidates.head(k)
    )
    return float(recall(hit_matrix(lists.item_index, split.held_out), split.n_held_out).mean())
