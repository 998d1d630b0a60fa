"""The Playground in a real browser: every control does what it says, and a link brings a history back."""

import itertools
import re
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.watch import console_errors


def open_part(screen, name):
    screen.show_at(1440, 900)
    screen.go_to("Playground")
    press(screen, "try", name)


def widget(screen, key):
    return screen.until(
        lambda: screen.driver.find_element(By.CSS_SELECTOR, f'[class~="st-key-{key}"]'), f"the widget {key}"
    )


def press(screen, key, label=""):
    """Press the button of a widget that says `label`."""

    def done():
        for button in widget(screen, key).find_elements(By.TAG_NAME, "button"):
            if label in button.text and button.is_enabled() and button.is_displayed():
                screen.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
                button.click()
                return True
        return False

    screen.until(done, f"the button {label!r} of {key}")
    screen.settle()


def is_off(screen, key):
    return not widget(screen, key).find_element(By.TAG_NAME, "button").is_enabled()


def pick(screen, key, words):
    """Type into the list of a widget and take what it offers first; a rerun may close the list before."""
    before = itertools.chain([()], itertools.repeat((Keys.CONTROL, "a")))

    def taken():
        field = widget(screen, key).find_element(By.CSS_SELECTOR, "input")
        field.click()
        field.send_keys(*next(before), words)
        for _ in range(50):
            if screen.driver.find_elements(By.CSS_SELECTOR, '[role="option"]'):
                field.send_keys(Keys.ENTER)
                return True
            time.sleep(0.1)
        return False

    screen.until(taken, f"an option of {key}")
    screen.settle()


def write(screen, key, words, tag="input"):
    field = widget(screen, key).find_element(By.CSS_SELECTOR, tag)
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(words, Keys.TAB)
    screen.settle()


def slide(screen, key, where):
    thumb = widget(screen, key).find_element(By.CSS_SELECTOR, 'input[type="range"], [role="slider"]')
    screen.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", thumb)
    thumb.send_keys(where)
    screen.settle()


def tags(screen, key):
    found = widget(screen, key).find_elements(By.CSS_SELECTOR, '[aria-label^="Remove"]')
    return [tag.get_attribute("aria-label") for tag in found]


def history_key(screen):
    return screen.until(
        lambda: next(
            name.removeprefix("st-key-")
            for frame in screen.driver.find_elements(By.CSS_SELECTOR, '[class*="st-key-what_if_history_"]')
            for name in frame.get_attribute("class").split()
            if name.startswith("st-key-what_if_history_")
        ),
        "the history",
    )


def assert_whole(screen):
    assert screen.exceptions() == []
    assert screen.sideways_overflow() <= 0
    assert console_errors(screen.driver) == []


def test_a_history_is_changed_step_by_step_and_back(finished):
    open_part(finished, "Another history")
    press(finished, "what_if_start", "This user's history")
    key = history_key(finished)
    whole = tags(finished, key)
    assert "Nothing changed: every pool and every list is as before." in finished.main_text()
    assert is_off(finished, "what_if_undo")
    press(finished, "what_if_latest")
    finished.until(lambda: tags(finished, key) == whole[:5], "the latest five")
    finished.until_text("5 items in the history")
    said = re.search(r"New among 200 candidates: .*\.", finished.main_text())[0]
    assert all(name in said for name in ("embedding", "content-based", "popularity"))
    assert "dropped=" in finished.driver.current_url
    pick(finished, "what_if_kind", "Romance")
    finished.until_text("8 items in the history")
    press(finished, "what_if_pipeline", "Full catalogue")
    finished.until(lambda: len(finished.charts()) >= 2, "both charts")
    press(finished, "what_if_undo")
    finished.until_text("5 items in the history")
    press(finished, "what_if_empty")
    finished.until_text("0 items in the history")
    press(finished, "what_if_reset")
    finished.until(lambda: tags(finished, key) == whole, "the training history")
    assert "dropped=" not in finished.driver.current_url
    press(finished, "what_if_start", "Make up a user")
    finished.until_text("What this person chose")
    pick(finished, "what_if_kind", "Poetry")
    finished.until_text("3 items in the history")
    finished.until_text("Compared with a stranger")
    press(finished, "what_if_start", "This user's history")
    assert_whole(finished)


def test_a_link_brings_a_changed_history_back(finished, open_screen, address):
    open_part(finished, "Another history")
    press(finished, "what_if_start", "This user's history")
    press(finished, "what_if_latest")
    finished.until_text("5 items in the history")
    said = re.search(r"New among 200 candidates: .*\.", finished.main_text())[0]
    press(finished, "what_if_share")
    link = finished.until(
        lambda: finished.driver.find_element(By.CSS_SELECTOR, '[data-testid="stPopoverBody"] code').text, "it"
    )
    finished.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    press(finished, "what_if_reset")
    other = open_screen(390, 844, dark=True)
    other.open(link.removeprefix(f"{address}/"))
    other.until_text("5 items in the history", seconds=90)
    assert said in other.main_text()
    assert_whole(other)


def test_own_candidates_by_rule_paste_and_upload(finished, tmp_path):
    open_part(finished, "Own candidates")
    press(finished, "own_way", "By a rule")
    finished.until_text("These candidates hold")
    pick(finished, "own_columns", "price")
    slide(finished, "own_range_price", Keys.ARROW_RIGHT)
    before = re.search(r"These candidates hold .*", finished.main_text())[0]
    pick(finished, "own_values_genres", "Poetry")
    finished.until(lambda: before not in finished.main_text(), "another figure")
    press(finished, "own_pipeline", "Content-based")
    press(finished, "own_way", "Paste")
    write(finished, "own_text", "1, 2; 2\n3.0, nonsense", "textarea")
    finished.until_text("2 ids not in the catalogue, left out: 3.0 and nonsense")
    assert "without '.0' at the end" in finished.main_text()
    assert "1 repeated id counted once" in finished.main_text()
    press(finished, "own_way", "Upload")
    mine = tmp_path / "mine.csv"
    mine.write_text("USER_ID,ITEM_ID\n" + "".join(f"{user},{user % 50 + 1}\n" for user in range(1, 2001)))
    finished.upload(mine)
    finished.until_text("2,000 users with candidates of their own.")
    finished.until_text("These candidates hold")
    assert_whole(finished)


def test_a_new_item_is_described_found_and_taken_back(finished, tmp_path):
    open_part(finished, "New items")
    press(finished, "new_items_way", "Describe one")
    finished.until_text("None yet")
    pick(finished, "new_item_like", "The")
    press(finished, "new_item_add")
    finished.until_text("1 new item.")
    assert "Never: embedding." in finished.main_text()
    assert "it has no vector" in finished.main_text()
    finished.click("Each new item, place by place")
    finished.click("What they push aside")
    finished.until(lambda: len(finished.charts()) >= 1, "the chart of ranks")
    press(finished, "new_items_way", "Upload a table")
    more = tmp_path / "more.csv"
    more.write_text("ITEM_ID,TITLE,genres\nx1,One more,Poetry\nx2,And another,Romance\n")
    finished.upload(more)
    press(finished, "new_items_add")
    finished.until_text("3 new items.")
    press(finished, "new_items_clear")
    finished.until_text("None yet")
    assert_whole(finished)


def test_pools_are_merged_by_weights_and_taken_to_train(finished):
    open_part(finished, "Merged pools")
    press(finished, "merge_method", "Reciprocal rank fusion")
    finished.until_text("Together they find")
    for key in ("merge_weight_content", "merge_constant"):
        before = re.search(r"Together they find .*", finished.main_text())[0]
        slide(finished, key, Keys.END)
        finished.until(lambda before=before: before not in finished.main_text(), f"{key} to count")
    press(finished, "merge_method", "Quotas")
    finished.until_text("Each retriever fills its share")
    for key in ("content", "popularity"):
        slide(finished, f"merge_weight_{key}", Keys.HOME)
    finished.until_text("Only embedding has a weight")
    assert is_off(finished, "merge_to_train")
    slide(finished, "merge_weight_embedding", Keys.HOME)
    finished.until_text("Every weight is 0")
    slide(finished, "merge_weight_popularity", Keys.ARROW_RIGHT * 4)
    slide(finished, "merge_weight_content", Keys.ARROW_RIGHT * 4)
    finished.until_text("Together they find")
    press(finished, "merge_to_train")
    finished.until(lambda: finished.heading() == "Train", "the form")
    finished.until_text("How the pools are merged")
    assert_whole(finished)


def test_how_a_retriever_of_ones_own_is_written(finished):
    open_part(finished, "Own retriever")
    finished.until_text("No retriever of one's own is loaded")
    code = finished.driver.find_element(By.CSS_SELECTOR, '[data-testid="stCode"]').text
    assert "class TrendingRetriever(BaseCandidateRetriever)" in code
    assert not widget(finished, "own_retriever_file").find_elements(By.CSS_SELECTOR, "button[disabled]")
    press(finished, "try", "Another history")
    assert_whole(finished)
