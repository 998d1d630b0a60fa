"""The data of a comparison: mapped frames, and the item features prepared for the models once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, SPLIT_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures, prepare_item_features
from skrec_lite.dataset.features.user_features import UserFeatures, prepare_user_features
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.dataset.recipe import Loaded, Recipe
from skrec_lite.dataset.report.findings import Finding
from skrec_lite.dataset.report.profile import DataReport, report
from skrec_lite.dataset.report.repairs import Repair, apply_repair
from skrec_lite.dataset.report.summary import DataSummary
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError

_OF_THE_TABLES = ("titles", "item_table", "described_items", "listed_ids", "n_users", "n_items")


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
    users : DataFrame or None
        ``USER_ID``, any features.
    loaded : Loaded or None
        The files, the recipe and the tables before any repair that this data came of.
    item_kinds, user_kinds : mapping of str to str
        What features are made of as which kind, where the guess is not to be taken.
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    name: str = "data"
    users: pd.DataFrame | None = None
    loaded: Loaded | None = field(default=None, repr=False)
    item_kinds: Mapping[str, str] = field(default_factory=dict)
    user_kinds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, loaded: Loaded, name: str) -> LabData:
        """Return the data of loaded files.

        Examples
        --------
        >>> from skrec_lite.dataset import load
        >>> data = LabData.of(load("ml-latest-small"), "MovieLens")  # doctest: +SKIP
        """
        tables, recipe = loaded.tables, loaded.recipe
        return cls(
            tables.interactions,
            tables.items,
            name,
            tables.users,
            loaded,
            recipe.item_kinds,
            recipe.user_kinds,
        )

    def checked(self) -> LabData:
        """Return this data if every feature can be read as the kind chosen for it.

        Raises
        ------
        InvalidDataError
            If one cannot; the message names the column and what is in the way.
        """
        if self.item_kinds and self.items is not None:
            prepared = prepare_item_features(self.items, kinds=self.item_kinds, allow_empty=True)
            if len(prepared.frame.columns) > 1:
                # Asked for next, and as much work again.
                self.__dict__["_prepared"] = prepared
        if self.user_kinds and self.users is not None:
            prepare_user_features(self.users, kinds=self.user_kinds, allow_empty=True)
        return self

    @property
    def tables(self) -> Tables:
        """The three tables."""
        return Tables(self.interactions, self.items, self.users)

    @property
    def has_split(self) -> bool:
        """Whether the data gives a split of its own: some interactions to test on, others to train on."""
        if SPLIT_COL not in self.interactions.columns:
            return False
        is_test = self.interactions[SPLIT_COL] == "test"
        return bool(is_test.any() and not is_test.all())

    def repaired(self, repair: Repair) -> LabData:
        """Return the data with one repair more, recorded in its recipe.

        Raises
        ------
        InvalidDataError
            If the repair leaves nothing, or does not fit the data.
        """
        loaded = self.loaded or Loaded(self.tables, self.tables, Recipe(()), {})
        done = apply_repair(loaded.tables, repair)
        return LabData.of(
            replace(
                loaded,
                tables=done.tables,
                recipe=loaded.recipe.with_repair(repair),
                repaired=(*loaded.repaired, done),
            ),
            self.name,
        )

    def without_repair(self, place: int) -> LabData:
        """Return the data without one of its repairs; those after it are made anew.

        Parameters
        ----------
        place : int
            Of the repair, from 0.
        """
        assert self.loaded is not None
        recipe = self.loaded.recipe.without_repair(place)
        kept = self.loaded.repaired[:place]
        tables = kept[-1].tables if kept else self.loaded.mapped
        repaired = list(kept)
        for repair in recipe.repairs[place:]:
            repaired.append(apply_repair(tables, repair))
            tables = repaired[-1].tables
        return LabData.of(
            replace(self.loaded, tables=tables, recipe=recipe, repaired=tuple(repaired)), self.name
        )

    def with_kinds(self, item_kinds: Mapping[str, str], user_kinds: Mapping[str, str]) -> LabData:
        """Return the data with other kinds of features, recorded in its recipe."""
        loaded = self.loaded or Loaded(self.tables, self.tables, Recipe(()), {})
        recipe = replace(loaded.recipe, item_kinds=dict(item_kinds), user_kinds=dict(user_kinds))
        other = LabData.of(replace(loaded, recipe=recipe), self.name)
        # The tables are the same, and so is what was found out about them.
        other.__dict__.update({name: self.__dict__[name] for name in _OF_THE_TABLES if name in self.__dict__})
        if "report" in self.__dict__:
            other.__dict__["report"] = self.report.with_features(lambda: other.features)
        return other

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
            return prepare_item_features(self.items, kinds=self.item_kinds)
        except InvalidDataError as reason:
            return f"Content-based retrieval compares items by their features. {reason}"

    @cached_property
    def user_features(self) -> UserFeatures | None:
        """Numeric user features; None without a table of users, or without a usable feature in it."""
        if self.users is None:
            return None
        try:
            return prepare_user_features(self.users, kinds=self.user_kinds)
        except InvalidDataError:
            return None

    def model_users(self, train: pd.DataFrame) -> pd.DataFrame | None:
        """Return the users for the models: numeric features of every user trained on.

        Users trained on but missing from the table of users get average features.
        """
        if self.user_features is None:
            return None
        known = IdMap.from_values(train[USER_ID_NAME])
        return _features_of(self.user_features.frame, USER_ID_NAME, known)

    def model_items(self, train: pd.DataFrame) -> pd.DataFrame | None:
        """Return the catalogue for the models: numeric features of every item listed or trained on.

        Items trained on but missing from the items file get average features (0 after scaling) rather
        than vanish. Items that only occur after the cut of a split stay unknown.
        """
        if self.features is None or self.items is None:
            return None
        catalogue = IdMap.from_values(self.items[ITEM_ID_NAME], train[ITEM_ID_NAME])
        return _features_of(self.features.frame, ITEM_ID_NAME, catalogue)

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

    @cached_property
    def described_items(self) -> pd.DataFrame:
        """Return each listed item, or without a list each item interacted with, by row.

        ``ITEM_ID, TITLE`` and the item columns; where an item has no title, that is its id.
        """
        ids = self.listed_ids.to_numpy()
        named = pd.DataFrame({ITEM_ID_NAME: ids, TITLE_COL: self.titles_of(ids)})
        if self.item_table is None:
            return named
        details = self.item_table.reset_index(drop=True).drop(columns=[TITLE_COL], errors="ignore")
        return pd.concat([named, details], axis=1)

    @cached_property
    def listed_ids(self) -> pd.Index:
        """Return the ids of `described_items` as text."""
        if self.item_table is not None:
            return self.item_table.index
        return pd.Index(IdMap.from_values(self.interactions[ITEM_ID_NAME]).ids, dtype=object)

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
    def report(self) -> DataReport:
        """What the data looks like, and what is odd about it."""
        return report(self.tables, features=lambda: self.features)

    @property
    def summary(self) -> DataSummary:
        """Users, items, interactions, density, and what else one asks first."""
        return self.report.summary

    @property
    def findings(self) -> list[Finding]:
        """What is odd about the data and what can be done, errors first."""
        return list(self.report.findings)


def _features_of(features: pd.DataFrame, id_name: str, ids: IdMap) -> pd.DataFrame:
    """Return the features of all ids, in their order; 0, which is average after scaling, where unknown."""
    described = features.drop(columns=[id_name]).set_axis(as_id_strings(features[id_name]))
    table = described.loc[~described.index.duplicated()].reindex(ids.ids).fillna(0.0)
    table.insert(0, id_name, ids.ids)
    return table.reset_index(drop=True)
