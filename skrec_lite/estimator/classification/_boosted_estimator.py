"""What estimators of boosted trees share, whichever engine grows them."""

from __future__ import annotations

import time
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.additive import Contributions, Indivisible
from skrec_lite.estimator.classification._checked_table import Labelled
from skrec_lite.estimator.classification.base_classifier import BaseClassifier
from skrec_lite.estimator.classification.forest import Forest
from skrec_lite.estimator.persistence import State
from skrec_lite.estimator.training import Cancel, Epoch, Progress, raise_if_cancelled
from skrec_lite.exceptions import InvalidParameterError, check_choice

# What `Contributions` of trees mean.
SHAP_NOTE = (
    "Each part is what a feature of this pair adds to, or takes from, the average of the pairs that the "
    "trees learned from."
)


class Trees(Protocol):
    """Trained trees of some engine."""

    @property
    def objective(self) -> str:
        """What they were grown for."""
        ...

    @property
    def unused(self) -> tuple[str, ...]:
        """A message for each setting that the engine does not know."""
        ...

    def scores(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each row, shape (n_rows,), float32."""
        ...

    def gains(self, n_features: int) -> NDArray[np.float64]:
        """Return the share of each column in the total gain of all splits, shape (n_features,)."""
        ...

    def contributions(self, table: NDArray[np.float32]) -> Contributions | None:
        """Return the engine's SHAP values, their base its average margin; None where it has none."""
        ...

    def forest(self) -> Forest | None:
        """Return the trees as arrays; None where they are of a kind that these cannot express."""
        ...

    def state(self) -> State:
        """Return what they consist of, the trees in the engine's own format."""
        ...


@dataclass(frozen=True)
class Measured:
    """What an engine measured after a round.

    Attributes
    ----------
    metric : str
        The engine's own name of it.
    value : float
    rises : bool
        Whether a greater value is better.
    """

    metric: str
    value: float
    rises: bool


@dataclass
class Rounds:
    """Reports each boosting round, and stops when asked to.

    Attributes
    ----------
    what : str
        Name of the engine.
    progress, cancel : callable, optional
        As everywhere in the library.
    """

    what: str
    progress: Progress | None
    cancel: Cancel | None
    _began: float = field(default_factory=time.perf_counter, repr=False)

    @property
    def are_watched(self) -> bool:
        """Whether anybody is told of them; otherwise nothing need be measured on the training rows."""
        return self.progress is not None

    def check(self) -> None:
        """Raise `Cancelled` if the caller asks for it: the only stop that leaves no half-grown model."""
        raise_if_cancelled(self.cancel, self.what)

    def finish(self, number: int, total: int, train: Measured | None, valid: Measured | None) -> None:
        """Report that round `number` of `total` is done, with what was measured on either set."""
        self.check()
        if self.progress is None:
            return
        text = f"{self.what}: round {number} of {total}"
        for of, measured in (("training", train), ("validation", valid)):
            if measured is not None:
                text += f", {of} {measured.metric} {measured.value:.4f}"
        epoch = Epoch(
            self.what,
            number,
            total,
            loss=None if train is None else train.value,
            metric="" if valid is None else valid.metric,
            value=None if valid is None else valid.value,
            seconds=time.perf_counter() - self._began,
            unit="round",
            loss_name="loss" if train is None else train.metric,
            rises=valid is None or valid.rises,
        )
        self.progress(number / total, text, epoch)


class BoostedEstimator(BaseClassifier):
    """Boosted trees with a dict of the engine's own parameters.

    A subclass names its engine and objectives and implements `_train` and `_read`, which import the engine.
    """

    _ENGINE: ClassVar[str]
    _PROBABILITY: ClassVar[str]
    _RANKING: ClassVar[tuple[str, ...]]

    def __init__(self, params: dict[str, Any] | None = None):
        if params is not None and not isinstance(params, dict):
            raise InvalidParameterError(f"params must be a dict or None. Got {params!r} instead.")
        self.params = params
        self._trees: Trees | None = None

    @property
    def wants_groups(self) -> bool:
        """Whether `params` ask for a ranking objective: the next fit then needs `groups`."""
        return self._objective() in self._RANKING

    @property
    def gives_probabilities(self) -> bool:
        """Whether the last fit had the objective whose output is a probability.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return self._fitted().objective == self._PROBABILITY

    def predict_scores(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each row, shape (n_rows,), float32, by the fastest way there is.

        It is the probability of label 1, or with a ranking objective the margin: the sum of the leaves,
        of which only the order within a query means something.

        Parameters
        ----------
        X : ndarray of float32, shape (n_rows, n_features)
            Columns in the order of the fit.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return self._fitted().scores(X)

    def feature_importance(self) -> dict[str, float]:
        """Return each feature's share of the total gain of all splits, greatest first; they sum to 1.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        gains = self._fitted().gains(self.n_features)
        names = self.feature_names or tuple(f"f{column}" for column in range(self.n_features))
        return {names[column]: float(gains[column]) for column in np.argsort(-gains, kind="stable")}

    def contributions(self, X: NDArray[np.float32]) -> Contributions | Indivisible:
        """Return what each feature adds to the margin of each row, by TreeSHAP; the sum is exact.

        Lundberg, Erion, Lee 2018, "Consistent individualized feature attribution for tree ensembles"; the
        expectation over a feature that is left out follows the training rows through the trees. Trees that
        the engine cannot take apart rightly are `Indivisible`: the sums are compared with the scores.

        Parameters and errors are those of `BaseClassifier.contributions`.
        """
        trees = self._fitted()
        found = trees.contributions(X)
        if found is None or not found.agree_with(trees.scores(X)):
            return Indivisible(f"{self._ENGINE} cannot take trees of this kind apart")
        return found

    def forest(self) -> Forest | None:
        """Return the trees as arrays; None where they are of a kind that these cannot express.

        Raises
        ------
        RuntimeError
            Before the fit.
        """
        return self._fitted().forest()

    @abstractmethod
    def _train(self, data: Labelled, valid: Labelled | None, rounds: Rounds) -> Trees:
        """Grow trees."""

    @abstractmethod
    def _read(self, state: State) -> Trees:
        """Return the trees of `Trees.state`; a `ValueError` if they are damaged."""

    def _objective(self) -> str:
        return (self.params or {}).get("objective", self._PROBABILITY)

    def _fit(
        self, data: Labelled, valid: Labelled | None, progress: Progress | None, cancel: Cancel | None
    ) -> None:
        check_choice("objective", self._objective(), (self._PROBABILITY, *self._RANKING))
        rounds = Rounds(self._ENGINE, progress, cancel)
        rounds.check()
        self._take(self._train(data, valid, rounds))

    def _take(self, trees: Trees) -> None:
        self._trees = trees
        self.warnings_ = trees.unused

    def _engine_state(self) -> State:
        return self._fitted().state()

    def _restore_engine(self, state: State) -> None:
        self._take(self._read(state))

    def _fitted(self) -> Trees:
        if self._trees is None:
            raise self._not_fitted()
        return self._trees
