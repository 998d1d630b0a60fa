"""A two-tower model as plain arrays and facts, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from skrec_lite.estimator.embedding._features import Standardizer
from skrec_lite.estimator.embedding._tower_model import ScoringLayer, Tower, TwoTowerModel
from skrec_lite.estimator.persistence import State, pack_ids, unpack_ids

_ARRAYS = (
    "user_ids", "item_ids", "user_features", "item_features", "history_means", "learned", "item_lengths",
    "user_vectors", "item_vectors",
)  # fmt: skip
_STANDARDS = ("user_standard", "item_standard", "context_standard")
_TOWERS = ("user_tower", "item_tower")


def state_of(model: TwoTowerModel, history: dict[str, Any]) -> State:
    """Return everything that `model_of` needs; `history` is how training went."""
    arrays = {name: getattr(model, name) for name in _ARRAYS}
    arrays |= pack_ids("users", model.users) | pack_ids("items", model.items)
    for name in _STANDARDS:
        arrays |= getattr(model, name).arrays(name)
    for name in _TOWERS:
        for place, (weights, bias) in enumerate(getattr(model, name).layers):
            arrays |= {f"{name}_weights{place}": weights, f"{name}_bias{place}": bias}
    if model.trilinear is not None:
        arrays["trilinear"] = model.trilinear
    if model.scoring is not None:
        arrays |= {f"scoring_{part.name}": getattr(model.scoring, part.name) for part in fields(ScoringLayer)}
    facts = {
        "temperature": model.temperature,
        "context_in_tower": model.context_in_tower,
        "depths": {name: len(getattr(model, name).layers) for name in _TOWERS},
        "columns": {name: list(getattr(model, name).columns) for name in _STANDARDS},
        "history": history,
    }
    return State(facts, arrays)


def model_of(state: State) -> TwoTowerModel:
    """Return the model that `state_of` described; its vectors are taken as saved, bit by bit."""
    facts, arrays = state.facts, state.arrays
    parts: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
    for name in _STANDARDS:
        parts[name] = Standardizer.of_saved(name, facts["columns"][name], arrays)
    for name in _TOWERS:
        depth = range(facts["depths"][name])
        parts[name] = Tower(
            tuple((arrays[f"{name}_weights{place}"], arrays[f"{name}_bias{place}"]) for place in depth)
        )
    has_scoring = any(key.startswith("scoring_") for key in arrays)
    scoring = (
        {part.name: arrays[f"scoring_{part.name}"] for part in fields(ScoringLayer)} if has_scoring else {}
    )
    return TwoTowerModel(
        users=unpack_ids("users", arrays),
        items=unpack_ids("items", arrays),
        temperature=float(facts["temperature"]),
        context_in_tower=bool(facts["context_in_tower"]),
        trilinear=np.asarray(arrays["trilinear"]) if "trilinear" in arrays else None,
        scoring=ScoringLayer(**scoring) if scoring else None,
        **parts,
    )
