"""The rankers that read a table of features, as one chooses them in an experiment."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from skrec_lite.estimator.classification.lightgbm_classifier import LightGBMClassifierEstimator
from skrec_lite.estimator.classification.sklearn_estimator import SklearnEstimator
from skrec_lite.estimator.classification.xgb_classifier import XGBClassifierEstimator
from skrec_lite.experiment.choices.spec import Choice, EstimatorSpec, Parameter

_TREES = Parameter("n_estimators", "Trees", "Trees added one after the other.", 200, 5, 1000, 5)
_PATIENCE = Parameter(
    "early_stopping_patience",
    "Early stopping after",
    "Trees without a better measure on held-back interactions before training ends; 0 grows all, on all the "
    "data.",
    0,
    0,
    50,
    1,
)


def _xgboost(seed: int, early_stopping_patience: int, **values: Any) -> Any:
    return XGBClassifierEstimator({"random_state": seed, **_stopping(early_stopping_patience), **values})


def _lightgbm(seed: int, early_stopping_patience: int, **values: Any) -> Any:
    return LightGBMClassifierEstimator({"random_state": seed, **_stopping(early_stopping_patience), **values})


def _stopping(patience: int) -> dict[str, Any]:
    return {"early_stopping_rounds": patience} if patience else {}


def _lightgbm_missing() -> str:
    if find_spec("lightgbm") is not None:
        return ""
    return "LightGBM is not installed here. Install it with: pip install lightgbm"


def _sklearn(seed: int, model: str, iterations: int) -> Any:
    # Imported here: scikit-learn takes about a second.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if model == "logistic":
        return SklearnEstimator(make_pipeline(StandardScaler(), LogisticRegression(max_iter=iterations)))
    return SklearnEstimator(HistGradientBoostingClassifier(max_iter=iterations, random_state=seed))


TABULAR_SPECS: tuple[EstimatorSpec, ...] = (
    EstimatorSpec(
        "xgboost",
        "XGBoost (trees on features)",
        "Ranks by item features, popularity and likeness to the user's history. It has no embeddings: "
        "the embedding retriever then uses a matrix factorization of its own.",
        False,
        (
            _TREES,
            Parameter("max_depth", "Depth", "Questions each tree may ask in a row.", 4, 1, 12, 1),
            Parameter(
                "learning_rate", "Learning rate", "How much each tree may correct.", 0.05, 0.01, 1.0, 0.01
            ),
            Choice(
                "objective",
                "Objective",
                "Judge each pair by itself, or the order of each user's items.",
                "binary:logistic",
                ("binary:logistic", "rank:ndcg", "rank:pairwise"),
                {
                    "binary:logistic": "Pairs (classifier)",
                    "rank:ndcg": "Lists (nDCG)",
                    "rank:pairwise": "Pairwise order",
                },
            ),
            _PATIENCE,
        ),
        _xgboost,
    ),
    EstimatorSpec(
        "lightgbm",
        "LightGBM (trees on features)",
        "Ranks by the same features as XGBoost, with trees grown leaf by leaf. It has no embeddings either: "
        "a matrix factorization retrieves for it.",
        False,
        (
            _TREES,
            Parameter("num_leaves", "Leaves", "Leaves of each tree.", 15, 2, 512, 1),
            Parameter(
                "learning_rate", "Learning rate", "How much each tree may correct.", 0.05, 0.01, 1.0, 0.01
            ),
            Choice(
                "objective",
                "Objective",
                "Judge each pair by itself, or the order of each user's items.",
                "binary",
                ("binary", "lambdarank"),
                {"binary": "Pairs (classifier)", "lambdarank": "Lists (LambdaRank)"},
            ),
            _PATIENCE,
        ),
        _lightgbm,
        _lightgbm_missing,
    ),
    EstimatorSpec(
        "sklearn",
        "scikit-learn (on features)",
        "A plain model of scikit-learn on the same features, to see how far a simple ranker goes. A matrix "
        "factorization retrieves for it.",
        False,
        (
            Choice(
                "model",
                "Model",
                "A weighted sum of features, or trees.",
                "logistic",
                ("logistic", "trees"),
                {"logistic": "Logistic regression", "trees": "Histogram gradient boosting"},
            ),
            Parameter("iterations", "Iterations", "Steps, or trees, at most.", 100, 10, 1000, 10),
        ),
        _sklearn,
    ),
)
