"""How each retriever looks, everywhere: one colour, one dash, one marker, one word."""

from __future__ import annotations

from dataclasses import dataclass

from skrec_lite.experiment import RETRIEVERS


@dataclass(frozen=True)
class Look:
    """Label, colour (Okabe-Ito), line dash and marker symbol by Plotly's names; and for text, the marker
    as a character and the colour by Streamlit's name, which the theme sets to the same."""

    label: str
    colour: str
    dash: str
    marker: str
    glyph: str
    tone: str
    width: float = 2.5

    @property
    def badge(self) -> str:
        """The retriever's name with its mark in its colour, as Markdown."""
        return f":{self.tone}[{self.glyph}] {self.label}"

    def tint(self, opacity: float) -> str:
        """The colour, partly see-through, so that it suits light and dark."""
        red, green, blue = (int(self.colour[start : start + 2], 16) for start in (1, 3, 5))
        return f"rgba({red}, {green}, {blue}, {opacity})"


class _Looks(dict[str, Look]):
    """The looks by key; a retriever of one's own gets the next of those that are left, and keeps it."""

    def __missing__(self, key: str) -> Look:
        spare = _SPARE[(len(self) - _N_BUILT_IN) % len(_SPARE)]
        label = RETRIEVERS[key].label if key in RETRIEVERS else key
        self[key] = look = Look(label, *spare)
        return look


#: For retrievers that people register.
_SPARE = (
    ("#E69F00", "longdash", "cross", "✚", "yellow"),
    ("#B33A3A", "longdashdot", "x", "✖", "red"),
    ("#7A7A7A", "solid", "star", "★", "gray"),
)

LOOKS = _Looks()
LOOKS |= {
    "embedding": Look(RETRIEVERS["embedding"].label, "#0072B2", "solid", "circle", "●", "blue"),
    "content": Look(RETRIEVERS["content"].label, "#009E73", "dash", "square", "■", "green"),
    "popularity": Look(RETRIEVERS["popularity"].label, "#D55E00", "dot", "triangle-up", "▲", "orange"),
    "faiss": Look(RETRIEVERS["faiss"].label, "#56B4E9", "longdash", "pentagon", "⬟", "blue"),
    "merged": Look(RETRIEVERS["merged"].label, "#CC79A7", "dashdot", "diamond", "◆", "violet"),
    "full": Look("Full catalogue", "#808080", "solid", "line-ew", "–", "gray", 1.2),
}
_N_BUILT_IN = len(LOOKS)
