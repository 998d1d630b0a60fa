"""The estimators one can choose, with their parameters explained once for every screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skrec_lite.estimator.embedding.matrix_factorization_estimator import (
    MatrixFactorizationEstimator,
    MFAlgorithm,
)
from skrec_lite.exceptions import InvalidParameterError, nearest_name_hint
from skrec_lite.experiment.choices.neural_specs import NEURAL_SPECS
from skrec_lite.experiment.choices.spec import EstimatorSpec, Number, Parameter
from skrec_lite.experiment.choices.tabular_specs import TABULAR_SPECS


def _matrix_factorization(algorithm: MFAlgorithm) -> Callable[..., Any]:
    def make(seed: int, **values: Any) -> Any:
        return MatrixFactorizationEstimator(algorithm=algorithm, random_state=seed, **values)

    return make


def _implicit_factorization(seed: int, unobserved_weight: Number, **values: Any) -> Any:
    chosen = {"unobserved_weight": unobserved_weight or None, **values}
    return _matrix_factorization(MFAlgorithm.IALS)(seed, **chosen)


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
        *NEURAL_SPECS,
        *TABULAR_SPECS,
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
