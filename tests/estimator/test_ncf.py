"""The conformance suite for every kind of NCF, and what is particular to it."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.embedding import _ncf_training
from skrec_lite.estimator.embedding._ncf_data import NcfData
from skrec_lite.estimator.embedding._ncf_export import exported
from skrec_lite.estimator.embedding._ncf_network import Design, Network
from skrec_lite.estimator.embedding._ncf_penalty import Penalty
from skrec_lite.estimator.embedding._torch import make_optimizer
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator
from tests.estimator.embedding_conformance import EmbeddingEstimatorConformance, taste_data


class Ncf(EmbeddingEstimatorConformance):
    kind = "neumf"

    @classmethod
    def make(cls, **changes):
        settings = {"gmf_embedding_dim": 8, "mlp_embedding_dim": 8, "mlp_layers": [16, 8]}
        return NCFEstimator(cls.kind, **{**settings, "epochs": 12, "learning_rate": 0.01, **changes})


class TestGmf(Ncf):
    kind = "gmf"
    is_linear = True


class TestMlp(Ncf):
    kind = "mlp"
    is_exact = is_linear = False


class TestNeuMf(Ncf):
    kind = "neumf"
    is_exact = is_linear = False


def interactions_of(n_users=80, n_items=60, seed=0):
    rng = np.random.default_rng(seed)
    user, item = np.nonzero(rng.random((n_users, n_items)) < 0.2)
    return pd.DataFrame({"USER_ID": user, "ITEM_ID": item, "OUTCOME": 1.0})


def small(kind="neumf", **changes):
    settings = {"gmf_embedding_dim": 4, "mlp_embedding_dim": 4, "mlp_layers": [8], "random_state": 0}
    return NCFEstimator(kind, **{**settings, "epochs": 2, **changes})


@pytest.mark.parametrize("kind", ["gmf", "mlp", "neumf"])
def test_scores_are_those_of_the_torch_network(kind):
    """The arrays that are served compute what the network computes, features and bias included."""
    data = NcfData.labelled(EncodedInteractions.from_frame(interactions_of()), 2)
    rng = np.random.default_rng(0)
    users, items = (rng.normal(size=(n, 3)).astype(np.float32) for n in (len(data.users), len(data.items)))
    design = Design(0 if kind == "mlp" else 4, 0 if kind == "gmf" else 5, (8, 6, 3), 0.0)
    network = Network(rng, users, items, design, -1.0)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(torch.from_numpy(rng.normal(0, 0.3, tuple(weights.shape)).astype(np.float32)))
        every = torch.arange(len(data.items)).repeat(len(data.users), 1)
        # Both ways through the first layer: of every entity first, or of the rows that are asked for.
        expected = network(torch.arange(len(data.users)), every).numpy()
        one = network(torch.tensor([3]), torch.tensor([[5, 7]])).numpy()
    model = exported(network, data)
    np.testing.assert_allclose(
        model.score_matrix(np.arange(len(data.users), dtype=np.int32)), expected, rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(one, expected[3:4, [5, 7]], rtol=1e-4, atol=1e-4)


def test_a_pairs_score_does_not_depend_on_its_place():
    estimator = small("mlp")
    estimator.fit_embedding_model(None, None, interactions_of())
    users = np.arange(80, dtype=np.int32)
    matrix = estimator.score_matrix(users)
    assert matrix.size > 2 * 2048
    items = np.arange(60, dtype=np.int32)
    for user in (0, 37, 79):
        alone = estimator.score_pairs(users[[user]], items[None, ::-1])
        np.testing.assert_array_equal(alone[0, ::-1], matrix[user])


def test_groups_hold_positives_and_labelled_negatives_each_once():
    frame = interactions_of()
    frame.loc[frame.index % 3 == 0, "OUTCOME"] = 0.0
    data = NcfData.labelled(EncodedInteractions.from_frame(frame), 4)
    users, items, labels = data.drawn(np.random.default_rng(0))
    positive = {(u, i) for u, i, y in zip(*frame.to_numpy().T, strict=True) if y > 0}
    negative = {(u, i) for u, i, y in zip(*frame.to_numpy().T, strict=True) if y <= 0}
    user_ids, item_ids = data.users.ids.astype(int), data.items.ids.astype(int)
    first = [(user_ids[u], item_ids[i]) for u, i in zip(users, items[:, 0], strict=True)]
    assert sorted(pair for pair, y in zip(first, labels, strict=True) if y == 1) == sorted(positive)
    others = [
        (user_ids[u], item_ids[i])
        for u, row, y in zip(users, items, labels, strict=True)
        for i in (row if y == 0 else row[1:])
    ]
    assert not set(others) & positive
    assert sorted(pair for pair in others if pair in negative) == sorted(negative)


def test_a_pair_with_both_labels_is_positive():
    frame = pd.DataFrame({"USER_ID": [1, 1, 1], "ITEM_ID": [1, 1, 2], "OUTCOME": [0.0, 2.0, -1.0]})
    data = NcfData.labelled(EncodedInteractions.from_frame(frame), 0)
    assert data.group_items[data.first_labels == 1].tolist() == [[0]]
    assert data.group_items[data.first_labels == 0].tolist() == [[1]]


def test_nothing_positive_is_refused():
    with pytest.raises(ValueError, match="OUTCOME"):
        small().fit_embedding_model(None, None, interactions_of().assign(OUTCOME=0.0))


def test_a_user_who_met_the_whole_catalogue_does_no_harm():
    everything = pd.DataFrame({"USER_ID": 7, "ITEM_ID": range(60), "OUTCOME": 1.0})
    estimator = small()
    estimator.fit_embedding_model(None, None, pd.concat([interactions_of(), everything]))
    assert np.isfinite(estimator.score_matrix(np.arange(len(estimator.users), dtype=np.int32))).all()


def test_mse_predicts_ratings():
    rng = np.random.default_rng(0)
    frame = interactions_of(seed=3)
    good = rng.integers(0, 2, 60)
    frame["OUTCOME"] = 2.0 + 2.0 * good[frame["ITEM_ID"]]
    estimator = small(loss_fn_name="mse", epochs=60, learning_rate=0.02, batch_size=256)
    estimator.fit_embedding_model(None, None, frame)
    error = estimator.predict_proba_with_embeddings(frame) - frame["OUTCOME"]
    assert np.sqrt((error**2).mean()) < 0.3


def test_a_cold_item_has_the_vector_of_its_own_features():
    """Two cold items differ by their features, and the one like the liked items scores higher."""
    rng = np.random.default_rng(0)
    likes = np.arange(80)[:, None] % 2 == np.arange(60)[None, :] % 2
    user, item = np.nonzero((rng.random((80, 60)) < 0.4) & likes)
    frame = pd.DataFrame({"USER_ID": user, "ITEM_ID": item, "OUTCOME": 1.0})
    items = pd.DataFrame({"ITEM_ID": [*range(60), 900, 901], "parity": [i % 2 for i in [*range(60), 0, 1]]})
    estimator = small(epochs=25, learning_rate=0.02)
    estimator.fit_embedding_model(None, items, frame)
    even, odd = estimator.items.encode([900, 901])
    table = estimator.score_matrix(estimator.users.encode(range(80)))
    assert ((table[:, even] > table[:, odd]) == (np.arange(80) % 2 == 0)).mean() > 0.95


def test_timestamp_is_no_feature():
    frame = interactions_of()
    items = pd.DataFrame({"ITEM_ID": range(60)})
    timed = items.assign(TIMESTAMP=np.arange(60.0))
    plain, with_time = small(), small()
    plain.fit_embedding_model(None, items, frame)
    with_time.fit_embedding_model(None, timed, frame.assign(TIMESTAMP=1.0))
    rows = np.arange(len(plain.users), dtype=np.int32)
    np.testing.assert_array_equal(plain.score_matrix(rows), with_time.score_matrix(rows))


def test_early_stopping_restores_the_best_epoch():
    frame = taste_data(outcome="one")
    held_out = frame.index % 5 == 0
    epochs = []

    def fit(**changes):
        estimator = small(epochs=30, learning_rate=0.05, early_stopping_patience=3, **changes)
        estimator.fit_embedding_model(
            None,
            None,
            frame[~held_out],
            valid_interactions=frame[held_out],
            progress=lambda done, text, epoch=None: epochs.append(epoch),
        )
        return estimator

    estimator = fit()
    values = estimator.validation_values_
    assert len(values) < 30
    assert len(values) - 1 - int(np.argmax(values)) == 3
    assert [epoch.value for epoch in epochs] == list(values)
    assert {epoch.metric for epoch in epochs} == {"recall@20"}
    assert all(epoch.n_parameters > 0 for epoch in epochs)
    # The model that is kept has the best measure, by an independent computation; the last one has not.
    assert recall_at_20(estimator, frame, held_out) == pytest.approx(max(values))
    last = fit(restore_best_weights=False)
    assert last.validation_values_ == values
    assert recall_at_20(last, frame, held_out) == pytest.approx(values[-1])
    assert values[-1] < max(values)


def recall_at_20(estimator, frame, held_out):
    """Return the mean share of a user's held-out items among the 20 best that were not trained on."""
    shares = []
    for user in frame.loc[held_out, "USER_ID"].unique():
        own = frame["USER_ID"] == user
        items = pd.Index(estimator.items.ids)
        scores = pd.Series(estimator.score_matrix(estimator.users.encode([user]))[0], index=items)
        scores = scores.drop(frame.loc[own & ~held_out, "ITEM_ID"].astype(str))
        wanted = set(frame.loc[own & held_out, "ITEM_ID"].astype(str))
        shares.append(len(wanted & set(scores.nlargest(20).index)) / len(wanted))
    return np.mean(shares)


def test_held_out_rows_that_were_trained_on_or_not_liked_are_no_validation():
    frame = taste_data(outcome="one")
    again = frame.head(50)
    disliked = pd.DataFrame({"USER_ID": [100], "ITEM_ID": [501], "OUTCOME": [0.0]})
    for valid in (again, disliked, frame.head(0)):
        estimator = small()
        estimator.fit_embedding_model(None, None, frame, valid_interactions=valid)
        assert estimator.validation_values_ == ()


def test_the_global_generator_of_torch_is_untouched():
    before = torch.get_rng_state().clone()
    small(dropout=0.2).fit_embedding_model(None, None, interactions_of())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ncf_type", "neural"),
        ("loss_fn_name", "hinge"),
        ("optimizer_name", "adma"),
        ("mlp_layers", []),
        ("mlp_layers", [8, 0]),
        ("mlp_layers", "64"),
        ("dropout", 1.0),
        ("learning_rate", 0),
        ("n_negatives", -1),
        ("batch_size", 0),
        ("epochs", 2.5),
        ("early_stopping_patience", 0),
        ("regularization", -0.1),
        ("device", "gpu0"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        NCFEstimator(**{name: value}).fit_embedding_model(None, None, interactions_of())


def test_torch_is_not_imported_to_serve(tmp_path):
    """A process of its own loads, scores and searches; it scores as the one that trained, without torch."""
    estimator = small()
    estimator.fit_embedding_model(None, None, interactions_of())
    estimator.save(tmp_path / "model")
    code = (
        "import sys, numpy as np\n"
        "from skrec_lite.estimator.persistence import load_estimator\n"
        f"model = load_estimator({str(tmp_path / 'model')!r})\n"
        "scores = model.score_matrix(np.arange(3, dtype=np.int32))\n"
        "assert model.retrieval_space().fidelity > 0\n"
        f"np.save({str(tmp_path / 'scores.npy')!r}, scores)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'torch', 'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['numpy']"
    expected = estimator.score_matrix(np.arange(3, dtype=np.int32))
    np.testing.assert_array_equal(np.load(tmp_path / "scores.npy"), expected)


def test_expected_shares_are_those_of_many_draws():
    frame = interactions_of(n_users=12, n_items=15)
    frame.loc[frame.index % 4 == 0, "OUTCOME"] = 0.0
    data = NcfData.labelled(EncodedInteractions.from_frame(frame), 3)
    rng = np.random.default_rng(0)
    epochs = [data.drawn(rng)[:2] for _ in range(3000)]
    width = data.group_items.shape[1]
    users = np.bincount(np.concatenate([np.repeat(users, width) for users, _ in epochs]))
    items = np.bincount(np.concatenate([items.ravel() for _, items in epochs]))
    user_shares, item_shares = data.shares()
    np.testing.assert_allclose(users / users.sum(), user_shares, atol=1e-12)
    np.testing.assert_allclose(items / items.sum(), item_shares, rtol=0.03)
    assert item_shares.sum() == pytest.approx(1.0)


def test_the_penalty_is_that_of_each_pairs_own_vectors():
    """Over an epoch, its gradient is the one of the mean of |p_u|^2 + |q_i|^2 over all pairs."""
    frame = interactions_of(n_users=12, n_items=15)
    data = NcfData.labelled(EncodedInteractions.from_frame(frame), 0)
    empty = (np.zeros((len(ids), 0), np.float32) for ids in (data.users, data.items))
    network = Network(np.random.default_rng(0), *empty, Design(3, 4, (5, 2), 0.0), 0.0)
    tables = [network.users.table, network.items.table]
    for weights in network.parameters():
        weights.grad = torch.zeros_like(weights)
    Penalty.of(network, data, 0.25).add_gradient()
    users, items = torch.from_numpy(data.group_users), torch.from_numpy(data.group_items[:, 0])
    squares = (tables[0][users] ** 2).sum(dim=1) + (tables[1][items] ** 2).sum(dim=1)
    for table, expected in zip(tables, torch.autograd.grad(0.25 * squares.mean(), tables), strict=True):
        torch.testing.assert_close(table.grad, expected)
    assert float(network.hidden[0].weight.grad.abs().min()) > 0
    for free in (network.item_bias, network.gmf_weights, network.hidden[0].bias, network.output.bias):
        assert float(free.grad.abs().max()) == 0


@pytest.mark.parametrize(("loss", "default"), [("bce", 0.01), ("mse", 0.2)])
def test_the_penalty_by_default_is_the_losss_own(loss, default):
    scores = []
    for strength in (None, default, 2 * default):
        estimator = small(loss_fn_name=loss, regularization=strength)
        estimator.fit_embedding_model(None, None, interactions_of())
        scores.append(estimator.score_matrix(np.arange(5, dtype=np.int32)))
    np.testing.assert_array_equal(scores[0], scores[1])
    assert np.abs(scores[0] - scores[2]).max() > 0


def test_regularization_shrinks_the_vectors_of_ids():
    sizes = []
    for strength in (0.0, 0.05):
        estimator = small("gmf", epochs=20, learning_rate=0.005, regularization=strength)
        estimator.fit_embedding_model(None, None, interactions_of())
        vectors = estimator.retrieval_space().item_vectors[:, :-1]
        sizes.append(np.linalg.norm(vectors, axis=1).mean())
    assert sizes[1] < 0.5 * sizes[0]


def test_the_rate_falls_linearly_to_zero_and_is_higher_for_ids(monkeypatch):
    rates = []

    def recorded(name, parts, rate):
        optimizer = make_optimizer(name, parts, rate)
        optimizer.register_step_pre_hook(
            lambda *_: rates.append([part["lr"] for part in optimizer.param_groups])
        )
        return optimizer

    monkeypatch.setattr(_ncf_training, "make_optimizer", recorded)
    small(epochs=3, learning_rate=0.002, batch_size=500).fit_embedding_model(None, None, interactions_of())
    of_ids, of_layers = np.array(rates).T
    n_steps = len(rates)
    assert n_steps > 6
    np.testing.assert_allclose(of_layers, 0.002 * (1.0 - np.arange(n_steps) / n_steps), rtol=1e-6)
    np.testing.assert_allclose(of_ids, _ncf_training._RATE_OF_IDS * of_layers, rtol=1e-6)
