"""Code to take away: it makes the very objects of the comparison, and scikit-rec's where it has the same."""

import ast
import io
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skrec_lite
from skrec_lite import ExperimentConfig, SplitConfig
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment import ESTIMATORS, RETRIEVERS
from skrec_lite.experiment.report.own_code import estimator_code, own_code, retriever_code, scorer_code
from skrec_lite.experiment.report.scikit_rec import (
    MAX_USERS,
    SCRIPT_NAME,
    measured_rows,
    scikit_rec_files,
    scikit_rec_refusal,
    scikit_rec_script,
    scikit_rec_zip,
)
from skrec_lite.metrics import LIST_METRICS

# What the contract says of scikit-rec, and its own source where the contract is silent (0.4.2).
SKREC_NAMES = {
    "skrec.constants": {"ITEM_ID_NAME", "USER_ID_NAME"},
    "skrec.dataset.interactions_dataset": {"InteractionsDataset"},
    "skrec.dataset.items_dataset": {"ItemsDataset"},
    "skrec.dataset.users_dataset": {"UsersDataset"},
    "skrec.estimator.classification.lightgbm_classifier": {"LightGBMClassifierEstimator"},
    "skrec.estimator.classification.sklearn_universal_classifier": {"SklearnUniversalClassifierEstimator"},
    "skrec.estimator.classification.xgb_classifier": {"XGBClassifierEstimator"},
    "skrec.estimator.embedding.contextualized_two_tower_estimator": {"ContextualizedTwoTowerEstimator"},
    "skrec.estimator.embedding.matrix_factorization_estimator": {"MatrixFactorizationEstimator"},
    "skrec.estimator.embedding.ncf_estimator": {"NCFEstimator"},
    "skrec.recommender.ranking.ranking_recommender": {"RankingRecommender"},
    "skrec.retriever": {"ContentBasedRetriever", "EmbeddingRetriever", "PopularityRetriever"},
    "skrec.scorer.universal": {"UniversalScorer"},
}
SKREC_ARGUMENTS = {
    "MatrixFactorizationEstimator": {
        "n_factors", "algorithm", "regularization", "learning_rate", "epochs", "random_state",
    },
    "NCFEstimator": {
        "ncf_type", "gmf_embedding_dim", "mlp_embedding_dim", "dropout", "learning_rate", "epochs",
        "random_state",
    },
    "ContextualizedTwoTowerEstimator": {
        "final_embedding_dim", "context_mode", "learning_rate", "epochs", "batch_size", "random_state",
    },
    "EmbeddingRetriever": {"top_k"},
    "ContentBasedRetriever": {"top_k"},
    "PopularityRetriever": {"top_k"},
    "RankingRecommender": {"scorer"},
    "UniversalScorer": {"estimator"},
}  # fmt: skip
OTHER_CHOICES = [
    ExperimentConfig(estimator="mf_implicit", params={"unobserved_weight": 0.5, "n_factors": 12}, seed=3),
    ExperimentConfig(
        estimator="two_tower", params={"context_mode": "trilinear", "early_stopping_patience": 3}
    ),
    ExperimentConfig(estimator="xgboost", params={"objective": "rank:ndcg", "early_stopping_patience": 5}),
    ExperimentConfig(estimator="sklearn", params={"model": "trees", "iterations": 20}),
]
CONFIGS = [*(ExperimentConfig(estimator=key) for key in ESTIMATORS), *OTHER_CHOICES]


def names_of(config):
    return f"{config.estimator}-{'-'.join(map(str, config.params.values()))}"


def as_made_by(config, result):
    """A finished result as if it had been made with another ranker: only its figures would differ."""
    return replace(result, config=replace(config, retrievers=tuple(result.runs), top_k=result.config.top_k))


def calls_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


@pytest.fixture(scope="module")
def result(request):
    from tests.experiment.conftest import comparison

    return comparison("mf_implicit")


@pytest.mark.parametrize("config", CONFIGS, ids=names_of)
def test_every_estimator_has_a_script_for_scikit_rec_or_a_reason(config, result):
    made = as_made_by(config, result)
    if reason := scikit_rec_refusal(made):
        assert reason.startswith(("scikit-rec", "In scikit-rec"))
        assert reason.endswith(".")
        with pytest.raises(InvalidParameterError) as refused:
            scikit_rec_script(made)
        assert str(refused.value) == reason
        return
    tree = ast.parse(scikit_rec_script(made))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("skrec"):
            assert {alias.name for alias in node.names} <= SKREC_NAMES[node.module]
    for call in calls_in(tree):
        if call.func.id in SKREC_ARGUMENTS:
            assert {given.arg for given in call.keywords} <= SKREC_ARGUMENTS[call.func.id]
    # Whatever is used was imported or assigned before.
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import)]
    known = {alias.asname or alias.name for node in imports for alias in node.names}
    known |= {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    used = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert used - known <= {"__file__", "set", "zip", "len", "sum", "print", "str"}


def test_what_scikit_rec_cannot_do_is_refused_in_words(result):
    def refusal(**choices):
        return scikit_rec_refusal(as_made_by(ExperimentConfig(**choices), result))

    assert "implicit" in refusal(estimator="mf_implicit")
    assert "same order" in refusal(estimator="two_tower", params={"context_mode": "scoring_layer"})
    assert "order of lists" in refusal(estimator="xgboost", params={"objective": "rank:pairwise"})
    assert refusal(estimator="mf_explicit") == refusal(estimator="xgboost") == ""
    # A ranker on features leaves it nothing to retrieve with where only vectors retrieve.
    trees = ExperimentConfig(estimator="xgboost", retrievers=("embedding",))
    only = replace(result, config=trees, runs={"embedding": result.runs["embedding"]})
    assert "none of the retrievers" in scikit_rec_refusal(only)
    featureless = replace(result, data=replace(result.data, items=None))
    assert "features" in scikit_rec_refusal(as_made_by(ExperimentConfig(estimator="sklearn"), featureless))


def test_a_script_says_what_is_left_out_and_what_differs(result):
    script = scikit_rec_script(as_made_by(ExperimentConfig(estimator="xgboost"), result))
    told = " ".join(ast.get_docstring(ast.parse(script)).split())
    assert "embedding: its embedding retriever takes vectors of the ranker alone" in told
    assert "never on what a retriever finds" in told
    assert "never withholds what a user already has" in told
    assert "EmbeddingRetriever" not in script
    seen = as_made_by(ExperimentConfig(estimator="mf_explicit", exclude_seen=False), result)
    assert "already has" not in ast.get_docstring(ast.parse(scikit_rec_script(seen)))
    assert "EmbeddingRetriever(top_k=POOL)" in scikit_rec_script(seen)


def test_a_script_names_every_package_that_it_imports(result):
    for config in (ExperimentConfig(estimator="lightgbm"), ExperimentConfig(estimator="xgboost")):
        needed = scikit_rec_files(as_made_by(config, result))["requirements.txt"].decode()
        assert ("lightgbm==" in needed) is (config.estimator == "lightgbm")
        assert "scikit-rec[torch]==0.4.2" in needed


def test_the_files_beside_a_script_are_what_the_comparison_was_made_of(result):
    made = as_made_by(ExperimentConfig(estimator="xgboost"), result)
    with zipfile.ZipFile(io.BytesIO(scikit_rec_zip(made))) as archive:
        assert archive.testzip() is None
        files = {name.removeprefix("scikit-rec/"): archive.read(name) for name in archive.namelist()}
    assert files == scikit_rec_files(made)
    frames = {
        name.removesuffix(".parquet"): pd.read_parquet(io.BytesIO(content))
        for name, content in files.items()
        if name.endswith(".parquet")
    }
    assert set(frames) == {"train", "items", "held_out"}
    assert len(frames["train"]) == len(result.split.train)
    # No time, no text: both would become features of a request there.
    assert list(frames["train"].columns) == ["USER_ID", "ITEM_ID", "OUTCOME"]
    assert set(frames["items"]["ITEM_ID"]) == set(result.items.ids)
    rows = measured_rows(made)
    assert len(rows) == min(MAX_USERS, len(result.user_ids)) == frames["held_out"]["USER_ID"].nunique()
    # The figures beside scikit-rec's are ours, for those very users, counted again from the lists.
    given = {}
    exec(next(line for line in files[SCRIPT_NAME].decode().splitlines() if "SKREC_LITE =" in line), given)
    run = result.runs["content"]
    recall = LIST_METRICS["recall"](run.ranked.hits[rows], result.split.n_held_out[rows]).mean()
    assert given["SKREC_LITE"]["content"] == pytest.approx(recall, abs=1e-12)


def test_at_most_so_many_users_are_measured_and_they_are_spread():
    class Many:
        user_ids = np.arange(10_000)

    rows = measured_rows(Many)
    assert len(rows) == MAX_USERS
    assert (rows[0], rows[-1]) == (0, 9_999)
    assert np.ptp(np.diff(rows)) <= 1


def settings(thing):
    """What an unfitted object was made with, down to what it holds."""
    if isinstance(thing, list | tuple):
        return [settings(each) for each in thing]
    if isinstance(thing, sklearn.base.BaseEstimator):
        return repr(thing)
    if type(thing).__module__.startswith("skrec_lite") and hasattr(thing, "__dict__"):
        return type(thing).__name__, {name: settings(value) for name, value in vars(thing).items()}
    return repr(thing)


def evaluated(code):
    names = {name: getattr(skrec_lite, name) for name in skrec_lite.__all__}
    names |= {
        each.__name__: each for each in (HistGradientBoostingClassifier, LogisticRegression, StandardScaler)
    }
    return eval(code, {**names, "make_pipeline": make_pipeline, "RETRIEVERS": RETRIEVERS,
                       "ExperimentConfig": ExperimentConfig})  # fmt: skip


@pytest.mark.parametrize("config", CONFIGS, ids=names_of)
def test_the_code_of_an_estimator_makes_what_the_comparison_made(config):
    if ESTIMATORS[config.estimator].why_missing:
        pytest.skip(ESTIMATORS[config.estimator].why_missing)
    built = ESTIMATORS[config.estimator].build(config.params, config.seed)
    assert settings(evaluated(estimator_code(config))) == settings(built)


@pytest.mark.parametrize("estimator", ["mf_implicit", "xgboost"])
def test_the_code_of_a_retriever_makes_what_the_comparison_made(estimator):
    every = tuple(RETRIEVERS)
    config = ExperimentConfig(
        estimator=estimator, retrievers=every, top_k=70, merge_method="quota", merge_weights={"content": 2},
        retrieval_params={"n_factors": 16} if estimator == "xgboost" else {},
    )  # fmt: skip
    for key in every:
        if not RETRIEVERS[key].why_missing:
            assert settings(evaluated(retriever_code(config, key, every))) == settings(
                RETRIEVERS[key].make(config)
            )


def test_the_code_of_a_scorer_says_what_it_learns_on():
    assert scorer_code(ExperimentConfig()).startswith("UniversalScorer(MatrixFactorizationEstimator(")
    trees = ExperimentConfig(
        estimator="xgboost", params={"early_stopping_patience": 5}, seed=4,
        split=SplitConfig("global_time", test_fraction=0.3, part="validation"),
    )  # fmt: skip
    scorer = evaluated(scorer_code(trees))
    assert (scorer.validation_share, scorer.random_state) == (0.1, 4)
    assert scorer.inner_split == SplitConfig("global_time", test_fraction=0.3)
    assert scorer_code(replace(trees, ranker_training="catalogue")).startswith("UniversalScorer(")


def test_own_code_runs_and_gives_lists(result, tmp_path, monkeypatch):
    """On tables in memory the code asks for files; here they are written first."""
    result.data.interactions.to_csv(tmp_path / "interactions.csv", index=False)
    result.data.items.to_csv(tmp_path / "items.csv", index=False)
    monkeypatch.chdir(tmp_path)
    made = {}
    exec(own_code(result, "content"), made)
    assert made["lists"].shape == (3, result.config.n)
    assert made["recommender"].retriever.top_k == result.config.top_k
    with pytest.raises(InvalidParameterError, match="embedding"):
        own_code(result, "embeding")
