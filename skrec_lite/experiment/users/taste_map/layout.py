"""Item vectors laid out on a plane, and how much of their neighbourhood survives that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from skrec_lite.estimator.training import Cancel, Progress, raise_if_cancelled
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.taste_map.space import TasteSpace, taste_space

Method = Literal["pca", "neighbours"]

#: How items can be laid out: a name for people, and what it does in a sentence.
METHODS: Final[dict[Method, tuple[str, str]]] = {
    "pca": ("Widest spread", "Principal components: the flat view in which items differ most."),
    "neighbours": ("Neighbours together", "t-SNE: keeps likely neighbours near; far apart means little."),
}
#: True neighbours of an item that a map is measured by.
N_NEIGHBOURS: Final = 10
#: A t-SNE layout is made of no more items than this; the others are put beside their nearest.
MOST_LAID_OUT: Final = 1500

_MOST_FITTED = 20_000
_MOST_ASKED = 500
_CHUNK = 256
_ANCHORS = 3
# Cosines in float32 that agree to this are equal.
_TIE = 1e-6


@dataclass(frozen=True, eq=False)
class Projection:
    """A map of all items of a space.

    Attributes
    ----------
    space : TasteSpace
    method : {"pca", "neighbours"}
    positions : ndarray of float64, shape (n_items, 2)
    explained : float or None
        Share of the variance of the directions that the map keeps; None where it is not about variance.
    n_laid_out : int
        Items that the layout was made of; the others were put at the middle of their nearest of these.
    neighbour_recall : float
        Share of the true neighbours that are neighbours on the map; see `neighbour_recall`.
    n_neighbours : int
        How many neighbours of each item that is about.
    n_asked : int
        Items that it was measured on: all that have a direction, or 500 of them drawn at random.
    mean, axes : ndarray of float64, shape (d,) and (2, d), or None
        Of a linear map: ``(direction - mean) @ axes.T`` is its position.
    """

    space: TasteSpace
    method: Method
    positions: NDArray[np.float64]
    explained: float | None
    n_laid_out: int
    neighbour_recall: float
    n_neighbours: int
    n_asked: int
    mean: NDArray[np.float64] | None = None
    axes: NDArray[np.float64] | None = None

    def place(self, direction: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the position of a direction that is no item's, shape (2,).

        By the same formula as the items' on a linear map, otherwise the middle of its 10 nearest items.
        """
        if self.mean is not None and self.axes is not None:
            return np.asarray((direction - self.mean) @ self.axes.T, dtype=np.float64)
        cosines = self.space.cosines(direction)
        nearest = np.argsort(-cosines, kind="stable")[:N_NEIGHBOURS]
        return np.asarray(self.positions[nearest].mean(axis=0))


def projection(
    result: ExperimentResult,
    space: str,
    method: Method,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Projection:
    """Return the map of one of a result's `taste_spaces`, computed once for each result.

    Parameters
    ----------
    result : ExperimentResult
    space : str
    method : {"pca", "neighbours"}
    progress, cancel : callable, optional
        As of every training loop; of use to ``"neighbours"``, which takes seconds. It is asked at the end.

    Raises
    ------
    Cancelled
        Where `cancel` said so.
    InvalidParameterError
        If the result has no such space, or the method is unknown.
    """
    check_choice("method", method, METHODS)
    asked = _asked(space, method)
    if asked not in result.remembered:
        result.remembered[asked] = project(
            taste_space(result, space), method, result.config.seed, progress=progress, cancel=cancel
        )
    found = result.remembered[asked]
    assert isinstance(found, Projection)
    return found


def is_projected(result: ExperimentResult, space: str, method: Method) -> bool:
    """Return whether `projection` answers at once, which a screen must know before it makes people wait."""
    return _asked(space, method) in result.remembered


def project(
    space: TasteSpace,
    method: Method,
    seed: int = 0,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Projection:
    """Lay the items of a space out on a plane.

    Parameters
    ----------
    space : TasteSpace
    method : {"pca", "neighbours"}
        Principal components of the directions (fitted on a sample of 20,000 items where there are more), or
        t-SNE (van der Maaten and Hinton 2008, "Visualizing data using t-SNE", JMLR 9) of 1,500 items at most,
        between which the others are put at the middle of their 3 nearest by cosine.
    seed : int
        Of the samples, and of the layout.
    progress, cancel : callable, optional
        As of every training loop.
    """
    rng = np.random.default_rng(seed)
    n_items = len(space.items)
    if method == "pca":
        sample = _sample(n_items, _MOST_FITTED, rng)
        mean, axes, explained = principal_plane(space.directions[sample])
        positions = (space.directions - mean) @ axes.T
        more = {"explained": explained, "mean": mean, "axes": axes}
    else:
        sample = _sample(n_items, MOST_LAID_OUT, rng)
        positions = _between(space, sample, _laid_out(space.directions[sample], seed, progress, cancel))
        more = {"explained": None, "mean": None, "axes": None}
    n_neighbours = min(N_NEIGHBOURS, n_items - 1)
    has_direction = np.flatnonzero(space.lengths > 0)
    asked = has_direction[_sample(len(has_direction), _MOST_ASKED, rng)]
    return Projection(
        space,
        method,
        positions,
        n_laid_out=len(sample),
        neighbour_recall=neighbour_recall(space.directions, positions, n_neighbours, asked),
        n_neighbours=n_neighbours,
        n_asked=len(asked),
        **more,  # type: ignore[arg-type]
    )


def principal_plane(
    directions: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return mean (d,), the two axes of largest variance (2, d), and the share of variance they keep.

    Where vectors have one dimension only, or do not differ in a second, that axis is zero. The largest entry
    of each axis is positive, so that a map is not mirrored from run to run.
    """
    wide = np.asarray(directions, dtype=np.float64)
    mean = wide.mean(axis=0)
    centred = wide - mean
    variances, axes = np.linalg.eigh(centred.T @ centred / len(wide))
    total = float(variances.clip(0).sum())
    # A direction without variance, up to rounding, would be noise.
    kept = [place for place in (-1, -2) if len(variances) >= -place and variances[place] > 1e-12 * total]
    chosen = np.zeros((2, wide.shape[1]))
    for row, place in enumerate(kept):
        axis = axes[:, place]
        chosen[row] = axis * np.sign(axis[np.abs(axis).argmax()])
    explained = float(variances[kept].sum() / total) if total > 0 else 1.0
    return mean, chosen, explained


def neighbour_recall(
    directions: NDArray[np.floating], positions: NDArray[np.floating], k: int, asked: NDArray[np.integer]
) -> float:
    """Return which share of items' `k` nearest by cosine are among their `k` nearest on the map.

    A map neighbour as like the item as its k-th nearest counts as found. The mean over the `asked` rows; 1
    without neighbours.
    """
    if k < 1 or not len(asked):
        return 1.0
    _, found = cKDTree(positions).query(positions[asked], k + 1)
    shares = []
    for start in range(0, len(asked), _CHUNK):
        rows, near = asked[start : start + _CHUNK], found[start : start + _CHUNK]
        cosines = directions[rows] @ directions.T
        here = np.arange(len(rows))[:, None]
        cosines[here[:, 0], rows] = -np.inf
        of_kth = np.partition(cosines, -k, axis=1)[:, -k]
        is_other = near != rows[:, None]
        # Of many items in one place the tree may leave out the item itself: one neighbour too many.
        is_other &= np.cumsum(is_other, axis=1) <= k
        is_true = cosines[here, near] >= of_kth[:, None] - _TIE
        shares.append((is_true & is_other).sum(axis=1) / k)
    return float(np.concatenate(shares).mean())


def _asked(space: str, method: Method) -> tuple[str, str, str]:
    return (__name__, space, method)


def _sample(n_items: int, at_most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if n_items <= at_most:
        return np.arange(n_items)
    return np.sort(rng.choice(n_items, at_most, replace=False))


def _laid_out(
    directions: NDArray[np.float32], seed: int, progress: Progress | None, cancel: Cancel | None
) -> NDArray[np.float64]:
    # Loaded where it is used: a slow import that other screens need not wait for.
    from sklearn.manifold import TSNE
    from threadpoolctl import ThreadpoolController

    n_items = len(directions)
    if n_items < 4:
        mean, axes, _ = principal_plane(directions)
        return np.asarray((directions - mean) @ axes.T, dtype=np.float64)
    if progress is not None:
        progress(0.0, f"Laying {n_items:,} items out")
    perplexity = min(30.0, (n_items - 1) / 3)
    # Its loops are short: where other work needs the cores, its threads wait for each other most of the time.
    # OpenMP keeps this limit for the calling thread alone.
    with ThreadpoolController().limit(limits=1, user_api="openmp"):
        layout = TSNE(
            2, perplexity=perplexity, init="random" if directions.shape[1] < 2 else "pca", max_iter=500,
            random_state=seed, n_jobs=1,
        )  # fmt: skip
        positions = layout.fit_transform(directions)
    # It neither says how far it is nor can be stopped on its way.
    raise_if_cancelled(cancel, "The layout")
    return np.asarray(positions, dtype=np.float64)


def _between(
    space: TasteSpace, sample: NDArray[np.int64], positions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put the items that are not of the sample at the middle of their nearest that are."""
    out = np.empty((len(space.items), 2))
    out[sample] = positions
    rest = np.setdiff1d(np.arange(len(space.items)), sample)
    for start in range(0, len(rest), _CHUNK * 8):
        rows = rest[start : start + _CHUNK * 8]
        cosines = space.directions[rows] @ space.directions[sample].T
        anchors = np.argpartition(-cosines, _ANCHORS, axis=1)[:, :_ANCHORS]
        out[rows] = positions[anchors].mean(axis=1)
    return out
