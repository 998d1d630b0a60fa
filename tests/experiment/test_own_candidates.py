"""Candidates that a person brings: what a text, a table or a rule means, and how they rank."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.experiment import user_view
from skrec_lite.experiment.playground.own_candidates import (
    Rule,
    ids_in_frame,
    matching_items,
    parse_ids,
    rank_own,
    values_of,
)


def test_a_pasted_list_may_be_separated_any_usual_way():
    assert parse_ids(' a\nb, c;d\t"e f" |g\r\n\n,') == ["a", "b", "c", "d", "e f", "g"]
    assert parse_ids("  \n ") == []


def test_a_table_is_read_by_its_id_column_or_its_first():
    assert ids_in_frame(pd.DataFrame({"n": [1, 2], "Item_Id": [7, 8]})) == ["7", "8"]
    assert ids_in_frame(pd.DataFrame({"code": ["x", None, "y"]})) == ["x", "y"]
    with pytest.raises(ValueError, match="no rows"):
        ids_in_frame(pd.DataFrame({"code": []}))


def test_rules_choose_items_by_tags_and_by_numbers(small_data):
    items = small_data.items
    by_hand = items.loc[
        items["genres"].str.split("|").map(lambda tags: bool({"Poetry", "History"} & set(tags)))
        & items["price"].between(8, 12),
        "ITEM_ID",
    ].astype(str)
    rules = [Rule("genres", ("Poetry", "History")), Rule("price", low=8, high=12)]
    assert matching_items(small_data, rules) == by_hand.tolist()
    assert 0 < len(by_hand) < len(items)
    assert matching_items(small_data, []) == items["ITEM_ID"].astype(str).tolist()
    counts = items["genres"].str.split("|").explode().value_counts()
    assert set(values_of(small_data, "genres")) == set(counts.index)
    assert counts[values_of(small_data, "genres")[0]] == counts.max()
    with pytest.raises(ValueError, match="no column 'colour'"):
        matching_items(small_data, [Rule("colour", ("red",))])


def test_ranked_by_the_same_scores_as_the_pool_with_what_is_wrong_told(result):
    user = result.user_ids[5]
    for key in result.runs:
        pool = user_view(result, user).pools[key]
        given = [*pool["ITEM_ID"].iloc[[30, 2, 17, 2, 60]], "nonsense", "nonsense"]
        own = rank_own(result, key, user, given)
        assert own.unknown == ("nonsense",)
        assert own.n_duplicates == 2
        assert sorted(own.table["pool_rank"]) == [3, 18, 31, 61]
        assert own.table["score"].is_monotonic_decreasing
        whole = rank_own(result, key, user, pool["ITEM_ID"])
        final = user_view(result, user).finals[key]
        assert whole.table["ITEM_ID"].head(10).tolist() == final["ITEM_ID"].tolist()
        np.testing.assert_allclose(whole.table["score"].head(10), final["score"], rtol=1e-5)
        assert (
            whole.table["hit"].tolist()
            == whole.table["ITEM_ID"].isin(pool.loc[pool["hit"], "ITEM_ID"]).tolist()
        )


def test_items_of_the_history_are_ranked_and_marked(result):
    user = result.user_ids[0]
    history = user_view(result, user).history["ITEM_ID"].head(3).tolist()
    own = rank_own(result, "full", user, history)
    assert own.table["seen"].all()
    assert set(own.table["pool_rank"]) == {0}


def test_a_list_of_strangers_is_refused(result):
    with pytest.raises(ValueError, match="None of the 2 items is in the catalogue"):
        rank_own(result, "content", result.user_ids[0], ["x", "y"])
    with pytest.raises(KeyError):
        rank_own(result, "content", "nobody", ["x"])
