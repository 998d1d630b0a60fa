"""A real server and a real headless Chromium.

Without a browser these tests skip with one line; where ``REQUIRE_BROWSER`` is set, as in CI, they fail.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.browser.screen import Screen

ROOT = Path(__file__).parents[2]
NO_BROWSER = "No chromium and chromedriver found: 'apt-get install chromium chromium-driver' brings both."
# Quiet start, no calls home: the machine may have no network.
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--disable-dev-shm-usage",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def programs():
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if browser is None or chromedriver is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    return browser, chromedriver


@pytest.fixture(scope="session")
def address(programs, tmp_path_factory):
    """Start the app as a newcomer would, and yield where it listens."""
    with serving(tmp_path_factory.mktemp("server")) as url:
        yield url


@contextmanager
def serving(folder):
    """Run the app on a free port, writing into `folder`; its log must hold no traceback in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "streamlit.log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}",
                "--server.headless=true", "--server.address=127.0.0.1",
            ],
            cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT,
            env={**os.environ, "SKREC_LITE_HOME": str(folder)},
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/_stcore/health", server, log)
        yield url
    finally:
        server.terminate()
        server.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()


def wait_for(url, server, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"The app did not start: {log.read_text()}")


@pytest.fixture
def open_screen(programs, address, tmp_path):
    """Return a function that opens the app in a fresh browser of a given size and colour scheme."""
    opened = []

    def opener(width=1440, height=900, dark=False):
        opened.append(open_browser(programs, tmp_path / f"profile{len(opened)}"))
        screen = Screen(opened[-1], address)
        screen.show_at(width, height, dark)
        return screen

    yield opener
    for driver in opened:
        driver.quit()


@pytest.fixture(scope="session")
def finished(programs, address, tmp_path_factory):
    """One window with a finished run on the sample, for tests that only look; they set size and colours."""
    driver = open_browser(programs, tmp_path_factory.mktemp("finished") / "profile")
    screen = Screen(driver, address)
    screen.show_at(1440, 900)
    screen.open()
    screen.click("Run the comparison")
    screen.until_text("held-out items within", seconds=120)
    yield screen
    driver.quit()


def open_browser(programs, profile):
    """Start a browser that notes what is said on its console and what it asks of which machine."""
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(programs[1]))
