"""The command line says what was wrong, stops when told to, and leaves whole folders or none."""

import io
import json
import signal
import threading

import pytest

from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment.headless import folder as folder_module
from skrec_lite.experiment.headless import run_comparison, write_folder
from skrec_lite.experiment.headless.cli import main
from skrec_lite.experiment.headless.progress import TerminalProgress
from skrec_lite.experiment.plan import ComparisonPlan
from tests.experiment.few_files import CONFIG, app_result, write_files, write_place

FILES = ["books.csv", "config.json", "ratings.csv"]


@pytest.fixture
def place(tmp_path):
    """A folder with the data and the app's file in it."""
    return write_place(tmp_path)


# --- exit codes and messages


def test_figures_are_printed_where_nothing_is_written(place, capsys):
    before = sorted(place.iterdir())
    assert main(["compare", str(place / "config.json"), "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    line = next(line.split() for line in out.splitlines()[2:] if line.startswith("Embedding "))
    row = app_result().final_frame().set_index("retriever").loc["embedding"]
    assert line[1:] == [
        f"{100 * row.pool_recall:.1f}", f"{100 * row.recall:.1f}", f"{row.ndcg:.3f}", f"{row.n_users:.0f}"
    ]  # fmt: skip
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nothing.json", "there is no such file"),
        ("broken.json", "broken.json is no JSON"),
        ("wrong.json", "Did you mean 'top_k'?"),
        ("bare.json", "--data"),
        ("long.json", "No user has both a history"),
    ],
)
def test_what_cannot_be_used_is_1_with_a_sentence_and_no_traceback(tmp_path, capsys, given, words):
    plan = json.loads(ComparisonPlan.of_result(app_result()).to_json())
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "wrong.json").write_text(json.dumps(plan | {"config": {"topk": 3}}))
    (tmp_path / "bare.json").write_text(json.dumps(CONFIG.to_dict()))
    one_each = {"split": {"n_held_out": 5000}}
    (tmp_path / "long.json").write_text(json.dumps(plan | {"config": one_each}))
    write_files(tmp_path)
    assert main(["compare", str(tmp_path / given), "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert words in err
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.parametrize(
    "arguments", [[], ["compare"], ["compair", "x.json"], ["compare", "x.json", "--outt", "y"]]
)
def test_what_cannot_be_understood_is_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--help"]])
def test_help_tells_the_exit_codes(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(f"\n  {code} " in said for code in (0, 1, 2, 130))


def test_ctrl_c_is_130_and_leaves_nothing(place, capsys, monkeypatch):
    def interrupted(*arguments, cancel, **others):
        signal.raise_signal(signal.SIGINT)
        assert cancel()
        raise Cancelled("The run was cancelled.")

    monkeypatch.setattr("skrec_lite.experiment.headless.run.run_experiment", interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert main(["compare", str(place / "config.json"), "--out", str(place / "out"), "--quiet"]) == 130
    assert "Cancelled; nothing was written." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before
    assert sorted(path.name for path in place.iterdir()) == FILES


def test_a_second_ctrl_c_does_not_wait(place, monkeypatch):
    def deaf(*arguments, **others):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second Ctrl-C was not heard")

    monkeypatch.setattr("skrec_lite.experiment.headless.run.run_experiment", deaf)
    assert main(["compare", str(place / "config.json"), "--quiet"]) == 130


@pytest.mark.parametrize("at", ["Reading", "Embedding", "Writing tables"])
def test_a_call_that_is_cancelled_stops_at_any_stage_and_leaves_nothing(place, at):
    seen = threading.Event()

    def progress(fraction, doing, epoch=None):
        if doing.startswith(at):
            seen.set()

    with pytest.raises(Cancelled):
        run_comparison(place / "config.json", out=place / "out", progress=progress, cancel=seen.is_set)
    assert sorted(path.name for path in place.iterdir()) == FILES


# --- folders


@pytest.fixture
def quickly(monkeypatch):
    """Run nothing and write little: these tests are about where it is written."""

    def write_little(result, plan, swept, folder, notes, step):
        (folder / "result.json").write_text('{"skrec_lite_result": 1}')

    monkeypatch.setattr("skrec_lite.experiment.headless.run.run_experiment", lambda *a, **k: app_result())
    monkeypatch.setattr(folder_module, "_write_all", write_little)


def test_a_folder_that_holds_a_comparison_is_kept_unless_forced(place, quickly, capsys):
    call = ["compare", str(place / "config.json"), "--out", str(place / "out"), "--quiet"]
    assert main(call) == 0
    (place / "out" / "stale.txt").write_text("of the earlier run")
    assert main(call) == 1
    assert "--force" in capsys.readouterr().err
    assert (place / "out" / "stale.txt").exists()
    assert main([*call, "--force"]) == 0
    assert [path.name for path in (place / "out").iterdir()] == ["result.json"], "nothing of two runs in one"
    assert sorted(path.name for path in place.iterdir()) == sorted([*FILES, "out"]), "nothing besides"


@pytest.mark.parametrize("force", [True, False])
def test_a_folder_with_anything_else_is_never_touched(tmp_path, force):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(InvalidDataError, match="does not hold a comparison"):
        run_comparison("nothing.json", out=tmp_path, force=force)
    assert (tmp_path / "thesis.doc").read_text() == "years of work"
    with pytest.raises(InvalidDataError, match="is a file"):
        run_comparison("nothing.json", out=tmp_path / "thesis.doc", force=force)


def test_an_empty_folder_and_one_in_a_new_folder_will_do(quickly, tmp_path):
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "empty", tmp_path / "new" / "deep"):
        assert write_folder(app_result(), out) == out
        assert [path.name for path in out.iterdir()] == ["result.json"]
        assert [path.name for path in out.parent.iterdir()] == [out.name] or out.name == "empty"


def test_what_fails_while_writing_leaves_no_folder_and_the_earlier_one_as_it_was(tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / "result.json").write_text('{"skrec_lite_result": 1, "of": "an earlier run"}')
    before = (out / "result.json").read_bytes()

    def full_disk(*arguments, **others):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_module, "figures", full_disk)
    for target in (out, tmp_path / "new"):
        with pytest.raises(InvalidDataError, match="No space left on device"):
            write_folder(app_result(), target, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "result.json").read_bytes() == before


# --- progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_one_line_that_grows(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    show = TerminalProgress(stream)
    show(0.25, "Training")
    show(0.5, "Retrieving: a very long description that would not fit into the line of this terminal")
    show(1.0, "Done")
    show.end()
    assert stream.getvalue().count("\n") == 1
    shown = stream.getvalue().rstrip("\n").split("\r")[1:]
    assert [len(line) for line in shown] == [59, 59, 59]
    assert shown[0].startswith("[######..................]  25 %   0:00 Training")
    assert shown[2].startswith("[########################] 100 %   0:00 Done")


def test_a_log_gets_a_line_a_stage():
    stream = io.StringIO()
    show = TerminalProgress(stream)
    steps = ((0.0, "Reading"), (0.1, "Training: epoch 1"), (0.2, "Training: epoch 2"), (1.0, "Done"))
    for fraction, doing in steps:
        show(fraction, doing)
    show.end()
    lines = stream.getvalue().splitlines()
    assert lines == ["  0:00   0 % Reading", "  0:00  10 % Training", "  0:00 100 % Done"]
