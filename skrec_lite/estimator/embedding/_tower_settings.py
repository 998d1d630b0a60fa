"""What two towers are trained with and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TowerSettings:
    """Hyper-parameters of `train_towers`; as `ContextualizedTwoTowerEstimator` documents them."""

    user_embedding_dim: int
    item_embedding_dim: int
    final_embedding_dim: int
    user_hidden: tuple[int, ...]
    item_hidden: tuple[int, ...]
    context_mode: str
    temperature: float
    log_q_correction: bool
    id_dropout: float
    max_history: int
    learning_rate: float
    weight_decay: float
    epochs: int
    batch_size: int
    uniform_negatives: int
    steps_per_epoch: int | None
    optimizer_name: str
    device: str | None

    @classmethod
    def of(cls, parameters: dict[str, Any]) -> TowerSettings:
        """Take what is needed of an estimator's parameters."""
        own = {name: parameters[name] for name in cls.__dataclass_fields__ if name in parameters}
        for side in ("user", "item"):
            widths = (parameters[f"{side}_tower_hidden_dim{place}"] for place in (1, 2))
            own[f"{side}_hidden"] = tuple(width for width in widths if width is not None)
        return cls(**{**own, "context_mode": str(parameters["context_mode"])})


@dataclass(frozen=True, eq=False)
class TowerData:
    """What there is to learn from.

    Attributes
    ----------
    user_index, item_index : ndarray of int32, shape (n,)
        Positive interactions.
    context : ndarray of float32, shape (n, n_context)
    indptr, indices : ndarray
        Distinct items of each user, CSR.
    user_features, item_features : ndarray of float32
    """

    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]
    context: NDArray[np.float32]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    user_features: NDArray[np.float32]
    item_features: NDArray[np.float32]
