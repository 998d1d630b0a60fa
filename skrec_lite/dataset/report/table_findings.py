"""What the item and user tables tell, alone and beside the interactions."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures, prepare_item_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.findings import Finding, percent
from skrec_lite.dataset.report.leaks import Outcomes, leak_reasons, sampled_rows
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.exceptions import InvalidDataError

_MANY_BARE: Final = 0.01


def unknown_items(coded: CodedInteractions, listed: IdMap) -> list[Finding]:
    """Look for interactions with items that the item table lacks."""
    known = coded.items.rows_in(listed) >= 0
    unknown = int(coded.item_counts[~known].sum())
    if not unknown:
        return []
    example = coded.items.ids[np.argmin(known)]
    if unknown == len(coded):
        return [
            Finding(
                "error",
                f"No item of the interactions is in the item table (ids look like '{example}' there and "
                f"like '{listed.ids[0]}' here), so content-based retrieval has nothing to go by.",
                ITEM_ID_NAME,
                unknown,
                "Choose the id columns again: both tables must use the same ids.",
                "Tables do not match",
            )
        ]
    return [
        Finding(
            "warning",
            f"{unknown:,} of {len(coded):,} interactions are with items that the item table lacks "
            f"({int((~known).sum()):,} items like '{example}'): content-based retrieval cannot find them.",
            ITEM_ID_NAME,
            unknown,
            "Add the missing items to the item table, or drop these interactions.",
            "Unknown items",
            (Repair("drop_unknown_items"),),
        )
    ]


def untouched_items(coded: CodedInteractions, listed: IdMap) -> list[Finding]:
    """Look for items that no interaction names."""
    cold = int((listed.rows_in(coded.items) < 0).sum())
    if not cold:
        return []
    some = cold < len(listed)
    return [
        Finding(
            "info",
            f"{cold:,} of {len(listed):,} items have no interaction: only content-based retrieval "
            "can find them, embedding and popularity cannot.",
            ITEM_ID_NAME,
            cold,
            "Give items features so that they can be found; drop them if they are not on offer.",
            "Untouched items",
            (Repair("drop_items_without_interactions"),) if some else (),
        )
    ]


def user_table_findings(coded: CodedInteractions, listed: IdMap) -> list[Finding]:
    """Look for users of the interactions that the user table lacks, and the other way round."""
    found = []
    known = coded.users.rows_in(listed) >= 0
    if not known.any():
        found.append(
            Finding(
                "error",
                f"No user of the interactions is in the user table (ids look like '{coded.users.ids[0]}' "
                f"there and like '{listed.ids[0]}' here), so user features say nothing.",
                USER_ID_NAME,
                len(known),
                "Choose the id columns again: both tables must use the same ids.",
                "Tables do not match",
            )
        )
    elif not known.all():
        found.append(
            Finding(
                "info",
                f"{int((~known).sum()):,} of {len(known):,} users with interactions are not in the user "
                "table: models that use user features know nothing else of them.",
                USER_ID_NAME,
                int((~known).sum()),
                "Add them to the user table if they are known.",
                "Unlisted users",
            )
        )
    idle = int((listed.rows_in(coded.users) < 0).sum())
    if idle and known.any():
        found.append(
            Finding(
                "info",
                f"{idle:,} of {len(listed):,} listed users have no interaction: retrieval has no history to "
                "start from, and nothing of theirs can be held out.",
                USER_ID_NAME,
                idle,
                "Nothing to repair; they are not measured.",
                "Users without interactions",
            )
        )
    return found


def repeated_rows(frame: pd.DataFrame, column: str, listed: IdMap) -> list[Finding]:
    """Look for ids that a table describes twice."""
    repeated = len(frame) - len(listed)
    what = "item" if column == ITEM_ID_NAME else "user"
    if not repeated:
        return []
    return [
        Finding(
            "error",
            f"{repeated:,} rows repeat {'an' if what == 'item' else 'a'} {what} id, so one {what} would have "
            "two descriptions.",
            column,
            repeated,
            f"Keep one row per {what}; applying the {what} mapping again keeps the first.",
            f"Repeated {what} ids",
        )
    ]


def item_feature_findings(items: pd.DataFrame, features: ItemFeatures | None = None) -> list[Finding]:
    """Look whether items can be told apart by their features, and have names for people.

    `features` are those prepared of them already; preparing texts takes seconds.
    """
    found = []
    try:
        features = prepare_item_features(items, allow_empty=True) if features is None else features
    except InvalidDataError as error:
        return [
            Finding("error", error.problem, error.column, error.rows, error.repair or "", "Unusable features")
        ]
    if not features.feature_names:
        found.append(
            Finding(
                "warning",
                "No column can be used as a feature: content-based retrieval has nothing to compare by.",
                None,
                len(items),
                "Add a column of numbers, categories, tags, dates or text (price, genre, description).",
                "No item features",
            )
        )
    elif features.n_bare:
        found.append(
            Finding(
                "warning" if features.n_bare >= _MANY_BARE * len(items) else "info",
                f"{features.n_bare:,} of {len(items):,} items ({percent(features.n_bare / len(items))}) have "
                "no feature of their own: content-based retrieval can hardly tell them apart.",
                None,
                features.n_bare,
                "Fill in their features.",
                "Items without features",
            )
        )
    if TITLE_COL not in items.columns:
        found.append(
            Finding(
                "info",
                "Items have no title: pools and lists show ids, which say little to a person.",
                TITLE_COL,
                None,
                "Choose the column that holds the names.",
                "No titles",
            )
        )
    return found


def leak_findings(frame: pd.DataFrame, column: str, coded: CodedInteractions) -> list[Finding]:
    """Look for columns of the item or user table (by its id column) that seem made of the interactions."""
    of_items = column == ITEM_ID_NAME
    names = [name for name in frame.columns if isinstance(name, str) and name not in (column, TITLE_COL)]
    rows = sampled_rows(len(frame), len(names))
    ids, index = (coded.items, coded.item_index) if of_items else (coded.users, coded.user_index)
    place = ids.encode(frame[column].iloc[rows])
    told = Outcomes(
        np.append(coded.item_counts if of_items else coded.histories, 0)[place],
        _means(coded, of_items, place),
        None if coded.times is None else coded.extreme_times(index, len(ids))[place],
        None if coded.times is None else coded.extreme_times(index, len(ids), last=True)[place],
    )
    kind, what = ("drop_item_column", "items") if of_items else ("drop_user_column", "users")
    found = []
    for name in names:
        leak = leak_reasons(frame[name].iloc[rows].reset_index(drop=True), told)
        if leak is None:
            continue
        reason, n = leak
        found.append(
            Finding(
                "warning",
                f"For {what}, '{name}' {reason}. It may have been computed from these very interactions, the "
                "held-out ones included: then retrievers and rankers that use it know what they are asked.",
                name,
                n,
                "Drop the column, or compute it from what came before the cut.",
                "Possible leak",
                (Repair(kind, {"column": name}),),
            )
        )
    return found


def _means(coded: CodedInteractions, of_items: bool, place: np.ndarray) -> np.ndarray | None:
    means = coded.mean_outcomes if of_items else coded.mean_outcomes_of_users
    if means is None or coded.outcome is None or coded.outcome.min() == coded.outcome.max():
        return None
    return means[place]
