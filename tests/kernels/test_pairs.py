"""Gathering kernels against plain numpy."""

import numpy as np
import pytest

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Exclusion, Withheld
from skrec_lite.kernels.pairs import dot_candidates, first_allowed, gather_pair_features
from skrec_lite.kernels.threads import for_each_chunk


def test_dot_candidates_equals_einsum_and_padding_is_minus_infinity():
    rng = np.random.default_rng(0)
    queries, items = rng.normal(size=(500, 7)).astype("f"), rng.normal(size=(90, 7)).astype("f")
    candidates = rng.integers(-1, 90, size=(500, 12)).astype(np.int32)
    expected = np.einsum("rf,rkf->rk", queries, items[candidates])
    out = dot_candidates(queries, items, candidates)
    np.testing.assert_allclose(out[candidates >= 0], expected[candidates >= 0], rtol=1e-5, atol=1e-5)
    assert (out[candidates < 0] == -np.inf).all()


def test_pair_features_are_query_then_item_then_affinity():
    rng = np.random.default_rng(0)
    queries, items = rng.normal(size=(40, 2)).astype("f"), rng.normal(size=(9, 3)).astype("f")
    query_vectors, item_vectors = rng.normal(size=(40, 4)).astype("f"), rng.normal(size=(9, 4)).astype("f")
    candidates = rng.integers(0, 9, size=(40, 5)).astype(np.int32)
    out = gather_pair_features(queries, items, query_vectors, item_vectors, candidates).reshape(40, 5, 6)
    np.testing.assert_array_equal(out[:, :, :2], np.broadcast_to(queries[:, None], (40, 5, 2)))
    np.testing.assert_array_equal(out[:, :, 2:5], items[candidates])
    affinity = np.einsum("rf,rkf->rk", query_vectors, item_vectors[candidates])
    np.testing.assert_allclose(out[:, :, 5], affinity, rtol=1e-5, atol=1e-6)


def test_first_allowed_walks_the_order_past_what_is_withheld():
    order = np.array([3, 1, 0, 2], dtype=np.int32)
    withheld = Withheld(
        np.array([-1, 0, 1], dtype=np.int32), np.array([0, 1, 4]), np.array([3, 0, 1, 2], dtype=np.int32)
    )
    positions = first_allowed(order, 4, 3, 3, withheld)
    assert positions.tolist() == [[0, 1, 2], [1, 2, 3], [0, -1, -1]]
    assert first_allowed(order, 4, 6, 2).tolist() == [[0, 1, 2, 3, -1, -1]] * 2


def test_exclusion_speaks_of_any_users_in_any_item_map():
    users, items = IdMap(["u", "v"]), IdMap(["a", "b", "c"])
    exclusion = Exclusion(users, items, np.array([0, 2, 3]), np.array([0, 2, 1], dtype=np.int32))
    other = IdMap(["c", "x", "a"])
    for asked, expected in (
        (["v", "nobody", "u", "u"], [(2, 0), (2, 2), (3, 0), (3, 2)]),
        (["nobody"], []),
        ([], []),
    ):
        owner, columns = exclusion.of(asked, other).pairs()
        assert sorted(zip(owner.tolist(), columns.tolist(), strict=True)) == expected
    same = exclusion.of(["v", "nobody", "u"], IdMap(["a", "b", "c"]))
    owner, columns = same.pairs()
    assert list(zip(owner.tolist(), columns.tolist(), strict=True)) == [(0, 1), (2, 0), (2, 2)]
    assert same.longest == 2
    assert same[1:2].longest == 0


def test_chunks_cover_every_row_once_and_errors_surface():
    covered = np.zeros(1000, dtype=int)

    def mark(start, stop):
        covered[start:stop] += 1

    for_each_chunk(1000, mark, min_rows=10)
    assert (covered == 1).all()

    def fail(start, stop):
        raise ValueError("chunk")

    with pytest.raises(ValueError, match="chunk"):
        for_each_chunk(1000, fail, min_rows=10)
