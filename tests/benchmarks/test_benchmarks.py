"""The benchmarks' arithmetic by hand, and their quick mode end to end on tiny data."""

import json
import xml.etree.ElementTree as ET

import pytest

from benchmarks import bench, environments
from benchmarks.__main__ import main
from benchmarks.cases import CASES
from benchmarks.measure import Bound, Pace, Row, alternate
from benchmarks.plot import write_plot
from benchmarks.processes import Worker, WorkerFailed
from benchmarks.report import table
from benchmarks.shapes import Shape


def reading(wall, cpu=1.0, **more):
    return {"wall": wall, "cpu": cpu, **more}


def a_row(**about):
    # Ours answers 100 users in 2, 1, 4 seconds; the peer 10 users in 1, 3, 2.
    return Row(
        "case",
        "what <is> timed",
        [reading(2.0, 1.0), reading(1.0, 2.0), reading(4.0, 1.0)],
        [reading(1.0, 3.0), reading(3.0, 3.0), reading(2.0, 3.0)],
        peer="them & co",
        n=100,
        peer_n=10,
        **about,
    )


def test_figures_are_medians_and_ratios_are_taken_pair_by_pair_per_user():
    row = a_row()
    assert row.ratios == [5.0, 30.0, 5.0]
    assert row.figures["ratio"] == 5.0
    assert row.figures["cpu_ratio"] == 30.0  # 10 * (3, 3/2, 3)
    assert row.figures["seconds"] == 2.0
    assert row.figures["rate"] == 50.0
    assert row.figures["peer_rate"] == 5.0


@pytest.mark.parametrize(
    ("aims", "reached"),
    [
        ((Bound("ratio", 5),), True),
        ((Bound("ratio", 5.01),), False),
        ((Bound("ratio", 5), Bound("rate", 51)), False),
        ((Bound("seconds", 2, at_most=True),), True),
        ((Bound("seconds", 1.9, at_most=True),), False),
        ((), None),
    ],
)
def test_an_aim_is_reached_when_every_bound_holds(aims, reached):
    assert a_row(aims=aims).reached is reached


def test_small_data_is_not_judged():
    assert a_row(aims=(Bound("ratio", 5),), judged=False).reached is None


def test_the_engine_is_compared_within_a_repetition():
    row = Row("c", "w", [reading(2.0, engine=1.0), reading(10.0, engine=9.0), reading(1.0, engine=0.8)])
    assert row.figures["engine_ratio"] == 0.8


def run_alternately(loads, repeat, wall=1.0):
    calls = []
    shares = iter(loads)

    def side(name):
        def call(number):
            calls.append((name, number))
            return reading(wall, number=number)

        return call

    pairs = alternate(side("ours"), side("theirs"), Pace(repeat), lambda: lambda: next(shares))
    return calls, [kept["number"] for kept in pairs.ours], pairs


def test_sides_alternate_after_one_warm_up_each():
    calls, kept, _ = run_alternately([0.0] * 9, repeat=2)
    assert calls == [(name, number) for number in (-1, 0, 1) for name in ("ours", "theirs")]
    assert kept == [0, 1]


def test_disturbed_pairs_are_repeated_and_left_out():
    _, kept, pairs = run_alternately([0.0, 0.9, 0.05, 0.5, 0.01], repeat=3)
    assert sorted(kept) == [0, 2, 4]
    assert pairs.others == 0.01


def test_on_a_busy_machine_the_quietest_pairs_stand():
    _, kept, pairs = run_alternately([0.9, 0.8, 0.5, 0.7, 0.6, 0.95], repeat=2)
    assert kept == [2, 4]
    assert pairs.others == pytest.approx(0.55)


def test_slow_sides_are_not_repeated_for_quiet():
    calls, _, _ = run_alternately([0.9] * 9, repeat=2, wall=20.0)
    assert len(calls) == 6


def test_table_says_what_was_reached_and_what_was_missed():
    lines = table([a_row(aims=(Bound("ratio", 5),)), a_row(aims=(Bound("ratio", 6),))]).splitlines()
    assert "5.00 x" in lines[2]
    assert lines[2].rstrip(" |").endswith("yes")
    assert lines[3].rstrip(" |").endswith("no")
    assert len({len(line) for line in lines}) == 1


def test_plot_has_a_bar_for_each_comparison_with_a_peer(tmp_path):
    rows = [
        a_row(aims=(Bound("ratio", 5),)),
        a_row(aims=(Bound("ratio", 6),)),
        a_row(),
        Row("c", "alone", [reading(1.0)]),
    ]
    write_plot(rows, tmp_path / "ratios.svg")
    root = ET.parse(tmp_path / "ratios.svg").getroot()
    bars = [element.get("class") for element in root if element.tag.endswith("rect")]
    assert bars == ["reached", "missed", "plain"]


def test_an_environment_is_installed_once_and_again_when_its_versions_change(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(environments.subprocess, "run", lambda command, **_: made(command))
    monkeypatch.setattr(environments, "INSTALLS", {"peer": (("first==1",), ("second==2", "third==3"))})

    def made(command):
        ran.append(command[1:])
        (tmp_path / "peer").mkdir(exist_ok=True)

    for _ in range(2):
        assert environments.python_of("peer", tmp_path) == tmp_path / "peer" / "bin" / "python"
    assert [command[-1] for command in ran] == [str(tmp_path / "peer"), "first==1", "third==3"]
    monkeypatch.setattr(environments, "INSTALLS", {"peer": (("first==2",),)})
    environments.python_of("peer", tmp_path)
    assert ran[-1][-1] == "first==2"


def test_a_worker_that_dies_says_why(tmp_path):
    worker = Worker(bench.Path(bench.sys.executable), "home", tmp_path)
    with pytest.raises(WorkerFailed, match="KeyError: 'no such step'"):
        worker.ask("no such step")
    worker.close()


def test_quick_mode_runs_the_cases_on_tiny_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "QUICK", {"1M": Shape(60, 250, 1_500), "wide": Shape(50, 300, 1_000)})
    # The others take longer and only combine what these do.
    cases = [case for case in CASES if case not in {"home", "stages-xgb", "stages-wide"}]
    rows = main(["--quick", "--only", *cases, "--out", str(tmp_path), "--data", str(tmp_path / "data")])
    assert {row.case for row in rows} == set(cases)
    written = json.loads((tmp_path / "results.json").read_text())
    assert [row["what"] for row in written["rows"]] == [row.what for row in rows]
    for row in written["rows"]:
        assert row["figures"]["seconds"] > 0
        assert row["reached"] is None
    by_case = {row["case"]: row["figures"] for row in written["rows"]}
    assert 0 < by_case["train"]["recall"] <= 1
    assert by_case["recommend-xgb"]["engine_ratio"] > 0
    assert by_case["recall"]["recall@500_popularity"] == 1  # nothing is left out of 250 items
    assert table(rows) in capsys.readouterr().out
