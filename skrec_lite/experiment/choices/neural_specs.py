"""The estimators trained by torch, as one chooses them in an experiment."""

from __future__ import annotations

from typing import Any

from skrec_lite.estimator.embedding.contextualized_two_tower_estimator import ContextualizedTwoTowerEstimator
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator
from skrec_lite.experiment.choices.spec import Choice, EstimatorSpec, Parameter

_PATIENCE = Parameter(
    "early_stopping_patience",
    "Early stopping after",
    "Epochs without a better recall on held-back interactions before training ends; 0 trains through, on "
    "all the data.",
    0,
    0,
    50,
    1,
)


def _ncf(seed: int, early_stopping_patience: int, **values: Any) -> Any:
    return NCFEstimator(random_state=seed, early_stopping_patience=early_stopping_patience or None, **values)


def _two_tower(seed: int, early_stopping_patience: int, **values: Any) -> Any:
    return ContextualizedTwoTowerEstimator(
        random_state=seed, early_stopping_patience=early_stopping_patience or None, **values
    )


NEURAL_SPECS: tuple[EstimatorSpec, ...] = (
    EstimatorSpec(
        "ncf",
        "Neural collaborative filtering",
        "A network that scores pairs of a user's and an item's vector (He et al. 2017). Its score is no dot "
        "product, so retrieval searches vectors fitted to it and says how close they come.",
        True,
        (
            Choice(
                "ncf_type",
                "Kind",
                "How a pair of vectors becomes a score.",
                "neumf",
                ("neumf", "gmf", "mlp"),
                {"neumf": "NeuMF (both)", "gmf": "GMF (weighted product)", "mlp": "MLP (layers)"},
            ),
            Parameter("epochs", "Epochs", "Passes over the data, at most.", 10, 1, 100, 1),
            Parameter(
                "learning_rate",
                "Learning rate",
                "Size of the first step, falling to 0; too large diverges.",
                0.001,
                0.00001,
                0.1,
                0.0005,
            ),
            Parameter(
                "n_negatives",
                "Negatives",
                "Items drawn at random for each one chosen, afresh each epoch.",
                4,
                1,
                20,
                1,
            ),
            Parameter(
                "regularization",
                "Penalty",
                "Holds vectors short; too little overfits. The first thing to try on other data.",
                0.01,
                0.0,
                1.0,
                0.005,
            ),
            Parameter(
                "gmf_embedding_dim",
                "Product vector",
                "Length of the vectors that are multiplied.",
                32,
                4,
                128,
                4,
            ),
            Parameter(
                "mlp_embedding_dim",
                "Network vector",
                "Length of the vectors that go through the layers.",
                32,
                4,
                128,
                4,
            ),
            Parameter(
                "dropout", "Dropout", "Share of hidden units switched off in training.", 0.0, 0.0, 0.8, 0.1
            ),
            _PATIENCE,
        ),
        _ncf,
        scores_by_dot_product=False,
    ),
    EstimatorSpec(
        "two_tower",
        "Two towers (contextualized)",
        "One network makes a user's vector from id, history and features, another an item's from id and "
        "features; new items are found by their features. Exact to search.",
        True,
        (
            Parameter(
                "final_embedding_dim",
                "Vector length",
                "Numbers that come out of each tower.",
                32,
                4,
                256,
                4,
            ),
            Parameter("epochs", "Epochs", "Passes over the data, at most.", 20, 1, 200, 1),
            Parameter(
                "learning_rate",
                "Learning rate",
                "Size of the first step, falling to 0; too large diverges.",
                0.01,
                0.00001,
                0.1,
                0.0005,
            ),
            Parameter(
                "temperature",
                "Temperature",
                "Smaller looks more at the items hardest to tell from the right one.",
                0.2,
                0.02,
                2.0,
                0.01,
            ),
            Parameter(
                "batch_size",
                "Batch size",
                "Rows learned from at once; each row's negatives are the other rows' items.",
                1024,
                32,
                16384,
                32,
            ),
            Parameter(
                "id_dropout",
                "Id dropout",
                "Share of rows in which an id is hidden, so that history and features learn to stand in.",
                0.2,
                0.0,
                0.9,
                0.05,
            ),
            Parameter(
                "weight_decay",
                "Weight decay",
                "Pull of the ids read towards 0 at each step, against learning the noise by heart.",
                0.3,
                0.0,
                10.0,
                0.1,
            ),
            Parameter(
                "popularity_power",
                "Popularity power",
                "How far items that many chose are put forward: vectors have length (1 + users) to this "
                "power. 0.05 helps where few of very many items are popular; 0 treats all alike.",
                0.0,
                0.0,
                1.0,
                0.01,
            ),
            Choice(
                "context_mode",
                "Context",
                "Where columns of a request are taken in; a scoring layer cannot be searched by vectors.",
                "user_tower",
                ("user_tower", "trilinear", "scoring_layer"),
                {"user_tower": "User tower", "trilinear": "Trilinear", "scoring_layer": "Scoring layer"},
                {
                    "user_tower": "The user tower reads what is known only at a request ({columns}), so no "
                    "user has a vector before it. To retrieve by vectors, set Context to Trilinear, or load "
                    "interactions without these columns.",
                    "scoring_layer": "A scoring layer judges each pair of a user and an item by itself, so "
                    "no search among vectors gives its order. To retrieve by vectors, set Context to "
                    "Trilinear.",
                },
            ),
            _PATIENCE,
        ),
        _two_tower,
    ),
)
