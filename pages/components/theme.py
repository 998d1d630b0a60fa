"""Colours that a chart must state itself, in the theme the person looks at."""

from __future__ import annotations

from typing import Final

import streamlit as st

from skrec_lite.experiment.report.looks import LOOKS, SPARE

_INK: Final = ("#0e161d", "#e6ecf0")
_GROUND: Final = ("#ffffff", "#12181d")
#: How much of what lies below a label's ground shows through.
_SOLID = 0.85
_ON_EACH: Final = {look.colour: (look.on_light, look.on_dark) for look in (*LOOKS.values(), *SPARE)}


def is_dark() -> bool:
    """Return whether the person looks at the dark theme, as of their last action."""
    return st.context.theme.type == "dark"


def ink_of(colour: str) -> str:
    """Return a retriever's colour as one that its name can be read in."""
    return _ON_EACH.get(colour, (colour, colour))[is_dark()]


def ink() -> str:
    """Return the colour of text: what Streamlit gives to text inside charts is too pale on a filled area."""
    return _INK[is_dark()]


def ground() -> str:
    """Return the colour of the page, a little see-through, to lie under a label that crosses lines."""
    return f"rgba({_channels(_GROUND[is_dark()])}, {_SOLID})"


def switching_rules() -> str:
    """Return rules of CSS by which charts follow when the theme is switched.

    Streamlit draws a chart anew then, but with the colours that it was sent, and asks the server for no
    others. What was sent for either theme is therefore shown as it is meant for the one that is on.
    """
    rules = [_rule("text", "fill", pair) for pair in dict.fromkeys((_INK, *_ON_EACH.values()))]
    rules += [_rule("path", "stroke", _INK), _rule(".annotation rect.bg", "fill", _GROUND)]
    return "\n".join(rules)


def _rule(element: str, paint: str, pair: tuple[str, str]) -> str:
    """Return the rule for elements painted in either colour of a pair."""
    found = [f'.js-plotly-plot {element}[style*="{paint}: rgb({_channels(sent)})"]' for sent in pair]
    return f"{', '.join(found)} {{ {paint}: light-dark({', '.join(pair)}) !important; }}"


def _channels(colour: str) -> str:
    return ", ".join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
