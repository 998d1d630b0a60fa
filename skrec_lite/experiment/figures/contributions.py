"""What each retriever finds that the others do not: what it would add to a merge of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import check_positive_int
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.figures.funnel import held_out_places
from skrec_lite.experiment.figures.overlap import overlapping, pool_overlaps
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import paired_difference


@once_per_result
def contributions(result: ExperimentResult, k: int | None = None) -> pd.DataFrame:
    """Say what each retriever adds to the union of all pools; pools merged of others are left out.

    Parameters
    ----------
    result : ExperimentResult
    k : int, optional
        Only the first `k` candidates of each pool; at most the pool size, which is the default.

    Returns
    -------
    DataFrame
        One row a retriever:

        - ``retriever, k``;
        - ``hits``: held-out items among its first `k`; ``unique_hits``: those that no other found;
        - ``union_recall``: recall of the union of all pools, mean over users; ``recall_without``: of the
          union of the others' pools, 0 where there are none;
        - ``marginal_recall, low, high``: the difference of the two with its 95 % interval, paired by user;
        - ``union_size, size_without``: candidates a user in the two unions, on average: what it adds in hits
          it also adds in candidates.

    Raises
    ------
    InvalidParameterError
        If `k` is less than 1.
    """
    width = result.config.top_k if k is None else min(check_positive_int("k", k), result.config.top_k)
    keys = overlapping(result)
    places = [held_out_places(result, key) for key in keys]
    found = np.vstack([(own.pool_rank > 0) & (own.pool_rank <= width) for own in places])
    is_unique = found & (found.sum(axis=0) == 1)
    owner = places[0].rows
    by_any = np.asarray(found.any(axis=0))
    union_recall = _recall(result, owner, by_any)
    sizes = pool_overlaps(result, width).set_index("retrievers")["n_items"]
    union_size = float(sizes.sum())
    rows = []
    for place, key in enumerate(keys):
        without = _recall(result, owner, by_any & ~is_unique[place])
        marginal = paired_difference(union_recall, without, seed=result.config.seed)
        rows.append(
            {
                "retriever": key,
                "k": width,
                "hits": int(found[place].sum()),
                "unique_hits": int(is_unique[place].sum()),
                "union_recall": float(union_recall.mean()),
                "recall_without": float(without.mean()),
                "marginal_recall": marginal.mean,
                "low": marginal.low,
                "high": marginal.high,
                "union_size": union_size,
                "size_without": union_size - float(sizes[(key,)]),
            }
        )
    return pd.DataFrame(rows)


def contribution_sentences(table: pd.DataFrame) -> list[str]:
    """Say in words what each row of `contributions` does, what adds most first."""
    if len(table) < 2:
        return ["With one retriever there is nothing to compare: its pool is the union."]
    ordered = table.sort_values("marginal_recall", ascending=False, kind="stable")
    return [_sentence(row) for row in ordered.to_dict("records")]


def _sentence(row: dict[str, float | str]) -> str:
    name = RETRIEVERS[str(row["retriever"])].label
    more = float(row["union_size"]) - float(row["size_without"])
    own = f"with {more:,.0f} candidate{'' if round(more) == 1 else 's'} a user of its own"
    if not row["unique_hits"]:
        return f"{name} finds nothing that the others miss, {own}."
    points = f"{100 * float(row['marginal_recall']):.1f} of 100 held-out items"
    interval = f"95 % interval {100 * float(row['low']):.1f} to {100 * float(row['high']):.1f}"
    return f"{name} adds {points} that no other found ({interval}), {own}."


def _recall(
    result: ExperimentResult, owner: NDArray[np.int64], found: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return each user's share of held-out items that are `found` (n_pairs,); `owner` has their users."""
    n_held_out = result.split.n_held_out
    return np.bincount(owner[found], minlength=len(n_held_out)) / n_held_out
