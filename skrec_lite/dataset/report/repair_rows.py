"""Repairs that leave rows or columns out; none changes an id, and none changes its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, SPLIT_COL, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.k_core import k_core
from skrec_lite.dataset.report.suspicion import suspicious_users
from skrec_lite.dataset.tables import Tables

Params = Mapping[str, Any]
Result = tuple[Tables, str]


def rows_where(frame: pd.DataFrame, keep: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the rows of a mask with fresh row numbers; the frame itself where it keeps all."""
    return frame if keep.all() else frame[keep].reset_index(drop=True)


def keep_k_core(tables: Tables, params: Params) -> Result:
    """Keep users and items that have enough of each other, in all tables."""
    events, user_k, item_k = tables.interactions, params["user_k"], params["item_k"]
    coded = CodedInteractions.of(events)
    stays = k_core(coded.user_index, coded.item_index, user_k, item_k)
    kept = rows_where(events, stays)
    users, items = tables.users, tables.items
    if users is not None and user_k > 1:
        users = rows_where(users, IdMap.from_values(kept[USER_ID_NAME]).encode(users[USER_ID_NAME]) >= 0)
    if items is not None and item_k > 1:
        items = rows_where(items, IdMap.from_values(kept[ITEM_ID_NAME]).encode(items[ITEM_ID_NAME]) >= 0)
    n_users = len(np.unique(coded.user_index[stays]))
    n_items = len(np.unique(coded.item_index[stays]))
    note = (
        f"Of {len(coded.users):,} users and {len(coded.items):,} items, {n_users:,} and {n_items:,} are "
        f"left, each with at least {user_k} different items and {item_k} different users; the others are in "
        "no table any more, so recall is that of a denser, easier problem."
    )
    if SPLIT_COL in events.columns:
        note += " Held-out interactions were counted too."
    return replace(tables, interactions=kept, users=users, items=items), note


def deduplicate(tables: Tables, params: Params) -> Result:
    """Keep one row of each (user, item) pair; within each part if the split is given."""
    events, keep = tables.interactions, params["keep"]
    coded = CodedInteractions.of(events)
    repeated = coded.repeated_rows
    groups = coded.pair_of_row()[repeated]
    if SPLIT_COL in events.columns:
        parts, names = pd.factorize(events[SPLIT_COL], use_na_sentinel=False)
        groups = groups * len(names) + parts[repeated]
    codes, _ = pd.factorize(groups)
    order = np.lexsort((*_recency(events, repeated), codes))
    if keep == "first":
        winner = np.append(True, codes[order][1:] != codes[order][:-1])[: len(order)]
    else:
        if keep == "max":
            # Of equally high ones the last.
            order = np.lexsort((*_recency(events, repeated), _outcome(events, repeated), codes))
        winner = np.append(codes[order][1:] != codes[order][:-1], True)[: len(order)]
    stays = np.ones(len(events), dtype=bool)
    stays[repeated] = False
    winners = repeated[order[winner]]
    stays[winners] = True
    kept = events
    if keep == "sum" and len(repeated):
        outcome = _outcome(events, np.arange(len(events))).copy()
        outcome[winners] = np.bincount(codes, weights=outcome[repeated])
        kept = events.assign(**{LABEL_NAME: outcome})
    dropped = int((~stays).sum())
    what = {
        "last": "of each pair the last in time stayed",
        "first": "of each pair the first in time stayed",
        "sum": "of each pair the last in time stayed, with the outcomes added up",
        "max": "of each pair the row with the highest outcome stayed",
    }[keep]
    where = ", within each part of the given split" if SPLIT_COL in events.columns else ""
    note = (
        f"{dropped:,} of {len(events):,} rows repeated a (user, item) pair and were dropped{where}; {what}."
    )
    return replace(tables, interactions=rows_where(kept, stays)), note


def _recency(events: pd.DataFrame, rows: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
    """Return sort keys that put later rows last: their number, and before it their timestamp."""
    if TIMESTAMP_COL not in events.columns:
        return (rows,)
    stamps = events[TIMESTAMP_COL].iloc[rows]
    # Missing timestamps become -1 and so come first.
    return rows, pd.factorize(stamps, sort=True)[0]


def _outcome(events: pd.DataFrame, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    if LABEL_NAME not in events.columns:
        return np.ones(len(rows))
    return parse_numbers(events[LABEL_NAME])[rows]


def drop_unknown_items(tables: Tables, params: Params) -> Result:
    """Drop interactions with items that the item table lacks."""
    events = tables.interactions
    if tables.items is None:
        return tables, "There is no item table that could lack an item: nothing was dropped."
    known = IdMap.from_values(tables.items[ITEM_ID_NAME]).encode(events[ITEM_ID_NAME]) >= 0
    note = (
        f"{int((~known).sum()):,} of {len(events):,} interactions were with items that the item table lacks "
        "and were dropped."
    )
    return replace(tables, interactions=rows_where(events, known)), note


def drop_items_without_interactions(tables: Tables, params: Params) -> Result:
    """Drop items of the item table that no interaction names."""
    if tables.items is None:
        return tables, "There is no item table: nothing was dropped."
    touched = IdMap.from_values(tables.interactions[ITEM_ID_NAME])
    stays = touched.encode(tables.items[ITEM_ID_NAME]) >= 0
    note = (
        f"{int((~stays).sum()):,} of {len(stays):,} items had no interaction and were dropped; with a "
        "smaller catalogue recall is higher, and nothing is learned about new items."
    )
    return replace(tables, items=rows_where(tables.items, stays)), note


def drop_nonpositive(tables: Tables, params: Params) -> Result:
    """Drop interactions whose outcome is 0 or less."""
    events = tables.interactions
    if LABEL_NAME not in events.columns:
        return tables, "There is no outcome: nothing was dropped."
    stays = ~(parse_numbers(events[LABEL_NAME]) <= 0)
    note = f"{int((~stays).sum()):,} of {len(events):,} interactions had an outcome of 0 or less: dropped."
    return replace(tables, interactions=rows_where(events, stays)), note


def likes_only(tables: Tables, params: Params) -> Result:
    """Keep interactions with an outcome of at least the threshold, each as 1."""
    events, threshold = tables.interactions, params["threshold"]
    if LABEL_NAME not in events.columns:
        return tables, "There is no outcome: every interaction counts as 1 already."
    stays = parse_numbers(events[LABEL_NAME]) >= threshold
    kept = rows_where(events, stays).assign(**{LABEL_NAME: 1.0})
    note = (
        f"{int(stays.sum()):,} of {len(events):,} interactions have an outcome of at least {threshold:g}; "
        "they stayed and count as 1 each."
    )
    return replace(tables, interactions=kept), note


def drop_users(tables: Tables, params: Params) -> Result:
    """Drop the users that a rule of `suspicion` finds, in all tables."""
    coded = CodedInteractions.of(tables.interactions)
    found = suspicious_users(coded, params["rule"], params["threshold"])
    kept = rows_where(tables.interactions, ~found[coded.user_index])
    users = tables.users
    if users is not None:
        rows = coded.users.encode(users[USER_ID_NAME])
        users = rows_where(users, ~np.append(found, False)[rows])
    note = (
        f"{int(found.sum()):,} of {len(found):,} users were dropped, with "
        f"{len(coded) - len(kept):,} interactions."
    )
    return replace(tables, interactions=kept, users=users), note


def drop_item_column(tables: Tables, params: Params) -> Result:
    """Drop a column of the item table."""
    frame, note = _without_column(tables.items, params["column"], "item")
    return replace(tables, items=frame), note


def drop_user_column(tables: Tables, params: Params) -> Result:
    """Drop a column of the user table."""
    frame, note = _without_column(tables.users, params["column"], "user")
    return replace(tables, users=frame), note


def _without_column(frame: pd.DataFrame | None, column: str, what: str) -> tuple[pd.DataFrame | None, str]:
    if frame is None or column not in frame.columns:
        return frame, f"The {what} table has no column '{column}': nothing was dropped."
    return frame.drop(columns=column), f"The column '{column}' of the {what} table was dropped."


def drop_outside_time(tables: Tables, params: Params) -> Result:
    """Drop interactions before or after given moments."""
    events, before, after = tables.interactions, params["before"], params["after"]
    dated = TIMESTAMP_COL in events.columns and pd.api.types.is_datetime64_dtype(events[TIMESTAMP_COL].dtype)
    if not dated:
        return tables, "There are no timestamps: nothing was dropped."
    out = np.zeros(len(events), dtype=bool)
    said = []
    for limit, word in ((before, "before"), (after, "after")):
        if limit is None:
            continue
        stamp = pd.Timestamp(limit)
        lies_out = (events[TIMESTAMP_COL] < stamp) if word == "before" else (events[TIMESTAMP_COL] > stamp)
        out |= lies_out.to_numpy(dtype=bool)
        said.append(f"{word} {stamp:%Y-%m-%d %H:%M}")
    note = f"{int(out.sum()):,} of {len(events):,} interactions were {' or '.join(said)} and were dropped."
    return replace(tables, interactions=rows_where(events, ~out)), note


def sample_users(tables: Tables, params: Params) -> Result:
    """Keep all interactions of a random subset of the users."""
    events, share, n = tables.interactions, params["share"], params["n"]
    coded = CodedInteractions.of(events)
    total = len(coded.users)
    size = min(total, n if n is not None else max(1, round(share * total)))
    chosen = np.zeros(total, dtype=bool)
    chosen[np.random.default_rng(params["seed"]).choice(total, size, replace=False)] = True
    kept = rows_where(events, chosen[coded.user_index])
    users = tables.users
    if users is not None:
        users = rows_where(users, np.append(chosen, False)[coded.users.encode(users[USER_ID_NAME])])
    left = IdMap.from_values(kept[ITEM_ID_NAME])
    gone = coded.items.ids[coded.items.rows_in(left) < 0]
    if tables.items is not None:
        gone = gone[IdMap.from_values(tables.items[ITEM_ID_NAME]).encode(gone) < 0]
    note = (
        f"All interactions of {size:,} of {total:,} users stayed, chosen at random. Fewer users make the "
        "intervals of recall wider, but do not bias it: each user is still searched for among the same items "
        "(models do have less to learn from). Sampling items or single interactions instead would inflate "
        "recall."
    )
    if len(gone):
        note += (
            f" {len(gone):,} items that only the others had, and that the item table lacks, left the "
            "catalogue, which does raise recall; an item table would keep them."
        )
    return replace(tables, interactions=kept, users=users), note
