"""What the Learn screen shows and asks: computed from one small run, so that no number in it is made up."""

from skrec_lite.experiment.lessons.exercises import EXERCISES, Exercise
from skrec_lite.experiment.lessons.lesson import (
    LESSON_CONFIG,
    Contender,
    Lesson,
    ScoringCost,
    make_lesson,
    suits,
)
from skrec_lite.experiment.lessons.questions import (
    Answered,
    Choice,
    Estimate,
    Question,
    answered,
    score_words,
)
from skrec_lite.experiment.lessons.sheet import teachers_sheet
from skrec_lite.experiment.lessons.steps import STEPS, Step
from skrec_lite.experiment.lessons.terms import TERMS, Term, matching_terms

__all__ = [
    "EXERCISES",
    "LESSON_CONFIG",
    "STEPS",
    "TERMS",
    "Answered",
    "Choice",
    "Contender",
    "Estimate",
    "Exercise",
    "Lesson",
    "Question",
    "ScoringCost",
    "Step",
    "Term",
    "answered",
    "make_lesson",
    "matching_terms",
    "score_words",
    "suits",
    "teachers_sheet",
]
