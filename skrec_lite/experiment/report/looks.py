"""How each retriever looks: one colour, dash and marker, in reports and on the screens alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS


@dataclass(frozen=True)
class Look:
    """How one retriever is drawn.

    Attributes
    ----------
    colour : str
        Of lines and marks (Okabe and Ito), on light and dark alike.
    dash, marker : str
        By Plotly's names.
    on_light, on_dark : str
        The colour as its name can be read in on each background.
    """

    colour: str
    dash: str
    marker: str
    on_light: str
    on_dark: str


#: Those that come with the library.
LOOKS: Final = {
    "embedding": Look("#0072B2", "solid", "circle", "#0072B2", "#3fa3dc"),
    "content": Look("#009E73", "dash", "square", "#007d5b", "#2fbf93"),
    "popularity": Look("#D55E00", "dot", "triangle-up", "#b34d00", "#f08a3c"),
    "faiss": Look("#56B4E9", "longdash", "pentagon", "#1f6f9c", "#7cc7f0"),
    "merged": Look("#CC79A7", "dashdot", "diamond", "#a24a7d", "#dd9cc0"),
    "full": Look("#808080", "solid", "line-ew", "#5f6b73", "#a9b4bb"),
}
#: For retrievers of people's own, in the order in which they were registered.
SPARE: Final = (
    Look("#E69F00", "longdash", "cross", "#8a5f00", "#f0b73c"),
    Look("#B33A3A", "longdashdot", "x", "#a02f2f", "#e07a7a"),
    Look("#7A7A7A", "solid", "star", "#5f5f5f", "#b5b5b5"),
)
#: The strokes and gaps of each dash, in pixels.
DASHES: Final = {
    "solid": None,
    "dash": "8 5",
    "dot": "2 4",
    "dashdot": "8 4 2 4",
    "longdash": "13 5",
    "longdashdot": "13 4 2 4",
}


def look_of(key: str) -> Look:
    """Return the look of a retriever, or of the full catalogue."""
    if key in LOOKS:
        return LOOKS[key]
    own = [known for known in RETRIEVERS if known not in LOOKS]
    return SPARE[own.index(key) % len(SPARE) if key in own else -1]


def label_of(key: str) -> str:
    """Return what people call a retriever, or the full catalogue."""
    if key == "full":
        return "Full catalogue"
    return RETRIEVERS[key].label if key in RETRIEVERS else key
