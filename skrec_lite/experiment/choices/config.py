"""What is compared, as one checked object that goes to JSON and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from skrec_lite.exceptions import InvalidParameterError, check_choice, check_positive_int
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.choices.retriever_specs import MERGED, RETRIEVERS
from skrec_lite.experiment.splitting.split import SplitConfig
from skrec_lite.retriever.merged_retriever import MERGE_METHODS, MergeMethod

RankerTraining = Literal["candidates", "catalogue"]
RANKER_TRAININGS: tuple[RankerTraining, ...] = ("candidates", "catalogue")


@dataclass(frozen=True)
class ExperimentConfig:
    """One comparison of retrievers under one ranker.

    Attributes
    ----------
    estimator : str, default "mf_implicit"
        Key of the ranking model in `skrec_lite.experiment.ESTIMATORS`.
    params : mapping, optional
        Its hyper-parameters; those left out take their defaults.
    retrieval_params : mapping, optional
        Hyper-parameters of the matrix factorization that retrieves where the ranker has no embeddings.
    retrievers : tuple of str
        Keys of `skrec_lite.experiment.RETRIEVERS`, at least one; ``"merged"`` merges the others, of which
        there must then be two. By default the built-in three.
    merge_method : {"rrf", "quota", "union", "fallback"}, default "rrf"
        How ``"merged"`` does that; see `skrec_lite.retriever.MergedRetriever`.
    merge_weights : mapping of str to float, optional
        Weights of retrievers in it; those left out have the one of their `RetrieverSpec`.
    ranker_training : {"candidates", "catalogue"}, default "candidates"
        Whether a ranker that reads a table of features learns on what each retriever finds
        (`skrec_lite.scorer.CandidateScorer`), or on positives beside random items of the whole catalogue.
        The full-catalogue reference always does the latter. Rankers with embeddings learn from all
        interactions alike.
    top_k : int, default 200
        Candidates each retriever may pass on.
    n : int, default 10
        Length of the final list, at most `top_k`.
    split : SplitConfig
    exclude_seen : bool, default True
        Withhold training items from pools and from the full-catalogue reference alike.
    max_users : int, default 10_000
        Users measured at most.
    max_reference_pairs : int, default 3_000_000
        (user, item) pairs the full-catalogue reference may score where that is no dot product; beyond, it is
        measured on fewer users, and says on how many.
    seed : int, default 0
    n_seeds : int, default 1
        Models trained with so many seeds, `seed` and the ones after it, on the same split and measured on the
        same users: `ExperimentResult.seed_figures` then tells how much the figures owe to chance in training.
    """

    estimator: str = "mf_implicit"
    params: Mapping[str, Any] = field(default_factory=dict)
    retrieval_params: Mapping[str, Any] = field(default_factory=dict)
    retrievers: tuple[str, ...] = tuple(key for key, spec in RETRIEVERS.items() if spec.in_default)
    merge_method: MergeMethod = "rrf"
    merge_weights: Mapping[str, float] = field(default_factory=dict)
    ranker_training: RankerTraining = "candidates"
    top_k: int = 200
    n: int = 10
    split: SplitConfig = field(default_factory=SplitConfig)
    exclude_seen: bool = True
    max_users: int = 10_000
    max_reference_pairs: int = 3_000_000
    seed: int = 0
    n_seeds: int = 1

    def __post_init__(self) -> None:
        spec = estimator_spec(self.estimator)
        spec.build(self.params, self.seed)
        estimator_spec("mf_implicit").build(self.retrieval_params, self.seed)
        if not self.retrievers:
            raise InvalidParameterError("retrievers must name at least one retriever.")
        for retriever in self.retrievers:
            check_choice("retriever", retriever, RETRIEVERS)
        if MERGED in self.retrievers and len(set(self.retrievers)) < 3:
            raise InvalidParameterError("merged needs at least two other retrievers to merge.")
        check_choice("merge_method", self.merge_method, MERGE_METHODS)
        check_choice("ranker_training", self.ranker_training, RANKER_TRAININGS)
        for key, weight in self.merge_weights.items():
            check_choice("merge_weights", key, RETRIEVERS)
            if not 0 < weight < math.inf:
                raise InvalidParameterError(
                    f"merge_weights must be positive numbers. Got {weight!r} instead."
                )
        for name in ("top_k", "n", "max_users", "max_reference_pairs", "n_seeds"):
            check_positive_int(name, getattr(self, name))
        if self.n > self.top_k:
            raise InvalidParameterError(
                f"n must not exceed top_k: a pool of {self.top_k} cannot fill a list of {self.n}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        given = {name: dict(getattr(self, name)) for name in ("params", "retrieval_params", "merge_weights")}
        return {**asdict(self), **given}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ExperimentConfig:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValueError
            For an unknown name or a value out of range.
        """
        unknown = set(values) - set(cls.__dataclass_fields__)
        if unknown:
            raise InvalidParameterError(f"Unknown configuration: {', '.join(sorted(unknown))}.")
        given = dict(values)
        if "split" in given:
            given["split"] = SplitConfig(**given["split"])
        if "retrievers" in given:
            given["retrievers"] = tuple(given["retrievers"])
        return cls(**given)
