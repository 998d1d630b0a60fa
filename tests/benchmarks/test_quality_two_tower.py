"""The two towers' quality run, on a toy."""

import json
from argparse import ArgumentParser

from benchmarks.quality import two_tower
from benchmarks.quality.protocols import leave_last_out
from tests.estimator.embedding_conformance import taste_data


def pairs_of(split, part):
    users, items = getattr(split, part).nonzero()
    return set(zip(split.users.ids[users], split.items.ids[items], strict=True))


def test_the_search_never_sees_what_is_reported(tmp_path, monkeypatch):
    data = taste_data(n_users=40, n_items=150, outcome="one")
    data = data.assign(TIMESTAMP=range(len(data)))
    split = leave_last_out("toy", data)
    monkeypatch.setitem(two_tower.DATA_SETS, "sample", lambda folder: split)
    monkeypatch.setitem(two_tower.SETTINGS, "sample", {"epochs": 1, "batch_size": 64})
    monkeypatch.setattr(two_tower, "SEARCH", ({}, {"temperature": 0.3}))
    used = []
    towers = two_tower._towers
    monkeypatch.setattr(two_tower, "_towers", lambda split, *rest: used.append(split) or towers(split, *rest))
    parser = ArgumentParser()
    parser.add_argument("--data")
    two_tower.add_arguments(parser)
    given = parser.parse_args(["--only", "sample", "--seeds", "2", "--search"])
    given.out = tmp_path / "out.json"
    given.out.write_text('{"data_sets": {"another": 1, "sample": 2}}')
    two_tower.run(given)
    report = json.loads(given.out.read_text())["data_sets"]
    found = report["sample"]
    assert report["another"] == 1, "measured before, and not asked for again"
    assert used[0] is split
    for searched in used[1:]:
        assert (pairs_of(searched, "seen") | pairs_of(searched, "held_out")) == pairs_of(split, "seen")
        assert not pairs_of(searched, "held_out") & pairs_of(split, "held_out")
    tried = found["search on an inner split"]["tried"]
    assert [entry["changed"] for entry in tried] == [{}, {"temperature": 0.3}]
    assert {"mean", "standard_error"} <= found["two towers"].keys()
    assert found["two towers"]["standard_error"]["hr@10"] >= 0
