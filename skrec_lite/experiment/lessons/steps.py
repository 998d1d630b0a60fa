"""The tour: eight steps, each with what is said before its question, the question, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from skrec_lite.experiment.lessons.cost import load_of, time_in_words
from skrec_lite.experiment.lessons.embedding import N_NEAREST, genre_likeness, positive_share
from skrec_lite.experiment.lessons.lesson import LARGE, SMALL, Lesson
from skrec_lite.experiment.lessons.pools import crossing, perfect_recall
from skrec_lite.experiment.lessons.profile import head_share
from skrec_lite.experiment.lessons.questions import Choice, Estimate, Question

#: Catalogue of the first question.
ASKED_ITEMS: Final = 100_000_000
#: Share of the catalogue that the question on popularity asks about.
HEAD: Final = 0.2
_TIMES: Final = (
    ("under 10 ms", 0.01),
    ("10 ms to 1 s", 1.0),
    ("1 s to 1 min", 60.0),
    ("over a minute", float("inf")),
)
#: Computed on MovieLens 1M, not in this lab: EASE with lambda 200 and implicit matrix factorization over the
#: whole catalogue.
MOVIELENS: Final = (
    "The same is known from real data. On MovieLens 1M, computed elsewhere: EASE finds more within 10 places "
    "than matrix factorization (hit rate .1116 against .1036), yet less within 200 candidates (recall .5825 "
    "against .6164)."
)


def _nothing(_: Lesson) -> list[str]:
    return []


@dataclass(frozen=True)
class Step:
    """One step of the tour.

    Attributes
    ----------
    key : str
        In addresses.
    title : str
    intro : str
        Said before the question; gives nothing away.
    question : callable
        From the lesson to its `Question`.
    told : callable
        From the lesson to the sentences that explain the answer.
    small_print : callable
        From the lesson to what is said below the chart: how certain it is, and where it is from.
    """

    key: str
    title: str
    intro: str
    question: Callable[[Lesson], Question]
    told: Callable[[Lesson], list[str]]
    small_print: Callable[[Lesson], list[str]] = _nothing


def _cost_question(lesson: Lesson) -> Question:
    seconds = load_of(lesson.cost, ASKED_ITEMS).full
    place = next(at for at, (_, most) in enumerate(_TIMES) if seconds < most)
    return Choice(
        f"On this machine, {lesson.cost.n_trees} trees score one (user, item) pair in "
        f"{lesson.cost.trees:.2g} µs. How long would one request take that scores a catalogue of "
        f"{ASKED_ITEMS:,} items?",
        tuple(words for words, _ in _TIMES),
        place,
    )


def _cost_told(lesson: Lesson) -> list[str]:
    load = load_of(lesson.cost, ASKED_ITEMS)
    return [
        f"{lesson.cost.trees:.2g} µs times {ASKED_ITEMS:,} items is {time_in_words(load.full)}, for every "
        f"request. That was timed on {lesson.cost.n_tree_pairs:,} pairs of this lesson, in one batch.",
        f"Two stages take {time_in_words(load.two_stages)}: a search that looks at 1 of 100 vectors, at "
        f"{lesson.cost.dot:.2g} µs each, then the trees on {load.pool} candidates.",
    ]


def _embedding_question(lesson: Lesson) -> Question:
    return Estimate(
        f"The model was never told a genre. Take a book's {N_NEAREST} nearest by these numbers: how many of "
        "the 10 share a genre with it, on average?",
        genre_likeness(lesson).nearest,
        high=float(N_NEAREST),
        tolerance=1.0,
        unit=f"of {N_NEAREST}",
    )


def _embedding_told(lesson: Lesson) -> list[str]:
    likeness = genre_likeness(lesson)
    return [
        f"{likeness.nearest:.1f} of the {N_NEAREST} nearest share a genre, against {likeness.random:.1f} of "
        f"{N_NEAREST} books drawn at random. What people choose together comes to lie together."
    ]


def _dot_question(lesson: Lesson) -> Question:
    return Estimate(
        f"Take each reader's best candidate: the highest score of {lesson.n_items:,} books. Of 100 of its "
        "products, how many are positive?",
        100 * positive_share(lesson),
    )


def _dot_told(lesson: Lesson) -> list[str]:
    return [
        f"{100 * positive_share(lesson):.1f} of 100, over {lesson.n_users:,} readers with "
        f"{lesson.cost.n_factors} products each. Even the best match is a sum in which some disagree; "
        "how large they are counts too."
    ]


def _profile_question(lesson: Lesson) -> Question:
    return Estimate(
        f"Of 100 held-out books the embedding finds {100 * lesson.recall('embedding', lesson.top_k):.1f} "
        f"within {lesson.top_k} candidates. How many does the content profile find?",
        100 * lesson.recall("content", lesson.top_k),
    )


def _profile_told(lesson: Lesson) -> list[str]:
    return [
        f"{100 * lesson.recall('content', lesson.top_k):.1f} of 100. Features say what a book is, not "
        "whether people like it. But a profile needs no other reader: "
        "a book that nobody has chosen yet is found too."
    ]


def _popularity_question(lesson: Lesson) -> Question:
    return Estimate(
        f"What share of all choices goes to the most popular {100 * HEAD:.0f} of 100 books?",
        100 * head_share(lesson, HEAD),
    )


def _popularity_told(lesson: Lesson) -> list[str]:
    return [
        f"{100 * head_share(lesson, HEAD):.1f} of 100 choices; the other {100 - 100 * HEAD:.0f} of 100 books "
        "share the rest.",
        "So the same list for everyone is a strong opponent: within "
        f"{lesson.top_k} candidates it finds {100 * lesson.recall('popularity', lesson.top_k):.1f} of 100 "
        "held-out books, knowing nobody.",
    ]


def _pool_question(lesson: Lesson) -> Question:
    return Estimate(
        f"The embedding finds {100 * lesson.recall('embedding', lesson.n):.1f} of 100 held-out books within "
        f"its first {lesson.n} candidates. How many within {lesson.top_k}?",
        100 * lesson.recall("embedding", lesson.top_k),
    )


def _pool_told(lesson: Lesson) -> list[str]:
    return [
        f"{100 * lesson.recall('embedding', lesson.top_k):.1f} of 100: recall@{lesson.top_k} against "
        f"{100 * lesson.recall('embedding', lesson.n):.1f} for recall@{lesson.n}. A pool is judged by "
        "what is in it, not by its order; the order is the ranker's work."
    ]


def _ranker_question(lesson: Lesson) -> Question:
    return Estimate(
        f"Give the popularity pool of {lesson.top_k} to a perfect ranker, one that always puts the right "
        f"book first. Of 100 held-out books, how many reach its list of {lesson.n}?",
        100 * perfect_recall(lesson, "popularity"),
    )


def _ranker_told(lesson: Lesson) -> list[str]:
    lost = 100 - 100 * lesson.recall("popularity", lesson.top_k)
    return [
        f"{100 * perfect_recall(lesson, 'popularity'):.1f} of 100: what the pool holds. The other {lost:.1f} "
        "were lost before any ranker saw them, and no ranker brings them back. That is the ceiling.",
        f"The real ranker shows {100 * lesson.final_recall('popularity'):.1f} of 100 from this pool. What "
        "lies between is lost in ranking.",
    ]


def _surprise_question(lesson: Lesson) -> Question:
    found = crossing(lesson)
    options = tuple(one.label for one in lesson.contenders.values())
    return Choice(
        f"Within the first {found.early} places "
        f"{found.best_early.label[0].lower() + found.best_early.label[1:]} finds the most. Which finds the "
        f"least within {found.late}?",
        options,
        options.index(found.late_order[-1].label),
    )


def _surprise_told(lesson: Lesson) -> list[str]:
    found = crossing(lesson)
    verdict = (
        "The best for a list is the worst for a pool."
        if found.is_reversed
        else "Here the best for a list is not the worst for a pool."
    )
    return [verdict, *found.orders]


def _surprise_small_print(lesson: Lesson) -> list[str]:
    return [
        *crossing(lesson).differences,
        "The settings of the two factorizations were searched for on this sample so that the effect is "
        "plain; the intervals do not count that search.",
        MOVIELENS,
    ]


STEPS: Final[dict[str, Step]] = {
    step.key: step
    for step in (
        Step(
            "cost",
            "Why two stages",
            "The most careful way to recommend is to score every item for every request. That is fine for a "
            "shelf of books. What of a large catalogue?",
            _cost_question,
            _cost_told,
        ),
        Step(
            "embedding",
            "What an embedding is",
            "An embedding is a short list of numbers for each item and each user. A model learns it from one "
            "thing: who chose what.",
            _embedding_question,
            _embedding_told,
        ),
        Step(
            "dot",
            "The dot product",
            "How well do a reader and a book fit? Multiply their numbers one by one, and add up the "
            "products. The sum is the score.",
            _dot_question,
            _dot_told,
        ),
        Step(
            "profile",
            "The content profile",
            "Another way needs no learning. The mean of the features of what a reader has read is a profile; "
            "books that point in the same direction are candidates. How alike is said by the "
            "cosine, 1 at most.",
            _profile_question,
            _profile_told,
        ),
        Step(
            "popularity",
            "Popularity",
            "The simplest retriever gives everyone what is chosen most. Why does it work at all?",
            _popularity_question,
            _popularity_told,
        ),
        Step(
            "pool",
            "The pool",
            "Each retriever passes on a pool of candidates. To measure it, the last book of each reader was "
            "held out: recall@k is the share of held-out books among the first k candidates.",
            _pool_question,
            _pool_told,
        ),
        Step(
            "ranker",
            "The ranker and the ceiling",
            "The ranker sees only the pool. It orders the candidates and shows the first few.",
            _ranker_question,
            _ranker_told,
        ),
        Step(
            "surprise",
            "The surprise",
            "Surely the model with the best list is the one to retrieve with? Here are three ways to order "
            f"the catalogue: a large matrix factorization ({LARGE['n_factors']} numbers a book, hardly "
            f"restrained), a small one ({SMALL['n_factors']} numbers, strictly restrained), and popularity.",
            _surprise_question,
            _surprise_told,
            _surprise_small_print,
        ),
    )
}
