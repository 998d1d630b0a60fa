"""What Plotly's charts offer beside themselves: to be saved as a picture, and nothing else."""

from __future__ import annotations

from typing import Any, Final

# The one button of Plotly's bar that helps here: zooming has no place in charts of this size, and the bar
# shows on hover alone.
_BUTTONS: Final = [["toImage"]]


def chart_config(name: str) -> dict[str, Any]:
    """Return Plotly's configuration of a chart that can be saved as a picture of twice its size.

    Parameters
    ----------
    name : str
        Of the file, without its ending: small letters, digits and hyphens.
    """
    return {
        "displayModeBar": "hover",
        "displaylogo": False,
        "modeBarButtons": _BUTTONS,
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
    }


#: For charts that need no name of their own.
CHART_CONFIG: Final = chart_config("chart")
