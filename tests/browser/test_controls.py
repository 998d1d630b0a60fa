"""Every control of the first screens is found and used, charts and tables too, and nothing breaks."""

import ast
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.exercise import Exercises
from tests.browser.spared import SPARED
from tests.browser.tour import Tour


@pytest.fixture
def tour(finished, tmp_path):
    finished.show_at(1440, 900)
    return Tour(finished, Exercises(finished, tmp_path), tuple(SPARED), unfolds_last=True)


@pytest.mark.parametrize("title", ["Home", "Candidates", "Rankings"])
def test_every_control_can_be_used(tour, title):
    tour.go(lambda: tour.screen.go_to(title))
    print(f"\n{title}: used {len(tour.used)} controls")
    assert tour.missed == []
    assert {name.split()[0] for name in tour.used} >= {"chart", "link"}


def test_every_control_of_the_sidebar_can_be_used(finished):
    finished.show_at(1440, 900)
    for title, _ in finished.screens():
        finished.go_to(title)
        assert finished.exceptions() == []
    finished.click("Glossary")
    finished.until(lambda: finished.driver.find_elements("css selector", '[role="dialog"]'), "the glossary")
    every = finished.until(lambda: finished.terms(), "terms")
    finished.fill("Search", "ceiling")
    finished.until(lambda: 0 < len(finished.terms()) < len(every), "fewer terms")
    finished.fill("Search", "no such word")
    finished.until(lambda: "No term has" in finished.text(), "that there is none")
    finished.click_in('[role="dialog"] [aria-label="Close"]')
    finished.until(lambda: not finished.driver.find_elements("css selector", '[role="dialog"]'), "it to go")
    sidebar = finished.driver.find_element("css selector", '[data-testid="stSidebar"]')
    ActionChains(finished.driver).move_to_element(sidebar).perform()  # It shows under the hand only.
    finished.click_in('[data-testid="stSidebarCollapseButton"] button')
    expand = '[data-testid="stExpandSidebarButton"]'
    finished.until(lambda: finished.driver.find_elements("css selector", expand), "the sidebar to be folded")
    finished.open_sidebar()
    assert finished.exceptions() == []


def test_what_is_spared_has_a_test_of_its_own():
    here = Path(__file__).parent
    for place in set(SPARED.values()):
        file, _, name = place.partition("::")
        functions = [each.name for each in ast.parse((here / file).read_text()).body if hasattr(each, "name")]
        assert name in functions, place
