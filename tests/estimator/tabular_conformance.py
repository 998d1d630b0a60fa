"""What every tabular estimator must do. Inherit `TabularEstimatorConformance` and give `make`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skrec_lite.estimator.persistence import load_estimator
from skrec_lite.exceptions import Cancelled

COLUMNS = ["price", "taste", "age [days]", "noise"]


def known_order(n_users=60, items_per_user=10, seed=0, missing=0.0):
    """The taste decides: each user chose the items of taste above their median, whatever else they are."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_users * items_per_user, len(COLUMNS))).astype(np.float32)
    users = np.repeat(np.arange(n_users), items_per_user)
    taste = table[:, 1].reshape(n_users, items_per_user)
    label = (taste > np.median(taste, axis=1, keepdims=True)).ravel().astype(int)
    table[rng.random(table.shape) < missing] = np.nan
    return pd.DataFrame(table, columns=COLUMNS), label, users


def ordered_pairs(scores, label, users):
    """Share of a user's (chosen, not chosen) pairs that the scores order rightly."""
    right = total = 0
    for user in np.unique(users):
        own, chosen = scores[users == user], label[users == user] == 1
        differences = own[chosen][:, None] - own[~chosen][None, :]
        right, total = right + (differences > 0).sum(), total + differences.size
    return right / total


class TabularEstimatorConformance:
    ranks = False
    gives_probabilities = True
    rounds = None

    @classmethod
    def make(cls):
        raise AssertionError("define it")

    @classmethod
    def fit(cls, data, estimator=None, valid=None, **options):
        estimator = cls.make() if estimator is None else estimator
        table, label, users = data
        if valid is not None:
            options |= {"X_valid": valid[0], "y_valid": valid[1]}
            options |= {"groups_valid": valid[2]} if cls.ranks else {}
        if cls.ranks:
            options = {"groups": users, **options}
        estimator.fit(table, label, **options)
        return estimator

    @staticmethod
    def scores(estimator, table):
        return estimator.predict_scores(estimator.as_features(table))

    @pytest.fixture(scope="class")
    @classmethod
    def data(cls):
        return known_order()

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, data):
        return cls.fit(data)

    def test_learns_the_order_and_keeps_it_for_unseen_users(self, fitted):
        table, label, users = known_order(seed=1)
        scores = self.scores(fitted, table)
        assert ordered_pairs(scores, label, users) > 0.93
        assert ordered_pairs(-scores, label, users) < 0.07

    def test_scores_are_one_float32_a_row(self, data, fitted):
        scores = self.scores(fitted, data[0])
        assert scores.dtype == np.float32
        assert scores.shape == (600,)
        assert np.isfinite(scores).all()
        assert fitted.predict_scores(np.empty((0, 4), np.float32)).shape == (0,)

    def test_probabilities_are_the_scores_or_are_refused(self, data, fitted):
        assert fitted.gives_probabilities is self.gives_probabilities
        if not self.gives_probabilities:
            with pytest.raises(ValueError, match=r"no probabilities.*predict_scores"):
                fitted.predict_proba(data[0])
            return
        both = fitted.predict_proba(data[0])
        np.testing.assert_array_equal(both[:, 1], self.scores(fitted, data[0]))
        np.testing.assert_allclose(both.sum(axis=1), 1.0, rtol=1e-6)
        assert both.min() >= 0.0

    def test_columns_go_by_name(self, data, fitted):
        expected = self.scores(fitted, data[0])
        shuffled = data[0][["noise", "age [days]", "price", "taste"]].assign(extra=1.0)
        np.testing.assert_array_equal(self.scores(fitted, shuffled), expected)
        np.testing.assert_array_equal(self.scores(fitted, data[0].to_numpy()), expected)
        assert fitted.feature_names == tuple(COLUMNS)

    def test_missing_columns_and_another_width_are_refused(self, data, fitted):
        with pytest.raises(ValueError, match=r"'taste'.*Did you mean 'tastes'"):
            fitted.as_features(data[0].rename(columns={"taste": "tastes"}))
        with pytest.raises(ValueError, match="fitted on 4 features, but got 3"):
            fitted.as_features(data[0].to_numpy()[:, :3])

    def test_batch_equals_single(self, data, fitted):
        table = fitted.as_features(data[0])[:40]
        together = fitted.predict_scores(table)
        alone = [fitted.predict_scores(table[[row]])[0] for row in range(40)]
        np.testing.assert_allclose(alone, together, rtol=1e-5, atol=1e-6)

    def test_permuted_rows_give_permuted_scores(self, data, fitted):
        order = np.random.default_rng(1).permutation(600)
        expected = self.scores(fitted, data[0])[order]
        np.testing.assert_allclose(self.scores(fitted, data[0].iloc[order]), expected, rtol=1e-5, atol=1e-6)

    def test_same_seed_same_result_and_the_global_seed_is_untouched(self, data, fitted):
        before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is tested
        again = self.fit(data)
        np.testing.assert_array_equal(self.scores(again, data[0]), self.scores(fitted, data[0]))
        np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002

    def test_missing_values_are_learned_from_and_scored(self):
        table, label, users = known_order(missing=0.2)
        estimator = self.fit((table, label, users))
        scores = self.scores(estimator, table)
        assert np.isfinite(scores).all()
        assert 0.75 < ordered_pairs(scores, label, users) < 1.0
        assert np.isfinite(self.scores(estimator, np.full((2, 4), np.nan, np.float32))).all()

    def test_unusable_labels_are_refused(self, data):
        table, label, users = data
        for constant in (0, 1):
            with pytest.raises(ValueError, match="other label"):
                self.fit((table, np.full(600, constant), users))
        stars = label.astype(float)
        stars[:7] = 4.5
        with pytest.raises(ValueError, match=r"7 of 600 rows.*4\.5"):
            self.fit((table, stars, users))
        with pytest.raises(ValueError, match="600 rows"):
            self.fit((table, label[:-1], users))

    def test_unusable_features_are_refused_by_name(self, data):
        table, label, users = data
        with pytest.raises(ValueError, match="'genre'"):
            self.fit((table.assign(genre="Drama"), label, users))
        endless = table.copy()
        endless.loc[[3, 9], "price"] = np.inf
        with pytest.raises(ValueError, match=r"'price' is infinite.* 2 of 600 rows"):
            self.fit((endless, label, users))
        with pytest.raises(ValueError, match="together"):
            self.fit(data, X_valid=table)

    def test_progress_rises_to_one_and_carries_the_validation_measure(self, data):
        seen = []
        self.fit(
            data,
            valid=known_order(seed=2),
            progress=lambda done, text, epoch=None: seen.append((done, text, epoch)),
        )
        fractions = [done for done, _, _ in seen]
        assert fractions == sorted(set(fractions))
        assert fractions[-1] == pytest.approx(1.0)
        epochs = [epoch for _, _, epoch in seen if epoch is not None]
        assert [epoch.number for epoch in epochs] == list(range(1, (self.rounds or 1) + 1))
        assert {epoch.total for epoch in epochs} == {self.rounds or 1}
        assert {epoch.unit for epoch in epochs} == {"round" if self.rounds else "fit"}
        assert all(epoch.metric and np.isfinite(epoch.value) for epoch in epochs)
        if self.rounds:
            assert f"{epochs[-1].metric} {epochs[-1].value:.4f}" in seen[-1][1]

    def test_without_a_validation_set_nothing_is_said_to_be_measured(self, data):
        seen = []
        self.fit(data, progress=lambda done, text, epoch=None: seen.append(epoch))
        assert (seen[-1].metric, seen[-1].value) == ("", None)

    def test_being_watched_changes_no_model(self, data):
        seen = []
        watched = self.fit(
            data,
            valid=known_order(seed=2),
            progress=lambda done, text, epoch=None: seen.append(epoch),
        )
        alone = self.fit(data, valid=known_order(seed=2))
        np.testing.assert_array_equal(self.scores(watched, data[0]), self.scores(alone, data[0]))
        assert seen[-1].seconds > 0

    @pytest.mark.parametrize("asked", [1, 2])
    def test_cancel_leaves_the_earlier_fit(self, data, asked):
        estimator = self.fit(data)
        before = self.scores(estimator, data[0])
        questions = []

        def cancel():
            questions.append(1)
            return len(questions) == asked

        table, label, users = data
        with pytest.raises(Cancelled):
            self.fit((table[["price", "noise"]], 1 - label, users), estimator, cancel=cancel)
        assert len(questions) == asked
        np.testing.assert_array_equal(self.scores(estimator, table), before)

    def test_use_before_fit_is_a_runtime_error(self, data, tmp_path):
        estimator = self.make()
        for call in (
            lambda: estimator.predict_proba(data[0]),
            lambda: estimator.predict_scores(data[0].to_numpy()),
            lambda: estimator.as_features(data[0]),
            lambda: estimator.gives_probabilities,
            lambda: estimator.save(tmp_path),
        ):
            with pytest.raises(RuntimeError, match="fit"):
                call()

    def test_parameters_round_trip_and_a_clone_is_unfitted(self, data, fitted):
        copy = clone(fitted)
        assert repr(copy) == repr(fitted)
        assert copy.get_params(deep=False).keys() == fitted.get_params(deep=False).keys()
        with pytest.raises(RuntimeError):
            copy.predict_scores(np.zeros((1, 4), np.float32))
        np.testing.assert_array_equal(
            self.scores(self.fit(data, copy), data[0]), self.scores(fitted, data[0])
        )
        with pytest.raises(ValueError, match="no parameter 'modle'"):
            copy.set_params(modle=3)

    def test_a_saved_model_scores_bit_equal(self, data, fitted, tmp_path):
        fitted.save(tmp_path)
        for loaded in (load_estimator(tmp_path), type(fitted).load(tmp_path)):
            assert type(loaded) is type(fitted)
            assert loaded.feature_names == fitted.feature_names
            assert loaded.gives_probabilities is fitted.gives_probabilities
            assert repr(loaded) == repr(fitted)
            np.testing.assert_array_equal(self.scores(loaded, data[0]), self.scores(fitted, data[0]))
            again = self.fit(data, loaded)
            np.testing.assert_array_equal(self.scores(again, data[0]), self.scores(fitted, data[0]))

    def test_a_saved_model_remembers_missing_values(self, tmp_path):
        table, label, users = known_order(missing=0.2)
        estimator = self.fit((table, label, users))
        loaded = load_estimator(estimator.save(tmp_path))
        np.testing.assert_array_equal(self.scores(loaded, table), self.scores(estimator, table))

    def test_a_damaged_save_is_refused(self, fitted, tmp_path):
        fitted.save(tmp_path)
        (engine,) = [file for file in tmp_path.iterdir() if file.name.split(".")[0] in {"trees", "model"}]
        engine.write_bytes(b"nothing of use")
        with pytest.raises(ValueError, match="Save it again"):
            load_estimator(tmp_path)

    def test_threads_agree_with_serial_calls(self, data, fitted):
        table = fitted.as_features(data[0])
        expected = fitted.predict_scores(table)
        with ThreadPoolExecutor(4) as pool:
            for scores in pool.map(lambda _: fitted.predict_scores(table), range(12)):
                np.testing.assert_array_equal(scores, expected)


class RankingConformance(TabularEstimatorConformance):
    """On top: what learning an order within groups owes."""

    ranks = True
    gives_probabilities = False

    def test_groups_are_needed_and_checked(self, data):
        table, label, users = data
        with pytest.raises(ValueError, match=r"groups is missing.*Pass groups="):
            self.make().fit(table, label)
        with pytest.raises(ValueError, match="groups_valid is missing"):
            self.make().fit(table, label, table, label, groups=users)
        with pytest.raises(ValueError, match=r"one integer for each of 600 rows. Got 599"):
            self.make().fit(table, label, groups=users[:-1])
        with pytest.raises(ValueError, match="float64"):
            self.make().fit(table, label, groups=users + 0.5)
        with pytest.raises(ValueError, match="None of the 2 groups holds both labels"):
            self.make().fit(table, label, groups=label)

    def test_rows_are_sorted_by_group_whatever_their_order_and_numbers(self, data, fitted):
        table, label, users = data
        interleaved = np.arange(600).reshape(60, 10).T.ravel()
        estimator = self.make()
        estimator.fit(table.iloc[interleaved], label[interleaved], groups=users[interleaved] * 7 - 100)
        np.testing.assert_array_equal(self.scores(estimator, table), self.scores(fitted, table))

    def test_only_the_order_within_a_group_is_learned(self):
        """Across users the taste misleads; within each user it decides."""
        table, label, users = known_order()
        shifted = table.copy()
        # Who chose much is given little taste: over all rows the taste speaks against a choice.
        generous = users % 2 == 0
        shifted["taste"] += np.where(generous, -8.0, 8.0)
        keep = np.where(
            generous, (label == 1) | (np.arange(600) % 5 == 0), (label == 0) | (np.arange(600) % 5 == 0)
        )
        rows = shifted[keep], label[keep], users[keep]
        assert np.corrcoef(rows[0]["taste"], rows[1])[0, 1] < -0.3
        scores = self.scores(self.fit(rows), rows[0])
        assert ordered_pairs(scores, rows[1], rows[2]) > 0.85
