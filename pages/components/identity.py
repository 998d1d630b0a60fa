"""How each retriever looks, everywhere: one colour, one dash, one marker, one word."""

from __future__ import annotations

from dataclasses import dataclass

from skrec_lite.experiment import RETRIEVERS


@dataclass(frozen=True)
class Look:
    """Colour (Okabe-Ito), line dash and marker symbol in Plotly's names, and the badge colour of Streamlit."""

    label: str
    colour: str
    dash: str
    marker: str
    width: float = 2.5


LOOKS: dict[str, Look] = {
    "embedding": Look(RETRIEVERS["embedding"].label, "#0072B2", "solid", "circle"),
    "content": Look(RETRIEVERS["content"].label, "#009E73", "dash", "square"),
    "popularity": Look(RETRIEVERS["popularity"].label, "#D55E00", "dot", "triangle-up"),
    "merged": Look("Merged", "#CC79A7", "dashdot", "diamond"),
    "full": Look("Full catalogue", "#808080", "solid", "line-ew", 1.2),
}
