"""Entered first by a link, reloaded or left in mid-training: every screen works, and says what is missing."""

import time

from tests.browser.conftest import serving
from tests.browser.screen import Screen
from tests.browser.watch import console_errors, grave_violations

#: Seconds from a page's load to the first figures on the sample. The aim is 10 on a quiet machine; beside all
#: other tests it has taken 22.
FIRST_FIGURES = 30
FIGURES = "held-out items within"


def start_long_training(screen, epochs):
    screen.go_to("Train")
    screen.click("Hyper-parameters")
    screen.fill("Factors", 256)
    screen.fill("Epochs", epochs)
    screen.click("Run")
    screen.until(lambda: f"of {epochs}" in screen.main_text(), "the epochs to be counted")


def test_one_click_brings_a_new_servers_first_visitor_the_first_figures(browsers, tmp_path):
    with serving(tmp_path) as address, browsers.lent() as driver:
        screen = Screen(driver, address)
        screen.show_at(1440, 900)
        began = time.monotonic()
        screen.open()
        screen.click("Run the comparison")
        screen.until_text(FIGURES, seconds=120)
        screen.until(screen.charts, "the recall chart")
        seconds = time.monotonic() - began
    print(f"\nFrom page load to the first recall chart, one click: {seconds:.1f} s")
    assert seconds < FIRST_FIGURES


def test_a_link_is_good_for_the_very_first_visitor_of_a_server(browsers, tmp_path):
    with serving(tmp_path) as address, browsers.lent() as driver:
        screen = Screen(driver, address).open("comparison")
        assert screen.heading() == "Compare"
        assert driver.find_elements("css selector", '[role="dialog"]') == []
        assert console_errors(driver) == []


def test_no_page_is_ever_run_without_the_app_around_it(browsers, tmp_path):
    """By its file's name Streamlit would run a page alone, past the login, until app.py has run once."""
    with serving(tmp_path) as address, browsers.lent() as driver:
        screen = Screen(driver, address).open("train")
        assert screen.heading() == "Two-stage retrieval lab", "an address that is not there"
        screen.open_sidebar()
        assert "Glossary" in screen.text()


def test_every_screen_can_be_the_first(open_screen):
    screen = open_screen()
    for title, path in screen.open().screens():
        screen.open(path)
        assert screen.exceptions() == [], title
        assert len(screen.main_text()) > 40, title
        assert screen.sideways_overflow() <= 0, title
        if title in ("Candidates", "Rankings", "Compare", "Playground"):
            assert "Run with defaults" in screen.main_text(), f"{title} offers the missing step"
    assert console_errors(screen.driver) == []


def test_a_reload_in_mid_training_finds_its_run_again(open_screen):
    screen = open_screen().open()
    start_long_training(screen, 60)
    for title, path in screen.screens():
        screen.open(path)  # As a reload does, it begins a session anew while the old one's work goes on.
        assert screen.exceptions() == [], title
        assert len(screen.main_text()) > 40, title
    screen.open("training")
    screen.until(lambda: "of 60" in screen.main_text() or "Result" in screen.main_text(), "the run again")
    screen.until_text("Result", seconds=180)
    screen.open("comparison")
    assert FIGURES in screen.main_text(), "a reload keeps what was finished"
    assert screen.exceptions() == []
    assert console_errors(screen.driver) == []


def test_a_second_tab_begins_with_the_same_runs_and_leaves_the_first_alone(open_screen):
    screen = open_screen().open()
    screen.click("Run the comparison")
    screen.until_text(FIGURES, seconds=120)
    first = screen.driver.current_window_handle
    screen.driver.switch_to.new_window("tab")
    screen.show_at(1440, 900)
    screen.open("comparison")
    assert FIGURES in screen.main_text()
    screen.go_to("Train")
    screen.fill("Candidates (top_k)", 50)
    screen.click("Run")
    screen.until_text("50 candidates", seconds=120)
    screen.driver.switch_to.window(first)
    screen.go_to("Compare")
    assert FIGURES in screen.main_text()
    assert "50 candidates" not in screen.text()
    assert screen.exceptions() == []


def test_screens_are_left_and_entered_again_in_mid_training(open_screen):
    screen = open_screen().open()
    start_long_training(screen, 60)
    assert grave_violations(screen.driver) == [], "a run under way is legible to all"
    for title, _ in screen.screens():
        screen.go_to(title)
        assert screen.exceptions() == [], title
    screen.go_to("Train")
    screen.until(lambda: "of 60" in screen.main_text() or "Result" in screen.main_text(), "how far it is")
    screen.until_text("Result", seconds=180)
    screen.go_to("Home")
    screen.until_text(FIGURES)
    for title, _ in screen.screens():
        screen.go_to(title)
        assert screen.exceptions() == [], title
    assert console_errors(screen.driver) == []


def back_to(screen, title):
    """Go back until the screen before: choices that stand in the address are steps of their own."""
    for _ in range(10):
        screen.driver.back()
        screen.settle()
        if screen.heading() == title:
            return
    screen.until(lambda: screen.heading() == title, f"the heading {title}", 5)


def test_back_and_forward_of_the_browser(finished):
    screen = finished
    screen.show_at(1440, 900)
    screen.go_to("Home")
    titles = [title for title, _ in screen.screens()][1:]
    for title in titles:
        screen.go_to(title)
    for title in titles[-2::-1]:
        back_to(screen, title)
        assert screen.exceptions() == [], title
    screen.driver.forward()
    screen.settle()
    assert screen.heading() in titles
    assert screen.exceptions() == []
    assert console_errors(screen.driver) == []
