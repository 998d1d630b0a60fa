"""Two figures of the glossary and the exercises: short histories, and what time and recall trade."""

from __future__ import annotations

import numpy as np

from skrec_lite.experiment.lessons.lesson import NEEDED, Lesson
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.report.words import listed, of_100
from skrec_lite.experiment.segments.bands import history_lengths
from skrec_lite.experiment.sweep.pareto import pareto_front


@once_per_result
def thin_and_thick(lesson: Lesson) -> tuple[int, float, float]:
    """Return the length of a short history, and the embedding's recall for readers up to it and beyond it.

    A history is short if it is no longer than those of the tenth of the readers with the shortest.
    """
    lengths = history_lengths(lesson.result)
    limit = int(np.sort(lengths)[max(len(lengths) // 10 - 1, 0)])
    found = lesson.result.recall_at("embedding", lesson.top_k)
    return limit, float(found[lengths <= limit].mean()), float(found[lengths > limit].mean())


def thin_histories(lesson: Lesson) -> str:
    """Say what short histories cost the embedding."""
    limit, thin, thick = thin_and_thick(lesson)
    return (
        f"Readers with at most {limit} choices: the embedding finds {of_100(thin)} of 100 within "
        f"{lesson.top_k}; for the others {of_100(thick)}."
    )


@once_per_result
def front(lesson: Lesson) -> list[str]:
    """Return the retrievers that no other beats in both time to retrieve and recall, the fastest first."""
    seconds = np.array([lesson.result.runs[key].retrieve_seconds for key in NEEDED])
    recall = np.array([lesson.recall(key, lesson.top_k) for key in NEEDED])
    return [NEEDED[at] for at in pareto_front(seconds, recall)]


def on_the_front(lesson: Lesson) -> str:
    """Say which retrievers are on the front, with their time and recall."""
    told = [
        f"{label_of(key).lower()} ({1e6 * lesson.result.runs[key].retrieve_seconds / lesson.n_users:.3g} µs "
        f"a reader, {of_100(lesson.recall(key, lesson.top_k))} of 100)"
        for key in front(lesson)
    ]
    return f"On it here: {listed(told)}."
