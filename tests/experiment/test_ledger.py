"""The ledger keeps what was written, for whom it was written, whoever else writes, and through restarts."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.ledger import (
    DAYS_TO_BRING_BACK,
    Ledger,
    LedgerError,
    Record,
    comparison_frame,
    entry_frame,
    export_runs,
    import_runs,
    ledger_frame,
)
from skrec_lite.experiment.ledger.ledger import home
from skrec_lite.experiment.ledger.record import packed, unpacked


def made_up(name="A run", best=0.5, users=4, measured="same", sha="d" * 64):
    def interval(mean):
        return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1}

    def both(mean):
        return {"recall": interval(mean), "ndcg": interval(mean / 2)}

    rng = np.random.default_rng(0)
    return Record(
        name=name,
        data_name="Shop",
        comparison={
            "skrec_lite_comparison": 1,
            "name": "Shop",
            "data": {"tables": True, "fingerprint": {"rows": {"interactions": 9}, "sha256": sha}},
            "config": {"top_k": 20, "n": 5},
            "sweep": False,
        },
        figures={
            "pools": {"k": 20, "embedding": both(best), "popularity": both(best / 2)},
            "lists": {"n": 5, "embedding": both(best), "popularity": both(best / 2), "full": both(0.3)},
            "users": users,
            "held_out": users,
            "cut": "the last item",
            "seconds": {"train": 1.0, "total": 2.0},
            "software": {"skrec_lite": "0.1.0"},
        },
        verdict="Embedding found most.",
        measured=measured,
        per_user={
            (stage, key, metric): rng.random(users)
            for stage in ("pools", "lists")
            for key in ("embedding", "popularity")
            for metric in ("recall", "ndcg")
        },
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def ledger(folder):
    return Ledger(folder)


def test_reading_makes_nothing_on_disk(ledger, folder):
    assert ledger.entries("mine") == []
    assert ledger.get("x") is None
    assert ledger.per_user("x") == {}
    assert not folder.exists()


def test_the_place_is_the_home_that_the_environment_names(monkeypatch, tmp_path):
    monkeypatch.setenv("SKREC_LITE_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.delenv("SKREC_LITE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home() == tmp_path / ".skrec_lite"


def test_what_was_written_is_there_after_a_restart(ledger, folder):
    written = ledger.add("mine", made_up())
    again = Ledger(folder)
    assert again.entries("mine") == [written]
    assert again.get(written.id) == written
    kept = again.per_user(written.id)
    assert kept.keys() == made_up().per_user.keys()
    for key, values in made_up().per_user.items():
        np.testing.assert_array_equal(kept[key], values)


def test_only_the_owner_may_read_opened_and_change_a_notebook(ledger):
    entry = ledger.add("mine", made_up())
    assert ledger.entries("theirs") == []
    assert not ledger.rename("theirs", entry.id, "Taken over")
    assert not ledger.annotate("theirs", entry.id, "Taken over")
    assert ledger.delete("theirs", [entry.id]) == 0
    ledger.pin("theirs", entry.id)
    assert ledger.entries("mine") == [entry]


def test_the_latest_run_comes_first(ledger):
    names = [ledger.add("mine", made_up(f"Run {number}")).name for number in range(3)]
    assert [entry.name for entry in ledger.entries("mine")] == names[::-1]


def test_a_notebook_has_one_baseline_or_none(ledger):
    first, second = ledger.add("mine", made_up()), ledger.add("mine", made_up())
    other = ledger.add("theirs", made_up())
    ledger.pin("theirs", other.id)
    for pinned in (first.id, second.id, None):
        ledger.pin("mine", pinned)
        assert [entry.id for entry in ledger.entries("mine") if entry.is_baseline] == [pinned] * bool(pinned)
    assert ledger.get(other.id).is_baseline


def test_names_are_one_line_and_never_empty(ledger):
    entry = ledger.add("mine", made_up())
    assert not ledger.rename("mine", entry.id, " \n ")
    assert ledger.rename("mine", entry.id, "  Two\nlines  ")
    assert ledger.get(entry.id).name == "Two lines"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40), note=st.text(st.characters(), max_size=60))
def test_any_text_is_kept_as_it_was_typed(ledger, name, note):
    entry = ledger.add("mine", made_up())
    ledger.annotate("mine", entry.id, note)
    assert ledger.get(entry.id).note == note.encode("utf-8", "replace").decode()
    if ledger.rename("mine", entry.id, name):
        assert ledger.get(entry.id).name == " ".join(name.encode("utf-8", "replace").decode().split())


def test_a_deleted_run_is_nowhere_until_it_is_brought_back_as_it_was(ledger):
    gone, kept = ledger.add("mine", made_up()), ledger.add("mine", made_up())
    ledger.annotate("mine", gone.id, "A note")
    before = ledger.get(gone.id)
    assert ledger.delete("mine", [gone.id, "unknown"]) == 1
    assert ledger.delete("mine", [gone.id]) == 0
    assert ledger.get(gone.id) is None
    assert ledger.copy(gone.id, "theirs") is None
    assert ledger.entries("mine") == [kept]
    assert not ledger.rename("mine", gone.id, "Other")
    assert [entry.id for entry in ledger.deleted("mine")] == [gone.id]
    assert ledger.restore("mine", [gone.id, kept.id]) == 1
    assert ledger.get(gone.id) == before
    assert len(ledger.per_user(gone.id)) == 8
    assert ledger.deleted("mine") == []


def test_only_the_owner_deletes_brings_back_and_erases(ledger):
    entry = ledger.add("mine", made_up())
    assert ledger.delete("theirs", [entry.id]) == 0
    ledger.delete("mine", [entry.id])
    assert ledger.deleted("theirs") == []
    assert ledger.restore("theirs", [entry.id]) == ledger.erase("theirs", [entry.id]) == 0
    assert ledger.restore("mine", [entry.id]) == 1


def test_erasing_takes_the_values_of_users_with_it_and_only_of_deleted_runs(ledger):
    gone, kept = ledger.add("mine", made_up()), ledger.add("mine", made_up())
    ledger.delete("mine", [gone.id])
    assert ledger.erase("mine", [gone.id, kept.id]) == 1
    assert ledger.per_user(gone.id) == {}
    assert len(ledger.per_user(kept.id)) == 8
    assert ledger.restore("mine", [gone.id]) == 0


def test_after_its_days_a_deleted_run_is_erased(ledger, folder):
    old, young = ledger.add("mine", made_up()), ledger.add("mine", made_up())
    ledger.delete("mine", [old.id, young.id])
    long_ago = (datetime.now(UTC) - timedelta(days=DAYS_TO_BRING_BACK, hours=1)).isoformat()
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as connection, connection:
        connection.execute("UPDATE entries SET deleted = ? WHERE id = ?", (long_ago, old.id))
    assert [entry.id for entry in ledger.deleted("mine")] == [young.id]
    assert ledger.restore("mine", [old.id]) == 0
    ledger.add("theirs", made_up())
    assert ledger.per_user(old.id) == {}
    assert len(ledger.per_user(young.id)) == 8


def test_a_file_of_the_first_version_is_brought_up_to_date_with_all_its_runs(ledger, folder):
    entry = ledger.add("mine", made_up())
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as connection, connection:
        connection.execute("ALTER TABLE entries DROP COLUMN deleted")
        connection.execute("PRAGMA user_version = 1")
    again = Ledger(folder)
    assert again.entries("mine") == [entry]
    again.delete("mine", [entry.id])
    assert again.restore("mine", [entry.id]) == 1
    assert Ledger(folder).entries("mine") == [entry]


def test_a_copy_is_whole_and_lives_on_without_the_original(ledger):
    entry = ledger.add("mine", made_up())
    ledger.pin("mine", entry.id)
    copy = ledger.copy(entry.id, "theirs")
    ledger.delete("mine", [entry.id])
    assert replace(copy, id=entry.id, notebook="mine") == entry
    assert len(ledger.per_user(copy.id)) == 8
    assert ledger.copy("unknown", "theirs") is None


def test_many_threads_write_at_once_and_nothing_is_lost(folder):
    def write(number):
        own = Ledger(folder)
        for _ in range(4):
            own.add(f"notebook {number % 2}", made_up())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(Ledger(folder).entries(f"notebook {number}")) for number in (0, 1)] == [12, 12]


def _write_some(folder):
    for _ in range(5):
        Ledger(folder).add("mine", made_up())


def test_several_processes_write_at_once_and_nothing_is_lost(folder):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_write_some, args=(folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    entries = Ledger(folder).entries("mine")
    assert len({entry.id for entry in entries}) == 15


def test_what_fails_half_way_leaves_nothing(ledger):
    ledger.add("mine", made_up())
    bad = replace(made_up(), per_user={("pools", "embedding", "recall"): np.ones(4)})
    entry = ledger.entries("mine")[0]
    with pytest.raises(LedgerError):
        ledger.insert_all([(replace(entry, id="new"), {}), (entry, dict.fromkeys(bad.per_user, b""))])
    assert ledger.get("new") is None


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look at" * 40, b"SQLite format 3\0"]
)
def test_a_damaged_file_is_kept_and_a_new_one_is_begun(ledger, folder, content):
    folder.mkdir()
    (folder / "ledger.sqlite3").write_bytes(content)
    entry = ledger.add("mine", made_up())
    assert ledger.entries("mine") == [entry]
    (kept,) = folder.glob("ledger-damaged-*.sqlite3")
    assert kept.read_bytes() == content
    assert str(kept) in ledger.notices[0]
    assert Ledger(folder).entries("mine") == [entry]


def test_damage_inside_a_file_is_found_and_the_file_is_kept(ledger, folder):
    for _ in range(30):
        ledger.add("mine", made_up())
    file = folder / "ledger.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(file.read_bytes())
    content[8192 : len(content) - 4096] = b"\xff" * (len(content) - 12288)
    file.write_bytes(content)
    again = Ledger(folder)
    assert again.entries("mine") == []
    (kept,) = folder.glob("ledger-damaged-*.sqlite3")
    assert kept.read_bytes() == content
    assert "damaged" in again.notices[0]


def test_a_file_of_a_later_version_is_left_alone(ledger, folder):
    ledger.add("mine", made_up())
    with sqlite3.connect(folder / "ledger.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LedgerError, match="version 99"):
        Ledger(folder).entries("mine")
    assert not list(folder.glob("*damaged*"))


def test_where_nothing_can_be_written_it_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger(tmp_path / "file" / "home").add("mine", made_up())


def test_while_somebody_else_writes_reading_goes_on_and_writing_says_to_try_again(
    ledger, folder, monkeypatch
):
    entry = ledger.add("mine", made_up())
    monkeypatch.setattr("skrec_lite.experiment.ledger.database._WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ledger.entries("mine") == [entry]
        with pytest.raises(LedgerError, match="somebody else is writing to it; try again"):
            ledger.rename("mine", entry.id, "Other")
        other.execute("ROLLBACK")
    assert ledger.rename("mine", entry.id, "Other")


def test_a_folder_that_was_removed_is_made_anew(ledger, folder):
    ledger.add("mine", made_up())
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert ledger.entries("mine") == []
    entry = ledger.add("mine", made_up())
    assert ledger.entries("mine") == [entry]


@given(st.lists(st.floats(allow_nan=False, width=64), max_size=50))
def test_values_are_packed_without_loss(values):
    np.testing.assert_array_equal(unpacked(packed(np.array(values, dtype=float))), values)


def test_packed_values_that_are_cut_off_or_grow_too_large_are_refused():
    content = packed(np.zeros(10_000))
    for bad, longest in ((content[:-4], 1 << 20), (content, 800), (b"zzz", 800)):
        with pytest.raises(ValueError, match="packed values"):
            unpacked(bad, longest)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(TEXTS, min_size=1, max_size=4), best=st.floats(0.1, 1.0), users=st.integers(1, 9))
def test_what_is_exported_comes_in_as_it_was(tmp_path_factory, names, best, users):
    here, there = (Ledger(tmp_path_factory.mktemp("home")) for _ in range(2))
    written = [here.add("mine", made_up(name, best, users)) for name in names]
    written = [entry for entry in written if here.annotate("mine", entry.id, entry.name * 2)]
    written = [here.get(entry.id) for entry in written]
    taken, n_known = import_runs(there, "theirs", export_runs(here, written))
    assert n_known == 0
    assert len(taken) == len(there.entries("theirs"))
    for before, after in zip(written, taken, strict=True):
        note = "Its data did not come with the imported file."
        assert replace(after, id=before.id, notebook="mine", data_note="") == before
        assert after.data_note == note
        assert after.id != before.id
        assert there.packed_per_user(after.id) == here.packed_per_user(before.id)


def test_what_is_known_already_is_not_taken_again(ledger):
    text = export_runs(ledger, [ledger.add("mine", made_up()), ledger.add("mine", made_up())])
    assert import_runs(ledger, "mine", text) == ([], 2)
    assert len(import_runs(ledger, "theirs", text)[0]) == 2
    assert import_runs(ledger, "theirs", text) == ([], 2)


def spoilt(path, value):
    def spoil(text):
        values = json.loads(text)
        inner = values
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        return json.dumps(values)

    return spoil


RUN = ("runs", 1)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text[:-20], "no JSON"),
        (lambda text: "[]", "holds no runs"),
        (spoilt(("skrec_lite_runs",), 2), "version 2"),
        (spoilt(("runs",), {}), "must be a list"),
        (spoilt((*RUN, "name"), "x" * 201), "Run 2 of 2 .* name must be a text of at most 200"),
        (spoilt((*RUN, "created"), "yesterday"), "Run 2 of 2"),
        (spoilt((*RUN, "created"), "2026-01-01T00:00:00"), "time zone"),
        (spoilt((*RUN, "comparison", "config", "top_q"), 1), "top_q"),
        (
            spoilt((*RUN, "figures", "pools", "embedding", "recall", "mean"), "x"),
            "recall: mean must be a number",
        ),
        (spoilt((*RUN, "figures", "pools", "k"), 0), "pools: k"),
        (spoilt((*RUN, "figures"), {}), "'users' is missing"),
        (spoilt((*RUN, "per_user", 0, "packed"), "!"), "no base64"),
        (spoilt((*RUN, "per_user", 0, "packed"), ""), "packed values"),
        (spoilt((*RUN, "figures", "users"), 3), "for each of the users"),
        (spoilt(RUN, []), "Run 2 of 2"),
    ],
)
def test_a_file_with_one_bad_run_is_refused_whole(ledger, spoil, words):
    text = export_runs(ledger, [ledger.add("mine", made_up()), ledger.add("mine", made_up())])
    with pytest.raises(InvalidDataError, match=words):
        import_runs(ledger, "theirs", spoil(text))
    assert ledger.entries("theirs") == []


def test_an_imported_file_opens_only_data_that_was_ones_own(ledger):
    entry = replace(ledger.add("mine", made_up()), data_key="d" * 64)
    ledger.delete("mine", [entry.id])
    ledger.erase("mine", [entry.id])
    ledger.insert_all([(entry, {})])
    again = replace(entry, created="2026-01-01T00:00:00+00:00")
    text = export_runs(ledger, [again])
    assert [taken.data_key for taken in import_runs(ledger, "theirs", text)[0]] == [""]
    assert [taken.data_key for taken in import_runs(ledger, "mine", text)[0]] == ["d" * 64]


def test_tables_hold_the_figures(ledger):
    entries = [ledger.add("mine", made_up("One", 0.5)), ledger.add("mine", made_up("Two", 0.25))]
    table = ledger_frame(entries)
    assert table["recall"].tolist() == [50.0, 25.0]
    assert table["recall_interval"].tolist() == ["40.0 to 60.0", "15.0 to 35.0"]
    assert table["best"].tolist() == ["Embedding", "Embedding"]
    assert comparison_frame(entries)["Embedding: recall@20"].tolist() == [
        "50.0 (40.0 to 60.0)",
        "25.0 (15.0 to 35.0)",
    ]
    pd.testing.assert_frame_equal(
        entry_frame(entries[0]),
        pd.DataFrame(
            {
                "Retriever": ["embedding", "popularity", "full"],
                "Pool recall@20": ["50.0 (40.0 to 60.0)", "25.0 (15.0 to 35.0)", "–"],
                "Final recall@5": ["50.0 (40.0 to 60.0)", "25.0 (15.0 to 35.0)", "30.0 (20.0 to 40.0)"],
                "Final nDCG@5": [
                    "0.250 (0.150 to 0.350)",
                    "0.125 (0.025 to 0.225)",
                    "0.150 (0.050 to 0.250)",
                ],
            }
        ),
    )
