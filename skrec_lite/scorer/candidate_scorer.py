"""Score candidates by an estimator that learned on candidates, with what the first stage said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.time_split import SplitConfig, cut_in_time, latest_of_each_user
from skrec_lite.estimator.training import Cancel, Progress, raise_if_cancelled
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.scorer.base_scorer import BaseScorer
from skrec_lite.scorer.candidate_features import CandidateFeatures
from skrec_lite.scorer.candidate_pairs import LabelledCandidates, label_candidates
from skrec_lite.scorer.candidate_scores import PAIRS_PER_BATCH, CandidateScores
from skrec_lite.scorer.queries import Queries

# Of each user at most so many of the latest interactions become labels.
_LATEST = 5


@dataclass(frozen=True)
class CandidateTraining:
    """What a ranker learned on.

    Attributes
    ----------
    n_users, n_pairs, n_positive : int
        Users with a retrieved positive, labelled candidates, and those of label 1.
    n_later : int
        Interactions after the inner cut, of which the positives are those that were retrieved.
    feature_names : tuple of str
    """

    n_users: int
    n_pairs: int
    n_positive: int
    n_later: int
    feature_names: tuple[str, ...]


class CandidateScorer(BaseScorer):
    """Rank by a tabular estimator that learns on retrieved candidates.

    The training interactions are parted in time. A first stage is fitted on the earlier part; what it
    retrieves for each user is labelled by the later part, so that the estimator learns to tell, among
    candidates, those that were chosen. Then the retriever is fitted on all training interactions, and
    serves. No interaction after the inner cut reaches a feature that is learned on.

    Needs a retriever in the `RankingRecommender`; `MergedRetriever` gives the estimator each retriever's
    rank and score as features.

    Parameters
    ----------
    estimator : tabular estimator
        Such as `XGBClassifierEstimator`, with a classification or a ranking objective.
    inner_split : SplitConfig, optional
        How the training interactions are parted. By default the latest fifth of each user's interactions
        (at least 1, at most 5) is the later part.
    negatives_per_user : int, default 50
        Candidates not chosen that are drawn from each user's pool, evenly over its ranks.
    max_pairs : int, default 500_000
        Users are sampled down to about as many pairs.
    validation_share : float, default 0
        Share of the users whose candidates are held back for the estimator to watch (early stopping).
    random_state : int, optional
        Seed of these draws; 0 by default, so that two trainings agree.

    Attributes
    ----------
    training_ : CandidateTraining
        What the last training learned on.

    Raises
    ------
    ValueError
        For an embedding estimator, which learns from ids and has no use for candidates, and for parameters
        out of range.

    Notes
    -----
    Pools are retrieved without what users already have: ask with ``exclude_seen=True``, as it was trained.

    References
    ----------
    Covington, Adams, Sargin 2016, "Deep neural networks for YouTube recommendations", section 4, for the two
    stages; Wang, Lin, Metzler 2011, "A cascade ranking model for efficient ranked retrieval", for learning a
    stage on what the one before it passes on.

    Examples
    --------
    >>> recommender = RankingRecommender(
    ...     scorer=CandidateScorer(XGBClassifierEstimator({"n_estimators": 200})),
    ...     retriever=MergedRetriever([
    ...         EmbeddingRetriever(estimator=MatrixFactorizationEstimator()), PopularityRetriever()
    ...     ], top_k=200),
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        estimator: Any,
        *,
        inner_split: SplitConfig | None = None,
        negatives_per_user: int = 50,
        max_pairs: int = 500_000,
        validation_share: float = 0.0,
        random_state: int | None = 0,
    ):
        super().__init__(estimator)
        if not hasattr(estimator, "predict_scores"):
            raise InvalidParameterError(
                "CandidateScorer needs a tabular estimator (fit, predict_scores), which reads what the first "
                f"stage said. Got {type(estimator).__name__} instead. Use UniversalScorer for it."
            )
        self.inner_split = inner_split
        self.negatives_per_user = check_positive_int("negatives_per_user", negatives_per_user)
        self.max_pairs = check_positive_int("max_pairs", max_pairs)
        if not 0 <= validation_share < 1:
            raise InvalidParameterError(
                f"validation_share must be a number in the range [0, 1). Got {validation_share!r} instead."
            )
        self.validation_share = float(validation_share)
        self.random_state = random_state
        self.training_: CandidateTraining | None = None
        self._sources: tuple[str, ...] = ()

    @property
    def learns_on_candidates(self) -> bool:
        """True: it is trained by `fit_on_candidates`, with a retriever."""
        return True

    def fit(self, *args: Any, **options: Any) -> None:
        """Refuse: there are no candidates without a retriever."""
        raise InvalidParameterError(
            "CandidateScorer learns on candidates and needs a retriever: "
            "RankingRecommender(scorer, retriever=...)."
        )

    def fit_on_candidates(
        self,
        retriever: BaseCandidateRetriever,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Train the estimator on what a twin of `retriever` finds; `retriever` itself stays as it is.

        Parameters
        ----------
        retriever : BaseCandidateRetriever
            Its settings count; it need not be fitted.
        users, items : DataFrame, optional
            Features by ``USER_ID`` and ``ITEM_ID``.
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID``, usually ``OUTCOME`` and ``TIMESTAMP``.
        progress, cancel : callable, optional
            As everywhere in the library.

        Raises
        ------
        ValueError
            If the interactions cannot be parted, or none of the later ones is retrieved from the earlier.
        """
        catalogue = catalogue_for(interactions, items)
        earlier, later = self._parted(interactions)
        _tell(progress, 0.0, "first stage on the earlier interactions")
        first = retriever.unfitted()
        first.fit_own_model(users, items, earlier, progress=_scaled(progress, 0.0, 0.4), cancel=cancel)
        first.build_index(estimator=None, interactions=earlier, items=items)
        raise_if_cancelled(cancel, "The training on candidates")
        _tell(progress, 0.4, "describing candidates")
        features = CandidateFeatures.fit(first, users, items, earlier, catalogue)
        queries, labelled = self._labelled(first, users, earlier, later, catalogue)
        raise_if_cancelled(cancel, "The training on candidates")
        self._fit_estimator(features, queries, labelled, _scaled(progress, 0.5, 1.0), cancel)
        self.training_ = CandidateTraining(
            n_users=len(labelled.rows),
            n_pairs=int((labelled.item_index >= 0).sum()),
            n_positive=labelled.n_positive,
            n_later=len(later),
            feature_names=features.names,
        )
        self._sources = features.sources

    def bind(
        self,
        retriever: BaseCandidateRetriever,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
    ) -> None:
        """Describe candidates as of all `interactions` from here on; `retriever` is built on these.

        Raises
        ------
        ValueError
            If the retriever is not of the kind that the estimator was trained with.
        RuntimeError
            Before `fit_on_candidates`.
        """
        if self.training_ is None:
            _ = self.fitted  # raises
        features = CandidateFeatures.fit(
            retriever, users, items, interactions, catalogue_for(interactions, items)
        )
        if self.training_ is not None and features.names != self.training_.feature_names:
            raise InvalidParameterError(
                f"The ranker was trained on candidates of {', '.join(self._sources)}, and is now given those "
                f"of {', '.join(features.sources)}. Train it again with this retriever."
            )
        self._fitted = CandidateScores(self.estimator, features)

    def with_new_items(self, items: pd.DataFrame, retriever: BaseCandidateRetriever | None = None) -> Self:
        """Return a scorer that can also score the items of `items`, by what `retriever` says of them too."""
        twin = super().with_new_items(items)
        view = self.fitted
        if retriever is not None and isinstance(view, CandidateScores):
            view = replace(view, features=replace(view.features, retriever=retriever))
            twin._fitted = view.extended(items)
        return twin

    def _parted(self, interactions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        if self.inner_split is None:
            is_later = latest_of_each_user(interactions, _LATEST)
            earlier, later = interactions.loc[~is_later], interactions.loc[is_later]
        else:
            earlier, later, _ = cut_in_time(interactions, self.inner_split)
        if not len(earlier) or not len(later):
            raise InvalidDataError(
                "The training interactions cannot be parted in time: no user has two of them.",
                column=USER_ID_NAME,
                rows=len(interactions),
                repair="Use data with at least two interactions per user, or train the ranker without "
                "candidates (UniversalScorer).",
            )
        return earlier, later

    def _labelled(
        self,
        first: BaseCandidateRetriever,
        users: pd.DataFrame | None,
        earlier: pd.DataFrame,
        later: pd.DataFrame,
        catalogue: IdMap,
    ) -> tuple[Queries, LabelledCandidates]:
        before = EncodedInteractions.from_frame(earlier, items=catalogue)
        later = later.loc[(before.users.encode(later[USER_ID_NAME]) >= 0) & (outcomes_of(later) > 0)]
        # A user asks once, under the request context of the first of the later interactions.
        asking = later.drop_duplicates(USER_ID_NAME)
        after = EncodedInteractions.from_frame(later, items=catalogue)
        chosen = Exclusion.from_csr(after.by_user, after.users, catalogue)
        queries = Queries.from_frames(asking, users)
        seen = Exclusion.from_csr(before.by_user, before.users, catalogue)
        pools = first.retrieve_requests(queries.user_ids, queries.context, users, first.top_k, seen)
        pools = pools.over(catalogue)
        rng = np.random.default_rng(self.random_state)
        labelled = label_candidates(
            pools, chosen.of(queries.user_ids, catalogue), self.negatives_per_user, self.max_pairs, rng
        )
        if not labelled.n_positive or not ((labelled.labels == 0) & (labelled.item_index >= 0)).any():
            raise InvalidDataError(
                f"None of the {len(later):,} later interactions of the training data is among the "
                f"{first.top_k} candidates retrieved from the earlier ones, so there is nothing to learn on.",
                rows=len(later),
                repair="Retrieve more candidates (top_k), or train the ranker without candidates "
                "(UniversalScorer).",
            )
        return queries, labelled

    def _fit_estimator(
        self,
        features: CandidateFeatures,
        queries: Queries,
        labelled: LabelledCandidates,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        rng = np.random.default_rng(self.random_state)
        held_back = np.zeros(len(labelled.rows), dtype=bool)
        if self.validation_share and len(labelled.rows) > 1:
            n = min(max(1, round(self.validation_share * len(held_back))), len(held_back) - 1)
            held_back[rng.choice(len(held_back), size=n, replace=False)] = True
        frame, labels, groups = _rows(features, queries, labelled.part(~held_back))
        options: dict[str, Any] = {}
        in_groups = bool(getattr(self.estimator, "wants_groups", False))
        if in_groups:
            options["groups"] = groups
        if held_back.any():
            options["X_valid"], options["y_valid"], watched = _rows(
                features, queries, labelled.part(held_back)
            )
            if in_groups:
                options["groups_valid"] = watched
        self.estimator.fit(frame, labels, progress=progress, cancel=cancel, **options)


def catalogue_for(interactions: pd.DataFrame, items: pd.DataFrame | None) -> IdMap:
    """Return the items that can be ranked: those of `items`, or else those interacted with."""
    if items is not None:
        require_ids(items, ITEM_ID_NAME, "items")
        return IdMap.from_values(items[ITEM_ID_NAME])
    require_ids(interactions, ITEM_ID_NAME, "interactions")
    return IdMap.from_values(interactions[ITEM_ID_NAME])


def _rows(
    features: CandidateFeatures, queries: Queries, labelled: LabelledCandidates
) -> tuple[pd.DataFrame, NDArray[np.float32], NDArray[np.int64]]:
    """Return the feature row of every candidate, its label, and the query it belongs to."""
    parts = []
    step = max(1, PAIRS_PER_BATCH // max(labelled.item_index.shape[1], 1))
    for start in range(0, len(labelled.rows), step):
        block = labelled.part(slice(start, start + step))
        table = features.matrix(queries.take(block.rows), block.item_index, block.origin)
        parts.append(table[block.item_index.ravel() >= 0])
    filled = labelled.item_index >= 0
    groups = np.broadcast_to(labelled.rows[:, None], filled.shape)[filled]
    table = np.concatenate(parts) if parts else np.zeros((0, len(features.names)), dtype=np.float32)
    return pd.DataFrame(table, columns=list(features.names)), labelled.labels[filled], groups


def _tell(progress: Progress | None, fraction: float, doing: str) -> None:
    if progress is not None:
        progress(fraction, doing)


def _scaled(progress: Progress | None, low: float, high: float) -> Progress | None:
    if progress is None:
        return None

    def report(fraction: float, doing: str, epoch: Any = None, /) -> None:
        progress(low + (high - low) * fraction, doing, epoch)

    return report
