"""The app as a person sees it: what is read, clicked and typed, with waiting built in."""

import time

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# Asked in one go: a request for each button or tab would take longer than what it is asked for.
_FIND_BUTTON = """
return [...document.querySelectorAll('button, summary, a:not([data-testid="stSidebarNavLink"])')].find(
  button => button.checkVisibility() && !button.disabled && button.innerText.includes(arguments[0]));
"""
_FOLLOW = """
const links = [...document.querySelectorAll('[data-testid="stSidebarNavLink"]')];
const link = links.find(link => link.textContent.trim().endsWith(arguments[0]));
link?.click();
return Boolean(link);
"""
_OPEN_ONE = """
const folded = [...document.querySelectorAll('[data-testid="stMain"] details:not([open]) > summary')];
const summary = folded.find(summary => summary.checkVisibility());
summary?.click();
return Boolean(summary);
"""
_SAID = "return (arguments[0] || document.body).innerText.replaceAll('\\u00a0', ' ')"
_MAIN = "document.querySelector('[data-testid=\"stMain\"]')"
_TABS = 'document.querySelectorAll(\'[data-testid="stMain"] [role="tab"]\')'
RUNNING = '[data-testid="stApp"][data-test-script-state="running"], [data-testid="stSkeleton"]'
# Waited for in the page: asked from outside every 50 ms, the browser would do little but answer.
_SETTLED = """
const [running, quiet, atMost, done] = arguments;
const began = performance.now();
let since = began;
(function look() {
  const now = performance.now();
  if (document.querySelector(running)) since = now;
  if (now - since >= quiet || now - began >= atMost) done(true);
  else setTimeout(look, 50);
})();
"""


class Screen:
    """One browser window on the app."""

    def __init__(self, driver, address):
        self.driver = driver
        self.address = address

    def show_at(self, width, height, dark=False):
        """Give the window a size and the system's colour scheme, as a telephone or a desk has."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, path=""):
        self.driver.get(f"{self.address}/{path}")
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, "h1"), "a heading")
        self.settle()
        return self

    def until(self, condition, what, seconds=60):
        """Wait until `condition` holds and return its value."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                value = condition()
            except (StaleElementReferenceException, WebDriverException, StopIteration):
                value = None
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"Waited {seconds} s in vain for {what}. The page says: {self.text()}")

    def settle(self, quiet_for=0.45):
        """Wait until the script has run and nothing is a skeleton, for so many seconds on end."""
        for _ in range(3):
            try:
                self.driver.execute_async_script(_SETTLED, RUNNING, 1000 * quiet_for, 60_000)
            except WebDriverException:
                continue  # Another page was loaded meanwhile.
            return

    def text(self):
        return self.driver.execute_script(_SAID)

    def until_text(self, wanted, seconds=60):
        self.until(lambda: wanted in self.text(), repr(wanted), seconds)

    def go_to(self, title):
        """Follow a link of the navigation by its title; it works collapsed, too, as on a phone."""

        self.open_sidebar()
        self.until(lambda: self.driver.execute_script(_FOLLOW, title), f"the link to {title}")
        heading = "Two-stage retrieval lab" if title == "Home" else title
        self.until(lambda: self.exceptions() or self.heading() == heading, f"the heading {heading}")
        assert self.exceptions() == [], title
        self.settle()

    def screens(self):
        """Title and path of every screen of the navigation, in its order."""
        links = self.until(
            lambda: self.driver.execute_script(
                "return [...document.querySelectorAll('[data-testid=\"stSidebarNavLink\"]')].map("
                "link => [link.querySelector('span[label]').textContent, new URL(link.href).pathname])"
            ),
            "links",
        )
        return [(title, path.lstrip("/")) for title, path in links]

    def open_sidebar(self):
        for button in self.driver.find_elements(By.CSS_SELECTOR, '[data-testid="stExpandSidebarButton"]'):
            if button.is_displayed():
                button.click()
                self.settle()

    def heading(self):
        return self.driver.execute_script("return document.querySelector('h1')?.innerText.trim()")

    def click(self, label):
        """Press the first visible button that says `label`; the navigation, whose words are alike, apart."""

        def press():
            if (button := self.driver.execute_script(_FIND_BUTTON, label)) is None:
                return False
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
            button.click()
            return True

        self.until(press, f"the button {label!r}")
        self.settle()

    def click_in(self, selector):
        """Press what a CSS selector finds first that can be seen."""

        def press():
            for element in self.driver.find_elements(By.CSS_SELECTOR, selector):
                if element.is_displayed() and element.is_enabled():
                    element.click()
                    return True
            return False

        self.until(press, selector)
        self.settle()

    def key(self, name):
        """Return the frame of the widget of that key."""
        return self.until(
            lambda: self.driver.find_element(By.CSS_SELECTOR, f'[class~="st-key-{name}"]'),
            f"the widget {name}",
        )

    def terms(self):
        """Return the terms that the glossary shows."""
        return [term.text for term in self.driver.find_elements(By.CSS_SELECTOR, '[role="dialog"] p strong')]

    def upload(self, path, nth=0):
        """Give a file, or several with line breaks between, to the nth uploader of the page."""
        inputs = self.until(
            lambda: self.driver.find_elements(By.CSS_SELECTOR, 'input[type="file"]'), "an uploader"
        )
        inputs[nth].send_keys(str(path))
        self.settle()

    def fill(self, label, value):
        """Type into the number or text field of that label."""
        field = self.until(
            lambda: self.driver.find_element(By.CSS_SELECTOR, f'input[aria-label^="{label}"]'),
            f"the field {label}",
        )
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(str(value), Keys.TAB)
        self.settle()

    def field_values(self):
        """What stands in the input fields of the page."""
        return self.driver.execute_script(
            f"return [...{_MAIN}.querySelectorAll('input')].map(field => field.value)"
        )

    def open_expanders(self):
        """Open what is folded, from top to bottom, as far as that brings nothing new to open."""
        for _ in range(20):
            if not self.driver.execute_script(_OPEN_ONE):
                return
            self.settle()

    def sections(self):
        """Go through the tabs of the page, yielding the name of each once it is open; '' where are none."""
        names = self.driver.execute_script(f"return [...{_TABS}].map(tab => tab.innerText.trim())")
        for name in names:
            self.open_section(name)
            yield name
        if not names:
            yield ""

    def open_section(self, name):
        """Open the tab of that name."""

        def is_open():
            return self.driver.execute_script(
                f"const tab = [...{_TABS}].find(tab => tab.innerText.trim() === arguments[0]);"
                "tab.click(); return tab.getAttribute('aria-selected') === 'true';",
                name,
            )

        self.until(is_open, f"the section {name}")
        self.settle()

    def main_text(self):
        return self.driver.execute_script(_SAID.replace("document.body", _MAIN))

    def exceptions(self):
        return self.driver.execute_script(
            "return [...document.querySelectorAll('[data-testid=\"stException\"]')].map(box => box.innerText)"
        )

    def charts(self):
        return self.driver.find_elements(By.CSS_SELECTOR, ".js-plotly-plot .main-svg")

    def sideways_overflow(self):
        """How many pixels of the page lie past the right edge of the window."""
        return self.driver.execute_script(
            f"return Math.max(document.documentElement.scrollWidth, {_MAIN}.scrollWidth) - window.innerWidth"
        )

    def background_luminance(self):
        """Brightness of the page's background, 0 black to 1 white."""
        colour = self.driver.execute_script(
            "return getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"
        )
        red, green, blue = (int(part) for part in colour.strip("rgba()").split(",")[:3])
        return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
