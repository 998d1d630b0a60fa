"""How far a pool's order is the model's own is said on Candidates and on Compare, and who was not used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pages.components.retrieval_space import refused_words, space_words
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator import RetrievalSpace
from skrec_lite.exceptions import RetrievalSpaceRefused
from tests.pages.driving import go, open_app

NOTE = "Vectors of [users](http://x)."
REASON = str(RetrievalSpaceRefused("No vectors carry this order.", ("a tree ranker with its own",)))


def summary(exact, fidelity):
    ids, vectors = IdMap(["a"]), np.ones((1, 2), dtype=np.float32)
    return RetrievalSpace(ids, ids, vectors, vectors, exact, fidelity, NOTE).summary


@pytest.mark.parametrize(
    ("exact", "fidelity", "words"),
    [
        (True, 1.0, ":gray-badge[:material/verified: Exact] In the model's own order. "),
        (
            False,
            0.982,
            ":yellow-badge[≈ Approximate] Finds 98.2 of 100 of the model's own top items. ",
        ),
        (False, None, ":yellow-badge[≈ Approximate] Not measured. "),
    ],
)
def test_each_kind_of_space_has_its_badge(exact, fidelity, words):
    assert space_words(summary(exact, fidelity)) == words + plain(NOTE)


def test_words_of_an_unknown_kind_stand_as_they_are():
    assert space_words("By *hand*.") == plain("By *hand*.")


def with_spaces(result, space, skipped):
    runs = {key: run for key, run in result.runs.items() if key not in skipped}
    if "embedding" in runs:
        runs["embedding"] = replace(runs["embedding"], space=space)
    return replace(result, runs=runs, skipped=skipped)


@pytest.mark.parametrize("page", ["candidates", "compare"])
def test_screens_say_how_faithful_the_search_is(small_data, small_result, page):
    space = summary(False, 0.982)
    result = with_spaces(small_result, space, {})
    app = go(open_app(Lab(small_data, runs=[FinishedRun(1, result)], shown=1)), page)
    assert not app.exception
    said = [shown.value for shown in app.main.markdown if space_words(space) in shown.value]
    assert len(said) == 1


@pytest.mark.parametrize("page", ["candidates", "compare"])
def test_screens_say_that_the_model_of_the_search_is_not_the_ranker(small_data, small_result, page):
    words = plain(f"{NOTE} The model is the retriever's own matrix factorization; XGBoost")
    space = summary(True, 1.0)
    trees = replace(small_result.config, estimator="xgboost", params={})
    for config, times in ((small_result.config, 0), (trees, 1)):
        result = replace(with_spaces(small_result, space, {}), config=config)
        app = go(open_app(Lab(small_data, runs=[FinishedRun(1, result)], shown=1)), page)
        assert not app.exception
        assert sum(words in shown.value for shown in app.main.markdown) == times


@pytest.mark.parametrize("page", ["candidates", "compare"])
def test_screens_say_who_was_not_used_and_why(small_data, small_result, page):
    result = with_spaces(small_result, "", {"embedding": REASON})
    app = go(open_app(Lab(small_data, runs=[FinishedRun(1, result)], shown=1)), page)
    assert not app.exception
    said = [shown.value for shown in app.main.markdown if refused_words(REASON) in shown.value]
    assert len(said) == 1
    assert "Embedding" in said[0]
    assert "No vectors carry this order." in said[0]
