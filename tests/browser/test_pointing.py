"""What a chart says of a bar that is too flat to be hit, and that no test points at one."""

import numpy as np
import plotly.graph_objects as go
import pytest
from selenium.webdriver.common.action_chains import ActionChains

from pages.components.charts_learn import products_chart
from skrec_lite.experiment.lessons.embedding import Products
from tests.browser.points import hover_text, points_of
from tests.browser.screen import Screen

_FLAT = 5


@pytest.fixture
def draw(browsers, tmp_path):
    """Return a function that draws a figure in a lent browser."""
    page = tmp_path / "chart.html"
    with browsers.lent() as driver:

        def drawn(figure):
            figure.write_html(page, include_plotlyjs=True)
            driver.get(page.as_uri())
            Screen(driver, "").until(
                lambda: driver.find_elements("css selector", ".js-plotly-plot .main-svg"), "the chart"
            )
            return driver.find_element("css selector", ".js-plotly-plot")

        yield drawn


def test_a_number_speaks_in_all_three_rows_though_its_bar_is_flat(draw):
    user, item = np.linspace(0.1, 0.5, 9), np.linspace(-0.4, 0.4, 9)
    item[_FLAT] = 1e-5
    chart = draw(products_chart(Products(user, item, user * item, float(user @ item))))
    places = [(across, down) for across, down, trace, i in points_of(chart.parent, chart) if i == _FLAT]
    assert len(places) == 1, "the reader's bar; the book's and the product's are flat"
    assert said_at(chart, places[0][0], down=260) == "number 6 reader 0.350 book 0.000 product 0.000"


def test_a_flat_bar_is_not_pointed_at(draw):
    for figure in (go.Bar(x=[1, 2, 3], y=[5, 1e-5, 2]), go.Bar(x=[5, 1e-5, 2], y=[1, 2, 3], orientation="h")):
        chart = draw(go.Figure(figure, {"width": 600, "height": 400, "hovermode": "closest"}))
        found = points_of(chart.parent, chart)
        assert [i for *_, i in found] == [0, 2]
        assert all(said_at(chart, across, down) for across, down, *_ in found)


def said_at(chart, across, down):
    driver = chart.parent
    width, height = chart.size["width"], chart.size["height"]
    hand = ActionChains(driver, duration=20)
    hand.move_to_element_with_offset(chart, round(across - width / 2), round(down - height / 2)).perform()
    return Screen(driver, "").until(lambda: hover_text(driver, chart), "the chart to speak", 10)
