"""What every embedding estimator must do. Inherit `EmbeddingEstimatorConformance` and give `make`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone

from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.persistence import load_estimator
from skrec_lite.estimator.retrieval_space import shared_top
from skrec_lite.exceptions import Cancelled, InvalidParameterError


def taste_data(n_users=60, n_items=40, seed=0, outcome="rating"):
    """Two groups of users, each fond of half of the items, with uneven popularity; shuffled rows."""
    rng = np.random.default_rng(seed)
    likes = (np.arange(n_users)[:, None] % 2) == (np.arange(n_items)[None, :] % 2)
    popularity = np.linspace(1.6, 0.5, n_items)[None, :]
    chosen = rng.random((n_users, n_items)) < np.where(likes, 0.55, 0.12) * popularity
    user, item = np.nonzero(chosen)
    liked = likes[user, item]
    rating = np.clip(np.round(np.where(liked, 4.3, 2.2) + rng.normal(0, 0.7, len(user))), 1, 5)
    values = {"rating": rating, "binary": (rating >= 4).astype(float), "one": np.ones(len(user))}[outcome]
    frame = pd.DataFrame({"USER_ID": user + 100, "ITEM_ID": item + 500, "OUTCOME": values})
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)


def vectors(frame, column):
    return np.stack(frame[column].to_numpy())


class EmbeddingEstimatorConformance:
    outcome = "rating"
    #: Whether the retrieval space is the model's order itself, or fitted to it.
    is_exact = True
    #: Whether scores are a dot product of the vectors, so that the mean vector has the mean score.
    is_linear = True

    @classmethod
    def make(cls, **changes):
        raise AssertionError("define it")

    @pytest.fixture(scope="class")
    @classmethod
    def data(cls):
        return taste_data(outcome=cls.outcome)

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, data):
        return cls.fit(data)

    @classmethod
    def fit(cls, data, items=None, **changes):
        estimator = cls.make(**{"random_state": 0, **changes})
        estimator.fit_embedding_model(None, items, data)
        return estimator

    def full_table(self, estimator):
        """Score every pair through the public frame interface, shape (n_users, n_items)."""
        users, items = estimator.users.ids, estimator.items.ids
        pairs = pd.DataFrame({"USER_ID": np.repeat(users, len(items)), "ITEM_ID": np.tile(items, len(users))})
        return estimator.predict_proba_with_embeddings(pairs).reshape(len(users), len(items))

    def assert_predictions_agree(self, actual, expected, rtol):
        """Compare predictions by vectors with the model's own: equal, or close where the space is fitted."""
        if self.is_exact:
            np.testing.assert_allclose(actual, expected, rtol=rtol)
        else:
            assert np.corrcoef(actual, expected)[0, 1] > 0.98

    def test_retrieval_order_is_the_models_order_on_the_full_catalogue(self, fitted):
        space = fitted.retrieval_space()
        assert space.exact == self.is_exact
        assert space.users == fitted.users
        assert space.items == fitted.items
        table = self.full_table(fitted)
        assert np.ptp(table, axis=1).min() > 0
        if not self.is_exact:
            assert 0.0 <= space.fidelity <= 1.0
            dots = space.user_vectors @ space.item_vectors.T
            assert shared_top(table, dots.astype(float), k=10) >= 0.95
            return
        for own, vector in zip(table, space.user_vectors, strict=True):
            walked = own[np.argsort(-(space.item_vectors @ vector))]
            assert (np.diff(walked) <= 1e-5 * np.ptp(own)).all()

    def test_embeddings_are_the_retrieval_space_by_id(self, fitted):
        space = fitted.retrieval_space()
        users, items = fitted.get_user_embeddings(), fitted.get_item_embeddings()
        assert list(users.columns) == ["USER_ID", "EMBEDDING"]
        assert list(items.columns) == ["ITEM_ID", "ITEM_EMBEDDING"]
        assert list(users["USER_ID"]) == list(space.users.ids)
        assert list(items["ITEM_ID"]) == list(space.items.ids)
        np.testing.assert_array_equal(vectors(users, "EMBEDDING"), space.user_vectors)
        np.testing.assert_array_equal(vectors(items, "ITEM_EMBEDDING"), space.item_vectors)

    def test_changing_a_returned_embedding_changes_no_model(self, fitted):
        before = self.full_table(fitted)
        for frame, column in (
            (fitted.get_user_embeddings(), "EMBEDDING"),
            (fitted.get_item_embeddings(), "ITEM_EMBEDDING"),
        ):
            for vector in frame[column]:
                vector *= -1.0
        np.testing.assert_array_equal(self.full_table(fitted), before)

    def test_pairs_and_matrix_and_frame_agree(self, fitted):
        rows = np.arange(len(fitted.users), dtype=np.int32)
        every = np.tile(np.arange(len(fitted.items), dtype=np.int32), (len(rows), 1))
        pairs, matrix = fitted.score_pairs(rows, every), fitted.score_matrix(rows)
        assert pairs.dtype == matrix.dtype == np.float32
        np.testing.assert_allclose(pairs, matrix, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(
            fitted.to_outcome(matrix, rows), self.full_table(fitted), rtol=1e-4, atol=1e-5
        )

    def test_batch_equals_single(self, fitted):
        rows = np.array([5, 0, 5, 11], dtype=np.int32)
        items = np.array([[3, 1], [0, 2], [7, 7], [9, -1]], dtype=np.int32)
        together = fitted.score_pairs(rows, items)
        for position, (row, candidates) in enumerate(zip(rows, items, strict=True)):
            for column, item in enumerate(candidates):
                alone = fitted.score_pairs(np.array([row]), np.array([[item]], dtype=np.int32))
                assert alone[0, 0] == pytest.approx(together[position, column], rel=1e-5, abs=1e-6)

    def test_order_of_input_rows_is_irrelevant(self, data, fitted):
        shuffled = self.fit(data.sample(frac=1.0, random_state=9))
        np.testing.assert_array_equal(self.full_table(shuffled), self.full_table(fitted))

    def test_permuted_queries_give_permuted_answers(self, data, fitted):
        order = np.random.default_rng(1).permutation(len(data))
        np.testing.assert_array_equal(
            fitted.predict_proba_with_embeddings(data.iloc[order]),
            fitted.predict_proba_with_embeddings(data)[order],
        )

    def test_int_and_str_ids_are_the_same_ids(self, data, fitted):
        as_text = data.astype({"USER_ID": str, "ITEM_ID": str})
        np.testing.assert_array_equal(self.full_table(self.fit(as_text)), self.full_table(fitted))
        np.testing.assert_array_equal(
            fitted.predict_proba_with_embeddings(as_text), fitted.predict_proba_with_embeddings(data)
        )

    def test_unknown_user_gets_the_order_of_the_mean_user_not_noise(self, fitted):
        items = fitted.items.ids
        pairs = pd.DataFrame({"USER_ID": ["nobody"] * len(items), "ITEM_ID": items})
        scores = fitted.predict_proba_with_embeddings(pairs)
        rows = np.arange(len(fitted.users), dtype=np.int32)
        mean = fitted.score_matrix(rows).astype(float).mean(axis=0)
        if not self.is_linear:
            assert spearmanr(scores, mean).statistic > 0.8
            return
        walked = mean[np.argsort(-scores)]
        assert (np.diff(walked) <= 1e-4 * np.ptp(mean)).all()

    def test_unknown_item_is_an_average_item(self, fitted):
        rows = np.arange(len(fitted.users), dtype=np.int32)
        unknown = fitted.score_pairs(rows, np.full((len(rows), 1), -1, dtype=np.int32))[:, 0]
        table = fitted.score_matrix(rows).astype(float)
        if not self.is_linear:
            low, high = np.quantile(table, (0.1, 0.9), axis=1)
            assert ((low <= unknown) & (unknown <= high)).mean() > 0.9
            return
        mean = table.mean(axis=1)
        np.testing.assert_allclose(unknown, mean, rtol=1e-3, atol=1e-4)

    def test_items_frame_is_the_catalogue_and_a_cold_item_is_an_average_item(self, data):
        items = pd.DataFrame({"ITEM_ID": [*sorted(data["ITEM_ID"].unique())[1:], 9999]})
        estimator = self.fit(data, items)
        assert sorted(estimator.items.ids) == sorted(items["ITEM_ID"].astype(str))
        cold = int(estimator.items.encode([9999])[0])
        rows = np.arange(len(estimator.users), dtype=np.int32)
        pair = np.tile(np.array([[cold, -1]], dtype=np.int32), (len(rows), 1))
        scores = estimator.score_pairs(rows, pair)
        # Not to the bit: a matrix product may round the same row differently at another place.
        np.testing.assert_allclose(scores[:, 0], scores[:, 1], rtol=1e-5, atol=1e-6)

    def test_same_seed_same_result_and_another_seed_another(self, data, fitted):
        np.testing.assert_array_equal(self.full_table(self.fit(data)), self.full_table(fitted))
        other = self.fit(data, random_state=1)
        assert not np.array_equal(self.full_table(other), self.full_table(fitted))

    def test_no_seed_draws_a_fresh_one(self, data):
        first, second = self.fit(data, random_state=None), self.fit(data, random_state=None)
        assert not np.array_equal(self.full_table(first), self.full_table(second))

    def test_global_random_state_is_untouched(self, data):
        before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is tested
        self.fit(data)
        np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002

    def test_progress_rises_to_one_with_a_loss_each_epoch(self, data):
        seen = []
        estimator = self.make(random_state=0)
        estimator.fit_embedding_model(
            None, None, data, progress=lambda done, text, epoch=None: seen.append((done, text))
        )
        fractions = [done for done, _ in seen]
        assert len(seen) == estimator.epochs
        assert fractions == sorted(set(fractions))
        assert fractions[-1] == pytest.approx(1.0)
        assert all("loss" in text for _, text in seen)

    def test_cancel_stops_within_an_epoch_and_leaves_the_earlier_fit(self, data, fitted):
        estimator = self.fit(data)
        epochs = []
        with pytest.raises(Cancelled):
            estimator.fit_embedding_model(
                None,
                None,
                data.iloc[: len(data) // 2],
                progress=lambda done, text, epoch=None: epochs.append(done),
                cancel=lambda: len(epochs) >= 2,
            )
        assert len(epochs) == 2
        np.testing.assert_array_equal(self.full_table(estimator), self.full_table(fitted))

    def test_use_before_fit_is_a_runtime_error(self, data):
        estimator = self.make()
        rows = np.zeros(1, dtype=np.int32)
        for call in (
            estimator.get_user_embeddings,
            estimator.get_item_embeddings,
            estimator.retrieval_space,
            lambda: estimator.predict_proba_with_embeddings(data),
            lambda: estimator.score_matrix(rows),
            lambda: estimator.score_pairs(rows, rows[:, None]),
            lambda: estimator.users,
            lambda: estimator.items,
        ):
            with pytest.raises(RuntimeError, match="fit"):
                call()

    def test_parameters_round_trip_and_clone_is_unfitted(self, fitted):
        copy = clone(fitted)
        assert copy.get_params() == fitted.get_params()
        assert copy.set_params(epochs=3).epochs == 3
        with pytest.raises(RuntimeError):
            copy.get_user_embeddings()

    def test_saved_and_loaded_it_is_the_same_model(self, tmp_path, data, fitted):
        loaded = load_estimator(fitted.save(tmp_path))
        assert type(loaded) is type(fitted)
        assert loaded.get_params() == fitted.get_params()
        assert (loaded.users, loaded.items) == (fitted.users, fitted.items)
        rows = np.arange(-1, len(fitted.users), dtype=np.int32)
        np.testing.assert_array_equal(loaded.score_matrix(rows), fitted.score_matrix(rows))
        np.testing.assert_array_equal(self.full_table(loaded), self.full_table(fitted))
        mine, theirs = loaded.retrieval_space(), fitted.retrieval_space()
        np.testing.assert_array_equal(mine.user_vectors, theirs.user_vectors)
        np.testing.assert_array_equal(mine.item_vectors, theirs.item_vectors)
        assert (mine.exact, mine.fidelity) == (theirs.exact, theirs.fidelity)

    def test_an_unfitted_model_is_not_saved(self, tmp_path):
        with pytest.raises(RuntimeError, match="fit"):
            self.make().save(tmp_path / "model")
        assert not (tmp_path / "model").exists()

    def test_users_are_folded_in_alike_alone_together_and_after_loading_or_it_is_refused(
        self, tmp_path, data, fitted
    ):
        some = data[data["USER_ID"] < 110].assign(USER_ID=lambda frame: "new" + frame["USER_ID"].astype(str))
        if type(fitted).user_vectors_of is BaseEmbeddingEstimator.user_vectors_of:
            with pytest.raises(InvalidParameterError, match="cannot fold in"):
                fitted.user_vectors_of(some)
            return
        users, folded = fitted.user_vectors_of(some)
        assert list(users.ids) == sorted(some["USER_ID"].unique())
        assert folded.dtype == np.float32
        assert folded.shape == (len(users), fitted.retrieval_space().item_vectors.shape[1])
        np.testing.assert_array_equal(
            load_estimator(fitted.save(tmp_path)).user_vectors_of(some.iloc[::-1])[1], folded
        )
        for user, vector in zip(users.ids, folded, strict=True):
            alone = fitted.user_vector(some[some["USER_ID"] == user])
            np.testing.assert_allclose(alone, vector, rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("column", ["USER_ID", "ITEM_ID"])
    def test_null_and_missing_ids_are_refused_by_name(self, data, column):
        holed = data.astype({column: object})
        holed.loc[3, column] = None
        for bad in (holed, data.drop(columns=column)):
            with pytest.raises(ValueError, match=column):
                self.fit(bad)

    def test_empty_interactions_are_refused(self, data):
        with pytest.raises(ValueError, match="non-empty"):
            self.fit(data.iloc[:0])

    def test_threads_agree_with_serial_calls(self, fitted):
        rows = np.arange(len(fitted.users), dtype=np.int32)
        every = np.tile(np.arange(len(fitted.items), dtype=np.int32), (len(rows), 1))
        expected = fitted.score_pairs(rows, every)
        with ThreadPoolExecutor(4) as pool:
            for scores in pool.map(lambda _: fitted.score_pairs(rows, every), range(16)):
                np.testing.assert_array_equal(scores, expected)

    def test_given_user_vectors_stand_for_the_learned_ones(self, data, fitted):
        users = fitted.get_user_embeddings()
        own = fitted.predict_proba_with_embeddings(data)
        self.assert_predictions_agree(fitted.predict_proba_with_embeddings(data, users), own, rtol=1e-6)
        swapped = users.assign(EMBEDDING=users["EMBEDDING"].iloc[::-1].to_list())
        other = pd.DataFrame(
            {"USER_ID": users["USER_ID"].iloc[::-1].to_list(), "ITEM_ID": data["ITEM_ID"].iloc[0]}
        )
        mine = pd.DataFrame({"USER_ID": users["USER_ID"], "ITEM_ID": data["ITEM_ID"].iloc[0]})
        rows, reversed_rows = fitted.users.encode(mine["USER_ID"]), fitted.users.encode(other["USER_ID"])
        item = np.tile(fitted.items.encode(mine["ITEM_ID"])[:1], (len(rows), 1))
        expected = fitted.to_outcome(fitted.score_pairs(reversed_rows, item), rows)[:, 0]
        swapped_predictions = fitted.predict_proba_with_embeddings(mine, swapped)
        self.assert_predictions_agree(swapped_predictions, expected, rtol=1e-5)

    def test_given_vectors_of_the_wrong_width_are_refused(self, data, fitted):
        users = fitted.get_user_embeddings()
        narrow = users.assign(EMBEDDING=[vector[:-1] for vector in users["EMBEDDING"]])
        with pytest.raises(ValueError, match="EMBEDDING"):
            fitted.predict_proba_with_embeddings(data, narrow)

    def test_learns_the_two_tastes(self, fitted):
        """Unseen items of a user's own group score above unseen items of the other group."""
        table = self.full_table(fitted)
        users = fitted.users.ids.astype(int)
        items = fitted.items.ids.astype(int)
        own = (users[:, None] % 2) == (items[None, :] % 2)
        gap = np.where(own, table, np.nan), np.where(own, np.nan, table)
        assert (np.nanmean(gap[0], axis=1) > np.nanmean(gap[1], axis=1)).mean() > 0.95
