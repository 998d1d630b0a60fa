"""How runs were configured, in words, and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from skrec_lite.dataset.split_kinds import SPLITS
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import ESTIMATORS
from skrec_lite.experiment.choices.retriever_specs import MERGED
from skrec_lite.experiment.ledger.entry import Entry, label_of

#: The parts of a configuration as people call them; the others go by their own names.
_LABELS = {
    "merge_method": "Merged by",
    "ranker_training": "Ranker learns on",
    "top_k": "Candidates",
    "n": "List length",
    "exclude_seen": "Seen items withheld",
    "max_users": "Users measured at most",
    "max_reference_pairs": "Pairs of the reference at most",
    "seed": "Seed",
    "n_seeds": "Seeds trained",
}
_NONE = "–"


def settings_of(entry: Entry) -> dict[str, str]:
    """Return everything that a run was made with, defaults filled in, as name and value for people."""
    defaults = asdict(ExperimentConfig())
    config = {**defaults, **entry.config}
    retrievers = [str(key) for key in config["retrievers"]]
    estimator = str(config["estimator"])
    spec = ESTIMATORS.get(estimator)
    found = {"Data": entry.data_name, "Ranker": entry.ranker, **_parameters(estimator, config["params"])}
    if spec is not None and not spec.has_embeddings and {"embedding", "faiss", MERGED} & set(retrievers):
        found |= {
            f"Retrieval model: {name}": value
            for name, value in _parameters("mf_implicit", config["retrieval_params"]).items()
        }
    found["Retrievers"] = ", ".join(label_of(key) for key in retrievers)
    if MERGED in retrievers:
        found[_LABELS["merge_method"]] = _words(config["merge_method"])
        found |= {f"Weight of {label_of(key)}": _words(w) for key, w in config["merge_weights"].items()}
    split = {**defaults["split"], **config["split"]}
    kind = split.pop("kind")
    found["Split"] = SPLITS[kind].label if kind in SPLITS else str(kind)
    found |= {f"Split: {name.replace('_', ' ')}": _words(value) for name, value in split.items()}
    shown = {
        "estimator",
        "params",
        "retrieval_params",
        "retrievers",
        "merge_method",
        "merge_weights",
        "split",
    }
    rest = {name: value for name, value in config.items() if name not in shown}
    return found | {_LABELS.get(name, name): _words(value) for name, value in rest.items()}


def differing_settings(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the settings in which runs differ, one row a run, in the order of `entries`.

    What a run has no such setting for is a dash.
    """
    every = [settings_of(entry) for entry in entries]
    names = dict.fromkeys(name for settings in every for name in settings)
    columns = {name: [settings.get(name, _NONE) for settings in every] for name in names}
    return pd.DataFrame(
        {name: values for name, values in columns.items() if len(set(values)) > 1}, index=range(len(every))
    )


def _parameters(estimator: str, given: Mapping[str, Any]) -> dict[str, str]:
    if estimator not in ESTIMATORS:
        return {name: _words(value) for name, value in given.items()}
    return {
        each.label: _words(given.get(each.name, each.default)) for each in ESTIMATORS[estimator].parameters
    }


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return _NONE
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
