"""The taste map of one user: items laid out on a plane, and the true neighbours of one of them beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import chart_config
from pages.components.charts_taste_map import ground_traces, neighbour_traces, taste_chart
from pages.components.identity import LOOKS
from pages.components.item_columns import table_height
from pages.components.layout_job import laid_out
from pages.components.parameter_inputs import settle
from pages.components.pool_tables import gaps
from pages.components.sent_table import sent
from pages.components.text import plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment import ExperimentResult, UserView
from skrec_lite.experiment.users.item_frames import places_of
from skrec_lite.experiment.users.taste_map import (
    FEATURES,
    METHODS,
    POPULARITY,
    TasteView,
    colourings,
    distortion_sentences,
    item_colours,
    layout_words,
    neighbour_lines,
    space_words,
    taste_spaces,
    taste_view,
    true_neighbours,
)

_CHART, _ITEM = "taste_chart", "taste_item"
# Buttons to zoom and move by: dragging and the wheel stay free to scroll the page.
_ZOOM = {
    "displayModeBar": True,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "pan2d", "resetScale2d"], ["toImage"]],
}


@st.fragment
def taste_map_panel(result: ExperimentResult, view: UserView) -> None:
    """Draw the map with its choices, what it distorts, and a chosen item's true neighbours."""
    spaces = taste_spaces(result)
    if not spaces:
        st.info(
            "There is nothing to map: no retriever of this run compares items by vectors, and the items have "
            "no features. Train with the embedding retriever, or load an items file on the Data screen.",
            icon=":material/map:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        space = _choose_space(spaces)
        method = _choose("Layout", "taste_method", list(METHODS), {key: METHODS[key][0] for key in METHODS})
        key = _choose(
            "Pool shown", "taste_pool", list(view.pools), {key: LOOKS[key].label for key in view.pools}
        )
        colouring = _choose_colouring(result)
    if not laid_out(result, space, method):
        return
    on_map = taste_view(result, view, key, space, method)
    headline, *rest = distortion_sentences(on_map.projection)
    st.markdown(f"**{plain(headline)}** {plain(' '.join([*rest, METHODS[method][1]]))}")
    left, right = st.columns([3, 2])
    with right:
        chosen = _choose_item(result, on_map)
        neighbours = true_neighbours(result, on_map.projection, chosen)
        _neighbours(neighbours, view, key)
    with left:
        lines = neighbour_traces(neighbour_lines(on_map.projection, chosen, neighbours))
        st.plotly_chart(
            taste_chart(ground_traces(result, space, method, colouring), on_map, key, lines),
            key=_CHART,
            on_select=_take_over_click,
            selection_mode="points",
            config=chart_config("taste map", method, f"user {view.user_id}", result.data.name) | _ZOOM,
            alt=f"Taste map: all items, with the history of user {view.user_id}, the pool of "
            f"{LOOKS[key].label} and the held-out items. {headline}",
        )
    note = item_colours(result, space, colouring).note
    st.caption(
        plain(" ".join([space_words(result, space), layout_words(on_map.projection), note, _lost(on_map)]))
    )


def clicked_item(selection: Mapping[str, Any]) -> str | None:
    """Return the item of the last point of a Plotly selection that is one; None if there is none.

    Drawing the chosen item empties the selection: that is no choice.
    """
    chosen = [point["customdata"][0] for point in selection.get("points", ()) if point.get("customdata")]
    return str(chosen[-1]) if chosen else None


def _take_over_click() -> None:
    item = clicked_item(st.session_state[_CHART].selection)
    if item is not None:
        st.session_state[_ITEM] = item


def _choose(label: str, key: str, options: list[Any], names: Mapping[Any, str]) -> Any:
    settle(key, options[0], lambda value: value in options)
    return st.segmented_control(
        label,
        options,
        format_func=lambda option: names[option],
        key=key,
        persist_state="session",
        required=True,
        wrap=True,
    )


def _choose_space(spaces: list[str]) -> str:
    features = (FEATURES, "content")
    names = {key: "Item features" if key in features else f"{LOOKS[key].label} vectors" for key in spaces}
    return str(_choose("Items compared by", "taste_space", spaces, names))


def _choose_colouring(result: ExperimentResult) -> str:
    names = colourings(result)
    settle("taste_colour", POPULARITY, lambda key: key in names)
    return str(
        st.selectbox(
            "Colour by",
            list(names),
            format_func=names.__getitem__,
            key="taste_colour",
            persist_state="session",
            width=220,
        )
    )


def _choose_item(result: ExperimentResult, on_map: TasteView) -> str:
    own = on_map.items[ITEM_ID_NAME].tolist()
    items = on_map.projection.space.items
    first = own[0] if own else str(items.ids[0])
    settle(_ITEM, first, lambda item: item in items)
    kept = st.session_state[_ITEM]
    options = own if kept in own else [kept, *own]
    titles = dict(zip(options, result.data.titles_of(options), strict=True))
    return str(
        st.selectbox(
            "Item: choose one of the user's, or click any on the map",
            options,
            format_func=lambda item: str(titles[item]),
            key=_ITEM,
            persist_state="session",
            filter_mode="contains",
        )
    )


def neighbour_rows(neighbours: pd.DataFrame, view: UserView, key: str) -> pd.DataFrame:
    """Return the true neighbours with their rank in a pool of the user, missing outside."""
    items, pool = (table[ITEM_ID_NAME].to_numpy(dtype=object) for table in (neighbours, view.pools[key]))
    return neighbours.assign(pool_rank=gaps(pd.Series(places_of(items, pool), neighbours.index)))


def _neighbours(neighbours: pd.DataFrame, view: UserView, key: str) -> None:
    n, n_near = len(neighbours), int(neighbours["on_map"].sum())
    if not n:
        st.markdown("This item has no neighbours: it is alone, or nothing was learned of it in training.")
        return
    st.markdown(
        f"Its **{n}** nearest items in the original space. **{n_near}** of them "
        f"{'is' if n_near == 1 else 'are'} among its {n} nearest on the map."
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        sent(neighbour_rows(neighbours, view, key)),
        column_order=[TITLE_COL, "cosine", "on_map", "map_rank", "pool_rank"],
        column_config={
            TITLE_COL: st.column_config.TextColumn("Title", width=136, pinned=True),
            "cosine": number("Cosine", width=62, format="%.3f", help="1: the same direction, 0: unrelated"),
            "on_map": st.column_config.CheckboxColumn(
                "Near", width=46, help=f"Among the {n} nearest on the map"
            ),
            "map_rank": number(
                "On map", width=62, format="localized", help="Its place among the nearest on the map"
            ),
            "pool_rank": number(
                "In pool", width=58, format="localized", help=f"Its rank in the pool of {LOOKS[key].label}"
            ),
        },
        hide_index=True,
        height=table_height(n, 10),
        placeholder="–",
        key="taste_neighbours",
        alt="The chosen item's true neighbours, and which of them the map keeps near it",
    )


def _lost(on_map: TasteView) -> str:
    """Say what could not be drawn of this user."""
    words = []
    if on_map.n_unplaced:
        words.append(f"{on_map.n_unplaced:,} of the user's items have no vector and are not on the map.")
    if on_map.user is None:
        words.append("Of the user nothing is known here, so they are not on the map.")
    return " ".join(words)
