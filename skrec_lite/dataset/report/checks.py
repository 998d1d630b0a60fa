"""Look over interactions and items, and say what each oddity means for two-stage retrieval."""

from __future__ import annotations

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.report.findings import Finding, Severity, id_findings, no_rows
from skrec_lite.dataset.report.interaction_findings import history_findings, outcome_findings, time_findings
from skrec_lite.dataset.report.summary import DataSummary, summarise
from skrec_lite.exceptions import InvalidDataError

__all__ = ["DataSummary", "Finding", "Severity", "check_interactions", "check_items", "summarise"]


def check_interactions(interactions: pd.DataFrame, items: pd.DataFrame | None = None) -> list[Finding]:
    """Look over interactions; with `items`, also whether the two tables fit together.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``; ``OUTCOME`` and ``TIMESTAMP`` if there.
    items : DataFrame, optional
        ``ITEM_ID`` and features.

    Returns
    -------
    list of Finding
        Errors first, then warnings, then infos. Nothing is raised for bad data.
    """
    found = [finding for name in (USER_ID_NAME, ITEM_ID_NAME) for finding in id_findings(interactions, name)]
    if not len(interactions):
        found.append(no_rows("interactions"))
    if any(finding.severity == "error" for finding in found):
        return found
    found += outcome_findings(interactions)
    found += history_findings(interactions)
    found += time_findings(interactions)
    if items is not None and ITEM_ID_NAME in items.columns:
        found += _overlap_findings(interactions, items)
    return _by_severity(found)


def check_items(items: pd.DataFrame, interactions: pd.DataFrame | None = None) -> list[Finding]:
    """Look over items; with `interactions`, also which items nobody has touched.

    Parameters
    ----------
    items : DataFrame
        ``ITEM_ID``, ``TITLE`` if there, features.
    interactions : DataFrame, optional
        ``ITEM_ID``.

    Returns
    -------
    list of Finding
        Errors first, then warnings, then infos. Nothing is raised for bad data.
    """
    found = list(id_findings(items, ITEM_ID_NAME))
    if not len(items):
        found.append(no_rows("items"))
    if any(finding.severity == "error" for finding in found):
        return found
    listed = IdMap.from_values(items[ITEM_ID_NAME])
    repeated = len(items) - len(listed)
    if repeated:
        found.append(
            Finding(
                "error",
                f"{repeated:,} rows repeat an item id, so one item would have two descriptions.",
                ITEM_ID_NAME,
                repeated,
                "Keep one row per item; applying the item mapping again keeps the first.",
            )
        )
    found += _feature_findings(items)
    if TITLE_COL not in items.columns:
        found.append(
            Finding(
                "info",
                "Items have no title: pools and lists show ids, which say little to a person.",
                TITLE_COL,
                None,
                "Choose the column that holds the names.",
            )
        )
    if interactions is not None and ITEM_ID_NAME in interactions.columns:
        cold = int((listed.rows_in(IdMap.from_values(interactions[ITEM_ID_NAME])) < 0).sum())
        if cold:
            found.append(
                Finding(
                    "info",
                    f"{cold:,} of {len(listed):,} items have no interaction: only content-based retrieval "
                    "can find them, embedding and popularity cannot.",
                    ITEM_ID_NAME,
                    cold,
                    "Nothing to repair; give items features so that they can be found.",
                )
            )
    return _by_severity(found)


def _by_severity(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: ("error", "warning", "info").index(finding.severity))


def _overlap_findings(interactions: pd.DataFrame, items: pd.DataFrame) -> list[Finding]:
    known = IdMap.from_values(items[ITEM_ID_NAME]).encode(interactions[ITEM_ID_NAME]) >= 0
    unknown = int((~known).sum())
    if not unknown:
        return []
    examples = interactions.loc[~known, ITEM_ID_NAME].iloc[0], items[ITEM_ID_NAME].iloc[0]
    if unknown == len(known):
        return [
            Finding(
                "error",
                f"No item of the interactions is in the item table (ids look like '{examples[0]}' there and "
                f"like '{examples[1]}' here), so content-based retrieval has nothing to go by.",
                ITEM_ID_NAME,
                unknown,
                "Choose the id columns again: both tables must use the same ids.",
            )
        ]
    return [
        Finding(
            "warning",
            f"{unknown:,} of {len(known):,} interactions are with items that the item table lacks "
            f"('{examples[0]}', for one): content-based retrieval cannot find these.",
            ITEM_ID_NAME,
            unknown,
            "Add the missing items to the item table.",
        )
    ]


def _feature_findings(items: pd.DataFrame) -> list[Finding]:
    try:
        features = prepare_item_features(items, allow_empty=True)
    except InvalidDataError as error:
        return [Finding("error", error.problem, error.column, error.rows, error.repair or "")]
    if not features.feature_names:
        return [
            Finding(
                "warning",
                "No column can be used as a feature: content-based retrieval has nothing to compare by.",
                None,
                len(items),
                "Add a column of numbers, categories or tags (price, year, genre).",
            )
        ]
    if not features.n_bare:
        return []
    return [
        Finding(
            "warning",
            f"{features.n_bare:,} of {len(items):,} items have no feature of their own: content-based "
            "retrieval can hardly tell them apart.",
            None,
            features.n_bare,
            "Fill in their features.",
        )
    ]
