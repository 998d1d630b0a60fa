"""The network of two towers while it is trained; imported at the first fit, torch takes seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from skrec_lite.estimator.embedding._history_means import mean_rows
from skrec_lite.estimator.embedding._row_optimizer import RowTable
from skrec_lite.estimator.embedding._torch import dense_layer, normal_table, to_numpy
from skrec_lite.estimator.embedding._tower_batches import Batch
from skrec_lite.estimator.embedding._tower_model import ScoringLayer, Tower
from skrec_lite.estimator.embedding._tower_settings import TowerData, TowerSettings


class TowerNetwork(torch.nn.Module):
    """Both towers, and what context does to their outputs.

    Id embeddings are `RowTable`, not parameters: a batch names few of their rows.

    Parameters
    ----------
    data : TowerData
        Says how many ids, features and context columns there are.
    settings : TowerSettings
    rng : Generator
        Draws the starting weights, alike on every device.
    device : torch.device
    """

    def __init__(
        self, data: TowerData, settings: TowerSettings, rng: np.random.Generator, device: torch.device
    ):
        super().__init__()
        n_users, n_items = len(data.indptr) - 1, len(data.item_features)
        n_context, n_features = data.context.shape[1], data.item_features.shape[1]
        a, b, d = settings.user_embedding_dim, settings.item_embedding_dim, settings.final_embedding_dim
        # Length about 1 whatever the width, so that features of unit variance are heard beside ids.
        users = normal_table(rng, (n_users, a), 0.8 / np.sqrt(a))
        # One row more, zero, for the padding of histories.
        items = normal_table(rng, (n_items + 1, b), 0.8 / np.sqrt(b))
        items[n_items] = 0.0
        self.user_ids, self.item_ids = (
            RowTable(table.to(device), settings.optimizer_name, settings.weight_decay)
            for table in (users, items)
        )
        in_tower = n_context if settings.context_mode == "user_tower" else 0
        before_history = a + data.user_features.shape[1]
        n_user_inputs = before_history + b + n_features + in_tower
        self.user_layers = _layers(rng, n_user_inputs, settings.user_hidden, d)
        self.item_layers = _layers(rng, b + n_features, settings.item_hidden, d)
        first, of_items = self.user_layers[0].weight, self.item_layers[0].weight
        if len(first) == len(of_items):
            # A user starts as the mean of the items in its history rather than anywhere.
            with torch.no_grad():
                first[:, before_history : before_history + b + n_features] = of_items
        self.trilinear = (
            torch.nn.Parameter(torch.zeros(n_context, d)) if settings.context_mode == "trilinear" else None
        )
        self.scoring = _scoring_layer(rng, d, n_context) if settings.context_mode == "scoring_layer" else None
        self._context_in_tower = settings.context_mode == "user_tower"
        self._temperature = settings.temperature

    @property
    def n_parameters(self) -> int:
        """Numbers that are learned: dense weights and id embeddings."""
        tables = self.user_ids.weights.numel() + self.item_ids.weights[:-1].numel()
        return tables + sum(weights.numel() for weights in self.parameters())

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return unit vectors of users, queries (over the temperature, in context) and items.

        Shapes (B, d), (B, d) and (B + M, d).
        """
        user_rows = self.user_ids.rows(batch.distinct_users)
        item_rows = self.item_ids.rows(batch.distinct_items)
        history = mean_rows(item_rows, batch.history, batch.padding)
        inputs = [user_rows[batch.users] * batch.keep_user, batch.user_features, history]
        inputs.append(batch.history_features)
        if self._context_in_tower:
            inputs.append(batch.context)
        users = _run(self.user_layers, torch.cat(inputs, dim=1))
        own = item_rows[batch.items] * batch.keep_item
        items = _run(self.item_layers, torch.cat([own, batch.item_features], dim=1))
        queries = users / self._temperature
        if self.trilinear is not None:
            queries = queries * (1.0 + batch.context @ self.trilinear)
        return users, queries, items

    def weights(self) -> dict[str, Any]:
        """Return the present weights as the arrays that `TwoTowerModel` is made of."""
        return {
            "temperature": self._temperature,
            "user_ids": to_numpy(self.user_ids.weights),
            "item_ids": to_numpy(self.item_ids.weights)[:-1],
            "user_tower": _tower(self.user_layers),
            "item_tower": _tower(self.item_layers),
            "trilinear": None if self.trilinear is None else to_numpy(self.trilinear),
            "scoring": None if self.scoring is None else _exported(self.scoring),
        }


def _layers(rng: np.random.Generator, n_in: int, hidden: tuple[int, ...], n_out: int) -> torch.nn.ModuleList:
    widths = [n_in, *hidden, n_out]
    return torch.nn.ModuleList(
        dense_layer(rng, widths[place], widths[place + 1]) for place in range(len(widths) - 1)
    )


def _scoring_layer(rng: np.random.Generator, d: int, n_context: int) -> torch.nn.ModuleDict:
    hidden = 2 * d
    return torch.nn.ModuleDict(
        {
            "user": dense_layer(rng, d, hidden),
            "item": dense_layer(rng, d, hidden),
            "context": dense_layer(rng, max(n_context, 1), hidden),
            "output": dense_layer(rng, hidden, 1),
        }
    )


def _run(layers: Any, inputs: torch.Tensor) -> torch.Tensor:
    out = inputs
    for place, layer in enumerate(layers):
        out = layer(out)
        if place < len(layers) - 1:
            out = torch.relu(out)
    return F.normalize(out, dim=1)


def _tower(layers: Any) -> Tower:
    return Tower(tuple((to_numpy(layer.weight).T.copy(), to_numpy(layer.bias)) for layer in layers))


def _exported(layer: Any) -> ScoringLayer:
    bias = layer["user"].bias + layer["item"].bias + layer["context"].bias
    return ScoringLayer(
        user_weights=to_numpy(layer["user"].weight).T.copy(),
        item_weights=to_numpy(layer["item"].weight).T.copy(),
        context_weights=to_numpy(layer["context"].weight).T.copy(),
        bias=to_numpy(bias),
        output=to_numpy(layer["output"].weight[0]),
    )
