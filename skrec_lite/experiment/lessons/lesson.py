"""The lesson run: a comparison on the sample bookshop, three models that change places, timings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.run import run_experiment
from skrec_lite.metrics import Interval, hit_matrix, paired_difference
from skrec_lite.retriever import EmbeddingRetriever
from skrec_lite.scorer.queries import Queries

#: The comparison that the tour shows; a finished one with the same choices serves as well.
LESSON_CONFIG: Final = ExperimentConfig()
#: The retrievers that every step may ask for.
NEEDED: Final = ("embedding", "content", "popularity")

# The contenders of the last step, found by trying settings on the sample itself: much room and hardly any
# restraint learns histories by heart, little room keeps to what is common.
LARGE: Final = {"n_factors": 160, "regularization": 0.0005}
SMALL: Final = {"n_factors": 4, "regularization": 0.05}
# Trees are timed on the first readers only: what a pair takes does not depend on how many there are.
_TIMED_USERS: Final = 80
_TIMED_TREES: Final = 100
_N_TIMES: Final = 3


@dataclass(frozen=True, eq=False)
class Contender:
    """One way to order the catalogue, with its recall.

    Attributes
    ----------
    key, label : str
    hits_within : ndarray of float64, shape (n_users, top_k)
        Recall@1 .. recall@top_k of each user.
    """

    key: str
    label: str
    hits_within: NDArray[np.float64]

    @cached_property
    def curve(self) -> NDArray[np.float64]:
        """Recall@1 .. recall@top_k, mean over users."""
        return np.asarray(self.hits_within.mean(axis=0))

    def at(self, k: int) -> float:
        """Return recall@k."""
        return float(self.curve[k - 1])

    def beyond(self, other: Contender, k: int) -> Interval:
        """Return this recall@k less that of another over the same users, with its 95 % interval."""
        return paired_difference(self.hits_within[:, k - 1], other.hits_within[:, k - 1], seed=0)


@dataclass(frozen=True)
class ScoringCost:
    """Microseconds that one (user, item) pair took on this machine, all users in one batch.

    Attributes
    ----------
    dot, trees : float
        A dot product with the search for the best, and gradient-boosted trees with their features.
    n_trees, n_factors : int
        How many trees, and how many numbers a vector.
    n_dot_pairs, n_tree_pairs : int
        Pairs that were timed.
    """

    dot: float
    trees: float
    n_trees: int
    n_factors: int
    n_dot_pairs: int
    n_tree_pairs: int


@dataclass(frozen=True)
class Lesson:
    """What the tour, the glossary and the exercises take their numbers from.

    Attributes
    ----------
    result : ExperimentResult
        Of `LESSON_CONFIG` on the sample bookshop.
    contenders : dict of str to Contender
        ``"large"`` and ``"small"`` matrix factorizations, and ``"popularity"``, each searched by itself.
    cost : ScoringCost
    """

    result: ExperimentResult
    contenders: Mapping[str, Contender]
    cost: ScoringCost

    @cached_property
    def remembered(self) -> dict[object, object]:
        """What was computed of this lesson once; see `once_per_result`."""
        return {}

    @property
    def n_users(self) -> int:
        """Measured users."""
        return len(self.result.user_ids)

    @property
    def n_items(self) -> int:
        """Items in the catalogue at training."""
        return len(self.result.items)

    @property
    def top_k(self) -> int:
        """Size of the pools."""
        return self.result.config.top_k

    @property
    def n(self) -> int:
        """Length of the final lists."""
        return self.result.config.n

    def recall(self, key: str, k: int) -> float:
        """Return one retriever's candidate recall@k."""
        return float(self.result.recall_curves[key][k - 1])

    def final_recall(self, key: str) -> float:
        """Return recall of the final lists over one retriever's pools."""
        return self.result.runs[key].ranked.mean("recall")


def suits(result: ExperimentResult) -> bool:
    """Return whether a finished comparison on the sample has the choices that the lesson would make."""
    return result.config == LESSON_CONFIG and set(NEEDED) <= set(result.runs)


def make_lesson(
    data: LabData,
    finished: ExperimentResult | None = None,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Lesson:
    """Run what the tour needs, in a few seconds.

    Parameters
    ----------
    data : LabData
        The sample bookshop, or data like it: items with features, and at least 100 of them.
    finished : ExperimentResult, optional
        A comparison on `data` that `suits`; saves making it again.
    progress, cancel : callable, optional
        As in `run_experiment`.

    Raises
    ------
    Cancelled
        If `cancel` returned True.
    """
    result = finished or run_experiment(
        data, LESSON_CONFIG, progress=_part(progress, 0.0, 0.45, "The comparison"), cancel=cancel
    )
    contenders = contenders_of(result, progress, cancel)
    cost = _scoring_cost(data, result, _part(progress, 0.85, 1.0, "Timing trees"), cancel)
    return Lesson(result, contenders, cost)


def contenders_of(
    result: ExperimentResult, progress: Progress | None = None, cancel: Cancel | None = None
) -> dict[str, Contender]:
    """Train the two models of the last step on a result's split, and set them beside its popularity pools."""
    runs = {
        key: _searched(result, params, _part(progress, start, start + 0.2, f"A {key} model"), cancel)
        for key, params, start in (("large", LARGE, 0.45), ("small", SMALL, 0.65))
    }
    return {
        "large": Contender("large", "The large model", runs["large"]),
        "small": Contender("small", "The small model", runs["small"]),
        "popularity": Contender("popularity", "Popularity", _within(result, result.runs["popularity"].hits)),
    }


def _searched(
    result: ExperimentResult, params: Mapping[str, Any], progress: Progress | None, cancel: Cancel | None
) -> NDArray[np.float64]:
    """Return recall at every k of a matrix factorization that is trained and searched like the result's."""
    config, split = result.config, result.split
    model = estimator_spec("mf_implicit").build(params, config.seed)
    retriever = EmbeddingRetriever(config.top_k, estimator=model)
    items = result.data.model_items(split.train)
    retriever.fit_own_model(None, items, split.train, progress=progress, cancel=cancel)
    retriever.build_index(interactions=split.train, items=items)
    seen = result.recommenders["popularity"].seen_items if config.exclude_seen else None
    found = retriever.retrieve_batch(split.user_ids, config.top_k, seen).over(result.items)
    return _within(result, hit_matrix(found.item_index, split.held_out))


def _within(result: ExperimentResult, hits: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(np.cumsum(hits, axis=1) / result.split.n_held_out[:, None])


def _scoring_cost(
    data: LabData, result: ExperimentResult, progress: Progress | None, cancel: Cancel | None
) -> ScoringCost:
    """Time dot products in the comparison, and trees in a small run on the first readers."""
    first = data.interactions[USER_ID_NAME].drop_duplicates().head(_TIMED_USERS)
    few = LabData(data.interactions[data.interactions[USER_ID_NAME].isin(first)], data.items, "timed readers")
    params: dict[str, Any] = {"n_estimators": _TIMED_TREES}
    config = ExperimentConfig(
        estimator="xgboost", params=params, ranker_training="catalogue", retrievers=("popularity",),
        top_k=min(100, len(result.items)), n=min(10, len(result.items)),
    )  # fmt: skip
    timed = run_experiment(few, config, progress=progress, cancel=cancel)
    retriever = result.recommenders["embedding"].retriever
    trees = timed.recommenders["popularity"].scorer.fitted
    asked = Queries(timed.user_ids)
    n_dot, n_tree = len(result.user_ids) * len(result.items), len(timed.user_ids) * len(timed.items)
    return ScoringCost(
        dot=_best_micros(lambda: retriever.retrieve_batch(result.user_ids, config.n), n_dot),
        trees=_best_micros(lambda: trees.score_catalogue(asked), n_tree),
        n_trees=_TIMED_TREES,
        n_factors=retriever.item_space()[1].shape[1],
        n_dot_pairs=n_dot,
        n_tree_pairs=n_tree,
    )


def _best_micros(work: Callable[[], object], n_pairs: int) -> float:
    """Return microseconds a pair, the best of a few times: other work on the machine only ever adds."""
    seconds = []
    for _ in range(_N_TIMES):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return 1e6 * min(seconds) / n_pairs


def _part(progress: Progress | None, start: float, end: float, name: str) -> Progress | None:
    """Return a progress callback for one part of the whole, told under its name."""
    if progress is None:
        return None

    def report(fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        progress(start + (end - start) * fraction, f"{name}: {doing}", epoch)

    return report
