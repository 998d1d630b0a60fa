"""Standardised features of users or items, as neural estimators take them beside ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.numeric_features import lookup_features, numeric_feature_columns
from skrec_lite.dataset.id_map import IdMap

# Beyond this many standard deviations a value says "extreme" and nothing more.
_CLIP = 5.0


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Brings numeric columns to mean 0 and variance 1; what is missing becomes 0, the average.

    Attributes
    ----------
    columns : tuple of str
        The columns of the fit.
    centre, scale : ndarray of float32, shape (n_columns,)
    """

    columns: tuple[str, ...]
    centre: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, columns: list[str], table: NDArray[np.float32]) -> Standardizer:
        """Learn mean and spread from a table (n_rows, n_columns); NaN is missing and does not count."""
        wide = table.astype(np.float64)
        present = np.isfinite(wide)
        counts = np.maximum(present.sum(axis=0), 1)
        centre = np.where(present, wide, 0.0).sum(axis=0) / counts
        deviation = np.where(present, wide - centre, 0.0)
        scale = np.sqrt((deviation**2).sum(axis=0) / counts)
        scale[scale <= 1e-9 * np.maximum(np.abs(centre), 1e-9)] = 1.0
        return cls(tuple(columns), centre.astype(np.float32), scale.astype(np.float32))

    def __len__(self) -> int:
        return len(self.columns)

    def apply(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the standardised table, float32, same shape, finite."""
        standard = (table - self.centre) / self.scale
        return np.clip(np.where(np.isfinite(standard), standard, 0.0), -_CLIP, _CLIP).astype(np.float32)

    def describe(self, frame: pd.DataFrame | None, id_column: str, ids: IdMap) -> NDArray[np.float32]:
        """Return the standardised features of each id, shape (n_ids, n_columns); 0 where not known."""
        return self.apply(lookup_features(frame, id_column, ids.ids, list(self.columns)))

    def rows_of(self, frame: pd.DataFrame | None, n_rows: int) -> NDArray[np.float32]:
        """Return the standardised columns of a frame, row by row: request context, one row a query."""
        if frame is None or not self.columns:
            return np.zeros((n_rows, len(self.columns)), dtype=np.float32)
        given = frame.reindex(columns=list(self.columns)).apply(pd.to_numeric, errors="coerce")
        return self.apply(given.to_numpy(dtype=np.float32))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what a saved model keeps of this, under names that start with `name`."""
        return {f"{name}_centre": self.centre, f"{name}_scale": self.scale}

    @classmethod
    def of_saved(cls, name: str, columns: list[str], arrays: Mapping[str, NDArray[Any]]) -> Standardizer:
        """Return what `arrays` kept."""
        return cls(tuple(columns), arrays[f"{name}_centre"], arrays[f"{name}_scale"])


def fit_features(
    frame: pd.DataFrame | None, id_column: str, ids: IdMap
) -> tuple[Standardizer, NDArray[np.float32]]:
    """Learn to standardise the numeric columns of `frame` over `ids`; return that and their features.

    Returns
    -------
    Standardizer
    ndarray of float32, shape (n_ids, n_columns)
    """
    columns = numeric_feature_columns(frame)
    table = lookup_features(frame, id_column, ids.ids, columns)
    standardizer = Standardizer.fit(columns, table)
    return standardizer, standardizer.apply(table)
