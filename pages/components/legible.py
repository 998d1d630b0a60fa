"""The one colour that Streamlit's theme cannot set, so that it can be read."""

from __future__ import annotations

import streamlit as st

from pages.components.theme import switching_rules

# Streamlit writes white on the primary colour (buttons, chips), and the primary colour itself on the page
# (tabs, values of sliders) and on a tint (chosen pills). In the dark no colour reaches 4.5 : 1 both ways, so
# the second is set here.
_CHOSEN = """<style>
button[data-selected="true"], button[data-selected="true"] p, [data-testid="stSliderThumbValue"] p,
[role="tab"][aria-selected="true"] p {
  color: light-dark(#0b6a9f, #6cbcea);
}
/* Under the pointer or in focus the tint is stronger. */
button[data-selected="true"]:is(:hover, :focus-visible),
button[data-selected="true"]:is(:hover, :focus-visible) p {
  color: light-dark(#064a70, #9bd4f5);
}
</style>"""


def legible_choices() -> None:
    """Let chosen pills, tabs, values of sliders and texts in charts be read in the dark as in the light."""
    st.html(_CHOSEN)
    st.html(f"<style>{switching_rules()}</style>")
