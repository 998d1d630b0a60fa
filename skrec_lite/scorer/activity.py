"""What a ranker can be told of items and users from who did what when: aggregates of the interactions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import TIMESTAMP_COL
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.time_split import time_order
from skrec_lite.exceptions import InvalidDataError

ITEM_NAMES = ("item_popularity_last_tenth", "item_popularity_last_fiftieth")
ITEM_TIME_NAMES = ("item_days_since_last", "item_days_since_first")
USER_NAMES = ("user_mean_popularity",)
USER_TIME_NAMES = ("user_days_since_last",)

# Items of a history that likeness is measured to: the latest of a long one.
LONGEST_HISTORY = 50


@dataclass(frozen=True, eq=False)
class Activity:
    """Aggregates of interactions, all of them from before the moment that they describe.

    Attributes
    ----------
    item_table : ndarray of float32, shape (n_items, 2 or 4)
        `ITEM_NAMES`: log(1 + interactions) within the latest 10 % and 2 % of all; and, where there is time,
        `ITEM_TIME_NAMES`: days from the item's last and first interaction to the latest of all.
    user_table : ndarray of float32, shape (n_users, 1 or 2)
        `USER_NAMES`: mean log(1 + interactions) over the items of the history; and `USER_TIME_NAMES`.
    log_popularity : ndarray of float32, shape (n_items,)
    latest : ndarray of int32, shape (n_users, longest)
        Items of each user's history, the latest first, each once, padded with ``-1``.
    origin : Timestamp, float or None
        The moment that days are counted from; None where there is no time.
    end : float
        The day of the latest positive interaction.
    """

    item_table: NDArray[np.float32]
    user_table: NDArray[np.float32]
    log_popularity: NDArray[np.float32]
    latest: NDArray[np.int32]
    origin: Any
    end: float

    @classmethod
    def of(cls, interactions: pd.DataFrame, encoded: EncodedInteractions) -> Activity:
        """Aggregate positive interactions (``OUTCOME > 0``).

        Parameters
        ----------
        interactions : DataFrame
            Of the same rows as `encoded`.
        encoded : EncodedInteractions
        """
        positive = encoded.outcome > 0
        users, items = encoded.user_index[positive], encoded.item_index[positive]
        order = time_order(interactions)[0][positive]
        n_users, n_items = len(encoded.users), len(encoded.items)
        popularity = np.log1p(np.bincount(items, minlength=n_items)).astype(np.float32)
        recent = [
            np.log1p(np.bincount(items[order >= (1 - share) * len(encoded)], minlength=n_items))
            for share in (0.1, 0.02)
        ]
        item_columns, user_columns = recent, [_mean_popularity(users, items, popularity, n_users)]
        origin, end = None, 0.0
        if TIMESTAMP_COL in interactions.columns:
            origin = interactions[TIMESTAMP_COL].min()
            days = _days(interactions[TIMESTAMP_COL], origin)[positive]
            end = float(days.max(initial=0.0))
            item_columns += [_since(days, items, n_items, pick, end) for pick in (np.maximum, np.minimum)]
            user_columns.append(_since(days, users, n_users, np.maximum, end))
        return cls(
            np.column_stack(item_columns).astype(np.float32),
            np.column_stack(user_columns).astype(np.float32),
            popularity,
            latest_items(users, items, order, n_users),
            origin,
            end,
        )

    def of_users(self, interactions: pd.DataFrame, encoded: EncodedInteractions) -> Activity:
        """Return the same for other users, described by these interactions; items stay as they are.

        Rows without a time count as of the latest moment of training, and none as later than that.

        Parameters
        ----------
        interactions, encoded : DataFrame, EncodedInteractions
            As of `of`, over the same items.

        Raises
        ------
        InvalidDataError
            If times are not of the kind of the training's.
        """
        positive = encoded.outcome > 0
        users, items = encoded.user_index[positive], encoded.item_index[positive]
        n_users = len(encoded.users)
        user_columns = [_mean_popularity(users, items, self.log_popularity, n_users)]
        if self.has_time:
            days = np.full(len(interactions), self.end)
            if TIMESTAMP_COL in interactions.columns:
                given = _days(interactions[TIMESTAMP_COL], self.origin)
                days = np.where(np.isnan(given), self.end, np.minimum(given, self.end))
            user_columns.append(_since(days[positive], users, n_users, np.maximum, self.end))
        order = time_order(interactions)[0][positive]
        return replace(
            self,
            user_table=np.column_stack(user_columns).astype(np.float32),
            latest=latest_items(users, items, order, n_users),
        )

    @property
    def has_time(self) -> bool:
        """Whether the interactions that it describes have a time."""
        return self.origin is not None

    @property
    def item_names(self) -> tuple[str, ...]:
        """Names of the columns of `item_table`."""
        return ITEM_NAMES + (ITEM_TIME_NAMES if self.has_time else ())

    @property
    def user_names(self) -> tuple[str, ...]:
        """Names of the columns of `user_table`."""
        return USER_NAMES + (USER_TIME_NAMES if self.has_time else ())


def latest_items(
    users: NDArray[np.int32], items: NDArray[np.int32], order: NDArray[np.int64], n_users: int
) -> NDArray[np.int32]:
    """Return each user's items, the latest first, each once, padded with ``-1``; see `LONGEST_HISTORY`."""
    newest = np.argsort(-order, kind="stable")
    frame = pd.DataFrame({"user": users[newest], "item": items[newest]}).drop_duplicates()
    place = frame.groupby("user").cumcount().to_numpy()
    width = min(LONGEST_HISTORY, int(place.max(initial=-1)) + 1)
    out = np.full((n_users, width), -1, dtype=np.int32)
    kept = place < width
    out[frame["user"].to_numpy()[kept], place[kept]] = frame["item"].to_numpy()[kept]
    return out


def _mean_popularity(
    users: NDArray[np.int32], items: NDArray[np.int32], popularity: NDArray[np.float32], n_users: int
) -> NDArray[np.float64]:
    """Return the mean log popularity of each user's items; NaN for none."""
    counts = np.bincount(users, minlength=n_users)
    means = np.bincount(users, weights=popularity[items], minlength=n_users) / np.maximum(counts, 1)
    return np.where(counts > 0, means, np.nan)


def _days(times: pd.Series, origin: Any) -> NDArray[np.float64]:
    """Return the days from `origin` to each time; NaN where it is missing."""
    is_dated = pd.api.types.is_datetime64_any_dtype(times.dtype)
    if times.isna().all():
        return np.full(len(times), np.nan)
    if is_dated != isinstance(origin, pd.Timestamp):
        expected = "dates, as" if isinstance(origin, pd.Timestamp) else "seconds, as"
        raise InvalidDataError(
            f"'{TIMESTAMP_COL}' must hold {expected} in training. Got {times.dtype}.",
            column=TIMESTAMP_COL,
            rows=len(times),
            repair="Give times as in training, or leave the column out.",
        )
    if is_dated:
        return (times - origin).dt.total_seconds().to_numpy(dtype=np.float64) / 86_400
    return (times.to_numpy(dtype=np.float64) - float(origin)) / 86_400


def _since(
    days: NDArray[np.float64], index: NDArray[np.int32], n: int, pick: np.ufunc, end: float
) -> NDArray[np.float64]:
    """Return the days from the first or last (`pick`) of each index to `end`; NaN for none."""
    nothing = -np.inf if pick is np.maximum else np.inf
    out = np.full(n, nothing)
    pick.at(out, index, days)
    return np.where(np.isfinite(out), end - out, np.nan)
