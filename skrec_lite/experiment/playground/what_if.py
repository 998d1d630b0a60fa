"""What if: pools and lists for a history that was made up or edited, without training anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.encoded import outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.estimator.histories import Histories
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.playground.live_view import LiveView, Pipelines
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.item_frames import places_of
from skrec_lite.experiment.users.tables import table_of
from skrec_lite.experiment.users.user_view import UserView

#: What a user is called who was made up.
MADE_UP = "a made-up user"
#: What became of an item between two pools or lists.
CHANGES = ("entered", "up", "same", "down", "left")


def what_if(result: ExperimentResult, history: Iterable[Any] | pd.DataFrame, user_id: Any = None) -> LiveView:
    """Ask every pipeline of a result what it would give a user who did just this.

    Nothing is trained, and the result stays as it is. To see what an edit alone changes, compare with
    ``what_if(result, training_history(result, user_id), user_id)``: some models see a history that is given
    now a little differently from one that they were trained on, as `LiveView.retriever_notes` and
    `LiveView.ranker_notes` say.

    Parameters
    ----------
    result : ExperimentResult
    history : iterable of item ids, or DataFrame
        The whole history, the latest last; it may be empty. A frame has ``ITEM_ID`` and, if they are known,
        ``OUTCOME`` and ``TIMESTAMP``. A missing outcome counts as the median of the positive ones of
        training, a missing time as the latest moment of training.
    user_id : optional
        A user of the data whose history is edited (what is held out for the user is then marked as hit), or a
        name of one's own; by default a user is made up.

    Returns
    -------
    LiveView
        Drawn by the screens like a `UserView`.

    Raises
    ------
    InvalidDataError
        If an item is not in the catalogue, or a column cannot be read.
    """
    return asked(Pipelines.of(result), history, user_id)


def asked(pipelines: Pipelines, history: Iterable[Any] | pd.DataFrame, user_id: Any = None) -> LiveView:
    """Do what `what_if` does with any pipelines."""
    user = name_of(pipelines, user_id)
    edited, frame = edited_pipelines(pipelines, history, user)
    return edited.view(user, frame)


def name_of(pipelines: Pipelines, user_id: Any) -> str:
    """Return what a user is called: the id as text, or a name that nobody has."""
    if user_id is not None:
        return str(as_id_strings([user_id])[0])
    is_taken = MADE_UP in pipelines.recommenders["full"].seen_items.users
    return f"{MADE_UP} (not the one of the data)" if is_taken else MADE_UP


def edited_pipelines(
    pipelines: Pipelines, history: Iterable[Any] | pd.DataFrame, user_id: str
) -> tuple[Pipelines, pd.DataFrame]:
    """Return pipelines for which this is all that a user did, and the history as interactions."""
    frame = history_of_user(pipelines, history, user_id)
    return pipelines.with_histories(Histories.of(frame, user_ids=[user_id])), frame


def training_history(result: ExperimentResult, user_id: Any) -> pd.DataFrame:
    """Return a user's training interactions, in the order of `what_if`: the latest last.

    Raises
    ------
    InvalidDataError
        If there is none.
    """
    mine = Pipelines.of(result).history_of(str(as_id_strings([user_id])[0]))
    if TIMESTAMP_COL in mine.columns:
        mine = mine.sort_values(TIMESTAMP_COL, kind="stable")
    return mine.drop(columns=[USER_ID_NAME]).reset_index(drop=True)


def history_of_user(
    pipelines: Pipelines, history: Iterable[Any] | pd.DataFrame, user_id: str
) -> pd.DataFrame:
    """Return a history as interactions of a user, with the columns of training; checked."""
    train = pipelines.result.split.train
    if isinstance(history, pd.DataFrame):
        given = history.reset_index(drop=True)
        require_ids(given, ITEM_ID_NAME, "The history")
    else:
        given = pd.DataFrame({ITEM_ID_NAME: list(dict.fromkeys(history))}, dtype=object)
    ids = as_id_strings(given[ITEM_ID_NAME])
    _check_known(ids, pipelines.items)
    frame = pd.DataFrame({USER_ID_NAME: np.full(len(ids), user_id, dtype=object), ITEM_ID_NAME: ids})
    if LABEL_NAME in train.columns:
        frame[LABEL_NAME] = _outcomes(given, _usual_outcome(pipelines.result))
    if TIMESTAMP_COL in train.columns:
        frame[TIMESTAMP_COL] = _times(given, _latest_moment(pipelines.result), train[TIMESTAMP_COL].dtype)
    return frame


def compare_pools(before: UserView, after: UserView) -> pd.DataFrame:
    """Say what became of each candidate of each pool.

    Parameters
    ----------
    before, after : UserView
        Of the same pipelines.

    Returns
    -------
    DataFrame
        ``retriever, ITEM_ID, TITLE, change`` (one of `CHANGES`), ``before, after`` (ranks, 0 where it is not
        in the pool) and ``moved`` (places gained; 0 for what entered or left). By retriever, in the order of
        the pool after; what left comes last.
    """
    return pd.concat(pool_changes(before, after).values(), ignore_index=True)


def compare_lists(before: UserView, after: UserView) -> pd.DataFrame:
    """Do what `compare_pools` does for the final lists, ``"full"`` included where both have it."""
    return pd.concat(list_changes(before, after).values(), ignore_index=True)


def pool_changes(before: UserView, after: UserView) -> dict[str, pd.DataFrame]:
    """Return the rows of `compare_pools` by retriever."""
    return _compared(before.pools, after.pools, "rank")


def list_changes(before: UserView, after: UserView) -> dict[str, pd.DataFrame]:
    """Return the rows of `compare_lists` by retriever."""
    return _compared(before.finals, after.finals, "position")


def _compared(
    before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame], place: str
) -> dict[str, pd.DataFrame]:
    return {key: _changes(key, before[key], table, place) for key, table in after.items() if key in before}


def _changes(key: str, before: pd.DataFrame, after: pd.DataFrame, place: str) -> pd.DataFrame:
    # What is there now in its order, then what is there no longer in the order it had.
    items, had = (table[ITEM_ID_NAME].to_numpy(dtype=object) for table in (after, before))
    then = _places(items, before, place)
    gone = places_of(had, items) == 0
    now = after[place].to_numpy(dtype=np.int64)
    moved = np.where(then > 0, then - now, 0)
    entered, up, same, down, left = CHANGES
    change = np.select([then == 0, moved > 0, moved < 0], [entered, up, down], same).astype(object)
    n_gone = int(gone.sum())
    titles, had_titles = (table[TITLE_COL].to_numpy(dtype=object) for table in (after, before))
    return table_of(
        {
            "retriever": np.full(len(items) + n_gone, key, dtype=object),
            ITEM_ID_NAME: np.concatenate([items, had[gone]]),
            TITLE_COL: np.concatenate([titles, had_titles[gone]]),
            "change": np.concatenate([change, np.full(n_gone, left, dtype=object)]),
            "before": np.concatenate([then, before[place].to_numpy(dtype=np.int64)[gone]]),
            "after": np.concatenate([now, np.zeros(n_gone, dtype=np.int64)]),
            "moved": np.concatenate([moved, np.zeros(n_gone, dtype=np.int64)]),
        }
    )


def _places(items: np.ndarray, table: pd.DataFrame, place: str) -> np.ndarray:
    """Return the place of each item in a pool or list, 0 where it is not in it."""
    rows = places_of(items, table[ITEM_ID_NAME].to_numpy(dtype=object))
    return np.append(0, table[place].to_numpy(dtype=np.int64))[rows]


def _check_known(ids: np.ndarray, items: IdMap) -> None:
    unknown = ids[items.encode(ids) < 0] if len(ids) else ids
    if len(unknown):
        raise InvalidDataError(
            f"{len(unknown):,} of {len(ids):,} items of the history are not in the catalogue (the first is "
            f"'{unknown[0]}').{nearest_name_hint(str(unknown[0]), items.ids)}",
            column=ITEM_ID_NAME,
            rows=len(unknown),
            repair="Leave them out, or choose items of the catalogue.",
        )


@once_per_result
def _usual_outcome(result: ExperimentResult) -> float:
    """Return the median of the positive outcomes of training."""
    known = outcomes_of(result.split.train)
    liked = known[known > 0]
    return float(np.median(liked)) if len(liked) else 1.0


@once_per_result
def _latest_moment(result: ExperimentResult) -> Any:
    return result.split.train[TIMESTAMP_COL].max()


def _outcomes(given: pd.DataFrame, usual: float) -> np.ndarray:
    """Return the outcomes of a history; a missing one is the usual one."""
    if LABEL_NAME not in given.columns:
        return np.full(len(given), usual)
    present = given.loc[given[LABEL_NAME].notna()]
    out = np.full(len(given), usual)
    out[given[LABEL_NAME].notna().to_numpy()] = outcomes_of(present)
    return out


def _times(given: pd.DataFrame, latest: Any, dtype: Any) -> pd.Series:
    """Return the times of a history, of the training's kind; a missing one is the latest of training."""
    if TIMESTAMP_COL not in given.columns:
        return pd.Series([latest] * len(given), dtype=dtype)
    times = given[TIMESTAMP_COL]
    if pd.api.types.is_datetime64_any_dtype(dtype):
        read = pd.to_datetime(times, errors="coerce")
    else:
        read = pd.to_numeric(times, errors="coerce")
    bad = int((read.isna() & times.notna()).sum())
    if bad:
        raise InvalidDataError(
            f"The history: column '{TIMESTAMP_COL}' cannot be read as times in {bad:,} of {len(times):,} "
            "rows.",
            column=TIMESTAMP_COL,
            rows=bad,
            repair="Give times as in the data, or leave those cells empty.",
        )
    return read.fillna(latest).astype(dtype)
