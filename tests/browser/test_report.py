"""The report in a real browser: opened from the disk, on a telephone and on a desk, in light and in dark."""

from __future__ import annotations

import pytest

from skrec_lite.experiment.report import html_report
from tests.experiment.few_files import app_result


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html_report(app_result()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(browsers):
    with browsers.lent() as driver:
        yield driver


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, False), (1280, True)])
def test_a_report_opens_from_the_disk_at_any_width(browser, report, width, dark):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.get(report.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(18, 24, 29)" if dark else "rgb(255, 255, 255)")
    seen = browser.execute_script(
        "return [...document.querySelectorAll('svg')].filter(s => s.checkVisibility()).map(s => ["
        "  s.getBoundingClientRect().width,"
        "  Math.min(...[...s.querySelectorAll('text')].map(t => t.getBoundingClientRect().height)),"
        "  [...s.querySelectorAll('text')].every(t => t.getBoundingClientRect().right"
        "    <= s.getBoundingClientRect().right + 1)])"
    )
    assert len(seen) > 8, "one chart of each pair is shown"
    for chart_width, letter_height, is_whole in seen:
        assert chart_width <= width
        assert letter_height >= 11, "letters can be read without zooming"
        assert is_whole, "no label is cut off at the right"


def test_paper_is_white_in_the_dark(browser, report):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]},
    )
    browser.get(report.as_uri())
    names = browser.execute_script(
        "return [getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('svg text.name')).fill,"
        " getComputedStyle(document.querySelector('nav')).display]"
    )
    assert names == ["rgb(255, 255, 255)", "rgb(0, 114, 178)", "none"]
