"""Filters as they are made: what they take, what they refuse, what they say."""

import copy
import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.recommender.ranking import Filters

CATALOGUE = IdMap(["1", "2", "3", "4", "5"])


def test_ids_of_any_kind_are_the_same_item_and_each_counts_once():
    rules = Filters(exclude=[1, "1", 2.0], allow=np.array([3, 4])).over(CATALOGUE)
    assert rules.passes.tolist() == [False, False, True, True, False]
    assert rules.quotas is None
    assert Filters(exclude=pd.Series([1, 1])).exclude == ("1",)
    assert Filters(exclude={"2"}).over(CATALOGUE).passes.tolist() == [True, False, True, True, True]


def test_one_limit_for_every_category_or_each_its_own():
    categories = {1: "jazz", 2: "rock", 3: "jazz", 4: None}
    alike = Filters(categories=categories, max_per_category=2).over(CATALOGUE).quotas
    assert alike.limits.tolist() == [2, 2]
    assert alike.categories.tolist() == [[0, 1, 0, -1, -1]]
    own = Filters(categories=categories, max_per_category={"rock": 1}).over(CATALOGUE).quotas
    assert own.limits.tolist() == [1]
    assert own.categories.tolist() == [[-1, 0, -1, -1, -1]]
    none_of_it = Filters(categories=categories, max_per_category={"jazz": 0}).over(CATALOGUE)
    assert none_of_it.passes.tolist() == [False, True, False, True, True]


def test_categories_come_from_a_column_of_the_items():
    items = pd.DataFrame({"ITEM_ID": [1, 2, 3], "year": [1999.0, np.nan, 1999.0]})
    filters = Filters.by_column(items, "year", {1999: 1}, exclude=[5])
    assert filters.categories == {"1": "1999", "3": "1999"}
    assert filters.max_per_category == {"1999": 1}
    assert filters == Filters([5], None, pd.Series([1999, 1999], index=["1", "3"]), {"1999": 1})
    with pytest.raises(ValueError, match=r"no column 'years'\. Did you mean 'year'"):
        Filters.by_column(items, "years", 1)
    with pytest.raises(ValueError, match="ITEM_ID"):
        Filters.by_column(items.drop(columns="ITEM_ID"), "year", 1)


def test_what_is_allowed_and_excluded_stays_excluded_and_is_said():
    with pytest.warns(UserWarning, match=r"1 of 2 allowed items are also excluded.*'2'") as said:
        filters = Filters(exclude=[2], allow=[2, 3])
    assert said[0].filename == __file__
    assert filters.over(CATALOGUE).passes.tolist() == [False, False, True, False, False]
    with pytest.raises(ValueError, match="All 1 allowed items are also excluded"):
        Filters(exclude=[2], allow=["2"])


def test_ids_that_the_catalogue_lacks_are_told_with_the_first():
    filters = Filters(["x", 1], ["y", "z", 2], {"w": "jazz", 3: "jazz"}, 1)
    assert filters.over(CATALOGUE).notes == (
        "2 of 3 allowed items are unknown to the ranker (the first is 'y').",
        "1 of 2 excluded items are unknown to the ranker (the first is 'x').",
        "1 of 2 items with a category are unknown to the ranker (the first is 'w').",
    )
    with pytest.raises(ValueError, match=r"None of the 2 allowed items is known to the ranker .*'y'"):
        Filters(allow=["y", "z"]).over(CATALOGUE)
    with pytest.warns(UserWarning, match="1 of the 2 categories .*'jaz'.*Did you mean 'jazz'"):
        Filters(categories={1: "jazz"}, max_per_category={"jaz": 1, "jazz": 2})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"exclude": "12"}, "exclude must be item ids, such as a list. Got '12' instead"),
        ({"exclude": 12}, "exclude must be item ids"),
        ({"exclude": [1, None]}, "1 of the 2 ids in exclude are missing"),
        ({"allow": []}, "allow list is empty"),
        ({"allow": "ab"}, "allow must be item ids"),
        ({"max_per_category": 2}, "max_per_category says nothing without categories"),
        ({"categories": {1: "a"}}, "categories says nothing without max_per_category"),
        ({"categories": [1], "max_per_category": 2}, "categories must be a mapping"),
        ({"categories": {None: "a"}, "max_per_category": 2}, "1 of the 1 item ids in categories are missing"),
        ({"categories": {1: "a", "1": "b"}, "max_per_category": 2}, "more than one category .*'1': 'a', 'b'"),
        ({"categories": {1: "a"}, "max_per_category": 0}, r"max_per_category must be an int in .*\[1, inf\)"),
        ({"categories": {1: "a"}, "max_per_category": True}, "Got True"),
        ({"categories": {1: "a"}, "max_per_category": 1.5}, "Got 1.5"),
        ({"categories": {1: "a"}, "max_per_category": {"a": -1}}, r"max_per_category\['a'\] .*\[0, inf\)"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Filters(**given)


def test_they_are_frozen_and_can_be_copied():
    categories = {1: "jazz"}
    filters = Filters([1], categories=categories, max_per_category=1)
    categories[2] = "jazz"
    assert filters.categories == {"1": "jazz"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        filters.exclude = ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = copy.deepcopy(dataclasses.replace(filters, allow=[2]))
    assert again.over(CATALOGUE).passes.tolist() == [False, True, False, False, False]
