"""A run made again from what the ledger keeps of it: nothing is unpickled, models are trained anew."""

from __future__ import annotations

from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.ledger.comparing import same_figures
from skrec_lite.experiment.ledger.entry import Entry
from skrec_lite.experiment.ledger.ledger import Ledger
from skrec_lite.experiment.ledger.record import figures_of
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.run import run_experiment

_READING = 0.05


def reopen_run(
    ledger: Ledger,
    entry: Entry,
    *,
    at_hand: LabData | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[ExperimentResult, str]:
    """Make a run again on the data it was made on.

    Parameters
    ----------
    ledger : Ledger
    entry : Entry
    at_hand : LabData, optional
        Used where it is the very data.
    progress, cancel : callable, optional
        As those of `skrec_lite.experiment.run_experiment`.

    Returns
    -------
    result : ExperimentResult
    outcome : str
        Whether the figures are those of then, and what differs.

    Raises
    ------
    LedgerError
        If the data is not there any more.
    ValueError
        If the configuration names what this installation does not have.
    Cancelled
        If `cancel` returned True.
    """
    if progress is not None:
        progress(0.0, "Reading the data of then")
    plan = ComparisonPlan.from_dict(dict(entry.comparison), "The configuration of this run")
    data, difference = ledger.data.data_of(plan, entry.data_key, at_hand)
    if cancel is not None and cancel():
        raise Cancelled("The run was cancelled.")
    result = run_experiment(data, plan.config, progress=_rest(progress), cancel=cancel)
    said = same_figures(entry, figures_of(result))
    return result, f"{difference} {said}".strip()


def _rest(progress: Progress | None) -> Progress | None:
    """Return a progress callback for what comes after the reading."""
    if progress is None:
        return None

    def report(fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        progress(_READING + (1 - _READING) * fraction, doing, epoch)

    return report
