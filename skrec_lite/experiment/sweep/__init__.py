"""Every pool size at once: what it is worth, what it costs, which one to take."""

from skrec_lite.experiment.sweep.advice import Advice
from skrec_lite.experiment.sweep.curves import SweptRetriever
from skrec_lite.experiment.sweep.pareto import pareto_front
from skrec_lite.experiment.sweep.result import Sweep
from skrec_lite.experiment.sweep.run import sweep
from skrec_lite.experiment.sweep.sizes import pool_sizes

__all__ = ["Advice", "Sweep", "SweptRetriever", "pareto_front", "pool_sizes", "sweep"]
