"""Long work of its own screens: a sweep that is cancelled and made, and the ways to a first run."""

from tests.browser.watch import console_errors, grave_violations


def test_a_sweep_is_cancelled_and_made(finished):
    screen = finished
    screen.show_at(1440, 900)
    screen.go_to("Compare")
    screen.open_section("Pool size")
    screen.click("Sweep pool sizes")
    screen.click("Cancel")
    screen.until_text("The sweep was cancelled")
    screen.click("Sweep pool sizes")
    screen.until_text("Which size to take", seconds=120)
    screen.settle()
    assert "Sweep again" in screen.text()
    assert len(screen.charts()) >= 2
    budget = screen.key("sweep_budget").find_element("tag name", "input")
    before = screen.main_text()
    budget.send_keys("\ue011")  # The Home key: the tightest budget.
    screen.until(lambda: screen.main_text() != before, "other advice")
    assert screen.exceptions() == []
    assert console_errors(screen.driver) == []


def test_a_screen_without_a_run_offers_both_ways_to_one(open_screen):
    screen = open_screen().open()
    screen.go_to("Rankings")
    screen.click("Choose first")
    screen.until(lambda: screen.heading() == "Train", "the choices")
    screen.click("Hyper-parameters")
    screen.fill("Factors", 256)
    screen.fill("Epochs", 100)
    screen.click("Run")
    screen.until_text("of 100")
    screen.go_to("Rankings")
    screen.click("Watch it")
    screen.until(lambda: screen.heading() == "Train", "the run under way")
    assert grave_violations(screen.driver) == []
    screen.click("Cancel")
    screen.until_text("The run was cancelled")
    screen.go_to("Compare")
    screen.click("Run with defaults")
    screen.until(lambda: screen.heading() == "Train", "the run under way")
    screen.until_text("Result", seconds=180)
    screen.go_to("Compare")
    assert screen.charts()
    assert screen.exceptions() == []
