"""The L2 penalties of neural collaborative filtering, added to gradients as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from skrec_lite.estimator.embedding._ncf_data import NcfData
from skrec_lite.estimator.embedding._ncf_network import Network

# Hidden layers could undo the shrinking of the vectors they read by growing, so they are shrunk as well; more
# so where they only add to what GMF tells, which they would otherwise learn by heart. Alone, they shrink to
# nothing at that strength.
_LAYERS_BESIDE_GMF, _LAYERS_ALONE = 0.1, 0.01


@dataclass(frozen=True, eq=False)
class Penalty:
    r"""A sum of squares to shrink: :math:`\lambda \sum_r f_r \lVert v_r \rVert^2 + \mu \lambda \sum_w w^2`.

    An id's vector :math:`v_r` weighs by the share :math:`f_r` of the pairs it is expected to occur in, as
    if each pair's loss came with :math:`\lambda (\lVert p_u \rVert^2 + \lVert q_i \rVert^2)`: the usual
    penalty of a factorization by stochastic gradients (as in Rendle et al. 2020, "Neural collaborative
    filtering vs. matrix factorization revisited"), without its noise. The weights :math:`w` are those of the
    hidden layers, with :math:`\mu` 0.1 beside GMF and 0.01 alone; biases and the output weights of GMF are
    free.

    Attributes
    ----------
    parts : tuple of (Parameter, Tensor)
        Weights and what of themselves is added to their gradient, a column or one number.
    """

    parts: tuple[tuple[torch.nn.Parameter, torch.Tensor], ...]

    @classmethod
    def of(cls, network: Network, data: NcfData, strength: float) -> Penalty:
        """Return the penalty of a network on `data`; none at strength 0."""
        if strength == 0:
            return cls(())
        device = network.item_bias.device
        parts = []
        for side, shares in zip((network.users, network.items), data.shares(), strict=True):
            column = (2.0 * strength * shares[:, None]).astype(np.float32)
            parts.append((side.table, torch.from_numpy(column).to(device)))
        layers = [network.users.first, network.items.first, *network.hidden, network.output]
        share = _LAYERS_ALONE if network.gmf_weights is None else _LAYERS_BESIDE_GMF
        of_layers = torch.tensor(2.0 * strength * share, device=device)
        parts += [(layer.weight, of_layers) for layer in layers if layer is not None]
        return cls(tuple(parts))

    def add_gradient(self) -> None:
        """Add the gradient of the penalty to that of the loss, which has been computed."""
        for weights, strength in self.parts:
            assert weights.grad is not None
            weights.grad.addcmul_(weights.detach(), strength)
