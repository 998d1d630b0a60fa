"""Results with everything in them: a small run with items out of reach and new users, and toys by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from skrec_lite import ExperimentConfig, LabData, SplitConfig, load_sample, run_experiment
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.metrics import LIST_METRICS, hit_matrix


@lru_cache(maxsize=1)
def rich_result():
    """150 readers, split at one moment: several held out a user, new users, new items, users with columns."""
    interactions, items = load_sample()
    readers = interactions["USER_ID"].drop_duplicates().head(150)
    interactions = interactions[interactions["USER_ID"].isin(readers)].sort_values("TIMESTAMP")
    # The newest are of items that no file lists: out of reach of everything.
    renamed = np.arange(len(interactions)) >= len(interactions) - 40
    ids = interactions["ITEM_ID"].astype(str)
    interactions = interactions.assign(ITEM_ID=ids.mask(renamed, "new " + ids)).reset_index(drop=True)
    known = readers.iloc[5:].astype(str)
    number = np.arange(len(known))
    users = pd.DataFrame(
        {
            "USER_ID": known,
            "country": np.array(["France", "Chile", "Kenya", None], dtype=object)[number % 4],
            "age": np.where(number % 11 == 0, np.nan, 18 + 3.5 * (number % 20)),
            "subscriber": np.where(number % 3 == 0, "yes", "no"),
        }
    )
    config = ExperimentConfig(
        retrievers=("embedding", "content", "popularity", "merged"), top_k=60, n=8,
        split=SplitConfig("global_time", test_fraction=0.3),
    )  # fmt: skip
    return run_experiment(LabData(interactions, items, users=users, name="rich"), config)


def toy_result(
    pools: dict[str, Sequence[Sequence[int]]],
    lists: dict[str, Sequence[Sequence[int]]],
    held_out: Sequence[Sequence[int]],
    unreachable: Sequence[Sequence[str]] = (),
    n_items: int = 10,
    parts: Sequence[str] = (),
):
    """Return what the funnel reads of a result, from item rows by user; short pools and lists are padded.

    Parameters
    ----------
    pools, lists : dict of str to sequence of sequences of int
        By retriever: the items of each user's pool and final list.
    held_out : sequence of sequences of int
        Items held out for each user, within reach.
    unreachable : sequence of sequences of str
        Ids held out for each user that are not in the catalogue.
    n_items : int
        Items are called ``i0 .. i{n_items - 1}``.
    parts : sequence of str
        Retrievers whose pools are merged of others'.
    """
    lost = [list(ids) for ids in unreachable] or [[] for _ in held_out]
    rows = np.repeat(np.arange(len(held_out)), [len(own) for own in held_out])
    matrix = sp.csr_array(
        (np.ones(len(rows), dtype=bool), (rows, np.array([i for own in held_out for i in own], dtype=int))),
        shape=(len(held_out), n_items),
    )
    matrix.sort_indices()
    n_reachable = np.diff(matrix.indptr)
    n_held_out = n_reachable + [len(ids) for ids in lost]
    width = {side: max(len(own) for by_user in given.values() for own in by_user)
             for side, given in (("pool", pools), ("list", lists))}  # fmt: skip

    def ranked(by_user):
        index = _padded(by_user, width["list"])
        hits = hit_matrix(index, matrix)
        per_user = {name: metric(hits, n_held_out) for name, metric in LIST_METRICS.items()}
        return SimpleNamespace(
            item_index=index, hits=hits, per_user=per_user, mean=lambda name: float(per_user[name].mean())
        )

    runs = {}
    for key, by_user in pools.items():
        index = _padded(by_user, width["pool"])
        runs[key] = SimpleNamespace(
            candidates=SimpleNamespace(item_index=index),
            hits=hit_matrix(index, matrix),
            ranked=ranked(lists[key]),
            parts=("some", "others") if key in parts else (),
        )
    return SimpleNamespace(
        remembered={},
        config=SimpleNamespace(top_k=width["pool"], n=width["list"], seed=0),
        items=IdMap([f"i{row}" for row in range(n_items)]),
        user_ids=np.array([f"u{row}" for row in range(len(held_out))], dtype=object),
        runs=runs,
        reference=SimpleNamespace(users=np.arange(len(held_out)), ranked=ranked(next(iter(lists.values())))),
        split=SimpleNamespace(
            user_ids=np.array([f"u{row}" for row in range(len(held_out))], dtype=object),
            held_out=matrix,
            n_held_out=n_held_out,
            n_reachable=n_reachable,
            unreachable=pd.DataFrame(
                {
                    "row": np.repeat(np.arange(len(lost)), [len(ids) for ids in lost]),
                    "ITEM_ID": np.array([id_ for ids in lost for id_ in ids], dtype=object),
                }
            ),
        ),
    )


def _padded(by_user: Sequence[Sequence[int]], width: int) -> np.ndarray:
    return np.array([[*own, *[-1] * (width - len(own))] for own in by_user], dtype=np.int32).reshape(
        len(by_user), width
    )
