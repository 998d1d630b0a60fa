"""The networks of neural collaborative filtering in torch; imported at the first fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from skrec_lite.estimator.embedding._ncf_checks import layers_of
from skrec_lite.estimator.embedding._torch import dense_layer, normal_table

_ID_DEVIATION = 0.05


@dataclass(frozen=True)
class Design:
    """Sizes of a network; a width of 0 leaves that branch out.

    Attributes
    ----------
    gmf_width, mlp_width : int
        Length of the id vectors of each branch.
    layers : tuple of int
        Widths of the hidden layers of the MLP branch.
    dropout : float
        Share of hidden units left out in training.
    """

    gmf_width: int
    mlp_width: int
    layers: tuple[int, ...]
    dropout: float

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Design:
        """Return the sizes by an `NCFEstimator`'s parameters."""
        kind = parameters["ncf_type"]
        return cls(
            0 if kind == "mlp" else parameters["gmf_embedding_dim"],
            0 if kind == "gmf" else parameters["mlp_embedding_dim"],
            layers_of(parameters["mlp_layers"]),
            parameters["dropout"],
        )


class Side(nn.Module):
    """Vectors of one side, users or items: an id's own vector plus a linear map of its features.

    The first ``gmf_width`` coordinates belong to the GMF branch, the others to the MLP branch.
    """

    def __init__(self, rng: np.random.Generator, features: NDArray[np.float32], design: Design):
        super().__init__()
        width = design.gmf_width + design.mlp_width
        self.gmf_width = design.gmf_width
        self.table = nn.Parameter(normal_table(rng, (len(features), width), _ID_DEVIATION))
        self.register_buffer("features", torch.from_numpy(features))
        self.projection: Any = None
        if features.shape[1]:
            deviation = _ID_DEVIATION / np.sqrt(features.shape[1])
            self.projection = nn.Parameter(normal_table(rng, (features.shape[1], width), deviation))
        self.first: Any = None
        if design.mlp_width:
            # He's bound for the joint layer, which has both sides as input.
            self.first = dense_layer(rng, design.mlp_width, design.layers[0])
            with torch.no_grad():
                self.first.weight.mul_(np.sqrt(0.5))

    def vectors(self) -> torch.Tensor:
        """Return all vectors, shape (n, gmf_width + mlp_width)."""
        return self.table if self.projection is None else self.table + self.features @ self.projection

    def taken(self, rows: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """Return the GMF vectors and the share of the first layer of these rows.

        The first layer is linear before its activation, ``W [u; i] = W_u u + W_i i`` (He et al. 2017, eq.
        10), so each entity's share needs computing once; first all of them where there are fewer of
        them than rows.
        """
        if len(self.table) <= len(rows):
            return self._split(self._shares(self.vectors()), rows)
        vectors = functional.embedding(rows, self.table)
        if self.projection is not None:
            vectors = vectors + functional.embedding(rows, self.features) @ self.projection
        return self._split(self._shares(vectors), None)

    def _shares(self, vectors: torch.Tensor) -> torch.Tensor:
        if self.first is None:
            return vectors
        share = self.first(vectors[:, self.gmf_width :])
        return torch.cat([vectors[:, : self.gmf_width], share], dim=1) if self.gmf_width else share

    def _split(self, joint: torch.Tensor, rows: torch.Tensor | None) -> tuple[torch.Tensor, Any]:
        if rows is not None:
            joint = functional.embedding(rows, joint)
        # One split and not two slices: the gradients of slices are each padded to the full width.
        gmf, share = joint.split([self.gmf_width, joint.shape[1] - self.gmf_width], dim=1)
        return gmf, share


class Network(nn.Module):
    """GMF, MLP or NeuMF (He et al. 2017, eqs. 9, 10 and 12), with a bias for each item."""

    def __init__(
        self,
        rng: np.random.Generator,
        user_features: NDArray[np.float32],
        item_features: NDArray[np.float32],
        design: Design,
        intercept: float,
    ):
        super().__init__()
        self.users, self.items = Side(rng, user_features, design), Side(rng, item_features, design)
        self.item_bias = nn.Parameter(torch.full((len(item_features), 1), float(intercept)))
        self.gmf_weights: Any = None
        self.hidden, self.output = nn.ModuleList(), None
        self.dropout = design.dropout
        if design.gmf_width:
            self.gmf_weights = nn.Parameter(torch.ones(design.gmf_width))
        if design.mlp_width:
            widths = design.layers
            self.hidden.extend(dense_layer(rng, a, b) for a, b in pairwise(widths))
            self.output = dense_layer(rng, widths[-1], 1)

    def forward(self, users: torch.Tensor, items: torch.Tensor, dropped: Any = None) -> torch.Tensor:
        """Return the scores of groups: users (n,) with items (n, width), shape (n, width).

        Parameters
        ----------
        dropped : callable, optional
            Makes the mask of a layer's hidden units, for dropout.
        """
        n, width = items.shape
        flat = items.reshape(-1)
        user_gmf, user_share = self.users.taken(users)
        item_gmf, item_share = self.items.taken(flat)
        score = functional.embedding(flat, self.item_bias).view(n, width)
        if self.gmf_weights is not None:
            query = (user_gmf * self.gmf_weights).unsqueeze(1)
            score = score + (query * item_gmf.view(n, width, -1)).sum(dim=2)
        if self.output is not None:
            hidden = (user_share.unsqueeze(1) + item_share.view(n, width, -1)).view(n * width, -1)
            hidden = functional.relu(hidden)
            for layer in self.hidden:
                if dropped is not None:
                    hidden = hidden * dropped(hidden.shape)
                hidden = functional.relu(layer(hidden))
            score = score + self.output(hidden).view(n, width)
        return score
