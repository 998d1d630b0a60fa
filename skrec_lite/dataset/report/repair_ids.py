"""The one repair that alters ids: merging ids that differ only by blanks around them, or by case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.tables import Tables


@dataclass(frozen=True, eq=False)
class Lookalikes:
    """Ids of which another differs only by blanks or by case.

    Attributes
    ----------
    ids : ndarray of str, shape (n,)
        Those that become another id.
    into : ndarray of str, shape (n,)
        What each becomes.
    """

    ids: NDArray[np.object_]
    into: NDArray[np.object_]


def lookalikes(
    how: str, counted: IdMap, counts: NDArray[np.int64], listed: IdMap | None = None
) -> Lookalikes:
    """Find ids that have a look-alike, in the interactions or in the table that lists them.

    Of those that differ by blanks the trimmed form is kept; of those that differ by case the listed one,
    then the one with the most interactions, then the first in order. An id without look-alike stays as it is,
    blanks and all.

    Parameters
    ----------
    how : {"strip", "case"}
    counted : IdMap
        Ids of the interactions.
    counts : ndarray of int64, shape (len(counted),)
        Interactions of each.
    listed : IdMap, optional
        Ids of the table of users or items.
    """
    known = counted if listed is None else counted.union(listed)
    in_table = known.rows_in(listed) >= 0 if listed is not None else np.zeros(len(known), dtype=bool)
    counts_known = np.zeros(len(known), dtype=np.int64)
    counts_known[counted.rows_in(known)] = counts
    texts = pd.Series(known.ids, dtype="str")
    forms = texts.str.strip() if how == "strip" else texts.str.lower()
    shared = forms.duplicated(keep=False).to_numpy()
    if how == "strip":
        # What is nothing but blanks has no trimmed form to become.
        shared = shared & (forms != "").to_numpy()
    rows_shared = np.flatnonzero(shared)
    group = pd.DataFrame(
        {
            "id": known.ids[rows_shared],
            "form": forms.to_numpy(dtype=object)[rows_shared],
            "listed": in_table[rows_shared],
            "count": counts_known[rows_shared],
        }
    )
    if how == "strip":
        into = group["form"].to_numpy(dtype=object)
    else:
        ranked = group.sort_values(["listed", "count", "id"], ascending=[False, False, True], kind="stable")
        first = ranked.drop_duplicates("form").set_index("form")["id"]
        into = group["form"].map(first).to_numpy(dtype=object)
    moved = group["id"].to_numpy(dtype=object) != into
    return Lookalikes(group["id"].to_numpy(dtype=object)[moved], into[moved])


def merge_ids_by(tables: Tables, params: Mapping[str, Any]) -> tuple[Tables, str]:
    """Merge look-alikes of one id column in all tables; of rows that describe one id, one stays."""
    column, how = params["column"], params["how"]
    what = "users" if column == USER_ID_NAME else "items"
    listed = getattr(tables, what)
    counted, rows = IdMap.encoding(tables.interactions[column])
    counts = np.bincount(rows[rows >= 0], minlength=len(counted))
    found = lookalikes(how, counted, counts, None if listed is None else IdMap.from_values(listed[column]))
    words = "blanks around them" if how == "strip" else "upper and lower case"
    if not len(found.ids):
        return tables, f"No '{column}' differs from another by {words} only: nothing was merged."
    moved_ids = IdMap(found.ids)
    moved = moved_ids.encode(tables.interactions[column])
    events = tables.interactions.assign(**{column: _replaced(tables.interactions[column], moved, found)})
    note = (
        f"{len(found.ids):,} ids in '{column}' that differed from another by {words} only became that other "
        f"({found.ids[0]!r} became {found.into[0]!r}, for one), in {int((moved >= 0).sum()):,} interactions."
    )
    if listed is None:
        return replace(tables, interactions=events), note
    moved = moved_ids.encode(listed[column])
    ids = _replaced(listed[column], moved, found)
    has_moved = moved >= 0
    again = has_moved & (ids.isin(ids[~has_moved]) | ids.where(has_moved).duplicated()).to_numpy()
    if again.any():
        note += f" {int(again.sum()):,} rows of the table of {what} described an id twice and were dropped."
    merged = listed.assign(**{column: ids})[~again].reset_index(drop=True)
    return replace(tables, interactions=events, **{what: merged}), note


def _replaced(ids: pd.Series, moved: NDArray[np.int32], found: Lookalikes) -> pd.Series:
    """Return the ids as text, those that moved replaced; `moved` is a row of `found` or -1."""
    known, rows = IdMap.encoding(ids)
    into, places = IdMap.encoding(pd.Series(found.into, dtype="str"))
    # One code for each text, the old ones first; the last one is a missing id.
    texts = pd.array([*known.ids, *into.ids, None], dtype="str")
    codes = np.where(rows < 0, len(texts) - 1, rows)
    codes = np.where(moved >= 0, len(known) + places[moved], codes)
    return pd.Series(texts.take(codes), index=ids.index)
