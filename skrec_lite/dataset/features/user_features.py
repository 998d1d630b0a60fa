"""Prepare the features of users for models that take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.features.table_features import TableFeatures


@dataclass(frozen=True)
class UserFeatures(TableFeatures):
    """Features of users; see `TableFeatures`."""

    id_name: ClassVar[str] = USER_ID_NAME
    noun: ClassVar[str] = "users"


def prepare_user_features(
    users: pd.DataFrame,
    feature_columns: Sequence[str] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    allow_empty: bool = False,
) -> UserFeatures:
    """Turn the columns of a user table into scaled numbers, as `prepare_item_features` does.

    Ranges such as ``35-49K`` and ``65+`` are categories; that one lies above another is not known.

    Parameters
    ----------
    users : DataFrame
        With ``USER_ID``.
    feature_columns, kinds, allow_empty
        As of `prepare_item_features`.

    Returns
    -------
    UserFeatures

    Raises
    ------
    InvalidDataError, InvalidParameterError
        As `prepare_item_features`, of ``USER_ID``.
    """
    return UserFeatures.prepare(users, feature_columns, kinds, allow_empty)
