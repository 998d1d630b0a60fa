"""A small data set, one finished run on it, and the app opened on both."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.io as pio
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from pages.components import jobs, sketch
from pages.components.session import FinishedRun, Lab
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import ExperimentConfig, ExperimentResult, LabData, run_experiment
from tests.pages.driving import open_app


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what the app writes away from the home of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKREC_LITE_HOME", str(home))
        yield home


@pytest.fixture(scope="module", autouse=True)
def free_places() -> None:
    """Let each file begin with a pool of its own: what another left under way must not hold its places."""
    jobs._pool.clear()


@pytest.fixture(scope="session", autouse=True)
def checked_charts() -> Iterator[None]:
    """Let Plotly look at every property of every chart, and find in it what the app sends without that."""
    of_app, seen = sketch.Drawing.to_dict, set()

    def both_ways(drawing: sketch.Drawing) -> dict[str, Any]:
        sent = of_app(drawing)
        text = pio.to_json(sent, validate=False)
        if text not in seen:  # Each rerun draws its charts again, most of them as they were.
            assert json.loads(text) == json.loads(pio.to_json(drawing.checked().to_dict()))
            seen.add(text)
        return sent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch.Drawing, "to_dict", both_ways)
        yield


@pytest.fixture(scope="session", autouse=True)
def components_scanned_once() -> Iterator[None]:
    """Let Streamlit look once what is installed, not at each run of `AppTest`, a fifth of all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


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
