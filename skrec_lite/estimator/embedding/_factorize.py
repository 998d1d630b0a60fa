"""From encoded interactions and parameters to a trained factorization, by the chosen algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.datatypes import MFAlgorithm, MFOutcomeType
from skrec_lite.estimator.embedding._explicit import fit_als, fit_sgd
from skrec_lite.estimator.embedding._factor_model import FactorModel
from skrec_lite.estimator.embedding._fold_in import ExplicitObjective, ImplicitObjective
from skrec_lite.estimator.embedding._ials import IalsSettings, default_unobserved_weight, fit_ials
from skrec_lite.estimator.embedding._observed import Observed
from skrec_lite.estimator.training import EpochMonitor


def factorize(
    interactions: EncodedInteractions,
    parameters: Mapping[str, Any],
    rng: np.random.Generator,
    monitor: EpochMonitor,
) -> tuple[FactorModel, float | None]:
    """Train on interactions.

    Parameters
    ----------
    interactions : EncodedInteractions
    parameters : mapping
        Those of `MatrixFactorizationEstimator`, checked.
    rng : Generator
    monitor : EpochMonitor

    Returns
    -------
    model : FactorModel
    unobserved_weight : float or None
        The weight that iALS used.
    """
    if parameters["algorithm"] == MFAlgorithm.IALS:
        return _implicit(Observed.implicit(interactions), parameters, rng, monitor)
    return _explicit(Observed.explicit(interactions), parameters, rng, monitor), None


def _implicit(
    observed: Observed, parameters: Mapping[str, Any], rng: np.random.Generator, monitor: EpochMonitor
) -> tuple[FactorModel, float]:
    weight = parameters["unobserved_weight"]
    if weight is None:
        # Under another scaling lambda is of another scale, and says nothing about the weight.
        scale = parameters["regularization"] if parameters["frequency_scaling"] == 1 else 0.01
        weight = default_unobserved_weight(observed.user_counts, observed.item_counts, scale)
    objective = ImplicitObjective(
        weight, parameters["outcome_weight"], parameters["regularization"], parameters["frequency_scaling"]
    )
    settings = IalsSettings(
        parameters["n_factors"],
        parameters["epochs"],
        unobserved_weight=objective.unobserved_weight,
        outcome_weight=objective.outcome_weight,
        regularization=objective.regularization,
        frequency_scaling=objective.frequency_scaling,
    )
    factors = fit_ials(observed.outcomes, settings, rng, monitor)
    return FactorModel.implicit(observed, *factors, objective), weight


def _explicit(
    observed: Observed, parameters: Mapping[str, Any], rng: np.random.Generator, monitor: EpochMonitor
) -> FactorModel:
    sgd = parameters["algorithm"] == MFAlgorithm.SGD
    objective = ExplicitObjective(
        parameters["regularization"], logistic=sgd and parameters["outcome_type"] == MFOutcomeType.BINARY
    )
    size = (observed.outcomes, parameters["n_factors"], parameters["epochs"], objective.regularization)
    if sgd:
        fitted = fit_sgd(*size, parameters["learning_rate"], objective.logistic, rng, monitor)
    else:
        fitted = fit_als(*size, rng, monitor)
    return FactorModel.explicit(observed, fitted, objective)
