"""From a torch network to the arrays that are served."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from skrec_lite.estimator.embedding._ncf_data import NcfData
from skrec_lite.estimator.embedding._ncf_model import NcfModel
from skrec_lite.estimator.embedding._ncf_network import Network, Side
from skrec_lite.estimator.embedding._torch import to_numpy


def exported(network: Network, data: NcfData) -> NcfModel:
    """Return the network as it is now.

    An item of the catalogue that nobody met has been trained as a negative at best: the mean of the
    learned id vectors and biases takes the place of its own, beside its own features. An unknown id has
    the mean of all learned vectors.
    """
    with torch.no_grad():
        learned = data.item_counts > 0
        users = _completed(network.users, np.ones(len(data.users), dtype=bool))
        items = _completed(network.items, learned)
        bias = to_numpy(network.item_bias)
        average = bias[learned].mean(axis=0, dtype=np.float64).astype(np.float32)
        biases = np.vstack([np.where(learned[:, None], bias, average), average])
        weights, offsets = [], []
        if network.output is not None:
            for layer in [*network.hidden, network.output]:
                weights.append(np.ascontiguousarray(to_numpy(layer.weight).T))
                offsets.append(to_numpy(layer.bias))
            biases += offsets.pop()
        gmf = network.users.gmf_width
        scale = np.ones(0, np.float32) if network.gmf_weights is None else to_numpy(network.gmf_weights)
        return NcfModel(
            data.users,
            data.items,
            np.hstack([users[:, :gmf] * scale, np.ones((len(users), 1), dtype=np.float32)]),
            np.hstack([items[:, :gmf], biases]),
            _share(network.users, users),
            _share(network.items, items),
            tuple(weights),
            tuple(offsets),
        )


def _completed(side: Side, learned: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return all vectors of a side, the ids' own part averaged where not learned, and their mean as last."""
    table = to_numpy(side.table)
    average = table[learned].mean(axis=0, dtype=np.float64).astype(np.float32)
    vectors = np.where(learned[:, None], table, average)
    if side.projection is not None:
        vectors = vectors + to_numpy(side.features @ side.projection)
        average = vectors[learned].mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.vstack([vectors, average])


def _share(side: Side, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    if side.first is None:
        return np.zeros((len(vectors), 0), dtype=np.float32)
    weight, bias = to_numpy(side.first.weight), to_numpy(side.first.bias)
    return np.ascontiguousarray(vectors[:, side.gmf_width :] @ weight.T + bias)
