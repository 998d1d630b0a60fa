"""What is compared, as one checked object that goes to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from skrec_lite.exceptions import InvalidParameterError, check_choice, check_positive_int
from skrec_lite.experiment.registry import RETRIEVERS, estimator_spec
from skrec_lite.experiment.split import SplitConfig


@dataclass(frozen=True)
class ExperimentConfig:
    """One comparison of retrievers under one ranker.

    Attributes
    ----------
    estimator : str, default "mf_implicit"
        Key of the ranking model in `skrec_lite.experiment.registry.ESTIMATORS`.
    params : mapping, optional
        Its hyper-parameters; those left out take their defaults.
    retrieval_params : mapping, optional
        Hyper-parameters of the matrix factorization that retrieves where the ranker has no embeddings.
    retrievers : tuple of str
        Keys of `skrec_lite.experiment.registry.RETRIEVERS`, at least one.
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
    """

    estimator: str = "mf_implicit"
    params: Mapping[str, Any] = field(default_factory=dict)
    retrieval_params: Mapping[str, Any] = field(default_factory=dict)
    retrievers: tuple[str, ...] = tuple(RETRIEVERS)
    top_k: int = 200
    n: int = 10
    split: SplitConfig = field(default_factory=SplitConfig)
    exclude_seen: bool = True
    max_users: int = 10_000
    max_reference_pairs: int = 3_000_000
    seed: int = 0

    def __post_init__(self) -> None:
        spec = estimator_spec(self.estimator)
        spec.build(self.params, self.seed)
        estimator_spec("mf_implicit").build(self.retrieval_params, self.seed)
        if not self.retrievers:
            raise InvalidParameterError("retrievers must name at least one retriever.")
        for retriever in self.retrievers:
            check_choice("retriever", retriever, RETRIEVERS)
        for name in ("top_k", "n", "max_users", "max_reference_pairs"):
            check_positive_int(name, getattr(self, name))
        if self.n > self.top_k:
            raise InvalidParameterError(
                f"n must not exceed top_k: a pool of {self.top_k} cannot fill a list of {self.n}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {**asdict(self), "params": dict(self.params), "retrieval_params": dict(self.retrieval_params)}

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
