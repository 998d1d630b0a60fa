"""Own candidates: paste, upload or choose by a rule, and see how a ranker orders them for one user."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, item_features, table_height
from pages.components.parameter_inputs import settle
from pages.components.pool_tables import HIT, NO_HIT
from pages.components.text import counted, listed, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset import read_table
from skrec_lite.exceptions import InvalidDataError, SkrecLiteError
from skrec_lite.experiment import (
    ExperimentResult,
    OwnRanking,
    Rule,
    ids_in_frame,
    matching_items,
    parse_ids,
    rank_own,
    values_of,
)

_WAYS = {"rule": "By a rule", "paste": "Paste", "upload": "Upload"}
_SHOWN = 12
#: With more different values than this, a column of text is no category to choose by.
_MOST_VALUES = 60


def choose_pipeline(result: ExperimentResult, key: str) -> str:
    """Draw the choice of whose ranker answers; return the retriever's key, or ``"full"``."""
    keys = [*result.runs, "full"]
    settle(key, keys[0], lambda chosen: chosen in keys)
    chosen = st.segmented_control(
        "Ranker of",
        keys,
        format_func=lambda name: LOOKS[name].label,
        key=key,
        persist_state="session",
        required=True,
        help="Each retriever has the ranker that learned on its candidates, where rankers do that.",
    )
    return str(chosen)


def own_candidates_panel(result: ExperimentResult, user: str) -> None:
    """Draw the choice of candidates and their ranking for one user."""
    st.markdown(
        "A retrieval system of your own, or a business rule, may bring the candidates. The ranker orders "
        "them for the user all the same."
    )
    ways = list(_WAYS) if result.data.items is not None else ["paste", "upload"]
    settle("own_way", ways[0], lambda way: way in ways)
    way = st.segmented_control(
        "Candidates", ways, format_func=_WAYS.__getitem__, key="own_way", persist_state="session",
        required=True,
    )  # fmt: skip
    try:
        ids = {"rule": _by_rule, "paste": _pasted, "upload": _uploaded}[str(way)](result)
        if not ids:
            return
        pipeline = choose_pipeline(result, "own_pipeline")
        _draw(result, pipeline, rank_own(result, pipeline, user, ids))
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")


def _pasted(result: ExperimentResult) -> list[str]:
    text = st.text_area(
        "Item ids",
        key="own_text",
        persist_state="session",
        placeholder=", ".join(result.items.ids[:3]),
        help="One a line, or separated by commas, semicolons or tabs.",
    )
    return parse_ids(text or "")


def _uploaded(result: ExperimentResult) -> list[str]:
    upload = st.file_uploader(
        "A table with one item id a row",
        type=["csv", "tsv", "txt", "parquet", "gz"],
        key="own_upload",
        help=f"The column {ITEM_ID_NAME}, or else the first.",
    )
    if upload is not None:
        table = read_table(upload.getvalue(), name=upload.name, min_columns=1).frame
        st.session_state["_own_uploaded"] = ids_in_frame(table)
    return list(st.session_state.get("_own_uploaded", []))


def _by_rule(result: ExperimentResult) -> list[str]:
    table = result.data.item_table
    assert table is not None
    columns = [column for column in table.columns if column != TITLE_COL]
    if not columns:
        raise InvalidDataError("The items have no column to choose by.", repair="Paste item ids instead.")
    settle(
        "own_columns",
        [_first_column(result, columns)],
        lambda kept: all(column in columns for column in kept),
    )
    chosen = st.multiselect(
        "Items by", columns, key="own_columns", persist_state="session",
        help="Every rule must hold. Of a category, tags included, any of the values chosen.",
    )  # fmt: skip
    with st.grid(2, min_column_width=240):
        rules = [_rule(result, column) for column in chosen]
    ids = matching_items(result.data, rules)
    st.caption(f"{counted(len(ids), 'item')} of {len(table):,}.")
    return ids


def _first_column(result: ExperimentResult, columns: list[str]) -> str:
    """Return the column to begin with: the category of fewest values, or the first of numbers."""
    table = result.data.item_table
    assert table is not None
    categories = [column for column in columns if not pd.api.types.is_numeric_dtype(table[column].dtype)]
    counts = {column: len(values_of(result.data, column)) for column in categories}
    varied = [column for column in categories if counts[column] > 1]
    return min(varied, key=counts.__getitem__, default=columns[0])


def _rule(result: ExperimentResult, column: str) -> Rule:
    table = result.data.item_table
    assert table is not None
    if pd.api.types.is_numeric_dtype(table[column].dtype) and table[column].notna().any():
        low, high = math.floor(table[column].min()), math.ceil(table[column].max())
        if low < high:
            return _range(column, low, high)
    values = values_of(result.data, column)[:_MOST_VALUES]
    key = f"own_values_{column}"
    settle(key, values[:1], lambda kept: all(value in values for value in kept))
    return Rule(column, tuple(st.multiselect(plain(column), values, key=key, persist_state="session")))


def _range(column: str, low: int, high: int) -> Rule:
    key = f"own_range_{column}"
    settle(key, (low, high), lambda kept: low <= kept[0] <= kept[1] <= high)
    chosen = st.slider(plain(column), low, high, key=key, persist_state="session")
    return Rule(column, low=chosen[0], high=chosen[1])


def _draw(result: ExperimentResult, pipeline: str, own: OwnRanking) -> None:
    if own.unknown:
        few = listed([plain(item) for item in own.unknown[:3]])
        st.warning(
            f"{counted(len(own.unknown), 'id')} not in the catalogue, left out: {few}"
            + (" and others." if len(own.unknown) > 3 else "."),
            icon=":material/help:",
        )
    if own.n_duplicates:
        st.caption(f"{counted(own.n_duplicates, 'repeated id')} counted once.")
    table = own.table
    n_in_pool = int((table["pool_rank"] > 0).sum())
    if pipeline in result.runs:
        st.caption(
            f"{counted(len(table), 'candidate')} ranked, {n_in_pool:,} of them in the pool of "
            f"{LOOKS[pipeline].badge} as well. ● held out: a hit."
        )
    st.dataframe(
        own_rows(table),
        column_order=["position", TITLE_COL, "score", "pool_rank", "had", *item_features(table, _OWN)],
        column_config=item_config()
        | {
            "position": st.column_config.NumberColumn("#", width=40, help="Place in the ranker's order"),
            TITLE_COL: st.column_config.TextColumn("Title", width=220, help="● held out, a hit; ○ not"),
            "score": st.column_config.NumberColumn("Score", width=65, format="%.3g"),
            "pool_rank": st.column_config.NumberColumn(
                "Pool", width=60, help="Place in the retriever's own pool, where it is there"
            ),
            "had": st.column_config.TextColumn("Had", width=60, help="In the user's training history"),
        },
        hide_index=True,
        height=table_height(len(table), _SHOWN),
        placeholder="–",
        key="own_ranking",
        alt="The person's candidates in the ranker's order",
    )


_OWN = {"position", "score", "hit", "seen", "pool_rank", "had"}


def own_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ranking with hits marked, and gaps where the retriever did not find an item."""
    titles = table["hit"].map({True: HIT, False: NO_HIT}) + " " + table[TITLE_COL]
    pool_rank = table["pool_rank"].where(table["pool_rank"] > 0).astype("Int64")
    had = table["seen"].map({True: "yes", False: None})
    return table.assign(**{TITLE_COL: titles}, pool_rank=pool_rank, had=had)
