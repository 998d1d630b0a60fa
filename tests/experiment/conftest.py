"""A small comparison, run once."""

import pytest

from skrec_lite import ExperimentConfig, LabData, load_sample, run_experiment


@pytest.fixture(scope="session")
def small_data():
    interactions, items = load_sample()
    users = interactions["USER_ID"].drop_duplicates().head(150)
    return LabData(interactions[interactions["USER_ID"].isin(users)], items, name="150 readers")


@pytest.fixture(scope="session", params=["mf_implicit", "xgboost"])
def result(request, small_data):
    return run_experiment(small_data, ExperimentConfig(estimator=request.param, top_k=100, n=10))
