"""The search over NCF's settings: what is changed is changed back, and what is told is mean and error."""

import json
from argparse import ArgumentParser

import numpy as np
import pytest

from benchmarks.quality import ncf, repeats
from benchmarks.quality.protocols import leave_last_out
from benchmarks.quality.repeats import summary
from skrec_lite.exceptions import InvalidParameterError
from tests.estimator.embedding_conformance import taste_data


def test_what_the_estimator_fixes_is_given_back_even_after_an_error():
    before = {name: getattr(*place) for name, place in ncf.FIXED.items()}

    def fail():
        with ncf.replaced(dict.fromkeys(ncf.FIXED, -1.0)):
            assert all(getattr(*place) == -1.0 for place in ncf.FIXED.values())
            raise InvalidParameterError("something went wrong")

    with pytest.raises(InvalidParameterError):
        fail()
    assert {name: getattr(*place) for name, place in ncf.FIXED.items()} == before


def test_mean_and_standard_error_over_the_seeds():
    found = summary([{"hr": 1.0}, {"hr": 2.0}, {"hr": 6.0}])
    assert found["mean"]["hr"] == pytest.approx(3.0)
    assert found["standard_error"]["hr"] == pytest.approx(np.sqrt(7.0 / 3.0))
    assert "standard_error" not in summary([{"hr": 1.0}])


def test_the_search_is_judged_on_what_the_reported_figures_never_see(tmp_path, monkeypatch):
    """Of each user's three last interactions, the last is reported and the one before it searched on."""
    data = taste_data(n_users=30, n_items=130, outcome="one")
    data["TIMESTAMP"] = data.groupby("USER_ID").cumcount()
    judged = []

    def fitted(estimator, split, with_space):
        judged.append((split.name, split, estimator.get_params()))
        return {"hr@10": float(len(judged))}

    monkeypatch.setitem(ncf.DATA_SETS, "sample", lambda folder: leave_last_out("sample", data))
    monkeypatch.setattr(repeats, "_fitted", fitted)
    parser = ArgumentParser()
    ncf.add_arguments(parser)
    out = tmp_path / "found.json"
    given = parser.parse_args(["--only", "sample", "--search", "--seeds", "2", "--out", str(out)])
    given.data = tmp_path
    ncf.run(given)

    outer = leave_last_out("sample", data)
    searched = [split for name, split, _ in judged if name == "sample (validation)"]
    assert len(searched) == 2 * (1 + len(ncf.SEARCH))
    for split in searched:
        pairs = set(zip(split.train["USER_ID"], split.train["ITEM_ID"], strict=True))
        assert pairs < set(zip(outer.train["USER_ID"], outer.train["ITEM_ID"], strict=True))
        held_out = split.items.ids[split.held_out.indices]
        assert not np.any(held_out == outer.items.ids[outer.held_out.indices])
    tried = json.loads(out.read_text())["data_sets"]["sample"]["search on an inner split"]["tried"]
    assert [(entry["kind"], entry["changed"]) for entry in tried] == [tuple(entry) for entry in ncf.SEARCH]
    changed = [params for name, _, params in judged if "validation" in name and "ncf_type" in params]
    assert [p["regularization"] for p in changed[2:8]] == [0.0, 0.0, 0.005, 0.005, 0.02, 0.02]
