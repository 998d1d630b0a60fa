"""Users first seen after the cut: no model knows them, and what they would be given all the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.experiment.once import latest_per_result
from skrec_lite.experiment.playground.live_view import LiveView, Pipelines
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.splitting.split import Split
from skrec_lite.experiment.users.item_frames import described
from skrec_lite.experiment.users.user_view import VIEWS_KEPT, UserView, user_view


def newcomers(result: ExperimentResult) -> NDArray[np.object_]:
    """Return the ids of the users first seen after the cut who have something held out; there may be none."""
    apart = result.split.newcomers
    return np.empty(0, dtype=object) if apart is None else apart.user_ids


def any_view(result: ExperimentResult, user_id: str) -> UserView:
    """Look a user up in a result: a measured one, or one of the `newcomers`.

    Raises
    ------
    KeyError
        If the user is neither.
    """
    user = str(user_id)
    return _newcomer_view(result, user) if user in newcomers(result) else user_view(result, user)


@latest_per_result(VIEWS_KEPT)
def _newcomer_view(result: ExperimentResult, user: str) -> LiveView:
    """Ask all pipelines for a user of whom nothing is known; the same candidates and lists as in the run."""
    apart = result.split.newcomers
    assert apart is not None
    row = int(np.flatnonzero(apart.user_ids == user)[0])
    lost = apart.unreachable
    unreachable = lost.loc[lost["row"] == row, ITEM_ID_NAME].to_numpy(dtype=object)
    return Pipelines.of(result).view(
        user,
        _no_history(apart),
        held_out=_held_out(apart, row),
        unreachable=described(result.data, unreachable),
    )


def _no_history(split: Split) -> pd.DataFrame:
    return split.train.head(0).astype({USER_ID_NAME: object, ITEM_ID_NAME: object})


def _held_out(split: Split, row: int) -> NDArray[np.object_]:
    held = split.held_out
    return split.catalogue.decode(held.indices[held.indptr[row] : held.indptr[row + 1]].astype(np.int32))
