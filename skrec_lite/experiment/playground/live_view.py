"""One user's pools and lists, asked of trained pipelines now: any user, any history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.estimator.histories import Histories
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.experiment.users import item_frames
from skrec_lite.experiment.users.item_frames import held_out_of, history_of, list_of, places_of, pool_of
from skrec_lite.experiment.users.user_view import UserView, held_out_items, latest_first
from skrec_lite.recommender.ranking import RankedLists, RankingRecommender
from skrec_lite.retriever.candidates import Candidates

FULL = "full"


@dataclass(frozen=True, eq=False)
class LiveView(UserView):
    """What pipelines answer a user now; screens draw it like any `UserView`.

    Attributes
    ----------
    retriever_notes : dict of str to str
        By retriever: how it takes a history that came after training; empty for the history of training.
    ranker_notes : dict of str to str
        By retriever, and ``"full"``: how its ranker does.
    """

    retriever_notes: dict[str, str] = field(default_factory=dict)
    ranker_notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Pipelines:
    """Trained pipelines of a comparison, and the data to show their answers with.

    Attributes
    ----------
    result : ExperimentResult
        Where they come from: configuration, split and what was held out.
    recommenders : mapping of str to RankingRecommender
        By retriever; ``"full"`` has none.
    data : LabData
        Titles and features of everything that they offer.
    is_edited : bool
        Whether some users have other histories than those of training.
    """

    result: ExperimentResult
    recommenders: Mapping[str, RankingRecommender]
    data: LabData
    is_edited: bool = False

    @classmethod
    def of(cls, result: ExperimentResult) -> Pipelines:
        """Take those of a result."""
        return cls(result, result.recommenders, result.data)

    @property
    def items(self) -> IdMap:
        """The catalogue that the full ranker offers."""
        return self.recommenders[FULL].scorer.fitted.items

    def with_histories(self, histories: Histories) -> Pipelines:
        """Return pipelines that take these for all that some users did."""
        edited = {key: each.with_histories(histories) for key, each in self.recommenders.items()}
        return Pipelines(self.result, edited, self.data, is_edited=True)

    def history_of(self, user_id: str) -> pd.DataFrame:
        """Return the training interactions of a user, in file order.

        Raises
        ------
        InvalidDataError
            If there is none.
        """
        measured = np.flatnonzero(self.result.user_ids == user_id)
        if len(measured):
            return self.result.split.history_of(int(measured[0]))
        train = self.result.split.train
        mine = train.loc[IdMap([user_id]).encode(train[USER_ID_NAME]) >= 0]
        if mine.empty:
            users = self.recommenders[FULL].seen_items.users
            raise InvalidDataError(
                f"User '{user_id}' has no training interaction.{nearest_name_hint(user_id, users.ids)}",
                column=USER_ID_NAME,
                repair="Choose a user of the training data, or give a history.",
            )
        return mine

    def view(
        self,
        user_id: str,
        history: pd.DataFrame,
        held_out: NDArray[np.object_] | None = None,
        unreachable: pd.DataFrame | None = None,
    ) -> LiveView:
        """Ask all pipelines for one user.

        Parameters
        ----------
        user_id : str
        history : DataFrame
            What the user did, for show.
        held_out : ndarray of str, optional
            What is held out for the user; by default what is held out for a measured user and not in the
            history.
        unreachable : DataFrame, optional
            As of `UserView`, where `held_out` is given.
        """
        n_unreachable = 0 if unreachable is None else len(unreachable)
        if held_out is None:
            held_out, n_unreachable = self._held_out(user_id, history)
        found = {key: self._retrieved(key, user_id) for key in self.result.runs}
        lists = {key: self._ranked(key, user_id, found.get(key)) for key in (*found, FULL)}
        pools = {key: each.items.decode(each.item_index)[0] for key, each in found.items()}
        finals = {key: each.item_ids()[0] for key, each in lists.items()}
        mine = latest_first(history)
        # All at once: to look a few items up takes as long as to look up a thousand.
        of_mine, of_held_out, *told = item_frames.described_parts(
            self.data,
            [
                as_id_strings(mine[ITEM_ID_NAME]), held_out,
                *(ids[pd.notna(ids)] for ids in (*pools.values(), *finals.values())),
            ],
        )  # fmt: skip
        of_pools = dict(zip(pools, told, strict=False))
        of_lists = dict(zip(finals, told[len(pools) :], strict=True))
        retrievers = {key: self.recommenders[key].retriever for key in self.result.runs}
        return LiveView(
            user_id=user_id,
            history=history_of(of_mine, mine),
            held_out=held_out_of(of_held_out, held_out, pools),
            pools={
                key: pool_of(
                    of_pools[key], ids, found[key].scores[0], np.isin(ids, held_out), finals[key],
                    self._found_by(key, found[key]),
                )
                for key, ids in pools.items()
            },
            finals={
                key: list_of(
                    of_lists[key], ids, lists[key].scores[0], np.isin(ids, held_out),
                    places_of(ids, pools[key]) if key in pools else np.zeros(len(ids), dtype=np.int64),
                )
                for key, ids in finals.items()
            },
            fallback={key: bool(each.fallback[0]) for key, each in found.items()},
            n_unreachable=n_unreachable,
            **({} if unreachable is None else {"unreachable": unreachable}),
            retriever_notes={
                key: each.histories_note for key, each in retrievers.items() if each is not None
            },
            ranker_notes={key: each.scorer.fitted.histories_note for key, each in self.recommenders.items()}
            if self.is_edited
            else {},
        )  # fmt: skip

    def whole_order(self, key: str, user_id: str) -> NDArray[np.object_]:
        """Return every item that a retriever can give a user, best first; of ``"full"``, the ranker."""
        recommender = self.recommenders[key]
        if recommender.retriever is None:
            ranked = recommender.rank(
                self._asking(user_id), top_k=len(self.items), exclude_seen=self.result.config.exclude_seen
            )
            order = ranked.item_ids()[0]
        else:
            exclude = recommender.seen_items if self.result.config.exclude_seen else None
            found = recommender.retriever.retrieve_batch([user_id], len(self.items), exclude)
            order = found.items.decode(found.item_index)[0]
        return np.asarray(order[pd.notna(order)])

    def _asking(self, user_id: str) -> pd.DataFrame:
        return queries_of(np.array([user_id], dtype=object))

    def _retrieved(self, key: str, user_id: str) -> Candidates:
        recommender = self.recommenders[key]
        assert recommender.retriever is not None
        exclude = recommender.seen_items if self.result.config.exclude_seen else None
        found = recommender.retriever.retrieve_batch([user_id], self.result.config.top_k, exclude)
        return found.over(recommender.scorer.fitted.items)

    def _ranked(self, key: str, user_id: str, candidates: Candidates | None) -> RankedLists:
        config, asking = self.result.config, self._asking(user_id)
        if candidates is None:
            return self.recommenders[key].rank(asking, top_k=config.n, exclude_seen=config.exclude_seen)
        return self.recommenders[key].rank(asking, top_k=config.n, candidates=candidates)

    def _found_by(self, key: str, found: Candidates) -> dict[str, NDArray[np.int32]]:
        parts = self.result.runs[key].parts
        ranks = found.provenance.ranks[0] if parts else None
        return {} if ranks is None else {part: ranks[:, place] for place, part in enumerate(parts)}

    def _held_out(self, user_id: str, history: pd.DataFrame) -> tuple[NDArray[np.object_], int]:
        """Return what is held out for a measured user and not in the history, and what nobody can find."""
        rows = np.flatnonzero(self.result.user_ids == user_id)
        if not len(rows):
            return np.empty(0, dtype=object), 0
        held_out = held_out_items(self.result, int(rows[0]))
        split = self.result.split
        unreachable = int(split.n_held_out[rows[0]] - split.n_reachable[rows[0]])
        return held_out[~np.isin(held_out, as_id_strings(history[ITEM_ID_NAME]))], unreachable
