"""One call from data to comparison: split, train, retrieve, rank, measure; with several seeds if asked."""

from __future__ import annotations

import time
from dataclasses import replace

import pandas as pd

from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.figures.seeds import figures_of
from skrec_lite.experiment.result import SEED_COLUMNS, ExperimentResult
from skrec_lite.experiment.stages.one_run import OneRun


def run_experiment(
    data: LabData,
    config: ExperimentConfig | None = None,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ExperimentResult:
    """Compare retrievers on one data set under one ranker.

    Parameters
    ----------
    data : LabData
    config : ExperimentConfig, optional
        Defaults throughout when left out.
    progress : callable, optional
        Called with (fraction done, what is being done, figures of an epoch or None); see `Progress`.
    cancel : callable, optional
        Asked between stages and inside training; True ends the run.

    Returns
    -------
    ExperimentResult

    Raises
    ------
    ValueError
        If the data cannot be split or trained on, saying why.
    Cancelled
        If `cancel` returned True.

    Examples
    --------
    >>> from skrec_lite.dataset import load_sample
    >>> result = run_experiment(LabData(*load_sample()))  # doctest: +SKIP
    """
    config = config or ExperimentConfig()
    began = time.perf_counter()
    if config.n_seeds == 1:
        one = OneRun(data, config, progress, cancel)
        result = one.result(one.split())
    else:
        result = _with_seeds(data, config, progress, cancel)
    return replace(result, total_seconds=time.perf_counter() - began)


def _with_seeds(
    data: LabData, config: ExperimentConfig, progress: Progress | None, cancel: Cancel | None
) -> ExperimentResult:
    """Run with each seed on one split; of all but the first only the figures are kept."""
    first = OneRun(data, config, _share(progress, 0, config.n_seeds), cancel)
    split = first.split()
    result = first.result(split)
    tables = [figures_of(result).assign(seed=config.seed)]
    for place in range(1, config.n_seeds):
        seeded = replace(config, seed=config.seed + place)
        again = OneRun(data, seeded, _share(progress, place, config.n_seeds), cancel).result(split)
        tables.append(figures_of(again).assign(seed=seeded.seed))
    return replace(result, seed_figures=pd.concat(tables, ignore_index=True)[list(SEED_COLUMNS)])


def _share(progress: Progress | None, place: int, total: int) -> Progress | None:
    """Return a progress callback for one of several runs, scaled into its share of the whole."""
    if progress is None:
        return None

    def report(fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        progress((place + fraction) / total, f"{doing} (seed {place + 1} of {total})", epoch)

    return report
