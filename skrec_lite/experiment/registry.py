"""The estimators and retrievers one can choose, with their parameters explained once for every screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from skrec_lite.estimator.classification.xgb_classifier import XGBClassifierEstimator
from skrec_lite.estimator.embedding.matrix_factorization_estimator import (
    MatrixFactorizationEstimator,
    MFAlgorithm,
)
from skrec_lite.exceptions import InvalidParameterError, nearest_name_hint

Number = int | float


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter: what it is, its default and its sensible range.

    Attributes
    ----------
    name : str
        As the estimator calls it.
    label, help : str
        For people; `help` is one sentence.
    default, low, high, step : int or float
        All of one type; an ``int`` default makes an integer parameter.
    """

    name: str
    label: str
    help: str
    default: Number
    low: Number
    high: Number
    step: Number

    def checked(self, value: Number) -> Number:
        """Return `value` as this parameter's type.

        Raises
        ------
        ValueError
            If it is outside the range.
        """
        if isinstance(self.default, int) and float(value) != int(value):
            raise InvalidParameterError(f"{self.name} must be a whole number. Got {value!r} instead.")
        number = type(self.default)(value)
        if not self.low <= number <= self.high:
            raise InvalidParameterError(
                f"{self.name} must be in the range [{self.low}, {self.high}]. Got {value!r} instead."
            )
        return number


@dataclass(frozen=True)
class EstimatorSpec:
    """An estimator one can choose.

    Attributes
    ----------
    key, label, summary : str
        `summary` says in one sentence what it does and when to use it.
    has_embeddings : bool
        Whether the embedding retriever can use it; otherwise it brings a retrieval model of its own.
    parameters : tuple of Parameter
    """

    key: str
    label: str
    summary: str
    has_embeddings: bool
    parameters: tuple[Parameter, ...]
    make: Callable[..., Any]

    def build(self, params: Mapping[str, Number], seed: int) -> Any:
        """Return an unfitted estimator; parameters not given take their defaults.

        Raises
        ------
        ValueError
            For an unknown parameter or a value outside its range.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in params:
            if name not in known:
                raise InvalidParameterError(
                    f"{self.label} has no parameter {name!r}.{nearest_name_hint(name, known)}"
                )
        values = {
            name: parameter.checked(params.get(name, parameter.default)) for name, parameter in known.items()
        }
        return self.make(seed=seed, **values)


def _matrix_factorization(algorithm: MFAlgorithm) -> Callable[..., Any]:
    def make(seed: int, **values: Any) -> Any:
        return MatrixFactorizationEstimator(algorithm=algorithm, random_state=seed, **values)

    return make


def _implicit_factorization(seed: int, unobserved_weight: Number, **values: Any) -> Any:
    chosen = {"unobserved_weight": unobserved_weight or None, **values}
    return _matrix_factorization(MFAlgorithm.IALS)(seed, **chosen)


def _xgboost(seed: int, **values: Any) -> Any:
    return XGBClassifierEstimator({"random_state": seed, **values})


_FACTORS = Parameter(
    "n_factors",
    "Factors",
    "Numbers that describe each user and each item; more capture finer tastes.",
    64,
    4,
    256,
    4,
)
_EPOCHS = Parameter(
    "epochs", "Epochs", "Passes over the data; more fit closer and take longer.", 15, 1, 100, 1
)

ESTIMATORS: dict[str, EstimatorSpec] = {
    spec.key: spec
    for spec in (
        EstimatorSpec(
            "mf_implicit",
            "Matrix factorization (implicit)",
            "Learns tastes from who interacted with what, counting everything else as weak evidence "
            "against (iALS). The best start for clicks, purchases and plays.",
            True,
            (
                _FACTORS,
                _EPOCHS,
                Parameter(
                    "regularization",
                    "Regularization",
                    "Pulls the numbers towards zero; raise it when the data is sparse.",
                    0.01,
                    0.0001,
                    1.0,
                    0.001,
                ),
                Parameter(
                    "unobserved_weight",
                    "Weight of the unobserved",
                    "How much a missing interaction counts as a dislike; lower favours niche items. 0 lets "
                    "the size and density of the data decide.",
                    0.0,
                    0.0,
                    5.0,
                    0.01,
                ),
            ),
            _implicit_factorization,
        ),
        EstimatorSpec(
            "mf_explicit",
            "Matrix factorization (ratings, ALS)",
            "Predicts the rating itself from the rated pairs alone. Good at guessing stars, weaker at "
            "choosing what comes next, as the comparison shows.",
            True,
            (
                _FACTORS,
                _EPOCHS,
                Parameter(
                    "regularization",
                    "Regularization",
                    "Pulls the numbers towards zero; raise it when the data is sparse.",
                    0.05,
                    0.001,
                    10.0,
                    0.01,
                ),
            ),
            _matrix_factorization(MFAlgorithm.ALS),
        ),
        EstimatorSpec(
            "mf_sgd",
            "Matrix factorization (ratings, SGD)",
            "The same rating model, learned one rating at a time by gradient descent.",
            True,
            (
                _FACTORS,
                _EPOCHS,
                Parameter(
                    "learning_rate",
                    "Learning rate",
                    "Size of each step; too large diverges.",
                    0.01,
                    0.0005,
                    0.2,
                    0.005,
                ),
                Parameter(
                    "regularization",
                    "Regularization",
                    "Pulls the numbers towards zero; raise it when the data is sparse.",
                    0.02,
                    0.0001,
                    1.0,
                    0.005,
                ),
            ),
            _matrix_factorization(MFAlgorithm.SGD),
        ),
        EstimatorSpec(
            "xgboost",
            "XGBoost (trees on features)",
            "Ranks by item features, popularity and likeness to the user's history. It has no embeddings: "
            "the embedding retriever then uses a matrix factorization of its own.",
            False,
            (
                Parameter("n_estimators", "Trees", "Trees added one after the other.", 100, 5, 1000, 5),
                Parameter("max_depth", "Depth", "Questions each tree may ask in a row.", 6, 1, 12, 1),
                Parameter(
                    "learning_rate", "Learning rate", "How much each tree may correct.", 0.3, 0.01, 1.0, 0.01
                ),
            ),
            _xgboost,
        ),
    )
}


@dataclass(frozen=True)
class RetrieverSpec:
    """A retriever one can choose: its key, and how it is named and explained."""

    key: str
    label: str
    summary: str


RETRIEVERS: dict[str, RetrieverSpec] = {
    spec.key: spec
    for spec in (
        RetrieverSpec("embedding", "Embedding", "Items whose learned vector points the way of the user's."),
        RetrieverSpec("content", "Content-based", "Items whose features resemble the user's history."),
        RetrieverSpec("popularity", "Popularity", "The items most people chose, the same for everyone."),
    )
}


def estimator_spec(key: str) -> EstimatorSpec:
    """Return the estimator of that key.

    Raises
    ------
    ValueError
        Naming the nearest one.
    """
    if key not in ESTIMATORS:
        raise InvalidParameterError(
            f"estimator must be one of {', '.join(map(repr, ESTIMATORS))}. Got {key!r} instead."
            f"{nearest_name_hint(key, ESTIMATORS)}"
        )
    return ESTIMATORS[key]
