"""Clicks that lead somewhere: to users, items and pictures, and from an own csv to its first chart."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from skrec_lite import load_sample
from tests.browser.exercise import Exercises
from tests.browser.points import points_of
from tests.browser.watch import console_errors

COUNT_CLICKS = "window.clicks = 0; document.addEventListener('click', () => window.clicks++, true)"
#: The button, the file in the system's dialog, and the dialog's own button.
CLICKS_OF_AN_UPLOAD = 3


def chart_of(screen, key):
    frame = screen.key(key)
    screen.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", frame)
    return screen.until(lambda: frame.find_element(By.CSS_SELECTOR, ".js-plotly-plot"), f"the chart {key}")


def press_point(screen, chart, place):
    across, down = place[0] - chart.size["width"] / 2, place[1] - chart.size["height"] / 2
    actions = ActionChains(screen.driver).move_to_element_with_offset(chart, round(across), round(down))
    actions.pause(0.3).click().perform()
    screen.settle()


def chosen_option(screen, key):
    return screen.key(key).find_element(By.CSS_SELECTOR, '[aria-checked="true"]').text


def field(screen, key):
    return screen.key(key).find_element(By.TAG_NAME, "input").get_attribute("value")


def at(screen, title):
    screen.show_at(1440, 900)
    screen.go_to(title)
    return screen


def test_a_click_on_a_bar_leads_to_the_users_behind_it_and_to_one_of_them(finished):
    screen = at(finished, "Compare")
    screen.open_section("Lost items")
    chart = chart_of(screen, "compare_funnel_chart")
    before = chosen_option(screen, "lost_retriever"), chosen_option(screen, "lost_fate")
    for place in points_of(screen.driver, chart):
        press_point(screen, chart_of(screen, "compare_funnel_chart"), place)
        after = chosen_option(screen, "lost_retriever"), chosen_option(screen, "lost_fate")
        if before[0] != after[0] and before[1] != after[1]:
            break
    assert before[0] != after[0]
    assert before[1] != after[1], "both the retriever and what became of the items follow the click"
    user = field(screen, "lost_user").split(":")[0].strip()
    screen.click_in('[class~="st-key-lost_to_candidates"] button')
    screen.until(lambda: screen.heading() == "Candidates", "their pools")
    screen.until(lambda: field(screen, "user") == user, f"user {user} to be shown")
    assert screen.exceptions() == []


def test_a_click_on_a_point_of_the_taste_map_shows_that_item(finished):
    screen = at(finished, "Candidates")
    screen.click("On a map of all items")
    screen.until(lambda: screen.key("taste_chart"), "the map")
    chart = chart_of(screen, "taste_chart")
    before = field(screen, "taste_item")
    places = points_of(screen.driver, chart)
    for place in (places[len(places) // 3], places[-1], places[0]):
        press_point(screen, chart_of(screen, "taste_chart"), place)
        if field(screen, "taste_item") != before:
            break
    assert field(screen, "taste_item") != before
    assert screen.exceptions() == []


def test_a_click_on_a_row_explains_that_candidate(finished):
    screen = at(finished, "Candidates")
    table = screen.key("candidates_pool_content")
    canvas = screen.until(lambda: table.find_element(By.TAG_NAME, "canvas"), "the table")
    screen.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    title = screen.until(
        lambda: table.find_element(By.CSS_SELECTOR, '[data-testid="glide-cell-1-3"]'), "rows"
    )
    words = screen.driver.execute_script("return arguments[0].textContent", title).lstrip("○● ")
    offset = 100 - canvas.size["width"] // 2, 52 + 3 * 35 - canvas.size["height"] // 2
    ActionChains(screen.driver).move_to_element_with_offset(canvas, *offset).click().perform()
    screen.until(lambda: words in field(screen, "why_candidate"), f"{words!r} to be explained")
    assert chosen_option(screen, "retriever") == "Content-based"
    assert screen.exceptions() == []


def test_a_chart_is_saved_as_a_picture_with_a_name_of_its_own(finished, tmp_path):
    screen = at(finished, "Compare")
    screen.open_section("Pools")
    files = Exercises(screen, tmp_path)
    chart = chart_of(screen, "compare_recall")
    ActionChains(screen.driver).move_to_element(chart).perform()
    chart.find_element(By.CSS_SELECTOR, '.modebar-btn[aria-label*="PNG"]').click()
    file = files.wait_for_file("the chart", ".png")
    assert file.read_bytes().startswith(b"\x89PNG")
    assert "recall" in file.name
    assert console_errors(screen.driver) == []


def test_an_own_csv_becomes_a_recall_chart_in_fewer_than_ten_clicks(open_screen, tmp_path):
    interactions, _ = load_sample()
    few = interactions[interactions["USER_ID"].isin(interactions["USER_ID"].drop_duplicates().head(250))]
    names = {"USER_ID": "customer", "ITEM_ID": "article", "OUTCOME": "stars", "TIMESTAMP": "bought_at"}
    few.rename(columns=names).to_csv(tmp_path / "orders.csv", index=False)
    screen = open_screen().open()
    screen.driver.execute_script(COUNT_CLICKS)
    screen.go_to("Data")
    screen.upload(tmp_path / "orders.csv")
    screen.click("Use this data")
    screen.until_text("This data is loaded.")
    screen.click("Home")
    screen.click("Run the comparison")
    chart = screen.until(lambda: chart_of(screen, "home_recall"), "the recall chart", seconds=180)
    names = {name for *_, name, _ in points_of(screen.driver, chart)}
    clicks = screen.driver.execute_script("return window.clicks") + CLICKS_OF_AN_UPLOAD
    print(f"\nFrom an own csv to the first recall chart: {clicks} clicks")
    assert {"Embedding", "Popularity"} <= names
    assert "250" in screen.main_text()
    assert 5 <= clicks < 10
