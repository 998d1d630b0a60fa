"""Comparisons without a screen: from a file to figures, by one call or from the command line."""

from skrec_lite.experiment.headless.archive import comparison_zip, trec_zip
from skrec_lite.experiment.headless.figures import figures
from skrec_lite.experiment.headless.folder import write_folder
from skrec_lite.experiment.headless.run import DataDiffersWarning, run_comparison

__all__ = [
    "DataDiffersWarning",
    "comparison_zip",
    "figures",
    "run_comparison",
    "trec_zip",
    "write_folder",
]
