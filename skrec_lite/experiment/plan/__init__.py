"""A comparison as a file: what it was made on, how it was configured, and how its data is found again."""

from skrec_lite.experiment.plan.comparison_plan import ComparisonPlan, read_plan
from skrec_lite.experiment.plan.data_plan import DataPlan
from skrec_lite.experiment.plan.fingerprint import Fingerprint
from skrec_lite.experiment.plan.opening import open_data

__all__ = ["ComparisonPlan", "DataPlan", "Fingerprint", "open_data", "read_plan"]
