"""Controls that the tours leave alone because a test of their own goes all the way with them."""

from __future__ import annotations

#: How a control's name begins, and the test that uses it.
SPARED = {
    "button home_run": "test_clicks.py::test_an_own_csv_becomes_a_recall_chart_in_fewer_than_ten_clicks",
    "button train_run": "test_flow.py::test_training_is_watched_as_it_runs_and_read_again_afterwards",
    "button sweep_start": "test_work.py::test_a_sweep_is_cancelled_and_made",
    "button sweep_cancel": "test_work.py::test_a_sweep_is_cancelled_and_made",
    "button guard_run": "test_work.py::test_a_screen_without_a_run_offers_both_ways_to_one",
    "link Choose first": "test_work.py::test_a_screen_without_a_run_offers_both_ways_to_one",
    "link Watch it": "test_work.py::test_a_screen_without_a_run_offers_both_ways_to_one",
    "button run_cancel": "test_flow.py::test_cancel_stops_a_run_and_keeps_what_was_there",
    "button runs_delete_sure": "test_runs_screen.py::test_runs_are_deleted_brought_back_and_erased",
    "button runs_open": "test_runs_screen.py::test_a_run_opens_again_with_all_its_screens_after_the_session",
    # An answer is given once, and its inputs go: both ways cannot be gone in one session.
    "choice learn_guess": "test_learning.py::test_the_whole_tour_is_predicted_and_revealed",
    "slider learn_guess": "test_learning.py::test_the_whole_tour_is_predicted_and_revealed",
    "button learn_check": "test_learning.py::test_the_whole_tour_is_predicted_and_revealed",
    "button learn_show": "test_learning.py::test_the_whole_tour_is_predicted_and_revealed",
    "button learn_restart": "test_learning.py::test_the_whole_tour_is_predicted_and_revealed",
}
