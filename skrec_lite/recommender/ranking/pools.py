"""Pools long enough for a list: what passes the filters, retrieved deeper or filled up where short."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.merge import distinct_in_rows
from skrec_lite.kernels.pairs import first_allowed
from skrec_lite.kernels.quotas import passing
from skrec_lite.recommender.ranking.filters import CatalogueRules
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.popular import PopularOrder
from skrec_lite.retriever.provenance import Provenance

#: Retrieves deeper for some of the rows: (rows, depth) to candidates of those rows.
Deeper = Callable[[NDArray[np.intp], int], Candidates]

# By how much a row that is short is retrieved deeper at a time.
_STEP = 4
# Deep pools exist for so many (row, candidate) pairs at once, which is some tens of megabytes.
_PAIRS = 500_000


@dataclass(frozen=True)
class Need:
    """How many candidates a row needs.

    Attributes
    ----------
    n : int
        Length of the list.
    pool : int
        Candidates that pass are kept up to so many, also where fewer would make a list.
    """

    n: int
    pool: int


def passing_pools(
    found: Candidates, known: Candidates, rules: CatalogueRules, need: Need, deeper: Deeper | None
) -> tuple[Candidates, NDArray[np.intp]]:
    """Return what passes of each pool; rows where that is too little for a list are retrieved deeper.

    Four times as deep at a time, up to the catalogue, as long as the retriever has more to give. A row's
    candidates are the first ``need.pool`` that pass, and beyond these only such as quotas leave room for, so
    that no pool is longer than that and a list.

    Parameters
    ----------
    found, known : Candidates, n_rows
        As retrieved at first, and the same in rows of the ranker's items.
    rules : CatalogueRules
        Over the ranker's items.
    need : Need
    deeper : callable, optional
        None where nobody can be asked for more.

    Returns
    -------
    Candidates
        In rows of the ranker's items. Ranks and scores in `Candidates.provenance` are those of the retrieval
        that served the row.
    ndarray of int
        Rows that are still short.
    """
    items = known.items
    pools, is_short = _passing(known, rules, need)
    short = np.flatnonzero(is_short)
    if deeper is None or not len(short):
        return pools, short
    parts = [(np.arange(len(found)), pools)]
    held = found.pool_sizes
    at_their_end = []

    def look(rows: NDArray[np.intp], depth: int) -> NDArray[np.bool_]:
        answer = deeper(rows, depth)
        pools, is_short = _passing(answer.over(items), rules, need)
        parts.append((rows, pools))
        has_more = answer.pool_sizes > held[rows]
        held[rows] = answer.pool_sizes
        at_their_end.append(rows[is_short & ~has_more])
        return is_short & has_more

    deepest = max(len(items), len(found.items))
    depths = _depths(_STEP * max(found.k, 1) if found.k < deepest else 0, deepest)
    left = _go_on(short, depths, look)
    return _stitched(parts), np.sort(np.concatenate([left, *at_their_end]))


def filled_pools(
    pools: NDArray[np.int32],
    short: NDArray[np.intp],
    rules: CatalogueRules,
    need: Need,
    order: NDArray[np.int32],
    withheld: Withheld | None,
) -> tuple[NDArray[np.int32], int]:
    """Fill up short rows with the items of an order, and say how many rows are longer for it.

    Parameters
    ----------
    pools : ndarray of int32, shape (n_rows, k)
        What passes of each pool; what a row has stays where it is.
    short : ndarray of int
        The rows to fill.
    rules, need
        As in `passing_pools`.
    order : ndarray of int32
        Items, most popular first.
    withheld : Withheld, optional
        From each of `pools`.
    """
    n_items = len(rules.passes)
    order = order[rules.passes[order]]
    filled = pools.copy()

    def look(rows: NDArray[np.intp], depth: int) -> NDArray[np.bool_]:
        nonlocal filled
        own = pools[rows]
        part = None if withheld is None else withheld[rows]
        places = first_allowed(order, n_items, depth, len(rows), part)
        added = np.where(places >= 0, order[places], np.int32(-1))
        every, _ = distinct_in_rows(np.hstack([own, added]), n_items)
        chosen, length = passing(every, rules.passes, rules.quotas, need.pool, need.n)
        if chosen.shape[1] > filled.shape[1]:
            more = ((0, 0), (0, chosen.shape[1] - filled.shape[1]))
            filled = np.pad(filled, more, constant_values=-1)
        filled[rows, : chosen.shape[1]] = _at(every, chosen)
        return length < need.n

    _go_on(short, _depths(need.pool, len(order)), look)
    is_longer = (filled[short] >= 0).sum(axis=1) > (pools[short] >= 0).sum(axis=1)
    return filled, int(is_longer.sum())


def popular_first(popular: PopularOrder, items: IdMap) -> NDArray[np.int32]:
    """Return all rows of `items`, most popular first; items that nobody has counted come last."""
    if popular.items == items:
        return popular.order
    known = popular.items.rows_in(items)[popular.order]
    known = known[known >= 0]
    is_new = np.ones(len(items), dtype=np.bool_)
    is_new[known] = False
    return np.append(known, np.flatnonzero(is_new)).astype(np.int32)


def with_popular(
    pools: NDArray[np.int32], width: int, order: NDArray[np.int32], withheld: Withheld | None
) -> NDArray[np.int32]:
    """Give the rows that have no candidate the first `width` items of an order of all items."""
    empty = np.flatnonzero(~(pools >= 0).any(axis=1))
    width = max(pools.shape[1], width)
    part = None if withheld is None else withheld[empty]
    places = first_allowed(order, len(order), width, len(empty), part)
    filled = np.full((len(pools), width), -1, dtype=np.int32)
    filled[:, : pools.shape[1]] = pools
    filled[empty] = np.where(places >= 0, order[places], np.int32(-1)) if len(order) else places
    return filled


def kept(found: Candidates, positions: NDArray[np.integer]) -> Candidates:
    """Return the candidates at `positions` (n_rows, j) of each row, ``-1`` for padding; ranks stay theirs."""
    safe, is_padding = np.maximum(positions, 0), positions < 0
    return replace(
        found,
        item_index=_at(found.item_index, positions),
        scores=np.where(is_padding, np.float32(-np.inf), np.take_along_axis(found.scores, safe, axis=1)),
        merged_from=found.provenance.taken(positions),
    )


def only(found: Candidates, is_kept: NDArray[np.bool_]) -> Candidates:
    """Return the candidates that a mask (n_rows, k) says, moved up past those that it does not."""
    order = np.argsort(~is_kept, axis=1, kind="stable")
    return kept(found, np.where(np.take_along_axis(is_kept, order, axis=1), order, -1))


def _passing(found: Candidates, rules: CatalogueRules, need: Need) -> tuple[Candidates, NDArray[np.bool_]]:
    positions, length = passing(found.item_index, rules.passes, rules.quotas, need.pool, need.n)
    return kept(found, positions), length < need.n


def _depths(first: int, deepest: int) -> Iterator[int]:
    """Return how deep to look, step by step, and at last as deep as there is."""
    depth = min(first, deepest)
    while depth:
        yield depth
        depth = min(_STEP * depth, deepest) if depth < deepest else 0


def _go_on(
    rows: NDArray[np.intp],
    depths: Iterator[int],
    look: Callable[[NDArray[np.intp], int], NDArray[np.bool_]],
) -> NDArray[np.intp]:
    """Look ever deeper for `rows`, block by block; return those that ask for more than there is."""
    for depth in depths:
        step = max(1, _PAIRS // depth)
        blocks = [rows[start : start + step] for start in range(0, len(rows), step)]
        rows = np.concatenate([block[look(block, depth)] for block in blocks])
        if not len(rows):
            break
    return rows


def _at(pools: NDArray[np.int32], positions: NDArray[np.integer]) -> NDArray[np.int32]:
    taken = np.take_along_axis(pools, np.maximum(positions, 0), axis=1)
    return np.where(positions >= 0, taken, np.int32(-1))


def _stitched(parts: Sequence[tuple[NDArray[np.intp], Candidates]]) -> Candidates:
    """Write parts of a batch over each other; the first covers all rows."""
    first = parts[0][1]
    shape = (len(first), max(part.k for _, part in parts))
    item_index = np.full(shape, -1, dtype=np.int32)
    scores = np.full(shape, -np.inf, dtype=np.float32)
    told = Provenance.unknown(first.provenance.sources, shape)
    for rows, part in parts:
        columns = slice(part.k)
        item_index[rows], scores[rows] = -1, -np.inf
        told.ranks[rows], told.scores[rows] = 0, np.nan
        item_index[rows, columns], scores[rows, columns] = part.item_index, part.scores
        said = part.provenance.aligned(told.sources)
        told.ranks[rows, columns], told.scores[rows, columns] = said.ranks, said.scores
    return replace(first, item_index=item_index, scores=scores, merged_from=told)
