"""What of a comparison scikit-rec 0.4.2 can do, what it does otherwise, and what it cannot do.

Each statement about it was read off its source and tried (see the benchmarks, which run it beside ours).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import estimator_spec

Params = Mapping[str, Any]

_LABELS: Final = (
    "It draws no negatives: four items that the user never touched are labelled 0 beside each interaction, "
    "labelled 1, before it trains."
)
_EARLY: Final = "It trains through: early stopping on held-back interactions is not set up here."


@dataclass(frozen=True)
class Match:
    """An estimator of scikit-rec that stands for one of ours.

    Attributes
    ----------
    imports : tuple of str
        Lines of code.
    code : callable
        Returns the expression that makes it, from every parameter by name and a seed.
    differs : tuple of str
        Sentences for people.
    is_labelled : bool
        Whether it learns from pairs labelled 0 and 1, and not from the outcomes as they are.
    no_vectors : str
        Why scikit-rec's embedding retriever cannot use it; empty where it can.
    """

    imports: tuple[str, ...]
    code: Callable[[Params, int], str]
    differs: tuple[str, ...] = ()
    is_labelled: bool = True
    no_vectors: str = ""


def call(name: str, **values: Any) -> str:
    """Return a call with keyword arguments as code."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in values.items())})"


def _factorization(algorithm: str, *names: str) -> Callable[[Params, int], str]:
    def code(params: Params, seed: int) -> str:
        given = {name: params[name] for name in names}
        return call("MatrixFactorizationEstimator", algorithm=algorithm, **given, random_state=seed)

    return code


def _some(class_name: str, *names: str) -> Callable[[Params, int], str]:
    def code(params: Params, seed: int) -> str:
        return call(class_name, **{name: params[name] for name in names}, random_state=seed)

    return code


def _trees(class_name: str, *names: str) -> Callable[[Params, int], str]:
    def code(params: Params, seed: int) -> str:
        return f"{class_name}({ {name: params[name] for name in names} | {'random_state': seed}!r})"

    return code


def _sklearn(params: Params, seed: int) -> str:
    if params["model"] == "logistic":
        few = {"max_iter": params["iterations"]}
        return f"SklearnUniversalClassifierEstimator(LogisticRegression, {few!r})"
    given = {"max_iter": params["iterations"], "random_state": seed}
    return f"SklearnUniversalClassifierEstimator(HistGradientBoostingClassifier, {given!r})"


_MF_IMPORT: Final = (
    "from skrec.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator",
)
_ON_FEATURES: Final = (
    _LABELS,
    "The ranker learns on those, never on what a retriever finds, and reads the features of items and users "
    "alone: no rank or score of the first stage, no popularity, no likeness to the user's history.",
)
_NO_EMBEDDINGS: Final = (
    "its embedding retriever takes vectors of the ranker alone, and a ranker on features has none"
)

MATCHES: dict[str, Match] = {
    "mf_explicit": Match(
        _MF_IMPORT,
        _factorization("als", "n_factors", "epochs", "regularization"),
        ("Its factorization has a global mean, and no bias of a user or of an item.",),
        is_labelled=False,
    ),
    "mf_sgd": Match(
        _MF_IMPORT,
        _factorization("sgd", "n_factors", "epochs", "learning_rate", "regularization"),
        (
            "Its factorization has a global mean, and no bias of a user or of an item.",
            "It steps one rating at a time in Python, so that many ratings take long.",
        ),
        is_labelled=False,
    ),
    "ncf": Match(
        ("from skrec.estimator.embedding.ncf_estimator import NCFEstimator",),
        _some(
            "NCFEstimator", "ncf_type", "gmf_embedding_dim", "mlp_embedding_dim", "dropout",
            "learning_rate", "epochs",
        ),
        (_LABELS, "It has no penalty on the vectors.", _EARLY),
        no_vectors="its embedding retriever multiplies tables of the network whose product is not the "
        "network's score (rank correlation with it -0.25 to 0.03)",
    ),
    "two_tower": Match(
        (
            "from skrec.estimator.embedding.contextualized_two_tower_estimator import (",
            "    ContextualizedTwoTowerEstimator,",
            ")",
        ),
        _some(
            "ContextualizedTwoTowerEstimator", "final_embedding_dim", "context_mode", "epochs",
            "learning_rate", "batch_size",
        ),
        (
            _LABELS,
            "Its towers read ids and features, not the history, and learn pair by pair: temperature, id "
            "dropout, weight decay and popularity power are ours alone.",
            _EARLY,
        ),
        no_vectors="its embedding retriever multiplies vectors of 64 numbers with vectors of another length "
        "here, and stops",
    ),
    "xgboost": Match(
        ("from skrec.estimator.classification.xgb_classifier import XGBClassifierEstimator",),
        _trees("XGBClassifierEstimator", "n_estimators", "max_depth", "learning_rate"),
        (*_ON_FEATURES, _EARLY),
        no_vectors=_NO_EMBEDDINGS,
    ),
    "lightgbm": Match(
        ("from skrec.estimator.classification.lightgbm_classifier import LightGBMClassifierEstimator",),
        _trees("LightGBMClassifierEstimator", "n_estimators", "num_leaves", "learning_rate"),
        (*_ON_FEATURES, _EARLY),
        no_vectors=_NO_EMBEDDINGS,
    ),
    "sklearn": Match(
        (
            "from skrec.estimator.classification.sklearn_universal_classifier import (",
            "    SklearnUniversalClassifierEstimator,",
            ")",
            "from sklearn.ensemble import HistGradientBoostingClassifier",
            "from sklearn.linear_model import LogisticRegression",
        ),
        _sklearn,
        _ON_FEATURES,
        no_vectors=_NO_EMBEDDINGS,
    ),
}  # fmt: skip

_RETRIEVER_CODE: Final = {
    "embedding": "EmbeddingRetriever(top_k=POOL)",
    "content": "ContentBasedRetriever(top_k=POOL)",
    "popularity": "PopularityRetriever(top_k=POOL)",
}
_NO_RETRIEVER: Final = {
    "faiss": "it has no approximate search; its guide shows how to write such a retriever",
    "merged": "it merges no pools; its guide joins candidate lists by hand and sets them as an item_subset",
}


def values_of(config: ExperimentConfig) -> dict[str, Any]:
    """Return every parameter of a comparison's ranker, those left out at their defaults."""
    return {
        each.name: config.params.get(each.name, each.default)
        for each in estimator_spec(config.estimator).parameters
    }


def estimator_refusal(config: ExperimentConfig) -> str:
    """Return why scikit-rec has no ranker like a comparison's, in a sentence; empty where it has."""
    values = values_of(config)
    if config.estimator == "mf_implicit":
        return (
            "scikit-rec has no matrix factorization for implicit feedback (iALS): its factorization fits "
            "observed outcomes alone. Compare with Matrix factorization (ratings, ALS) to get a script."
        )
    if values.get("context_mode") == "scoring_layer":
        return (
            "In scikit-rec a scoring layer adds what it makes of the user to what it makes of the item, so "
            "that every user gets the same order. Choose another context to get a script for it."
        )
    if values.get("objective") in ("rank:ndcg", "rank:pairwise", "lambdarank"):
        return (
            "scikit-rec's trees are classifiers of single pairs and cannot learn the order of lists. Choose "
            "the objective Pairs (classifier) to get a script for it."
        )
    if config.estimator not in MATCHES:
        return f"scikit-rec has no estimator like {estimator_spec(config.estimator).label}."
    return ""


def retriever_code(config: ExperimentConfig) -> dict[str, str]:
    """Return the code of each retriever of a comparison that scikit-rec has."""
    return {key: _RETRIEVER_CODE[key] for key in config.retrievers if not retriever_refusal(config, key)}


def retriever_refusal(config: ExperimentConfig, key: str) -> str:
    """Return why scikit-rec cannot retrieve so for a comparison's ranker; empty where it can."""
    if key == "embedding":
        return MATCHES[config.estimator].no_vectors
    if key in _RETRIEVER_CODE:
        return ""
    return _NO_RETRIEVER.get(key, "it is a retriever of one's own; write it against skrec's base class")
