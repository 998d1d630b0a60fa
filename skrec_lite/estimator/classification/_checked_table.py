"""Input of tabular estimators, checked where it enters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skrec_lite.constants import LABEL_NAME, USER_ID_NAME
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint

Table: TypeAlias = NDArray[np.float32] | pd.DataFrame


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows to learn from, or to validate on.

    Attributes
    ----------
    table : ndarray of float32, shape (n_rows, n_features)
    labels : ndarray of float32, shape (n_rows,)
        0 or 1.
    groups : ndarray of int64, shape (n_rows,), or None
        Which query a row belongs to: ``0 .. n_groups - 1``, rising, so that a group's rows lie together.
    """

    table: NDArray[np.float32]
    labels: NDArray[np.float32]
    groups: NDArray[np.int64] | None = None

    def group_sizes(self) -> NDArray[np.int64] | None:
        """Return how many rows each group has, or None without groups."""
        return None if self.groups is None else np.bincount(self.groups)

    def by_group(self, groups: ArrayLike, what: str) -> Labelled:
        """Return the rows sorted by group; within a group they keep their order.

        Raises
        ------
        ValueError
            If there is not one integer for each row.
        """
        given = np.asarray(groups).ravel()
        if len(given) != len(self.labels) or given.dtype.kind not in "iu":
            raise InvalidDataError(
                f"{what} must hold one integer for each of {len(self.labels):,} rows. Got {len(given):,} "
                f"values of type {given.dtype}.",
                repair="Number the users, and give each row its user's number.",
            )
        codes = np.unique(given, return_inverse=True)[1].astype(np.int64)
        order = np.argsort(codes, kind="stable")
        return Labelled(self.table[order], self.labels[order], codes[order])

    def require_a_mixed_group(self) -> None:
        """Raise `InvalidDataError` if no group holds both labels: a ranking could learn nothing."""
        if self.groups is None:
            return
        sizes, positives = np.bincount(self.groups), np.bincount(self.groups, self.labels)
        if not ((positives > 0) & (positives < sizes)).any():
            raise InvalidDataError(
                f"None of the {len(sizes):,} groups holds both labels, so no order within a group can be "
                "learned.",
                column=USER_ID_NAME,
                rows=len(self.labels),
                repair="Add rows with the other label to each group, such as items the user did not choose.",
            )


def aligned(X: Table, names: tuple[str, ...] | None, width: int) -> NDArray[np.float32]:
    """Return `X` as a matrix with the columns of the fit, in their order.

    Raises
    ------
    ValueError
        If a column is missing or the width differs.
    """
    if isinstance(X, pd.DataFrame) and names is not None:
        present = X.rename(columns=str)
        missing = [name for name in names if name not in present.columns]
        if missing:
            listed = ", ".join(map(repr, missing[:5])) + (", ..." if len(missing) > 5 else "")
            raise InvalidDataError(
                f"{len(missing):,} of the {len(names):,} features of the fit are missing: {listed}."
                f"{nearest_name_hint(missing[0], map(str, present.columns))}",
                column=missing[0],
                repair="Give the columns that the model was fitted on.",
            )
        X = present[list(names)]
    table = as_matrix(X)
    if table.shape[1] != width:
        raise InvalidDataError(
            f"The model was fitted on {width:,} features, but got {table.shape[1]:,}.",
            repair="Give the columns that the model was fitted on, in the same order.",
        )
    return table


def as_matrix(X: Table) -> NDArray[np.float32]:
    """Return `X` as a C-contiguous float32 matrix; whatever is missing becomes NaN.

    Raises
    ------
    ValueError
        For columns that are not numeric, or something that is no table.
    """
    if isinstance(X, pd.DataFrame):
        for name, dtype in X.dtypes.items():
            if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)):
                raise InvalidDataError(
                    f"Feature '{name}' holds {dtype} values, and features must be numbers.",
                    column=str(name),
                    rows=len(X),
                    repair="Encode the column as numbers, or leave it out.",
                )
        table = X.to_numpy(dtype=np.float32, na_value=np.nan)
    else:
        table = np.asarray(X, dtype=np.float32)
    if table.ndim != 2:
        raise InvalidDataError(f"Features must be a table of rows and columns, but have shape {table.shape}.")
    return np.ascontiguousarray(table)


def require_finite(table: NDArray[np.float32], names: tuple[str, ...] | None) -> None:
    """Raise `InvalidDataError` for an infinite value, by column; NaN is a missing value and may be there."""
    infinite = np.isinf(table)
    if infinite.any():
        column = int(infinite.any(axis=0).argmax())
        name = names[column] if names else f"f{column}"
        rows = int(infinite[:, column].sum())
        raise InvalidDataError(
            f"Feature '{name}' is infinite, or beyond float32, in {rows:,} of {len(table):,} rows.",
            column=name,
            rows=rows,
            repair="Clip the column, or leave the value empty: a missing value is fine.",
        )


def check_labels(y: ArrayLike, n_rows: int, what: str) -> NDArray[np.float32]:
    """Return `y` as float32 if it holds one label, 0 or 1, for each row.

    Raises
    ------
    ValueError
        Otherwise.
    """
    labels = np.asarray(y, dtype=np.float32).ravel()
    if len(labels) != n_rows or not n_rows:
        raise InvalidDataError(
            f"{what} must hold one label for each of {n_rows:,} rows. Got {len(labels):,}."
        )
    bad = ~np.isin(labels, (0.0, 1.0))
    if bad.any():
        raise InvalidDataError(
            f"{what} must hold the labels 0 and 1, but {int(bad.sum()):,} of {n_rows:,} rows do not (the "
            f"first is {labels[bad][0]:g}).",
            column=LABEL_NAME,
            rows=int(bad.sum()),
            repair="Turn outcomes into 1 (wanted) and 0 (not wanted), for instance rating >= 4.",
        )
    return labels
