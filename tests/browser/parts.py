"""The parts of a control, found anew each time, because a rerun may have replaced them."""

from __future__ import annotations

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.controls import inventory

_OPTIONS = """
return [...document.querySelectorAll('[role="listbox"] [role="option"]')].filter(option =>
  option.getAttribute("aria-disabled") !== "true" && !["", arguments[0]].includes(option.innerText));
"""
_CHOSEN = '[aria-checked="true"], [aria-pressed="true"], :has(:checked)'
_OPTION = "[...root.querySelectorAll(arguments[1])].find(one => one.innerText.includes(arguments[2]))"


def _option_of(control) -> tuple[str, str]:
    """Return what an option of a group is, a button or a label around its input, and what it says."""
    return ("label" if control.is_labelled else "button"), control.label


class Parts:
    """Finds parts of controls in one window."""

    def __init__(self, screen):
        self.screen = screen
        self.driver = screen.driver

    def _of(self, control, tag: str):
        return self._ask(control, "return root.querySelector(arguments[1])", tag)

    def _value(self, control, tag: str = "input") -> str:
        return self._ask(control, "return root.querySelector(arguments[1]).value", tag)

    def _ask(self, control, script: str, *words):
        """Return what a script says of a control; in it `root` is the whole widget."""
        script = f"const root = arguments[0]; {script}"
        try:
            return self.driver.execute_script(script, control.root, *words)
        except StaleElementReferenceException:
            return self.driver.execute_script(script, self._again(control).root, *words)

    def _again(self, control):
        """Return the control as it is now; it was replaced, perhaps."""
        if self._is_stale(control.root):
            return next(each for each in inventory(self.screen) if each.name == control.name)
        return control

    def _is_stale(self, element) -> bool:
        try:
            return not self.driver.execute_script("return arguments[0].isConnected", element)
        except StaleElementReferenceException:
            return True

    def _option(self, control):
        option = self._ask(control, f"return {_OPTION}", *_option_of(control))
        assert option is not None, f"{control.name} is gone"
        return option

    def _is_chosen(self, control) -> bool:
        return self._ask(control, f"return {_OPTION}.matches(arguments[3])", *_option_of(control), _CHOSEN)

    def _is_there(self, selector: str) -> bool:
        return self.driver.execute_script("return Boolean(document.querySelector(arguments[0]))", selector)

    def _tags(self, control):
        return self._ask(control, "return [...root.querySelectorAll('[aria-label^=\"Remove\"]')]")

    def _open_list(self, control) -> None:
        self._ask(control, "return root.querySelector('[aria-label=\"Open\"]')").click()
        self.screen.until(lambda: self._is_there('[role="listbox"]'), f"the list of {control.name}")

    def _options(self, but: str = ""):
        """Return the options of the list that is open, but for those that say nothing or `but`."""
        return self.driver.execute_script(_OPTIONS, but)

    def _press_option(self, words: str) -> bool:
        for option in self._options():
            if option.text == words:
                option.click()
                return True
        return False

    def _press_at(self, element, across: int, down: int) -> None:
        width, height = self._size(element)
        offset = across - width // 2, min(down, height - 5) - height // 2
        ActionChains(self.driver, duration=20).move_to_element_with_offset(element, *offset).click().perform()

    def _size(self, element) -> tuple[int, int]:
        script = "const box = arguments[0].getBoundingClientRect(); return [box.width, box.height]"
        width, height = self.driver.execute_script(script, element)
        return round(width), round(height)
