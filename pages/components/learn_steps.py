"""What each step of the tour shows once its answer may be seen: one chart, and what can be changed in it."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from pages.components import charts_learn, charts_learn_pools
from pages.components.chart_pictures import show_chart
from pages.components.identity import LOOKS
from pages.components.text import plain
from skrec_lite.experiment import pick_user, popular_items
from skrec_lite.experiment.lessons import Lesson
from skrec_lite.experiment.lessons.cost import SIZES, about, load_of, size_in_words, time_in_words
from skrec_lite.experiment.lessons.embedding import neighbours, products
from skrec_lite.experiment.lessons.pools import (
    crossing,
    ends,
    first_candidates,
    found_alone,
    places_of_user,
)
from skrec_lite.experiment.lessons.profile import head_share, popularity_curve, profile_parts
from skrec_lite.experiment.lessons.steps import ASKED_ITEMS, HEAD

#: Readers and books that the pickers offer.
_N_OFFERED = 200
_REQUESTS = (1, 10, 100, 1000, 10_000, 100_000)
_POOLS = (50, 100, 200, 500, 1000, 2000)
_LOOKED_AT = (0.001, 0.01, 0.1, 1.0)


def _chart(figure: go.Figure, key: str, alt: str) -> None:
    show_chart(figure, key=f"learn_chart_{key}", picture=("lesson", key), alt=alt)


def _cores(busy: float) -> str:
    return about(busy) if busy >= 1 else "under 1"


def _cost(lesson: Lesson) -> None:
    with st.grid(4, min_column_width=200):
        n_items = st.select_slider("Items in the catalogue", SIZES, ASKED_ITEMS, format_func=size_in_words,
                                   key="learn_items", persist_state="session")  # fmt: skip
        requests = st.select_slider("Requests a second", _REQUESTS, 100, format_func=size_in_words,
                                    key="learn_requests", persist_state="session")  # fmt: skip
        pool = st.select_slider("Candidates in the pool", _POOLS, 200, format_func=size_in_words,
                                key="learn_pool", persist_state="session")  # fmt: skip
        looked_at = st.select_slider(
            "Looked at by the search", _LOOKED_AT, 0.01, format_func=lambda share: f"{100 * share:g} of 100",
            key="learn_looked_at", persist_state="session",
            help="Exact search compares every vector. An approximate index (FAISS, for one) looks "
            "only at the part of the catalogue that lies near, and misses a little.",
        )  # fmt: skip
    load = load_of(lesson.cost, n_items, requests=requests, pool=pool, looked_at=looked_at)
    with st.grid(4, min_column_width=150):
        st.metric("Every item scored", time_in_words(load.full), help="For one request, on one core.")
        st.metric("Cores for that", _cores(load.full_cores))
        st.metric("Two stages", time_in_words(load.two_stages), help="For one request, on one core.")
        st.metric("Cores then", _cores(load.two_stage_cores))
    _chart(charts_learn.cost_chart(load), "cost", "Time of one request by size of the catalogue, both ways")
    st.caption(
        f"Measured here: {lesson.cost.trees:.2g} µs a pair for {lesson.cost.n_trees} trees, "
        f"{lesson.cost.dot:.2g} µs for a dot product of {lesson.cost.n_factors} numbers; both grow with the "
        "number of pairs. Beyond this sample it is arithmetic: memory and network come on top. Scoring all "
        f"items stays under 0.1 s up to {about(load.largest_full)} items."
    )


def _embedding(lesson: Lesson) -> None:
    offered = popular_items(lesson.result, _N_OFFERED)
    item = st.selectbox("Book", offered, key="learn_book", persist_state="session", filter_mode="contains",
                        width=420,
                        format_func=lambda one: lesson.result.data.titles.get(one, one))  # fmt: skip
    near = neighbours(lesson, item)
    _chart(charts_learn.neighbours_chart(near), "embedding", "The ten books nearest by the model's numbers")
    st.caption(
        f"{int(near['shares'].sum())} of the {len(near)} nearest share a genre with it (filled); the others "
        "are hollow. The cosine is 1 where two lists of numbers point the same way."
    )


def _reader(lesson: Lesson) -> str:
    everyone = lesson.result.user_ids[:_N_OFFERED].tolist()
    opening = pick_user(lesson.result, "shown") or everyone[0]
    return st.selectbox(
        "Reader", [opening, *(user for user in everyone if user != opening)], key="learn_reader",
        persist_state="session", filter_mode="contains", width=200,
    )  # fmt: skip


def _reader_and_book(lesson: Lesson, key: str) -> tuple[str, str]:
    with st.container(horizontal=True):
        user = _reader(lesson)
        offered = first_candidates(lesson, key, user)
        item = st.selectbox(
            "Book, by place in the pool", list(offered), key=f"learn_{key}_candidate_{user}",
            persist_state="session", format_func=offered.__getitem__, width=420,
        )  # fmt: skip
    return user, item


def _dot(lesson: Lesson) -> None:
    found = products(lesson, *_reader_and_book(lesson, "embedding"))
    _chart(charts_learn.products_chart(found), "dot", "The reader's numbers, the book's, and their products")
    st.caption(
        f"{int((found.products > 0).sum())} of {len(found.products)} products are positive (filled). All of "
        f"them add up to {found.total:.4f}; the model's score is {found.score:.4f}."
    )


def _profile(lesson: Lesson) -> None:
    parts = profile_parts(lesson, *_reader_and_book(lesson, "content"))
    _chart(charts_learn.profile_chart(parts), "profile", "The features that count most, in profile and book")
    st.caption(
        f"The {len(parts) - 1} features with the greatest products add up to "
        f"{parts['product'].iloc[:-1].sum():.3f}, all others to {parts['product'].iloc[-1]:.3f}: together "
        f"{parts['product'].sum():.3f}, the cosine. A bar to the left means less than usual."
    )


def _popularity(lesson: Lesson) -> None:
    share = st.slider("The most popular, of 100 books", 1, 100, int(100 * HEAD), key="learn_head",
                      persist_state="session") / 100  # fmt: skip
    held = head_share(lesson, share)
    _chart(charts_learn.popularity_chart(*popularity_curve(lesson), share, held), "popularity",
           "Share of choices that the most popular books hold")  # fmt: skip
    st.caption(f"The most popular {100 * share:.0f} of 100 books hold {100 * held:.1f} of 100 choices.")


def _pool(lesson: Lesson) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user = _reader(lesson)
        k = st.slider("k", 1, lesson.top_k, min(50, lesson.top_k), key="learn_k", persist_state="session",
                      width=420)  # fmt: skip
    places = places_of_user(lesson, user)
    alone = found_alone(lesson, user)
    _chart(charts_learn_pools.pools_chart(alone, places, k, lesson.top_k), "pool",
           "Three pools of one reader, held-out books marked")  # fmt: skip
    with st.grid(len(alone), min_column_width=170):
        for key in alone:
            st.metric(f"{LOOKS[key].badge}, recall@{k}", f"{100 * lesson.recall(key, k):.1f} of 100",
                      help="Over all readers.")  # fmt: skip
    title = plain(places["TITLE"].iloc[0])
    said = [
        f"{LOOKS[str(key)].label.lower()} {f'at place {rank}' if rank else 'not at all'}"
        for key, rank in zip(places["retriever"], places["pool_rank"], strict=True)
    ]
    st.caption(
        f"This reader's next book was *{title}*: found by {', by '.join(said)}. A large mark shows where it "
        "stands; tall ticks are candidates that no other retriever has."
    )


def _ranker(lesson: Lesson) -> None:
    _chart(
        charts_learn_pools.ends_chart(ends(lesson)), "ranker", "Where held-out books are lost, by retriever"
    )
    st.caption(
        f"The same ranker orders each pool of {lesson.top_k} and shows {lesson.n}. A better ranker can move "
        "the left border up to the ceiling, and no further; only a better retriever moves the ceiling."
    )


def _surprise(lesson: Lesson) -> None:
    _chart(charts_learn_pools.crossing_chart(crossing(lesson), list(lesson.contenders.values())), "surprise",
           "Recall at every k of three models; the lines cross")  # fmt: skip


DRAWN: dict[str, Callable[[Lesson], None]] = {
    "cost": _cost,
    "embedding": _embedding,
    "dot": _dot,
    "profile": _profile,
    "popularity": _popularity,
    "pool": _pool,
    "ranker": _ranker,
    "surprise": _surprise,
}
