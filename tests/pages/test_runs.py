"""Runs: what was tried is kept, compared, shared and made again, and nobody meets the runs of others."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import runs_ledger
from pages.components.runs_ledger import ledger
from pages.components.runs_side_by_side import recall_chart
from pages.components.runs_table import rows_chosen, run_titles, table_of
from pages.components.session import FinishedRun, Keeping, Lab, _write_down
from skrec_lite.experiment import ExperimentConfig, run_experiment
from skrec_lite.experiment.ledger import LedgerError, Record, export_runs
from tests.pages.driving import APP, finish, go, lab_of, open_app, table, texts

MINE = "notebook-of-mine-1"
THEIRS = "notebook-of-theirs"


@pytest.fixture(autouse=True)
def own_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("SKREC_LITE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def other_result(small_data):
    return run_experiment(small_data, ExperimentConfig(params={"n_factors": 4, "epochs": 2}, top_k=50, n=5))


@pytest.fixture
def two(small_result, other_result, small_data):
    """Two runs of mine, the latest first."""
    first = ledger().add(MINE, Record.of_result(small_result), small_data)
    return [ledger().add(MINE, Record.of_result(other_result), small_data), first]


def opened(data, notebook=MINE, runs=(), **params):
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["_lab"] = Lab(data, runs=list(runs), shown=1 if runs else 0)
    app.session_state["_notebook"] = notebook
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def chosen(app, *entries):
    return app.multiselect(key="runs_chosen").set_value([entry.id for entry in entries]).run()


def test_an_empty_notebook_says_how_runs_come_into_it(small_data):
    app = go(opened(small_data), "runs")
    assert not app.exception
    assert "none in this notebook yet" in texts(app)
    assert not app.dataframe


def test_a_finished_run_is_written_down_and_outlives_the_session(small_data, small_result, monkeypatch):
    monkeypatch.setattr("pages.components.session.run_experiment", lambda *a, **b: small_result)
    app = opened(small_data)
    app.button(key="home_run").click().run()
    app = go(finish(app), "runs")
    assert lab_of(app).shown_run.entry == ledger().entries(MINE)[0].id
    runs_ledger._ledger.clear()
    shown = table(go(opened(small_data), "runs"), "Runs with")
    assert shown["recall"].tolist() == [100 * max(c[-1] for c in small_result.recall_curves.values())]
    assert shown["data"].tolist() == ["Small shop"]


def test_nobody_sees_the_runs_of_others(small_data, two):
    app = go(opened(small_data, THEIRS), "runs")
    assert "none in this notebook yet" in texts(app)
    assert len(table(go(opened(small_data), "runs"), "Runs with")) == 2


def test_the_name_of_a_person_who_logs_in_opens_no_notebook(small_data, small_result):
    ledger().add("user:ada@example.org", Record.of_result(small_result))
    app = go(opened(small_data, THEIRS), "runs")
    app.query_params["notebook"] = "user:ada@example.org"
    assert "none in this notebook yet" in texts(app.run())
    assert lab_of(app).notebook == THEIRS


def test_a_link_to_a_notebook_opens_it_until_one_goes_back(small_data, two):
    app = go(opened(small_data, THEIRS), "runs")
    app.query_params["notebook"] = MINE
    assert len(table(app.run(), "Runs with")) == 2
    assert "both of you" in texts(app)
    app.button(key="runs_leave").click().run()
    assert not app.dataframe
    assert lab_of(app).notebook == THEIRS


def test_a_baseline_is_pinned_and_the_others_show_their_paired_difference(small_data, two, small_result):
    app = chosen(go(opened(small_data), "runs"), two[1])
    app.button(key="runs_pin").click().run()
    shown = table(app, "Runs with").set_index("id")
    assert shown.loc[two[1].id, "recall_delta"] == "baseline"
    best = [max(small_result.recall_curves.values(), key=lambda c: c[-1])[-1]]
    best.insert(0, two[0].interval("pools", two[0].best, "recall").mean)
    assert shown.loc[two[0].id, "recall_delta"].startswith(f"{100 * (best[0] - best[1]):+.1f} (")
    assert [entry.is_baseline for entry in ledger().entries(MINE)] == [False, True]
    app.button(key="runs_pin").click().run()
    assert "recall_delta" not in table(app, "Runs with")


def test_names_and_notes_are_kept(small_data, two):
    app = chosen(go(opened(small_data), "runs"), two[0])
    app.text_input(key=f"runs_name_{two[0].id}").set_value("Fewer *factors*").run()
    app.text_area(key=f"runs_note_{two[0].id}").set_value("Worse, as feared.").run()
    kept = ledger().get(two[0].id)
    assert (kept.name, kept.note) == ("Fewer *factors*", "Worse, as feared.")
    assert r"Fewer \*factors\*" in texts(app)


def test_two_runs_stand_side_by_side_with_only_what_differs(small_data, two):
    app = chosen(go(opened(small_data), "runs"), *two)
    shown = table(app, "Chosen runs with")
    assert shown["Factors"].tolist() == ["4", "16"]
    assert "Seed" not in shown
    interval = two[0].interval("pools", "embedding", "recall")
    assert shown["Embedding: recall@50"][0].startswith(
        f"{100 * interval.mean:.1f} ({100 * interval.low:.1f} to"
    )
    figure = recall_chart(two)
    for label, entry in zip(figure.layout.yaxis.ticktext, two, strict=True):
        *name, _ended = label.split("<br>")
        assert " ".join(name) == entry.name, "a usual name stands there in full"
    assert [list(trace.x) for trace in figure.data] == [
        [100 * entry.interval("pools", key, "recall").mean for entry in two] for key in two[0].retrievers
    ]


def test_chosen_runs_are_deleted_after_a_second_click_and_the_next_action_can_undo_it(small_data, two):
    app = chosen(go(opened(small_data), "runs"), two[0])
    app.button(key="runs_delete_sure").click().run()
    assert [entry.id for entry in ledger().entries(MINE)] == [two[1].id]
    assert "1 run deleted." in texts(app)
    assert app.multiselect(key="runs_chosen").value == []
    app.button(key="runs_undo").click().run()
    assert [entry.id for entry in ledger().entries(MINE)] == [entry.id for entry in two]
    assert "1 run deleted." not in texts(app)
    assert app.multiselect(key="runs_chosen").value == [two[0].id]


def test_a_deleted_run_can_be_brought_back_later_or_erased(small_data, two):
    ledger().delete(MINE, [entry.id for entry in two])
    app = go(opened(small_data), "runs")
    assert "none in this notebook yet" in texts(app)
    assert "1 run deleted." not in texts(app)
    app.session_state["runs_deleted"] = True
    app.run()
    assert app.button(key="runs_restore").disabled
    app.multiselect(key="runs_deleted_which").set_value([two[1].id]).run()
    app.button(key="runs_restore").click().run()
    assert [entry.id for entry in ledger().entries(MINE)] == [two[1].id]
    app.multiselect(key="runs_deleted_which").set_value([two[0].id]).run()
    app.button(key="runs_erase").click().run()
    assert not app.exception
    assert [entry.id for entry in ledger().entries(MINE)] == [two[1].id]
    assert ledger().deleted(MINE) == []


def test_what_others_deleted_is_not_offered(small_data, two):
    ledger().delete(MINE, [two[0].id])
    app = go(opened(small_data, THEIRS), "runs")
    assert not [panel for panel in app.expander if "Deleted" in panel.label]
    app = go(opened(small_data), "runs")
    assert [panel.label for panel in app.expander if "Deleted" in panel.label] == ["Deleted runs"]


def test_a_run_that_the_session_holds_opens_at_once(small_data, small_result, other_result, two):
    runs = [FinishedRun(1, other_result, entry=two[0].id), FinishedRun(2, small_result, entry=two[1].id)]
    app = chosen(go(opened(small_data, runs=runs), "runs"), two[1])
    app.button(key="runs_open").click().run()
    assert lab_of(app).result is small_result
    assert lab_of(app).job is None
    assert "Every screen shows this run." in texts(app)


def test_a_run_is_made_again_with_all_its_screens_and_the_same_figures(small_data, two):
    app = chosen(go(opened(small_data), "runs"), two[1])
    app.button(key="runs_open").click().run()
    app = finish(app)
    assert "The same figures as then." in texts(app)
    app = go(app, "candidates")
    assert not app.exception
    assert app.query_params["run"] in (two[1].id, [two[1].id])
    # Made again, it is still the one entry.
    assert len(ledger().entries(MINE)) == 2


def test_a_link_to_a_screen_brings_back_its_run(small_data, two):
    app = opened(small_data, THEIRS)
    app = app.switch_page("pages/candidates.py")
    app.query_params["run"] = two[1].id
    app.run()
    assert "is made again" in texts(app)
    app = finish(app)
    assert not app.exception
    assert lab_of(app).shown_run.entry == two[1].id
    assert not ledger().entries(THEIRS)


def test_a_link_to_a_run_that_is_gone_says_so_and_offers_the_next_step(small_data):
    app = opened(small_data).switch_page("pages/compare.py")
    app.query_params["run"] = "not-there"
    app.run()
    assert "is not in the ledger" in texts(app)
    assert app.button(key="guard_run")


def test_a_shared_run_is_read_opened_and_copied_but_not_changed(small_data, two):
    app = go(opened(small_data, THEIRS), "runs")
    app.query_params["run"] = two[0].id
    app.run()
    assert "Shared with you" in texts(app)
    assert not app.text_input
    app.button(key="runs_copy").click().run()
    mine = ledger().entries(THEIRS)
    assert [entry.figures for entry in mine] == [two[0].figures]
    assert app.text_input(key=f"runs_name_{mine[0].id}")
    assert len(ledger().entries(MINE)) == 2


def test_exported_runs_come_into_another_notebook(small_data, two):
    app = go(opened(small_data, THEIRS), "runs")
    app.session_state["runs_import"] = True
    app.run()
    file = export_runs(ledger(), two).encode()
    app.file_uploader(key="runs_file").set_value(("runs.json", file, "application/json"))
    app.button(key="runs_import_now").click().run()
    assert "2 runs imported." in texts(app)
    assert [entry.figures for entry in ledger().entries(THEIRS)] == [entry.figures for entry in two]


def test_a_file_that_holds_no_runs_is_refused_in_words(small_data):
    app = go(opened(small_data), "runs")
    app.session_state["runs_import"] = True
    app.run()
    app.file_uploader(key="runs_file").set_value(("runs.json", b"{}", "application/json"))
    app.button(key="runs_import_now").click().run()
    assert not app.exception
    assert "holds no runs" in texts(app)


def test_without_a_place_to_write_the_app_works_and_says_so(small_data, small_result, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SKREC_LITE_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr("pages.components.session.run_experiment", lambda *a, **b: small_result)
    app = opened(small_data)
    app.button(key="home_run").click().run()
    app = go(finish(app), "runs")
    assert not app.exception
    assert lab_of(app).result is small_result
    assert "kept until the session ends" in texts(app)


def test_a_change_that_fails_is_said_and_shows_no_traceback(small_data, two, monkeypatch):
    app = chosen(go(opened(small_data), "runs"), two[0])

    def fails(*arguments):
        raise LedgerError("The disk is full.")

    monkeypatch.setattr(type(ledger()), "rename", fails)
    app.text_input(key=f"runs_name_{two[0].id}").set_value("New").run()
    assert not app.exception
    assert "The disk is full." in texts(app)


def test_while_the_ledger_is_locked_runs_are_shown_and_a_change_says_to_try_again(
    small_data, two, monkeypatch
):
    monkeypatch.setattr("skrec_lite.experiment.ledger.database._WAIT_SECONDS", 0.05)
    app = chosen(go(opened(small_data), "runs"), two[0])
    with closing(sqlite3.connect(ledger().folder / "ledger.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        app.button(key="runs_delete_sure").click().run()
        assert not app.exception
        assert "try again in a moment" in texts(app)
        assert "1 run deleted." not in texts(app)
        assert len(table(app, "Runs with")) == 2
        other.execute("ROLLBACK")
    app.button(key="runs_delete_sure").click().run()
    assert "try again" not in texts(app)
    assert len(table(app, "Runs with")) == 1


def test_a_run_is_finished_even_where_writing_it_down_fails_unexpectedly(small_data, caplog):
    keeping = Keeping()
    _write_down("no result", small_data, ledger(), MINE, keeping)
    assert keeping.entry == ""
    assert "server's log" in keeping.notice
    assert "could not be written" in caplog.text


def test_ticked_rows_become_ids_from_the_top():
    assert rows_chosen([2, 0], ["a", "b", "c"]) == ["a", "c"]
    assert rows_chosen([0, 7], ["a"]) == ["a"]
    assert rows_chosen([], ["a"]) == []


def test_titles_tell_runs_of_one_name_apart(two):
    later = replace(two[0], id="later", created="2026-01-02T03:04:05+00:00")
    # Widgets tell options apart by their titles: copies end in the same second.
    titles = run_titles([two[0], later, replace(later, id="copy")])
    assert len(set(titles.values())) == 3
    assert titles["copy"] == f"02 Jan 03:04:05 (2) · {later.name}"
    assert titles["later"] == f"02 Jan 03:04:05 · {later.name}"


def test_on_other_data_there_is_no_difference_to_a_baseline(two):
    elsewhere = json.loads(json.dumps(dict(two[0].comparison)))
    elsewhere["data"]["fingerprint"]["sha256"] = "0" * 64
    strange = replace(two[0], id="strange", comparison=elsewhere, is_baseline=False)
    ledger().insert_all([(strange, ledger().packed_per_user(two[0].id))])
    assert table_of([strange], two[1])["recall_delta"].tolist() == ["other data"]


def test_a_session_without_a_notebook_writes_nothing(small_data, small_result, monkeypatch):
    monkeypatch.setattr("pages.components.session.run_experiment", lambda *a, **b: small_result)
    here = Lab(small_data)
    here.start(here.default_config())
    here.job.wait(20)
    assert here.collect()
    assert here.shown_run.entry == ""
    assert not ledger().folder.exists()


def test_every_fresh_session_has_a_notebook_of_its_own(small_data):
    names = {lab_of(open_app(Lab(small_data))).notebook for _ in range(2)}
    assert len(names) == 2
    assert all(len(name) >= 16 for name in names)
