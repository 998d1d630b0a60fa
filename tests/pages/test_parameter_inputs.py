"""Hyper-parameters of any estimator: drawn from its spec alone, kept, and refused where it is missing."""

from __future__ import annotations

import pytest

from pages.components.parameter_inputs import number_format
from skrec_lite.experiment import ESTIMATORS, Choice, EstimatorSpec, Parameter
from tests.pages.driving import finish, go, texts

RATE = Parameter("learning_rate", "Learning rate", "Size of each step.", 0.001, 0.00001, 1.0, 0.0005)
LOSS = Choice(
    "loss",
    "Loss",
    "What training makes small.",
    "bpr",
    ("bpr", "softmax"),
    {"bpr": "Pairwise (BPR)", "softmax": "Sampled softmax"},
)


def whole(name):
    return Parameter(name, name.capitalize(), "A number.", 8, 1, 64, 1)


@pytest.fixture
def with_toy(monkeypatch, app):
    """Return a function that registers an estimator and opens the form on it."""

    def register(*parameters, **changes):
        spec = EstimatorSpec("toy", "Toy model", "Plays.", True, parameters, dict, **changes)
        monkeypatch.setitem(ESTIMATORS, "toy", spec)
        go(app, "train")
        return app.selectbox(key="train_estimator").set_value("toy").run()

    return register


@pytest.fixture
def asked(monkeypatch):
    """The configurations that runs were started with; nothing is trained."""
    configs = []
    monkeypatch.setattr(
        "pages.components.session.run_experiment", lambda data, config, **rest: configs.append(config)
    )
    return configs


def more(app):
    return [shown for shown in app.expander if shown.label == "More"]


def test_a_choice_is_a_box_with_readable_options_and_reaches_the_run(with_toy, asked):
    app = with_toy(RATE, LOSS)
    assert not app.exception
    box = app.selectbox(key="train_toy_loss")
    assert (box.label, box.value, box.help) == ("Loss", "bpr", LOSS.help)
    assert box.options == ["Pairwise (BPR)", "Sampled softmax"]
    box.set_value("softmax").run()
    app.button(key="train_run").click().run()
    finish(app)
    assert asked[0].params == {"learning_rate": 0.001, "loss": "softmax"}


def test_a_choice_outlives_a_page_switch_and_falls_back_where_it_is_no_longer_offered(with_toy, monkeypatch):
    app = with_toy(LOSS)
    app.selectbox(key="train_toy_loss").set_value("softmax").run()
    go(app, "data")
    go(app, "train")
    assert app.selectbox(key="train_toy_loss").value == "softmax"
    fewer = Choice("loss", "Loss", "What training makes small.", "bpr", ("bpr",), {})
    monkeypatch.setitem(ESTIMATORS, "toy", EstimatorSpec("toy", "Toy model", "Plays.", True, (fewer,), dict))
    app.run()
    assert not app.exception
    assert app.selectbox(key="train_toy_loss").value == "bpr"
    assert app.selectbox(key="train_toy_loss").options == ["bpr"]


@pytest.mark.parametrize(("number", "folded"), [(6, 0), (7, 3), (10, 6)])
def test_many_parameters_are_shown_in_two_parts_and_all_of_them_count(with_toy, asked, number, folded):
    names = [f"p{place}" for place in range(number)]
    app = with_toy(*map(whole, names))
    shown = [widget.key for widget in app.number_input if widget.key.startswith("train_toy_")]
    assert shown == [f"train_toy_{name}" for name in names]
    inside = [widget.key for part in more(app) for widget in part.number_input]
    assert inside == shown[number - folded :]
    app.number_input(key=f"train_toy_{names[-1]}").set_value(9).run()
    app.button(key="train_run").click().run()
    finish(app)
    assert asked[0].params == {**dict.fromkeys(names, 8), names[-1]: 9}


@pytest.mark.parametrize(
    ("value", "written"), [(0.3, "0.3"), (0.1 + 0.2, "0.3"), (0.0005, "0.0005"), (0.00001, "1e-05")]
)
def test_numbers_are_written_with_the_digits_they_have(value, written):
    # Python's %g, and the browser's, which writes 0.00001 for the last.
    assert number_format(RATE) % value == written
    assert number_format(whole("width")) == "%d"


def test_an_estimator_that_lacks_something_says_what_and_cannot_run(with_toy):
    reason = "Toy model needs toys: pip install 'skrec-lite[toys]'."
    app = with_toy(RATE, missing=lambda: reason)
    assert not app.exception
    assert "Toy model (not installed)" in app.selectbox(key="train_estimator").options
    assert app.error[0].value.replace("\\", "") == reason
    assert app.button(key="train_run").disabled
    app.selectbox(key="train_estimator").set_value("mf_implicit").run()
    assert not app.error
    assert not app.button(key="train_run").disabled


def test_an_estimator_that_lacks_nothing_is_offered_as_any_other(with_toy):
    app = with_toy(RATE, missing=lambda: "")
    assert "Toy model" in app.selectbox(key="train_estimator").options
    assert not app.error
    assert not app.button(key="train_run").disabled
    assert "Plays." in texts(app)
