"""The ranker of an experiment: one for the full catalogue, and one for each retriever that it learns from."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.splitting.split import SplitConfig, cut_in_time
from skrec_lite.retriever import BaseCandidateRetriever
from skrec_lite.scorer import BaseScorer, CandidateScorer, UniversalScorer

# Users whose last interaction is held back for early stopping: enough to tell one epoch from another.
_MAX_WATCHED = 1000
_SHARE_WATCHED = 0.1


@dataclass(frozen=True)
class Ranker:
    """A fitted scorer for one retriever's pools.

    Attributes
    ----------
    scorer : BaseScorer
    seconds : float
        Wall clock of the training that it took for this retriever alone; 0 where all share one.
    words : str
        What it learned on, for people; empty where there is only one way.
    """

    scorer: BaseScorer
    seconds: float = 0.0
    words: str = ""


def catalogue_scorer(
    config: ExperimentConfig,
    train: pd.DataFrame,
    items: pd.DataFrame | None,
    users: pd.DataFrame | None,
    progress: Progress | None,
    cancel: Cancel | None,
) -> UniversalScorer:
    """Train the ranker on the whole catalogue: what would be served without a retriever."""
    spec = estimator_spec(config.estimator)
    scorer = UniversalScorer(spec.build(config.params, config.seed))
    valid = None
    if config.params.get("early_stopping_patience"):
        train, valid = _held_back(train, config.seed)
    scorer.fit(users, items, train, None, valid, progress=progress, cancel=cancel)
    return scorer


def ranker_for(
    config: ExperimentConfig,
    retriever: BaseCandidateRetriever,
    shared: UniversalScorer,
    train: pd.DataFrame,
    items: pd.DataFrame | None,
    users: pd.DataFrame | None,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Ranker:
    """Return the ranker of one retriever's pools: trained on what it finds, or the one that all share.

    Parameters
    ----------
    config : ExperimentConfig
    retriever : BaseCandidateRetriever
        Not fitted here: a twin of it is.
    shared : UniversalScorer
        Trained on the catalogue.
    train, items, users : DataFrame
    progress, cancel : callable, optional
    """
    spec = estimator_spec(config.estimator)
    if spec.has_embeddings:
        return Ranker(shared)
    if config.ranker_training == "catalogue":
        return Ranker(shared, words="Learned on random items of the catalogue.")
    split = config.split
    scorer = CandidateScorer(
        spec.build(config.params, config.seed),
        # A cut at one moment is learned for by a cut at one moment.
        inner_split=replace(split, part="test") if split.kind == "global_time" else None,
        validation_share=_SHARE_WATCHED if config.params.get("early_stopping_patience") else 0.0,
        random_state=config.seed,
    )
    started = time.perf_counter()
    try:
        scorer.fit_on_candidates(retriever, users, items, train, progress=progress, cancel=cancel)
    except InvalidDataError as reason:
        return Ranker(shared, words=f"Learned on random items of the catalogue, not on candidates. {reason}")
    told = scorer.training_
    assert told is not None
    words = (
        f"Learned on {told.n_pairs:,} candidates of {told.n_users:,} users, {told.n_positive:,} of them "
        "chosen later."
    )
    return Ranker(scorer, time.perf_counter() - started, words)


def _held_back(train: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Hold back the last interaction of some users for the estimator to watch while it trains."""
    _, latest, _ = cut_in_time(train, SplitConfig())
    rng = np.random.default_rng(seed)
    few = latest.iloc[np.sort(rng.permutation(len(latest))[:_MAX_WATCHED])]
    return (train.drop(index=few.index), few) if len(few) else (train, None)
