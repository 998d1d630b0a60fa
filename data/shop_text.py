"""Brands, product names and descriptions of the made-up shop."""

from __future__ import annotations

import itertools
import re
from typing import Final

import numpy as np

from data.shop_pursuits import PURSUITS
from data.shop_shelves import DEPARTMENTS, SHELVES
from data.titles import Bag
from data.words import bank

BRANDS: Final = bank(
    "Aldermoss, Birkenlund, Brackelby, Cindervale, Corvelle, Dapplewick, Dunmarrow, Eskfjell, Fennimoor, "
    "Ferrowick, Glasswend, Grettham, Hazelbrack, Hollenbeek, Jorunsen, Kestermill, Kvistrand, Larkhollow, "
    "Lindenfarr, Marrowby, Mossandra, Nettlecombe, Ostrelle, Pellavik, Plumbeck, Quillhaven, Rookwater, "
    "Sablewyn, Skarholt, Tarnelle, Thistlemere, Umberlane, Velmora, Wendlebury, Wickensvale, Zellgrund"
)
_SERIES: Final = bank(
    "Alba, Anker, Aspen, Aurora, Bella, Bergen, Bramble, Brook, Calla, Cedar, Cirrus, Clover, Cobalt, Comet, "
    "Coral, Dale, Dune, Echo, Ember, Fable, Fern, Fjord, Flint, Flora, Gale, Glade, Grove, Harbour, Haven, "
    "Hazel, Heath, Hilde, Indigo, Iris, Isla, Juniper, Kite, Lagoon, Larch, Linnea, Luna, Marsh, Meadow, "
    "Mira, Mistral, Nordic, Oak, Olea, Opal, Orchard, Pebble, Pine, Poppy, Prairie, Quarry, Reed, Rowan, "
    "Runa, Saga, Sierra, Sol, Sorrel, Tide, Timber, Tundra, Vale, Verve, Willow, Wren, Zephyr"
)
_DETAILS: Final[dict[str, tuple[str, ...]]] = {
    department: bank(details, "|")
    for department, details in {
        "Kitchen": "cool to the touch | firm on the worktop | easy to take apart | easy to clean "
        "| better with every use | made for daily use",
        "Table": "with a soft sheen | easy to put away | with a fine rim | each a little different "
        "| of a pleasing weight | in a quiet colour",
        "Cleaning": "quick to rinse | kind to hands | sparing in use | good on wood and stone "
        "| without harsh smells | made for every corner",
        "Textiles": "washed soft | with neat seams | in lasting colours | in a loose weave "
        "| in a muted stripe | quick to warm",
        "Living": "in a warm tone | with clean lines | at home in old rooms | ready in minutes "
        "| without frills | good to look at",
        "Garden": "safe in frost | made for all weathers | proven in wet summers | ageing gracefully "
        "| with room to grow | in a paper wrap",
        "Outdoors": "small when packed | tested in sideways rain | made to survive a drop "
        "| easy to mend on the way | quick to use with cold hands | weighing next to nothing",
        "Workshop": "good in the hand | ready at once | built for years of use | sorted by size "
        "| made to be repaired | forgiving of mistakes",
    }.items()
}
_OPENINGS: Final = bank(
    "{kind} of {material} {detail} | {material} {kind} {detail} | A {material} {kind} {detail} "
    "| Our {material} {kind} {detail} | Plain {material} {kind} {detail} "
    "| Well-made {material} {kind} {detail}",
    "|",
)
_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "steel": bank("steel, carbon steel, tin"),
    "iron": bank("cast iron, enamel"),
    "brass & copper": bank("brass, copper"),
    "light metal": bank("aluminium, titanium, zinc"),
    "glass": bank("glass, recycled glass, crystal"),
    "ceramic": bank("porcelain, stoneware, terracotta, ceramic, fibre clay, slate"),
    "wood": bank("beech, walnut, olive wood, birch, acacia, oak, larch, ash, bamboo"),
    "cotton": bank("cotton, cotton canvas, flannel, terry, corduroy, denim"),
    "linen": bank("linen, hemp, jute, sisal"),
    "velvet & silk": bank("velvet, satin, silk"),
    "wool & down": bank("wool, felt, down"),
    "leather": bank("leather, bristle"),
    "wicker": bank("rattan, seagrass, coconut fibre, paper, cellulose"),
    "synthetic": bank("silicone, recycled plastic, recycled polyester, polyester, ripstop, microfibre, foam, "
    "nylon, nitrile"),
    "soap & wax": bank("citrus, vinegar, soda, plant soap, beeswax, soy wax, rapeseed wax"),
    "oil & paint": bank("linseed, chalk, acrylic, casein"),
    "seed": bank("organic seed, heirloom seed, seed tape, seed mix"),
}  # fmt: skip
_FAMILY: Final = {material: family for family, members in _FAMILIES.items() for material in members}
_VOWEL: Final = re.compile(r"^A (?=[aeio])")
HINTS: Final = 0.6
"""Share of the descriptions that hint at the product's pursuit."""


class ProductWriter:
    """Distinct product names, and a description for each.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of every choice: the same state and the same calls give the same text.
    """

    def __init__(self, rng: np.random.Generator):
        self._rng = rng
        self._series = Bag(_SERIES, rng)
        self._openings = Bag(_OPENINGS, rng)
        self._kinds = [Bag(shelf.kinds, rng) for shelf in SHELVES]
        self._materials = [Bag(shelf.materials, rng) for shelf in SHELVES]
        self._sizes = [Bag(shelf.sizes, rng) for shelf in SHELVES]
        self._details = [Bag(_DETAILS[department], rng) for department in DEPARTMENTS]
        self._hints = [Bag(phrases, rng) for _, phrases in PURSUITS.values()]
        self._taken: set[str] = set()

    def write(self, category: int, department: int, pursuit: int, brand: str) -> tuple[str, str, str]:
        """Return name, description and tags (joined by a bar, the kind of material first) of one product."""
        kind, material = self._kinds[category].draw(), self._materials[category].draw()
        name = self._name(brand, kind, self._sizes[category])
        opening = self._openings.draw().format(
            kind=kind.lower(), material=material, detail=self._details[department].draw()
        )
        hint = f", {self._hints[pursuit].draw()}" if self._rng.random() < HINTS else ""
        text = opening[0].upper() + opening[1:] + hint + "."
        return name, _VOWEL.sub("An ", text), self._tags(category, material)

    def _name(self, brand: str, kind: str, sizes: Bag) -> str:
        plain = f"{brand} {self._series.draw()} {kind}, {sizes.draw()}"
        later = (f"{plain}, Mark {number}" for number in itertools.count(2))
        name = next(text for text in itertools.chain([plain], later) if text not in self._taken)
        self._taken.add(name)
        return name

    def _tags(self, category: int, material: str) -> str:
        offered = SHELVES[category].tags
        chosen = self._rng.permutation(len(offered))[: int(self._rng.integers(0, 3))]
        return "|".join([_FAMILY[material], *(offered[index] for index in sorted(chosen.tolist()))])
