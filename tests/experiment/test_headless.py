"""The command line and the Python call come to the app's figures, and say where data is other data."""

import json
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import pytrec_eval

from skrec_lite.experiment.headless import DataDiffersWarning, figures, run_comparison
from skrec_lite.experiment.headless.cli import main
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.trec import encode_id, trec_run
from tests.experiment.few_files import CONFIG, app_result, contents, read_result, uploaded, write_place
from tests.experiment.rich_result import rich_result

ROOT = Path(__file__).parents[2]
#: What differs between two runs of the same.
TIMED = ("made", "timings")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder as the command line leaves it, made of the app's exported file beside the data."""
    folder = write_place(tmp_path_factory.mktemp("made"))
    assert main(["compare", str(folder / "config.json"), "--out", str(folder / "out"), "--quiet"]) == 0
    return folder


@pytest.fixture
def place(tmp_path):
    """A folder with the data and the app's file in it."""
    return write_place(tmp_path)


def untimed(values):
    return {key: value for key, value in values.items() if key not in TIMED}


# --- the same figures on both roads


def test_the_command_line_has_the_apps_figures_to_the_digit(made):
    app = figures(app_result(), ComparisonPlan.of_result(app_result()))
    assert untimed(read_result(made / "out")) == untimed(json.loads(json.dumps(app)))
    assert app["pools"]["embedding"]["recall_at_k"][-1] > 0


def test_the_python_call_has_them_from_a_mapping_a_plan_and_a_configuration(place):
    plan = ComparisonPlan.of_result(app_result())
    for given, data in (
        (json.loads(plan.to_json()), place),
        (plan, uploaded()),
        (CONFIG, uploaded()),
    ):
        result = run_comparison(given, data)
        pd.testing.assert_frame_equal(result.final_frame(), app_result().final_frame())
        pd.testing.assert_frame_equal(result.recall_frame(), app_result().recall_frame())


def test_a_process_of_its_own_has_them_too(place):
    done = subprocess.run(
        [sys.executable, "-m", "skrec_lite", "compare", "config.json", "--out", "out"],
        cwd=place, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    app = figures(app_result(), ComparisonPlan.of_result(app_result()))
    assert untimed(read_result(place / "out")) == untimed(json.loads(json.dumps(app)))
    assert "Traceback" not in done.stderr
    stages = [line.split(" % ") for line in done.stderr.splitlines()]
    shares = [int(share.split()[-1]) for share, _ in stages]
    assert shares == sorted(shares)
    assert [doing for _, doing in stages].count("Done") == 1
    assert stages[-1][1] == "Done"
    assert "Written to out." in done.stdout


def test_the_script_in_the_folder_has_them_too(made, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["reproduce.py", str(made)])
    ran = runpy.run_path(str(made / "out" / "reproduce.py"))
    pd.testing.assert_frame_equal(ran["result"].final_frame(), app_result().final_frame())
    printed = capsys.readouterr()
    assert app_result().final_frame().to_string(index=False) in printed.out
    assert printed.err == ""


# --- what the folder holds


def test_every_file_is_there(made):
    out = made / "out"
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    runs = {f"trec/{key}.{stage}.run" for key in app_result().runs for stage in ("pool", "list")}
    assert files == runs | {
        "result.json", "config.json", "reproduce.py", "report.html", "per_user.parquet", "pools.parquet",
        "lists.parquet", "curves.parquet", "trec/qrels.txt", "trec/full.list.run",
    }  # fmt: skip
    assert [path.name for path in made.iterdir() if path.name.startswith(".")] == [], "nothing half-written"


def test_the_comparison_file_in_it_makes_the_same_again(made):
    again = run_comparison(made / "out" / "config.json", made)
    pd.testing.assert_frame_equal(again.final_frame(), app_result().final_frame())


def test_tables_hold_every_user_candidate_and_list_place(made):
    result = app_result()
    users = pd.read_parquet(made / "out" / "per_user.parquet")
    means = users.groupby(["retriever", "stage"])["recall"].mean()
    final = result.final_frame().set_index("retriever")
    for key in result.runs:
        assert means[key, "list"] == pytest.approx(final.loc[key, "recall"], abs=1e-15)
        assert means[key, "pool"] == pytest.approx(final.loc[key, "pool_recall"], abs=1e-15)
    assert means["full", "list"] == pytest.approx(final.loc["full", "recall"], abs=1e-15)
    pools = pd.read_parquet(made / "out" / "pools.parquet")
    embedding = pools[pools["retriever"] == "embedding"]
    pool = result.runs["embedding"].candidates
    first = embedding[embedding["user"] == pool.user_ids[3]].sort_values("rank")
    assert first["item"].tolist() == pool.items.decode(pool.item_index[3]).tolist()
    np.testing.assert_array_equal(first["score"], pool.scores[3])
    assert embedding["hit"].sum() == result.runs["embedding"].hits.sum()
    lists = pd.read_parquet(made / "out" / "lists.parquet")
    shown = lists[lists["retriever"] == "popularity"].merge(
        pools[pools["retriever"] == "popularity"], on=["user", "item"], suffixes=("", "_in_pool")
    )
    assert len(shown) == (lists["retriever"] == "popularity").sum(), "what is shown was in the pool"
    assert (shown["pool_rank"] == shown["rank_in_pool"]).all()
    assert (lists.loc[lists["retriever"] == "full", "pool_rank"] == 0).all()
    curves = pd.read_parquet(made / "out" / "curves.parquet")
    pd.testing.assert_frame_equal(curves, result.recall_frame())


def test_an_outside_evaluator_can_check_the_folder(made):
    trec = made / "out" / "trec"
    with (trec / "qrels.txt").open() as file:
        relevant = pytrec_eval.parse_qrel(file)
    with (trec / "embedding.pool.run").open() as file:
        found = pytrec_eval.RelevanceEvaluator(relevant, {"recall.30"}).evaluate(pytrec_eval.parse_run(file))
    words = [encode_id(user) for user in app_result().user_ids]
    ours = read_result(made / "out")["pools"]["embedding"]["metrics"]["recall"]["mean"]
    assert np.mean([found[user]["recall_30"] for user in words]) == pytest.approx(ours, abs=1e-9)
    assert (trec / "content.list.run").read_text() == trec_run(app_result(), "content", "list")


def test_figures_hold_all_that_was_found_and_are_strict_json():
    rich = rich_result()
    values = figures(rich, ComparisonPlan.of_result(rich))
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    for row in values["funnel"]:
        ends = ("not_in_catalogue", "not_retrieved", "ranked_below", "shown")
        assert sum(row[end] for end in ends) == row["held_out"] == values["split"]["n_held_out"]
    for key, run in rich.runs.items():
        own = values["lists"][key]
        for metric, per_user in run.ranked.per_user.items():
            found = own["metrics"][metric]
            assert found["mean"] == pytest.approx(per_user.mean(), abs=1e-15)
            assert found["low"] <= found["mean"] <= found["high"]
        assert own["metrics"]["recall"]["mean"] <= values["pools"][key]["metrics"]["recall"]["mean"]
        hits, relevant = run.ranked.hits.sum(), rich.split.n_held_out.sum()
        assert own["micro"]["recall"] == pytest.approx(hits / relevant)
        pool = values["pools"][key]
        assert pool["micro"]["recall"] == pytest.approx(run.hits.sum() / relevant)
        assert pool["recall_at_k"] == rich.recall_curves[key].tolist()
        assert pool["beyond"] == run.beyond
    segmentations = {one["key"] for one in values["segments"]}
    assert segmentations >= {"history", "new_users", "users:country", "items:genres"}
    assert all(one["p_adjusted"] >= one["p_value"] for one in values["comparisons"])
    assert values["split"]["leak_check"]["checks"]
    assert values["seeds"]["figures"] == []


def test_a_sweep_is_in_the_folder_when_asked_for(place, capsys):
    plan = ComparisonPlan.of_data(uploaded(), replace(CONFIG, retrievers=("embedding",)))
    (place / "config.json").write_text(plan.to_json())
    out = str(place / "out")
    assert main(["compare", str(place / "config.json"), "--sweep", "--out", out, "--quiet"]) == 0
    values = read_result(place / "out")
    assert values["comparison"]["sweep"] is True
    points = {(point["retriever"], point["k"]): point for point in values["sweep"]["points"]}
    assert points["embedding", 30]["pool_recall"] == pytest.approx(
        values["pools"]["embedding"]["metrics"]["recall"]["mean"]
    )
    assert values["sweep"]["advice"]["sentence"] in capsys.readouterr().out
    assert 'id="sizes"' in (place / "out" / "report.html").read_text()
    assert json.loads((place / "out" / "config.json").read_text())["sweep"] is True


# --- other data under the same name


def test_other_data_is_said_and_written_down_and_figures_are_made_all_the_same(place, capsys):
    lines = contents()["ratings.csv"].splitlines(keepends=True)
    (place / "ratings.csv").write_bytes(b"".join(lines[:-60]))
    assert main(["compare", str(place / "config.json"), "--out", str(place / "out"), "--quiet"]) == 0
    err = capsys.readouterr().err
    assert "The data is not what the comparison was made on" in err
    (note,) = read_result(place / "out")["notes"]
    assert note == err.strip()
    assert note in (place / "out" / "report.html").read_text()


def test_in_python_other_data_is_a_warning_where_the_call_is(place, monkeypatch):
    monkeypatch.setattr("skrec_lite.experiment.headless.run.run_experiment", lambda *a, **k: app_result())
    (place / "books.csv").write_bytes(b"".join(contents()["books.csv"].splitlines(keepends=True)[:-60]))
    with pytest.warns(DataDiffersWarning, match="is not what the comparison was made on") as warned:
        run_comparison(place / "config.json")
    assert warned[0].filename == __file__
