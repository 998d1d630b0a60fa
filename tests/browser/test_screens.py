"""Every screen after one run: it fits, says something, is legible to all, and keeps to this machine.

One window serves all tests of this file, as one person who resizes it and changes the system's colours. A
picture of each screen is left in pytest's temporary folder.
"""

import io

import pytest
from PIL import Image

from tests.browser.watch import OF_COLOURS, console_errors, grave_violations

SIZES = {"narrow": (390, 844), "broad": (1920, 1080)}
WIDE = (1440, 900)
SCHEMES = {False: "light", True: "dark"}


def in_both_schemes(screen, width, height, first):
    """Yield light and dark on the screen that is open, first the one in which it was entered."""
    for dark in (first, not first):
        screen.show_at(width, height, dark)
        screen.until(lambda dark=dark: (screen.background_luminance() < 0.2) is dark, SCHEMES[dark])
        screen.settle()
        yield dark


def assert_fits(screen, file):
    """Nothing is broken, blank or past the edge; leave a picture."""
    picture = screen.driver.get_screenshot_as_png()
    file.write_bytes(picture)
    assert screen.exceptions() == [], file.stem
    assert screen.sideways_overflow() <= 0, file.stem
    assert len(screen.main_text()) > 40, file.stem
    colours = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(2**24)
    assert len(colours) > 50, f"{file.stem} is blank"


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_fits(finished, size, tmp_path):
    for place, (title, _) in enumerate(finished.screens()):
        finished.show_at(*SIZES[size], dark=place % 2 == 1)
        finished.go_to(title)
        for dark in in_both_schemes(finished, *SIZES[size], first=place % 2 == 1):
            assert_fits(finished, tmp_path / f"{title}-{size}-{SCHEMES[dark]}.png")
    assert console_errors(finished.driver) == []


def test_every_section_fits_and_axe_finds_nothing_serious(finished, tmp_path):
    found, place = [], 0
    finished.show_at(*WIDE)
    for title, _ in finished.screens():
        finished.go_to(title)
        for section in finished.sections():
            finished.open_expanders()
            for dark in in_both_schemes(finished, *WIDE, first=place % 2 == 1):
                assert_fits(finished, tmp_path / f"{title}-{section}-wide-{SCHEMES[dark]}.png")
                is_second = dark != (place % 2 == 1)
                grave = grave_violations(finished.driver, OF_COLOURS if is_second else ())
                found += [(title, section, SCHEMES[dark], *violation) for violation in grave]
            place += 1
    assert not found, "\n".join(map(str, found))
    assert console_errors(finished.driver) == []


@pytest.mark.parametrize(
    "ask",
    [
        "fetch('https://example.com/a').catch(() => 0)",
        "new WebSocket('wss://203.0.113.1/a')",
        "navigator.sendBeacon('https://example.com/a', 'x')",
        "new Image().src = 'https://example.com/a.png'",
    ],
)
def test_what_is_asked_of_another_machine_would_be_noticed(finished, ask):
    finished.driver.execute_script(ask)
    said = finished.until(lambda: console_errors(finished.driver), "an error on the console", 10)
    assert "ERR_NAME_NOT_RESOLVED" in said[0] or "203.0.113.1" in said[0]
