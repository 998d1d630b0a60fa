"""The retrievers one can choose, each with the words people read; others can be registered."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.retriever import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    EmbeddingRetriever,
    FaissRetriever,
    MergedRetriever,
    PopularityRetriever,
)

if TYPE_CHECKING:
    from skrec_lite.experiment.choices.config import ExperimentConfig

#: Modules that register retrievers of one's own: the names, separated by commas, in this variable.
PLUGINS_VARIABLE = "SKREC_LITE_PLUGINS"
#: Installed packages can offer them under this group of entry points instead.
PLUGINS_GROUP = "skrec_lite.retrievers"
MERGED = "merged"

# Learned vectors find far more than the others on every data set tried: merged alike, a pool of 200 finds
# 7 to 9 points less of what was held out than theirs alone; at three to one, 1 point less.
_LEARNED_WEIGHT = 3.0


@dataclass(frozen=True)
class RetrieverSpec:
    """A retriever one can choose.

    Attributes
    ----------
    key : str
        Short name without spaces, for configurations and files.
    label, summary : str
        For people; `summary` is one sentence.
    make : callable
        Returns a new retriever for an `ExperimentConfig`; ``config.top_k`` is the size of the pool.
    in_default : bool, default False
        Whether a comparison takes it in unless told otherwise.
    merge_weight : float, default 1
        Its weight in merged pools unless told otherwise.
    missing : callable, optional
        Returns why it cannot be used here, with the command that installs what it needs, or an empty string.
    """

    key: str
    label: str
    summary: str
    make: Callable[[ExperimentConfig], BaseCandidateRetriever] = field(repr=False)
    in_default: bool = False
    merge_weight: float = 1.0
    missing: Callable[[], str] | None = None

    @property
    def in_a_sentence(self) -> str:
        """The label within a sentence: its first letter small, names such as FAISS as they are."""
        return self.label[:1].lower() + self.label[1:]

    @property
    def why_missing(self) -> str:
        """Why it cannot be used here; empty where it can."""
        return "" if self.missing is None else self.missing()


def _embedding(config: ExperimentConfig) -> BaseCandidateRetriever:
    if estimator_spec(config.estimator).has_embeddings:
        return EmbeddingRetriever(top_k=config.top_k)
    # A tree ranker has no embeddings: a matrix factorization retrieves for it.
    model = estimator_spec("mf_implicit").build(config.retrieval_params, config.seed)
    return EmbeddingRetriever(top_k=config.top_k, estimator=model)


def _faiss(config: ExperimentConfig) -> BaseCandidateRetriever:
    model = getattr(_embedding(config), "estimator", None)
    return FaissRetriever(top_k=config.top_k, index="ivf", estimator=model)


def _faiss_missing() -> str:
    if find_spec("faiss") is not None:
        return ""
    return "FAISS is not installed here. Install it with: pip install faiss-cpu"


def _merged(config: ExperimentConfig) -> BaseCandidateRetriever:
    return merged_of(config, [key for key in config.retrievers if key != MERGED])


def merged_of(config: ExperimentConfig, keys: Sequence[str]) -> MergedRetriever:
    """Return the merged retriever of the chosen ones that can take part."""
    return MergedRetriever(
        [RETRIEVERS[key].make(config) for key in keys],
        top_k=config.top_k,
        method=config.merge_method,
        weights=[float(config.merge_weights.get(key, RETRIEVERS[key].merge_weight)) for key in keys],
    )


RETRIEVERS: dict[str, RetrieverSpec] = {
    spec.key: spec
    for spec in (
        RetrieverSpec(
            "embedding",
            "Embedding",
            "Items whose learned vector points the way of the user's.",
            _embedding,
            in_default=True,
            merge_weight=_LEARNED_WEIGHT,
        ),
        RetrieverSpec(
            "content",
            "Content-based",
            "Items whose features resemble the user's history.",
            lambda config: ContentBasedRetriever(top_k=config.top_k),
            in_default=True,
        ),
        RetrieverSpec(
            "popularity",
            "Popularity",
            "The items most people chose, the same for everyone.",
            lambda config: PopularityRetriever(top_k=config.top_k),
            in_default=True,
        ),
        RetrieverSpec(
            "faiss",
            "Embedding (FAISS)",
            "The same vectors, searched approximately in lists of alike items: for very large catalogues.",
            _faiss,
            merge_weight=_LEARNED_WEIGHT,
            missing=_faiss_missing,
        ),
        RetrieverSpec(
            MERGED,
            "Merged",
            "One pool of what the other chosen retrievers find, without duplicates.",
            _merged,
        ),
    )
}


def register_retriever(spec: RetrieverSpec) -> None:
    """Offer a retriever of one's own by its key, in comparisons and on the screens.

    Registering the same key again replaces what was registered before, so that a module may be reloaded.

    Raises
    ------
    ValueError
        If the key is one of the built-in retrievers or no plain word.

    Examples
    --------
    >>> register_retriever(RetrieverSpec(
    ...     "newest", "Newest", "What came last.", lambda config: NewestRetriever(top_k=config.top_k)
    ... ))  # doctest: +SKIP
    """
    if spec.key in _BUILT_IN:
        raise InvalidParameterError(f"The key {spec.key!r} belongs to a built-in retriever; choose another.")
    if not spec.key.isidentifier() or spec.key == "full":
        raise InvalidParameterError(
            f"The key of a retriever must be a plain word (letters, digits, _), not 'full'. Got {spec.key!r}."
        )
    merged = RETRIEVERS.pop(MERGED)
    RETRIEVERS[spec.key] = spec
    # What merges the others comes last.
    RETRIEVERS[MERGED] = merged


def load_plugins(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Import the modules that register retrievers of one's own.

    These are the modules named in the variable ``SKREC_LITE_PLUGINS`` (separated by commas), and entry points
    of installed packages in the group ``skrec_lite.retrievers``.

    Returns
    -------
    dict of str to str
        The modules that could not be imported, each with the reason: one that fails does not stop the rest.
    """
    failed = {}
    named = [name.strip() for name in environment.get(PLUGINS_VARIABLE, "").split(",") if name.strip()]
    named += [point.module for point in entry_points(group=PLUGINS_GROUP)]
    for name in named:
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a person's own module does wrong
            failed[name] = f"{type(error).__name__}: {error}"
    return failed


_BUILT_IN = frozenset(RETRIEVERS)
