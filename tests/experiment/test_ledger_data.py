"""The data of a run is stored once and exactly, and the run made again on it comes to the same figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, load_sample, run_experiment
from skrec_lite.dataset import load
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment.ledger import (
    Ledger,
    LedgerError,
    Record,
    delta,
    differing_settings,
    reopen_run,
    same_figures,
    settings_of,
)
from skrec_lite.experiment.ledger.data_store import DataStore
from skrec_lite.experiment.ledger.record import figures_of, measured_key
from skrec_lite.experiment.plan import ComparisonPlan, Fingerprint
from skrec_lite.experiment.splitting.split import SplitConfig
from skrec_lite.metrics.bootstrap import paired_difference

CONFIG = ExperimentConfig(params={"n_factors": 8, "epochs": 2}, top_k=50, n=5)


@pytest.fixture(scope="module")
def base(small_data):
    return run_experiment(small_data, CONFIG)


@pytest.fixture(scope="module")
def wider(small_data):
    return run_experiment(small_data, replace(CONFIG, params={"n_factors": 32, "epochs": 2}))


def means(figures):
    return {
        (stage, key, metric): found["mean"]
        for stage in ("pools", "lists")
        for key, metrics in figures[stage].items()
        if key not in ("k", "n")
        for metric, found in metrics.items()
    }


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "home")


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "data")


def plan_of(data):
    return ComparisonPlan.of_data(data, CONFIG)


def same(first, second):
    return Fingerprint.of(first.tables) == Fingerprint.of(second.tables)


def test_data_is_stored_once_and_comes_back_to_the_cell(store, small_data):
    key, note = store.keep(small_data, plan_of(small_data))
    assert (key, note) == (Fingerprint.of(small_data.tables).sha256, "")
    assert store.keep(small_data, plan_of(small_data)) == (key, "")
    assert [folder.name for folder in store.folder.iterdir()] == [key]
    back, difference = store.data_of(plan_of(small_data), key)
    assert difference == ""
    pd.testing.assert_frame_equal(back.interactions, small_data.interactions.reset_index(drop=True))
    pd.testing.assert_frame_equal(back.items, small_data.items)
    assert plan_of(back) == plan_of(small_data)


def test_repairs_and_kinds_of_features_are_made_anew(store, small_data):
    items = small_data.items.assign(PRICE=np.arange(len(small_data.items)).astype(str))
    before = LabData(small_data.interactions, items, "Few").with_kinds({"PRICE": "number"}, {})
    repaired = before.repaired(Repair("k_core", {"user_k": 9, "item_k": 1}))
    key, _ = store.keep(repaired, plan_of(repaired))
    assert key == Fingerprint.of(before.tables).sha256
    back, difference = store.data_of(plan_of(repaired), key)
    assert difference == ""
    assert plan_of(back) == plan_of(repaired)
    assert same(back.without_repair(0), before)


def test_files_keep_their_recipe(store, tmp_path):
    table = pd.DataFrame({"user": list("aabbcc") * 3, "item": list("xyzxyz") * 3, "rating": [1, 2, 3] * 6})
    table.to_csv(tmp_path / "ratings.csv", index=False)
    data = LabData.of(load(tmp_path / "ratings.csv"), "Ratings")
    key, _ = store.keep(data, plan_of(data))
    back, difference = store.data_of(plan_of(data), key)
    assert difference == ""
    assert plan_of(back) == plan_of(data)
    assert plan_of(back).data.kind == "files"


def test_a_sample_is_not_stored_because_the_library_brings_it(store):
    data = LabData(*load_sample(), name="Sample")
    assert store.keep(data, plan_of(data)) == ("", "")
    assert not store.folder.exists()
    back, difference = store.data_of(plan_of(data), "")
    assert difference == ""
    assert same(back, data)


def test_data_beyond_the_limit_is_not_stored_and_that_is_said(tmp_path, small_data):
    store = DataStore(tmp_path / "data", limit=1_000)
    key, note = store.keep(small_data, plan_of(small_data))
    assert key == ""
    assert "more than the 0 MB" in note
    assert not list(store.folder.iterdir())


def test_cells_that_cannot_be_stored_exactly_are_refused_not_changed(store, small_data):
    mixed = small_data.items.assign(WHAT=np.resize(np.array([1, "one"], dtype=object), len(small_data.items)))
    data = LabData(small_data.interactions, mixed)
    key, note = store.keep(data, plan_of(data))
    assert key == ""
    assert "cannot store exactly" in note
    assert not list(store.folder.iterdir())


def test_lists_in_cells_come_back_as_lists(store, small_data):
    tagged = small_data.items.assign(TAGS=[["a", "b"]] * len(small_data.items))
    data = LabData(small_data.interactions, tagged)
    key, note = store.keep(data, plan_of(data))
    assert note == ""
    assert store.data_of(plan_of(data), key)[0].items["TAGS"][0] == ["a", "b"]


def test_data_that_is_nowhere_says_what_to_do_unless_it_is_at_hand(store, small_data):
    with pytest.raises(LedgerError, match="Load the same files"):
        store.data_of(plan_of(small_data), "")
    assert store.data_of(plan_of(small_data), "", small_data)[0] is small_data
    other = LabData(small_data.interactions.head(500), small_data.items)
    with pytest.raises(LedgerError):
        store.data_of(plan_of(small_data), "", other)


def test_data_goes_with_the_last_run_that_needs_it(ledger, base, small_data):
    first, second = (ledger.add("mine", Record.of_result(base), small_data) for _ in range(2))
    assert first.data_key
    copy = ledger.copy(second.id, "theirs")
    for notebook, entry in (("mine", first), ("mine", second), ("theirs", copy)):
        ledger.delete(notebook, [entry.id])
        assert ledger.data.has(first.data_key), "it can still be brought back"
    for notebook, entry in (("mine", first), ("theirs", copy)):
        ledger.erase(notebook, [entry.id])
        assert ledger.data.has(first.data_key)
    ledger.erase("mine", [second.id])
    assert not ledger.data.has(first.data_key)


def test_a_run_made_again_after_a_restart_has_the_same_figures_and_lists(ledger, base, small_data):
    entry = ledger.add("mine", Record.of_result(base), small_data)
    again, said = reopen_run(Ledger(ledger.folder), Ledger(ledger.folder).get(entry.id))
    assert said == "The same figures as then."
    for key, run in base.runs.items():
        np.testing.assert_array_equal(again.runs[key].ranked.item_index, run.ranked.item_index)


def test_other_figures_than_then_are_counted_and_the_largest_difference_named(
    ledger, base, wider, small_data
):
    entry = ledger.add("mine", Record.of_result(base), small_data)
    now = figures_of(wider)
    now["software"] = now["software"] | {"numpy": "9.9"}
    said = same_figures(entry, now)
    before, after = means(entry.figures), means(now)
    differing = {key: abs(after[key] - before[key]) for key in before if before[key] != after[key]}
    assert said.startswith(f"{len(differing)} of {len(before)} figures differ")
    stage, key, metric = max(differing, key=differing.get)
    assert f"{100 * after[stage, key, metric]:.1f} instead of {100 * before[stage, key, metric]:.1f}" in said
    assert f"numpy 9.9 instead of {entry.figures['software']['numpy']}" in said


def test_making_a_run_again_can_be_cancelled(ledger, base, small_data):
    entry = ledger.add("mine", Record.of_result(base), small_data)
    with pytest.raises(Cancelled):
        reopen_run(ledger, entry, cancel=lambda: True)


def test_progress_of_making_a_run_again_rises_to_one(ledger, base, small_data):
    entry = ledger.add("mine", Record.of_result(base), small_data)
    steps = []
    reopen_run(ledger, entry, at_hand=small_data, progress=lambda fraction, *rest: steps.append(fraction))
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0.0, 1.0)


def test_runs_on_the_same_users_are_compared_user_by_user(ledger, base, wider, small_data):
    first, second = (ledger.add("mine", Record.of_result(result)) for result in (base, wider))
    found = delta(ledger, second, first, "pools", "recall")
    assert found.kind == "paired"
    assert found.difference == paired_difference(
        wider.recall_at(second.best, 50), base.recall_at(first.best, 50)
    )
    assert delta(ledger, first, first, "pools", "recall").kind == "itself"


def test_runs_on_other_users_or_other_data_get_no_interval(ledger, base, small_data):
    config = replace(CONFIG, split=SplitConfig("leave_last_out", part="validation"))
    validated = run_experiment(small_data, config)
    fewer = LabData(small_data.interactions.iloc[20:], small_data.items)
    first, apart, elsewhere = (
        ledger.add("mine", Record.of_result(result))
        for result in (base, validated, run_experiment(fewer, CONFIG))
    )
    found = delta(ledger, apart, first, "lists", "ndcg")
    assert found.kind == "apart"
    assert np.isnan(found.difference.low)
    assert found.words.endswith(", not paired")
    assert delta(ledger, elsewhere, first, "lists", "ndcg").words == "other data"


def test_who_was_measured_on_what_does_not_depend_on_the_models(base, wider, small_data):
    assert measured_key(base) == measured_key(wider)
    fewer = run_experiment(small_data, replace(CONFIG, max_users=100))
    assert measured_key(fewer) != measured_key(base)


def test_only_what_differs_is_shown_with_defaults_filled_in(ledger, base, small_data):
    defaults = replace(CONFIG, params={"epochs": 2})
    first = ledger.add("mine", Record.of_result(base))
    comparison = plan_of(small_data).to_dict() | {"config": defaults.to_dict()}
    second = replace(first, id="second", comparison=comparison)
    table = differing_settings([first, second])
    assert table.to_dict("list") == {"Factors": ["8", settings_of(second)["Factors"]]}
    assert settings_of(second)["Factors"] != "8"
    assert differing_settings([first, first]).columns.tolist() == []
