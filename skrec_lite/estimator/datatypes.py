"""Choices that estimators offer, as enumerations whose members equal their names in lower case."""

from __future__ import annotations

from enum import StrEnum


class MFAlgorithm(StrEnum):
    """How a matrix is factorized.

    Attributes
    ----------
    IALS
        Implicit feedback: every interaction is a 1, every missing pair a weak 0. The default.
    ALS
        Explicit feedback: predicts the outcome of observed pairs, by alternating ridge regressions.
    SGD
        Explicit feedback: the same model by stochastic gradient descent; logistic for binary outcomes.
    """

    IALS = "ials"
    ALS = "als"
    SGD = "sgd"


class MFOutcomeType(StrEnum):
    """What an outcome means.

    Attributes
    ----------
    CONTINUOUS
        Any number; predicted as it is.
    BINARY
        0 or 1; predicted as a number between 0 and 1.
    ORDINAL
        Ordered levels, such as 1 to 5 stars; predictions are clipped to the scale.
    """

    CONTINUOUS = "continuous"
    BINARY = "binary"
    ORDINAL = "ordinal"
