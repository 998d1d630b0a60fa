"""Configurations are checked where they enter and survive JSON."""

import json

import pytest

from skrec_lite.experiment import ESTIMATORS, Choice, ExperimentConfig, SplitConfig


def test_round_trip_through_json():
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 30}, retrieval_params={"n_factors": 16},
        retrievers=("content", "embedding"), top_k=50, n=5, split=SplitConfig("global_time", 1, 0.3),
    )  # fmt: skip
    assert ExperimentConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "xgbost"}, "Did you mean 'xgboost'"),
        ({"retrievers": ()}, "at least one"),
        ({"retrievers": ("embeddings",)}, "Did you mean 'embedding'"),
        ({"top_k": 5, "n": 6}, "n must not exceed top_k"),
        ({"top_k": 0}, "top_k must be an int"),
        ({"params": {"factors": 3}}, "has no parameter 'factors'"),
        ({"params": {"n_factors": 1}}, r"n_factors must be in the range \[4, 256\]"),
        ({"params": {"n_factors": 8.5}}, "whole number"),
        ({"retrieval_params": {"epochs": 0}}, "epochs must be in the range"),
    ],
)
def test_wrong_values_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        ExperimentConfig(**options)


def test_unknown_names_in_a_file_are_refused():
    with pytest.raises(ValueError, match="Unknown configuration: topk"):
        ExperimentConfig.from_dict({"topk": 3})


@pytest.mark.parametrize("key", ESTIMATORS)
def test_every_estimator_builds_from_its_defaults_and_takes_its_parameters(key):
    spec = ESTIMATORS[key]
    for parameter in spec.parameters:
        if isinstance(parameter, Choice):
            assert parameter.default in parameter.options
            assert set(parameter.labels) == set(parameter.options)
            value = parameter.options[-1]
        else:
            assert parameter.low <= parameter.default <= parameter.high
            value = parameter.low
        assert parameter.help.endswith(".")
        plain, built = spec.build({}, seed=0), spec.build({parameter.name: value}, seed=0)
        if key == "sklearn":  # its own parameters have other names
            assert repr(built) != repr(plain)
            continue
        values = {**built.get_params(), **(built.get_params().get("params") or {})}
        # 0 stands for "choose it from the data" or "never", which the estimators call None.
        name = parameter.name
        if key in {"xgboost", "lightgbm"} and name == "early_stopping_patience":
            assert "early_stopping_rounds" not in values
            values = spec.build({name: 7}, seed=0).get_params()["params"]
            name, value = "early_stopping_rounds", 7
        assert (values[name] or 0) == value
