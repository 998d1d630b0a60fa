"""What every retriever must do; inherit `RetrieverConformance` and say how to build one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.kernels.exclusion import Exclusion


def toy_interactions(seed=0, n_users=40, n_items=60, n=900):
    """Two camps of users, each mostly within its own half of the items."""
    rng = np.random.default_rng(seed)
    users = rng.integers(0, n_users, n)
    own_half = rng.random(n) < 0.85
    items = rng.integers(0, n_items // 2, n) + np.where(own_half == (users % 2 == 0), 0, n_items // 2)
    frame = pd.DataFrame({"USER_ID": users, "ITEM_ID": items, "OUTCOME": 1.0})
    return frame.drop_duplicates(["USER_ID", "ITEM_ID"], ignore_index=True)


def toy_items(n_items=60):
    """One feature tells the halves apart, one varies within."""
    half = np.where(np.arange(n_items) < n_items // 2, 1.0, -1.0)
    return pd.DataFrame(
        {"ITEM_ID": np.arange(n_items), "half": half, "slope": np.linspace(-0.5, 0.5, n_items)}
    )


class RetrieverConformance:
    """Inherit and define `make(top_k)` and `built(retriever, interactions, items)`."""

    def make(self, top_k=10):
        raise AssertionError("define make")

    def built(self, retriever, interactions, items):
        retriever.build_index(interactions=interactions, items=items)
        return retriever

    @pytest.fixture
    def interactions(self):
        return toy_interactions()

    @pytest.fixture
    def retriever(self, interactions):
        return self.built(self.make(), interactions, toy_items())

    @pytest.mark.parametrize("top_k", [0, -3, 2.5, True, "10"])
    def test_top_k_must_be_a_positive_integer(self, top_k):
        with pytest.raises(ValueError, match="top_k"):
            self.make(top_k)

    def test_retrieve_before_build_index_is_a_runtime_error(self):
        with pytest.raises(RuntimeError, match="build_index"):
            self.make().retrieve([1], 5)

    def test_pools_have_distinct_known_items_best_first(self, retriever):
        pool = retriever.retrieve_batch(range(40), 25)
        for row, scores in zip(pool.item_index, pool.scores, strict=True):
            assert len(set(row[row >= 0])) == (row >= 0).sum() == 25
            assert (np.diff(scores) <= 0).all()

    def test_a_smaller_pool_is_the_head_of_a_larger_one(self, retriever):
        large, small = retriever.retrieve_batch(range(40), 30), retriever.retrieve_batch(range(40), 7)
        np.testing.assert_array_equal(large.item_index[:, :7], small.item_index)

    def test_more_than_the_catalogue_gives_the_whole_catalogue(self, retriever):
        pool = retriever.retrieve_batch([3], 500)
        assert pool.item_index.shape == (1, 500)
        assert sorted(pool.item_index[0][pool.item_index[0] >= 0]) == list(range(60))

    def test_batch_equals_single_and_repeated_users_get_a_row_each(self, retriever):
        users = [5, 9, 5, 17]
        batch = retriever.retrieve_batch(users, 12)
        for row, user in enumerate(users):
            single = retriever.retrieve_batch([user], 12)
            np.testing.assert_array_equal(batch.item_index[row], single.item_index[0])
        np.testing.assert_array_equal(batch.item_index[0], batch.item_index[2])

    def test_integer_and_text_ids_are_the_same_user(self, retriever):
        assert retriever.retrieve([7], 10)[7] == retriever.retrieve(["7"], 10)["7"]
        assert retriever.retrieve([np.int64(7)], 10)[7] == retriever.retrieve([7], 10)[7]

    def test_unknown_users_are_answered(self, retriever):
        pool = retriever.retrieve_batch(["nobody", 3], 10)
        assert (pool.item_index[0] >= 0).all()

    def test_seen_items_are_withheld_and_the_pool_still_fills(self, retriever, interactions):
        encoded = EncodedInteractions.from_frame(interactions)
        exclude = Exclusion.from_csr(encoded.by_user, encoded.users, encoded.items)
        pool = retriever.retrieve_batch(range(40), 15, exclude)
        assert (pool.item_index >= 0).all()
        seen = set(zip(interactions["USER_ID"].astype(str), interactions["ITEM_ID"].astype(str), strict=True))
        found = pool.to_frame()
        assert not seen & set(zip(found["USER_ID"], found["ITEM_ID"], strict=True))

    def test_withholding_changes_nothing_else(self, retriever, interactions):
        encoded = EncodedInteractions.from_frame(interactions)
        exclude = Exclusion.from_csr(encoded.by_user, encoded.users, encoded.items)
        whole = retriever.retrieve_batch([4], 60).to_dict()["4"]
        seen = set(interactions.loc[interactions["USER_ID"] == 4, "ITEM_ID"].astype(str))
        left = [item for item in whole if item not in seen]
        assert retriever.retrieve_batch([4], 15, exclude).to_dict()["4"] == left[:15]

    def test_input_order_is_irrelevant(self, retriever, interactions):
        shuffled = interactions.sample(frac=1, random_state=3)
        again = self.built(self.make(), shuffled, toy_items().sample(frac=1, random_state=4))
        assert again.retrieve(range(40), 20) == retriever.retrieve(range(40), 20)

    def test_concurrent_calls_agree_with_serial_ones(self, retriever):
        users = [[n % 40, (3 * n) % 40] for n in range(80)]
        serial = [retriever.retrieve(pair, 11) for pair in users]
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(lambda pair: retriever.retrieve(pair, 11), users)) == serial
