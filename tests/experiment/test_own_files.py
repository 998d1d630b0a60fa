"""Public data sets from their raw files to a trained comparison, without a choice made by hand."""

import os
from functools import lru_cache
from pathlib import Path

import pytest

from skrec_lite.dataset import Recipe, load
from skrec_lite.experiment import ExperimentConfig, LabData, SplitConfig, run_experiment
from skrec_lite.metrics import ndcg, recall

DATA = Path(os.environ.get("SKREC_LITE_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no public data sets beside the repository (set SKREC_LITE_DATA)"
)

#: Users, items (listed or interacted with) and interactions of each, and which retrievers can take part.
SETS = {
    "ml-100k": (943, 1_682, 100_000, {"embedding", "content", "popularity"}),
    "ml-latest-small": (610, 9_742, 100_836, {"embedding", "content", "popularity"}),
    # Lines without a customer cannot be used, which the guess says and does.
    "online-retail": (4_372, 4_070, 406_829, {"embedding", "content", "popularity"}),
    "completejourney": (2_377, 92_331, 75_000, {"embedding", "content", "popularity"}),
    "gowalla": (29_858, 40_981, 1_027_370, {"embedding", "popularity"}),
}


# Gowalla is asked for twice in a row, and takes seconds to read.
loaded_set = lru_cache(maxsize=1)(lambda name: load(DATA / name))


@pytest.mark.parametrize("name", SETS)
def test_from_raw_files_to_a_comparison(name):
    n_users, n_items, n_interactions, takes_part = SETS[name]
    loaded = loaded_set(name)
    data = LabData.of(loaded, name)
    assert (data.n_users, len(data.interactions)) == (n_users, n_interactions)
    assert data.n_items >= n_items
    assert not [finding for finding in data.findings if finding.severity == "error"]
    assert Recipe.from_json(loaded.recipe.to_json()) == loaded.recipe
    split = SplitConfig("given") if data.has_split else SplitConfig()
    config = ExperimentConfig(params={"n_factors": 16, "epochs": 3}, split=split, max_users=300, top_k=100)
    result = run_experiment(data, config)
    assert set(result.runs) == takes_part
    # By chance a pool of 100 would hold 100 / n_items of what is held out.
    assert result.recall_at("embedding", 100).mean() > 500 / n_items


def test_popularity_on_gowalla_comes_to_the_published_figures():
    """On the split of LightGCN: recall@20 .0416 and nDCG@20 .0317, which agrees with Dacrema et al. 2019."""
    config = ExperimentConfig(
        params={"n_factors": 4, "epochs": 1},
        retrievers=("popularity",),
        split=SplitConfig("given"),
        top_k=20,
        n=1,
        max_users=10**6,
    )
    result = run_experiment(LabData.of(loaded_set("gowalla"), "gowalla"), config)
    assert len(result.user_ids) == 29_858
    assert result.split.leak_check.count("broken") == 0
    hits, n_held_out = result.runs["popularity"].hits, result.split.n_held_out
    assert hits.shape == (29_858, 20)
    assert round(float(recall(hits, n_held_out).mean()), 4) == 0.0416
    assert round(float(ndcg(hits, n_held_out).mean()), 4) == 0.0317
