"""How every chart of Plotly's is put on a screen: read aloud by its text, saved as a picture by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

from pages.components.text import file_stem
from pages.components.theme import ink

# The one button of Plotly's bar that helps here: zooming has no place in charts of this size, and the bar
# shows on hover alone.
_BUTTONS: Final = [["toImage"]]
# The first is the app's. A saved picture cannot hold a font and is drawn with one of the machine: the others
# are about as wide, so that labels keep their places.
_FONTS: Final = "'Source Sans', 'Source Sans 3', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def show_chart(figure: go.Figure, *, key: str, alt: str, picture: Sequence[object] = (), **how: Any) -> None:
    """Draw a chart with thousands separated at its axes, and a name of its own for its picture.

    Parameters
    ----------
    figure : Figure
    key : str
        Of the element.
    alt : str
        What the chart shows, for those who cannot see it.
    picture : sequence of object
        What tells its picture from others, the most telling first: what is drawn, at which k, of which data.
        By default `key`.
    **how
        Passed on to `streamlit.plotly_chart`.
    """
    # Without the second, Plotly writes 15k from ten thousand on.
    figure.update_xaxes(separatethousands=True, exponentformat="none")
    figure.update_yaxes(separatethousands=True, exponentformat="none")
    # What a chart says of a point would be as pale as its axes.
    figure.update_layout(font={"family": _FONTS}, hoverlabel={"font": {"color": ink()}})
    st.plotly_chart(figure, key=key, alt=alt, config=chart_config(*(picture or (key,))), **how)


def chart_config(*name: object) -> dict[str, Any]:
    """Return Plotly's configuration of a chart that can be saved as a picture of twice its size.

    Parameters
    ----------
    *name
        Parts of the file's name, without its ending; whatever they are, the name has small letters, digits
        and hyphens alone.
    """
    stem = file_stem(" ".join(map(str, name)))
    return {
        "displayModeBar": "hover",
        "displaylogo": False,
        "modeBarButtons": _BUTTONS,
        "toImageButtonOptions": {"format": "png", "filename": stem, "scale": 2},
    }


#: For charts that need no name of their own.
CHART_CONFIG: Final = chart_config("chart")
