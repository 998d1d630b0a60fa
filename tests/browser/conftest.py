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
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.browser.browsers import Browsers
from tests.browser.screen import Screen

ROOT = Path(__file__).parents[2]
NO_BROWSER = "No chromium and chromedriver found: 'apt-get install chromium chromium-driver' brings both."


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


@pytest.fixture(scope="session")
def browsers(programs, tmp_path_factory):
    """What lends browsers."""
    lender = Browsers(programs, tmp_path_factory.mktemp("browsers"))
    yield lender
    lender.quit()


@pytest.fixture
def open_screen(browsers, address):
    """Return a function that opens the app in another fresh browser, of a given size and colour scheme."""
    with ExitStack() as opened:

        def opener(width=1440, height=900, dark=False):
            screen = Screen(opened.enter_context(browsers.lent()), address)
            screen.show_at(width, height, dark)
            return screen

        yield opener


@pytest.fixture(scope="session")
def finished(browsers, address):
    """One window with a finished run on the sample, for tests that only look; they set size and colours."""
    with browsers.lent() as driver:
        screen = Screen(driver, address)
        screen.show_at(1440, 900)
        screen.open()
        screen.click("Run the comparison")
        screen.until_text("held-out items within", seconds=120)
        yield screen
