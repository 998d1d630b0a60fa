"""The conformance suite for every context mode, and what is particular to two towers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.embedding._in_batch_softmax import InBatchSoftmax
from skrec_lite.estimator.embedding._positives import history_matrix
from skrec_lite.estimator.embedding._row_optimizer import RowTable
from skrec_lite.estimator.embedding._tower_batches import Batches
from skrec_lite.estimator.embedding._tower_settings import TowerData, TowerSettings
from skrec_lite.estimator.embedding.contextualized_two_tower_estimator import ContextualizedTwoTowerEstimator
from skrec_lite.exceptions import RetrievalSpaceRefused
from tests.estimator.embedding_conformance import EmbeddingEstimatorConformance, taste_data


class TwoTowers(EmbeddingEstimatorConformance):
    mode = "user_tower"

    @classmethod
    def make(cls, **changes):
        settings = {"user_embedding_dim": 8, "item_embedding_dim": 8, "final_embedding_dim": 8}
        more = {"epochs": 25, "learning_rate": 0.02, "batch_size": 64}
        return ContextualizedTwoTowerEstimator(**{**settings, **more, "context_mode": cls.mode, **changes})


class TestUserTower(TwoTowers):
    mode = "user_tower"


class TestTrilinear(TwoTowers):
    mode = "trilinear"


class TestDeepTowers(TwoTowers):
    @classmethod
    def make(cls, **changes):
        return super().make(user_tower_hidden_dim1=16, item_tower_hidden_dim1=16, **changes)


def fitted(data, items=None, users=None, **changes):
    estimator = TwoTowers.make(random_state=0, **changes)
    estimator.fit_embedding_model(users, items, data)
    return estimator


def with_context(data, seed=3):
    """Add a context column that says in which half of the week an item was chosen."""
    rng = np.random.default_rng(seed)
    weekend = (data["ITEM_ID"] % 4 < 2).to_numpy() ^ (rng.random(len(data)) < 0.1)
    return data.assign(weekend=weekend.astype(float))


def table_of(estimator, context=None):
    users, items = estimator.users.ids, estimator.items.ids
    pairs = pd.DataFrame({"USER_ID": np.repeat(users, len(items)), "ITEM_ID": np.tile(items, len(users))})
    if context is not None:
        pairs = pairs.assign(**context)
    return estimator.predict_proba_with_embeddings(pairs).reshape(len(users), len(items))


@pytest.mark.parametrize("n_more", [0, 3])
def test_softmax_gradients_are_those_of_cross_entropy_over_the_masked_batch(n_more):
    rng = torch.Generator().manual_seed(0)
    n = 6 + n_more
    users = torch.randn(6, 3, generator=rng, dtype=torch.float64, requires_grad=True)
    items = torch.randn(n, 3, generator=rng, dtype=torch.float64, requires_grad=True)
    log_q = torch.randn(n, generator=rng, dtype=torch.float64)
    ids = torch.tensor([0, 1, 2, 0, 3, 1, 2, 5, 0])[:n]
    same = ids[:6, None] == ids[None, :]
    same.fill_diagonal_(False)
    logits = (users @ items.T - log_q).masked_fill(same, -torch.inf)
    expected = torch.nn.functional.cross_entropy(logits, torch.arange(6))
    wanted = torch.autograd.grad(expected, (users, items))
    loss = InBatchSoftmax.apply(users, items, log_q, *same.nonzero(as_tuple=True))
    got = torch.autograd.grad(loss, (users, items))
    assert loss.item() == pytest.approx(expected.item(), abs=1e-12)
    for mine, theirs in zip(got, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mode", ["user_tower", "trilinear", "scoring_layer"])
def test_context_of_a_request_changes_the_order_the_way_it_did_in_training(mode):
    data = with_context(taste_data(outcome="one"))
    estimator = fitted(data, context_mode=mode, epochs=40)
    gap = table_of(estimator, {"weekend": 1.0}) - table_of(estimator, {"weekend": 0.0})
    of_weekend = estimator.items.ids.astype(int) % 4 < 2
    assert gap[:, of_weekend].mean() > gap[:, ~of_weekend].mean() + 0.05


@pytest.mark.parametrize("mode", ["user_tower", "trilinear"])
def test_a_request_is_scored_as_its_query_vector_says(mode):
    data = with_context(taste_data(outcome="one"))
    estimator = fitted(data, context_mode=mode)
    asked = estimator.users.ids[:5]
    context = pd.DataFrame({"weekend": [1.0, 0.0, 1.0, np.nan, 0.0]})
    queries = estimator.query_vectors(asked, context)
    items = np.stack(estimator.get_item_embeddings()["ITEM_EMBEDDING"])
    np.testing.assert_allclose(queries @ items.T, estimator.score_query_matrix(queries), rtol=1e-5, atol=1e-5)
    if mode == "trilinear":  # what is known ahead, times what the request adds
        ahead = np.stack(estimator.get_user_embeddings()["EMBEDDING"])[:5]
        factor = queries / ahead
        np.testing.assert_allclose(factor[0], factor[2], rtol=1e-3)
        assert not np.allclose(factor[0], factor[1], rtol=1e-2)


def test_a_scoring_layer_personalises():
    """Additive layers, as scikit-rec has, give every user the same order."""
    estimator = fitted(taste_data(outcome="one"), context_mode="scoring_layer", epochs=40)
    table = table_of(estimator)
    users, items = estimator.users.ids.astype(int), estimator.items.ids.astype(int)
    own = (users[:, None] % 2) == (items[None, :] % 2)
    first = np.argmax(table, axis=1)
    assert len(set(first)) > 3
    # Half of the users are of each taste, so one order for all would be right for half of them.
    assert own[np.arange(len(users)), first].mean() > 0.75
    rows = np.arange(len(users), dtype=np.int32)
    every = np.tile(np.arange(len(items), dtype=np.int32), (len(users), 1))
    pairs, matrix = estimator.score_pairs(rows, every), estimator.score_matrix(rows)
    np.testing.assert_allclose(pairs, matrix, rtol=1e-5, atol=1e-5)


def test_what_no_vectors_can_carry_is_refused_before_the_fit_with_alternatives():
    plain, told = taste_data(outcome="one"), with_context(taste_data(outcome="one"))
    for mode, data in (("scoring_layer", plain), ("scoring_layer", told), ("user_tower", told)):
        with pytest.raises(RetrievalSpaceRefused, match=mode) as refusal:
            TwoTowers.make(context_mode=mode).check_retrieval(data)
        assert any("trilinear" in instead for instead in refusal.value.alternatives)
    for mode, data in (("user_tower", plain), ("trilinear", plain), ("trilinear", told)):
        TwoTowers.make(context_mode=mode).check_retrieval(data)
    with pytest.raises(RetrievalSpaceRefused, match="weekend"):
        fitted(told, epochs=1).retrieval_space()


def test_time_is_never_context():
    data = taste_data(outcome="one")
    timed = data.assign(TIMESTAMP=np.arange(len(data)))
    np.testing.assert_array_equal(table_of(fitted(timed, epochs=2)), table_of(fitted(data, epochs=2)))


def described_items(n=40):
    ids = np.arange(n) + 500
    return pd.DataFrame({"ITEM_ID": ids, "odd": (ids % 2).astype(float), "noise": np.sin(ids)})


def test_a_cold_item_is_represented_by_its_own_features():
    data, items = taste_data(outcome="one"), described_items()
    cold = data["ITEM_ID"].isin([505, 506])
    estimator = fitted(data[~cold], items, epochs=40)
    odd, even = estimator.items.encode([505, 506])
    scores = estimator.score_matrix(np.arange(len(estimator.users), dtype=np.int32))
    likes_odd = estimator.users.ids.astype(int) % 2 == 1
    assert (scores[likes_odd, odd] > scores[likes_odd, even]).mean() > 0.75
    assert (scores[~likes_odd, even] > scores[~likes_odd, odd]).mean() > 0.75


def test_items_after_training_are_scored_by_their_features_and_nothing_else_changes():
    data, items = taste_data(outcome="one"), described_items()
    estimator = fitted(data, items, epochs=40)
    grown = estimator.with_items(pd.DataFrame({"ITEM_ID": ["new"], "odd": [1.0], "noise": [0.0]}))
    assert list(grown.items.ids[:-1]) == list(estimator.items.ids)
    assert "new" not in estimator.items.ids
    rows = np.arange(len(grown.users), dtype=np.int32)
    np.testing.assert_array_equal(grown.score_matrix(rows)[:, :-1], estimator.score_matrix(rows))
    new = grown.score_matrix(rows)[:, -1]
    likes_odd = grown.users.ids.astype(int) % 2 == 1
    assert new[likes_odd].mean() > new[~likes_odd].mean()


def test_a_new_user_is_folded_in_from_a_history():
    data = taste_data(n_users=400, outcome="one")
    estimator = fitted(data, epochs=10, id_dropout=0.3, batch_size=256)
    chosen = [*range(501, 517, 2), *range(500, 516, 2)]
    history = pd.DataFrame({"USER_ID": ["odd"] * 8 + ["even"] * 8 + ["lost"], "ITEM_ID": [*chosen, -7]})
    users, vectors = estimator.user_vectors_of(history)
    space = estimator.retrieval_space()
    odd, even = vectors[users.encode(["odd", "even"])] @ space.item_vectors.T
    # The difference of both: what everybody likes is in either.
    gap = odd - even
    others = ~np.isin(space.items.ids, np.array(chosen).astype(str))
    is_odd = space.items.ids.astype(int) % 2 == 1
    assert (gap[others & is_odd][:, None] > gap[others & ~is_odd][None, :]).mean() > 0.75
    mean = space.user_vectors.mean(axis=0)
    np.testing.assert_allclose(vectors[users.encode(["lost"])[0]], mean, rtol=1e-5, atol=1e-6)
    alone = estimator.user_vector(history.iloc[:8])
    np.testing.assert_allclose(alone, vectors[users.encode(["odd"])[0]], rtol=1e-5, atol=1e-6)


def test_user_features_of_a_request_replace_those_of_training():
    data = taste_data(outcome="one")
    ids = np.unique(data["USER_ID"])
    users = pd.DataFrame({"USER_ID": ids, "likes_odd": (ids % 2).astype(float)})
    estimator = fitted(data, users=users, epochs=40, id_dropout=0.5)
    asked = np.array(["nobody", "nobody"], dtype=object)
    odd, even = (
        estimator.query_vectors(asked[:1], None, pd.DataFrame({"USER_ID": ["nobody"], "likes_odd": [value]}))
        for value in (1.0, 0.0)
    )
    items = estimator.items.ids.astype(int) % 2 == 1
    gap = (estimator.score_query_matrix(odd) - estimator.score_query_matrix(even))[0]
    assert gap[items].mean() > gap[~items].mean()


def test_early_stopping_keeps_the_best_epoch():
    data = taste_data(outcome="one").sample(frac=1, random_state=1)
    train, valid = data.iloc[:-100], data.iloc[-100:]
    estimator = TwoTowers.make(random_state=0, epochs=60, early_stopping_patience=3)
    seen = []
    estimator.fit_embedding_model(
        None, None, train, None, valid, progress=lambda done, text, epoch=None: seen.append(epoch)
    )
    values = np.array(estimator.validation_values_)
    assert len(values) < 60
    assert len(values) - 1 - values.argmax() == 3
    assert [epoch.value for epoch in seen] == list(values)
    assert seen[0].metric == "recall@20"
    assert seen[0].n_parameters == estimator.n_parameters_ > 0
    assert recall_at_20(estimator, train, valid) == pytest.approx(values.max())
    last = TwoTowers.make(random_state=0, epochs=60, early_stopping_patience=3, restore_best_weights=False)
    last.fit_embedding_model(None, None, train, None, valid)
    assert recall_at_20(last, train, valid) == pytest.approx(values[-1])
    rows = np.arange(5, dtype=np.int32)
    assert not np.array_equal(last.score_matrix(rows), estimator.score_matrix(rows))


def recall_at_20(estimator, train, valid):
    """Return the mean share of each user's validation items among its 20 best that were not trained on."""
    shares = []
    for user, held_out in valid.groupby("USER_ID")["ITEM_ID"]:
        scores = pd.Series(
            estimator.score_matrix(estimator.users.encode(pd.Series([user])))[0],
            estimator.items.ids.astype(int),
        )
        best = scores.drop(train.loc[train["USER_ID"] == user, "ITEM_ID"]).nlargest(20).index
        shares.append(np.isin(held_out, best).mean())
    return np.mean(shares)


def test_the_rate_falls_linearly_to_zero_over_all_steps(monkeypatch):
    rates = []
    monkeypatch.setattr(RowTable, "step", lambda table, rate: rates.append(rate))
    fitted(taste_data(outcome="one"), epochs=3, learning_rate=0.02)
    per_table = rates[::2]
    assert rates[1::2] == per_table
    np.testing.assert_allclose(per_table, 0.02 * (1 - np.arange(len(per_table)) / len(per_table)))


def batches_of(**settings):
    """Return the batches of `taste_data` with one item more that nobody chose."""
    encoded = EncodedInteractions.from_frame(taste_data(outcome="one"))
    history = history_matrix(encoded)
    n = len(encoded.user_index)
    data = TowerData(
        encoded.user_index, encoded.item_index, np.empty((n, 0), np.float32),
        history.indptr.astype(np.int64), history.indices, np.empty((history.shape[0], 0), np.float32),
        np.empty((len(encoded.items) + 1, 0), np.float32),
    )  # fmt: skip
    settings = TowerSettings.of(TwoTowers.make(**settings).get_params())
    return Batches(data, settings, np.random.default_rng(0), torch.device("cpu"))


def test_an_epoch_ends_after_its_steps_and_the_next_has_other_rows():
    batches = batches_of(batch_size=8, steps_per_epoch=3)
    walks = [[tuple(batch.distinct_items[batch.items].tolist()) for batch in batches] for _ in range(2)]
    assert [len(walk) for walk in walks] == [len(batches), len(batches)] == [3, 3]
    assert not set(walks[0]) & set(walks[1])
    n = len(taste_data(outcome="one"))
    assert len(batches_of(batch_size=8, steps_per_epoch=10**6)) == n // 8 == len(batches_of(batch_size=8))


def test_items_drawn_alike_for_all_are_corrected_by_how_often_they_are_met():
    """A batch of all rows beside M drawn items: an item's share is its count and what is drawn of it."""
    n = len(taste_data(outcome="one"))
    (batch,) = batches_of(batch_size=n, uniform_negatives=50_000)
    met = np.bincount(batch.distinct_items.numpy()[batch.items.numpy()])
    assert met[-1] > 0, "the last item that anybody chose"
    log_q = np.full(len(met), np.nan)
    log_q[batch.distinct_items.numpy()[batch.items.numpy()]] = batch.log_q.numpy()
    np.testing.assert_allclose(np.exp(log_q), met / n, rtol=0.1)


@pytest.mark.parametrize("mode", ["user_tower", "trilinear", "scoring_layer"])
def test_every_mode_is_saved_with_its_context(tmp_path, mode):
    data = with_context(taste_data(outcome="one"))
    estimator = fitted(data, described_items(), context_mode=mode, epochs=2)
    loaded = ContextualizedTwoTowerEstimator.load(estimator.save(tmp_path))
    for context in ({"weekend": 1.0}, None):
        np.testing.assert_array_equal(table_of(loaded, context), table_of(estimator, context))
    history = data[data["USER_ID"] == data["USER_ID"].iloc[0]]
    np.testing.assert_array_equal(loaded.user_vector(history), estimator.user_vector(history))


class TestPopularItemsLonger(TwoTowers):
    @classmethod
    def make(cls, **changes):
        return super().make(**{"popularity_power": 0.2, **changes})


def test_items_that_many_chose_have_longer_vectors_and_nothing_else_changes(tmp_path):
    data = taste_data(outcome="one")
    plain, longer = fitted(data), fitted(data, popularity_power=0.1)
    users = data.drop_duplicates(["USER_ID", "ITEM_ID"]).groupby(data["ITEM_ID"].astype(str)).size()
    expected = (1.0 + users.reindex(plain.items.ids, fill_value=0).to_numpy()) ** 0.1
    units, vectors = (estimator.retrieval_space().item_vectors for estimator in (plain, longer))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), expected, rtol=1e-5)
    np.testing.assert_allclose(vectors, units * expected[:, None], rtol=1e-5)
    np.testing.assert_array_equal(longer.retrieval_space().user_vectors, plain.retrieval_space().user_vectors)
    longer.save(tmp_path / "model")
    again = ContextualizedTwoTowerEstimator.load(tmp_path / "model")
    np.testing.assert_array_equal(again.retrieval_space().item_vectors, vectors)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"context_mode": "tower"}, "user_tower"),
        ({"temperature": 0.0}, "temperature"),
        ({"id_dropout": 1.0}, "id_dropout"),
        ({"final_embedding_dim": 0}, "final_embedding_dim"),
        ({"batch_size": 1}, "batch_size"),
        ({"uniform_negatives": -1}, "uniform_negatives"),
        ({"steps_per_epoch": 0}, "steps_per_epoch"),
        ({"popularity_power": -0.1}, "popularity_power"),
        ({"popularity_power": 0.1, "context_mode": "scoring_layer"}, "popularity_power must be 0"),
        ({"optimizer_name": "adm"}, "adam"),
        ({"device": "tpu9"}, "device"),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        fitted(taste_data(outcome="one"), **change)
