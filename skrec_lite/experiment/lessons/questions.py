"""Predict, then reveal: a question whose answer comes from the lesson run, and how answers are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skrec_lite.exceptions import InvalidParameterError

#: A guess this near, in points of 100, counts as right.
NEAR: Final = 10.0


@dataclass(frozen=True)
class Choice:
    """A question with options.

    Attributes
    ----------
    prompt : str
    options : tuple of str
    answer : int
        Place of the right option, from 0.
    """

    prompt: str
    options: tuple[str, ...]
    answer: int

    def __post_init__(self) -> None:
        if not 0 <= self.answer < len(self.options):
            raise InvalidParameterError(
                f"answer must be a place among {len(self.options)} options. Got {self.answer}."
            )

    def is_right(self, given: str) -> bool:
        """Return whether an option is the right one."""
        return given == self.options[self.answer]

    @property
    def answer_words(self) -> str:
        """The right answer, for people."""
        return self.options[self.answer]


@dataclass(frozen=True)
class Estimate:
    """A question for a number.

    Attributes
    ----------
    prompt : str
    answer : float
    low, high : float
        Ends of the scale to guess on.
    tolerance : float
        A guess at most so far off counts as right.
    unit : str
        What is counted, after the number.
    """

    prompt: str
    answer: float
    low: float = 0.0
    high: float = 100.0
    tolerance: float = NEAR
    unit: str = "of 100"

    def is_right(self, given: float) -> bool:
        """Return whether a guess is near enough."""
        return abs(float(given) - self.answer) <= self.tolerance + 1e-9

    @property
    def answer_words(self) -> str:
        """The right answer, for people."""
        return f"{self.answer:.1f} {self.unit}"


Question = Choice | Estimate


@dataclass(frozen=True)
class Answered:
    """What a person said to a question; ``given`` is None where they asked to be shown."""

    given: str | float | None
    is_right: bool


def answered(question: Question, given: str | float | None) -> Answered:
    """Check what was given; to be shown counts as not right."""
    if given is None:
        return Answered(None, False)
    if isinstance(question, Choice):
        return Answered(given, question.is_right(str(given)))
    return Answered(given, question.is_right(float(given)))


def score_words(answers: Mapping[str, Answered], n_questions: int) -> str:
    """Return the score in words: ``3 of 4 predicted right, 4 questions to go``."""
    right = sum(one.is_right for one in answers.values())
    left = n_questions - len(answers)
    to_go = f", {left} {'question' if left == 1 else 'questions'} to go" if left else ""
    return f"{right} of {len(answers)} predicted right{to_go}"
