"""A retriever of one's own: the example runs as it is, and a try finds what a run would."""

import sys

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, run_experiment
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment import RETRIEVERS, RetrieverSpec, load_plugins, register_retriever
from skrec_lite.experiment.playground.own_retriever import (
    EXAMPLE_MODULE,
    example_code,
    own_retrievers,
    try_retriever,
)
from skrec_lite.retriever import BaseCandidateRetriever


@pytest.fixture
def registered():
    before = set(RETRIEVERS)
    yield
    for key in set(RETRIEVERS) - before:
        RETRIEVERS.pop(key)
    sys.modules.pop(EXAMPLE_MODULE, None)


def test_the_example_is_a_file_that_runs_as_it_is_shown(registered, tmp_path, monkeypatch, small_data):
    (tmp_path / "shown_retrievers.py").write_text(example_code())
    monkeypatch.syspath_prepend(tmp_path)
    assert load_plugins({"SKREC_LITE_PLUGINS": "shown_retrievers"}) == {}
    assert own_retrievers() == {"trending": "shown_retrievers"}
    config = ExperimentConfig(top_k=40, n=5, retrievers=("trending", "popularity"))
    result = run_experiment(small_data, config)
    train = result.split.train.sort_values("TIMESTAMP", kind="stable")
    latest = train.tail(len(train) // 10)["ITEM_ID"].astype(str)
    order = latest.value_counts().index.tolist()
    pool = result.runs["trending"].candidates.to_dict()
    for user in result.user_ids[:20]:
        had = set(train.loc[train["USER_ID"].astype(str) == user, "ITEM_ID"].astype(str))
        assert pool[user] == [item for item in order if item not in had][:40]
    tried = try_retriever(result, "trending")
    np.testing.assert_allclose(tried.curve, result.recall_curves["trending"], atol=1e-12)


def test_the_example_takes_part_by_the_name_of_its_module(registered):
    assert own_retrievers() == {}
    assert load_plugins({"SKREC_LITE_PLUGINS": EXAMPLE_MODULE}) == {}
    assert own_retrievers() == {"trending": EXAMPLE_MODULE}


def test_the_example_takes_data_without_times(registered):
    load_plugins({"SKREC_LITE_PLUGINS": EXAMPLE_MODULE})
    retriever = RETRIEVERS["trending"].make(ExperimentConfig(top_k=2, n=1))
    items = ["a"] * 27 + ["b", "c", "b"]
    retriever.build_index(interactions=pd.DataFrame({"USER_ID": ["u"] * 30, "ITEM_ID": items}))
    assert retriever.retrieve(["u", "v"], 2) == {"u": ["b", "c"], "v": ["b", "c"]}


@pytest.mark.parametrize("key", ["popularity", "content", "embedding"])
def test_a_try_finds_what_the_run_found(result, key):
    if key == "embedding" and result.config.estimator == "xgboost":
        pytest.skip("its retrieval model is trained in the run")
    tried = try_retriever(result, key)
    np.testing.assert_allclose(tried.curve, result.recall_curves[key], atol=1e-12)
    best = max(result.runs, key=lambda name: result.recall_curves[name][-1])
    assert tried.best == best
    assert tried.gain.mean == pytest.approx(result.recall_curves[key][-1] - result.recall_curves[best][-1])


def test_progress_rises_and_a_cancel_stops_it(result):
    told = []
    try_retriever(result, "popularity", progress=lambda fraction, doing, *_: told.append((fraction, doing)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert told[0][1] == "Popularity: building the index"
    with pytest.raises(Cancelled):
        try_retriever(result, "popularity", cancel=lambda: True)


def test_what_ones_own_retriever_does_wrong_is_told_in_words(registered, result):
    class Wrong(BaseCandidateRetriever):
        def build_index(self, estimator=None, interactions=None, items=None):
            raise KeyError("colour")

        def retrieve(self, user_ids, top_k):
            return {}

    register_retriever(RetrieverSpec("wrong", "Wrong", "x.", lambda config: Wrong(top_k=config.top_k)))
    with pytest.raises(ValueError, match=r"Wrong failed: KeyError: 'colour'.*Mend its module"):
        try_retriever(result, "wrong")
