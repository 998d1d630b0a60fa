"""Every screen after one run: it fits, says something, is legible to all, and keeps to this machine.

One window serves all tests of this file, as one person who resizes it and changes the system's colours. A
picture of each screen is left in pytest's temporary folder.
"""

import io

import pytest
from PIL import Image

from tests.browser.watch import console_errors, grave_violations, hosts_asked

SIZES = {"narrow": (390, 844), "wide": (1440, 900), "broad": (1920, 1080)}
SCHEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@SCHEMES
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_fits(finished, size, dark, tmp_path):
    finished.show_at(*SIZES[size], dark)
    for title, _ in finished.screens():
        finished.go_to(title)
        picture = finished.driver.get_screenshot_as_png()
        (tmp_path / f"{title}-{size}-{'dark' if dark else 'light'}.png").write_bytes(picture)
        assert finished.exceptions() == [], title
        assert finished.sideways_overflow() <= 0, title
        assert len(finished.main_text()) > 40, title
        colours = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(2**24)
        assert len(colours) > 50, f"{title} is blank"
        assert (finished.background_luminance() < 0.2) is dark
    assert_quiet(finished)


@SCHEMES
def test_axe_finds_nothing_serious(finished, dark):
    finished.show_at(1440, 900, dark)
    found = []
    for title, _ in finished.screens():
        finished.go_to(title)
        for section in finished.sections():
            finished.open_expanders()
            assert finished.exceptions() == [], (title, section)
            found += [(title, section, *violation) for violation in grave_violations(finished.driver)]
    assert not found, "\n".join(map(str, found))
    assert_quiet(finished)


def assert_quiet(screen):
    """No error on the console, and nothing asked of another machine."""
    assert console_errors(screen.driver) == []
    assert hosts_asked(screen.driver) <= {"127.0.0.1"}
