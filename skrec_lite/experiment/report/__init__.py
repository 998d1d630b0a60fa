"""A comparison as a page to send on, and as a script to make it again."""

from skrec_lite.experiment.report.page import html_report
from skrec_lite.experiment.report.run_caveats import caveats
from skrec_lite.experiment.report.script import reproduction_script

__all__ = ["caveats", "html_report", "reproduction_script"]
