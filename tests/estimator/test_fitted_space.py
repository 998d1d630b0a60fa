"""A space fitted to a model's scores, on models whose rank is known."""

import numpy as np
import pytest

from skrec_lite.estimator.embedding import _fitted_space
from skrec_lite.estimator.embedding._fitted_space import fit_space
from skrec_lite.estimator.retrieval_space import shared_top


class Table:
    """A model that is a table of scores; its last row is the unknown user's."""

    def __init__(self, scores):
        self.scores = scores.astype(np.float32)

    def __call__(self, user_rows, item_rows):
        return self.scores[np.asarray(user_rows)[:, None], item_rows]


def low_rank(rank, n_users=300, n_items=500, seed=0):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_users + 1, rank)) @ rng.normal(size=(rank, n_items))
    return table + rng.normal(size=(n_users + 1, 1))


def test_scores_that_are_a_dot_product_are_found_again():
    table = low_rank(12)
    space = fit_space(Table(table), 300, np.ones(500))
    assert space.fidelity == pytest.approx(1.0)
    assert space.user_vectors.shape == (301, 13)
    np.testing.assert_allclose(space.user_vectors @ space.item_vectors.T, table, atol=0.02)


def test_a_constant_of_the_user_is_kept_in_the_last_coordinate():
    table = low_rank(3)
    shifted = table + np.linspace(-5, 5, len(table))[:, None]
    plain, moved = (fit_space(Table(scores), 300, np.ones(500)) for scores in (table, shifted))
    assert (plain.item_vectors[:, -1] == 1).all()
    np.testing.assert_allclose(
        moved.user_vectors[:, -1] - plain.user_vectors[:, -1], np.linspace(-5, 5, 301), atol=0.02
    )


def test_the_smallest_rank_that_is_faithful_is_chosen():
    assert fit_space(Table(low_rank(20)), 300, np.ones(500)).item_vectors.shape[1] == 20 + 1
    assert fit_space(Table(low_rank(50)), 300, np.ones(500)).item_vectors.shape[1] == 50 + 1


def test_noise_is_not_called_faithful():
    """A model that no vectors can carry gets a low measure, though its base users are fitted well."""
    table = np.random.default_rng(0).normal(size=(201, 4000))
    space = fit_space(Table(table), 200, np.ones(4000))
    assert space.fidelity < 0.6
    assert "40 users held out" in space.note


def test_fidelity_is_that_of_users_who_were_held_out():
    """The measure agrees with one over all users, by an independent computation."""
    rng = np.random.default_rng(1)
    table = np.tanh(low_rank(30, n_users=400)) + 0.05 * rng.normal(size=(401, 500))
    space = fit_space(Table(table), 400, rng.integers(1, 100, 500))
    dots = (space.user_vectors[:-1] @ space.item_vectors.T).astype(float)
    assert space.fidelity == pytest.approx(shared_top(table[:-1], dots, space.depth), abs=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_fidelity_is_reported_of_users_who_did_not_choose_the_rank(seed, monkeypatch):
    """Every rank is tried on the same users, and what is reported was measured once, on others."""
    measured = []

    def recorded(own, dots, depth):
        measured.append(({tuple(row) for row in own}, shared_top(own, dots, depth)))
        return measured[-1][1]

    monkeypatch.setattr(_fitted_space, "shared_top", recorded)
    rng = np.random.default_rng(seed)
    table = np.tanh(low_rank(40, seed=seed)) + 0.3 * rng.normal(size=(301, 500))
    space = fit_space(Table(table), 300, np.ones(500), seed)
    chosen_by = [users for users, _ in measured[:-1]]
    told_of, fidelity = measured[-1]
    assert len(chosen_by) == len(_fitted_space.RANKS)
    assert all(users == chosen_by[0] for users in chosen_by)
    assert not chosen_by[0] & told_of
    assert space.fidelity == fidelity
    assert len(told_of) == space.n_held_out


def test_same_seed_same_space():
    table = Table(np.tanh(low_rank(10)))
    first, second = (fit_space(table, 300, np.ones(500)) for _ in range(2))
    np.testing.assert_array_equal(first.user_vectors, second.user_vectors)
    np.testing.assert_array_equal(first.item_vectors, second.item_vectors)


@pytest.mark.parametrize(("n_users", "n_items"), [(1, 1), (1, 30), (2, 3), (30, 1)])
def test_the_smallest_of_data(n_users, n_items):
    table = low_rank(2, n_users, n_items)
    space = fit_space(Table(table), n_users, np.ones(n_items))
    assert np.isfinite(space.user_vectors).all()
    assert space.user_vectors.shape == (n_users + 1, space.item_vectors.shape[1])
    assert 0.0 <= space.fidelity <= 1.0


def test_more_items_than_are_sampled():
    """With 5,000 items each user is scored on a sample only, and the unsampled ones are found too."""
    table = low_rank(16, n_users=250, n_items=5000)
    scored = []

    class Counting(Table):
        def __call__(self, user_rows, item_rows):
            scored.append(item_rows.size)
            return super().__call__(user_rows, item_rows)

    space = fit_space(Counting(table), 250, np.arange(5000)[::-1])
    assert space.fidelity > 0.99
    np.testing.assert_allclose(space.user_vectors @ space.item_vectors.T, table, atol=0.05)
