"""The stages of one experiment with one seed: split, train, retrieve, rank, measure."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import pandas as pd

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.exceptions import Cancelled, InvalidDataError, RetrievalSpaceRefused
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.choices.retriever_specs import MERGED, RETRIEVERS, merged_of
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.runs import NewcomerRun, ReferenceRun, RetrieverRun
from skrec_lite.experiment.splitting.split import Split, cut_in_time, hold_out
from skrec_lite.experiment.stages.catalogue_facts import CatalogueFacts
from skrec_lite.experiment.stages.measure import places_in_pool, queries_of, ranked_run, timed
from skrec_lite.experiment.stages.rankers import Ranker, catalogue_scorer, ranker_for
from skrec_lite.metrics import hit_matrix
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever import BaseCandidateRetriever, FaissRetriever
from skrec_lite.scorer import UniversalScorer


class OneRun:
    """The stages of one experiment with one seed, in order.

    Parameters
    ----------
    data : LabData
    config : ExperimentConfig
        Its ``n_seeds`` is not looked at.
    progress, cancel : callable, optional
        As for `run_experiment`.
    """

    def __init__(
        self, data: LabData, config: ExperimentConfig, progress: Progress | None, cancel: Cancel | None
    ):
        self.data = data
        self.config = config
        self._progress = progress
        self._cancel = cancel
        self._known: CatalogueFacts | None = None

    def split(self) -> Split:
        """Part what the models may see from what they are measured on."""
        config = self.config
        self._step(0.0, "Splitting")
        train, test, cut = cut_in_time(self.data.interactions, config.split, seed=config.seed)
        return hold_out(
            train, test, cut, self.data.model_items(train),
            exclude_seen=config.exclude_seen, max_users=config.max_users, seed=config.seed,
        )  # fmt: skip

    def result(self, split: Split) -> ExperimentResult:
        """Train, retrieve, rank and measure on a split."""
        began = time.perf_counter()
        items, users = self.data.model_items(split.train), self.data.model_users(split.train)
        scorer, train_seconds = self._trained_scorer(split, items, users)
        runs, skipped, recommenders = self._compare(scorer, split, items, users)
        self._step(0.88, "Scoring the full catalogue for reference")
        recommenders["full"] = RankingRecommender(scorer)
        recommenders["full"].attach(split.train, items, users)
        reference = self._reference(recommenders["full"], split, scorer.fitted.items)
        self._step(1.0, "Done")
        return ExperimentResult(
            config=self.config,
            data=self.data,
            split=split,
            items=scorer.fitted.items,
            runs=runs,
            skipped=skipped,
            reference=reference,
            train_seconds=train_seconds,
            total_seconds=time.perf_counter() - began,
            recommenders=recommenders,
        )

    def _trained_scorer(
        self, split: Split, items: pd.DataFrame | None, users: pd.DataFrame | None
    ) -> tuple[UniversalScorer, float]:
        label = estimator_spec(self.config.estimator).label
        self._step(0.02, f"Training {label}: preparing")
        started = time.perf_counter()
        scorer = catalogue_scorer(
            self.config, split.train, items, users,
            self._between(0.05, 0.5, f"Training {label}"), self._cancel,
        )  # fmt: skip
        return scorer, time.perf_counter() - started

    def _compare(
        self,
        scorer: UniversalScorer,
        split: Split,
        items: pd.DataFrame | None,
        users: pd.DataFrame | None,
    ) -> tuple[dict[str, RetrieverRun], dict[str, str], dict[str, RankingRecommender]]:
        """Run each retriever that the data allows; say why the others could not."""
        runs: dict[str, RetrieverRun] = {}
        skipped: dict[str, str] = {}
        recommenders: dict[str, RankingRecommender] = {}
        share = 0.38 / len(self.config.retrievers)
        # What merges the others comes last: only then is it known which of them take part.
        ordered = sorted(self.config.retrievers, key=lambda key: key == MERGED)
        for place, key in enumerate(ordered):
            label = RETRIEVERS[key].label
            began = 0.5 + share * place
            # NCF's vectors are fitted here, which takes as long as some of its training.
            what = "making vectors and their index" if key == "embedding" else "building the index"
            self._step(began, f"{label}: {what}")
            if missing := RETRIEVERS[key].why_missing:
                skipped[key] = missing
                continue
            if key == "content" and self.data.features_missing:
                skipped[key] = self.data.features_missing
                continue
            try:
                retriever = self._retriever(key, skipped)
                retriever.check_requirements(scorer.estimator, split.train, items)
                ranker = ranker_for(
                    self.config, retriever, scorer, split.train, items, users,
                    self._between(began, began + 0.4 * share, f"{label}: training the ranker"), self._cancel,
                )  # fmt: skip
                recommender = RankingRecommender(ranker.scorer, retriever)
                recommender.attach(
                    split.train, items, users,
                    progress=self._between(began + 0.4 * share, began + 0.7 * share, f"{label}: training"),
                    cancel=self._cancel,
                )  # fmt: skip
            except RetrievalSpaceRefused as refused:
                spec = estimator_spec(self.config.estimator)
                skipped[key] = spec.refusal_words(refused, self.config.params, split.train)
                continue
            except InvalidDataError as reason:
                skipped[key] = str(reason)
                continue
            self._step(began + 0.7 * share, f"{label}: retrieving and ranking")
            recommenders[key] = recommender
            runs[key] = self._retriever_run(key, ranker, recommender, split, skipped)
        if not runs:
            raise InvalidDataError(
                "None of the chosen retrievers could take part: " + " ".join(skipped.values()),
                repair="Choose popularity as well: it needs nothing but interactions.",
            )
        return runs, skipped, recommenders

    def _retriever(self, key: str, skipped: Mapping[str, str]) -> BaseCandidateRetriever:
        if key != MERGED:
            return RETRIEVERS[key].make(self.config)
        parts = self._parts(skipped)
        if len(parts) < 2:
            raise InvalidDataError("Nothing to merge: of the other retrievers fewer than two take part.")
        return merged_of(self.config, parts)

    def _parts(self, skipped: Mapping[str, str]) -> list[str]:
        return [key for key in self.config.retrievers if key != MERGED and key not in skipped]

    def _retriever_run(
        self,
        key: str,
        ranker: Ranker,
        recommender: RankingRecommender,
        split: Split,
        skipped: Mapping[str, str],
    ) -> RetrieverRun:
        config, retriever = self.config, recommender.retriever
        assert retriever is not None
        exclude = recommender.seen_items if config.exclude_seen else None
        queries = queries_of(split.user_ids)
        # The first call of a process loads compiled loops; whoever is measured first would look slower.
        recommender.rank(queries.head(1), top_k=config.n, exclude_seen=config.exclude_seen)
        found, retrieve_seconds = timed(
            lambda: retriever.retrieve_batch(split.user_ids, config.top_k, exclude)
        )
        facts = self._facts(recommender)
        candidates = facts.filled(found.over(recommender.scorer.fitted.items), config.top_k)
        # One more than is shown, to see whether it ties with the last place.
        lists, rank_seconds = timed(
            lambda: recommender.rank(queries, top_k=config.n + 1, candidates=candidates)
        )
        serve_seconds = retrieve_seconds + rank_seconds
        if recommender.takes_pools_as_ranked:
            _, serve_seconds = timed(
                lambda: recommender.rank(queries, top_k=config.n, exclude_seen=config.exclude_seen)
            )
        space = getattr(retriever, "space_", None)
        hits = hit_matrix(candidates.item_index, split.held_out)
        ranked = ranked_run(lists, config.n, split, facts, rank_seconds)
        return RetrieverRun(
            key=key,
            candidates=candidates,
            hits=hits,
            ranked=ranked,
            pool_rank=places_in_pool(candidates.item_index, ranked.item_index),
            index_seconds=recommender.seconds["index"],
            retrieve_seconds=retrieve_seconds,
            serve_seconds=serve_seconds,
            model_seconds=recommender.seconds["model"],
            parts=tuple(self._parts(skipped)) if key == MERGED else (),
            ranker_seconds=ranker.seconds,
            ranker_words=ranker.words,
            space=space.summary if space is not None else "",
            search=retriever.measure_recall().summary if isinstance(retriever, FaissRetriever) else "",
            beyond=facts.beyond_accuracy(candidates.item_index, hits, split.user_ids),
            newcomers=self._newcomers(recommender, split, facts),
        )

    def _newcomers(
        self, recommender: RankingRecommender, split: Split, facts: CatalogueFacts
    ) -> NewcomerRun | None:
        """Retrieve and rank for users first seen after the cut, of whom no retriever knows anything."""
        apart = split.newcomers
        if apart is None:
            return None
        retriever, n = recommender.retriever, self.config.n
        assert retriever is not None
        pools = retriever.retrieve_batch(apart.user_ids, self.config.top_k, None)
        pools = facts.filled(pools.over(recommender.scorer.fitted.items), self.config.top_k)
        lists, seconds = timed(
            lambda: recommender.rank(queries_of(apart.user_ids), top_k=n + 1, candidates=pools)
        )
        hits = hit_matrix(pools.item_index, apart.held_out)
        return NewcomerRun(hits, ranked_run(lists, n, apart, facts, seconds))

    def _facts(self, recommender: RankingRecommender) -> CatalogueFacts:
        """Return what lists are set against; the same for every retriever."""
        if self._known is None:
            self._known = CatalogueFacts.of(recommender, self.data.features, self.config.exclude_seen)
        return self._known

    def _reference(self, full: RankingRecommender, split: Split, catalogue: IdMap) -> ReferenceRun:
        """Rank the whole catalogue; where scores are costly, for as many users as the budget allows."""
        spec = estimator_spec(self.config.estimator)
        is_cheap = spec.has_embeddings and spec.scores_by_dot_product
        users = np.arange(len(split.user_ids))
        affordable = max(50, self.config.max_reference_pairs // max(len(catalogue), 1))
        if not is_cheap and len(users) > affordable:
            rng = np.random.default_rng(self.config.seed)
            users = np.sort(rng.choice(users, size=affordable, replace=False))
        queries = queries_of(split.user_ids[users])
        lists, seconds = timed(
            lambda: full.rank(queries, top_k=self.config.n + 1, exclude_seen=self.config.exclude_seen)
        )
        facts = self._facts(full)
        return ReferenceRun(ranked_run(lists, self.config.n, split, facts, seconds, users), users)

    def _step(self, fraction: float, doing: str) -> None:
        if self._cancel is not None and self._cancel():
            raise Cancelled("The run was cancelled.")
        if self._progress is not None:
            self._progress(fraction, doing)

    def _between(self, low: float, high: float, doing: str) -> Progress:
        """Return a progress callback for one stage, scaled into its share of the whole."""

        def report(fraction: float, detail: str, epoch: Epoch | None = None, /) -> None:
            if self._progress is not None:
                self._progress(low + (high - low) * fraction, f"{doing}: {detail}", epoch)

        return report
