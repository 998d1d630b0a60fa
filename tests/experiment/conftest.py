"""A small comparison, run once."""

from functools import lru_cache

import pytest

from skrec_lite import ExperimentConfig, LabData, load_sample, run_experiment


@lru_cache(maxsize=1)
def readers():
    interactions, items = load_sample()
    users = interactions["USER_ID"].drop_duplicates().head(150)
    return LabData(interactions[interactions["USER_ID"].isin(users)], items, name="150 readers")


# Kept apart from the fixture: pytest makes a fixture with parameters anew whenever they change, file by file.
@lru_cache(maxsize=2)
def comparison(estimator):
    return run_experiment(readers(), ExperimentConfig(estimator=estimator, top_k=100, n=10))


@pytest.fixture(scope="session")
def small_data():
    return readers()


@pytest.fixture(scope="session", params=["mf_implicit", "xgboost"])
def result(request):
    return comparison(request.param)
