"""The data of a comparison: mapped frames, and the item features prepared for the models once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures, prepare_item_features
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.dataset.report.checks import DataSummary, Finding, check_interactions, check_items, summarise
from skrec_lite.exceptions import InvalidDataError


@dataclass(frozen=True)
class LabData:
    """Interactions and items in the library's column names.

    Attributes
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``, ``OUTCOME``, optionally ``TIMESTAMP``.
    items : DataFrame or None
        ``ITEM_ID``, optionally ``TITLE``, any features.
    name : str
        What people call it.
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    name: str = "data"

    @cached_property
    def features(self) -> ItemFeatures | None:
        """Numeric item features, scaled for cosine; None where `features_missing` says why."""
        return None if isinstance(self._prepared, str) else self._prepared

    @property
    def features_missing(self) -> str:
        """Why items cannot be compared by their features, in a sentence; empty where they can."""
        return self._prepared if isinstance(self._prepared, str) else ""

    @cached_property
    def _prepared(self) -> ItemFeatures | str:
        if self.items is None:
            return (
                "Content-based retrieval compares items by their features, and no items are loaded. Load an "
                "items file on the Data screen."
            )
        try:
            return prepare_item_features(self.items)
        except InvalidDataError as reason:
            return f"Content-based retrieval compares items by their features. {reason}"

    def model_items(self, train: pd.DataFrame) -> pd.DataFrame | None:
        """Return the catalogue for the models: numeric features of every item listed or trained on.

        Items trained on but missing from the items file get average features (0 after scaling) rather
        than vanish. Items that only occur after the cut of a split stay unknown.
        """
        if self.features is None or self.items is None:
            return None
        catalogue = IdMap.from_values(self.items[ITEM_ID_NAME], train[ITEM_ID_NAME])
        features = self.features.frame
        described = features.drop(columns=[ITEM_ID_NAME]).set_axis(as_id_strings(features[ITEM_ID_NAME]))
        table = described.loc[~described.index.duplicated()].reindex(catalogue.ids).fillna(0.0)
        table.insert(0, ITEM_ID_NAME, catalogue.ids)
        return table.reset_index(drop=True)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Return the title of each item that has one."""
        if self.items is None or TITLE_COL not in self.items.columns:
            return {}
        named = self.items.loc[self.items[TITLE_COL].notna()]
        return dict(zip(as_id_strings(named[ITEM_ID_NAME]), named[TITLE_COL].astype(str), strict=True))

    @cached_property
    def item_table(self) -> pd.DataFrame | None:
        """Return the items as given, one row an item, indexed by id as text."""
        if self.items is None:
            return None
        table = self.items.set_axis(pd.Index(as_id_strings(self.items[ITEM_ID_NAME]), dtype=object))
        return table.loc[~table.index.duplicated()].drop(columns=[ITEM_ID_NAME])

    def titles_of(self, item_ids: np.ndarray) -> np.ndarray:
        """Return the title of each id, or the id itself where there is none, same shape."""
        flat = [self.titles.get(item, item) for item in np.ravel(item_ids)]
        return np.array(flat, dtype=object).reshape(np.shape(item_ids))

    @cached_property
    def n_users(self) -> int:
        """Number of distinct users."""
        return int(self.interactions[USER_ID_NAME].nunique())

    @cached_property
    def n_items(self) -> int:
        """Number of items in the catalogue: listed or interacted with."""
        if self.items is None:
            return int(self.interactions[ITEM_ID_NAME].nunique())
        return len(IdMap.from_values(self.items[ITEM_ID_NAME], self.interactions[ITEM_ID_NAME]))

    @cached_property
    def summary(self) -> DataSummary:
        """Users, items, interactions, density, and what else one asks first."""
        return summarise(self.interactions, self.items)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is odd about the data and what can be done, errors first."""
        found = check_interactions(self.interactions, self.items)
        if self.items is not None:
            found += check_items(self.items, self.interactions)
        return sorted(found, key=lambda finding: ("error", "warning", "info").index(finding.severity))

    @cached_property
    def interactions_per_item(self) -> NDArray[np.int64]:
        """Interactions of each item of the catalogue, 0 for the untouched, most first, shape (n_items,)."""
        listed = [] if self.items is None else [self.items[ITEM_ID_NAME]]
        return _counts(self.interactions[ITEM_ID_NAME], *listed)

    @cached_property
    def interactions_per_user(self) -> NDArray[np.int64]:
        """Interactions of each user, most first, shape (n_users,)."""
        return _counts(self.interactions[USER_ID_NAME])


def _counts(ids: pd.Series, *also: pd.Series) -> NDArray[np.int64]:
    """Count each id, and those that only occur in `also` as 0, most first."""
    known = IdMap.from_values(ids, *also)
    return np.sort(np.bincount(known.encode(ids), minlength=len(known)))[::-1]
