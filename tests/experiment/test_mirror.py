"""The popularity mirror: shares by hand, and agreement with the Data screen's curve and the lists' Gini."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.report.curves import gini, lorenz_curve
from skrec_lite.experiment.figures.mirror import popularity_mirror
from tests.experiment.rich_result import rich_result, toy_result


@pytest.fixture(scope="module")
def toy():
    pools = {"embedding": [[0, 1], [0, 2]], "popularity": [[3, 0], [3, 1]]}
    lists = {key: [[own[0]] for own in by_user] for key, by_user in pools.items()}
    result = toy_result(pools, lists, held_out=[[0], [1]])
    # Item 3 has 6 interactions, item 0 has 3, item 1 has 1, the other seven none.
    result.split.train = pd.DataFrame({"ITEM_ID": ["i3"] * 6 + ["i0"] * 3 + ["i1"]})
    return result


def test_shares_by_hand(toy):
    mirror = popularity_mirror(toy)
    assert mirror.x[[0, -1]].tolist() == [0.0, 1.0]
    share = dict(zip(mirror.x.round(1).tolist(), mirror.data.y, strict=True))
    assert [share[x] for x in (0.7, 0.8, 0.9, 1.0)] == pytest.approx([0.0, 0.1, 0.4, 1.0])
    share = dict(zip(mirror.x.round(1).tolist(), mirror.pools["embedding"].y, strict=True))
    # Item 2 is the first of those without interactions, so the most popular of them, as in a popular pool.
    # Of four places item 2, never chosen, has one, item 1 one, item 0 two, item 3 none.
    assert [share[x] for x in (0.6, 0.7, 0.8, 0.9, 1.0)] == pytest.approx([0.0, 0.25, 0.5, 1.0, 1.0])
    assert mirror.data.head_share == pytest.approx(0.6)
    assert mirror.pools["popularity"].head_share == pytest.approx(0.5)
    assert mirror.lists["popularity"].head_share == pytest.approx(1.0)
    assert mirror.sentences["popularity"] == (
        "Popularity: the most popular tenth of the items takes 50.0 of 100 places in the pools and 100.0 in "
        "the final lists; in the training data it is 60.0."
    )


def test_the_datas_curve_is_its_lorenz_curve():
    result = rich_result()
    mirror = popularity_mirror(result)
    rows = result.items.encode(result.split.train["ITEM_ID"])
    counts = np.bincount(rows[rows >= 0], minlength=len(result.items))
    x, y = lorenz_curve(counts)
    assert mirror.data.y == pytest.approx(np.interp(mirror.x, x, y), abs=2e-3)
    assert mirror.x == pytest.approx(x)
    assert mirror.data.gini == pytest.approx(gini(counts))


def test_ginis_and_ends_agree_with_what_was_measured():
    result = rich_result()
    mirror = popularity_mirror(result)
    assert list(mirror.pools) == list(result.runs)
    assert list(mirror.lists) == [*result.runs, "full"]
    for key, run in result.runs.items():
        assert mirror.lists[key].gini == pytest.approx(run.ranked.beyond["gini"])
        for curve in (mirror.pools[key], mirror.lists[key]):
            assert curve.y[0] == 0.0
            assert curve.y[-1] == pytest.approx(1.0)
            assert (np.diff(curve.y) >= 0).all()
    assert mirror.lists["full"].gini == pytest.approx(result.reference.ranked.beyond["gini"])


def test_popular_pools_favour_the_head_more_than_the_data_do():
    mirror = popularity_mirror(rich_result())
    others = [curve.head_share for key, curve in mirror.pools.items() if key != "popularity"]
    assert mirror.pools["popularity"].head_share > max(*others, mirror.data.head_share)
