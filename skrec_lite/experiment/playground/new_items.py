"""Items that came after training: who can find them, how they are ranked, and what they push aside."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.playground.live_view import FULL, LiveView, Pipelines
from skrec_lite.experiment.playground.what_if import (
    asked,
    compare_lists,
    compare_pools,
    edited_pipelines,
    name_of,
)
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.item_frames import places_of
from skrec_lite.recommender.ranking import RankingRecommender


@dataclass(frozen=True)
class NewItemsView:
    """What new items change for one user.

    Attributes
    ----------
    before, after : LiveView
        The user's pools and lists without and with the new items.
    new_ids : ndarray of str, shape (n_new,)
    pipelines : Pipelines
        What gave the lists of `after`.
    """

    before: LiveView
    after: LiveView
    new_ids: NDArray[np.object_]
    pipelines: Pipelines = field(repr=False)

    @cached_property
    def pools(self) -> pd.DataFrame:
        """What became of each candidate; see `compare_pools`."""
        return compare_pools(self.before, self.after)

    @cached_property
    def lists(self) -> pd.DataFrame:
        """What became of each list; see `compare_lists`."""
        return compare_lists(self.before, self.after)

    @cached_property
    def places(self) -> pd.DataFrame:
        """Where each pipeline has each new item in all that it can give the user, however far down.

        ``retriever`` (``"full"`` is the ranker over the whole catalogue), ``ITEM_ID, TITLE, rank`` (0 where
        it cannot give the item), ``of`` (how many items it can give), ``in_pool`` and ``position`` (in the
        final list, 0 where it is not in it).
        """
        titles = self.pipelines.data.titles_of(self.new_ids)
        parts = [
            pd.DataFrame(
                {"retriever": key, ITEM_ID_NAME: self.new_ids, TITLE_COL: titles, **self._found(key)}
            )
            for key in self.after.finals
        ]
        return pd.concat(parts, ignore_index=True)

    def _found(self, key: str) -> dict[str, Any]:
        final = self.after.finals[key]
        pool = (final if key == FULL else self.after.pools[key])[ITEM_ID_NAME].to_numpy(dtype=object)
        in_pool = places_of(self.new_ids, pool)
        order = self.pipelines.whole_order(key, self.after.user_id)
        # A merged or approximate order of everything need not begin as the pool does.
        anywhere = places_of(self.new_ids, order)
        beyond = np.where(anywhere > 0, np.maximum(anywhere, len(pool) + 1), 0)
        return {
            "rank": np.where(in_pool > 0, in_pool, beyond),
            "of": len(order),
            "in_pool": in_pool > 0,
            "position": places_of(self.new_ids, final[ITEM_ID_NAME].to_numpy(dtype=object)),
        }


@dataclass(frozen=True)
class NewItemsOutcome:
    """The pipelines of a result that also offer new items; nothing was trained.

    Attributes
    ----------
    result : ExperimentResult
        As it was, and stays.
    recommenders : mapping of str to RankingRecommender
        By retriever, and ``"full"``.
    new_ids : ndarray of str, shape (n_new,)
    data : LabData
        With the new items among the items.
    features : DataFrame or None
        The new items as the models see them, prepared as in training; None where there are no features.
    notes : tuple of str
        What of the new items could not be read, in sentences.
    ranked : dict of str to str
        By retriever, and ``"full"``: how the ranker of that pipeline takes a new item, in a sentence.
    found : dict of str to str
        By retriever: whether it can find a new item, in a sentence.
    seconds : float
        Wall clock to prepare the items and build the indexes.
    """

    result: ExperimentResult
    recommenders: Mapping[str, RankingRecommender] = field(repr=False)
    new_ids: NDArray[np.object_]
    data: LabData = field(repr=False)
    features: pd.DataFrame | None = field(repr=False)
    notes: tuple[str, ...]
    ranked: dict[str, str]
    found: dict[str, str]
    seconds: float

    @property
    def pipelines(self) -> Pipelines:
        """What answers for users."""
        return Pipelines(self.result, self.recommenders, self.data)

    def for_user(self, user_id: Any, history: Iterable[Any] | pd.DataFrame | None = None) -> NewItemsView:
        """Ask for one user, without and with the new items.

        Parameters
        ----------
        user_id : object
            A user of the training data; with a history any name, or None for a made-up user.
        history : iterable of item ids or DataFrame, optional
            In place of the user's training interactions; see `what_if`. It cannot hold the new items, which
            did not exist before; `what_if` of this outcome can.

        Raises
        ------
        InvalidDataError
            If the user has no training interactions and no history is given, or an item is unknown.
        """
        ago, now = Pipelines.of(self.result), self.pipelines
        if history is None:
            user = str(as_id_strings([user_id])[0])
            frame = ago.history_of(user)
        else:
            chosen = history if isinstance(history, pd.DataFrame) else list(history)
            user = name_of(ago, user_id)
            ago, frame = edited_pipelines(ago, chosen, user)
            now, _ = edited_pipelines(now, chosen, user)
        return NewItemsView(ago.view(user, frame), now.view(user, frame), self.new_ids, now)

    def what_if(self, history: Iterable[Any] | pd.DataFrame, user_id: Any = None) -> LiveView:
        """Do what `what_if` does with a result, for a history that may hold new items."""
        return asked(self.pipelines, history, user_id)


def with_new_items(result: ExperimentResult, new_items: pd.DataFrame) -> NewItemsOutcome:
    """Let the pipelines of a result offer items that came after training, without training anything.

    Features are prepared as those of training were. Indexes are built again, in copies; rankers score the new
    items by what they know of them.

    Parameters
    ----------
    result : ExperimentResult
        Left as it is.
    new_items : DataFrame
        ``ITEM_ID`` (ids that the catalogue does not have), and what is known of ``TITLE`` and of the item
        columns of the data, under the same names. Missing columns and cells are allowed.

    Raises
    ------
    InvalidDataError
        If there is no item, ids are missing, empty, repeated or taken.
    """
    began = time.perf_counter()
    _check(new_items, result)
    data, train = result.data, result.split.train
    ids = as_id_strings(new_items[ITEM_ID_NAME])
    listed = new_items.assign(**{ITEM_ID_NAME: ids}).reset_index(drop=True)
    model_items = data.model_items(train)
    described = pd.DataFrame({ITEM_ID_NAME: ids})
    notes: tuple[str, ...] = ()
    if model_items is not None and data.features is not None:
        prepared = data.features.transform(listed)
        described, notes = prepared.frame, prepared.notes
    grown = {
        key: recommender.with_new_items(described, train, model_items)
        for key, recommender in result.recommenders.items()
    }
    items = listed
    if data.items is not None:
        known = [column for column in data.items.columns if column in listed.columns]
        items = pd.concat([data.items, listed[known]], ignore_index=True)
    label = estimator_spec(result.config.estimator).label
    retrievers = {key: grown[key].retriever for key in result.runs}
    return NewItemsOutcome(
        result=result,
        recommenders=grown,
        new_ids=ids,
        data=replace(data, items=items),
        features=described if model_items is not None else None,
        notes=notes,
        ranked={
            key: f"{label}: ranks a new item {each.scorer.fitted.new_items_note}."
            for key, each in grown.items()
        },
        found={key: each.new_items_note for key, each in retrievers.items() if each is not None},
        seconds=time.perf_counter() - began,
    )


def _check(new_items: pd.DataFrame, result: ExperimentResult) -> None:
    """Refuse what cannot be new items, saying which rows and what to do."""
    if new_items.empty:
        raise InvalidDataError(
            "There is no new item: the table has no rows.",
            rows=0,
            repair="Give one item a row.",
        )
    if ITEM_ID_NAME not in new_items.columns:
        hint = nearest_name_hint(ITEM_ID_NAME, map(str, new_items.columns))
        raise InvalidDataError(
            f"New items need a column '{ITEM_ID_NAME}'.{hint}",
            column=ITEM_ID_NAME,
            rows=len(new_items),
            repair=f"Name the column of the ids '{ITEM_ID_NAME}'.",
        )
    require_ids(new_items, ITEM_ID_NAME, "new items")
    ids = pd.Series(as_id_strings(new_items[ITEM_ID_NAME]))
    repeated = ids[ids.duplicated()]
    if len(repeated):
        raise InvalidDataError(
            f"{len(repeated):,} of {len(ids):,} new items repeat an id (the first is '{repeated.iloc[0]}'), "
            "so one item would have two descriptions.",
            column=ITEM_ID_NAME,
            rows=len(repeated),
            repair="Keep one row per item.",
        )
    known = result.recommenders[FULL].scorer.fitted.items
    taken = ids[known.encode(ids) >= 0]
    if len(taken):
        raise InvalidDataError(
            f"{len(taken):,} of {len(ids):,} new items have an id that the catalogue has already (the first "
            f"is '{taken.iloc[0]}').",
            column=ITEM_ID_NAME,
            rows=len(taken),
            repair="Give them ids of their own. Known items stay as the models learned them.",
        )
