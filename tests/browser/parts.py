"""The parts of a control, found anew each time, because a rerun may have replaced them."""

from __future__ import annotations

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.browser.controls import inventory


class Parts:
    """Finds parts of controls in one window."""

    def __init__(self, screen):
        self.screen = screen
        self.driver = screen.driver

    def _of(self, control, tag: str):
        return self._again(control).root.find_element(By.TAG_NAME, tag)

    def _again(self, control):
        try:
            control.root.is_enabled()
        except StaleElementReferenceException:
            return next(each for each in inventory(self.screen) if each.name == control.name)
        return control

    def _cells(self, control, selector: str):
        return self._again(control).root.find_elements(By.CSS_SELECTOR, selector)

    def _option(self, control):
        kind = "button" if control.element.tag_name == "button" else "label"
        option = self.driver.execute_script(
            "return [...arguments[0].querySelectorAll(arguments[1])].find("
            "one => one.innerText.includes(arguments[2]));",
            self._again(control).root, kind, control.label,
        )  # fmt: skip
        assert option is not None, f"{control.name} is gone"
        return option

    def _is_chosen(self, control) -> bool:
        option = self._option(control)
        if option.tag_name == "label":
            return option.find_element(By.TAG_NAME, "input").is_selected()
        return "true" in (option.get_attribute("aria-checked"), option.get_attribute("aria-pressed"))

    def _tags(self, control):
        return self._again(control).root.find_elements(By.CSS_SELECTOR, '[aria-label^="Remove"]')

    def _open_list(self, control) -> None:
        self._again(control).root.find_element(By.CSS_SELECTOR, '[aria-label="Open"]').click()
        self.screen.until(
            lambda: self.driver.find_elements(By.CSS_SELECTOR, '[role="listbox"]'),
            f"the list of {control.name}",
        )

    def _options(self):
        found = self.driver.find_elements(By.CSS_SELECTOR, '[role="listbox"] [role="option"]')
        return [option for option in found if option.get_attribute("aria-disabled") != "true"]

    def _press_option(self, words: str) -> bool:
        for option in self._options():
            if option.text == words:
                option.click()
                return True
        return False

    def _press_at(self, element, across: int, down: int) -> None:
        size = element.size
        offset = across - size["width"] // 2, min(down, size["height"] - 5) - size["height"] // 2
        ActionChains(self.driver, duration=20).move_to_element_with_offset(element, *offset).click().perform()
