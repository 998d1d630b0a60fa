"""What the load test makes of what its visitors saw; the visitors themselves need a running server."""

import pytest

from benchmarks.load import timings, wrong_figures
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import RETRIEVERS, ExperimentConfig, LabData, run_experiment


@pytest.fixture(scope="module")
def data():
    interactions, items = load_sample()
    few = interactions["USER_ID"].drop_duplicates().head(150)
    return LabData(interactions[interactions["USER_ID"].isin(few)], items, name="few")


@pytest.fixture(scope="module")
def seen(data):
    curves = run_experiment(data, ExperimentConfig(top_k=40)).recall_curves
    return {
        "pool": 40,
        "texts": ["Held-out items found within 40 candidates"],
        "metrics": [
            (f"● {RETRIEVERS[key].label}", f"{100 * curve[-1]:.1f} of 100") for key, curve in curves.items()
        ],
    }


def test_a_session_that_sees_its_own_figures_has_no_complaint(data, seen):
    assert wrong_figures(seen, data) == []


def test_the_figures_of_another_session_are_noticed(data, seen):
    others = {**seen, "pool": 20}
    complaints = "\n".join(wrong_figures(others, data))
    assert "does not speak of 20 candidates" in complaints
    assert "embedding within 20" in complaints


def test_a_figure_that_is_not_shown_is_noticed(data, seen):
    assert "None is shown" in "\n".join(wrong_figures({**seen, "metrics": seen["metrics"][1:]}, data))


def test_reruns_are_summed_up_by_what_they_were_for():
    visits = [
        {"seconds": [("open", 1.0), ("go to Data", 0.2), ("press pick_any", 0.1), ("watch", 0.3)]},
        {"seconds": [("choose section", 0.3), ("go to Train", 0.4)]},
    ]
    found = timings(visits)
    assert {kind: figures["n"] for kind, figures in found.items()} == {
        "open": 1, "switch": 2, "interact": 2, "watch_training": 1, "all": 6,
    }  # fmt: skip
    assert found["switch"]["median"] == pytest.approx(0.3)
    assert found["switch"]["max"] == pytest.approx(0.4)
