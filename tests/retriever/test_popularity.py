"""Popularity: counted right, in a known order, for everyone."""

import pandas as pd
import pytest

from skrec_lite.retriever import PopularityRetriever

SEEN = pd.DataFrame(
    {
        "USER_ID": [1, 2, 3, 1, 2, 1, 3],
        "ITEM_ID": ["b", "b", "b", "a", "a", "c", "z"],
        "OUTCOME": [1.0, 1, 1, 1, 0, 0, 5],
    }
)


def built(items=None):
    retriever = PopularityRetriever(top_k=3)
    retriever.build_index(interactions=SEEN, items=items)
    return retriever


def test_counts_positive_interactions_only_and_breaks_ties_by_id():
    # Counting OUTCOME = 0 would put "a" (2 rows) before "z" (1 row) for the wrong reason.
    pool = built().retrieve_batch([1, "nobody"], 4)
    assert pool.items.decode(pool.item_index).tolist() == [["b", "a", "z", "c"]] * 2
    assert pool.scores[0].tolist() == [3, 1, 1, 0]


def test_items_frame_is_the_catalogue():
    items = pd.DataFrame({"ITEM_ID": ["a", "b", "fresh"]})
    assert built(items).retrieve([1], 10) == {1: ["b", "a", "fresh"]}


def test_without_interactions_or_item_ids_it_refuses():
    with pytest.raises(ValueError, match="at least one interaction"):
        PopularityRetriever().build_index(interactions=SEEN.head(0))
    with pytest.raises(ValueError, match="'ITEM_ID'"):
        PopularityRetriever().build_index(interactions=SEEN.drop(columns="ITEM_ID"))
