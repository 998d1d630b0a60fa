"""What is trained on a GPU is what is trained on the CPU, to float tolerance; skipped where there is none."""

import numpy as np
import pandas as pd
import pytest
import torch

from skrec_lite.estimator.embedding.contextualized_two_tower_estimator import ContextualizedTwoTowerEstimator
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator
from tests.estimator.embedding_conformance import taste_data

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU here")


def with_context(data):
    rng = np.random.default_rng(3)
    return data.assign(weekend=rng.integers(0, 2, len(data)).astype(float))


def features_of(ids, name, seed):
    return pd.DataFrame({name: ids, "f": np.random.default_rng(seed).normal(size=len(ids))})


def ncf(device, **changes):
    sizes = {"gmf_embedding_dim": 8, "mlp_embedding_dim": 8, "mlp_layers": [16, 8], "epochs": 2}
    return NCFEstimator(device=device, random_state=0, **{**sizes, **changes})


def towers(device, **changes):
    sizes = {"user_embedding_dim": 8, "item_embedding_dim": 8, "final_embedding_dim": 8}
    training = {"epochs": 2, "batch_size": 128, "learning_rate": 0.01}
    return ContextualizedTwoTowerEstimator(device=device, random_state=0, **{**sizes, **training, **changes})


CASES = {
    "gmf": (ncf, {"ncf_type": "gmf"}),
    "mlp": (ncf, {"ncf_type": "mlp"}),
    "mlp, sgd": (ncf, {"ncf_type": "mlp", "optimizer_name": "sgd", "learning_rate": 0.05}),
    "neumf": (ncf, {"ncf_type": "neumf"}),
    "neumf, sgd": (ncf, {"ncf_type": "neumf", "optimizer_name": "sgd", "learning_rate": 0.05}),
    "neumf, squared error": (ncf, {"ncf_type": "neumf", "loss_fn_name": "mse"}),
    "neumf, adagrad": (ncf, {"ncf_type": "neumf", "optimizer_name": "adagrad"}),
    "user tower": (towers, {}),
    "deep towers": (towers, {"user_tower_hidden_dim1": 16, "item_tower_hidden_dim1": 16}),
    "uniform negatives": (towers, {"uniform_negatives": 16}),
    "short histories": (towers, {"max_history": 1}),
    "sgd": (towers, {"optimizer_name": "sgd", "learning_rate": 0.1}),
    "adagrad": (towers, {"optimizer_name": "adagrad"}),
    "trilinear": (towers, {"context_mode": "trilinear"}),
    "scoring layer": (towers, {"context_mode": "scoring_layer"}),
    "scoring layer, sgd": (
        towers, {"context_mode": "scoring_layer", "optimizer_name": "sgd", "learning_rate": 0.05},
    ),
}  # fmt: skip

#: Networks in which rounding decides whether a hidden unit with hardly any gradient comes alive. A relative
#: change of 2e-7 in the starting weights moves a score of these, on the CPU alone, by up to 0.2 of the
#: scores' spread; of the others, by less than 0.002.
CHAOTIC = {"mlp", "neumf", "neumf, sgd", "neumf, adagrad", "scoring layer"}


def scores(case, device):
    """Return log odds, shape (n_users, n_items), less each user's mean: a softmax does not fix a level."""
    make, changes = CASES[case]
    data = taste_data(n_users=300, n_items=120, outcome="one")
    if changes.get("context_mode"):
        data = with_context(data)
    users = features_of(data["USER_ID"].unique(), "USER_ID", 1)
    items = features_of(data["ITEM_ID"].unique(), "ITEM_ID", 2)
    model = make(device, **changes)
    model.fit_embedding_model(users, items, data)
    known = model.users.ids, model.items.ids
    pairs = pd.DataFrame(
        {"USER_ID": np.repeat(known[0], len(known[1])), "ITEM_ID": np.tile(known[1], len(known[0]))}
    )
    if changes.get("context_mode"):
        pairs["weekend"] = 1.0
    found = model.predict_proba_with_embeddings(pairs).reshape(len(known[0]), len(known[1]))
    if found.min() > 0 and found.max() < 1:
        found = np.log(found) - np.log1p(-found)
    return found - found.mean(axis=1, keepdims=True)


@pytest.mark.parametrize("case", CASES)
def test_scores_after_training_agree_with_the_cpu(case):
    here, there = scores(case, "cpu"), scores(case, "cuda")
    if case in CHAOTIC:
        assert np.corrcoef(here.ravel(), there.ravel())[0, 1] > 0.995
    else:
        np.testing.assert_allclose(there, here, rtol=0, atol=5e-3 * here.std())


@pytest.mark.parametrize("make", [ncf, towers])
def test_a_gpu_is_taken_where_there_is_one(make):
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.max_memory_allocated()
    make(None).fit_embedding_model(None, None, taste_data(outcome="one"))
    assert torch.cuda.max_memory_allocated() > before


@pytest.mark.parametrize("case", ["mlp, sgd", "user tower"])
def test_same_seed_twice_on_one_gpu(case):
    first, second = scores(case, "cuda"), scores(case, "cuda")
    np.testing.assert_allclose(second, first, rtol=0, atol=5e-3 * first.std())


def test_dropout_draws_from_its_own_generator():
    """Masks of a GPU differ from the CPU's, so only the level can agree; torch's own state stays put."""
    before = torch.cuda.get_rng_state()
    model = ncf(None, dropout=0.3)
    model.fit_embedding_model(None, None, taste_data(outcome="one"))
    assert torch.equal(torch.cuda.get_rng_state(), before)
