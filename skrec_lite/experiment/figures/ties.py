"""How much of the final lists is decided by the order of equal scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.metrics.ties import expected_at_cut
from skrec_lite.scorer.queries import Queries


def tie_figures(result: ExperimentResult) -> pd.DataFrame:
    """Say how often the last place of a list is tied with what is left out.

    Returns
    -------
    DataFrame
        One row a retriever and one for the full catalogue (``"full"``): ``retriever, n_users, n_tied,
        tied_share``. In a tied list the order of equal scores, which is that of the catalogue, decides what
        is shown.
    """
    rows = []
    ranked = {key: run.ranked for key, run in result.runs.items()} | {"full": result.reference.ranked}
    for key, run in ranked.items():
        n_users, n_tied = len(run.tied_at_cut), int(run.tied_at_cut.sum())
        rows.append({"retriever": key, "n_users": n_users, "n_tied": n_tied, "tied_share": n_tied / n_users})
    return pd.DataFrame(rows)


def tie_sentence(result: ExperimentResult) -> str:
    """Say of how many lists the order of equal scores decides the last place."""
    tied = [row for row in tie_figures(result).to_dict("records") if row["n_tied"]]
    if not tied:
        return "No list ends in a tie: scores alone decide what is shown."
    names = [
        "the full catalogue" if row["retriever"] == "full" else RETRIEVERS[row["retriever"]].in_a_sentence
        for row in tied
    ]
    shares = [f"{100 * row['tied_share']:.1f} of 100 ({name})" for row, name in zip(tied, names, strict=True)]
    return (
        f"Lists that end in a tie: {', '.join(shares)}. There an item left out has the score of the last one "
        "shown, and the order of the catalogue decides between them."
    )


def pool_scores(result: ExperimentResult, key: str) -> NDArray[np.float32]:
    """Return the ranker's score of every candidate of one retriever's pools, shape (n_users, top_k).

    The same pairs and the same scores as the final lists were made of; ``-inf`` at padding.

    Raises
    ------
    InvalidParameterError
        If no retriever of the result has that key.
    """
    check_choice("retriever", key, result.runs)
    view = result.recommenders[key].scorer.fitted
    pools = result.runs[key].candidates
    origin = pools.provenance if view.reads_pools else None
    queries = Queries.from_frames(queries_of(result.user_ids), None)
    scores = np.empty(pools.item_index.shape, dtype=np.float32)
    step = max(1, view.pairs_per_batch() // max(pools.k, 1))
    for start in range(0, len(queries), step):
        rows = slice(start, min(start + step, len(queries)))
        told = None if origin is None else origin[rows]
        scores[rows] = view.score_candidates(
            queries.rows(rows.start, rows.stop), pools.item_index[rows], told
        )
    return scores


def expected_list_metrics(result: ExperimentResult, key: str) -> dict[str, NDArray[np.float64]]:
    """Return what one retriever's final lists are worth when equal scores are ordered at random.

    The expected value of each metric over every order of candidates with equal scores: what the ranker's
    scores are worth, without the help or harm of whoever breaks ties.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever.

    Returns
    -------
    dict of str to ndarray of float64, shape (n_users,)
        By the names of `skrec_lite.metrics.LIST_METRICS`; beside ``result.runs[key].ranked.per_user``.

    Raises
    ------
    InvalidParameterError
        If no retriever of the result has that key.
    """
    scores = pool_scores(result, key)
    return expected_at_cut(scores, result.runs[key].hits, result.split.n_held_out, result.config.n)


@once_per_result
def expected_frame(result: ExperimentResult) -> pd.DataFrame:
    """Return the metrics of the final lists with ties as they fell and on average, means over users.

    Returns
    -------
    DataFrame
        ``retriever, metric, actual, expected``, in the order of the runs and of `LIST_METRICS`. Scores every
        candidate of every pool once more.
    """
    rows = []
    for key, run in result.runs.items():
        for metric, values in expected_list_metrics(result, key).items():
            expected = float(values.mean())
            rows.append(
                {"retriever": key, "metric": metric, "actual": run.ranked.mean(metric), "expected": expected}
            )
    return pd.DataFrame(rows)
