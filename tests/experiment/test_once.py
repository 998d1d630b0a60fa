"""Figures that are computed once for each result, and of which only the latest are kept."""

from functools import cached_property

import pytest

from skrec_lite.experiment.once import latest_per_result, once_per_result


class Result:
    @cached_property
    def remembered(self):
        return {}


@pytest.fixture
def asked():
    return []


def test_the_same_question_is_answered_once_for_each_result(asked):
    @once_per_result
    def double(result, number):
        asked.append(number)
        return 2 * number

    one, other = Result(), Result()
    assert [double(one, 3), double(one, 3), double(one, 4), double(other, 3)] == [6, 6, 8, 6]
    assert asked == [3, 4, 3]


def test_only_the_latest_answers_are_kept(asked):
    @latest_per_result(2)
    def double(result, number):
        asked.append(number)
        return [2 * number]

    result = Result()
    first = double(result, 1)
    assert double(result, 1) is first
    assert [double(result, 2), double(result, 3)] == [[4], [6]]
    assert double(result, 3) == [6]
    assert asked == [1, 2, 3]
    assert double(result, 1) == first
    assert asked == [1, 2, 3, 1]


def test_an_answer_that_fails_is_asked_for_again(asked):
    @latest_per_result(2)
    def refuse(result, number):
        asked.append(number)
        raise KeyError(number)

    result = Result()
    for _ in range(2):
        with pytest.raises(KeyError):
            refuse(result, 1)
    assert asked == [1, 1]


def test_two_functions_and_two_results_do_not_share_answers():
    single, double = (latest_per_result(2)(lambda result, number, by=by: number * by) for by in (1, 2))
    one, other = Result(), Result()
    assert [single(one, 5), double(one, 5), double(other, 6)] == [5, 10, 12]
    assert double(one, 7, by=3) == 21
