"""What the tests of this folder compare explanations with: the scores of the thing explained itself."""

import numpy as np
import pytest

from skrec_lite.retriever import EmbeddingRetriever


def pool_score(retriever, user, item):
    """The score that the retriever's own batch answer has for a pair."""
    pool = retriever.retrieve_batch([user], 10_000)
    ids = pool.items.decode(pool.item_index)[0]
    return float(pool.scores[0][ids == str(item)][0])


def assert_adds_up(explanation, score, rtol=1e-4):
    """Base and parts are the score that was found elsewhere."""
    size = np.abs(explanation.parts["contribution"]).sum() + abs(explanation.base)
    total = explanation.base + explanation.parts["contribution"].sum()
    assert total == pytest.approx(score, rel=rtol, abs=1e-5 * size)
    assert explanation.score == pytest.approx(score, rel=rtol, abs=1e-5 * size)
    assert explanation.is_exact


def embedding_retriever(estimator, interactions, items=None, users=None, **options):
    retriever = EmbeddingRetriever(estimator=estimator, **options)
    retriever.fit_own_model(users, items, interactions)
    retriever.build_index(interactions=interactions, items=items)
    return retriever


def by_name(explanation, source=None):
    """Contributions by name, of one source or all."""
    parts = explanation.parts
    if source is not None:
        parts = parts.loc[parts["source"] == source]
    return dict(zip(parts["name"], parts["contribution"], strict=True))
