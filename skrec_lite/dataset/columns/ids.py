"""Ids of a column as text, exactly as they were written."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import as_id_strings

_R_NUMBER: Final = r"[1-9](?:\.\d+)?e\+\d\d"


def ids_of(values: pd.Series, name: str, notes: list[str]) -> pd.Series:
    """Return ids as a ``str`` series, missing where a cell is empty or blank.

    Parameters
    ----------
    values : Series
        Any dtype, shape (n,).
    name : str
        What notes call the column.
    notes : list of str
        Is told what was read otherwise than it was written.
    """
    codes, texts = factorized_ids(values, name, notes)
    return pd.Series(pd.array([*texts, None], dtype="str").take(codes))


def distinct_ids(values: pd.Series, name: str) -> pd.Index:
    """Return the distinct ids of a column, in order of appearance, as an index of objects.

    Not of ``str``, whose ``isin`` takes two hundred times as long (pandas 3.1).
    """
    _, texts = factorized_ids(values, name, [])
    return pd.Index(texts, dtype=object).dropna().unique()


def factorized_ids(
    values: pd.Series, name: str, notes: list[str]
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Return the place of each row's id among the distinct ones, and these; as `ids_of`.

    Returns
    -------
    codes : ndarray of intp, shape (n,)
        -1 where a cell is missing.
    texts : ndarray of object, shape (n_distinct,)
        In order of appearance; None where a cell is blank. One text may occur twice (``True`` and ``1``).
    """
    codes, uniques = pd.factorize(values) if values.dtype != object else _factorized_objects(values)
    texts = as_id_strings(uniques)
    blank = np.array([not text or text.isspace() for text in texts], dtype=bool)
    texts = texts.copy()
    texts[blank] = None
    return codes, _undo_scientific(texts, codes, name, notes)


def _factorized_objects(values: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Translate before hashing, which takes ``True`` for ``1``."""
    return pd.factorize(as_id_strings(values))


def _undo_scientific(
    texts: NDArray[np.object_], codes: NDArray[np.intp], name: str, notes: list[str]
) -> NDArray[np.object_]:
    """Read ``9e+05`` as 900000 where every other id is a plain whole number: R writes round numbers so."""
    series = pd.Series(texts, dtype="str")
    odd = series.str.fullmatch(_R_NUMBER, na=False).to_numpy(dtype=bool)
    if not odd.any() or not series[~odd].dropna().str.fullmatch(r"0|[1-9]\d*").all():
        return texts
    numbers = series[odd].astype(np.float64)
    if (numbers != np.floor(numbers)).any() or odd.all():
        return texts
    whole = numbers.astype(np.int64).astype(str).to_numpy(dtype=object)
    if np.isin(whole, texts[~odd & series.notna().to_numpy()].astype(str)).any():
        return texts  # R writes a number in one way: where both are there, they are two ids.
    rows = int(np.isin(codes, np.flatnonzero(odd)).sum())
    notes.append(
        f"{rows:,} ids in '{name}' such as {texts[odd][0]} were read as the whole numbers they stand for."
    )
    out = texts.copy()
    out[odd] = whole
    return out
