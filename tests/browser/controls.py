"""Every control that a screen offers, found by what Streamlit says of it, and named for good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

#: Where controls are looked for: in what lies over the page, if anything does, else on the page.
AREAS = ('[data-testid="stPopoverBody"]', '[role="dialog"]', '[data-testid="stMain"]')
_LOOK = """
const [areas, known] = arguments;
const seen = areas.filter(each => [...document.querySelectorAll(each)].some(one => one.checkVisibility()));
if (!seen.length) return null;
const area = document.querySelector(seen[0]);
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
        element.matches('[aria-checked="true"], [aria-pressed="true"], :checked'),
        element.tagName === "INPUT", element.hasAttribute("aria-pressed")]);
    }
  }
}
const order = (a, b) => a[3].compareDocumentPosition(b[3]) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
// What can take the focus but belongs to no kind of control: nothing may be overlooked because it is new.
const strangers = [
  ...area.querySelectorAll("button, input, textarea, select, summary, a[href], [role=combobox]")]
  .filter(element => isThere(element) && !element.closest(known))
  .map(element => element.outerHTML.slice(0, 200));
const main = document.querySelector('[data-testid="stMain"]');
return {
  area: seen[0], heading: document.querySelector("h1")?.innerText.trim() || "",
  found: found.sort(order), strangers,
  exceptions: [...document.querySelectorAll('[data-testid="stException"]')].map(box => box.innerText),
  overflow: Math.max(document.documentElement.scrollWidth, main.scrollWidth) - window.innerWidth,
};
"""
_KNOWN = ",".join([
    f'[data-testid="{name}"]'
    for name in (
        "stButton", "stFormSubmitButton", "stDownloadButton", "stPopover", "stExpander", "stCheckbox",
        "stButtonGroup", "stRadio", "stSelectbox", "stMultiSelect", "stSlider", "stNumberInput",
        "stTextInput", "stTextArea", "stFileUploader", "stPageLink", "stDataFrame", "stPlotlyChart", "stCode",
        # A question mark that says more, and the buttons over a table or a chart: Streamlit's own.
        "stElementToolbar", "stTabs", "stHeadingWithActionElements",
    )
] + ['[data-testid="stMarkdownContainer"] a', 'button[aria-label^="Help for"]'])  # fmt: skip
# Ids of runs and of users, and the clicked part of a bar, stand in keys, and change from test to test.
_PASSING = re.compile(r"(?<=^runs_)(.*)_[\w-]{22}$|(?<=^lost_users)_.*$|_\d{2,}")


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
    is_labelled : bool
        Whether it is an input, with a label around it.
    is_one_of_many : bool
        Whether it is a button that others may be pressed in beside.
    element : WebElement
        What is clicked or typed into.
    root : WebElement
        The whole widget.
    """

    kind: str
    key: str
    label: str
    is_on: bool
    is_labelled: bool
    is_one_of_many: bool
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


@dataclass(frozen=True)
class Glance:
    """All that a tour wants to know of a page, asked in one go.

    Attributes
    ----------
    area : str
        Where the controls are: in what lies over the page, if anything does, else on the page.
    heading : str
    controls : list of Control
        Every control that can be used now, in the order of the page.
    strangers : list of str
        What can be clicked or typed into, but is of no kind that is known.
    exceptions : list of str
    overflow : int
        How many pixels of the page lie past the right edge of the window.
    """

    area: str
    heading: str
    controls: list[Control]
    strangers: list[str]
    exceptions: list[str]
    overflow: int

    @property
    def is_page(self) -> bool:
        """Whether nothing lies over the page."""
        return self.area == AREAS[-1]


def glance(screen) -> Glance:
    """Look at what the window shows now."""
    seen = screen.until(lambda: screen.driver.execute_script(_LOOK, AREAS, _KNOWN), "a page")
    controls = [
        Control(kind, _PASSING.sub(r"\1", key), label, *ways, element, root)
        for kind, key, label, element, root, *ways in seen["found"]
    ]
    return Glance(
        seen["area"], seen["heading"], controls, seen["strangers"], seen["exceptions"], seen["overflow"]
    )


def inventory(screen) -> list[Control]:
    """Return every control that can be used now, in the order of the page."""
    return glance(screen).controls
