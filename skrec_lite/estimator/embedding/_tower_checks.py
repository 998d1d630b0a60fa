"""Checks of what a two-tower model is asked for: parameters, and whether vectors can carry its order."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from skrec_lite.estimator.embedding._checks import check_number
from skrec_lite.exceptions import (
    InvalidParameterError,
    RetrievalSpaceRefused,
    check_choice,
    check_positive_int,
)


class ContextMode(StrEnum):
    """Where a two-tower model takes in the context of a request.

    Attributes
    ----------
    USER_TOWER
        Beside the user's id and features; user vectors then exist only for a request.
    TRILINEAR
        As a factor of each coordinate of the user vector, which can be computed ahead.
    SCORING_LAYER
        In a hidden layer over both vectors: most expressive, and no dot product.
    """

    USER_TOWER = "user_tower"
    TRILINEAR = "trilinear"
    SCORING_LAYER = "scoring_layer"


def check_context_mode(mode: Any) -> None:
    """Raise `InvalidParameterError` for a mode that does not exist."""
    check_choice("context_mode", mode, [str(known) for known in ContextMode])


def check_parameters(parameters: dict[str, Any]) -> None:
    """Raise `InvalidParameterError` for the first parameter that is out of range."""
    check_context_mode(parameters["context_mode"])
    check_choice("optimizer_name", parameters["optimizer_name"], ("adam", "adamw", "adagrad", "sgd"))
    for name in (
        "user_embedding_dim", "item_embedding_dim", "final_embedding_dim", "epochs", "max_history",
    ):  # fmt: skip
        check_positive_int(name, parameters[name])
    if check_positive_int("batch_size", parameters["batch_size"]) < 2:
        raise InvalidParameterError("batch_size must be at least 2: negatives are other rows' items.")
    widths = [f"{side}_tower_hidden_dim{place}" for side in ("user", "item") for place in (1, 2)]
    for name in (*widths, "early_stopping_patience", "steps_per_epoch"):
        if parameters[name] is not None:
            check_positive_int(name, parameters[name])
    if parameters["uniform_negatives"] != 0:
        check_positive_int("uniform_negatives", parameters["uniform_negatives"])
    for name in ("learning_rate", "temperature"):
        check_number(name, parameters[name], above_zero=True)
    for name in ("weight_decay", "id_dropout", "popularity_power"):
        check_number(name, parameters[name])
    if parameters["popularity_power"] and parameters["context_mode"] == ContextMode.SCORING_LAYER:
        raise InvalidParameterError(
            "popularity_power must be 0 with context_mode='scoring_layer', whose hidden layer reads item "
            "vectors of length 1."
        )
    if parameters["id_dropout"] >= 1:
        raise InvalidParameterError(
            f"id_dropout must be a number in the range [0, 1). Got {parameters['id_dropout']!r} instead."
        )


def refuse_without_vectors(mode: str, context_columns: tuple[str, ...]) -> None:
    """Raise `RetrievalSpaceRefused`, with the alternatives, where no vectors carry the model's order."""
    if mode == ContextMode.SCORING_LAYER:
        raise RetrievalSpaceRefused(
            "context_mode='scoring_layer' scores pairs by a hidden layer over both vectors, so no dot "
            "product of user and item vectors gives its order.",
            (
                "context_mode='trilinear'",
                "a retrieval model of its own: EmbeddingRetriever(estimator=...)",
                "ContentBasedRetriever or PopularityRetriever",
            ),
        )
    refuse_without_request(mode, context_columns)


def refuse_without_request(mode: str, context_columns: tuple[str, ...]) -> None:
    """Raise `RetrievalSpaceRefused` where a user has no vector before a request's context is known."""
    if mode == ContextMode.USER_TOWER and context_columns:
        listed = ", ".join(map(repr, context_columns[:3])) + (", ..." if len(context_columns) > 3 else "")
        raise RetrievalSpaceRefused(
            f"context_mode='user_tower' reads the request's context ({listed}) in the user tower, so "
            "user vectors cannot be computed ahead of a request.",
            (
                "context_mode='trilinear', whose user vectors can",
                "interactions without the context columns",
                "predict_proba_with_embeddings or a recommender without a retriever",
            ),
        )
