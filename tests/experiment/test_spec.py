"""Hyper-parameters are checked where they enter: numbers by range, choices by name."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.exceptions import InvalidParameterError, RetrievalSpaceRefused
from skrec_lite.experiment import ESTIMATORS, Choice, EstimatorSpec, Parameter

WIDTH = Parameter("width", "Width", "How wide.", 8, 1, 64, 1)
RATE = Parameter("rate", "Rate", "How fast.", 0.01, 1e-5, 1.0, 0.001)
LOSS = Choice("loss", "Loss", "What is minimised.", "bpr", ("bpr", "softmax"), {"bpr": "B", "softmax": "S"})


def toy(**changes):
    return EstimatorSpec("toy", "Toy", "Plays.", False, (WIDTH, RATE, LOSS), dict, **changes)


def test_defaults_and_given_values_reach_the_estimator():
    assert toy().build({}, seed=3) == {"seed": 3, "width": 8, "rate": 0.01, "loss": "bpr"}
    built = toy().build({"width": 16.0, "loss": "softmax"}, seed=0)
    assert (built["width"], built["loss"]) == (16, "softmax")
    assert type(built["width"]) is int


@pytest.mark.parametrize("value", [4, np.int64(4), np.float32(4.0)])
def test_numbers_of_any_make_become_the_parameters_own_type(value):
    assert (type(WIDTH.checked(value)), WIDTH.checked(value)) == (int, 4)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"width": 0}, r"width must be in the range \[1, 64\]. Got 0"),
        ({"width": 2.5}, "width must be a whole number. Got 2.5"),
        ({"width": float("nan")}, "width must be a whole number. Got nan"),
        ({"width": "8"}, "width must be a number. Got '8'"),
        ({"width": True}, "width must be a number. Got True"),
        ({"rate": float("nan")}, "rate must be in the range"),
        ({"loss": "softmx"}, "loss must be one of 'bpr', 'softmax'. Got 'softmx' .*Did you mean 'softmax'"),
        ({"loss": 1}, "loss must be one of 'bpr', 'softmax'. Got 1"),
        ({"los": "bpr"}, "Toy has no parameter 'los'. Did you mean 'loss'"),
    ],
)
def test_wrong_values_are_named(params, message):
    with pytest.raises(InvalidParameterError, match=message):
        toy().build(params, seed=0)


def test_what_is_missing_is_said():
    assert toy().why_missing == ""
    assert toy(missing=lambda: "").why_missing == ""
    assert toy(missing=lambda: "Needs toys.").why_missing == "Needs toys."


def test_what_no_vectors_carry_is_refused_before_any_fit():
    interactions = pd.DataFrame({"USER_ID": ["a"], "ITEM_ID": ["x"]})
    towers = ESTIMATORS["two_tower"]
    assert towers.retrieval_refusal({}, interactions) == ""
    assert "each pair of a user and an item by itself" in towers.retrieval_refusal(
        {"context_mode": "scoring_layer"}, interactions
    )
    with_context = interactions.assign(hour=[12.0])
    assert "only at a request ('hour'), so" in towers.retrieval_refusal({}, with_context)
    assert towers.retrieval_refusal({"context_mode": "trilinear"}, with_context) == ""
    # Its retriever brings a model of its own.
    assert ESTIMATORS["xgboost"].retrieval_refusal({}, with_context) == ""


def test_a_refusal_speaks_the_words_of_the_form():
    """Neither parameters nor classes are named; what it says to choose instead is there to be chosen."""
    towers = ESTIMATORS["two_tower"]
    context = next(choice for choice in towers.parameters if choice.name == "context_mode")
    interactions = pd.DataFrame({"USER_ID": ["a"], "ITEM_ID": ["x"], "hour": [12.0]})
    for mode in ("user_tower", "scoring_layer"):
        words = towers.retrieval_refusal({"context_mode": mode}, interactions)
        assert not any(sign in words for sign in ("_", "=", "(estimator", "Retriever"))
        assert f"set {context.label} to {context.labels['trilinear']}" in words


def test_a_refusal_that_no_choice_explains_is_told_as_it_is():
    refused = RetrievalSpaceRefused("No vectors.", ("trees",))
    assert toy().refusal_words(refused, {}, pd.DataFrame()) == "No vectors. Use instead: trees."
