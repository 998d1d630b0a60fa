"""Retrieve by dot product in the space that an embedding estimator declares."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._folded_users import space_of
from skrec_lite.estimator.embedding.base_embedding_estimator import reads_requests
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.exceptions import InvalidDataError, check_choice, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.base_retriever import NativeBatchRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.match import Match
from skrec_lite.retriever.popular import PopularOrder, catalogue_of
from skrec_lite.retriever.vector_index import EditedUsers, VectorIndex


class EmbeddingRetriever(NativeBatchRetriever):
    """Retrieve the items whose vectors have the largest dot product with the user's.

    Parameters
    ----------
    top_k : int, default 100
        Size of the candidate pool.
    cold_start_strategy : {"popular", "zero"}, default "popular"
        What an unknown user is given: popular items, or the answer to the zero vector (all items tie).
    estimator : embedding estimator, optional
        A retrieval model of its own, fitted during `train`. By default the scorer's estimator serves,
        which must then be an embedding estimator. With a model of its own, a tree ranker can rank
        embedding candidates.

    Raises
    ------
    ValueError
        For an unknown `cold_start_strategy`, a `top_k` below 1, or an `estimator` without embeddings.
    """

    pools_nest: ClassVar[bool] = True

    def __init__(
        self,
        top_k: int = 100,
        cold_start_strategy: Literal["popular", "zero"] = "popular",
        estimator: Any = None,
    ):
        super().__init__(top_k)
        self.cold_start_strategy = check_choice(
            "cold_start_strategy", cold_start_strategy, ("popular", "zero")
        )
        if estimator is not None and not has_embeddings(estimator):
            raise self._no_embeddings(estimator)
        self.estimator = estimator
        self.space_: RetrievalSpace | None = None
        self._space_owner: Any = None
        self._grown_owner: Any = None
        # An estimator of users with given histories, and who these are; the latest given first.
        self._folded: tuple[tuple[IdMap, Any], ...] = ()
        self._index: VectorIndex | None = None

    @property
    def name(self) -> str:
        """``"embedding"``."""
        return "embedding"

    @property
    def new_items_note(self) -> str:
        """Whether the model has vectors for them."""
        model = self._space_owner if self._space_owner is not None else self.estimator
        if getattr(model, "describes_new_items", False):
            return "It finds a new item: the model makes its vector of its features."
        if hasattr(model, "with_items"):
            return "It finds a new item only as an average one: the model was trained without item features."
        return "It cannot find a new item: the model has no vector for it until it is trained again."

    def check_requirements(
        self, estimator: Any, interactions: pd.DataFrame | None, items: pd.DataFrame | None
    ) -> None:
        """Refuse an estimator without embeddings, or one that no vectors can stand for, before any fit.

        Raises
        ------
        ValueError
            If neither the scorer's estimator nor its own has embeddings.
        RetrievalSpaceRefused
            If the one that would serve says that no dot product gives its order.
        """
        super().check_requirements(estimator, interactions, items)
        model = self.estimator if self.estimator is not None else estimator
        if not has_embeddings(model):
            raise self._no_embeddings(model)
        if hasattr(model, "check_retrieval"):
            model.check_retrieval(interactions)

    def unfitted(self) -> EmbeddingRetriever:
        """Return one of the same settings, with an unfitted model of its own where it has one."""
        fresh = super().unfitted()
        assert isinstance(fresh, EmbeddingRetriever)
        if self.estimator is not None:
            fresh.estimator = type(self.estimator)(**self.estimator.get_params())
        return fresh

    def fit_own_model(
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        **fit_options: Any,
    ) -> None:
        """Fit the retriever's own estimator, if it has one; the scorer's is fitted elsewhere."""
        if self.estimator is not None:
            self.estimator.fit_embedding_model(users, items, interactions, **fit_options)

    def build_index(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> None:
        """Take over the vectors of the estimator (its own, if it has one, else the one passed).

        Parameters
        ----------
        estimator : embedding estimator, optional
            Fitted.
        interactions : DataFrame, optional
            Counted for the popular answer to unknown users.
        items : DataFrame, optional
            The catalogue; items outside it are not retrieved.

        Raises
        ------
        ValueError
            If there is no estimator with embeddings.
        RuntimeError
            If it is not fitted.
        """
        model = self.estimator if self.estimator is not None else estimator
        if not has_embeddings(model):
            raise self._no_embeddings(model)
        owner = model
        if items is not None and hasattr(model, "with_items"):
            # Items that came after training are described by their features.
            model = model.with_items(items)
        space = space_of(model)
        catalogue = _offered(space.items, items)
        item_vectors = space.item_vectors
        if catalogue is not space.items:
            item_vectors = item_vectors[catalogue.rows_in(space.items)]
        self._index = self._index_of(
            VectorIndex(
                users=space.users,
                user_vectors=np.ascontiguousarray(space.user_vectors, dtype=np.float32),
                has_vector=np.ones(len(space.users), dtype=bool),
                item_vectors=np.ascontiguousarray(item_vectors, dtype=np.float32),
                popular=PopularOrder.of(interactions, catalogue),
                zero_for_unknown=self.cold_start_strategy == "zero",
            )
        )
        self.space_, self._space_owner, self._grown_owner, self._folded = space, owner, model, ()

    def with_histories(self, histories: pd.DataFrame | Histories) -> EmbeddingRetriever:
        """Return one that knows users by these histories, folded into the space without training.

        `histories_note` says how the estimator does it, and whether that is an approximation. A user without
        an interaction that counts is answered as an unknown one. Errors as in
        `BaseCandidateRetriever.with_histories`.
        """
        if self._index is None:
            raise self._not_built()
        given = Histories.of(histories)
        folded = given.folded_into(self._grown_owner)
        space = space_of(folded)
        twin = copy.copy(self)
        twin._index = self._index.with_users(EditedUsers.of(given.users, space.users, space.user_vectors))
        twin._folded = ((given.users, folded), *self._folded)
        twin.histories_note = str(getattr(folded, "fold_in_note", ""))
        return twin

    def reindexed(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> EmbeddingRetriever:
        """Return one of the same model with an index over other data; this one stays as it is.

        Where the model has no vectors for items that came after its fit, its index holds the same items as
        before, and is shared rather than built again.
        """
        model = self.estimator if self.estimator is not None else estimator
        twin = copy.copy(self)
        twin.histories_note = ""
        index, space = self._index, self.space_
        grows = hasattr(model, "with_items")
        if index is not None and space is not None and model is self._space_owner and not grows:
            catalogue = _offered(space.items, items)
            if catalogue == index.popular.items:
                twin._index = replace(index, popular=PopularOrder.of(interactions, catalogue), edited=None)
                twin._folded = ()
                return twin
        twin.build_index(estimator, interactions, items)
        return twin

    def _index_of(self, vectors: VectorIndex) -> VectorIndex:
        """Return what answers queries over `vectors`; a subclass may search them in another way."""
        return vectors

    def retrieve_batch(
        self, user_ids: Iterable[Any], top_k: int | None = None, exclude: Exclusion | None = None
    ) -> Candidates:
        """Return the items of largest dot product for each row; scores are those products."""
        if self._index is None:
            raise self._not_built()
        k = self.top_k if top_k is None else check_positive_int("top_k", top_k)
        return self._index.retrieve(user_ids, k, exclude, self.name)

    @property
    def reads_requests(self) -> bool:
        """Whether a request's context or user features change what is retrieved for it."""
        return reads_requests(self._space_owner)

    def retrieve_requests(
        self,
        user_ids: NDArray[np.object_],
        context: pd.DataFrame | None,
        users: pd.DataFrame | None,
        top_k: int,
        exclude: Exclusion | None = None,
    ) -> Candidates:
        """Do what `retrieve_batch` does, under each request's own context where the model reads it."""
        if self._index is None:
            raise self._not_built()
        if not self.reads_requests:
            return self.retrieve_batch(user_ids, top_k, exclude)
        vectors = self._space_owner.query_vectors(user_ids, context, users)
        for edited, folded in reversed(self._folded):
            mine = np.flatnonzero(edited.encode(user_ids) >= 0)
            if len(mine):
                asked = None if context is None else context.iloc[mine]
                vectors[mine] = folded.query_vectors(user_ids[mine], asked, users)
        return self._index.retrieve(user_ids, top_k, exclude, self.name, vectors)

    def match(self, user_id: str, item_id: str) -> Match:
        """Return the vectors of user and item, and whose they are; of an unknown user, the count."""
        if self._index is None:
            raise self._not_built()
        found = self._index.match(user_id, item_id, self.name)
        owners = (folded for edited, folded in self._folded if user_id in edited)
        return replace(found, space=self.space_, model=next(owners, self._space_owner))

    def pair_scores(
        self, user_ids: NDArray[np.object_], items: IdMap, item_index: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return the dot product of any pairs (n_rows, k); NaN at padding, for unknown users and items."""
        if self._index is None:
            raise self._not_built()
        return self._index.pair_scores(user_ids, items, item_index)

    def item_space(self) -> tuple[IdMap, NDArray[np.float32]]:
        """Return the items that can be retrieved and their vectors, shape (n_items, d)."""
        if self._index is None:
            raise self._not_built()
        return self._index.popular.items, self._index.item_vectors

    def orders_like(self, estimator: Any) -> bool:
        """Return whether a pool, as retrieved, is already in the order that `estimator` would rank it."""
        return self.space_ is not None and self.space_.exact and self._space_owner is estimator

    def _no_embeddings(self, estimator: Any) -> InvalidDataError:
        own = type(self).__name__
        return InvalidDataError(
            f"{own} needs an estimator with embeddings, but got {type(estimator).__name__}.",
            repair="Use an embedding estimator (matrix factorization), give the retriever one of its own "
            f"({own}(estimator=MatrixFactorizationEstimator())), or use ContentBasedRetriever "
            "or PopularityRetriever.",
        )


def has_embeddings(estimator: Any) -> bool:
    """Return whether `estimator` offers user and item embeddings."""
    return hasattr(estimator, "get_user_embeddings") and hasattr(estimator, "get_item_embeddings")


def _offered(known: IdMap, items: pd.DataFrame | None) -> IdMap:
    """Return those of the `known` items that `items` offers, in their order; all without it."""
    if items is None:
        return known
    rows = catalogue_of(None, items).rows_in(known)
    rows = np.sort(rows[rows >= 0])
    return IdMap(known.ids[rows]) if len(rows) < len(known) else known
