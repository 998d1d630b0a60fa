"""The parts of the generator whose right answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from data.bookshop import GENRES, WeightedLists, make_catalogue
from data.grammar_fiction import FICTION
from data.titles import SHELVES, Bag, TitleMaker, author_names, tidy
from data.words import Shelf, bank


def test_weighted_lists_draw_in_proportion_and_from_the_right_list():
    lists = WeightedLists(
        group=np.array([2, 0, 0, 2]),
        item=np.array([7, 5, 4, 9]),
        weight=np.array([1.0, 3.0, 1.0, 1.0]),
        n_groups=3,
    )
    assert lists.filled.tolist() == [True, False, True]
    evenly = (np.arange(400) + 0.5) / 400
    items, counts = np.unique(lists.draw(np.zeros(400, dtype=int), evenly), return_counts=True)
    assert dict(zip(items.tolist(), counts.tolist(), strict=True)) == {4: 100, 5: 300}
    items, counts = np.unique(lists.draw(np.full(400, 2), evenly), return_counts=True)
    assert dict(zip(items.tolist(), counts.tolist(), strict=True)) == {7: 200, 9: 200}


def test_attention_is_nil_before_release_then_climbs_and_fades():
    shop = make_catalogue(3, np.random.default_rng(0))
    shop = replace(
        shop,
        turning_day=np.array([100.0, 100.0, 1e6]),
        before=np.array([0.0, 0.4, 0.4]),
        after=np.array([0.2, 0.2, 0.2]),
        fade_days=np.array([50.0, 50.0, 50.0]),
    )
    new, revived, old = 0, 1, 2
    assert shop.attention(
        np.array([new, new, revived, old]), np.array([99.0, 100.0, 99.0, 500.0])
    ).tolist() == [
        0.0,
        0.0,
        0.4,
        0.4,
    ]
    # 20 days on: (1 - e^(-20/6)) (0.2 + 0.8 e^(-20/50)), by hand.
    assert shop.attention(np.array([new]), np.array([120.0]))[0] == pytest.approx(0.96433 * 0.73626, abs=1e-4)
    assert shop.attention(np.array([new]), np.array([700.0]))[0] == pytest.approx(0.2, abs=1e-4)
    assert shop.attention(np.array([revived]), np.array([700.0]))[0] == pytest.approx(0.4)


def test_a_large_catalogue_has_distinct_titles_and_every_genre():
    books = make_catalogue(6000, np.random.default_rng(1)).frame
    assert books["title"].is_unique
    assert set(books["genres"].str.split("|").explode()) == set(GENRES)


def test_a_maker_out_of_titles_goes_on_with_volumes(monkeypatch):
    monkeypatch.setitem(SHELVES, "Poetry", Shelf("Ode to {small}", small=bank("Rain, Owls")))
    maker = TitleMaker(np.random.default_rng(0))
    made = [maker.title("Poetry") for _ in range(6)]
    assert set(made[:2]) == {"Ode to Rain", "Ode to Owls"}
    assert all(", Volume " in title for title in made[2:])
    assert len(set(made)) == 6


def test_a_bag_gives_every_word_once_before_it_repeats_one():
    bag = Bag(("a", "b", "c", "d"), np.random.default_rng(0))
    drawn = [bag.draw() for _ in range(12)]
    assert [sorted(drawn[at : at + 4]) for at in (0, 4, 8)] == [list("abcd")] * 3


@pytest.mark.parametrize(
    ("filled", "mended"),
    [
        ("A Owl in A Hundred Maps", "An Owl in a Hundred Maps"),
        ("A Uniform for Ada", "A Uniform for Ada"),
        ("Murder at The Lido", "Murder at the Lido"),
        ("the Andes: a Family Journey", "The Andes: A Family Journey"),
        ("Salt: The New Rules", "Salt: The New Rules"),
    ],
)
def test_tidy(filled, mended):
    assert tidy(filled) == mended


def test_a_word_entered_twice_is_refused():
    with pytest.raises(ValueError, match="'Rain'"):
        bank("Rain, Snow, Rain")
    with pytest.raises(ValueError, match="entered twice: 'Ode to"):
        Shelf("Ode to {bird} | Ode  to {bird}")


def test_a_shelfs_own_words_hide_the_shared_ones():
    assert FICTION["Crime"].banks["woman"] is SHELVES["Poetry"].banks["woman"]
    assert FICTION["Children"].banks["spot"] != FICTION["Crime"].banks["spot"]


def test_author_names_are_distinct_with_initials_where_needed():
    few, many = (author_names(count, np.random.default_rng(0)) for count in (100, 30_000))
    assert len(set(few)) == 100
    assert not any("." in name for name in few)
    assert len(set(many)) == 30_000
    with pytest.raises(ValueError, match="Got 10,000,000 instead"):
        author_names(10_000_000, np.random.default_rng(0))
