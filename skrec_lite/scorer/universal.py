"""One scorer for any estimator: embedding or tabular."""

from __future__ import annotations

from typing import Any

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_positive_int
from skrec_lite.scorer.base_scorer import BaseScorer
from skrec_lite.scorer.embedding_scores import EmbeddingScores
from skrec_lite.scorer.tabular_scores import TabularScores


class UniversalScorer(BaseScorer):
    """Score items with an embedding estimator (by ids) or a tabular one (by features).

    The catalogue is the items frame when there is one, else the items interacted with.

    Parameters
    ----------
    estimator : object
        Has ``fit_embedding_model`` (embedding) or ``fit`` and ``predict_scores`` (tabular).
    negatives_per_positive : int, default 4
        For a tabular estimator on implicit feedback (no ``OUTCOME <= 0``): items drawn per positive that
        the user never touched. With outcomes of both kinds the data is taken as labelled; only an
        estimator that ranks within users (``wants_groups``) is then given such negatives, for users
        without one.
    max_positives : int, default 50_000
        Positives beyond this are sampled down before negatives are drawn: a few hundred thousand pairs
        teach trees on some tens of features nearly all there is to learn, in a tenth of the time.
    random_state : int, optional
        Seed of that sampling; 0 by default, so that two trainings agree.

    Raises
    ------
    ValueError
        If `estimator` is neither kind.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        negatives_per_positive: int = 4,
        max_positives: int = 50_000,
        random_state: int | None = 0,
    ):
        super().__init__(estimator)
        self._is_embedding = hasattr(estimator, "fit_embedding_model")
        if not self._is_embedding and not hasattr(estimator, "predict_scores"):
            raise InvalidParameterError(
                "estimator must be an embedding estimator (fit_embedding_model) or a tabular one (fit, "
                f"predict_scores). Got {type(estimator).__name__} instead."
            )
        self.negatives_per_positive = check_positive_int("negatives_per_positive", negatives_per_positive)
        self.max_positives = check_positive_int("max_positives", max_positives)
        self.random_state = random_state

    def fit(
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        valid_users: pd.DataFrame | None = None,
        valid_interactions: pd.DataFrame | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Fit the estimator on training data.

        Parameters
        ----------
        users, items : DataFrame, optional
            Features by ``USER_ID`` and ``ITEM_ID``.
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID``, and usually ``OUTCOME``.
        valid_users, valid_interactions : DataFrame, optional
            For estimators that watch a validation set. An embedding estimator is handed them as they are;
            a tabular one is given labelled pairs of these interactions, made as those it learns from
            (negatives included where there are none), with the features that the training knows or
            `valid_users` brings. Users and items that the training does not know are left out.
        progress : callable, optional
            Called with (fraction done, what is being done).
        cancel : callable, optional
            Asked every epoch or boosting round; True ends the fit with `Cancelled`.

        Raises
        ------
        ValueError
            If there are no interactions, or ids or outcomes cannot be used.
        """
        if interactions is None or interactions.empty:
            raise InvalidDataError(
                "There is not one interaction to learn from.",
                repair=f"Pass interactions with '{USER_ID_NAME}', '{ITEM_ID_NAME}' and '{LABEL_NAME}'.",
            )
        catalogue = None
        if items is not None:
            require_ids(items, ITEM_ID_NAME, "items")
            catalogue = IdMap.from_values(items[ITEM_ID_NAME])
        if self._is_embedding:
            self.estimator.fit_embedding_model(
                users,
                items,
                interactions,
                valid_users,
                valid_interactions,
                progress=progress,
                cancel=cancel,
            )
            self._fitted = EmbeddingScores.of(self.estimator, catalogue or self.estimator.items)
            return
        known = interactions
        if catalogue is not None:
            known = interactions.loc[catalogue.encode(interactions[ITEM_ID_NAME]) >= 0]
        self._fitted = TabularScores.fit(
            self.estimator,
            users,
            items,
            known,
            EncodedInteractions.from_frame(known, items=catalogue),
            valid_users,
            valid_interactions,
            negatives_per_positive=self.negatives_per_positive,
            max_positives=self.max_positives,
            seed=self.random_state,
            progress=progress,
            cancel=cancel,
        )
