"""Why a ranker puts an item where it does for a user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_EMBEDDING_NAME, ITEM_ID_NAME, USER_EMBEDDING_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import Indivisible
from skrec_lite.estimator.retrieval_space import stack_vectors
from skrec_lite.explain.explanation import Explanation, one_id
from skrec_lite.explain.rows import explain_row
from skrec_lite.explain.vectors import by_vectors
from skrec_lite.retriever.match import row_of
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.queries import Queries


def explain_ranked(
    ranker: Any,
    user_id: Any,
    item_id: Any,
    interactions: pd.DataFrame | None = None,
    *,
    context: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    origin: Provenance | None = None,
) -> Explanation:
    """Say what the ranking stage's score of one user and one item is made of.

    A ranker whose view declares ``feature_rows`` is explained by features (`explain_row`), one that ranks
    by embeddings as `explain_candidate` explains them.

    Parameters
    ----------
    ranker : RankingRecommender, BaseScorer or FittedScores
        Trained.
    user_id, item_id : object
        As in the interactions.
    interactions : DataFrame, optional
        Those of the training; needed to explain embeddings.
    context : DataFrame, optional
        The request's own columns, one row.
    users : DataFrame, optional
        Features of the user, in place of those of training.
    origin : Provenance, optional
        Who retrieved the item, and at which rank, for a ranker that reads it (`CandidateScorer`): that of
        one candidate, ``candidates.provenance[row : row + 1].taken([[place]])``. Without it the retriever
        is asked again, the user's seen items left out.

    Returns
    -------
    Explanation
        `Explanation.shown` is the score that the ranked list has.

    Raises
    ------
    ValueError
        If an id is missing, the ranker does not know the item, or embeddings are to be explained and the
        interactions hold none of the user's.
    RuntimeError
        Before the training.
    """
    user, item = one_id(user_id, "user_id"), one_id(item_id, "item_id")
    scorer = getattr(ranker, "scorer", ranker)
    view = scorer.fitted if hasattr(type(scorer), "fitted") else scorer
    while hasattr(view, "view_of"):
        # Users with histories of their own have a view of their own.
        view = view.view_of(user)
    if hasattr(view, "view_of"):
        # A view in which some users have histories of their own.
        view = view.view_of(user)
    pair = np.array([[row_of(view.items, item, "the ranker")]], dtype=np.int32)
    queries = Queries(np.array([user], dtype=object), context, users)
    if hasattr(view, "feature_rows"):
        rows = view.feature_rows(queries, pair, origin)
        return explain_row(view.estimator, view.feature_names, rows[0])
    score = float(view.score_candidates(queries, pair)[0, 0])
    return _by_embeddings(view.estimator, score, user, item, interactions, queries)


def _by_embeddings(
    estimator: Any, score: float, user: str, item: str, interactions: pd.DataFrame | None, queries: Queries
) -> Explanation:
    row = int(estimator.items.encode([item])[0])
    if row < 0:
        why = f"the ranker never met item '{item}' and scores it as the average of the items that it knows"
        return Explanation.of_nothing(score, f"Not decomposable: {why}.")
    if queries.users is not None and USER_EMBEDDING_NAME in queries.users.columns:
        estimator_or_why: Any = Indivisible("the user's vector came with the request")
    else:
        estimator_or_why = estimator
    vector = stack_vectors(estimator.get_item_embeddings().iloc[[row]], ITEM_EMBEDDING_NAME)[0]
    return by_vectors(
        score, user, item, interactions, estimator_or_why, vector,
        lambda: item_vectors_of(estimator), queries.context, queries.users,
    )  # fmt: skip


def item_vectors_of(estimator: Any) -> tuple[IdMap, NDArray[np.float32]]:
    """Return the items of an embedding estimator and their vectors, shape (n_items, d)."""
    frame = estimator.get_item_embeddings()
    return IdMap(frame[ITEM_ID_NAME]), stack_vectors(frame, ITEM_EMBEDDING_NAME)
