"""Every control of every screen is used once, charts and tables too, and nothing breaks."""

from collections import Counter

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.browser.watch import console_errors

MAIN = '[data-testid="stMain"] '
# Each is found anew by its place before it is used, because a rerun may replace it.
KINDS = {
    "choice": MAIN + '[data-testid="stButtonGroup"] button:not([disabled])',
    "switch": MAIN + '[data-testid="stCheckbox"] label',
    "button": MAIN + '[data-testid="stButton"] button:not([disabled])',
    "point": MAIN + ".js-plotly-plot .nsewdrag",
    "row": MAIN + '[data-testid="stDataFrame"] canvas[data-testid="data-grid-canvas"]',
}
# Work that has tests of its own (test_flow.py) and would keep this one waiting, or leaves for another screen.
SPARED = ("Run", "Cancel", "Sweep", "Delete", "Watch it", "Choose first")


def test_every_control_of_every_screen_can_be_used(finished):
    finished.show_at(1440, 900)
    used = Counter()
    for title, _ in finished.screens():
        finished.go_to(title)
        heading = finished.heading()
        for section in finished.sections():
            for kind, selector in KINDS.items():
                place = 0
                while place < len(found := finished.driver.find_elements(By.CSS_SELECTOR, selector)):
                    used[kind] += use(finished, kind, found[place])
                    place += 1
                    assert finished.exceptions() == [], (title, section, kind, place)
                    if finished.heading() != heading:
                        finished.go_to(title)
                        if section:
                            finished.open_section(section)
        assert console_errors(finished.driver) == [], title
    print(f"\nUsed: {dict(used)}")
    assert set(used.elements()) == set(KINDS), "some kind of control was not met at all"


def use(screen, kind, control):
    """Click one control, in the middle for a chart, on the first row for a table; return whether it was."""
    try:
        if not control.is_displayed() or any(word in control.text for word in SPARED):
            return False
        screen.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", control)
        if kind == "row":
            height = control.size["height"]
            ActionChains(screen.driver).move_to_element_with_offset(
                control, 20 - control.size["width"] // 2, 52 - height // 2
            ).click().perform()
        elif kind == "point":
            ActionChains(screen.driver).move_to_element(control).click().perform()
        else:
            screen.driver.execute_script("arguments[0].click()", control)
        screen.settle()
    except (StaleElementReferenceException, WebDriverException):
        return False  # It went with the rerun before.
    return True
