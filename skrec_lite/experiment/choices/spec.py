"""What an estimator one can choose consists of: its name, its hyper-parameters, how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import pandas as pd

from skrec_lite.dataset.features.numeric_features import numeric_feature_columns
from skrec_lite.exceptions import (
    InvalidParameterError,
    RetrievalSpaceRefused,
    check_choice,
    nearest_name_hint,
)

Number = int | float
Setting = Number | str


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter that is a number: what it is, its default and its sensible range.

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

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.default, int)

    def checked(self, value: object) -> Number:
        """Return `value` as this parameter's type.

        Raises
        ------
        InvalidParameterError
            If it is no number, not whole where it must be, or outside the range.
        """
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InvalidParameterError(f"{self.name} must be a number. Got {value!r} instead.")
        if self.is_whole and not float(value).is_integer():
            raise InvalidParameterError(f"{self.name} must be a whole number. Got {value!r} instead.")
        number = int(float(value)) if self.is_whole else float(value)
        if not self.low <= number <= self.high:
            raise InvalidParameterError(
                f"{self.name} must be in the range [{self.low}, {self.high}]. Got {value!r} instead."
            )
        return number


@dataclass(frozen=True)
class Choice:
    """One hyper-parameter that is one of a few named options.

    Attributes
    ----------
    name : str
        As the estimator calls it.
    label, help : str
        For people; `help` is one sentence.
    default : str
        One of `options`.
    options : tuple of str
        As the estimator calls them.
    labels : mapping of str to str
        Each option as people read it.
    unsearchable : mapping of str to str
        Of each option with which no vectors may carry the model's order: why, and what to choose instead, as
        people read it. ``{columns}`` stands for the context columns of the interactions.
    """

    name: str
    label: str
    help: str
    default: str
    options: tuple[str, ...]
    labels: Mapping[str, str]
    unsearchable: Mapping[str, str] = field(default_factory=dict)

    def checked(self, value: object) -> str:
        """Return `value` if it is one of the options.

        Raises
        ------
        InvalidParameterError
            Otherwise, naming the options and the nearest one.
        """
        return check_choice(self.name, value, self.options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class EstimatorSpec:
    """An estimator one can choose.

    Attributes
    ----------
    key, label, summary : str
        `summary` says in one sentence what it does and when to use it.
    has_embeddings : bool
        Whether the embedding retriever can use it; otherwise it brings a retrieval model of its own.
    parameters : tuple of Parameter or Choice
        In the order in which a form shows them, the most important first.
    make : callable
        Returns an unfitted estimator from ``seed`` and every parameter by name.
    missing : callable, optional
        Returns why the estimator cannot be used here, with the command that installs what it needs, or
        an empty string. None where nothing optional is needed.
    scores_by_dot_product : bool
        For one with embeddings: whether scoring a whole catalogue is one matrix product.
    """

    key: str
    label: str
    summary: str
    has_embeddings: bool
    parameters: tuple[Parameter | Choice, ...]
    make: Callable[..., Any]
    missing: Callable[[], str] | None = None
    scores_by_dot_product: bool = True

    @property
    def why_missing(self) -> str:
        """Why it cannot be used here; empty where it can."""
        return "" if self.missing is None else self.missing()

    def build(self, params: Mapping[str, Setting], seed: int) -> Any:
        """Return an unfitted estimator; parameters not given take their defaults.

        Raises
        ------
        InvalidParameterError
            For an unknown parameter or a value it does not allow.
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

    def retrieval_refusal(self, params: Mapping[str, Setting], interactions: pd.DataFrame) -> str:
        """Return why the embedding retriever could not use it, before any fit; empty where it can.

        One without embeddings is never asked: the retriever then has a model of its own.

        Raises
        ------
        InvalidParameterError
            As `build` does.
        """
        model = self.build(params, seed=0)
        if not self.has_embeddings or not hasattr(model, "check_retrieval"):
            return ""
        try:
            model.check_retrieval(interactions)
        except RetrievalSpaceRefused as refused:
            return self.refusal_words(refused, params, interactions)
        return ""

    def refusal_words(
        self, refused: RetrievalSpaceRefused, params: Mapping[str, Setting], interactions: pd.DataFrame
    ) -> str:
        """Return a refusal in the words of the choices that led to it; as it is where none says more."""
        for choice in self.parameters:
            if isinstance(choice, Choice):
                words = choice.unsearchable.get(str(params.get(choice.name, choice.default)))
                if words is not None:
                    columns = numeric_feature_columns(interactions)
                    return words.format(columns=", ".join(f"'{column}'" for column in columns))
        return str(refused)
