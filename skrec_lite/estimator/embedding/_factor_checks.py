"""Checks of the parameters and outcomes of a matrix factorization."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import LABEL_NAME
from skrec_lite.estimator.datatypes import MFAlgorithm, MFOutcomeType
from skrec_lite.exceptions import (
    InvalidDataError,
    InvalidParameterError,
    check_choice,
    check_positive_int,
)


def check_kinds(algorithm: str, outcome_type: str) -> None:
    """Raise `InvalidParameterError` for an unknown algorithm or outcome type."""
    check_choice("algorithm", algorithm, [str(choice) for choice in MFAlgorithm])
    check_choice("outcome_type", outcome_type, [str(choice) for choice in MFOutcomeType])


def check_parameters(parameters: dict[str, Any]) -> None:
    """Raise `InvalidParameterError` for the first of an estimator's parameters that is out of range."""
    check_kinds(parameters["algorithm"], parameters["outcome_type"])
    check_positive_int("n_factors", parameters["n_factors"])
    check_positive_int("epochs", parameters["epochs"])
    _check_number("learning_rate", parameters["learning_rate"], above_zero=True)
    if parameters["unobserved_weight"] is not None:
        _check_number("unobserved_weight", parameters["unobserved_weight"], above_zero=True)
    for name in ("regularization", "outcome_weight", "frequency_scaling"):
        _check_number(name, parameters[name])
    low, high = parameters["ordinal_min"], parameters["ordinal_max"]
    if low is not None and high is not None and not low < high:
        raise InvalidParameterError(
            f"ordinal_min must be below ordinal_max. Got {low!r} and {high!r} instead."
        )
    if parameters["outcome_type"] == MFOutcomeType.ORDINAL and parameters["algorithm"] == MFAlgorithm.IALS:
        warnings.warn(
            "algorithm='ials' learns which pairs occur and predicts no outcome, so outcome_type='ordinal' "
            "has no effect. Use algorithm='als' to predict ratings.",
            stacklevel=4,
        )


def ordinal_bounds(low: float | None, high: float | None) -> tuple[float, float]:
    """Return the ends of an ordinal scale, infinite where not given."""
    return -np.inf if low is None else low, np.inf if high is None else high


def check_outcomes(outcome: NDArray[np.float32], outcome_type: str, bounds: tuple[float, float]) -> None:
    """Raise `InvalidDataError` if outcomes do not fit their declared type and the ends of its scale."""
    if outcome_type == MFOutcomeType.BINARY:
        bad, allowed = ~np.isin(outcome, (0.0, 1.0)), "0 or 1"
    elif outcome_type == MFOutcomeType.ORDINAL:
        bad, allowed = (outcome < bounds[0]) | (outcome > bounds[1]), f"from {bounds[0]:g} to {bounds[1]:g}"
    else:
        return
    if bad.any():
        raise InvalidDataError(
            f"interactions: with outcome_type='{outcome_type}', '{LABEL_NAME}' must be {allowed}, but "
            f"{int(bad.sum()):,} of {len(outcome):,} rows are not (the first is {outcome[bad][0]:g}).",
            column=LABEL_NAME,
            rows=int(bad.sum()),
            repair="Convert the column, or choose another outcome_type.",
        )


def _check_number(name: str, value: Any, above_zero: bool = False) -> None:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or value < 0 or (above_zero and value == 0):
        allowed = "(0, inf)" if above_zero else "[0, inf)"
        raise InvalidParameterError(f"{name} must be a number in the range {allowed}. Got {value!r} instead.")
