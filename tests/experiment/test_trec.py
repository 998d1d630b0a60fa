"""TREC files: an outside evaluator reads them and comes to our figures."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment import trec
from skrec_lite.experiment.trec import decode_id, encode_id, qrels, trec_files, trec_run
from tests.experiment.rich_result import rich_result

#: Our names and what trec_eval calls the same at a cut-off.
MEASURES = {
    "recall": "recall",
    "ndcg": "ndcg_cut",
    "map": "map_cut",
    "precision": "P",
    "hit_rate": "success",
}


def by_hand():
    """Three users and four items; nothing was retrieved for the second user."""
    ids = IdMap(["a", "b c", "d%", "e"])
    item_index = np.array([[1, 3], [-1, -1], [2, -1]], dtype=np.int32)
    ranked = SimpleNamespace(item_index=item_index[:, :1])
    run = SimpleNamespace(candidates=SimpleNamespace(item_index=item_index), ranked=ranked)
    pairs = pd.DataFrame({"row": [0, 0, 1, 2], "ITEM_ID": ["a", "gone for good", "e", "d%"]})
    reference = SimpleNamespace(users=np.array([2]), ranked=SimpleNamespace(item_index=item_index[2:]))
    return SimpleNamespace(
        user_ids=np.array(["u 1", "u2", "u3"], dtype=object),
        items=ids,
        runs={"popularity": run},
        reference=reference,
        split=SimpleNamespace(held_out_pairs=lambda: pairs),
    )


def test_a_run_by_hand():
    assert trec_run(by_hand(), "popularity", "pool", "my tag") == (
        "u%201 Q0 b%20c 1 2 my%20tag\nu%201 Q0 e 2 1 my%20tag\nu3 Q0 d%25 1 2 my%20tag\n"
    )
    assert trec_run(by_hand(), "popularity", "list") == (
        "u%201 Q0 b%20c 1 1 popularity.list\nu3 Q0 d%25 1 1 popularity.list\n"
    )
    assert trec_run(by_hand(), "full", "list") == "u3 Q0 d%25 1 2 full.list\n", "the user of the reference"


def test_qrels_hold_what_is_out_of_reach_and_users_for_whom_nothing_was_found():
    assert qrels(by_hand()) == "u%201 0 a 1\nu%201 0 gone%20for%20good 1\nu2 0 e 1\nu3 0 d%25 1\n"


@given(st.text(st.characters(exclude_categories=())))
def test_any_id_becomes_one_word_and_comes_back(id_):
    word = encode_id(id_)
    assert decode_id(word) == id_
    assert word.split() == [word]
    word.encode()


@given(st.lists(st.text(" %\u00a02", max_size=3), unique=True))
def test_different_ids_become_different_words(ids):
    assert len(set(map(encode_id, ids))) == len(ids)


def test_plain_ids_stay_as_they_are():
    assert encode_id("B000-42/x_é") == "B000-42/x_é"


@pytest.mark.parametrize("stage", ["pool", "list"])
def test_trec_eval_comes_to_our_figures(result, stage):
    assert_trec_eval_agrees(result, stage)


@pytest.mark.parametrize("stage", ["pool", "list"])
def test_it_does_with_several_held_out_a_user_and_items_out_of_reach(stage):
    rich = rich_result()
    assert rich.split.n_held_out.max() > rich.config.n
    assert len(rich.split.unreachable)
    assert_trec_eval_agrees(rich, stage)


def assert_trec_eval_agrees(result, stage):
    k, n = result.config.top_k, result.config.n
    cuts = {"pool": (1, 7, n, k), "list": (n,)}[stage]
    relevant = pytrec_eval.parse_qrel(qrels(result).splitlines())
    asked = {f"{name}.{','.join(map(str, cuts))}" for name in MEASURES.values()}
    evaluator = pytrec_eval.RelevanceEvaluator(relevant, {*asked, "recip_rank"})
    words = [encode_id(user) for user in result.user_ids]
    keys = [*result.runs, *(["full"] if stage == "list" else [])]
    for key in keys:
        found = evaluator.evaluate(pytrec_eval.parse_run(trec_run(result, key, stage).splitlines()))
        ranked = result.reference.ranked if key == "full" else result.runs[key].ranked
        for metric, name in MEASURES.items():
            for cut in cuts:
                theirs = [found.get(user, {}).get(f"{name}_{cut}", 0.0) for user in words]
                own = result.pool_metric(key, metric, cut) if stage == "pool" else ranked.per_user[metric]
                np.testing.assert_allclose(theirs, own, atol=1e-9)
        theirs = [found.get(user, {}).get("recip_rank", 0.0) for user in words]
        own = result.pool_metric(key, "mrr", k) if stage == "pool" else ranked.per_user["mrr"]
        np.testing.assert_allclose(theirs, own, atol=1e-9)


def test_the_order_is_ours_though_trec_eval_sorts_by_score_and_then_by_id(result):
    lines = [line.split() for line in trec_run(result, "embedding", "pool").splitlines()]
    table = pd.DataFrame(lines, columns=["user", "q0", "item", "rank", "score", "tag"])
    table = table.astype({"rank": int, "score": float})
    resorted = table.sample(frac=1, random_state=0).sort_values(["user", "score"], ascending=[True, False])
    expected = table.sort_values(["user", "rank"])
    assert resorted["item"].tolist() == expected["item"].tolist()
    assert not table.duplicated(["user", "score"]).any()


def test_blocks_are_the_whole_run(result, monkeypatch):
    whole = trec_run(result, "content", "pool")
    monkeypatch.setattr(trec, "_LINES_AT_ONCE", 7 * result.config.top_k)
    assert trec_run(result, "content", "pool") == whole
    assert len(list(trec.run_blocks(result, "content", "pool"))) > 5


def test_there_is_a_file_for_each_stage_of_each_retriever(result):
    names = [name for name, _ in trec_files(result)]
    assert names == [
        "qrels.txt",
        *(f"{key}.{stage}.run" for key in result.runs for stage in ("pool", "list")),
        "full.list.run",
    ]
    texts = {name: "".join(blocks) for name, blocks in trec_files(result)}
    assert texts["qrels.txt"].count("\n") == result.split.n_held_out.sum()
    assert texts["embedding.pool.run"] == trec_run(result, "embedding", "pool")


@pytest.mark.parametrize(("key", "stage"), [("full", "pool"), ("embeding", "list"), ("embedding", "pools")])
def test_what_there_is_no_run_of_is_refused(result, key, stage):
    with pytest.raises(InvalidParameterError, match="must be one of"):
        trec_run(result, key, stage)
