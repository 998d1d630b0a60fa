"""The indexes of FAISS that can be searched by inner product; imported when one is asked for.

FAISS is an optional extra, so that nothing imports this module before a `FaissRetriever` is made.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import MissingPackageError
from skrec_lite.kernels.pairs import dot_candidates
from skrec_lite.kernels.topk import top_k_rows

try:
    # Its own stubs lack many of its names, so that to the type checker it is anything.
    faiss: Any = importlib.import_module("faiss")
except ImportError as error:
    raise MissingPackageError(
        "FaissRetriever needs FAISS, which is not installed. Install it by: pip install 'skrec-lite[faiss]'"
    ) from error

# FAISS warns where k-means has fewer points than this for each centroid, and needs no more than twice that.
_LEAST_POINTS, _MOST_POINTS = 39, 64
# Past this share of the catalogue, a scan of all of it is quicker, and the only one that finds everything.
_SCAN_SHARE = 4


@dataclass(frozen=True)
class Knobs:
    """What decides how an index is built and searched; see `FaissRetriever`."""

    n_lists: int | None
    n_probe: int
    n_links: int
    ef_construction: int
    ef_search: int
    random_state: int

    @property
    def engine_seed(self) -> int:
        """The seed as FAISS takes it: a positive 31-bit number."""
        return int(np.random.default_rng(self.random_state).integers(1, 2**31))


class Engine(Protocol):
    """An index of item vectors."""

    @property
    def exact(self) -> bool:
        """Whether it finds the items of largest inner product, ties and rounding aside."""

    def find(self, queries: NDArray[np.float32], depth: int) -> NDArray[np.int64]:
        """Return rows of about the `depth` best items of each query, in any order, padded with ``-1``.

        What a query is given does not depend on the queries beside it. Runs in the calling thread alone.
        """


def deepest_search(kind: str, n_items: int, knobs: Knobs) -> int:
    """Return down to which depth the index is asked; beyond it a scan answers. 0 where that is always so.

    An index that would look at every item anyway is a scan, only slower: inverted lists of which all are
    probed, a graph whose beam is as wide as the catalogue.
    """
    looks_at_all = {
        "flat": False,
        "ivf": knobs.n_probe >= n_lists_for(n_items, knobs),
        "hnsw": _SCAN_SHARE * knobs.ef_search >= n_items,
    }
    return 0 if looks_at_all[kind] else n_items // _SCAN_SHARE


def n_lists_for(n_items: int, knobs: Knobs) -> int:
    """Return the number of inverted lists: 4 sqrt(n_items) unless told, and never too many to train."""
    wanted = knobs.n_lists if knobs.n_lists is not None else int(4 * np.sqrt(n_items))
    return max(1, min(wanted, n_items // _LEAST_POINTS))


def build_engine(kind: str, item_vectors: NDArray[np.float32], knobs: Knobs) -> Engine:
    """Return a built index of `item_vectors` (n_items, d) of one `kind`."""
    builders: dict[str, Callable[[NDArray[np.float32], Knobs], Engine]] = {
        "flat": FlatEngine.build,
        "ivf": IvfEngine.build,
        "hnsw": HnswEngine.build,
    }
    return builders[kind](item_vectors, knobs)


@dataclass(frozen=True, eq=False)
class FlatEngine:
    """Every item is compared with every query."""

    index: Any
    exact: bool = True

    @classmethod
    def build(cls, item_vectors: NDArray[np.float32], knobs: Knobs) -> FlatEngine:
        """Copy the vectors into the index."""
        index = faiss.IndexFlatIP(item_vectors.shape[1])
        index.add(item_vectors)
        return cls(index)

    def find(self, queries: NDArray[np.float32], depth: int) -> NDArray[np.int64]:
        """See `Engine.find`."""
        with _one_thread():
            return self.index.search(queries, depth)[1]


@dataclass(frozen=True, eq=False)
class IvfEngine:
    """Items lie in lists around centroids, and the lists of the centroids nearest to a query are compared.

    k-means of the bare vectors puts items of one direction into one list whatever their length, though only
    the long ones have a large inner product. So vectors are first made equally long by one more coordinate,
    sqrt(max |x|^2 - |x|^2) (Bachrach et al. 2014, "Speeding up the Xbox recommender system using a Euclidean
    transformation for inner-product spaces", section 3), which changes no inner product with a query that
    has 0 there. With 32 of 809 lists compared, .985 of the top 200 were found, by lists of bare vectors .926
    (iALS on Gowalla: 40,981 items, 64 factors).

    Attributes
    ----------
    index : faiss.IndexIVFFlat
    centroids : ndarray of float32, shape (n_lists, d)
        Without the further coordinate.
    """

    index: Any
    centroids: NDArray[np.float32]
    exact: bool = False

    @classmethod
    def build(cls, item_vectors: NDArray[np.float32], knobs: Knobs) -> IvfEngine:
        """Cluster the items and put each into its list."""
        lifted = _equally_long(item_vectors)
        width, n_lists = lifted.shape[1], n_lists_for(len(lifted), knobs)
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, n_lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.seed = knobs.engine_seed
        index.cp.max_points_per_centroid = _MOST_POINTS
        index.train(lifted)
        index.add(lifted)
        index.nprobe = knobs.n_probe
        centroids = index.quantizer.reconstruct_n(0, n_lists)[:, :-1]
        return cls(index, np.ascontiguousarray(centroids))

    def find(self, queries: NDArray[np.float32], depth: int) -> NDArray[np.int64]:
        """See `Engine.find`."""
        n_queries = len(queries)
        # FAISS would choose lists by a matrix product whose rounding depends on the size of the batch.
        every_list = np.tile(np.arange(len(self.centroids), dtype=np.int32), (n_queries, 1))
        nearness = dot_candidates(queries, self.centroids, every_list)
        lists, _ = top_k_rows(nearness, self.index.nprobe, parallel=False)
        lifted = np.zeros((n_queries, self.index.d), dtype=np.float32)
        lifted[:, :-1] = queries
        with _one_thread():
            return self.index.search_preassigned(lifted, depth, lists, None)[1]


@dataclass(frozen=True, eq=False)
class HnswEngine:
    """A graph links each item to others of large inner product, and a beam of the best walks along it.

    The graph is that of the inner product itself (Morozov & Babenko 2018, "Non-metric similarity graphs for
    maximum inner product search"), with all its links on the lowest layer: pruned as FAISS prunes by default,
    it loses those that long items hide. Where `IvfEngine` was measured, .996 of the top 200 were found, .990
    in a pruned graph, and at the same speed .977 where items were made equally long first.

    Attributes
    ----------
    index : faiss.IndexHNSWFlat
    ef_search : int
        Least width of the beam; it is never narrower than what is asked for.
    """

    index: Any
    ef_search: int
    exact: bool = False

    @classmethod
    def build(cls, item_vectors: NDArray[np.float32], knobs: Knobs) -> HnswEngine:
        """Link the items; since FAISS 1.15 the graph is the same whatever the number of threads."""
        index = faiss.IndexHNSWFlat(item_vectors.shape[1], knobs.n_links, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = knobs.ef_construction
        index.hnsw.rng = faiss.RandomGenerator(knobs.engine_seed)
        index.keep_max_size_level0 = True
        index.add(item_vectors)
        return cls(index, knobs.ef_search)

    def find(self, queries: NDArray[np.float32], depth: int) -> NDArray[np.int64]:
        """See `Engine.find`."""
        beam = faiss.SearchParametersHNSW(efSearch=max(self.ef_search, depth))
        with _one_thread():
            return self.index.search(queries, depth, params=beam)[1]


def _equally_long(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Append the coordinate that gives all rows the length of the longest one."""
    squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    missing = np.sqrt(squares.max() - squares).astype(np.float32)
    return np.ascontiguousarray(np.column_stack([vectors, missing]), dtype=np.float32)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep FAISS to the calling thread; the setting is that thread's own, so others are not affected."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
