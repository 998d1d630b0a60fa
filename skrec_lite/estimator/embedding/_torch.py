"""The little that every estimator trained by torch shares; imported at the first fit, torch takes seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_choice

_OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adagrad": torch.optim.Adagrad,
    "sgd": torch.optim.SGD,
}


def resolve_device(device: str | None) -> torch.device:
    """Return the device to train on: the one named, or the first GPU, or else the CPU.

    Raises
    ------
    InvalidParameterError
        For a name that torch does not know, or a GPU that is not there.
    """
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError):
        raise InvalidParameterError(
            f"device must be None, 'cpu' or 'cuda'. Got {device!r} instead."
        ) from None
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise InvalidParameterError(
            f"device={device!r} was asked for, but torch sees no GPU here. Use device=None or 'cpu'."
        )
    return chosen


def make_optimizer(name: str, parameters: Any, learning_rate: float, weight_decay: float = 0.0) -> Any:
    """Return a torch optimizer by name; Adam's updates are fused into one pass over the weights."""
    check_choice("optimizer_name", name, _OPTIMIZERS)
    options: dict[str, Any] = {"lr": learning_rate, "weight_decay": weight_decay}
    if name.startswith("adam"):
        # The others have no fused kernel on some devices: torch has none for Adagrad on CUDA.
        options["fused"] = True
    return _OPTIMIZERS[name](parameters, **options)


def normal_table(rng: np.random.Generator, shape: tuple[int, ...], deviation: float) -> torch.Tensor:
    """Return normal numbers drawn by numpy, so that every device starts from the same weights."""
    return torch.from_numpy(rng.normal(0.0, deviation, shape).astype(np.float32))


def dense_layer(rng: np.random.Generator, n_in: int, n_out: int) -> torch.nn.Linear:
    """Return a linear layer with He-uniform weights (He et al. 2015, eq. 10) drawn by numpy, bias 0."""
    layer = torch.nn.utils.skip_init(torch.nn.Linear, n_in, n_out)
    bound = np.sqrt(6.0 / max(n_in, 1))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(rng.uniform(-bound, bound, (n_out, n_in)).astype(np.float32)))
        layer.bias.zero_()
    return layer


def to_numpy(tensor: torch.Tensor) -> NDArray[np.float32]:
    """Return a detached float32 copy in main memory."""
    return np.array(tensor.detach().cpu().numpy(), dtype=np.float32)
