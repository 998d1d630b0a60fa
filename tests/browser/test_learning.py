"""The lesson in a browser: predicted and revealed, scored, started over; then all that its charts offer."""

import re

from tests.browser.exercise import Exercises
from tests.browser.spared import SPARED
from tests.browser.tour import Tour
from tests.browser.watch import console_errors, grave_violations


def test_the_whole_tour_is_predicted_and_revealed(open_screen, tmp_path):
    screen = open_screen().open()
    screen.go_to("Learn")
    screen.until_text("Your prediction", seconds=120)
    assert "Nothing predicted yet" in screen.main_text()
    for place in range(8):
        screen.until_text(f"Step {place + 1} of 8")
        assert not screen.charts(), "nothing is revealed before an answer"
        if place == 4:
            screen.click("Show me")
        else:
            predict(screen)
            screen.click("Check")
        screen.until(lambda: screen.charts(), "the answer's chart")
        assert re.search(r"Right\.|Not quite\.|It is ", screen.main_text())
        if place < 7:
            screen.click("Next")
    assert re.search(r"\d of 7", screen.main_text()) or "of 8" in screen.main_text(), "the score"
    assert grave_violations(screen.driver) == []

    tour = Tour(screen, Exercises(screen, tmp_path), tuple(SPARED))
    tour.go(lambda: screen.go_to("Learn"))
    print(f"\nLearn: used {len(tour.used)} controls")
    assert {"chart", "slider", "choice", "download"} <= {name.split()[0] for name in tour.used}
    assert sum(name.startswith("choice step") for name in tour.used) == 8

    screen.click("Start over")
    screen.until_text("Nothing predicted yet")
    assert screen.exceptions() == []
    assert console_errors(screen.driver) == []


def predict(screen):
    """Take the first option, or move the slider by one step, as whoever guesses would."""
    options = screen.driver.find_elements("css selector", '[data-testid="stRadio"] label')
    for option in options:
        if option.find_elements("css selector", "input"):
            option.click()
            screen.settle()
            return
    slider = screen.driver.find_element("css selector", '[class*="st-key-learn_guess"] input[type="range"]')
    slider.send_keys("\ue014")  # The right arrow.
    screen.settle()
