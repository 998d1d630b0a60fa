"""The Runs screen in a browser: compared, noted, deleted and brought back, sent to others, opened again."""

import json
import re
import urllib.request
from contextlib import ExitStack
from dataclasses import replace

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from skrec_lite import ExperimentConfig, load_sample, run_experiment
from skrec_lite.experiment import LabData
from skrec_lite.experiment.ledger import Ledger, Record
from tests.browser.conftest import serving
from tests.browser.exercise import Exercises
from tests.browser.screen import Screen
from tests.browser.test_playground import pick
from tests.browser.watch import console_errors, grave_violations

TABLE = '[class*="st-key-runs_table"] canvas[data-testid="data-grid-canvas"]'
HEADS = '[class*="st-key-runs_table"] [role="columnheader"]'
TAGS = '[class~="st-key-runs_chosen"] [aria-label^="Remove"]'


@pytest.fixture(scope="module")
def two_records():
    """Two quick runs on few users, and the data of both."""
    interactions, items = load_sample()
    users = interactions["USER_ID"].drop_duplicates().head(120)
    data = LabData(
        interactions[interactions["USER_ID"].isin(users)].reset_index(drop=True), items, name="Few"
    )
    configs = [ExperimentConfig(params={"n_factors": f, "epochs": 3}, top_k=50, n=5) for f in (4, 16)]
    return data, [Record.of_result(run_experiment(data, config)) for config in configs]


@pytest.fixture(scope="module")
def runs_server(programs, tmp_path_factory, two_records):
    """A server whose ledger is at hand, so that each test has a notebook of its own with runs in it."""
    home = tmp_path_factory.mktemp("runs")
    with serving(home) as address:
        # What a deployment asks once after the start: a link to a screen is good from then on.
        urllib.request.urlopen(f"{address}/_stcore/script-health-check", timeout=60).close()
        yield address, Ledger(home)


@pytest.fixture
def runs(browsers, runs_server, two_records):
    """Return what opens the Runs screen in a fresh browser, on a notebook with two runs or on none."""
    address, ledger = runs_server
    drivers = []
    with ExitStack() as opened:

        def opener(notebook="", path="run-ledger"):
            if notebook and not ledger.entries(notebook):
                for record in two_records[1]:
                    ledger.add(notebook, record, two_records[0])
            drivers.append(opened.enter_context(browsers.lent()))
            screen = Screen(drivers[-1], address)
            screen.show_at(1440, 900)
            screen.open(f"{path}?notebook={notebook}" if notebook else path)
            return screen

        yield opener
        for driver in drivers:
            assert console_errors(driver) == []


def tick(screen, row):
    """Tick or untick a row of the table of runs."""
    canvas = screen.until(lambda: screen.driver.find_element(By.CSS_SELECTOR, TABLE), "the table")
    across, down = 20 - canvas.size["width"] // 2, 52 + 35 * row - canvas.size["height"] // 2
    ActionChains(screen.driver).move_to_element_with_offset(canvas, across, down).click().perform()


def until_chosen(screen, n):
    screen.until(lambda: len(screen.driver.find_elements(By.CSS_SELECTOR, TAGS)) == n, f"{n} chosen runs", 10)
    screen.settle()


def heads(screen):
    script = "return [...document.querySelectorAll(arguments[0])].map(head => head.textContent)"
    return screen.driver.execute_script(script, HEADS)


def test_the_first_tick_on_a_fresh_server_counts(browsers, two_records, tmp_path):
    """As soon as the table is there: nothing lies over it, and no later rerun takes the tick away."""
    notebook = "notebook-of-a-first-visitor"
    for record in two_records[1]:
        Ledger(tmp_path).add(notebook, record, two_records[0])
    with serving(tmp_path) as address, browsers.lent() as driver:
        screen = Screen(driver, address)
        screen.show_at(1440, 900)
        driver.get(f"{address}/run-ledger?notebook={notebook}")
        tick(screen, 1)
        until_chosen(screen, 1)
        assert len(driver.find_elements(By.CSS_SELECTOR, TAGS)) == 1
        assert screen.exceptions() == []


def test_runs_are_named_noted_pinned_and_compared(runs, runs_server):
    screen, ledger = runs("notebook-for-comparing"), runs_server[1]
    tick(screen, 1)
    until_chosen(screen, 1)
    screen.fill("Name", "Fewer factors")
    screen.until_text("Fewer factors")
    note = screen.key(f"runs_note_{ledger.entries('notebook-for-comparing')[1].id}")
    note.find_element(By.TAG_NAME, "textarea").send_keys("Worse, as feared.", Keys.TAB)
    screen.settle()
    assert "Recall against baseline" not in heads(screen)
    screen.click("Pin as baseline")
    screen.until(lambda: "Recall against baseline" in heads(screen), "the differences to the baseline")
    until_chosen(screen, 1)
    tick(screen, 0)
    until_chosen(screen, 2)
    screen.until_text("They differ in: Factors")
    screen.until(lambda: screen.charts(), "both runs in one chart")
    assert grave_violations(screen.driver) == []
    kept = ledger.entries("notebook-for-comparing")[1]
    assert (kept.name, kept.note, kept.is_baseline) == ("Fewer factors", "Worse, as feared.", True)
    screen.click_in(TAGS)
    until_chosen(screen, 1)
    screen.go_to("Home")
    screen.go_to("Runs")
    until_chosen(screen, 1)
    assert screen.exceptions() == []


def test_runs_are_deleted_brought_back_and_erased(runs, runs_server):
    notebook = "notebook-for-deleting"
    screen, ledger = runs(notebook), runs_server[1]
    both = ledger.entries(notebook)
    tick(screen, 0)
    until_chosen(screen, 1)
    screen.click("Delete 1 run …")
    screen.click_in('[class~="st-key-runs_delete_sure"] button')
    screen.until_text("1 run deleted.")
    assert ledger.entries(notebook) == both[1:]
    screen.click("Undo")
    until_chosen(screen, 1)
    assert ledger.entries(notebook) == both
    screen.click("Delete 1 run …")
    screen.click_in('[class~="st-key-runs_delete_sure"] button')
    screen.click("Deleted runs")
    pick(screen, "runs_deleted_which", "Matrix")
    screen.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    screen.click("Erase for good")
    screen.until(lambda: "Deleted runs" not in screen.text(), "no deleted run to be left")
    assert ledger.deleted(notebook) == []
    assert ledger.entries(notebook) == both[1:]
    assert screen.exceptions() == []


def test_runs_go_out_as_a_file_and_come_into_another_notebook(runs, runs_server, tmp_path):
    screen = runs("notebook-that-gives")
    files = Exercises(screen, tmp_path)
    screen.click("Export all 2 runs")
    file = files.wait_for_file("the export", ".json")
    assert len(json.loads(file.read_text())["runs"]) == 2
    other = runs()
    other.until_text("none in this notebook yet")
    other.click("Import runs")
    other.upload(file)
    other.click_in('[class~="st-key-runs_import_now"] button')
    other.until_text("2 runs imported.")
    other.until(lambda: "Run" in heads(other), "the table")
    assert other.exceptions() == []


def test_a_run_opens_again_with_all_its_screens_after_the_session(runs):
    screen = runs("notebook-to-open-again")
    tick(screen, 0)
    until_chosen(screen, 1)
    screen.click("Open with all its screens")
    screen.until_text("The same figures as then.", seconds=120)
    for title in ("Compare", "Candidates", "Rankings"):
        screen.go_to(title)
        assert screen.charts(), title
        assert "run=" in screen.driver.current_url, title


def test_opening_again_can_be_cancelled_and_nothing_is_lost(runs, runs_server):
    notebook, ledger = "notebook-to-cancel", runs_server[1]
    screen = runs(notebook)
    short = ledger.entries(notebook)[0]
    comparison = json.loads(json.dumps(dict(short.comparison)))
    comparison["config"] |= {"estimator": "ncf", "params": {"epochs": 100, "n_negatives": 20}}
    ledger.insert_all([(replace(short, id="a-long-one", comparison=comparison), {})])
    screen.open(f"run-ledger?run=a-long-one&notebook={notebook}")
    until_chosen(screen, 1)
    screen.click("Open with all its screens")
    screen.click("Cancel")
    screen.until_text("The run was cancelled")
    screen.until_text("Open with all its screens")
    assert screen.exceptions() == []
    assert len(ledger.entries(notebook)) == 3


def test_a_link_shows_one_run_in_a_second_browser(runs, runs_server):
    screen = runs("notebook-that-shares")
    tick(screen, 0)
    until_chosen(screen, 1)
    link = re.search(r"\S+run-ledger\?run=\S+", screen.text())[0]
    other = runs(path=link.partition("127.0.0.1:")[2].partition("/")[2])
    other.until_text("Shared with you")
    assert not other.driver.find_elements(By.CSS_SELECTOR, TABLE), "the other runs are not shared"
    other.click("Copy into my notebook")
    until_chosen(other, 1)
    other.until_text("The run is in your notebook now.")
    assert len(runs_server[1].entries("notebook-that-shares")) == 2
