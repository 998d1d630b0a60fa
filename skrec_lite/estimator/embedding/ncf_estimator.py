"""Neural collaborative filtering (He et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding import _frames
from skrec_lite.estimator.embedding._features import fit_features
from skrec_lite.estimator.embedding._given_vectors import given_or_learned
from skrec_lite.estimator.embedding._ncf_checks import LOSSES, NCF_TYPES, check_parameters
from skrec_lite.estimator.embedding._ncf_data import NcfData
from skrec_lite.estimator.embedding._ncf_fit import NcfFit
from skrec_lite.estimator.embedding._ncf_model import NcfModel
from skrec_lite.estimator.embedding._observed import mean_pairs
from skrec_lite.estimator.embedding._positives import history_matrix
from skrec_lite.estimator.embedding._validation import Validation
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.persistence import State
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.estimator.training import Cancel, EpochMonitor, Progress
from skrec_lite.exceptions import NotFittedError, check_choice

__all__ = ["NCFEstimator"]

_TITLES = {"neumf": "NeuMF", "gmf": "GMF", "mlp": "MLP"}


class NCFEstimator(BaseEmbeddingEstimator):
    r"""Score a user and an item by a network over their vectors.

    Parameters
    ----------
    ncf_type : str, default "neumf"
        ``"gmf"``: a weighted dot product of the vectors, :math:`h^T (p_u \odot q_i)`. ``"mlp"``: hidden
        layers over both vectors side by side. ``"neumf"``: the sum of both, each with vectors of its own.
    gmf_embedding_dim, mlp_embedding_dim : int, default 32
        Length of the vectors of each branch.
    mlp_layers : list of int, optional
        Widths of the hidden layers; ``[64, 32, 16, 8]`` by default.
    dropout : float, default 0
        Share of hidden units left out in each training step.
    learning_rate : float, default 0.001
        Size of the first step; it falls linearly to 0 at the last step of the last epoch. The vectors of
        ids take 8 times as much.
    epochs : int, default 10
        Passes over the data, at most.
    batch_size : int, optional
        Pairs of a training step, sampled negatives included. By default chosen so that an epoch has some
        256 steps, within 256 and 8,192 pairs.
    optimizer_name : {"adam", "adamw", "adagrad", "sgd"}, default "adam"
    loss_fn_name : {"bce", "mse"}, default "bce"
        ``"bce"``: the logistic loss of what was met (``OUTCOME > 0``) against rows with
        ``OUTCOME <= 0`` and items drawn from those the user never met. ``"mse"``: the squared error of
        ``OUTCOME`` on the given pairs.
    device : str, optional
        Where to train; by default the first GPU if there is one. Scores are always computed by the CPU.
    random_state : int, optional
        Seed. The same seed, data and parameters give the same model on one machine; None draws a
        fresh seed.
    verbose : int, default 0
        Above 0, each epoch is logged at level INFO.
    n_negatives : int, default 4
        Items drawn against each positive pair, anew in every epoch; ``"bce"`` only.
    regularization : float, optional
        L2 penalty: each pair's loss comes with so much of the squared lengths of its user's and its item's
        vectors, and a tenth of that on the weights of hidden layers (for ``"mlp"``, a hundredth). By default
        0.01 for ``"bce"``, and 0.2 for ``"mse"``, whose errors are larger.
    early_stopping_patience : int, optional
        With validation interactions: end the training after so many epochs without a better measure.
    restore_best_weights : bool, default True
        With validation interactions: keep the epoch with the best measure, not the last.

    Attributes
    ----------
    losses_ : tuple of float
        The loss of each epoch, after the fit.
    validation_values_ : tuple of float
        recall@20 on the validation interactions after each epoch; empty without any.

    Raises
    ------
    ValueError
        For an unknown `ncf_type` or `loss_fn_name` at once, for other parameters when fitting.

    Notes
    -----
    The model is that of He et al. 2017, "Neural collaborative filtering", with a bias for each item, and
    with the numeric features of users and items, standardised, mapped linearly and added to the ids'
    vectors. An item nobody met has its own features beside the mean of the learned id vectors; an
    unknown id has the mean of the learned vectors. ``TIMESTAMP`` is never a feature. The order of input
    rows is irrelevant.

    The defaults were chosen on a part of the training data of MovieLens 100K, MovieLens latest-small and
    the library's sample: ``python -m benchmarks.quality ncf --search``. What counts most is the penalty and
    the rate of the ids' vectors; on other data, `regularization` is the first thing to try. Rendle
    et al. 2020, "Neural collaborative filtering vs. matrix factorization revisited", found that a
    well-regularized dot product is hard to beat; ``"neumf"`` comes close to `MatrixFactorizationEstimator`.

    Its score is no dot product (but for ``"gmf"``), so `retrieval_space` fits vectors to the model's own
    scores and measures how well they find its best items. `get_user_embeddings` and
    `get_item_embeddings` are these vectors.
    """

    fold_in_note: ClassVar[str] = (
        "Approximate: the network knows users by id alone. A history's user is the likeliest one, among "
        "users spread like the trained ones, to have chosen it, and is scored by the dot product in the "
        "retrieval space."
    )

    def __init__(
        self,
        ncf_type: str = "neumf",
        gmf_embedding_dim: int = 32,
        mlp_embedding_dim: int = 32,
        mlp_layers: Sequence[int] | None = None,
        dropout: float = 0.0,
        learning_rate: float = 0.001,
        epochs: int = 10,
        batch_size: int | None = None,
        optimizer_name: str = "adam",
        loss_fn_name: str = "bce",
        device: str | None = None,
        random_state: int | None = None,
        verbose: int = 0,
        n_negatives: int = 4,
        regularization: float | None = None,
        early_stopping_patience: int | None = None,
        restore_best_weights: bool = True,
    ):
        check_choice("ncf_type", ncf_type, NCF_TYPES)
        check_choice("loss_fn_name", loss_fn_name, LOSSES)
        self.ncf_type = ncf_type
        self.gmf_embedding_dim = gmf_embedding_dim
        self.mlp_embedding_dim = mlp_embedding_dim
        self.mlp_layers = mlp_layers
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer_name = optimizer_name
        self.loss_fn_name = loss_fn_name
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.n_negatives = n_negatives
        self.regularization = regularization
        self.early_stopping_patience = early_stopping_patience
        self.restore_best_weights = restore_best_weights
        self._fit: NcfFit | None = None

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
        """Train the network.

        Parameters
        ----------
        users, items : DataFrame, optional
            Numeric features by ``USER_ID`` and ``ITEM_ID``. The ``ITEM_ID`` column of `items` is the
            catalogue; without it, the catalogue is what occurs in `interactions`.
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and ``OUTCOME`` (all 1 where there is no such column).
        valid_users : DataFrame, optional
            Not used: the features of all users are in `users`.
        valid_interactions : DataFrame, optional
            Measured after each epoch: recall@20 over the whole catalogue.
        progress : callable, optional
            Called after each epoch, see `Progress`.
        cancel : callable, optional
            Asked at every step; True ends the fit with `Cancelled`, and an earlier fit stays.

        Raises
        ------
        ValueError
            For a parameter out of range, missing or null ids, outcomes that are not numbers, or no
            interaction to learn from.
        """
        parameters = self.get_params()
        check_parameters(parameters)
        encoded = _frames.encoded_over(interactions, items)
        logistic = self.loss_fn_name == "bce"
        data = NcfData.labelled(encoded, self.n_negatives) if logistic else NcfData.rated(encoded)
        # torch takes seconds to import, and only training needs it.
        from skrec_lite.estimator.embedding._ncf_network import Design
        from skrec_lite.estimator.embedding._ncf_training import TrainingPlan, train

        features = (
            fit_features(users, USER_ID_NAME, data.users)[1],
            fit_features(items, ITEM_ID_NAME, data.items)[1],
        )
        rng = np.random.default_rng(self.random_state)
        title = f"Neural collaborative filtering ({_TITLES[self.ncf_type]})"
        monitor = EpochMonitor(title, self.epochs, progress, cancel, self.verbose)
        validation: Validation[NcfModel] | None = Validation.over(
            valid_interactions, data.users, data.items, data.seen,
            self.early_stopping_patience, self.restore_best_weights,
        )  # fmt: skip
        model = train(
            data, features, Design.of(parameters), TrainingPlan.of(parameters), rng, monitor, validation
        )
        # Only now, so that a cancelled or failed fit leaves an earlier one as it was.
        self._fit = NcfFit(model, data.item_counts, logistic, tuple(monitor.losses), tuple(monitor.values))

    def predict_proba_with_embeddings(
        self, interactions: pd.DataFrame, users: pd.DataFrame | None = None
    ) -> NDArray[np.float64]:
        """Return the predicted outcome of each row, shape (n_rows,), float64.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID`` and ``ITEM_ID``.
        users : DataFrame, optional
            Where it has an ``EMBEDDING`` column, these vectors of the retrieval space (as of
            `get_user_embeddings`) are used, and the score is their dot product with the item vectors:
            the model's own for ``"gmf"``, close to it otherwise. A user who is not in it keeps the
            vector of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a column is missing, or vectors are of the wrong width.
        """
        fit = self._fitted()
        user_rows, item_rows = _frames.rows_of_pairs(interactions, fit.model.users, fit.model.items)
        if users is not None and _frames.has_vectors(users):
            user_vectors, item_vectors = fit.vectors()
            own = given_or_learned(interactions, users, user_vectors[user_rows])
            scores = np.einsum("nd,nd->n", own, item_vectors[item_rows])[:, None]
        else:
            scores = fit.model.score_pairs(user_rows, item_rows[:, None])
        return self.to_outcome(scores, user_rows)[:, 0]

    def get_user_embeddings(self) -> pd.DataFrame:
        """Return ``USER_ID`` and ``EMBEDDING``, one row a user: the vectors of `retrieval_space`."""
        return _frames.user_embeddings(self.retrieval_space())

    def get_item_embeddings(self) -> pd.DataFrame:
        """Return ``ITEM_ID`` and ``ITEM_EMBEDDING``, one row an item: the vectors of `retrieval_space`."""
        return _frames.item_embeddings(self.retrieval_space())

    @property
    def users(self) -> IdMap:
        """Users with a learned vector, in row order."""
        return self._fitted().model.users

    @property
    def items(self) -> IdMap:
        """The catalogue, in row order."""
        return self._fitted().model.items

    @property
    def losses_(self) -> tuple[float, ...]:
        """The loss of each epoch."""
        return self._fitted().losses

    @property
    def validation_values_(self) -> tuple[float, ...]:
        """The validation measure of each epoch."""
        return self._fitted().values

    def retrieval_space(self) -> RetrievalSpace:
        """Return vectors to search in: exact for ``"gmf"``, else fitted and measured.

        The fit takes seconds; it is done once, when first asked for, and saved with the model.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return self._fitted().retrieval_space()

    def score_pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the network's outputs (n_rows, k), before any sigmoid; row ``-1`` is the mean vector."""
        return self._fitted().model.score_pairs(np.asarray(user_rows), np.asarray(item_rows))

    def score_matrix(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the network's outputs for the whole catalogue, shape (n_rows, n_items)."""
        return self._fitted().model.score_matrix(np.asarray(user_rows))

    def user_vectors_of(self, interactions: pd.DataFrame) -> tuple[IdMap, NDArray[np.float32]]:
        """Return vectors of users from their interactions, shape (n_users, d), without training.

        Each is the likeliest to have chosen this history, among users spread in the retrieval space like the
        trained ones, by the loss of the training: an approximation, for the network itself has nothing to say
        of a user whom it has not met.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and, if there is one, ``OUTCOME``. For ``"bce"`` rows with
            ``OUTCOME > 0`` count. Unknown items do not; a user with none left has the mean user vector.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            For missing or null ids, and outcomes that are not numbers.
        """
        fit = self._fitted()
        encoded = EncodedInteractions.from_frame(interactions, items=fit.model.items)
        pairs = history_matrix(encoded) if fit.logistic else mean_pairs(encoded)
        has_any = np.diff(pairs.indptr) > 0
        prior = fit.user_prior()
        counted = pairs[has_any]
        folded = prior.of_choices(counted, self.n_negatives) if fit.logistic else prior.of_outcomes(counted)
        vectors = np.tile(prior.mean.astype(np.float32), (len(encoded.users), 1))
        vectors[has_any] = folded
        return encoded.users, vectors

    def to_outcome(self, scores: NDArray[np.floating], user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return scores (n_rows, k) as outcomes: probabilities for ``"bce"``, as they are for ``"mse"``."""
        outcome = np.asarray(scores, dtype=np.float64)
        return 0.5 * (1.0 + np.tanh(0.5 * outcome)) if self._fitted().logistic else outcome

    def _fitted(self) -> NcfFit:
        if self._fit is None:
            raise NotFittedError("This NCF model has not been fitted. Call fit_embedding_model first.")
        return self._fit

    def _state(self) -> State:
        return self._fitted().state()

    def _restore(self, state: State) -> None:
        self._fit = NcfFit.of_saved(state)
