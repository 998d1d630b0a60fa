"""What one browser session holds: the data, the running job, the last results."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from pages.components.jobs import Job
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import ESTIMATORS, ExperimentConfig, ExperimentResult, LabData, run_experiment
from skrec_lite.experiment.split import SplitConfig

MAX_RESULTS = 5
_KEY = "_lab"


@dataclass
class Lab:
    """One person's laboratory.

    Attributes
    ----------
    data : LabData
        What the next run works on.
    data_notes : list of str
        What was understood of the uploaded files.
    job : Job or None
        The run under way, or the last one.
    results : list of ExperimentResult
        Latest first, at most `MAX_RESULTS`.
    """

    data: LabData
    data_notes: list[str] = field(default_factory=list)
    job: Job | None = None
    results: list[ExperimentResult] = field(default_factory=list)

    @property
    def result(self) -> ExperimentResult | None:
        """The result that the screens show, if there is one."""
        return self.results[0] if self.results else None

    @property
    def result_title(self) -> str:
        """Name the shown result by its ranker and pool."""
        if self.result is None:
            return "none"
        config = self.result.config
        return f"{ESTIMATORS[config.estimator].label}, {config.top_k} candidates, top {config.n}"

    def start(self, config: ExperimentConfig) -> None:
        """Start a run on the present data unless one is under way."""
        if self.job is None or not self.job.is_active:
            data = self.data
            self.job = Job.submit(lambda progress, cancel: run_experiment(data, config, progress=progress, cancel=cancel))

    def collect(self) -> bool:
        """Move a finished run's result to the front; return whether there was one."""
        result = self.job.take_result() if self.job is not None else None
        if result is None:
            return False
        self.results = [result, *self.results][:MAX_RESULTS]
        return True


def lab() -> Lab:
    """Return this session's laboratory; the sample data is loaded from the start."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Lab(sample())
    here: Lab = st.session_state[_KEY]
    here.collect()
    return here


@st.cache_resource(show_spinner="Reading the sample data")
def sample() -> LabData:
    """Return the built-in sample, shared between sessions and never changed."""
    interactions, items = load_sample()
    return LabData(interactions, items, name="Sample bookshop")


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Compile the kernels once per server, in the background, so that the first run need not."""
    thread = threading.Thread(target=_tiny_run, name="warm-up", daemon=True)
    thread.start()
    return thread


def _tiny_run() -> None:
    interactions, items = load_sample()
    few = interactions["USER_ID"].drop_duplicates().head(30)
    data = LabData(interactions[interactions["USER_ID"].isin(few)], items, name="warm-up")
    run_experiment(data, ExperimentConfig(top_k=20, n=5, split=SplitConfig()))
