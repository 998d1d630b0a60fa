import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.base import clone

from skrec_lite.estimator.parameters import Parametrized

ROOT = Path(__file__).parents[2]


class Example(Parametrized):
    def __init__(self, size=3, name="a", rate=float("nan")):
        self.size, self.name, self.rate = size, name, rate


def test_parameters_by_name():
    example = Example(size=5)
    assert example.get_params() == {"size": 5, "name": "a", "rate": example.rate}
    assert example.set_params(name="b", size=1) is example
    assert (example.size, example.name) == (1, "b")
    assert clone(example).get_params()["name"] == "b"


def test_representation_shows_what_differs_from_the_default():
    assert repr(Example()) == "Example()"
    assert repr(Example(name="b")) == "Example(name='b')"


def test_an_unknown_name_changes_nothing_and_is_told_the_nearest():
    example = Example()
    with pytest.raises(ValueError, match=r"no parameter 'sise'\. Did you mean 'size'"):
        example.set_params(name="b", sise=4)
    assert example.name == "a"


def test_importing_the_estimators_loads_neither_xgboost_nor_sklearn():
    """Both are slow to import, and a page that draws its first screen needs neither."""
    check = (
        "import sys, skrec_lite.estimator.embedding, skrec_lite.estimator.classification;"
        "print([name for name in ('xgboost', 'sklearn', 'torch') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip() == "[]"
