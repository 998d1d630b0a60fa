"""Exercises for a class, from five minutes to homework, with answers from the lesson run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from skrec_lite.experiment.lessons.comparing import on_the_front, thin_histories
from skrec_lite.experiment.lessons.cost import about, load_of, time_in_words
from skrec_lite.experiment.lessons.embedding import genre_likeness
from skrec_lite.experiment.lessons.lesson import NEEDED, Lesson
from skrec_lite.experiment.lessons.pools import crossing, perfect_recall
from skrec_lite.experiment.lessons.profile import head_share
from skrec_lite.experiment.lessons.terms import TERMS
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.report.words import interval, of_100


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    title : str
    takes : str
        How long, in words.
    task : callable
        From the lesson to what is asked.
    answer : callable
        From the lesson to the answer, with its numbers.
    """

    title: str
    takes: str
    task: Callable[[Lesson], str]
    answer: Callable[[Lesson], str]


def _requests(lesson: Lesson) -> str:
    load = load_of(lesson.cost, 20_000_000, requests=500)
    return (
        f"Every item: {lesson.cost.trees:.2g} µs x 20,000,000 = {time_in_words(load.full)} a request, "
        f"{about(load.full_cores)} cores. Two stages: {time_in_words(load.two_stages)}, "
        f"{max(load.two_stage_cores, 0.1):.1f} cores. (Timed on the machine that made this sheet.)"
    )


def _recalls(lesson: Lesson, k: int) -> str:
    return ", ".join(f"{label_of(key).lower()} {of_100(lesson.recall(key, k))}" for key in NEEDED)


def _lost(lesson: Lesson) -> str:
    parts = []
    for key in NEEDED:
        pool, shown = lesson.recall(key, lesson.top_k), lesson.final_recall(key)
        parts.append(
            f"{label_of(key).lower()}: {of_100(1 - pool)} lost in retrieval, {of_100(pool - shown)} in "
            f"ranking, {of_100(shown)} shown"
        )
    return "; ".join(parts) + "."


def _certain(lesson: Lesson) -> str:
    found = lesson.result.recall_difference("embedding", "popularity", lesson.top_k)
    word = (
        "It excludes 0, so the order is certain." if found.excludes_zero else "It holds 0: the order is open."
    )
    return (
        f"{100 * found.mean:+.1f} of 100, 95 % interval {interval(found, signed=True)}. {word} With a "
        "quarter of the readers the interval is about twice as wide: its width goes with 1 / sqrt(readers)."
    )


def _half_pool(lesson: Lesson) -> str:
    size = lesson.result.pool_reaching("embedding", 0.9)
    return (
        f"{size} of {lesson.top_k} candidates find 90 of 100 of what the whole pool finds "
        f"({of_100(lesson.recall('embedding', size))} against "
        f"{of_100(lesson.recall('embedding', lesson.top_k))})."
    )


EXERCISES: Final = (
    Exercise("Recall by hand", "5 minutes",
        lambda _: "A reader has two held-out books. They stand at places 3 and 40 of a pool of 100. What are "
        "recall@1, recall@10, recall@50 and the reciprocal rank of the first hit?",
        lambda _: f"{of_100(0 / 2)}, {of_100(1 / 2)} and {of_100(2 / 2)} of 100; 1 / 3 = {1 / 3:.3f}."),
    Exercise("The bill", "5 minutes",
        lambda lesson: f"Trees take {lesson.cost.trees:.2g} µs a pair, a dot product {lesson.cost.dot:.2g} "
        "µs. How "
        "many cores do 500 requests a second take over 20 million items: every item scored by trees, and in "
        "two stages (1 of 100 vectors looked at, 200 candidates)?",
        _requests),
    Exercise("Near in numbers", "10 minutes",
        lambda _: "In step 2, take three books that you think are unlike each other, and count how many of "
        "the 10 nearest share a genre with each. Why can the model know genres that it was never told?",
        lambda lesson: f"On average {genre_likeness(lesson).nearest:.1f} of 10, against "
        f"{genre_likeness(lesson).random:.1f} at random. Readers choose by genre, so books of a genre are "
        "chosen by the same people; that is all the model sees."),
    Exercise("The long tail", "10 minutes",
        lambda _: "What share of the choices do the most popular 1, 10 and 50 of 100 books hold? What does "
        "that mean for a retriever that only knows popularity?",
        lambda lesson: ", ".join(f"{of_100(head_share(lesson, share))}" for share in (0.01, 0.1, 0.5))
        + f" of 100. It can find {of_100(lesson.recall('popularity', lesson.top_k))} of 100 held-out books, "
        "but hardly ever one of the tail."),
    Exercise("Three retrievers", "10 minutes",
        lambda lesson: f"Order the three retrievers by recall@{lesson.n} and by recall@{lesson.top_k}. Is "
        "it the same order?",
        lambda lesson: f"At {lesson.n}: {_recalls(lesson, lesson.n)}. At {lesson.top_k}: "
        f"{_recalls(lesson, lesson.top_k)} (of 100)."),
    Exercise("Where is it lost?", "15 minutes",
        lambda _: "For each retriever, part 100 held-out books into lost in retrieval, lost in ranking and "
        "shown. For which would you work on the retriever first, for which on the ranker?",
        lambda lesson: f"{_lost(lesson)} The larger loss is the place to work."),
    Exercise("The ceiling", "15 minutes",
        lambda _: "Why is recall of the final list never above recall of the pool? What is the best list "
        "that a perfect ranker makes of each pool?",
        lambda lesson: "The list is part of the pool. Of 100, a perfect ranker shows "
        + ", ".join(f"{of_100(perfect_recall(lesson, key))} ({label_of(key).lower()})" for key in NEEDED)
        + ": all that was found, since each reader has one book held out."),
    Exercise("How large a pool?", "20 minutes",
        lambda _: "How many candidates of the embedding find 90 of 100 of what its whole pool finds? What "
        "does a larger pool cost?",
        lambda lesson: f"{_half_pool(lesson)} The ranker's time grows with the pool. {on_the_front(lesson)}"),
    Exercise("Is it certain?", "20 minutes",
        lambda lesson: f"How much more does the embedding find than popularity within {lesson.top_k}, and "
        "is that certain? How would the interval change with a quarter of the readers?",
        _certain),
    Exercise("The wrong winner", "45 minutes",
        lambda lesson: f"A colleague chose a retriever by recall@{lesson.n}. Show with step 8 why that can "
        "be wrong, and write down in two sentences what to measure instead.",
        lambda lesson: " ".join([*crossing(lesson).orders, *crossing(lesson).differences])
        + " Measure recall at the size of the pool that "
        "the ranker gets, and the final list end to end."),
    Exercise("New readers", "homework",
        lambda _: "On the Compare screen, find out for whom each retriever works: short and long histories, "
        "popular and rare books. Propose which retrievers to merge, try it on the Train screen, and report "
        "the difference with its interval.",
        lambda lesson: f"{thin_histories(lesson)} A merged pool should gain where the single ones differ; "
        "the report counts if it names the interval and the users it was measured on."),
    Exercise("Two protocols", "homework",
        lambda _: "Read what a sampled metric is in the glossary, and find a paper that uses one. Why can "
        "its figures not be compared with those of the whole catalogue?",
        lambda lesson: TERMS["Sampled metric"].example(lesson) + " Beating 99 random books is easy, and how "
        "much easier depends on the model."),
)  # fmt: skip
