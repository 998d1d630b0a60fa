"""A map of the items as the models see them, with one user on it, and what the map distorts."""

from skrec_lite.experiment.users.taste_map.colours import (
    MOST_COLOURS,
    POPULARITY,
    ItemColours,
    colourings,
    interactions_of,
    item_colours,
)
from skrec_lite.experiment.users.taste_map.layout import (
    METHODS,
    MOST_LAID_OUT,
    N_NEIGHBOURS,
    Method,
    Projection,
    is_projected,
    neighbour_recall,
    principal_plane,
    project,
    projection,
)
from skrec_lite.experiment.users.taste_map.neighbours import neighbour_lines, row_of, true_neighbours
from skrec_lite.experiment.users.taste_map.placed import MOST_DRAWN, TasteView, drawn_items, taste_view
from skrec_lite.experiment.users.taste_map.space import (
    FEATURES,
    TasteSpace,
    taste_space,
    taste_spaces,
    unit_rows,
    user_direction,
)
from skrec_lite.experiment.users.taste_map.words import distortion_sentences, layout_words, space_words

__all__ = [
    "FEATURES",
    "METHODS",
    "MOST_COLOURS",
    "MOST_DRAWN",
    "MOST_LAID_OUT",
    "N_NEIGHBOURS",
    "POPULARITY",
    "ItemColours",
    "Method",
    "Projection",
    "TasteSpace",
    "TasteView",
    "colourings",
    "distortion_sentences",
    "drawn_items",
    "interactions_of",
    "is_projected",
    "item_colours",
    "layout_words",
    "neighbour_lines",
    "neighbour_recall",
    "principal_plane",
    "project",
    "projection",
    "row_of",
    "space_words",
    "taste_space",
    "taste_spaces",
    "taste_view",
    "true_neighbours",
    "unit_rows",
    "user_direction",
]
