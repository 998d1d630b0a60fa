"""How each kind of control is used, and what must come of that; each returns the way back, if one is due.

A way back is a function that puts the control where it was. It is taken only when everything that the change
brought onto the page has been used as well.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.parts import Parts
from tests.browser.points import hover_text, point_of
from tests.browser.uploads import FILES

#: Seconds without a rerun after which one is over; each effect is waited for besides.
REST = 0.25
#: What is beyond is no end that anybody set.
ENDLESS = 1e15
Back = Callable[[], None] | None


class Exercises(Parts):
    """Uses controls of one window.

    Parameters
    ----------
    screen : Screen
    folder : Path
        Where files come from and downloads go to.
    """

    def __init__(self, screen, folder: Path):
        super().__init__(screen)
        self.folder = folder / "files"
        self.folder.mkdir()
        self.driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(self.folder)}
        )

    def use(self, control) -> Back:
        """Use a control as a person would, and see that it took effect."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", control.root)
        back = getattr(self, f"_{control.kind}")(control)
        self.screen.settle(REST)
        return back

    def _button(self, control) -> Back:
        control.element.click()
        return None

    _link = _button

    def _copy(self, control) -> Back:
        # The button shows under the hand only.
        ActionChains(self.driver, duration=20).move_to_element(control.root).move_to_element(
            control.element
        ).click().perform()
        return None

    def _download(self, control) -> Back:
        control.element.click()
        self.wait_for_file(control.name).unlink()
        return None

    def wait_for_file(self, source: str, ending: str = "") -> Path:
        """Return what was downloaded, once it is whole."""

        def arrived():
            return [
                file
                for file in self.folder.iterdir()
                if not file.name.startswith((".", "some.")) and file.name.endswith(ending)
                and file.suffix != ".crdownload" and file.stat().st_size > 20
            ]  # fmt: skip

        return self.screen.until(arrived, f"a file from {source}")[0]

    def _popover(self, control) -> Back:
        control.element.click()
        self.screen.until(lambda: self._is_there('[data-testid="stPopoverBody"]'), "what pops up")
        return None

    def _expander(self, control) -> Back:
        def is_open():
            return self.driver.execute_script("return arguments[0].closest('details').open", control.element)

        def unfolds():
            if not is_open():
                control.element.click()  # Again, where a rerun took the place of what was pressed.
            for _ in range(20):
                if is_open():
                    return True
                time.sleep(0.1)
            return False

        self.screen.until(unfolds, "what unfolds")
        return None

    def _switch(self, control) -> Back:
        self._of(control, "label").click()
        turned = "return root.querySelector('input').checked"
        self.screen.until(lambda: self._ask(control, turned) != control.is_on, f"{control.name} to turn")
        return lambda: self._of(control, "label").click()

    def _choice(self, control) -> Back:
        target = control.element
        if control.is_labelled:
            target = self.driver.execute_script("return arguments[0].closest('label')", target)
        target.click()
        if not control.is_one_of_many:
            if not control.is_on:
                self.screen.until(lambda: self._is_chosen(control), f"{control.name} to be chosen")
            return None
        self.screen.until(lambda: self._is_chosen(control) != control.is_on, f"{control.name} to turn")
        return lambda: self._option(control).click()

    def _select(self, control) -> Back:
        before = control.element.get_attribute("value")

        self._open_list(control)
        if not self._options(but=before):
            control.element.send_keys(Keys.ESCAPE)
            return None
        said = self.screen.main_text()

        def is_changed():
            # One that holds nothing may do something at once, and go on holding nothing.
            acted = not before and self.screen.main_text() != said
            return acted or self._value(control) != before

        def took_effect():
            if is_changed():
                return True
            if not self._options(but=before):
                self._open_list(control)  # It was closed before the option was pressed.
            self._options(but=before)[-1].click()
            for _ in range(20):
                time.sleep(0.1)
                if is_changed():
                    return True
            return False

        self.screen.until(took_effect, f"{control.name} to change")

        def back():
            field = self._of(control, "input")
            field.click()
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(before)
            self.screen.until(lambda: self._press_option(before), f"the option {before}", 5)

        return back

    def _multiselect(self, control) -> Back:
        n_before = len(self._tags(control))
        self._open_list(control)
        if self._options():

            def is_changed():
                if not self._options() and len(self._tags(control)) == n_before:
                    self._open_list(control)  # A rerun closed it before the option was pressed.
                if options := self._options():
                    options[-1].click()  # The first may be one for all of them.
                    self._of(control, "input").send_keys(Keys.ESCAPE)
                    time.sleep(0.3)
                return len(self._tags(control)) != n_before

            self.screen.until(is_changed, f"{control.name} to change")
        else:
            control.element.send_keys(Keys.ESCAPE)
            self._tags(control)[0].click()
            self.screen.until(lambda: len(self._tags(control)) == n_before - 1, "one fewer to be chosen")
            return None
        return lambda: self._tags(control)[-1].click()

    def _slider(self, control) -> Back:
        before = control.element.get_attribute("value")
        for key in (Keys.END, Keys.HOME):
            control.element.send_keys(key)
            end = control.element.get_attribute("max" if key == Keys.END else "min")
            self.screen.until(lambda end=end: control.element.get_attribute("value") == end, "the end", 10)
            time.sleep(0.25)  # Streamlit waits for the hand to come to rest.
            self.screen.settle(REST)
        # Back to where it was, if that is not far: what it allowed may depend on it.
        low, step = (float(control.element.get_attribute(name) or 1) for name in ("min", "step"))
        if 0 < (n_steps := round((float(before) - low) / step)) <= 60:
            control.element.send_keys(Keys.ARROW_RIGHT * n_steps)
            time.sleep(0.25)
        return None

    def _number(self, control) -> Back:
        """Type each end of the range; where there is none, one more than there is."""
        ends = [float(control.element.get_attribute(end) or "inf") for end in ("max", "min")]
        before = float(control.element.get_attribute("value") or 0)
        values = [end for end in ends if abs(end) < ENDLESS] or [before + 1]
        for value in dict.fromkeys(values):
            field = self._of(control, "input")
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(f"{value:.12g}", Keys.TAB)
            self.screen.settle(REST)
            self.screen.until(
                lambda value=value: float(self._value(control)) == value,
                f"{control.name} to be {value}", 20,
            )  # fmt: skip
        return None

    def _text(self, control) -> Back:
        before = control.element.get_attribute("value")
        for words in ("1, 2, x", before):
            field = self._of(control, "input, textarea")
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(words or Keys.DELETE, Keys.TAB)
            self.screen.settle(REST)
            self.screen.until(
                lambda words=words: self._value(control, "input, textarea") == words,
                f"{control.name} to say {words!r}",
            )
        return None

    def _file(self, control) -> Back:
        accepts = control.element.get_attribute("accept") or "csv"
        name, content = FILES["json" if "json" in accepts else "csv"]
        file = self.folder / name
        file.write_text(content)
        control.element.send_keys(str(file))
        self.screen.until(lambda: name in self.screen.main_text(), f"{name} to be listed")
        return None

    def _table(self, control) -> Back:
        """Sort by a column, and take a cell."""
        self.screen.until(
            lambda: self._ask(control, "return Boolean(root.querySelector('[role=gridcell]'))"), "cells"
        )

        def titles():
            heads = "[...root.querySelectorAll('[role=columnheader]')].map(head => head.textContent)"
            return self._ask(control, f"return {heads}.join()")

        before = titles()
        middle = self._size(control.element)[0] // 2
        places = itertools.cycle(
            (middle, middle + 25, middle - 25)
        )  # The border of two columns sorts neither.

        def is_sorted():
            self._press_at(self._again(control).element, next(places), 15)
            time.sleep(0.1)
            self._close_menu()
            return titles() != before

        if "_editor" not in control.key:
            self.screen.until(is_sorted, f"{control.name} to be sorted", 20)
        # A second click gives it up. The first row may be the only one.
        spots = itertools.cycle(((middle, 52), (middle + 40, 52), (middle, 87)))

        def is_taken():
            self._press_at(self._again(control).element, *next(spots))
            for _ in range(10):
                time.sleep(0.1)
                if self._ask(control, "return Boolean(root.querySelector('[aria-selected=\"true\"]'))"):
                    return True
            return False

        self.screen.until(is_taken, f"a cell of {control.name} to be taken", 20)
        return None

    def _close_menu(self) -> None:
        """Close the menu of a column, which opens where a heading was pressed at its right end."""

        def is_closed():
            if not self._is_there('[data-testid="stDataFrameColumnMenu"]'):
                return True
            # The one that listens is the one that has the focus, now the menu and now the page.
            self.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
            self.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
            return False

        self.screen.until(is_closed, "the column's menu to close", 10)

    def _chart(self, control) -> Back:
        """Point at a point, read what it says, and click on it."""
        aside = itertools.cycle((0, 1))  # A hand that does not move is not noticed.

        def speaks():
            # Found anew each time: a chart that was drawn again is another element.
            chart = self._ask(control, "return root.querySelector('.js-plotly-plot')")
            if (spot := point_of(self.driver, chart)) is None:
                return "a picture: nothing in it answers"
            (across, down), (width, height) = spot, self._size(chart)
            offset = round(across - width / 2) + next(aside), round(down - height / 2)
            ActionChains(self.driver, duration=20).move_to_element_with_offset(chart, *offset).perform()
            for _ in range(10):
                if hover_text(self.driver, chart):
                    ActionChains(self.driver, duration=20).click().perform()
                    return "it said something"
                time.sleep(0.1)
            return ""

        self.screen.until(speaks, f"{control.name} to speak", 20)
        return None
