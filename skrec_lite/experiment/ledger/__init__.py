"""A ledger of runs in an embedded database: kept, compared, exported, and made again."""

from skrec_lite.experiment.ledger.comparing import (
    Delta,
    comparison_frame,
    delta,
    entry_frame,
    ledger_frame,
    same_figures,
)
from skrec_lite.experiment.ledger.entry import Entry
from skrec_lite.experiment.ledger.errors import LedgerError
from skrec_lite.experiment.ledger.exchange import export_runs, import_runs
from skrec_lite.experiment.ledger.ledger import DAYS_TO_BRING_BACK, Ledger
from skrec_lite.experiment.ledger.record import Record
from skrec_lite.experiment.ledger.reopen import reopen_run
from skrec_lite.experiment.ledger.settings import differing_settings, settings_of

__all__ = [
    "DAYS_TO_BRING_BACK",
    "Delta",
    "Entry",
    "Ledger",
    "LedgerError",
    "Record",
    "comparison_frame",
    "delta",
    "differing_settings",
    "entry_frame",
    "export_runs",
    "import_runs",
    "ledger_frame",
    "reopen_run",
    "same_figures",
    "settings_of",
]
