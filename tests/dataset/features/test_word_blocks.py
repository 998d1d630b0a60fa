"""Many categories, tags, and lists in cells."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.features.cells import split_cell
from skrec_lite.dataset.features.item_features import prepare_item_features


def frame_of(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"ITEM_ID": [f"i{k}" for k in range(n)], **columns})


def prepare(**columns):
    return prepare_item_features(frame_of(**columns))


def test_of_many_categories_the_most_frequent_have_flags():
    # b000 three times, b001 to b119 twice, c0 to c9 once: a tie at the hundredth, broken by name.
    cells = ["b000"] + [f"b{n:03}" for n in range(120)] * 2 + [f"c{n}" for n in range(10)]
    features = prepare(brand=cells)
    assert features.kinds == {"brand": "category"}
    assert features.feature_names == [f"brand=b{n:03}" for n in range(100)]
    assert features.notes[0] == (
        "'brand': one category of the 100 most frequent of 130; the others count as none; 50 rows have none."
    )
    assert features.n_bare == 50
    rows = features.frame.drop(columns="ITEM_ID").to_numpy()
    np.testing.assert_array_equal(rows.sum(axis=1), [float(cell < "b100") for cell in cells])


def test_a_flag_of_many_belongs_to_two_items_at_least():
    cells = [f"b{n:03}" for n in range(60)] * 3 + [f"c{n}" for n in range(50)]
    assert prepare(brand=cells).feature_names == [f"brand=b{n:03}" for n in range(60)]


def test_categories_left_out_are_not_called_unknown():
    features = prepare(brand=[f"b{n:03}" for n in range(120)] * 2)
    late = features.transform(frame_of(brand=["b119", "zzz", "b000"]))
    assert late.frame.drop(columns="ITEM_ID").to_numpy().sum(axis=1).tolist() == [0, 0, 1]
    assert late.notes[0] == (
        "'brand' has values that are not among the 100 with a flag of their own (b119, zzz): they count as "
        "none."
    )


def test_codes_of_many_values_are_categories_and_identifiers_are_not():
    features = prepare(maker_id=list(range(1000, 1150)) * 2, sku=[f"s{n}" for n in range(300)])
    assert features.kinds == {"maker_id": "category", "sku": "skipped"}
    assert "maker_id=1000" in features.feature_names


def test_poor_categories_of_several_words_are_texts():
    sizes, colours = ("big", "small", "tiny"), ("red", "blue", "grey", "pink", "green")
    kinds = [f"{a} {b} thing{n}" for a in sizes for b in colours for n in range(20)]
    assert prepare(type=kinds * 2).kinds == {"type": "text"}
    assert prepare(brand=[kind.replace(" ", "") for kind in kinds * 2]).kinds == {"brand": "category"}


def test_of_many_tags_the_most_frequent_have_flags():
    tags = [f"t{n:03}" for n in range(150)]
    cells = ["|".join([tags[n], tags[(n + 1) % 150], "all"]) for n in range(150)]
    features = prepare(tags=cells)
    assert features.kinds == {"tags": "tags"}
    # Each twice, "all" 150 times; 99 of the ties by name.
    assert features.feature_names == ["tags=all", *(f"tags={tag}" for tag in tags[:99])]
    assert "the 100 most frequent of 151; the others count as none" in features.notes[0]


@pytest.mark.parametrize(
    "cells",
    [
        ["Action|Drama", "Drama", "Action|Drama", "Action"],
        ['["Action", "Drama"]', '["Drama"]', '["Action","Drama"]', '["Action"]'],
        ["['Action', 'Drama']", "['Drama']", "['Action', 'Drama']", "['Action']"],
        [["Action", "Drama"], ["Drama"], ("Action", "Drama"), ["Action"]],
        [np.array(["Action", "Drama"]), np.array(["Drama"]), np.array(["Action", "Drama"]), ["Action"]],
        [{"Drama", "Action"}, {"Drama"}, {"Action", "Drama"}, {"Action"}],
        ['[["Action", "Drama"]]', '[["Drama"]]', '[["Action"],["Drama"]]', '[["Action"]]'],
        ['[{"id": 1, "name": "Action"}, {"name": "Drama"}]', '[{"name": "Drama"}]',
         "[{'name': 'Drama'}, {'name': 'Action'}]", '[{"name": "Action"}]'],
        ["Action > Drama", "Drama", "Action > Drama", "Action"],
    ],
    ids=["bar", "json", "python", "lists", "arrays", "sets", "nested", "records", "path"],
)  # fmt: skip
def test_several_words_in_a_cell_however_they_are_written(cells):
    features = prepare(genres=cells)
    assert features.kinds == {"genres": "tags"}
    assert features.feature_names == ["genres=Action", "genres=Drama"]
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
        features.frame.drop(columns="ITEM_ID"), [[half, half], [0, 1], [half, half], [1, 0]], rtol=1e-6
    )


def test_later_cells_may_be_lists_where_the_first_were_not():
    features = prepare(genres=["Action|Drama", "Drama", "Action|Drama", "Action"])
    late = features.transform(frame_of(genres=['["Action", "Drama"]', ["Drama"], "[]", None]))
    rows = late.frame.drop(columns="ITEM_ID").to_numpy()
    np.testing.assert_array_equal(rows[0], features.frame.drop(columns="ITEM_ID").to_numpy()[0])
    assert (rows > 0).tolist() == [[True, True], [False, True], [False, False], [False, False]]


@pytest.mark.parametrize(
    ("cell", "separator", "words"),
    [
        ('["a, b", "c"]', "[]", ["a, b", "c"]),
        ("[1, 2.5, null, true]", "[]", ["1", "2.5", "True"]),
        ("['it''s', \"x\"]", "[]", ["its", "x"]),
        ("[broken, 'list]", "[]", ["broken", "list"]),
        ("[" * 5000 + "]" * 5000, "[]", []),
        ("plain", "[]", ["plain"]),
        ('"artsy"| x |x||', "|", ['"artsy"', "x"]),
        ("[__import__('os').getcwd()]", "[]", ["__import__('os').getcwd()"]),  # text, never run
    ],
)
def test_a_cell_is_taken_apart(cell, separator, words):
    assert split_cell(cell, separator) == words


@given(st.lists(st.text(min_size=1), max_size=5))
def test_a_list_written_as_json_or_python_is_read_back(words):
    expected = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    assert split_cell(json.dumps(words), "[]") == expected
    assert split_cell(json.dumps(words, ensure_ascii=False), "[]") == expected
    assert split_cell(repr(words), "[]") == expected


def test_names_with_a_comma_are_not_tags():
    names = [f"Family{n % 150:03}, Given{n % 7}" for n in range(1050)] * 2
    assert prepare(author=names).kinds["author"] != "tags"
