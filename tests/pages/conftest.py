"""A small data set, one finished run on it, and the app opened on both."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.session import FinishedRun, Lab
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import ExperimentConfig, ExperimentResult, LabData, run_experiment

APP = str(Path(__file__).resolve().parents[2] / "app.py")
LAB = "_lab"


@pytest.fixture(scope="session")
def small_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first 150 users of the sample with all items."""
    interactions, items = load_sample()
    few = interactions["USER_ID"].drop_duplicates().head(150)
    return interactions[interactions["USER_ID"].isin(few)].reset_index(drop=True), items


@pytest.fixture(scope="session")
def small_data(small_tables: tuple[pd.DataFrame, pd.DataFrame]) -> LabData:
    return LabData(*small_tables, name="Small shop")


@pytest.fixture(scope="session")
def small_config() -> ExperimentConfig:
    return ExperimentConfig(params={"n_factors": 16, "epochs": 4}, top_k=50, n=5)


@pytest.fixture(scope="session")
def small_result(small_data: LabData, small_config: ExperimentConfig) -> ExperimentResult:
    return run_experiment(small_data, small_config)


@pytest.fixture
def app(small_data: LabData) -> AppTest:
    """The app on the small data, before any run; not yet run itself."""
    return open_app(Lab(small_data))


@pytest.fixture
def finished_app(small_data: LabData, small_result: ExperimentResult) -> AppTest:
    """The app on the small data with one finished run."""
    return open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))


def open_app(here: Lab) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[LAB] = here
    return app.run()


def lab_of(app: AppTest) -> Lab:
    """The session's laboratory."""
    return app.session_state[LAB]


def go(app: AppTest, page: str) -> AppTest:
    """Switch to a screen, as a click in the navigation does."""
    return app.switch_page(f"pages/{page}.py").run()


def finish(app: AppTest) -> AppTest:
    """Wait for the run under way, and draw the screen again."""
    lab_of(app).job.wait(120)
    return app.run()


def texts(app: AppTest) -> str:
    """All text of the main area and the sidebar, to look for words in."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "info", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def metric(app: AppTest, label: str) -> str:
    """The value of the first metric whose label ends so."""
    return next(shown.value for shown in app.metric if shown.label.endswith(label))
