"""How each retriever looks, everywhere: one colour, one dash, one marker, one word; in reports as well."""

from __future__ import annotations

from dataclasses import dataclass

from skrec_lite.experiment import RETRIEVERS
from skrec_lite.experiment.report import looks
from skrec_lite.experiment.report.looks import SPARE


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


#: For retrievers that people register: the marker as a character, and the colour by Streamlit's name.
_SPARE_GLYPHS = (("✚", "yellow"), ("✖", "red"), ("★", "gray"))
_SPARE = tuple(
    (look.colour, look.dash, look.marker, *glyph) for look, glyph in zip(SPARE, _SPARE_GLYPHS, strict=True)
)
_GLYPHS = {
    "embedding": ("●", "blue"),
    "content": ("■", "green"),
    "popularity": ("▲", "orange"),
    "faiss": ("⬟", "blue"),
    "merged": ("◆", "violet"),
    "full": ("–", "gray"),
}
_THIN = {"full": 1.2}

LOOKS = _Looks()
LOOKS |= {
    key: Look(
        looks.label_of(key), look.colour, look.dash, look.marker, *_GLYPHS[key], _THIN.get(key, Look.width)
    )
    for key, look in looks.LOOKS.items()
}
_N_BUILT_IN = len(LOOKS)
