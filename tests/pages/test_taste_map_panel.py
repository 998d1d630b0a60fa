"""The taste map on a screen: choices, clicks, what is drawn of a user, and results without a map."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import layout_job
from pages.components.charts_mirror import mirror_chart
from pages.components.charts_overlap import overlap_chart
from pages.components.charts_taste_map import ground_traces, neighbour_traces, taste_chart
from pages.components.identity import LOOKS
from pages.components.taste_map_panel import clicked_item, neighbour_rows
from pages.components.text import plain
from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment.figures.mirror import popularity_mirror
from skrec_lite.experiment.figures.overlap import pool_overlaps
from skrec_lite.experiment.users.taste_map import (
    colourings,
    distortion_sentences,
    is_projected,
    item_colours,
    layout,
    neighbour_lines,
    projection,
    taste_space,
    taste_spaces,
    taste_view,
    true_neighbours,
)
from skrec_lite.experiment.users.user_view import user_view
from tests.experiment.rich_result import rich_result
from tests.pages.driving import figure, table, texts


def _panel():
    import streamlit as st

    from pages.components.taste_map_panel import taste_map_panel
    from skrec_lite.experiment import user_view

    shown = st.session_state["shown"]
    taste_map_panel(shown, user_view(shown, st.session_state["whose"]))


@pytest.fixture(scope="module")
def rich():
    return rich_result()


@pytest.fixture(scope="module")
def view(rich):
    views = (user_view(rich, user) for user in rich.user_ids)
    return next(one for one in views if one.pools["embedding"]["hit"].any())


@pytest.fixture
def app(rich, view):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"], app.session_state["whose"] = rich, view.user_id
    return app.run()


def neighbours_shown(app):
    return table(app, "The chosen item's true neighbours")


def test_it_opens_on_an_item_of_the_user_with_its_true_neighbours(app, rich, view):
    assert not app.exception
    on = projection(rich, "embedding", "pca")
    assert plain(distortion_sentences(on)[0]) in texts(app)
    chosen = app.selectbox(key="taste_item").value
    assert chosen == view.pools["embedding"]["ITEM_ID"].iloc[0]
    expected = true_neighbours(rich, on, chosen)
    assert neighbours_shown(app)["ITEM_ID"].tolist() == expected["ITEM_ID"].tolist()
    assert f"**{expected['on_map'].sum()}** of them" in texts(app)


def test_another_item_space_pool_and_colour(app, rich, view):
    other = view.history["ITEM_ID"].iloc[-1]
    app.selectbox(key="taste_item").set_value(other).run()
    on = projection(rich, "embedding", "pca")
    assert neighbours_shown(app)["ITEM_ID"].tolist() == true_neighbours(rich, on, other)["ITEM_ID"].tolist()
    app.segmented_control(key="taste_space").set_value("content").run()
    on = projection(rich, "content", "pca")
    assert neighbours_shown(app)["ITEM_ID"].tolist() == true_neighbours(rich, on, other)["ITEM_ID"].tolist()
    app.segmented_control(key="taste_pool").set_value("popularity").run()
    drawn = figure(app, "Taste map")
    assert f"Pool: {LOOKS['popularity'].label}" in {trace.get("name") for trace in drawn["data"]}
    for key in colourings(rich):
        app.selectbox(key="taste_colour").set_value(key).run()
        assert not app.exception
    genres = app.selectbox(key="taste_colour").set_value("items:genres").run()
    assert "rarest" in texts(genres)


class Gate:
    """Stands in for the layout: reports, then waits to be let through or cancelled."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.started, self.open = threading.Event(), threading.Event()

    def __call__(self, result, space, method, *, progress, cancel):
        progress(0.4, "Laying the items out")
        self.started.set()
        while not self.open.wait(0.005):
            if cancel():
                raise Cancelled("The layout was cancelled.")
        return self.outcome()


@pytest.fixture
def forgetful(rich):
    """The result, with what it remembers put back afterwards."""
    kept = dict(rich.remembered)
    yield rich
    rich.remembered.clear()
    rich.remembered.update(kept)


def slow(app, monkeypatch, outcome):
    """The panel with the slow layout chosen and under way, and the gate that it waits at."""
    gate = Gate(outcome)
    monkeypatch.setattr(layout_job, "projection", gate)
    app.segmented_control(key="taste_method").set_value("neighbours").run()
    app.button(key="taste_layout").click().run()
    assert gate.started.wait(10)
    return app.run(), gate


def ended(app):
    app.session_state["_layouts"]["embedding", "neighbours"].job.wait(60)
    return app.run()


def test_the_slow_layout_waits_until_it_is_asked_for(app, forgetful, monkeypatch):
    app.segmented_control(key="taste_method").set_value("neighbours").run()
    assert not app.exception
    assert not app.get("plotly_chart")
    monkeypatch.setattr(layout, "MOST_LAID_OUT", 40)
    app.button(key="taste_layout").click().run()
    ended(app)
    asked = projection(forgetful, "embedding", "neighbours")
    assert asked.n_laid_out == 40
    assert plain(distortion_sentences(asked)[0]) in texts(app)
    assert not [button for button in app.button if button.key == "taste_layout"]


def test_what_is_under_way_is_said_and_the_other_layout_stays_at_hand(app, forgetful, monkeypatch):
    slow(app, monkeypatch, lambda: None)
    assert not app.exception
    assert "Laying the items out" in texts(app)
    assert " so far" in texts(app)
    assert not app.get("plotly_chart")
    app.segmented_control(key="taste_method").set_value("pca").run()
    assert app.get("plotly_chart")
    assert "Laying the items out" not in texts(app)


def test_cancel_cancels_and_it_can_be_tried_again(app, forgetful, monkeypatch):
    slow(app, monkeypatch, lambda: None)
    app.button(key="taste_cancel").click().run()
    ended(app)
    assert "Nothing of it was kept." in app.warning[0].value
    assert not is_projected(forgetful, "embedding", "neighbours")
    assert app.button(key="taste_layout").label == "Try again"


def test_a_layout_that_fails_says_why(app, forgetful, monkeypatch):
    def fail():
        raise InvalidDataError("The items cannot be laid out.")

    _, gate = slow(app, monkeypatch, fail)
    gate.open.set()
    ended(app)
    assert not app.exception
    assert "The items cannot be laid out" in app.error[0].value
    assert app.button(key="taste_layout").label == "Try again"


def test_the_layout_of_another_run_is_not_kept(app, forgetful, monkeypatch):
    _, gate = slow(app, monkeypatch, lambda: None)
    other = replace(forgetful)
    app.session_state["shown"] = other
    app.run()
    assert all(one.result is other for one in app.session_state["_layouts"].values())
    assert app.button(key="taste_layout").label == "Lay the items out"
    gate.open.set()


@pytest.mark.parametrize("is_known", [True, False])
def test_an_item_that_is_not_the_users_stays_chosen_if_the_map_has_it(rich, view, is_known):
    own = {*view.history["ITEM_ID"], *view.held_out["ITEM_ID"], *view.pools["embedding"]["ITEM_ID"]}
    foreign = next(id_ for id_ in taste_space(rich, "embedding").items.ids if id_ not in own)
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"], app.session_state["whose"] = rich, view.user_id
    # As a click leaves it.
    app.session_state["taste_item"] = foreign if is_known else "no such item"
    app.run()
    assert not app.exception
    chosen = app.selectbox(key="taste_item").value
    assert chosen == foreign if is_known else chosen in own


@pytest.mark.parametrize(
    ("points", "item"),
    [
        ([], None),
        ([{"customdata": ["7"]}], "7"),
        ([{"customdata": ["7"]}, {"customdata": ["9"]}], "9"),
        ([{"x": 1.0}], None),
        ([{"customdata": ["7"]}, {"x": 1.0, "customdata": None}], "7"),
    ],
)
def test_a_click_gives_the_item_and_an_empty_selection_gives_none(points, item):
    assert clicked_item({"points": points}) == item


def test_every_point_but_the_user_tells_its_item(rich, view):
    found = taste_view(rich, view, "embedding", "embedding", "pca")
    ground = ground_traces(rich, "embedding", "pca", "popularity")
    chosen = view.history["ITEM_ID"].iloc[0]
    neighbours = true_neighbours(rich, found.projection, chosen)
    lines = neighbour_traces(neighbour_lines(found.projection, chosen, neighbours))
    drawn = taste_chart(ground, found, "embedding", lines)
    named = {trace.name: trace for trace in drawn.data}
    ground_ids = [row[0] for trace in drawn.data if trace.type == "scattergl" for row in trace.customdata]
    assert ground_ids == taste_space(rich, "embedding").items.ids.tolist()
    pool = view.pools["embedding"]
    hits = pool.loc[pool["hit"], "ITEM_ID"].tolist()
    assert [row[0] for row in named["Held out, in the pool"].customdata] == hits
    assert named["Held out, in the pool"].marker.symbol == LOOKS["embedding"].marker
    assert named["Pool: Embedding"].marker.symbol == f"{LOOKS['embedding'].marker}-open"
    assert named["The user"].customdata is None
    assert [named["The user"].x[0], named["The user"].y[0]] == found.user.tolist()
    ring = named["Chosen item"]
    at = found.projection.space.items.encode([chosen])[0]
    assert [ring.x[0], ring.y[0]] == found.projection.positions[at].tolist()
    ends = sum(len(trace["x"]) // 3 for trace in lines[:-1])
    assert ends == len(neighbours)


def test_groups_are_traces_with_the_items_of_each(rich):
    genres = item_colours(rich, "embedding", "items:genres")
    traces = {trace["name"]: trace for trace in ground_traces(rich, "embedding", "pca", "items:genres")}
    ids = taste_space(rich, "embedding").items.ids
    for code, name in enumerate(genres.groups):
        assert [row[0] for row in traces[name]["customdata"]] == ids[genres.codes == code].tolist()
    symbols = [trace["marker"]["symbol"] for name, trace in traces.items() if name != "Other items"]
    assert len({*symbols}) == len(symbols) == len(genres.groups)


def test_neighbours_tell_their_rank_in_the_pool(rich, view):
    pool = view.pools["embedding"]
    neighbours = true_neighbours(rich, projection(rich, "embedding", "pca"), pool["ITEM_ID"].iloc[0])
    found = neighbour_rows(neighbours, view, "embedding")
    ranks = dict(zip(pool["ITEM_ID"], pool["rank"], strict=True))
    expected = [ranks.get(id_, 0) for id_ in neighbours["ITEM_ID"]]
    assert found["pool_rank"].fillna(0).tolist() == expected
    assert any(expected)


def test_a_run_without_vectors_says_what_to_do(rich, view):
    bare = SimpleNamespace(runs={"popularity": None}, recommenders={}, data=SimpleNamespace(features=None))
    assert taste_spaces(bare) == []

    def panel():
        import streamlit as st

        from pages.components.taste_map_panel import taste_map_panel

        taste_map_panel(st.session_state["shown"], None)

    app = AppTest.from_function(panel)
    app.session_state["shown"] = bare
    app.run()
    assert not app.exception
    assert "There is nothing to map" in texts(app)


def test_reruns_are_quick_once_the_map_is_there(app):
    spent = []
    for _ in range(5):
        start = time.process_time()
        app.run()
        spent.append(time.process_time() - start)
    # Processor time, so that other work on the machine does not count; the driver's own work does.
    assert min(spent) < 0.3


def test_bars_of_the_overlap_are_misses_and_hits(rich):
    overlaps = pool_overlaps(rich)
    drawn = overlap_chart(overlaps)
    bars = {bar.name: bar for bar in drawn.data if bar.type == "bar"}
    misses, hits = bars["n_misses"], bars["hits"]
    assert list(misses.x) == overlaps["n_misses"].tolist()
    assert list(hits.x) == overlaps["hits"].tolist()
    assert hits.marker.color[0] == LOOKS["embedding"].colour
    assert len({*hits.marker.color[3:]}) == 1
    marks = drawn.data[: len(overlaps["retrievers"].iloc[-1])]
    for mark, key in zip(marks, overlaps["retrievers"].iloc[-1], strict=True):
        filled = [not symbol.endswith("-open") for symbol in mark.marker.symbol]
        assert filled == [key in pools for pools in overlaps["retrievers"]]


@pytest.mark.parametrize("stage", ["pool", "list"])
def test_curves_of_the_mirror_are_the_librarys(rich, stage):
    mirror = popularity_mirror(rich)
    drawn = {line.name: line for line in mirror_chart(mirror, stage).data}
    curves = mirror.pools if stage == "pool" else mirror.lists
    assert {*drawn} == {"All items alike", "Training data", *(LOOKS[key].label for key in curves)}
    for key, curve in curves.items():
        assert drawn[LOOKS[key].label].y == pytest.approx(100 * curve.y)
        assert drawn[LOOKS[key].label].line.dash == LOOKS[key].dash
