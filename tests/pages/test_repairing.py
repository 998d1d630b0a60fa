"""Repairs of large data run in the background: with progress, a way out, and nothing touched before."""

from __future__ import annotations

import threading

import pytest

from pages.components import repairing
from skrec_lite.experiment import LabData
from tests.pages.driving import go, lab_of, texts


@pytest.fixture
def gate(monkeypatch):
    """Hold every repair until the gate is open."""
    gate, real = threading.Event(), LabData.repaired
    monkeypatch.setattr(repairing, "_WAIT", 0.0)

    def held(self, repair):
        assert gate.wait(60)
        return real(self, repair)

    monkeypatch.setattr(LabData, "repaired", held)
    yield gate
    gate.set()


@pytest.fixture
def waiting(app, gate):
    """The Data screen with a repair under way."""
    data = go(app, "data")
    data.button(key="data_core_go").click().run()
    return data


def ended(app):
    app.session_state["_data_repairing"].job.wait(60)
    return app.run()


def test_a_repair_under_way_shows_progress_and_changes_nothing_yet(waiting, gate, small_data):
    assert not waiting.exception
    assert waiting.get("progress")[0].proto.text == "Changing the data"
    assert lab_of(waiting).data is small_data
    assert waiting.button(key="data_core_go").disabled, "one change at a time"
    gate.set()
    ended(waiting)
    assert not waiting.exception
    assert [repair.kind for repair in lab_of(waiting).data.loaded.recipe.repairs] == ["k_core"]
    assert "1 repair made" in texts(waiting)
    assert not waiting.button(key="data_core_go").disabled


def test_a_cancelled_repair_leaves_the_data_as_it_was(waiting, gate, small_data):
    waiting.button(key="data_repair_cancel").click().run()
    gate.set()
    ended(waiting)
    assert not waiting.exception
    assert lab_of(waiting).data is small_data
    assert "Nothing of it was kept" in texts(waiting)


def test_a_repair_of_data_that_is_no_longer_loaded_is_let_go(waiting, gate, small_data):
    other = LabData(small_data.interactions, small_data.items, name="Another shop")
    lab_of(waiting).data = other
    gate.set()
    ended(waiting)
    assert not waiting.exception
    assert lab_of(waiting).data is other
