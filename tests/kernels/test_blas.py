import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skrec_lite.kernels.blas import serial_blas


def blas_threads():
    return {entry["num_threads"] for entry in threadpool_info() if entry["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpool_limits(2, "blas"):
        yield


def test_one_thread_inside_and_as_before_outside():
    with serial_blas():
        assert blas_threads() == {1}
        with serial_blas():
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_lifted_after_an_error():
    with pytest.raises(KeyError), serial_blas():
        raise KeyError("x")
    assert blas_threads() == {2}


def test_overlapping_blocks_of_two_threads_leave_no_limit_behind():
    entered, first_left = threading.Event(), threading.Event()

    def second():
        with serial_blas():
            entered.set()
            first_left.wait(10)

    worker = threading.Thread(target=second)
    with serial_blas():
        worker.start()
        assert entered.wait(10)
    first_left.set()
    worker.join(10)
    assert blas_threads() == {2}
