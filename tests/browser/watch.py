"""What a window does that nobody sees: what its console says, and what axe-core finds in it."""

import re
from importlib.resources import files

# On a page below the root, Streamlit's own start asks first below that page whether the server lies there,
# and then at the root. No setting turns that off.
LOOKING_FOR_THE_SERVER = re.compile(r"/[\w-]+/_stcore/(health|host-config) - Failed to load resource: .* 404")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

# What lies in Streamlit's own widgets and no setting of ours reaches: the rule, the element, and why.
KNOWN = (
    (
        "color-contrast",
        'a[data-testid="stPageLink-NavLink"][disabled]',
        "The link to the screen one is on is switched off, and inactive parts are exempt (WCAG 1.4.3). "
        "Streamlit marks it by `disabled` alone, which axe-core does not heed on a link.",
    ),
)

# What the colours of a page decide. All else is the same in light and in dark.
OF_COLOURS = ("color-contrast", "link-in-text-block")

RUN_AXE = """
const [known, rules, done] = arguments;
const exempt = (rule, target) => {
  const element = target.length === 1 && typeof target[0] === 'string' && document.querySelector(target[0]);
  return known.some(([id, selector]) => id === rule && element && element.closest(selector));
};
const all = {resultTypes: ['violations']};
axe.run(document, rules.length ? {...all, runOnly: {type: 'rule', values: rules}} : all).then(
  found => done(found.violations
    .filter(violation => ['serious', 'critical'].includes(violation.impact))
    .flatMap(violation => violation.nodes
      .filter(node => !exempt(violation.id, node.target))
      .map(node => [violation.id, node.target.join(' '), node.html.slice(0, 200), node.failureSummary]))),
  problem => done(String(problem)));
"""


def console_errors(driver):
    """What the console said at the level of an error since it was last asked.

    Whatever is asked of another machine is among it: no name leads there (`browsers.ARGUMENTS`).
    """
    return [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] == "SEVERE" and not LOOKING_FOR_THE_SERVER.search(entry["message"])
    ]


def grave_violations(driver, rules=()):
    """Return what axe-core finds serious or critical, but for `KNOWN`: rule, path, HTML and why, of each.

    Every rule is asked after, unless some are named.
    """
    if not driver.execute_script("return Boolean(window.axe)"):
        driver.execute_script(AXE)
    exempt = [[rule, selector] for rule, selector, _ in KNOWN]
    found = driver.execute_async_script(RUN_AXE, exempt, list(rules))
    assert isinstance(found, list), found
    return found
