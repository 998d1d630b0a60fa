"""The recommender of a comparison in a few lines, for a program of one's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import estimator_spec
from skrec_lite.experiment.choices.retriever_specs import MERGED, RETRIEVERS
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.plan.data_plan import DataPlan
from skrec_lite.experiment.report.scikit_rec_matches import call, values_of
from skrec_lite.experiment.result import ExperimentResult

_FACTORIZATIONS: Final = {"mf_implicit": "IALS", "mf_explicit": "ALS", "mf_sgd": "SGD"}
_WITH_WORDS: Final = {"ncf": "NCFEstimator", "two_tower": "ContextualizedTwoTowerEstimator"}
_TREES: Final = {"xgboost": "XGBClassifierEstimator", "lightgbm": "LightGBMClassifierEstimator"}
_SKLEARN: Final = {
    "HistGradientBoostingClassifier": "sklearn.ensemble",
    "LogisticRegression": "sklearn.linear_model",
    "make_pipeline": "sklearn.pipeline",
    "StandardScaler": "sklearn.preprocessing",
}


@once_per_result
def own_code(result: ExperimentResult, key: str) -> str:
    """Return code that trains one recommender of a comparison on all interactions, and asks it for a list.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        One of ``result.runs``.

    Raises
    ------
    InvalidParameterError
        For another key.
    """
    check_choice("retriever", key, result.runs)
    config = result.config
    body = (
        "recommender = RankingRecommender(\n"
        f"    scorer={scorer_code(config)},\n"
        f"    retriever={retriever_code(config, key, tuple(result.runs))},\n"
        ")"
    )
    given = ["interactions_ds=InteractionsDataset.from_frame(data.interactions)"]
    if result.data.features is not None:
        given.append("items_ds=ItemsDataset.from_frame(data.model_items(data.interactions))")
    if result.data.user_features is not None:
        given.append("users_ds=UsersDataset.from_frame(data.model_users(data.interactions))")
    train = "".join(f"    {each},\n" for each in given)
    seen = ", exclude_seen=True" if config.exclude_seen else ""
    ask = (
        'users = data.interactions[["USER_ID"]].drop_duplicates().head(3)  # whoever is asked for\n'
        f"lists = recommender.recommend(interactions=users, top_k={config.n}{seen})"
    )
    code = f"{_data_code(result)}\n{body}\nrecommender.train(\n{train})\n{ask}\n"
    return f"{_imports_of(code)}\n\n{code}"


def estimator_code(config: ExperimentConfig) -> str:
    """Return the expression that makes a comparison's ranker, as `EstimatorSpec.build` does."""
    key, values, seed = config.estimator, values_of(config), config.seed
    patience = values.pop("early_stopping_patience", 0)
    if key in _FACTORIZATIONS:
        if "unobserved_weight" in values:
            values["unobserved_weight"] = values["unobserved_weight"] or None
        return _with_name(
            call("MatrixFactorizationEstimator", algorithm="@", **values, random_state=seed),
            f"MFAlgorithm.{_FACTORIZATIONS[key]}",
        )
    if key in _WITH_WORDS:
        stopping = {"early_stopping_patience": patience} if patience else {}
        return call(_WITH_WORDS[key], **values, **stopping, random_state=seed)
    if key in _TREES:
        stopping = {"early_stopping_rounds": patience} if patience else {}
        return f"{_TREES[key]}({ {'random_state': seed, **stopping, **values}!r})"
    if values["model"] == "logistic":
        return (
            "SklearnEstimator(make_pipeline(StandardScaler(), "
            f"LogisticRegression(max_iter={values['iterations']!r})))"
        )
    return (
        f"SklearnEstimator(HistGradientBoostingClassifier(max_iter={values['iterations']!r}, "
        f"random_state={seed!r}))"
    )


def scorer_code(config: ExperimentConfig) -> str:
    """Return the expression that makes a comparison's scorer with its ranker."""
    estimator = estimator_code(config)
    if estimator_spec(config.estimator).has_embeddings or config.ranker_training == "catalogue":
        return f"UniversalScorer({estimator})"
    more = []
    if config.split.kind == "global_time":
        split = replace(config.split, part="test")
        more.append(f"inner_split={split!r}")
    if config.params.get("early_stopping_patience"):
        more.append("validation_share=0.1")
    return f"CandidateScorer({', '.join([estimator, *more, f'random_state={config.seed!r}'])})"


def retriever_code(config: ExperimentConfig, key: str, others: tuple[str, ...] = ()) -> str:
    """Return the expression that makes one retriever of a comparison.

    Parameters
    ----------
    config : ExperimentConfig
    key : str
    others : tuple of str
        The retrievers that took part: what ``"merged"`` merges.
    """
    return _RETRIEVERS.get(key, _own)(config, key, others)


def _own_model(config: ExperimentConfig) -> dict[str, str]:
    """Return the matrix factorization that retrieves where the ranker has no embeddings."""
    if estimator_spec(config.estimator).has_embeddings:
        return {}
    model = replace(config, estimator="mf_implicit", params=config.retrieval_params)
    return {"estimator": estimator_code(model)}


def _embedding(config: ExperimentConfig, key: str, others: tuple[str, ...]) -> str:
    return _joined("EmbeddingRetriever", top_k=repr(config.top_k), **_own_model(config))


def _faiss(config: ExperimentConfig, key: str, others: tuple[str, ...]) -> str:
    return _joined("FaissRetriever", top_k=repr(config.top_k), index='"ivf"', **_own_model(config))


def _content(config: ExperimentConfig, key: str, others: tuple[str, ...]) -> str:
    return f"ContentBasedRetriever(top_k={config.top_k!r})"


def _popularity(config: ExperimentConfig, key: str, others: tuple[str, ...]) -> str:
    return f"PopularityRetriever(top_k={config.top_k!r})"


def _merged(config: ExperimentConfig, key: str, others: tuple[str, ...]) -> str:
    keys = [each for each in config.retrievers if each != MERGED and each in others]
    parts = "".join(f"            {retriever_code(config, each)},\n" for each in keys)
    weights = [float(config.merge_weights.get(each, RETRIEVERS[each].merge_weight)) for each in keys]
    return (
        f"MergedRetriever(\n        [\n{parts}        ],\n        top_k={config.top_k!r},\n"
        f"        method={config.merge_method!r},\n        weights={weights!r},\n    )"
    )


def _own(config: ExperimentConfig, key: str, others: tuple[str, ...]) -> str:
    return f"RETRIEVERS[{key!r}].make(ExperimentConfig(top_k={config.top_k!r}, n={config.n!r}))"


_RETRIEVERS: Final[Mapping[str, Callable[[ExperimentConfig, str, tuple[str, ...]], str]]] = {
    "embedding": _embedding, "faiss": _faiss, "content": _content, "popularity": _popularity,
    MERGED: _merged,
}  # fmt: skip


def _joined(name: str, **code: str) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in code.items())})"


def _with_name(code: str, name: str) -> str:
    """Return code with a name in the place of the text ``@``."""
    return code.replace("'@'", name)


@once_per_result
def _data_code(result: ExperimentResult) -> str:
    source = DataPlan.of_data(result.data)
    note = (
        "  # without repairs and chosen kinds: reproduce.py has them"
        if source.recipe.repairs or (source.recipe.item_kinds or source.recipe.user_kinds)
        else ""
    )
    if source.kind == "sample":
        return f"data = LabData(*load_sample({source.sample!r})){note}\n"
    files: list[Any] = list(source.files) or ["interactions.csv", "items.csv"]
    return f"data = LabData.of(load({files!r}), {result.data.name!r}){note}\n"


def _imports_of(code: str) -> str:
    """Return the imports of the names that code uses."""
    names = set(re.findall(r"\b[A-Za-z_]+\b", re.sub(r"'[^']*'|\"[^\"]*\"", "", code)))
    lines = [f"from {module} import {name}" for name, module in _SKLEARN.items() if name in names]
    ours = [name for name in _OURS if name in names]
    lines.append("from skrec_lite import (\n" + "".join(f"    {name},\n" for name in ours) + ")")
    if "load" in names:
        lines.append("from skrec_lite.dataset import load")
    if "RETRIEVERS" in names:
        lines.append("from skrec_lite.experiment import RETRIEVERS, ExperimentConfig")
    return "\n".join(lines)


_OURS: Final = (
    "CandidateScorer", "ContentBasedRetriever", "ContextualizedTwoTowerEstimator", "EmbeddingRetriever",
    "FaissRetriever", "InteractionsDataset", "ItemsDataset", "LabData", "LightGBMClassifierEstimator",
    "MFAlgorithm", "MatrixFactorizationEstimator", "MergedRetriever", "NCFEstimator", "PopularityRetriever",
    "RankingRecommender", "SklearnEstimator", "SplitConfig", "UniversalScorer", "UsersDataset",
    "XGBClassifierEstimator", "load_sample",
)  # fmt: skip
