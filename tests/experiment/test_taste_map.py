"""The taste map: planes by hand, neighbours against plain loops, a user's place, colours, and the words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, run_experiment
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import Cancelled, InvalidDataError, InvalidParameterError
from skrec_lite.experiment.users.taste_map import (
    MOST_COLOURS,
    Projection,
    TasteSpace,
    colourings,
    distortion_sentences,
    drawn_items,
    interactions_of,
    is_projected,
    item_colours,
    layout,
    layout_words,
    neighbour_lines,
    neighbour_recall,
    placed,
    principal_plane,
    project,
    projection,
    space_words,
    taste_space,
    taste_spaces,
    taste_view,
    true_neighbours,
    unit_rows,
    user_direction,
)
from skrec_lite.experiment.users.user_view import user_view
from tests.experiment.rich_result import rich_result


@pytest.fixture(scope="module")
def rich():
    return rich_result()


def space_of(vectors):
    directions, lengths = unit_rows(np.asarray(vectors, dtype=np.float32))
    return TasteSpace("toy", IdMap([f"i{row}" for row in range(len(vectors))]), directions, lengths)


def distances(positions):
    return np.linalg.norm(positions[:, None] - positions[None], axis=2)


def test_the_plane_of_points_that_lie_in_one_by_hand():
    # Spread of 4 along the third coordinate, of 1 along the first, none along the second.
    points = np.array([[1.0, 5, 0], [-1, 5, 0], [0, 5, 2], [0, 5, -2]])
    mean, axes, explained = principal_plane(points)
    assert mean.tolist() == [0, 5, 0]
    assert axes == pytest.approx(np.array([[0.0, 0, 1], [1, 0, 0]]))
    assert explained == pytest.approx(1.0)
    assert ((points - mean) @ axes.T) == pytest.approx(np.array([[0.0, 1], [0, -1], [2, 0], [-2, 0]]))


def test_what_the_axes_do_not_keep_is_said():
    # Variances 4, 1 and 1 (of six points on three axes): two of them keep 5 of 6.
    points = np.vstack([np.diag([2.0, 1, 1]), -np.diag([2.0, 1, 1])])
    assert principal_plane(points)[2] == pytest.approx(5 / 6)


def test_points_on_a_line_and_a_single_coordinate_have_no_second_axis():
    for points in (np.array([[1.0, 1], [2, 2], [4, 4]]), np.array([[1.0], [-1], [1]])):
        mean, axes, explained = principal_plane(points)
        assert not axes[1].any()
        assert explained == pytest.approx(1.0)
        assert distances((points - mean) @ axes.T) == pytest.approx(distances(points))


def test_a_rotation_of_the_space_leaves_all_distances_on_the_map():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(80, 6)) * [5, 3, 1, 1, 1, 1]
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    one, other = (project(space_of(given), "pca") for given in (vectors, vectors @ turn))
    assert distances(other.positions) == pytest.approx(distances(one.positions), abs=1e-5)
    assert other.explained == pytest.approx(one.explained)
    assert other.neighbour_recall == pytest.approx(one.neighbour_recall, abs=0.005)


def test_directions_have_length_one_and_gaps_have_none():
    directions, lengths = unit_rows(np.array([[3.0, 4], [0, 0], [np.nan, 1], [1e-30, 0]]))
    assert directions == pytest.approx(np.array([[0.6, 0.8], [0, 0], [0, 0], [1, 0]]))
    assert lengths == pytest.approx([5, 0, 0, 1e-30])


def recall_by_loops(directions, positions, k):
    shares = []
    for row in range(len(directions)):
        others = [other for other in range(len(directions)) if other != row]
        true = sorted(others, key=lambda other: -float(directions[row] @ directions[other]))[:k]
        near = sorted(others, key=lambda other: float(np.linalg.norm(positions[row] - positions[other])))[:k]
        shares.append(len({*true} & {*near}) / k)
    return sum(shares) / len(shares)


@pytest.mark.parametrize("k", [1, 4, 10])
def test_neighbour_recall_against_plain_loops(k):
    rng = np.random.default_rng(k)
    space = space_of(rng.normal(size=(90, 5)))
    positions = 0.2 * rng.normal(size=(90, 2)) + space.directions[:, :2]
    everyone = np.arange(90)
    expected = recall_by_loops(space.directions.astype(float), positions, k)
    assert 0.05 < expected < 0.9
    assert neighbour_recall(space.directions, positions, k, everyone) == pytest.approx(expected)
    several = np.array([3, 60])
    apart = [neighbour_recall(space.directions, positions, k, np.array([row])) for row in several]
    assert neighbour_recall(space.directions, positions, k, several) == pytest.approx(np.mean(apart))


def test_a_map_that_is_the_space_keeps_every_neighbour_and_so_do_twins():
    angles = np.linspace(0, 3, 40)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    assert project(space_of(circle), "pca").neighbour_recall == 1.0
    # 15 items in one place are each other's neighbours, whichever 10 of them a map names.
    twins = np.repeat(np.eye(3), 15, axis=0)
    assert project(space_of(twins), "pca").neighbour_recall == 1.0


def test_a_layout_by_neighbours_keeps_groups_together_and_places_the_rest(monkeypatch):
    monkeypatch.setattr(layout, "MOST_LAID_OUT", 60)
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(3), 40)
    vectors = np.eye(3)[group] @ rng.normal(size=(3, 8)) * 4 + rng.normal(size=(120, 8)) * 0.2
    found = project(space_of(vectors), "neighbours", seed=1)
    assert found.n_laid_out == 60
    apart = distances(found.positions) + np.diag(np.full(120, np.inf))
    assert (group[apart.argmin(axis=1)] == group).all()
    again = project(space_of(vectors), "neighbours", seed=1)
    assert (again.positions == found.positions).all()
    # What is no item stands among the items it is most like.
    place = found.place(found.space.directions[:40].mean(axis=0))
    assert group[np.linalg.norm(found.positions - place, axis=1).argmin()] == 0
    assert "Laid out were 60 items drawn at random; the other 60" in layout_words(found)


def test_a_layout_by_neighbours_says_that_it_began_and_is_not_kept_where_cancelled(rich, monkeypatch):
    monkeypatch.setattr(layout, "MOST_LAID_OUT", 40)
    reports = []
    with pytest.raises(Cancelled, match="The layout"):
        projection(
            rich, "content", "neighbours",
            progress=lambda fraction, doing, *epoch: reports.append((fraction, doing)), cancel=lambda: True,
        )  # fmt: skip
    assert reports == [(0.0, "Laying 40 items out")]
    assert not is_projected(rich, "content", "neighbours")


@pytest.mark.parametrize("n_items", [1, 2, 3, 5])
@pytest.mark.parametrize("method", ["pca", "neighbours"])
def test_few_items_have_a_map_too(n_items, method):
    found = project(space_of(np.eye(5)[:n_items]), method)
    assert np.isfinite(found.positions).all()
    assert found.n_neighbours == n_items - 1
    assert "of 100 true neighbours" in distortion_sentences(found)[0]


def test_the_spaces_are_what_the_retrievers_search(rich):
    assert taste_spaces(rich) == ["embedding", "content"]
    space = taste_space(rich, "embedding")
    items, vectors = rich.recommenders["embedding"].retriever.item_space()
    assert space.items is items
    assert space.directions * space.lengths[:, None] == pytest.approx(vectors, abs=1e-6)
    assert space.length_matters
    assert "dot product" in space_words(rich, "embedding")
    assert not taste_space(rich, "content").length_matters
    assert "dot product" not in space_words(rich, "content")
    with pytest.raises(InvalidParameterError, match="space must be one of"):
        taste_space(rich, "popularity")


def test_the_users_place_is_that_of_the_vector_the_retriever_searches_by(rich):
    user = str(rich.user_ids[4])
    space = taste_space(rich, "embedding")
    direction = user_direction(rich, space, user)
    retriever = rich.recommenders["embedding"].retriever
    scores = retriever.pair_scores(
        np.array([user], dtype=object), space.items, np.arange(len(space.items), dtype=np.int32)[None]
    )[0]
    # Scores are dot products: of the same user they are as cosine times length.
    expected = space.cosines(direction) * space.lengths
    assert np.corrcoef(expected, scores)[0, 1] == pytest.approx(1.0, abs=1e-4)
    on = projection(rich, "embedding", "pca")
    assert on.place(direction) == pytest.approx((direction - on.mean) @ on.axes.T)
    assert on.place(space.directions[7]) == pytest.approx(on.positions[7], abs=1e-6)


def test_every_item_of_a_user_is_placed_once_by_its_part(rich):
    user = next(user for user in rich.user_ids if user_view(rich, user).pools["embedding"]["hit"].any())
    view = user_view(rich, user)
    found = taste_view(rich, view, "embedding", "embedding", "pca")
    by_part = found.items.groupby("part")["ITEM_ID"].agg(set).to_dict()
    pool = view.pools["embedding"]
    assert by_part["hit"] == {*pool.loc[pool["hit"], "ITEM_ID"]}
    assert by_part["pool"] == {*pool.loc[~pool["hit"], "ITEM_ID"]}
    assert by_part.get("missed", set()) == {*view.held_out["ITEM_ID"]} - {*pool["ITEM_ID"]}
    assert by_part["history"] == {*view.history["ITEM_ID"]} - {*pool["ITEM_ID"]} - {*view.held_out["ITEM_ID"]}
    assert found.items["ITEM_ID"].is_unique
    on = found.projection
    rows = on.space.items.encode(found.items["ITEM_ID"])
    assert found.items[["x", "y"]].to_numpy() == pytest.approx(on.positions[rows])


def test_true_neighbours_against_plain_cosines(rich):
    on = projection(rich, "content", "pca")
    item = str(on.space.items.ids[20])
    found = true_neighbours(rich, on, item)
    vectors = on.space.directions.astype(float)
    cosines = {
        id_: float(vectors[20] @ vectors[row]) for row, id_ in enumerate(on.space.items.ids) if row != 20
    }
    assert found["cosine"].to_numpy() == pytest.approx(sorted(cosines.values(), reverse=True)[:10], abs=1e-5)
    assert found["cosine"].to_numpy() == pytest.approx([cosines[id_] for id_ in found["ITEM_ID"]], abs=1e-5)
    away = np.linalg.norm(on.positions - on.positions[20], axis=1)
    for id_, place, near in found[["ITEM_ID", "map_rank", "on_map"]].itertuples(index=False):
        own = away[on.space.items.encode([id_])[0]]
        assert place == (np.delete(away, 20) < own).sum() + 1
        assert near == (place <= 10)
    lines = neighbour_lines(on, item, found)
    assert lines[["x", "y"]].to_numpy()[::3] == pytest.approx(np.tile(on.positions[20], (10, 1)))
    with pytest.raises(InvalidDataError, match="The map has no item 'nothing'"):
        true_neighbours(rich, on, "nothing")


def test_one_items_neighbours_average_to_the_measured_recall(rich):
    on = projection(rich, "embedding", "pca")
    asked = np.arange(0, len(on.space.items), 60)
    each = [true_neighbours(rich, on, on.space.items.ids[row])["on_map"].mean() for row in asked]
    # Of items that are equally like another any counts as found, so that it may be a little more.
    found = neighbour_recall(on.space.directions, on.positions, 10, asked)
    assert np.mean(each) - 1e-9 <= found <= np.mean(each) + 0.01


def test_an_item_that_points_nowhere_has_no_neighbours_and_counts_for_none(rich):
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    pointing, with_silent = (project(space_of(given), "pca") for given in (vectors, [*vectors, np.zeros(4)]))
    assert pointing.n_asked == with_silent.n_asked == 30
    assert "Of 1 item nothing was learned" in layout_words(with_silent)
    assert "nothing was learned" not in layout_words(pointing)
    assert true_neighbours(rich, with_silent, "i30").empty
    assert neighbour_lines(with_silent, "i30", true_neighbours(rich, with_silent, "i30")).empty


def test_a_map_is_made_once_for_each_result(rich):
    rich.remembered.clear()
    assert not is_projected(rich, "embedding", "pca")
    first = projection(rich, "embedding", "pca")
    assert is_projected(rich, "embedding", "pca")
    assert not is_projected(rich, "content", "pca")
    assert projection(rich, "embedding", "pca") is first
    with pytest.raises(InvalidParameterError, match="method must be one of"):
        projection(rich, "embedding", "umap")


def test_all_items_are_drawn_or_a_sample_that_says_which(rich, monkeypatch):
    whole = drawn_items(rich, "embedding", "pca")
    assert whole["ITEM_ID"].tolist() == taste_space(rich, "embedding").items.ids.tolist()
    monkeypatch.setattr(placed, "MOST_DRAWN", 100)
    some = drawn_items.__wrapped__(rich, "embedding", "pca")
    assert len(some) == 100
    assert some["row"].is_unique
    pd.testing.assert_frame_equal(some.reset_index(drop=True), whole.loc[some["row"]].reset_index(drop=True))


def test_popularity_and_numbers_colour_by_their_values(rich):
    space = taste_space(rich, "embedding")
    counts = rich.split.train["ITEM_ID"].value_counts()
    popularity = item_colours(rich, "embedding", "popularity")
    assert popularity.values.tolist() == [counts.get(id_, 0) for id_ in space.items.ids]
    assert interactions_of(rich, space.items).sum() == counts.reindex(space.items.ids).sum()
    pages = item_colours(rich, "embedding", "items:pages")
    table = rich.data.item_table["pages"].reindex(space.items.ids)
    assert pages.values == pytest.approx(table.to_numpy(dtype=float), nan_ok=True)
    assert (pages.codes == np.where(table.isna(), -1, 0)).all()
    assert not pages.is_skewed
    places, marks = pages.scale(np.array([5, 9]))
    assert places == pytest.approx(pages.values[[5, 9]], nan_ok=True)
    assert min(marks) == np.nanmin(pages.values)


def test_tags_colour_by_the_rarest_of_the_most_frequent(rich):
    genres = item_colours(rich, "embedding", "items:genres")
    tags = rich.data.item_table["genres"].reindex(taste_space(rich, "embedding").items.ids).fillna("")
    own = [{*cell.split("|")} for cell in tags]
    counts = pd.Series([tag for one in own for tag in one if tag]).value_counts()
    assert len(genres.groups) == MOST_COLOURS
    assert counts[list(genres.groups)].tolist() == counts.head(MOST_COLOURS).tolist()
    for code, one in zip(genres.codes, own, strict=True):
        shown = [place for place, tag in enumerate(genres.groups) if tag in one]
        assert code == (max(shown) if shown else -1)
    assert "rarest" in genres.note


def test_skewed_numbers_are_spread_by_their_logarithm():
    from skrec_lite.experiment.users.taste_map import colours

    skewed = colours._numbers("Interactions", np.array([1.0] * 90 + [1000.0] * 10))
    assert skewed.is_skewed
    places, marks = skewed.scale(np.array([0, 95]))
    assert places == pytest.approx(np.log10([2, 1001]))
    assert list(marks.values()) == ["1", "10", "100", "1,000"]
    assert not colours._numbers("Year", np.array([1990.0, 2000, 2020])).is_skewed


def test_every_colouring_fits_every_space(rich):
    for space in taste_spaces(rich):
        for key in colourings(rich):
            found = item_colours(rich, space, key)
            assert len(found.codes) == len(taste_space(rich, space).items)
            assert found.codes.max() < max(len(found.groups), 1)
    with pytest.raises(InvalidParameterError, match="colouring must be one of"):
        item_colours(rich, "embedding", "items:colour")


@pytest.fixture(scope="module")
def popular_only():
    rng = np.random.default_rng(0)
    interactions = pd.DataFrame(
        {
            "USER_ID": np.repeat([f"u{row}" for row in range(20)], 5),
            "ITEM_ID": np.concatenate([rng.choice(12, 5, replace=False) for _ in range(20)]).astype(str),
            "OUTCOME": 1.0,
            "TIMESTAMP": np.arange(100),
        }
    )
    items = pd.DataFrame(
        {"ITEM_ID": np.arange(12).astype(str), "price": np.arange(12.0), "size": rng.normal(size=12)}
    )
    config = ExperimentConfig(retrievers=("popularity",), params={"n_factors": 4, "epochs": 1}, top_k=5, n=3)
    return [run_experiment(LabData(interactions, table, name="few"), config) for table in (items, None)]


def test_without_vectors_items_are_compared_by_their_features(popular_only):
    described, bare = popular_only
    assert taste_spaces(described) == ["features"]
    space = taste_space(described, "features")
    features = described.data.features.frame.set_index("ITEM_ID").loc[space.items.ids].to_numpy(dtype=float)
    assert space.directions * space.lengths[:, None] == pytest.approx(features, abs=1e-5)
    user = str(described.user_ids[0])
    history = space.items.encode(described.split.history_of(0)["ITEM_ID"])
    expected = space.directions[history].sum(axis=0)
    assert user_direction(described, space, user) == pytest.approx(
        expected / np.linalg.norm(expected), abs=1e-5
    )
    found = taste_view(described, user_view(described, user), "popularity", "features", "pca")
    assert found.n_unplaced == 0
    assert isinstance(found.projection, Projection)
    assert "No retriever searches them" in space_words(described, "features")
    assert taste_spaces(bare) == []
    assert list(colourings(bare)) == ["popularity"]
