"""Two towers: vectors of users and items from ids, features and history, with request context."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_EMBEDDING_NAME, ITEM_ID_NAME, USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.features.numeric_features import numeric_feature_columns
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import Indivisible, VectorParts
from skrec_lite.estimator.embedding import _frames
from skrec_lite.estimator.embedding._given_vectors import given_or_learned
from skrec_lite.estimator.embedding._positives import history_matrix
from skrec_lite.estimator.embedding._tower_checks import (
    ContextMode,
    check_context_mode,
    check_parameters,
    refuse_without_request,
    refuse_without_vectors,
)
from skrec_lite.estimator.embedding._tower_fit import TowerFit, fit_towers
from skrec_lite.estimator.embedding._tower_model import TwoTowerModel
from skrec_lite.estimator.embedding._tower_parts import user_parts
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.persistence import State
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.estimator.training import Cancel, EpochMonitor, Progress
from skrec_lite.exceptions import NotFittedError

__all__ = ["ContextMode", "ContextualizedTwoTowerEstimator"]


class ContextualizedTwoTowerEstimator(BaseEmbeddingEstimator):
    r"""Bring users and items into one space by two networks, trained to tell the next item from others.

    Parameters
    ----------
    user_embedding_dim, item_embedding_dim : int, default 64
        Lengths of the id embeddings that go into the towers.
    final_embedding_dim : int, default 32
        Length of the vectors that come out.
    context_mode : ContextMode or str, default "user_tower"
        Where numeric columns of the interactions beside ids, outcome and time are taken in.
    user_tower_hidden_dim1, user_tower_hidden_dim2 : int, optional
    item_tower_hidden_dim1, item_tower_hidden_dim2 : int, optional
        Widths of hidden layers with ReLU; without them a tower is one linear layer, which serves ids best.
    learning_rate : float, default 0.01
        Size of the first step; it falls linearly to 0 at the last step of the last epoch.
    epochs : int, default 20
        Passes over the data, at most.
    batch_size : int, default 1024
        Rows of a batch; each row's negatives are the other rows' items.
    optimizer_name : {"adam", "adamw", "adagrad", "sgd"}, default "adam"
    device : {None, "cpu", "cuda"}
        Where to train; None takes a GPU if there is one. Scores are computed on the CPU always.
    random_state : int, optional
        Seed; None draws a fresh one.
    verbose : int, default 0
        Above 0, each epoch is logged at level INFO.
    early_stopping_patience : int, optional
        Epochs without a better validation recall before training ends; needs ``valid_interactions``.
    restore_best_weights : bool, default True
        With validation: keep the weights of the best epoch rather than the last.
    temperature : float, default 0.2
        Scores are cosines divided by it; smaller looks more at the hardest negatives.
    log_q_correction : bool, default True
        Correct for popular items turning up more often as negatives.
    id_dropout : float, default 0.2
        Share of training rows in which an id is hidden, so that histories and features learn to stand
        in for it.
    max_history : int, default 50
        Items of the user's history that a training row sees, drawn at random; all of them afterwards.
    weight_decay : float, default 0.3
        Each step shrinks the id embeddings that it reads by the share ``rate * weight_decay``, whichever
        the optimizer (Loshchilov and Hutter 2019, "Decoupled weight decay regularization").
    uniform_negatives : int, default 0
        Items drawn as further negatives of a batch, each as likely as another (Yang et al. 2020, "Mixed
        negative sampling for learning two-tower neural networks in recommendations").
    steps_per_epoch : int, optional
        Batches after which an epoch ends, validates and reports, each epoch on others drawn at random;
        None goes through all interactions. For data so large that a share of them teaches enough.
    popularity_power : float, default 0.0
        Item vectors come out with length ``(1 + users)**popularity_power`` rather than 1: what is known of
        an item from few users is held back beside what many have shown. Useful values are about 0.05.

    Attributes
    ----------
    losses_ : tuple of float
        The loss of each epoch.
    validation_values_ : tuple of float
        Recall@20 over the whole catalogue of each epoch, where there was a validation set.
    n_parameters_ : int
        Numbers that were learned.

    Notes
    -----
    Learns from interactions with ``OUTCOME > 0``. The user tower reads id embedding, standardised
    features and the mean input of the history's items (the item to be predicted left out); the item
    tower reads id embedding and standardised features. Outputs have length 1 (Yi et al. 2019) but
    for `popularity_power`, which training does not see.

    An item nobody interacted with is described by its features; without any it is an average item. An
    unknown user has the mean of all user vectors, or where features come with the request, what the
    tower makes of these; `user_vector` folds in a history.

    References
    ----------
    Covington, Adams, Sargin 2016, "Deep neural networks for YouTube recommendations". Yi et al. 2019,
    "Sampling-bias-corrected neural modeling for large corpus item recommendations". Volkovs, Yu,
    Poutanen 2017, "DropoutNet", for hidden ids.
    """

    fold_in_note: ClassVar[str] = (
        "The user tower reads the history alone: what training learned of a known user's id is left out, for "
        "it comes of another history."
    )

    def __init__(
        self,
        user_embedding_dim: int = 64,
        item_embedding_dim: int = 64,
        final_embedding_dim: int = 32,
        context_mode: ContextMode | str = ContextMode.USER_TOWER,
        user_tower_hidden_dim1: int | None = None,
        user_tower_hidden_dim2: int | None = None,
        item_tower_hidden_dim1: int | None = None,
        item_tower_hidden_dim2: int | None = None,
        learning_rate: float = 0.01,
        epochs: int = 20,
        batch_size: int = 1024,
        optimizer_name: str = "adam",
        device: str | None = None,
        random_state: int | None = None,
        verbose: int = 0,
        early_stopping_patience: int | None = None,
        restore_best_weights: bool = True,
        temperature: float = 0.2,
        log_q_correction: bool = True,
        id_dropout: float = 0.2,
        max_history: int = 50,
        weight_decay: float = 0.3,
        uniform_negatives: int = 0,
        steps_per_epoch: int | None = None,
        popularity_power: float = 0.0,
    ):
        check_context_mode(context_mode)
        self.user_embedding_dim = user_embedding_dim
        self.item_embedding_dim = item_embedding_dim
        self.final_embedding_dim = final_embedding_dim
        self.context_mode = context_mode
        self.user_tower_hidden_dim1 = user_tower_hidden_dim1
        self.user_tower_hidden_dim2 = user_tower_hidden_dim2
        self.item_tower_hidden_dim1 = item_tower_hidden_dim1
        self.item_tower_hidden_dim2 = item_tower_hidden_dim2
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer_name = optimizer_name
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.early_stopping_patience = early_stopping_patience
        self.restore_best_weights = restore_best_weights
        self.temperature = temperature
        self.log_q_correction = log_q_correction
        self.id_dropout = id_dropout
        self.max_history = max_history
        self.weight_decay = weight_decay
        self.uniform_negatives = uniform_negatives
        self.steps_per_epoch = steps_per_epoch
        self.popularity_power = popularity_power
        self._fit: TowerFit | None = None

    def fit_embedding_model(
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
        """Train both towers.

        Parameters
        ----------
        users, items : DataFrame, optional
            Numeric columns are features; the item ids are the catalogue.
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID``, ``OUTCOME`` (all 1 where there is no such column); other numeric
            columns but ``TIMESTAMP`` are request context.
        valid_users : DataFrame, optional
            Not used: features of validation users are looked up in `users`.
        valid_interactions : DataFrame, optional
            Watched after each epoch: recall@20 over the whole catalogue, training items left out.
        progress, cancel : callable, optional
            As everywhere in the library; `cancel` is asked every 20 batches, and an earlier fit stays.

        Raises
        ------
        ValueError
            For a parameter out of range, missing or null ids, or no interaction with ``OUTCOME > 0``.
        """
        parameters = self.get_params()
        check_parameters(parameters)
        monitor = EpochMonitor("Two towers", self.epochs, progress, cancel, self.verbose)
        # Only at the end, so that a cancelled or failed fit leaves an earlier one as it was.
        self._fit = fit_towers(parameters, users, items, interactions, valid_interactions, monitor)

    @property
    def losses_(self) -> tuple[float, ...]:
        """The loss of each epoch."""
        return self._fitted().losses

    @property
    def validation_values_(self) -> tuple[float, ...]:
        """Recall@20 on the validation interactions after each epoch."""
        return self._fitted().values

    @property
    def n_parameters_(self) -> int:
        """Numbers that were learned."""
        return self._fitted().n_parameters

    def predict_proba_with_embeddings(
        self, interactions: pd.DataFrame, users: pd.DataFrame | None = None
    ) -> NDArray[np.float64]:
        """Return the sigmoid of each row's score, shape (n_rows,); an order, not a calibrated probability.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID``, and the context columns of the fit where they are known.
        users : DataFrame, optional
            Features by ``USER_ID``, in place of those of training; or with an ``EMBEDDING`` column,
            vectors of `get_user_embeddings` or `user_vector`, in place of the learned ones.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a column is missing, or vectors are of the wrong width.
        """
        model = self._trained()
        user_rows, item_rows = _frames.rows_of_pairs(interactions, model.users, model.items)
        if users is not None and _frames.has_vectors(users):
            context = model.context_standard.rows_of(interactions, len(interactions))
            vectors = given_or_learned(interactions, users, model.user_vectors[user_rows])
            queries = model.finish_queries(vectors, context)
        else:
            asked = interactions[USER_ID_NAME].astype(str).to_numpy(dtype=object)
            queries = model.query_vectors(user_rows, interactions, users, asked)
        return self.to_outcome(model.score_pairs(queries, item_rows[:, None]), user_rows)[:, 0]

    def get_user_embeddings(self) -> pd.DataFrame:
        """Return ``USER_ID`` and ``EMBEDDING``: tower outputs over the temperature, one row a user.

        Raises
        ------
        RetrievalSpaceRefused
            With ``context_mode="user_tower"`` and request context: there is no vector without a request.
        """
        model = self._trained()
        refuse_without_request(self.context_mode, model.context_standard.columns)
        return pd.DataFrame(
            {USER_ID_NAME: model.users.ids, USER_EMBEDDING_NAME: list(model.user_vectors[:-1].copy())}
        )

    def get_item_embeddings(self) -> pd.DataFrame:
        """Return ``ITEM_ID`` and ``ITEM_EMBEDDING``: tower outputs, one row an item."""
        model = self._trained()
        return pd.DataFrame(
            {ITEM_ID_NAME: model.items.ids, ITEM_EMBEDDING_NAME: list(model.item_vectors[:-1].copy())}
        )

    @property
    def users(self) -> IdMap:
        """Users with a positive interaction, in row order."""
        return self._trained().users

    @property
    def items(self) -> IdMap:
        """The catalogue, in row order."""
        return self._trained().items

    def check_retrieval(self, interactions: pd.DataFrame | None) -> None:
        """Refuse, before the fit, to be searched by vectors where no vectors carry the model's order.

        Raises
        ------
        RetrievalSpaceRefused
            For ``"scoring_layer"``, and for ``"user_tower"`` with context columns in `interactions`.
        """
        refuse_without_vectors(self.context_mode, tuple(numeric_feature_columns(interactions)))

    def retrieval_space(self) -> RetrievalSpace:
        """Return the tower outputs: under average context their dot product is the model's order, exactly.

        With ``"trilinear"`` a request's context changes the user vector; see `query_vectors`.

        Raises
        ------
        RetrievalSpaceRefused
            As `check_retrieval` says.
        """
        model = self._trained()
        columns = model.context_standard.columns
        refuse_without_vectors(self.context_mode, columns)
        note = "Outputs of the two towers."
        if columns:
            note += " A request's context scales the coordinates of the user's vector."
        return RetrievalSpace(
            model.users, model.items, model.user_vectors[:-1], model.item_vectors[:-1],
            exact=True, fidelity=1.0, note=note,
        )  # fmt: skip

    @property
    def reads_requests(self) -> bool:
        """Whether columns of a request (context, user features) change its scores."""
        return self._trained().reads_requests

    def query_vectors(
        self,
        user_ids: NDArray[np.object_],
        context: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
    ) -> NDArray[np.float32]:
        """Return what each request is scored and searched by, shape (n_rows, d).

        With a scoring layer its hidden units follow, and no search by these is possible.

        Parameters
        ----------
        user_ids : ndarray of str, shape (n_rows,)
        context : DataFrame, optional
            One row a request, with the context columns of the fit; missing values count as average.
        users : DataFrame, optional
            Features by ``USER_ID``, in place of those of training.
        """
        model = self._trained()
        return model.query_vectors(model.users.encode(user_ids), context, users, user_ids)

    def score_query_pairs(
        self, queries: NDArray[np.float32], item_rows: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return the score of each of `query_vectors` with its items (n_rows, k); ``-1`` is average."""
        return self._trained().score_pairs(queries, item_rows)

    def score_query_matrix(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each of `query_vectors` with every item, shape (n_rows, n_items)."""
        return self._trained().score_matrix(queries)

    def score_pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return scores (n_rows, k) under average context; row ``-1`` is the mean user or item."""
        model = self._trained()
        return model.score_pairs(model.query_vectors(np.asarray(user_rows)), np.asarray(item_rows))

    def score_matrix(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return scores of the whole catalogue under average context, shape (n_rows, n_items)."""
        return self.score_query_matrix(self._trained().query_vectors(np.asarray(user_rows)))

    def to_outcome(self, scores: NDArray[np.floating], user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the sigmoid of scores (n_rows, k)."""
        return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(scores, dtype=np.float64)))

    def user_vectors_of(self, interactions: pd.DataFrame) -> tuple[IdMap, NDArray[np.float32]]:
        """Return vectors of users known by the given histories alone, without retraining.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID``, optionally ``OUTCOME``; rows with ``OUTCOME <= 0`` do not count.

        Returns
        -------
        IdMap
        ndarray of float32, shape (n_users, d)
            What the user tower makes of the mean of the history's items, the id hidden. Where no item
            is known: the mean of all user vectors.
        """
        model = self._trained()
        users = IdMap.from_values(interactions[USER_ID_NAME])
        encoded = EncodedInteractions.from_frame(interactions, users=users, items=model.items)
        history = history_matrix(encoded)
        lengths = np.diff(history.indptr)
        means = (history @ model.item_inputs()) / np.maximum(lengths, 1)[:, None]
        vectors = model.fold_in(means.astype(np.float32))
        return users, np.where(lengths[:, None] > 0, vectors, model.user_vectors[-1])

    def user_vector_parts(
        self,
        user_id: str,
        interactions: pd.DataFrame,
        context: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
    ) -> VectorParts | Indivisible:
        """Return a user's vector as a sum over history, id and features, where the tower has no hidden layer.

        Parameters and errors are those of `BaseEmbeddingEstimator.user_vector_parts`.
        """
        return user_parts(self._trained(), user_id, interactions, context, users)

    @property
    def describes_new_items(self) -> bool:
        """Whether it was trained with item features, by which it tells items that came after the fit."""
        return bool(len(self._trained().item_standard))

    def with_users(self, interactions: pd.DataFrame) -> ContextualizedTwoTowerEstimator:
        """Return this fitted estimator with the users of `interactions` alone, known by these histories.

        Their vectors are those of `user_vectors_of`, with the features that training knew of known users;
        context and features of a request count as ever.
        """
        model = self._trained()
        encoded = EncodedInteractions.from_frame(interactions, items=model.items)
        twin = type(self)(**self.get_params())
        twin._fit = replace(self._fitted(), model=model.with_users(encoded))
        return twin

    def with_items(self, items: pd.DataFrame) -> ContextualizedTwoTowerEstimator:
        """Return this fitted estimator with the items of `items` added, described by their features."""
        fit = self._fitted()
        grown = type(self)(**self.get_params())
        grown._fit = replace(fit, model=fit.model.with_items(items))
        return grown

    def _state(self) -> State:
        return self._fitted().state()

    def _restore(self, state: State) -> None:
        self._fit = TowerFit.of_saved(state)

    def _trained(self) -> TwoTowerModel:
        return self._fitted().model

    def _fitted(self) -> TowerFit:
        if self._fit is None:
            raise NotFittedError("This two-tower model has not been fitted. Call fit_embedding_model first.")
        return self._fit
