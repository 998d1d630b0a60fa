"""A lesson on 150 readers, made once for all tests that read one."""

from functools import lru_cache

from skrec_lite.experiment.lessons import make_lesson
from tests.experiment.conftest import readers


@lru_cache(maxsize=1)
def small_lesson():
    return make_lesson(readers())
