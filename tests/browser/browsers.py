"""Headless Chromium with its driver: started, lent to a test, wiped and lent again."""

from __future__ import annotations

from contextlib import contextmanager
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service

# Quiet start, no calls home: the machine may have no network. No name but this machine's leads anywhere, so
# that a page that asks for something elsewhere says so on its console.
ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--disable-dev-shm-usage",
)  # fmt: skip
#: Seconds that a script in the page may take; `Screen.settle` waits up to 60 in there.
SCRIPT_TIMEOUT = 90


class Browsers:
    """The browsers of one test process.

    One that was just started reads and compiles all of Streamlit's scripts, so a browser is used again, as a
    stranger's: with another tab, and without the cookies and the storage of whoever had it before.

    Parameters
    ----------
    programs : tuple of str
        Where the browser and its driver are.
    folder : Path
        Where their profiles are kept.
    """

    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = folder
        self._idle = []
        self._n_opened = 0

    @contextmanager
    def lent(self):
        """Lend a browser that knows nothing of this app; one whose test fails is not lent again."""
        driver = self._idle.pop() if self._idle else self._open()
        try:
            yield driver
        except BaseException:
            driver.quit()
            raise
        try:
            _wipe(driver)
        except WebDriverException:
            driver.quit()  # Something is wrong with it.
        else:
            self._idle.append(driver)

    def quit(self):
        for driver in self._idle:
            driver.quit()

    def _open(self):
        self._n_opened += 1
        return open_browser(self.programs, self.folder / f"profile{self._n_opened}")


def _wipe(driver):
    before = driver.window_handles
    driver.switch_to.new_window("tab")
    fresh = driver.current_window_handle
    origins = set()
    for handle in before:
        driver.switch_to.window(handle)
        origins.add("{0.scheme}://{0.netloc}".format(urlsplit(driver.current_url)))
        driver.close()
    driver.switch_to.window(fresh)
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    for origin in origins:
        kinds = "cookies,local_storage,indexeddb,service_workers,cache_storage"
        driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": kinds})
    driver.get_log("browser")


def open_browser(programs, profile):
    """Start a browser that notes what is said on its console."""
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(programs[1]))
    driver.set_script_timeout(SCRIPT_TIMEOUT)
    return driver
