"""Going through everything on a screen: what is seen is used, and what was not used in the end is named."""

from __future__ import annotations

from collections.abc import Callable

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.controls import Control, Glance, glance, inventory
from tests.browser.exercise import Exercises
from tests.browser.watch import console_errors

# What changes least comes first; then, from the bottom of the page up, what may change what is below it.
_FIRST = ("expander", "download", "copy", "chart", "table", "number", "slider", "text", "switch", "popover")
# What may open or bring what is still to be found, and is used again where something was missed.
_OPENING = ("expander", "file", "button")
_TRIES = 4


class Tour:
    """Uses everything that one screen offers.

    Parameters
    ----------
    screen : Screen
    exercises : Exercises
    spared : tuple of str
        How the names begin of controls that are not used here.
    unfolds_last : bool
        Whether what is folded stays so while something else is left to use: pages that carry less answer
        sooner. Not where what is used besides changes or takes away what is folded.
    """

    def __init__(
        self, screen, exercises: Exercises, spared: tuple[str, ...] = (), unfolds_last: bool = False
    ):
        self.screen = screen
        self.exercises = exercises
        self.spared = spared
        self.unfolds_last = unfolds_last
        self.seen: dict[str, None] = {}
        self.used: dict[str, None] = {}
        self.done: set[str] = set()

    def go(self, enter: Callable[[], None]) -> None:
        """Use everything on the page that `enter` opens, and see that all that was seen was used.

        What left the page before its turn, because something else was used, is looked for anew; what may
        bring it is used again for that.
        """
        for again in ((), _OPENING, _OPENING):
            self.done = {name for name in self.used if not name.startswith(again)}
            enter()
            self._use_all(self.screen.heading(), enter)
            if not self.missed:
                return
        raise AssertionError(f"Seen and not used: {', '.join(self.missed)}")

    @property
    def missed(self) -> list[str]:
        return [name for name in self.seen if name not in self.used]

    def _use_all(self, heading: str, enter: Callable[[], None]) -> None:
        ways_back = []
        after = heading
        while True:
            page = glance(self.screen)
            self._check(page, after)
            if page.heading != heading:
                enter()
                ways_back.clear()
            elif control := self._next(page):
                after = control.name
                if back := self._use(control):
                    ways_back.append(back)
                self.used[control.name] = None
                self.done.add(control.name)
            elif not page.is_page:
                self._close()
            elif ways_back and self.missed:
                self._take(ways_back.pop())
            else:
                return

    def _next(self, page: Glance) -> Control | None:
        assert page.strangers == [], "something can be used that nobody thought of"
        found = [each for each in page.controls if not each.name.startswith(self.spared)]
        self.seen.update(dict.fromkeys(each.name for each in found))
        todo = [each for each in found if each.name not in self.done]
        for kind in _FIRST[self.unfolds_last :]:
            if first := next((each for each in todo if each.kind == kind), None):
                return first
        # What is chosen can be chosen only after something else was; who follows a link loses the rest.
        todo.reverse()
        late = {"expander": 1, "link": 2}
        todo.sort(key=lambda each: (each.name in self.used, late.get(each.kind, 0), each.is_chosen))
        return todo[0] if todo else None

    def _use(self, control: Control):
        for attempt in range(_TRIES):
            try:
                return self.exercises.use(control)
            except (StaleElementReferenceException, WebDriverException) as error:
                self.screen.settle()
                same = [each for each in inventory(self.screen) if each.name == control.name]
                if not same and control.name.endswith("_cancel"):
                    return None  # The work was done before it could be stopped.
                if attempt == _TRIES - 1 or not same:
                    raise AssertionError(f"{control.name} cannot be used: {error.msg}") from error
                control = same[0]
        raise AssertionError(control.name)

    def _take(self, back: Callable[[], None]) -> None:
        try:
            back()
        except (AssertionError, WebDriverException, IndexError, StopIteration):
            return  # What was changed is no longer there, so there is nothing to put back.
        self.screen.settle()

    def _close(self) -> None:
        body = self.screen.driver.find_element(By.TAG_NAME, "body")
        body.send_keys(Keys.ESCAPE)
        self.screen.until(lambda: glance(self.screen).is_page, "what lay over the page to go", 10)

    def _check(self, page: Glance, after: str) -> None:
        assert page.exceptions == [], after
        assert page.overflow <= 0, after
        assert console_errors(self.screen.driver) == [], after
