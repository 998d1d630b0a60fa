"""Colours of text in charts: legible in each theme, and following it when it is switched."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from pages.components import theme
from skrec_lite.experiment.report.looks import LOOKS, SPARE

PAGE = {"light": (255, 255, 255), "dark": (18, 24, 29)}


@pytest.fixture(params=["light", "dark"])
def shown(request, monkeypatch):
    """The theme that the person looks at."""
    monkeypatch.setattr(theme.st, "context", SimpleNamespace(theme=SimpleNamespace(type=request.param)))
    return request.param


def luminance(rgb):
    """As WCAG 2 defines it."""
    parts = [part / 255 for part in rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def channels(colour):
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def test_names_and_text_reach_the_contrast_of_wcag_on_the_page(shown):
    for look in (*LOOKS.values(), *SPARE):
        assert contrast(channels(theme.ink_of(look.colour)), PAGE[shown]) >= 4.5, look
    assert contrast(channels(theme.ink()), PAGE[shown]) >= 12


def test_a_colour_of_nobody_stays(shown):
    assert theme.ink_of("#123456") == "#123456"


def test_the_ground_under_a_label_is_the_page(shown):
    red, green, blue, solid = re.findall(r"[\d.]+", theme.ground())
    assert (int(red), int(green), int(blue)) == PAGE[shown]
    assert 0.5 < float(solid) < 1


def test_what_was_sent_for_one_theme_is_shown_as_meant_for_the_other(monkeypatch):
    """Each colour of one theme is found by a rule that turns it into that of the same thing in the other."""
    sent = {}
    for kind in ("light", "dark"):
        monkeypatch.setattr(theme.st, "context", SimpleNamespace(theme=SimpleNamespace(type=kind)))
        sent[kind] = [theme.ink(), *(theme.ink_of(look.colour) for look in (*LOOKS.values(), *SPARE))]
    rules = [rule for rule in theme.switching_rules().splitlines() if " text[" in rule]
    for light, dark in zip(sent["light"], sent["dark"], strict=True):
        for colour in (light, dark):
            found = [rule for rule in rules if f"rgb({', '.join(map(str, channels(colour)))})" in rule]
            assert len(found) == 1, "two rules would contradict each other"
            assert f"light-dark({light}, {dark})" in found[0]
