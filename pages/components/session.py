"""What one browser session holds: the data, the running job, the last results."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.components.jobs import Job, Work
from pages.components.returning import Returning
from pages.components.runs_ledger import ledger, notebook, own_notebook
from skrec_lite.dataset.samples import SAMPLES, load_sample
from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.experiment import (
    ESTIMATORS,
    ExperimentConfig,
    ExperimentResult,
    LabData,
    load_plugins,
    run_experiment,
    what_if,
)
from skrec_lite.experiment.ledger import Entry, Ledger, LedgerError, Record, reopen_run
from skrec_lite.experiment.playground.merging import mergeable, merged_pool, try_merge
from skrec_lite.experiment.splitting.split import SplitConfig

MAX_RESULTS = 5
_KEY = "_lab"
_NOT_WRITTEN = "This run could not be written into the ledger; the server's log has the details."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FinishedRun:
    """A result of this session.

    Attributes
    ----------
    number : int
        In this session, from 1.
    result : ExperimentResult
    epochs : tuple of Epoch
        Of its trainings, in order.
    entry : str
        Its id in the ledger of runs; empty where it is not in there.
    notice : str
        Why it is not in the ledger; or, of a run made again, whether the figures are those of then.
    """

    number: int
    result: ExperimentResult
    epochs: tuple[Epoch, ...] = ()
    entry: str = ""
    notice: str = ""

    @property
    def title(self) -> str:
        """Name the run by its ranker and pool."""
        config = self.result.config
        return f"{ESTIMATORS[config.estimator].label}, {config.top_k:,} candidates, top {config.n:,}"


@dataclass
class Keeping:
    """What became of the run under way in the ledger; its job fills it in before it ends."""

    entry: str = ""
    notice: str = ""


@dataclass
class Lab:
    """One person's laboratory.

    Attributes
    ----------
    data : LabData
        What the next run works on.
    job : Job or None
        The run under way, or the last one.
    runs : list of FinishedRun
        Latest first, at most `MAX_RESULTS`.
    shown : int
        Number of the run that the screens show; 0 before the first.
    notebook : str
        Whose runs are written down in the ledger; nothing is while it is empty.
    opening : str
        Id of the ledger's run that is being made again; empty otherwise.
    linked : str
        Id of the run that the address was last seen or made to name.
    keeping : Keeping
        Of the run under way.
    collected : Job or None
        The last one whose result is among the runs.
    said_running : bool
        Whether the sidebar, drawn before the page, said that a run is under way.
    """

    data: LabData
    job: Job | None = None
    runs: list[FinishedRun] = field(default_factory=list)
    shown: int = 0
    notebook: str = ""
    opening: str = ""
    linked: str = ""
    keeping: Keeping = field(default_factory=Keeping)
    collected: Job | None = None
    said_running: bool = False

    @property
    def shown_run(self) -> FinishedRun | None:
        """The run that the screens show, if there is one."""
        return next((run for run in self.runs if run.number == self.shown), None)

    @property
    def result(self) -> ExperimentResult | None:
        """The result that the screens show, if there is one."""
        return self.shown_run.result if self.shown_run is not None else None

    @property
    def result_title(self) -> str:
        """Name of the shown run."""
        return self.shown_run.title if self.shown_run is not None else "none"

    def looks_at_test(self, result: ExperimentResult) -> int:
        """Return how many of this session's runs were measured on the same test part as a result."""
        split = result.config.split
        return sum(
            run.result.data is result.data and run.result.config.split == split
            for run in self.runs
            if split.part == "test"
        )

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self.job is not None and self.job.is_active

    def use_sample(self, name: str = "books") -> None:
        """Load a built-in sample."""
        self.data = sample(name)

    def default_config(self) -> ExperimentConfig:
        """Return the defaults, with a pool that leaves a small catalogue something to choose from."""
        top_k = min(ExperimentConfig.top_k, max(1, self.data.n_items // 2))
        split = SplitConfig("given") if self.data.has_split else SplitConfig()
        return ExperimentConfig(top_k=top_k, n=min(ExperimentConfig.n, top_k), split=split)

    def start(self, config: ExperimentConfig) -> None:
        """Start a run on the present data unless one is under way; it is written down when it ends."""
        if self.is_running:
            return
        data, owner, keeping = self.data, self.notebook, Keeping()
        # Looked up here: the worker calls nothing of Streamlit's.
        book = ledger() if owner else None

        def work(progress: Progress, cancel: Cancel) -> ExperimentResult:
            result = run_experiment(data, config, progress=progress, cancel=cancel)
            if book is not None:
                _write_down(result, data, book, owner, keeping)
            return result

        self.opening, self.keeping = "", keeping
        self._submit(work)

    def reopen(self, entry: Entry) -> bool:
        """Show a run of the ledger; return whether that can be done at once.

        One that this session still holds is; any other is made again in the background unless a run is under
        way.
        """
        if (held := next((run for run in self.runs if run.entry == entry.id), None)) is not None:
            self.shown = held.number
            return True
        if self.is_running:
            return False
        data, book, keeping = self.data, ledger(), Keeping(entry.id)

        def work(progress: Progress, cancel: Cancel) -> ExperimentResult:
            result, keeping.notice = reopen_run(book, entry, at_hand=data, progress=progress, cancel=cancel)
            return result

        self.opening, self.keeping = entry.id, keeping
        self._submit(work)
        return False

    def _submit(self, work: Work) -> None:
        """Start work that keeps this laboratory for its person, whether the page stays open or not."""
        people = returning()

        def work_and_hold(progress: Progress, cancel: Cancel) -> ExperimentResult:
            result: ExperimentResult = work(progress, cancel)
            people.hold(self.keeping, self)
            return result

        self.job = Job.submit(work_and_hold)

    def copy(self) -> Lab:
        """Return a laboratory of the same data, runs and run under way, to be changed apart from this one."""
        return replace(self, runs=list(self.runs), linked="")

    def collect(self) -> bool:
        """Move a finished run's result to the front and show it; return whether there was one."""
        if self.job is None or self.job is self.collected or (result := self.job.result) is None:
            return False
        number = 1 + max((run.number for run in self.runs), default=0)
        run = FinishedRun(number, result, self.job.epochs, self.keeping.entry, self.keeping.notice)
        self.runs = [run, *self.runs][:MAX_RESULTS]
        self.shown, self.opening, self.collected = number, "", self.job
        returning().release(self.keeping)
        return True


def _write_down(result: ExperimentResult, data: LabData, book: Ledger, owner: str, keeping: Keeping) -> None:
    """Write a finished run down; one that cannot be written is none the less finished."""
    try:
        keeping.entry = book.add(owner, Record.of_result(result), data).id
    except LedgerError as error:
        keeping.notice = f"{error} This run is kept until the session ends."
    except Exception:
        _log.exception("A run could not be written into the ledger")
        keeping.notice = _NOT_WRITTEN


def lab() -> Lab:
    """Return this session's laboratory; a new session begins with what its person last had, or the sample."""
    owner, people = own_notebook(), returning()
    if _KEY not in st.session_state:
        last = people.latest(owner)
        st.session_state[_KEY] = Lab(sample()) if last is None else last.copy()
    here: Lab = st.session_state[_KEY]
    here.notebook = notebook()
    here.collect()
    people.note(owner, here)
    return here


@st.cache_resource(show_spinner=False)
def returning() -> Returning:
    """Return who works on this server, and in which laboratory."""
    return Returning()


def sample_title(name: str) -> str:
    """Return what the screens call a built-in sample."""
    return f"Sample {SAMPLES[name].label.lower()}"


@st.cache_resource(show_spinner=False)
def sample(name: str = "books") -> LabData:
    """Return a built-in sample, shared between sessions and never changed."""
    interactions, items = load_sample(name)
    return LabData(interactions, items, name=sample_title(name))


@st.cache_resource(show_spinner=False)
def load_own_retrievers() -> dict[str, str]:
    """Import the modules that register people's own retrievers, once per server; return those that failed."""
    return load_plugins()


def use_everything_once() -> None:
    """Read the sample, make a small run and ask it a question, so that what has to be compiled is."""
    books = sample()
    few = books.interactions["USER_ID"].drop_duplicates().head(30)
    mine = books.interactions["USER_ID"].isin(few)
    data = LabData(books.interactions[mine], books.items, name="warm-up")
    result = run_experiment(data, ExperimentConfig(top_k=20, n=5, split=SplitConfig()))
    what_if(result, result.items.ids[:3].tolist())
    weights = tuple((key, 1.0) for key in mergeable(result))
    try_merge(result, weights)
    merged_pool(result, result.user_ids[0], weights)
