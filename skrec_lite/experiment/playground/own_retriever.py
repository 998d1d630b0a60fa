"""Retrievers of one's own: an example, which ones are there, and what one finds without a new ranker."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.training import Cancel, Progress, raise_if_cancelled
from skrec_lite.exceptions import InvalidDataError, SkrecLiteError, check_choice
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.figures.difference_words import amount, interval_words, name_in_a_sentence, name_of
from skrec_lite.experiment.report.words import duration
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import Interval, hit_matrix, paired_difference

#: The module of the example: named in `PLUGINS_VARIABLE`, it takes part.
EXAMPLE_MODULE = "skrec_lite.experiment.playground.example_retriever"
# Users asked for at once, between two looks at `cancel`.
_BATCH = 500


def example_code() -> str:
    """Return the example as people read and copy it."""
    text = files("skrec_lite.experiment.playground").joinpath("example_retriever.py").read_text("utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# mypy"))


def own_retrievers() -> dict[str, str]:
    """Return the registered retrievers that are not the library's: by key, the module that each came from.

    The example counts as one's own.
    """
    modules = {key: str(getattr(spec.make, "__module__", "")) for key, spec in RETRIEVERS.items()}
    return {
        key: module
        for key, module in modules.items()
        if module == EXAMPLE_MODULE or module.split(".")[0] != "skrec_lite"
    }


@dataclass(frozen=True)
class TriedRetriever:
    """What a retriever finds for the measured users of a comparison that it took no part in.

    Attributes
    ----------
    key : str
    curve : ndarray of float64, shape (top_k,)
        Recall of the first 1 .. top_k candidates, mean over users.
    best : str
        The retriever of the comparison that finds most.
    gain : Interval
        Its recall less that of `best`, over the same users.
    seconds : float
        Wall clock to build its index and to retrieve.
    """

    key: str
    curve: NDArray[np.float64]
    best: str
    gain: Interval
    seconds: float

    @property
    def sentence(self) -> str:
        """What it finds beside the best of the comparison."""
        said = (
            f"{name_of(self.key)} finds {amount(float(self.curve[-1]))} of 100 held-out items, index and "
            f"retrieval in {duration(self.seconds)}"
        )
        told = interval_words(self.gain, signed=True)
        if not self.gain.excludes_zero:
            return f"{said}: no clear difference from {name_in_a_sentence(self.best)} ({told})."
        which = "more" if self.gain.mean > 0 else "less"
        return f"{said}: {amount(abs(self.gain.mean))} {which} than {name_in_a_sentence(self.best)} ({told})."


def try_retriever(
    result: ExperimentResult,
    key: str,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> TriedRetriever:
    """Let a registered retriever search for the measured users of a finished comparison.

    Its index is built on the training part; the ranker is not taught, and no list is made.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        Of `RETRIEVERS`.
    progress, cancel : callable, optional
        As in `run_experiment`.

    Raises
    ------
    InvalidDataError
        If the retriever fails; the message says how.
    Cancelled
        If `cancel` returned True.
    """
    check_choice("key", key, RETRIEVERS)
    config, label = result.config, RETRIEVERS[key].label
    began = time.perf_counter()
    _tell(progress, 0.02, f"{label}: building the index")
    full = result.recommenders["full"]
    exclude = full.seen_items if config.exclude_seen else None
    n_users = len(result.user_ids)
    hits = np.zeros((n_users, config.top_k), dtype=bool)
    try:
        retriever = RETRIEVERS[key].make(config)
        train = result.split.train
        retriever.build_index(full.scorer.estimator, train, result.data.model_items(train))
        for start in range(0, n_users, _BATCH):
            raise_if_cancelled(cancel, "Trying the retriever")
            _tell(progress, 0.1 + 0.85 * start / n_users, f"{label}: retrieving for {n_users:,} users")
            batch = slice(start, start + _BATCH)
            found = retriever.retrieve_batch(result.user_ids[batch], config.top_k, exclude)
            placed = found.over(result.items).item_index
            hits[batch, : placed.shape[1]] = hit_matrix(placed, result.split.held_out[batch])
    except SkrecLiteError:
        raise
    except Exception as error:  # whatever a person's own retriever does wrong
        raise InvalidDataError(
            f"{label} failed: {type(error).__name__}: {error}",
            repair="Mend its module and start the server again.",
        ) from error
    seconds = time.perf_counter() - began
    found_by = hits.cumsum(axis=1) / result.split.n_held_out[:, None]
    best = max(result.runs, key=lambda name: float(result.recall_curves[name][-1]))
    gain = paired_difference(found_by[:, -1], result.recall_at(best, config.top_k), seed=config.seed)
    _tell(progress, 1.0, "Done")
    return TriedRetriever(key, found_by.mean(axis=0), best, gain, seconds)


def _tell(progress: Progress | None, fraction: float, doing: str) -> None:
    if progress is not None:
        progress(fraction, doing)
