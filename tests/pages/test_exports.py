"""What one takes away holds the library's figures, and looks as the screens do."""

from __future__ import annotations

import ast
import io
import json
import re
import threading
import time
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.components import exports as module
from pages.components.exports import file_stem, plan_json, script
from pages.components.identity import LOOKS
from skrec_lite.experiment.headless import comparison_zip, trec_zip
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.report import looks
from skrec_lite.experiment.report.own_code import own_code
from skrec_lite.experiment.trec import qrels, trec_run

BUTTONS = {
    "compare_report_html": "Report (HTML)",
    "compare_all_zip": "Everything (ZIP)",
    "compare_config_json": "Configuration (JSON)",
    "compare_script_py": "Script (Python)",
    "compare_scikit_rec_zip": "scikit-rec (ZIP)",
    "compare_trec_zip": "TREC files (ZIP)",
    "compare_curves_csv": "Curves (CSV)",
    "compare_metrics_csv": "Metrics and timings (CSV)",
}


def with_rankers_of_scikit_rec(result):
    """The result as if it came of a ranker that scikit-rec has too."""
    return replace(result, config=replace(result.config, estimator="mf_explicit", params={}))


def drawn(result):
    def page():
        import streamlit as st

        from pages.components.exports import exports

        exports(st.session_state["result"])

    app = AppTest.from_function(page)
    app.session_state["result"] = result
    return app.run()


def test_there_is_a_button_for_each_file_and_nothing_is_made_before_a_click(small_result, monkeypatch):
    def too_early(*arguments, **others):
        pytest.fail("a file was made before its button was clicked")

    for name in (
        "html_report",
        "comparison_zip",
        "trec_zip",
        "curves_csv",
        "metrics_csv",
        "reproduction_script",
        "scikit_rec_zip",
        "own_code",
    ):
        monkeypatch.setattr(module, name, too_early)
    monkeypatch.setattr(ComparisonPlan, "of_result", too_early)
    app = drawn(small_result)
    assert not app.exception
    buttons = app.get("download_button")
    assert [button.proto.label for button in buttons] == list(BUTTONS.values())
    assert [button.proto.id.rsplit("-", 1)[-1] for button in buttons] == list(BUTTONS)


def test_where_scikit_rec_cannot_do_the_same_the_button_rests_and_the_screen_says_why(small_result):
    def button(app):
        return next(each for each in app.get("download_button") if each.proto.label == "scikit-rec (ZIP)")

    app = drawn(small_result)
    assert button(app).proto.disabled
    assert any("iALS" in caption.value for caption in app.caption)
    app = drawn(with_rankers_of_scikit_rec(small_result))
    assert not button(app).proto.disabled
    assert not any("scikit-rec" in caption.value for caption in app.caption)


def test_the_code_of_each_retriever_can_be_copied(small_result):
    app = drawn(small_result)
    assert not app.code
    app.session_state["own_code"] = True
    app.run()
    assert "EmbeddingRetriever(top_k=50)" in app.code[0].value
    app.segmented_control(key="code_retriever").set_value("popularity").run()
    assert not app.exception
    assert app.code[0].value == own_code(small_result, "popularity").strip()
    assert "PopularityRetriever(top_k=50)" in app.code[0].value
    assert "n_factors=16" in app.code[0].value


def test_the_configuration_is_one_that_the_command_line_takes(small_result):
    plan = ComparisonPlan.from_json(plan_json(small_result))
    assert plan.config == small_result.config
    assert plan.name == small_result.data.name
    assert plan == ComparisonPlan.of_result(small_result)
    compile(script(small_result), "reproduce.py", "exec")


def test_the_archive_of_everything_holds_the_folder(small_result):
    with zipfile.ZipFile(io.BytesIO(comparison_zip(small_result))) as archive:
        assert archive.testzip() is None
        names = {name.removeprefix("comparison/") for name in archive.namelist()}
        values = json.loads(archive.read("comparison/result.json"))
        curves = pd.read_parquet(io.BytesIO(archive.read("comparison/curves.parquet")))
    assert {"report.html", "config.json", "reproduce.py", "pools.parquet", "trec/qrels.txt"} <= names
    pd.testing.assert_frame_equal(curves, small_result.recall_frame())
    for key, run in small_result.runs.items():
        assert values["lists"][key]["metrics"]["ndcg"]["mean"] == pytest.approx(
            run.ranked.mean("ndcg"), abs=1e-15
        )


def test_the_trec_archive_holds_runs_and_qrels(small_result):
    packed = trec_zip(small_result)
    assert packed == trec_zip(small_result), "the same content, the same archive"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read("trec/qrels.txt").decode() == qrels(small_result)
        assert archive.read("trec/content.pool.run").decode() == trec_run(small_result, "content", "pool")
        assert len(archive.namelist()) == 1 + 2 * len(small_result.runs) + 1


def test_what_each_button_gives_is_what_its_name_says(small_result, monkeypatch):
    made = {}

    def record(label, data, file_name, mime, *, key, **others):
        made[key] = (file_name, data())

    monkeypatch.setattr(module.st, "download_button", record)
    monkeypatch.setattr(module, "code_panel", lambda result: None)
    module.exports(
        replace(with_rankers_of_scikit_rec(small_result), data=replace(small_result.data, name="../<b>Läden"))
    )
    names = {key: name for key, (name, _) in made.items()}
    assert names["compare_report_html"] == "b-l-den-report.html"
    assert names["compare_all_zip"] == "b-l-den-comparison.zip"
    report = made["compare_report_html"][1].decode()
    assert report.startswith("<!DOCTYPE html>")
    assert "<b>Läden" not in report
    assert made["compare_config_json"][1].startswith(b"{")
    assert made["compare_script_py"][1].startswith(b'"""')
    assert made["compare_all_zip"][1][:2] == made["compare_trec_zip"][1][:2] == b"PK"
    curves = pd.read_csv(io.BytesIO(made["compare_curves_csv"][1]))
    assert len(curves) == len(small_result.runs) * small_result.config.top_k
    assert made["compare_metrics_csv"][1].startswith(b"retriever,")
    assert names["compare_scikit_rec_zip"] == "b-l-den-scikit-rec.zip"
    with zipfile.ZipFile(io.BytesIO(made["compare_scikit_rec_zip"][1])) as archive:
        ast.parse(archive.read("scikit-rec/compare_scikit_rec.py"))


@given(st.text())
def test_names_of_files_are_plain_whatever_the_data_is_called(name):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?", file_stem(name))


def test_a_report_looks_as_the_screens_do():
    for key, look in looks.LOOKS.items():
        ours = LOOKS[key]
        assert (look.colour, look.dash, look.marker) == (ours.colour, ours.dash, ours.marker)
        assert looks.label_of(key) == ours.label
    # The theme of the screens is a file of its own.
    theme = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
    for key, name in (("embedding", "blue"), ("content", "green"), ("popularity", "orange")):
        assert theme["dark"][f"{name}TextColor"] == looks.LOOKS[key].on_dark
        assert theme["light"][f"{name}TextColor"] == looks.LOOKS[key].on_light
        assert theme[f"{name}Color"] == looks.LOOKS[key].colour


def slow(monkeypatch):
    """Let every large file count as one that takes long."""
    monkeypatch.setattr(
        module, "seconds_to_make", lambda result: dict.fromkeys(("report", "everything", "trec"), 9.0)
    )


def downloads(app):
    return [button.proto.label for button in app.get("download_button")]


def test_a_file_that_takes_long_is_made_in_the_background_and_then_offered(small_result, monkeypatch):
    slow(monkeypatch)
    app = drawn(small_result)
    assert not {"Report (HTML)", "Everything (ZIP)", "TREC files (ZIP)"} & set(downloads(app))
    assert "about 9.0 s" in app.button(key="compare_trec_zip_make").help
    app.button(key="compare_trec_zip_make").click().run()
    kept = next(iter(app.session_state["_compare_trec_zip_"].values()))
    kept.job.wait(60)
    app.run()
    assert not app.exception
    assert "TREC files (ZIP)" in downloads(app)
    assert kept.found == trec_zip(small_result)


def test_a_file_in_the_making_shows_progress_and_can_be_stopped(small_result, monkeypatch):
    slow(monkeypatch)
    told = threading.Event()

    def endless(result, swept, *, step):
        while True:
            step(0.25, "Writing tables")
            told.set()
            time.sleep(0.01)

    monkeypatch.setattr(module, "comparison_zip", endless)
    app = drawn(small_result)
    app.button(key="compare_all_zip_make").click().run()
    assert told.wait(10)
    app.run()
    assert app.button(key="compare_all_zip_make").disabled
    assert app.get("progress")[0].proto.text == "Writing tables"
    assert any("so far" in caption.value for caption in app.caption)
    app.button(key="compare_all_zip_cancel").click().run()
    next(iter(app.session_state["_compare_all_zip_plain"].values())).job.wait(60)
    app.run()
    assert not app.exception
    assert "Nothing of it was kept" in app.warning[0].value
    assert not app.button(key="compare_all_zip_make").disabled


def test_the_steps_of_an_archive_go_from_nothing_to_all(small_result):
    for make in (comparison_zip, trec_zip):
        told = []
        make(small_result, step=lambda fraction, doing, told=told: told.append((fraction, doing)))
        fractions = [fraction for fraction, _ in told]
        assert fractions == sorted(fractions)
        assert fractions[0] == 0.0
        assert 0.8 < fractions[-1] < 1.0
        assert told[-1][1].startswith("Packing ")
