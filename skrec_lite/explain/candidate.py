"""Why a retriever finds an item for a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from skrec_lite.explain.counts import by_count
from skrec_lite.explain.explanation import Explanation, one_id, parts_frame
from skrec_lite.explain.features import by_features
from skrec_lite.explain.vectors import by_vectors


def explain_candidate(
    retriever: Any,
    user_id: Any,
    item_id: Any,
    interactions: pd.DataFrame | None,
    *,
    groups: Mapping[str, str] | None = None,
    n_users: int | None = None,
) -> Explanation:
    """Say what a retriever's score of one user and one item is made of.

    A retriever that declares ``match`` (see `skrec_lite.retriever.match`) is explained by what that holds:
    named coordinates by features; vectors of a model by the history, where the model's
    ``user_vector_parts`` can take the user's vector apart, and by nearest items of the history where it
    cannot; a count by itself. A retriever that does not is "not decomposable".

    Parameters
    ----------
    retriever : BaseCandidateRetriever
        With its index built.
    user_id, item_id : object
        As in the interactions; the item need not have been retrieved.
    interactions : DataFrame or None
        Those of the training, or at least all of them with this user or this item. Needed to explain vectors.
    groups : mapping of feature to column, optional
        Sums up features that were made of one column; see `column_groups`.
    n_users : int, optional
        Users of the training; by default those of `interactions`.

    Returns
    -------
    Explanation
        ``score`` is that of `retrieve_batch`: under average context, where the model reads context.

    Raises
    ------
    ValueError
        If an id is missing, the item is not in the retriever's catalogue, or vectors are to be explained
        and the interactions hold none of the user's.
    RuntimeError
        If the index has not been built.
    """
    user, item = one_id(user_id, "user_id"), one_id(item_id, "item_id")
    match = retriever.match(user, item) if hasattr(retriever, "match") else None
    if match is None:
        return Explanation.of_nothing(float("nan"), f"Not decomposable: {_silent(retriever)}.")
    if match.is_count:
        return by_count(match, user, interactions, n_users)
    if not match.is_known:
        note = (
            f"'{match.source}' does not know user '{user}' and was told to score every item 0 for such users."
        )
        return Explanation.of_sum(match.score, "none", parts_frame((), (), (), ()), 0.0, note)
    if match.feature_names:
        return by_features(match, groups or {})
    space = match.space
    return by_vectors(
        match.score, user, item, interactions, match.model, match.item_vector,
        lambda: (space.items, space.item_vectors),
    )  # fmt: skip


def _silent(retriever: Any) -> str:
    name = getattr(retriever, "name", type(retriever).__name__)
    leaves = getattr(retriever, "leaves", ())
    if len(leaves) > 1:
        sources = ", ".join(leaf.name for leaf in leaves)
        return (
            f"{name} puts pools of several retrievers together ({sources}), each of which has its own reasons"
        )
    return f"{name} gives lists without saying why"
