"""Retrieve by dot product in the space that an embedding estimator declares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding.base_embedding_estimator import reads_requests
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.exceptions import InvalidDataError, check_choice, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.base_retriever import NativeBatchRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.popular import PopularOrder, catalogue_of
from skrec_lite.retriever.vector_index import VectorIndex


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
            raise _no_embeddings(estimator)
        self.estimator = estimator
        self.space_: RetrievalSpace | None = None
        self._space_owner: Any = None
        self._index: VectorIndex | None = None

    @property
    def name(self) -> str:
        """``"embedding"``."""
        return "embedding"

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
            raise _no_embeddings(model)
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
            raise _no_embeddings(model)
        owner = model
        if items is not None and hasattr(model, "with_items"):
            # Items that came after training are described by their features.
            model = model.with_items(items)
        space = model.retrieval_space() if hasattr(model, "retrieval_space") else _space_of(model)
        catalogue, item_vectors = space.items, space.item_vectors
        if items is not None:
            offered = catalogue_of(None, items).rows_in(catalogue)
            offered = np.sort(offered[offered >= 0])
            if len(offered) < len(catalogue):
                catalogue, item_vectors = IdMap(catalogue.ids[offered]), item_vectors[offered]
        self._index = VectorIndex(
            users=space.users,
            user_vectors=np.ascontiguousarray(space.user_vectors, dtype=np.float32),
            has_vector=np.ones(len(space.users), dtype=bool),
            item_vectors=np.ascontiguousarray(item_vectors, dtype=np.float32),
            popular=PopularOrder.of(interactions, catalogue),
            zero_for_unknown=self.cold_start_strategy == "zero",
        )
        self.space_, self._space_owner = space, owner

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
        return self._index.retrieve(user_ids, top_k, exclude, self.name, vectors)

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


def has_embeddings(estimator: Any) -> bool:
    """Return whether `estimator` offers user and item embeddings."""
    return hasattr(estimator, "get_user_embeddings") and hasattr(estimator, "get_item_embeddings")


def _space_of(estimator: Any) -> RetrievalSpace:
    """Read the space of an estimator that only knows the two ``get_*_embeddings`` methods."""
    return RetrievalSpace.from_frames(estimator.get_user_embeddings(), estimator.get_item_embeddings())


def _no_embeddings(estimator: Any) -> InvalidDataError:
    return InvalidDataError(
        f"EmbeddingRetriever needs an estimator with embeddings, but got {type(estimator).__name__}.",
        repair="Use an embedding estimator (matrix factorization), give the retriever one of its own "
        "(EmbeddingRetriever(estimator=MatrixFactorizationEstimator())), or use ContentBasedRetriever "
        "or PopularityRetriever.",
    )
