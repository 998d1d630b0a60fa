"""Checks of the parameters of neural collaborative filtering."""

from __future__ import annotations

from typing import Any

from skrec_lite.estimator.embedding._checks import check_number
from skrec_lite.exceptions import InvalidParameterError, check_choice, check_positive_int

NCF_TYPES = ("neumf", "gmf", "mlp")
LOSSES = ("bce", "mse")
DEFAULT_LAYERS = (64, 32, 16, 8)
# Trained by "mse" on 80 % of MovieLens 100K's ratings, the root mean square error on the next 10 % was .95,
# .91 and .95 at 0.1, 0.2 and 0.4. For "bce" see `python -m benchmarks.quality ncf --search`.
_DEFAULT_PENALTIES = {"bce": 0.01, "mse": 0.2}


def check_parameters(parameters: dict[str, Any]) -> None:
    """Raise `InvalidParameterError` for the first parameter of an `NCFEstimator` that is out of range."""
    check_choice("ncf_type", parameters["ncf_type"], NCF_TYPES)
    check_choice("loss_fn_name", parameters["loss_fn_name"], LOSSES)
    for name in ("gmf_embedding_dim", "mlp_embedding_dim", "epochs"):
        check_positive_int(name, parameters[name])
    for name in ("batch_size", "early_stopping_patience"):
        if parameters[name] is not None:
            check_positive_int(name, parameters[name])
    layers_of(parameters["mlp_layers"])
    check_number("learning_rate", parameters["learning_rate"], above_zero=True)
    if parameters["regularization"] is not None:
        check_number("regularization", parameters["regularization"])
    check_number("dropout", parameters["dropout"])
    if parameters["dropout"] >= 1:
        raise InvalidParameterError(
            f"dropout must be a number in the range [0, 1). Got {parameters['dropout']!r} instead."
        )
    negatives = parameters["n_negatives"]
    if negatives != 0 or isinstance(negatives, bool):
        check_positive_int("n_negatives", negatives)


def layers_of(mlp_layers: Any) -> tuple[int, ...]:
    """Return the widths of the hidden layers, checked; the default ones for None.

    Raises
    ------
    InvalidParameterError
        If it is no list of positive integers, or empty.
    """
    if mlp_layers is None:
        return DEFAULT_LAYERS
    if isinstance(mlp_layers, (str, bytes)) or not hasattr(mlp_layers, "__iter__") or not len(mlp_layers):
        raise InvalidParameterError(
            f"mlp_layers must be a list of layer widths, such as {list(DEFAULT_LAYERS)}. "
            f"Got {mlp_layers!r} instead."
        )
    return tuple(check_positive_int("mlp_layers", width) for width in mlp_layers)


def penalty_of(loss_fn_name: str, regularization: float | None) -> float:
    """Return the strength of the L2 penalty: the one given, or the loss's default for None."""
    return _DEFAULT_PENALTIES[loss_fn_name] if regularization is None else float(regularization)
