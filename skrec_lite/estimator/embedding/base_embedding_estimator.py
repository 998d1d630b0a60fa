"""What an embedding estimator owes: a fit, scores, embeddings, and an honest retrieval space."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import Indivisible, VectorParts
from skrec_lite.estimator.embedding._folded_users import MEANS_NOTE, FoldedUsers
from skrec_lite.estimator.persistence import Persistent
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidParameterError

# No id that a person uses: what an unknown id is called when rows have to become ids again.
_UNKNOWN = "\x00unknown"


class BaseEmbeddingEstimator(Persistent, ABC):
    """An estimator that learns from user ids, item ids and outcomes, and has vectors for both.

    A subclass needs the four abstract methods. The others are derived from them and are right but not
    fast; an estimator that holds its own arrays overrides them.

    Constructor arguments are stored as given, so that ``get_params``, ``set_params`` and
    ``sklearn.base.clone`` work.
    """

    #: How `with_users` makes a user of a history, in a sentence or two for people.
    fold_in_note: ClassVar[str] = MEANS_NOTE

    @abstractmethod
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
        """Learn from interactions.

        Parameters
        ----------
        users, items : DataFrame, optional
            Features by ``USER_ID`` and ``ITEM_ID``; the item ids are the catalogue.
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and, if there is one, ``OUTCOME``.
        valid_users, valid_interactions : DataFrame, optional
            For estimators that watch a validation set.
        progress : callable, optional
            Called after each epoch with (fraction done, what was done).
        cancel : callable, optional
            Asked every epoch; True ends the fit with `Cancelled` and leaves the estimator as it was.
        """

    @abstractmethod
    def predict_proba_with_embeddings(
        self, interactions: pd.DataFrame, users: pd.DataFrame | None = None
    ) -> NDArray[np.float64]:
        """Return the predicted outcome of each row of `interactions`, shape (n_rows,).

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID`` and ``ITEM_ID``.
        users : DataFrame, optional
            With ``USER_ID`` and ``EMBEDDING``, these vectors stand for the users in place of the learned.
        """

    @abstractmethod
    def get_user_embeddings(self) -> pd.DataFrame:
        """Return ``USER_ID`` and ``EMBEDDING`` (a float32 vector each), one row a known user.

        Raises
        ------
        RuntimeError
            Before the fit.
        """

    @abstractmethod
    def get_item_embeddings(self) -> pd.DataFrame:
        """Return ``ITEM_ID`` and ``ITEM_EMBEDDING`` (a float32 vector each), one row a known item.

        Raises
        ------
        RuntimeError
            Before the fit.
        """

    @property
    def users(self) -> IdMap:
        """The known users, in the row order of the user embeddings."""
        return IdMap(self.get_user_embeddings()[USER_ID_NAME])

    @property
    def items(self) -> IdMap:
        """The known items, in the row order of the item embeddings."""
        return IdMap(self.get_item_embeddings()[ITEM_ID_NAME])

    def check_retrieval(self, interactions: pd.DataFrame | None) -> None:
        """Refuse, before the fit, to be searched by vectors where none could carry the model's order.

        By default nothing is refused.

        Parameters
        ----------
        interactions : DataFrame or None
            What it would be fitted on.

        Raises
        ------
        RetrievalSpaceRefused
            By an estimator whose order no vectors can carry, naming what to use instead.
        """

    @property
    def reads_requests(self) -> bool:
        """Whether columns of a request (context, user features) change its scores.

        An estimator of which this holds has ``query_vectors``, ``score_query_pairs`` and
        ``score_query_matrix``.
        """
        return False

    def retrieval_space(self) -> RetrievalSpace:
        """Return the vectors to search, with how well their order agrees with the model's.

        By default these are the two embedding frames. That their dot product is the model's order is
        not taken for granted: it is measured on a sample of users.

        Raises
        ------
        RuntimeError
            Before the fit.
        RetrievalSpaceRefused
            By an estimator whose order no vectors can carry.
        """
        space = RetrievalSpace.from_frames(self.get_user_embeddings(), self.get_item_embeddings())
        return space.measured(self.score_matrix)

    def score_pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the model's ordering score of pairs given as rows of `users` and `items`.

        Higher is better; only the order within a user is meaningful. `to_outcome` turns scores into
        predictions.

        Parameters
        ----------
        user_rows : ndarray of int32, shape (n_rows,)
            ``-1`` for an unknown user.
        item_rows : ndarray of int32, shape (n_rows, k)
            ``-1`` for an unknown item.

        Returns
        -------
        ndarray of float32, shape (n_rows, k)
        """
        item_rows = np.asarray(item_rows)
        pairs = pd.DataFrame(
            {
                USER_ID_NAME: np.repeat(_ids(self.users, user_rows), item_rows.shape[1]),
                ITEM_ID_NAME: _ids(self.items, item_rows.ravel()),
            }
        )
        scores = self.predict_proba_with_embeddings(pairs)
        return np.asarray(scores, dtype=np.float32).reshape(item_rows.shape)

    def score_matrix(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the ordering score of every item for each user row, shape (n_rows, n_items), float32."""
        user_rows = np.asarray(user_rows)
        every_item = np.arange(len(self.items), dtype=np.int32)
        return self.score_pairs(user_rows, np.tile(every_item, (len(user_rows), 1)))

    def to_outcome(self, scores: NDArray[np.floating], user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return ordering scores (n_rows, k) as predicted outcomes.

        The scale is that of `predict_proba_with_embeddings`. The order of a user's items never changes,
        but scores may become equal (a clipped rating).
        """
        return np.asarray(scores, dtype=np.float64)

    def user_vectors_of(self, interactions: pd.DataFrame) -> tuple[IdMap, NDArray[np.float32]]:
        """Return vectors of users made from their interactions, without training ("fold-in").

        For users who came after the fit, or whose interactions have changed. The vectors are of the
        space of `get_user_embeddings`: they may be passed to `predict_proba_with_embeddings`, and their
        dot products with the item vectors of `retrieval_space` order the items.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and, if there is one, ``OUTCOME``. Items without a learned vector do
            not count; a user with none that counts has the mean user vector.

        Returns
        -------
        users : IdMap
            The users of `interactions`, sorted.
        vectors : ndarray of float32, shape (n_users, d)

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            By an estimator that cannot do it, and for interactions it could not be trained on.
        """
        raise InvalidParameterError(
            f"{type(self).__name__} cannot fold in users: it has no vector for a user it was not trained on. "
            "Train it again, or use MatrixFactorizationEstimator."
        )

    @property
    def folds_in(self) -> bool:
        """Whether `user_vectors_of` can make vectors of histories."""
        return type(self).user_vectors_of is not BaseEmbeddingEstimator.user_vectors_of

    @property
    def describes_new_items(self) -> bool:
        """Whether an item that came after the fit is told from others, by its features."""
        return False

    def with_users(self, interactions: pd.DataFrame) -> Any:
        """Return this fitted estimator with the users of `interactions` in place of those of training.

        They are known by these interactions alone: nothing is trained, items and weights are shared. Users
        without an interaction that counts are unknown. By default they have vectors in the retrieval space:
        those of `user_vectors_of`, or where the estimator cannot make any, the mean of their items' vectors;
        `fold_in_note` says which.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and, if there is one, ``OUTCOME``.

        Returns
        -------
        estimator
            It scores, and has a retrieval space; it need not be of the same class.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            For interactions it could not be trained on.
        """
        return FoldedUsers.of(self, interactions)

    def user_vector_parts(
        self,
        user_id: str,
        interactions: pd.DataFrame,
        context: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
    ) -> VectorParts | Indivisible:
        """Return a known user's vector as a sum of vectors, one for each item of the history or feature.

        By default there is no such sum.

        Parameters
        ----------
        user_id : str
        interactions : DataFrame
            Those of the training, or of this user alone.
        context, users : DataFrame, optional
            Context of one request, and features of its user, where the estimator `reads_requests`.

        Returns
        -------
        VectorParts, or Indivisible with the reason

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If `interactions` hold none of a known user that could have made the vector.
        """
        return Indivisible(
            f"{type(self).__name__} learns each user's vector as a whole, so it is no sum over the history"
        )

    def user_vector(self, interactions: pd.DataFrame) -> NDArray[np.float32]:
        """Return the vector, shape (d,), of one user whose interactions these are; see `user_vectors_of`.

        Parameters
        ----------
        interactions : DataFrame
            ``ITEM_ID`` and, if there is one, ``OUTCOME``; a ``USER_ID`` is ignored. Without rows, the
            mean user vector is returned.

        Raises
        ------
        RuntimeError, ValueError
            As `user_vectors_of`.
        """
        if interactions.empty:
            interactions = pd.DataFrame({ITEM_ID_NAME: [_UNKNOWN]})
        return self.user_vectors_of(interactions.assign(**{USER_ID_NAME: _UNKNOWN}))[1][0]


def reads_requests(estimator: Any) -> bool:
    """Return whether columns of a request change an estimator's scores; False where it does not say."""
    return bool(getattr(estimator, "reads_requests", False))


def _ids(ids: IdMap, rows: NDArray[np.int32]) -> NDArray[np.object_]:
    decoded = ids.decode(np.asarray(rows))
    return np.where(np.asarray(rows) < 0, _UNKNOWN, decoded)
