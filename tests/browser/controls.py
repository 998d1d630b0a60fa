"""Every control that a screen offers, found by what Streamlit says of it, and named for good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

#: Where controls are looked for: in what lies over the page, if anything does, else on the page.
AREAS = ('[data-testid="stPopoverBody"]', '[role="dialog"]', '[data-testid="stMain"]')
_FIND = """
const area = document.querySelector(arguments[0]);
if (!area) return null;
const KINDS = {
  stButton: ["button", "button"], stFormSubmitButton: ["button", "button"],
  stDownloadButton: ["download", "button"], stPopover: ["popover", "button"],
  stExpander: ["expander", "summary"],
  stCheckbox: ["switch", "input"], stButtonGroup: ["choice", "button"], stRadio: ["choice", "input"],
  stSelectbox: ["select", "input"], stMultiSelect: ["multiselect", "input"], stSlider: ["slider", "input"],
  stNumberInput: ["number", "input"], stTextInput: ["text", "input"], stTextArea: ["text", "textarea"],
  stFileUploader: ["file", "input"], stPageLink: ["link", "a[href]"],
  stDataFrame: ["table", 'canvas[data-testid="data-grid-canvas"]'],
  stPlotlyChart: ["chart", ".js-plotly-plot"],
  stCode: ["copy", "button"],
};
const isThere = element => element.checkVisibility() && !element.closest("[inert]");
const words = (kind, element, root) => {
  if (kind === "table") return root.querySelector("[role=region]")?.getAttribute("aria-label") || "";
  if (kind === "copy") return "code";
  if (kind === "chart") return root.getAttribute("aria-label") || "";
  const said = (element.closest("label") || element).cloneNode(true);
  said.querySelectorAll("[data-testid$=Icon], [data-testid=stIconMaterial]").forEach(icon => icon.remove());
  return said.textContent.trim() || element.getAttribute("aria-label") || "";
};
const anyKind = Object.keys(KINDS).map(id => `[data-testid="${id}"]`).join();
const found = [];
for (const [testId, [kind, part]] of Object.entries(KINDS)) {
  for (const root of area.querySelectorAll(`[data-testid="${testId}"]`)) {
    for (const element of root.querySelectorAll(part)) {
      if (element.matches('[aria-label^="Help for"]')) continue;
      if (element.parentElement.closest(anyKind) !== root) continue;
      if (!isThere(kind === "switch" || kind === "file" ? root : element)) continue;
      if (element.disabled || element.hasAttribute("disabled")) continue;
      if (kind === "multiselect" && element.type !== "text") continue;
      // What folds and what pops up is keyed at its own frame; that of anything else is around it.
      const frame = ["expander", "popover"].includes(kind) ? "stLayoutWrapper" : "stElementContainer";
      const keyed = root.closest(`[class*="st-key-"][data-testid="${frame}"]`);
      const key = keyed ? [...keyed.classList].find(name => name.startsWith("st-key-")).slice(7) : "";
      found.push([kind, key, words(kind, element, root), element, root,
        element.matches('[aria-checked="true"], [aria-pressed="true"], :checked')]);
    }
  }
}
const order = (a, b) => a[3].compareDocumentPosition(b[3]) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
return found.sort(order);
"""
# What can take the focus but belongs to no kind of control: nothing may be overlooked because it is new.
_STRANGERS = """
const area = document.querySelector(arguments[0]);
const known = arguments[1].join();
return [...area.querySelectorAll("button, input, textarea, select, summary, a[href], [role=combobox]")]
  .filter(element => element.checkVisibility() && !element.closest("[inert]") && !element.closest(known))
  .map(element => element.outerHTML.slice(0, 200));
"""
_KNOWN = [
    f'[data-testid="{name}"]'
    for name in (
        "stButton", "stFormSubmitButton", "stDownloadButton", "stPopover", "stExpander", "stCheckbox",
        "stButtonGroup", "stRadio", "stSelectbox", "stMultiSelect", "stSlider", "stNumberInput",
        "stTextInput", "stTextArea", "stFileUploader", "stPageLink", "stDataFrame", "stPlotlyChart", "stCode",
        # A question mark that says more, and the buttons over a table or a chart: Streamlit's own.
        "stElementToolbar", "stTabs", "stHeadingWithActionElements",
    )
] + ['[data-testid="stMarkdownContainer"] a', 'button[aria-label^="Help for"]']  # fmt: skip
# Ids of runs and of users stand in keys, and change from test to test.
_PASSING = re.compile(r"(?<=^runs_)(.*)_[\w-]{22}$|_\d{2,}")


@dataclass(frozen=True)
class Control:
    """One control as it stands on the screen at the moment.

    Attributes
    ----------
    kind : str
    key : str
        The widget's key, with ids that change taken out; empty where it has none.
    label : str
        What it says.
    is_on : bool
        Whether it is what is chosen.
    element : WebElement
        What is clicked or typed into.
    root : WebElement
        The whole widget.
    """

    kind: str
    key: str
    label: str
    is_on: bool
    element: Any
    root: Any

    @property
    def is_chosen(self) -> bool:
        """Whether it is the option that is on already, among others."""
        return self.kind == "choice" and self.is_on

    @property
    def name(self) -> str:
        """Which control it is, whatever happens to the page."""
        if self.key and self.kind != "choice":
            return f"{self.kind} {self.key}"
        return " ".join(part for part in (self.kind, self.key, self.label) if part)


def area(screen) -> str:
    """Where controls are to be looked for now."""
    for selector in AREAS:
        if screen.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].some(area => area.checkVisibility())",
            selector,
        ):
            return selector
    raise AssertionError("there is no page")


def inventory(screen) -> list[Control]:
    """Return every control that can be used now, in the order of the page."""
    found = screen.until(lambda: screen.driver.execute_script(_FIND, area(screen)) or [None], "the page")
    return [
        Control(kind, _PASSING.sub(r"\1", key), label, is_on, element, root)
        for kind, key, label, element, root, is_on in (each for each in found if each is not None)
    ]


def strangers(screen) -> list[str]:
    """Return what can be clicked or typed into, but is of no kind that `inventory` knows."""
    return screen.driver.execute_script(_STRANGERS, area(screen), _KNOWN)
