"""A retriever of one's own in a real browser: tried, stopped, tried again, taken to Train, run."""

import pytest

from skrec_lite.experiment.playground.own_retriever import example_code
from tests.browser.conftest import serving
from tests.browser.screen import Screen
from tests.browser.test_playground import open_part, press, widget
from tests.browser.watch import console_errors, grave_violations

# Each batch of users takes as long as a file beside it says.
_SLOW = """

import time
from pathlib import Path

_at_once = TrendingRetriever.retrieve


def _slowly(self, user_ids, top_k):
    time.sleep(float(Path(__file__).with_name("seconds.txt").read_text()))
    return _at_once(self, user_ids, top_k)


TrendingRetriever.retrieve = _slowly
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "my_retrievers.py").write_text(example_code() + _SLOW)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SKREC_LITE_PLUGINS", "my_retrievers")
    return tmp_path


def test_it_is_tried_stopped_and_taken_to_train(browsers, folder):
    seconds = folder / "seconds.txt"
    seconds.write_text("0")
    with serving(folder) as address, browsers.lent() as driver:
        screen = Screen(driver, address)
        screen.show_at(1440, 900)
        screen.open()
        screen.click("Run the comparison")
        screen.until_text("held-out items within", seconds=120)
        open_part(screen, "Own retriever")
        assert "Trending" in screen.text()
        seconds.write_text("3")
        press(screen, "own_retriever_try", "Try it")
        press(screen, "own_retriever_cancel", "Cancel")
        screen.until_text("The try was cancelled")
        assert not widget(screen, "own_retriever_try").find_elements("css selector", "button[disabled]")
        seconds.write_text("0")
        press(screen, "own_retriever_try", "Try it")
        screen.until(screen.charts, "what it finds")
        assert "The try was cancelled" not in screen.text()
        screen.until_text("Over 2,000 measured users")
        assert grave_violations(driver) == []
        press(screen, "own_retriever_train", "Choose it on Train")
        screen.until(lambda: screen.heading() == "Train", "the form")
        on = widget(screen, "train_retrievers").find_elements("css selector", '[aria-pressed="true"]')
        assert any("Trending" in button.text for button in on)
        screen.click("Run")
        screen.until_text("Result", seconds=180)
        screen.go_to("Candidates")
        assert "Trending" in screen.text()
        assert screen.exceptions() == []
        assert console_errors(driver) == []
