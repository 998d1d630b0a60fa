"""The glossary: what a word means, one example with numbers of the lesson, and where it is to be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from skrec_lite.experiment.figures.comparisons import pool_comparisons
from skrec_lite.experiment.figures.funnel import funnel_stages
from skrec_lite.experiment.figures.sampled import sampled_figures
from skrec_lite.experiment.lessons.comparing import on_the_front, thin_histories
from skrec_lite.experiment.lessons.cost import load_of, time_in_words
from skrec_lite.experiment.lessons.embedding import genre_likeness, products
from skrec_lite.experiment.lessons.lesson import Lesson
from skrec_lite.experiment.lessons.pools import crossing, first_candidates, perfect_recall
from skrec_lite.experiment.lessons.profile import head_share, profile_parts
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.report.definitions import GLOSSARY


@dataclass(frozen=True)
class Term:
    """A word of the field.

    Attributes
    ----------
    name, definition : str
    example : callable
        From the lesson to a sentence with its numbers.
    where : str
        The screen that shows it, by its name, and the part of it.
    """

    name: str
    definition: str
    example: Callable[[Lesson], str]
    where: str


def _h(share: float) -> str:
    return f"{100 * share:.1f} of 100"


def _stage(lesson: Lesson, key: str, column: str) -> float:
    return float(funnel_stages(lesson.result).set_index("retriever").loc[key, column])


def _mean(lesson: Lesson, metric: str) -> float:
    return lesson.result.runs["embedding"].ranked.mean(metric)


def _interval(lesson: Lesson) -> str:
    found = lesson.result.recall_difference("embedding", "popularity", lesson.top_k)
    return (
        f"Embedding finds {100 * found.mean:.1f} of 100 more than popularity within {lesson.top_k}; the "
        f"interval is {100 * found.low:.1f} to {100 * found.high:.1f}."
    )


def _p_value(lesson: Lesson) -> str:
    every = pool_comparisons(lesson.result, lesson.top_k)
    one = next(
        c for c in every if c.metric == "recall" and {c.first, c.second} == {"embedding", "popularity"}
    )
    return (
        f"Embedding against popularity, recall@{lesson.top_k}: p = {one.p_value:.2g} alone, "
        f"{one.p_adjusted:.2g} after Holm's correction for {one.n_compared} comparisons."
    )


@once_per_result
def _sampled(lesson: Lesson) -> str:
    found = sampled_figures(lesson.result)
    return (
        f"Hit rate@{found.n} is {found.per_user['hit_rate'].mean():.2f} among {found.n_negatives} random "
        f"others and {found.whole['hit_rate'].mean():.2f} in the whole catalogue: the same lists."
    )


def _dot(lesson: Lesson) -> str:
    user = str(lesson.result.user_ids[0])
    found = products(lesson, user, next(iter(first_candidates(lesson, "embedding", user))))
    return (
        f"For reader {user} and their best book {len(found.products)} products add up to {found.total:.3f}."
    )


def _profile(lesson: Lesson) -> str:
    user = str(lesson.result.user_ids[0])
    item, title = next(iter(first_candidates(lesson, "content", user).items()))
    cosine = profile_parts(lesson, user, item)["product"].sum()
    return f"The profile of reader {user} and {title.split('. ', 1)[1]} have a cosine of {cosine:.2f}."


def _crossing(lesson: Lesson) -> str:
    found = crossing(lesson)
    one = found.best_early
    early, late = _h(one.at(found.early)), _h(one.at(found.late))
    return f"{one.label}: recall@{found.early} {early}, recall@{found.late} {late}."


def _leaks(lesson: Lesson) -> str:
    return f"This lesson's split was checked: {lesson.result.split.leak_check.sentence}"


_TERMS: Final = (
    Term("Ceiling", GLOSSARY["Ceiling"] + " Of a ranker: what its pool holds.",
         lambda lesson: f"No ranker gets more than {_h(lesson.recall('popularity', lesson.top_k))} out of "
         "the popularity pools.",
         "Compare, Lost items"),
    Term("Candidate, pool", GLOSSARY["Retriever, pool, candidate"],
         lambda lesson: f"A pool of {lesson.top_k} is {100 * lesson.top_k / lesson.n_items:.0f} of 100 of "
         f"the {lesson.n_items:,} books.",
         "Candidates"),
    Term("Cold start", "A user or item without a history: there is nothing to learn an embedding from.",
         thin_histories, "Compare, Segments"),
    Term("Content profile", "The mean direction of the features of a user's history.",
         _profile, "Candidates"),
    Term("Dot product", "The sum of the products of two lists of numbers, one by one: the score of an "
         "embedding model.", _dot, "Learn, step 3"),
    Term("Embedding", "A list of numbers for a user or an item, learned so that a dot product says who "
         "chooses what.",
         lambda lesson: f"{lesson.cost.n_factors} numbers for each book; "
         f"{genre_likeness(lesson).nearest:.1f} of its 10 nearest share a genre with a book.",
         "Learn, step 2"),
    Term("Final list", "What a user is shown: the best n of the pool, by the ranker.",
         lambda lesson: f"{lesson.n} of {lesson.top_k} candidates.", "Rankings"),
    Term("Full catalogue", GLOSSARY["Full catalogue"],
         lambda lesson: f"Recall@{lesson.n} without a retriever: "
         f"{_h(lesson.result.reference.ranked.mean('recall'))}.",
         "Compare, Lists"),
    Term("Hit rate@k", GLOSSARY["Hit rate@k"],
         lambda lesson: f"{_h(_mean(lesson, 'hit_rate'))} readers have a hit among {lesson.n}.",
         "Compare, Lists"),
    Term("Hold-out", GLOSSARY["Held-out item"],
         lambda lesson: f"{int(lesson.result.split.n_held_out.sum()):,} books of {lesson.n_users:,} "
         "readers: the last of each.",
         "Train, Split"),
    Term("Interval (bootstrap)", GLOSSARY["95 % interval"], _interval, "Compare, Differences"),
    Term("Leak", "Something of what is held out that reaches a model before it is measured, so that the "
         "figures are too good.", _leaks, "Compare, Method"),
    Term("MAP", GLOSSARY["MAP"], lambda lesson: f"{_mean(lesson, 'map'):.3f} over the embedding's pools.",
         "Compare, Lists"),
    Term("MRR", GLOSSARY["MRR"], lambda lesson: f"{_mean(lesson, 'mrr'):.3f} over the embedding's pools.",
         "Compare, Lists"),
    Term("nDCG@k", GLOSSARY["nDCG@k"],
         lambda lesson: f"{_mean(lesson, 'ndcg'):.3f} over the embedding's pools; a single hit at place 3 is "
         "1 / log2(4) = .5.",
         "Compare, Lists"),
    Term("Oracle", GLOSSARY["Oracle nDCG"],
         lambda lesson: "Over popularity pools the best order has nDCG "
         f"{_stage(lesson, 'popularity', 'oracle_ndcg'):.3f}"
         f" and recall {_h(perfect_recall(lesson, 'popularity'))}; the real ranker has "
         f"{_stage(lesson, 'popularity', 'ndcg'):.3f} and {_h(lesson.final_recall('popularity'))}.",
         "Compare, Lost items"),
    Term("p-value, Holm", GLOSSARY["p, Holm"], _p_value, "Compare, Differences"),
    Term("Pareto front", "The choices that none beats on both counts at once: found more in less time.",
         on_the_front, "Compare, Pool size"),
    Term("Popularity bias", "Popular items get more than their share: of choices, and of places in lists.",
         lambda lesson: f"The most popular fifth holds {_h(head_share(lesson, 0.2))} choices and "
         f"{_h(lesson.result.runs['popularity'].ranked.beyond['popularity_share'])} places of the lists over "
         "popularity pools.",
         "Compare, Lists"),
    Term("Precision@k", GLOSSARY["Precision@k"],
         lambda lesson: f"{_h(_mean(lesson, 'precision'))} places of a list of {lesson.n} are hits; with "
         f"one book held out it cannot pass {100 / lesson.n:.0f}.",
         "Compare, Lists"),
    Term("Ranker", "The second stage: scores the candidates of a pool with care, and orders them.",
         lambda lesson: f"Over {lesson.top_k} candidates {lesson.cost.n_trees} trees take "
         f"{time_in_words(1e-6 * lesson.cost.trees * lesson.top_k)} here.",
         "Rankings"),
    Term("Recall@k", GLOSSARY["Recall@k"], _crossing, "Compare, Pools"),
    Term("Retriever", "The first stage: finds candidates among all items, fast.",
         lambda lesson: f"Two stages on a billion items, 1 of 100 looked at: "
         f"{time_in_words(load_of(lesson.cost, 10**9).two_stages)} a request, against "
         f"{time_in_words(load_of(lesson.cost, 10**9).full)} for trees on all.",
         "Learn, step 1"),
    Term("Sampled metric", "A metric measured among a few random items instead of the whole catalogue; it "
         "looks far better and can order models wrongly.", _sampled, "Compare, Lists"),
)  # fmt: skip

#: By name, in the order of the alphabet.
TERMS: Final[dict[str, Term]] = {
    term.name: term for term in sorted(_TERMS, key=lambda term: term.name.lower())
}


def matching_terms(query: str) -> list[Term]:
    """Return the terms whose name or definition holds every word of a query; names first."""
    words = query.lower().split()
    found = [
        term
        for term in TERMS.values()
        if all(word in f"{term.name} {term.definition}".lower() for word in words)
    ]
    return sorted(found, key=lambda term: not all(word in term.name.lower() for word in words))
