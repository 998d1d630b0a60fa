"""Runs in the background: how they end, that a cancel cancels, what is kept, what a person reads."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from pages.components.jobs import MAX_RUNNING, Job
from pages.components.session import MAX_RESULTS, FinishedRun, Lab
from skrec_lite.estimator.training import Epoch
from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment import ExperimentConfig, LabData, run_experiment

ROOT = Path(__file__).parents[2]


class Gate:
    """Work that reports how far it is, then waits to be let through or cancelled."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.open = threading.Event()
        self.rounds_after_cancel = 0

    def __call__(self, progress, cancel):
        progress(0.25, "Stage: model: round 1 of 4")
        self.started.set()
        while not self.open.wait(0.005):
            if cancel():
                raise Cancelled("The run was cancelled.")
        return "result"


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


def failing(error: BaseException):
    def work(progress, cancel):
        raise error

    return work


def ended(job: Job) -> Job:
    job.wait(20)
    return job


def test_done_job_gives_its_result_once():
    job = ended(Job.submit(lambda progress, cancel: 42))
    assert job.state == "done"
    assert not job.is_active
    assert job.take_result() == 42
    assert job.take_result() is None


def test_progress_is_seen_while_running_and_time_left_is_proportional(gate):
    job = Job.submit(gate)
    assert gate.started.wait(10)
    assert job.state == "running"
    assert (job.fraction, job.doing) == (0.25, "Stage: model: round 1 of 4")
    assert job.take_result() is None
    seconds, left = job.seconds, job.seconds_left
    assert left == pytest.approx(3 * seconds, rel=0.5)
    gate.open.set()
    assert ended(job).state == "done"
    assert job.seconds_left is None


def test_time_left_is_not_guessed_from_nothing():
    started, release = threading.Event(), threading.Event()

    def work(progress, cancel):
        progress(0.01, "Starting")
        started.set()
        release.wait(10)

    job = Job.submit(work)
    assert started.wait(10)
    assert job.seconds_left is None
    release.set()
    ended(job)


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def told(monkeypatch):
    """A job under way whose reports and clock the test sets."""
    clock = Clock()
    monkeypatch.setattr("pages.components.jobs.time", clock)
    job = Job(state="running", asked=clock.now, _began=clock.now)

    def report(at, fraction, epoch=None):
        clock.now = 1000.0 + at
        job._progress(fraction, "Stage", epoch)

    return job, clock, report


def epoch(number, seconds, total=10):
    return Epoch("NCF", number, total, seconds=seconds)


def test_time_left_of_a_training_is_by_its_epochs_and_counts_down(told):
    job, clock, report = told
    report(0, 0.02)
    # 30 seconds of preparing say nothing about the pace of epochs.
    report(34, 0.14, epoch(2, 4.0))
    assert job.training_left == pytest.approx(16)
    clock.now += 1.5
    assert job.training_left == pytest.approx(14.5)
    clock.now += 100
    assert job.training_left == 0
    report(50, 0.5, epoch(10, 20.0))
    assert job.training_left is None


def test_a_training_that_says_no_time_is_not_timed(told):
    job, _, report = told
    assert job.training_left is None
    report(3, 0.3, epoch(1, 0.0))
    assert job.training_left is None


def test_time_left_after_a_training_is_by_the_pace_since(told):
    job, _, report = told
    report(0, 0.02)
    report(100, 0.5, epoch(10, 90.0))
    report(100, 0.5)
    assert job.training_left is None
    assert job.seconds_left is None
    report(102, 0.7)
    assert job.seconds_left == pytest.approx(3)
    job.state = "done"
    assert job.seconds_left is None


def test_clock_stops_when_the_work_ends():
    job = ended(Job.submit(lambda progress, cancel: 1))
    first = job.seconds
    time.sleep(0.05)
    assert job.seconds == first


def test_cancel_ends_running_work(gate):
    job = Job.submit(gate)
    assert gate.started.wait(10)
    job.cancel()
    assert ended(job).state == "cancelled"
    assert job.take_result() is None
    assert not job.is_stopping


def test_cancel_while_waiting_never_starts_the_work():
    gates = [Gate() for _ in range(MAX_RUNNING)]
    busy = [Job.submit(gate) for gate in gates]
    late = Gate()
    try:
        assert all(gate.started.wait(60) for gate in gates)
        waiting = Job.submit(late)
        assert waiting.state == "waiting"
        waiting.cancel()
        assert waiting.state == "cancelled"
    finally:
        for gate in (*gates, late):
            gate.open.set()
    for job in busy:
        ended(job)
    waiting.wait(1)
    assert not late.started.is_set()


def test_cancel_stops_a_real_training_within_an_epoch(small_data: LabData):
    """An uncancelled run takes 100 epochs; the cancelled one must not pass the second."""
    epochs = []
    reached = threading.Event()

    def work(progress, cancel):
        def report(fraction, doing, epoch=None):
            progress(fraction, doing, epoch)
            if "epoch" in doing:
                epochs.append(doing)
                reached.set()
                # Gives the test time to cancel before the next epoch, however fast the machine.
                cancelled.wait(10)

        config = ExperimentConfig(params={"n_factors": 8, "epochs": 100}, top_k=20, n=5)
        return run_experiment(small_data, config, progress=report, cancel=cancel)

    cancelled = threading.Event()
    job = Job.submit(work)
    assert reached.wait(60)
    job.cancel()
    cancelled.set()
    assert ended(job).state == "cancelled"
    assert len(epochs) == 1
    assert job.take_result() is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            InvalidDataError("Column 'a' is empty.", repair="Choose another."),
            "Column 'a' is empty. Choose another.",
        ),
        (MemoryError(), "There was not enough memory."),
    ],
)
def test_failure_says_why_and_what_to_do(error, message):
    job = ended(Job.submit(failing(error)))
    assert job.state == "failed"
    assert job.message.startswith(message)
    assert job.take_result() is None


def test_unexpected_failure_shows_no_detail_but_logs_it(caplog):
    job = ended(Job.submit(failing(KeyError("secret internals"))))
    assert job.state == "failed"
    assert "secret" not in job.message
    assert "KeyError" not in job.message
    assert any("secret internals" in str(record.exc_info) for record in caplog.records)


def test_failed_and_cancelled_runs_keep_earlier_results(small_data, small_result, gate, monkeypatch):
    here = Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1)
    for work, state in ((failing(InvalidDataError("No.")), "failed"), (gate, "cancelled")):
        monkeypatch.setattr(
            "pages.components.session.run_experiment",
            lambda data, config, progress, cancel, work=work: work(progress, cancel),
        )
        here.start(ExperimentConfig())
        if state == "cancelled":
            assert gate.started.wait(10)
            here.job.cancel()
        assert ended(here.job).state == state
        assert not here.collect()
        assert here.result is small_result


def test_a_second_start_does_not_disturb_the_run_under_way(small_data, gate, monkeypatch):
    monkeypatch.setattr(
        "pages.components.session.run_experiment",
        lambda data, config, progress, cancel: gate(progress, cancel),
    )
    here = Lab(small_data)
    here.start(ExperimentConfig())
    first = here.job
    here.start(ExperimentConfig(top_k=50))
    assert here.job is first
    gate.open.set()
    ended(first)
    assert here.collect()
    assert (here.shown, here.result) == (1, "result")


def test_a_session_keeps_the_last_results_only_and_shows_the_newest(small_data, monkeypatch):
    monkeypatch.setattr(
        "pages.components.session.run_experiment", lambda data, config, progress, cancel: config.seed
    )
    here = Lab(small_data)
    for seed in range(1, MAX_RESULTS + 3):
        here.start(ExperimentConfig(seed=seed))
        ended(here.job)
        assert here.collect()
    newest = MAX_RESULTS + 2
    assert [run.number for run in here.runs] == list(range(newest, newest - MAX_RESULTS, -1))
    assert here.result == newest
    here.shown = 4
    assert here.result == 4


def test_data_loaded_during_a_run_does_not_change_that_run(small_data, gate, monkeypatch):
    seen = []

    def fake(data, config, progress, cancel):
        gate(progress, cancel)
        seen.append(data)
        return data

    monkeypatch.setattr("pages.components.session.run_experiment", fake)
    here = Lab(small_data)
    here.start(ExperimentConfig())
    assert gate.started.wait(10)
    here.data = LabData(small_data.interactions, name="Other")
    gate.open.set()
    ended(here.job)
    assert seen == [small_data]


def test_default_pool_leaves_a_small_catalogue_something_to_choose(small_data):
    few = small_data.interactions["ITEM_ID"].drop_duplicates().head(30)
    tiny = LabData(small_data.interactions[small_data.interactions["ITEM_ID"].isin(few)])
    assert Lab(small_data).default_config() == ExperimentConfig()
    config = Lab(tiny).default_config()
    assert (config.top_k, config.n) == (15, 10)


def test_the_server_collects_no_garbage_after_a_rerun():
    """After every rerun of a page that watches a training, it held the interpreter for up to 0.2 s."""
    settings = ROOT / ".streamlit" / "config.toml"
    assert tomllib.loads(settings.read_text())["runner"] == {"postScriptGC": False}
    # It is hidden from Streamlit's own list, so a new version may drop it: then this raises.
    config.get_option("runner.postScriptGC")


_RUN_AND_LEAVE = """
import time
from pages.components.jobs import Job
from skrec_lite.estimator.training import raise_if_cancelled
from skrec_lite.kernels.threads import for_each_chunk

def work(progress, cancel):
    while True:
        %s
        time.sleep(0.01)

job = Job.submit(work)
while job.state != "running":
    time.sleep(0.01)
"""


@pytest.mark.parametrize(
    "step", ['raise_if_cancelled(cancel, "work")', "for_each_chunk(10**4, lambda start, stop: None)"]
)
def test_a_server_that_is_stopped_does_not_wait_for_its_runs_nor_log_their_end(step):
    left = subprocess.run(
        [sys.executable, "-c", _RUN_AND_LEAVE % step],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "Traceback" not in left.stderr
