"""A new session begins with what its person last had, apart from it; nothing is kept for ever."""

import gc
from dataclasses import dataclass

from pages.components.returning import UNSEEN_KEPT, Returning
from pages.components.session import FinishedRun, Lab


@dataclass
class Laboratory:
    """Whatever a session holds; all of them are equal."""

    is_running: bool = False


def test_the_laboratory_that_was_looked_at_last_is_found():
    people, first, second = Returning(), Laboratory(), Laboratory()
    people.note("ann", first)
    people.note("ann", second)
    assert people.latest("ann") is second
    people.note("ann", first)
    assert people.latest("ann") is first
    assert people.latest("ann") is first, "as often as it is asked for"


def test_one_with_a_run_under_way_goes_before_a_later_one():
    people, training, other = Returning(), Laboratory(is_running=True), Laboratory()
    people.note("ann", training)
    people.note("ann", other)
    assert people.latest("ann") is training
    training.is_running = False
    assert people.latest("ann") is other


def test_nobody_finds_what_is_anothers():
    people, mine = Returning(), Laboratory()
    people.note("ann", mine)
    assert people.latest("bob") is None


def test_a_laboratory_is_with_the_person_who_looked_at_it_last():
    people, mine = Returning(), Laboratory()
    people.note("a name from the cookie", mine)
    people.note("user:ann@example.org", mine)
    assert people.latest("a name from the cookie") is None
    assert people.latest("user:ann@example.org") is mine


def test_what_streamlit_has_forgotten_is_not_kept():
    people = Returning()
    people.note("ann", Laboratory())
    gc.collect()
    assert people.latest("ann") is None


def test_what_a_run_ended_in_unseen_is_kept_until_it_is_seen():
    people, mine, run, another_run = Returning(), Laboratory(), object(), object()
    people.note("ann", mine)
    people.hold(run, mine)
    del mine
    gc.collect()
    assert isinstance(people.latest("ann"), Laboratory)
    people.release(another_run)
    gc.collect()
    assert isinstance(people.latest("ann"), Laboratory)
    people.release(run)
    gc.collect()
    assert people.latest("ann") is None


def test_only_the_latest_unseen_are_kept():
    people = Returning()
    for number in range(UNSEEN_KEPT + 2):
        people.note(f"person {number}", laboratory := Laboratory())
        people.hold(object(), laboratory)
    del laboratory
    gc.collect()
    kept = [number for number in range(UNSEEN_KEPT + 2) if people.latest(f"person {number}") is not None]
    assert kept == [2, 3, 4]


def test_a_copy_has_the_same_runs_and_goes_its_own_way(small_data, small_result):
    mine = Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1, linked="an address")
    other = mine.copy()
    assert other.result is small_result
    assert other.linked == "", "its own address is still to be read"
    other.runs.append(FinishedRun(2, small_result))
    other.shown = 2
    other.use_sample()
    assert (len(mine.runs), mine.shown, mine.data) == (1, 1, small_data)


def test_both_copies_get_the_result_of_a_run_that_was_under_way(small_data, small_config):
    mine = Lab(small_data)
    mine.start(small_config)
    other = mine.copy()
    mine.job.wait(120)
    for here in (mine, other):
        assert here.collect()
        assert here.result.config == small_config
        assert not here.collect(), "once for each"
    assert mine.result is other.result
