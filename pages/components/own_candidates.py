"""Own candidates: by a rule, pasted or uploaded; how they rank, and what they find beside the pools."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_playground import own_recall_bars
from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, item_features, table_height
from pages.components.own_rules import items_by_rule, rule_fields
from pages.components.parameter_inputs import settle
from pages.components.playground_parts import Same, remembered
from pages.components.pool_tables import HIT, NO_HIT
from pages.components.text import counted, listed, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset import read_table
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import ExperimentResult, OwnRanking, ids_in_frame, parse_ids, rank_own
from skrec_lite.experiment.playground.own_pools import (
    OwnAgainstPools,
    OwnPools,
    own_against_pools,
    pools_in_frame,
)
from skrec_lite.experiment.playground.unknown_ids import unknown_hint

_WAYS = {"rule": "By a rule", "paste": "Paste", "upload": "Upload"}
_SHOWN = 12
_UPLOADED = "_own_uploaded"


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
        wrap=True,
        help="Each retriever has the ranker that learned on its candidates, where rankers do that.",
    )
    return str(chosen)


def own_candidates_panel(result: ExperimentResult, user: str) -> None:
    """Draw the choice of candidates, what they find for all users, and their ranking for one."""
    ways = list(_WAYS) if result.data.items is not None and rule_fields(result) else ["paste", "upload"]
    settle("own_way", ways[0], lambda way: way in ways)
    way = st.segmented_control(
        "Candidates", ways, format_func=_WAYS.__getitem__, key="own_way", persist_state="session",
        required=True, wrap=True,
    )  # fmt: skip
    try:
        own = {"rule": _by_rule, "paste": _pasted, "upload": _uploaded}[str(way)](result)
        if not own.items and not own.of_user:
            st.caption("No candidates yet.")
            return
        asked = (own if own.of_user is None else Same(own), user)
        _against_pools(result, remembered("own", result, asked, lambda: own_against_pools(result, own, user)))
        _for_user(result, user, list(own.for_user(user)))
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")


def _by_rule(result: ExperimentResult) -> OwnPools:
    return OwnPools(tuple(items_by_rule(result)))


def _pasted(result: ExperimentResult) -> OwnPools:
    text = st.text_area(
        "Item ids",
        key="own_text",
        persist_state="session",
        placeholder=", ".join(result.items.ids[:3]),
        help="One a line, or separated by commas, semicolons or tabs.",
    )
    return OwnPools(tuple(parse_ids(text or "")))


def _uploaded(result: ExperimentResult) -> OwnPools:
    upload = st.file_uploader(
        "A table of item ids, the same for everyone or for each user",
        type=["csv", "tsv", "txt", "parquet", "gz"],
        key="own_upload",
        help=f"One item a row in the column {ITEM_ID_NAME}, or else the first. With a column {USER_ID_NAME} "
        "too, each user has candidates of their own, best first: what another system retrieved.",
    )
    if upload is not None and st.session_state.get(_UPLOADED, ("", None))[0] != upload.file_id:
        table = read_table(upload.getvalue(), name=upload.name, min_columns=1).frame
        own = pools_in_frame(table) or OwnPools(tuple(ids_in_frame(table)))
        st.session_state[_UPLOADED] = (upload.file_id, own)
    own = st.session_state.get(_UPLOADED, ("", None))[1] or OwnPools()
    if own.of_user is not None:
        st.caption(f"{counted(len(own.of_user), 'user')} with candidates of their own.")
    return own


def _against_pools(result: ExperimentResult, found: OwnAgainstPools) -> None:
    st.subheader("Against the pools", anchor=False)
    st.markdown(f"**{plain(found.sentence)}**")
    shared = listed([f"{LOOKS[key].badge} {n:,}" for key, n in found.shared.items()])
    st.caption(f"For the user above, this many of them are in each pool as well: {shared}.")
    show_chart(
        own_recall_bars(found),
        key="own_recall",
        picture=("own candidates", result.data.name),
        alt="Held-out items in these candidates and in as many of each pool, of 100",
    )


def _for_user(result: ExperimentResult, user: str, ids: list[str]) -> None:
    st.subheader("In the ranker's order, for this user", anchor=False)
    if not ids:
        st.info("The file has no candidates for this user. Choose another one above.", icon=":material/info:")
        return
    pipeline = choose_pipeline(result, "own_pipeline")
    _draw(result, pipeline, rank_own(result, pipeline, user, ids))


def _draw(result: ExperimentResult, pipeline: str, own: OwnRanking) -> None:
    if own.unknown:
        few = listed([plain(item) for item in own.unknown[:3]])
        hint = unknown_hint(result, own.unknown)
        st.warning(
            f"{counted(len(own.unknown), 'id')} not in the catalogue, left out: {few}"
            + (" and others." if len(own.unknown) > 3 else ".")
            + (f" {plain(hint)}" if hint else ""),
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
