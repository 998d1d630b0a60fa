"""Data: what is loaded, what was understood of an upload, and that bad input harms nothing."""

from __future__ import annotations

import gzip
import io
import threading
import time

import numpy as np
import pandas as pd
import pytest

from pages.components.charts_data import (
    MAX_BARS,
    MAX_POINTS,
    head_share,
    history_bars,
    tail_points,
)
from pages.components.files_form import NO_COLUMN
from pages.components.intake import Intake
from pages.components.session import FinishedRun, Lab
from pages.components.text import percent
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment import LabData
from tests.dataset.recipe import replicas
from tests.pages.driving import go, lab_of, metric, open_app, table, texts

RATINGS = "user,film,stars,when\n" + "\n".join(
    f"u{user},f{(user * 7 + step * 3) % 23},{1 + (user + step) % 5},2024-01-{1 + step:02d}"
    for user in range(40)
    for step in range(6)
)
FILMS = "film,name,price,genres\n" + "\n".join(
    f"f{item},Film {item},{5 + item % 7},{'Drama|War' if item % 2 else 'Comedy'}" for item in range(25)
)


@pytest.fixture
def data_app(finished_app):
    """The Data screen with data loaded and one run finished."""
    return go(finished_app, "data")


def upload(app, *files: tuple[str, str | bytes]):
    """Drop files in, together, and wait until they are read."""
    contents = [(name, text.encode() if isinstance(text, str) else text) for name, text in files]
    app.file_uploader(key="data_files").set_value([(*each, "text/plain") for each in contents]).run()
    return settled(app)


def settled(app):
    """Wait for reading under way, and draw the screen again."""
    job = app.session_state["_intake"].job if "_intake" in app.session_state else None
    if job is not None:
        job.wait(60)
        app.run()
    return app


def chosen(app, place: int, part: str):
    """The column chosen for a part of the file at a place."""
    return selector(app, place, part).value


def selector(app, place: int, part: str):
    generation = app.session_state["_intake"].generation
    keys = [select.key for select in app.selectbox]
    key = next(
        key for key in keys if key.startswith(f"data_{generation}_{place}_") and key.endswith(f"_{part}")
    )
    return app.selectbox(key=key)


def choose(app, place: int, part: str, column):
    selector(app, place, part).set_value(column).run()
    return settled(app)


def ratings_frame() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(RATINGS))


def test_numbers_of_the_loaded_data(data_app, small_data):
    assert not data_app.exception
    summary = small_data.summary
    assert metric(data_app, "Users") == f"{small_data.interactions['USER_ID'].nunique():,}"
    assert metric(data_app, "Items") == f"{len(small_data.items):,}"
    assert metric(data_app, "Interactions") == f"{len(small_data.interactions):,}"
    distinct = len(small_data.interactions[["USER_ID", "ITEM_ID"]].drop_duplicates())
    assert metric(data_app, "Density") == percent(distinct / (150 * len(small_data.items)))
    assert f"{summary.first:%d %b %Y}" in texts(data_app)
    for finding in small_data.findings:
        assert finding.message[:20] in texts(data_app)
    features = table(data_app, "What became of each column of the items").set_index("Column")
    assert features.loc["genres", "Read as"] == "tags"
    assert features.loc["price", "Read as"] == "number"


def test_upload_is_guessed_shown_and_loaded_only_on_request(data_app, small_data, small_result):
    upload(data_app, ("mine.csv", RATINGS), ("films.csv", FILMS))
    assert not data_app.exception
    parts = ("user", "item", "outcome", "timestamp")
    assert [chosen(data_app, 0, part) for part in parts] == ["user", "film", "stars", "when"]
    assert [chosen(data_app, 1, part) for part in ("item", "title")] == ["film", "name"]
    assert "named like the id of a person" in texts(data_app)
    assert "holds 100% of the item ids" in texts(data_app)
    assert lab_of(data_app).data is small_data

    data_app.button(key="data_use").click().run()
    loaded = lab_of(data_app).data
    assert loaded.name == "mine.csv"
    raw = ratings_frame()
    assert loaded.interactions["USER_ID"].tolist() == raw["user"].tolist()
    assert loaded.interactions["OUTCOME"].tolist() == raw["stars"].tolist()
    assert loaded.interactions["TIMESTAMP"].tolist() == pd.to_datetime(raw["when"]).tolist()
    assert loaded.items["TITLE"].tolist()[:2] == ["Film 0", "Film 1"]
    assert metric(data_app, "Users") == "40"
    assert metric(data_app, "Items") == "25"
    assert metric(data_app, "Interactions") == "240"
    assert lab_of(data_app).result is small_result
    assert "This data is loaded." in texts(data_app)

    data_app.button(key="data_sample_books").click().run()
    assert lab_of(data_app).data.name == "Sample bookshop"
    data_app.button(key="data_sample_shop").click().run()
    assert lab_of(data_app).data.name == "Sample household shop"


def test_changed_columns_change_the_numbers(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    choose(data_app, 0, "outcome", NO_COLUMN)
    choose(data_app, 0, "user", "stars")
    data_app.button(key="data_use").click().run()
    loaded = lab_of(data_app).data
    assert loaded.n_users == ratings_frame()["stars"].nunique()
    assert set(loaded.interactions["OUTCOME"]) == {1.0}
    assert "Your choice." in texts(data_app)


def test_how_a_text_is_written_can_be_said(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    choose(data_app, 0, "header", False)
    assert chosen(data_app, 0, "user") == "column_1"
    choose(data_app, 0, "outcome", NO_COLUMN)
    choose(data_app, 0, "timestamp", NO_COLUMN)
    interactions = data_app.session_state["_intake"].data.interactions
    assert interactions["USER_ID"].iloc[0] == "user", "the header is a row now"
    choose(data_app, 0, "separator", ";")
    assert "no separator was found" in texts(data_app)


def test_another_role_brings_its_own_columns(data_app):
    upload(data_app, ("mine.csv", RATINGS), ("films.csv", FILMS))
    choose(data_app, 1, "role", "ignored/rows")
    assert data_app.session_state["_intake"].data.items is None
    choose(data_app, 1, "role", "items/rows")
    assert data_app.session_state["_intake"].data.items is not None


def test_upload_and_choices_outlive_a_page_switch(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    choose(data_app, 0, "timestamp", NO_COLUMN)
    go(data_app, "train")
    go(data_app, "data")
    assert not data_app.file_uploader(key="data_files").value
    assert chosen(data_app, 0, "timestamp") == NO_COLUMN
    assert chosen(data_app, 0, "item") == "film"
    data_app.button(key="data_use").click().run()
    assert "TIMESTAMP" not in lab_of(data_app).data.interactions


def test_removing_the_files_drops_the_draft_and_nothing_else(data_app, small_data):
    upload(data_app, ("mine.csv", RATINGS))
    data_app.file_uploader(key="data_files").set_value([]).run()
    assert not any(select.key.endswith("_user") for select in data_app.selectbox)
    assert lab_of(data_app).data is small_data


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ratings.tsv", RATINGS.replace(",", "\t").encode()),
        ("u.data", "\n".join(RATINGS.replace(",", "\t").splitlines()[1:]).encode()),
        ("ratings.dat", RATINGS.replace(",", "::").encode()),
        ("ratings.csv.gz", gzip.compress(RATINGS.encode(), mtime=0)),
    ],
)
def test_formats_give_the_same_interactions(data_app, name, content):
    upload(data_app, (name, content))
    data_app.button(key="data_use").click().run()
    loaded, raw = lab_of(data_app).data.interactions, ratings_frame()
    assert loaded["USER_ID"].tolist() == raw["user"].tolist()
    assert loaded["ITEM_ID"].tolist() == raw["film"].tolist()
    assert loaded["OUTCOME"].tolist() == raw["stars"].tolist()


def test_parquet_upload(data_app):
    buffer = io.BytesIO()
    ratings_frame().to_parquet(buffer)
    upload(data_app, ("ratings.parquet", buffer.getvalue()))
    data_app.button(key="data_use").click().run()
    assert len(lab_of(data_app).data.interactions) == 240


def test_a_given_split_is_kept_and_offered(data_app):
    upload(data_app, *replicas.light_gcn())
    assert "Known layout: **LightGCN" in texts(data_app)
    data_app.button(key="data_use").click().run()
    assert "gives a split of its own" in texts(data_app)
    assert lab_of(data_app).default_config().split.kind == "given"
    go(data_app, "train")
    assert not data_app.exception
    assert "own test part is hidden" in texts(data_app)


def test_kinds_of_events_are_weighed(data_app):
    upload(data_app, *replicas.retail_rocket())
    generation = data_app.session_state["_intake"].generation
    assert data_app.number_input(key=f"data_{generation}_event_weight_0").value == 5.0
    data_app.number_input(key=f"data_{generation}_event_weight_0").set_value(9.0).run()
    settled(data_app)
    assert data_app.session_state["_intake"].data.interactions["OUTCOME"].max() == 9.0


def test_only_likes(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    generation = data_app.session_state["_intake"].generation
    data_app.toggle(key=f"data_{generation}_likes").set_value(True).run()
    settled(data_app)
    data = data_app.session_state["_intake"].data
    assert len(data.interactions) == (ratings_frame()["stars"] >= 4).sum()
    assert set(data.interactions["OUTCOME"]) == {1.0}


def test_a_recipe_is_downloaded_and_applied_to_the_next_file(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    choose(data_app, 0, "outcome", NO_COLUMN)
    data_app.button(key="data_use").click().run()
    lab_of(data_app).data = lab_of(data_app).data.repaired(Repair("deduplicate", {"keep": "last"}))
    data_app.run()
    assert any(button.label == "Download the recipe" for button in data_app.get("download_button"))
    recipe = lab_of(data_app).data.loaded.recipe
    upload(data_app, ("next.csv", RATINGS.replace("u1,", "v1,")), ("recipe.json", recipe.to_json()))
    assert not data_app.error
    assert chosen(data_app, 0, "outcome") == NO_COLUMN
    data_app.button(key="data_use").click().run()
    data = lab_of(data_app).data
    assert "v1" in set(data.interactions["USER_ID"])
    assert data.loaded.recipe.repairs == recipe.repairs


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", ["empty"]),
        ("header.csv", b"user,item,rating\n", ["rows"]),
        ("junk.csv", bytes(range(256)) * 40, ["junk"]),
        ("book.xlsx", b"PK\x03\x04" + bytes(200), ["book.xlsx"]),
        ("cut.csv.gz", gzip.compress(RATINGS.encode(), mtime=0)[:60], ["cut off"]),
        ("one.csv", b"user\n1\n2\n", ["column"]),
    ],
)
def test_unreadable_file_gets_a_message_and_harms_nothing(
    data_app, small_data, small_result, name, content, words
):
    upload(data_app, (name, content))
    assert not data_app.exception
    message = data_app.error[0].value
    for word in words:
        assert word in message
    assert len(message.split("\n\n")) == 2, "a problem and a repair"
    assert lab_of(data_app).data is small_data
    assert lab_of(data_app).result is small_result
    assert metric(data_app, "Users") == "150"
    assert "data_use" not in [button.key for button in data_app.button]


def test_bad_file_after_a_good_one_keeps_the_loaded_data(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    data_app.button(key="data_use").click().run()
    upload(data_app, ("broken.csv", b""))
    assert data_app.error
    assert lab_of(data_app).data.name == "mine.csv"
    assert metric(data_app, "Users") == "40"


def test_rows_without_an_id_are_left_out_and_said(data_app):
    upload(data_app, ("mine.csv", RATINGS.replace("\nu3,", "\n,")))
    assert "6 of 240 rows were dropped" in texts(data_app)
    generation = data_app.session_state["_intake"].generation
    data_app.toggle(key=f"data_{generation}_drop").set_value(False).run()
    settled(data_app)
    assert "6 of 240 rows" in data_app.error[0].value
    assert "data_use" not in [button.key for button in data_app.button]


def test_bad_rows_are_named_and_can_be_dropped(data_app):
    upload(data_app, ("mine.csv", RATINGS.replace(",5,", ",great,")))
    choose(data_app, 0, "outcome", "stars")
    message = data_app.error[0].value
    assert "Column 'stars'" in message
    assert "48 of 240 rows" in message
    assert "data_use" not in [button.key for button in data_app.button]

    generation = data_app.session_state["_intake"].generation
    data_app.toggle(key=f"data_{generation}_drop").set_value(True).run()
    settled(data_app)
    assert not data_app.error
    assert "48 of 240 rows were dropped" in texts(data_app)
    data_app.button(key="data_use").click().run()
    assert len(lab_of(data_app).data.interactions) == 240 - 48


def test_dropping_is_not_offered_where_it_does_not_help(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    choose(data_app, 0, "item", "user")
    assert "chosen as user and as item" in data_app.error[0].value
    assert not any(toggle.key.endswith("_drop") for toggle in data_app.toggle)


def test_repairs_are_one_click_and_undone_by_another(data_app):
    repeated = RATINGS + "\n" + "\n".join(RATINGS.splitlines()[1:4])
    upload(data_app, ("mine.csv", repeated))
    data_app.button(key="data_use").click().run()
    assert len(lab_of(data_app).data.interactions) == 243
    offers = [button for button in data_app.button if "Keep one row of each pair" in button.label]
    offers[0].click().run()
    assert len(lab_of(data_app).data.interactions) == 240
    assert "1 repair made" in texts(data_app)
    assert "This data is loaded." in texts(data_app), "the files are still those loaded"
    data_app.button(key="data_core_go").click().run()
    assert len(lab_of(data_app).data.loaded.recipe.repairs) == 2
    data_app.button(key="data_undo_0").click().run()
    data = lab_of(data_app).data
    assert [repair.kind for repair in data.loaded.recipe.repairs] == ["k_core"]
    data_app.button(key="data_undo_0").click().run()
    assert len(lab_of(data_app).data.interactions) == 243


def test_a_repair_that_leaves_nothing_is_refused_in_words(data_app):
    upload(data_app, ("mine.csv", RATINGS))
    data_app.button(key="data_use").click().run()
    data_app.select_slider(key="data_core").set_value(20).run()
    data_app.button(key="data_core_go").click().run()
    assert data_app.error
    assert len(lab_of(data_app).data.interactions) == 240
    data_app.run()
    assert not data_app.error


def test_the_sample_can_be_repaired_too(data_app, small_data):
    data_app.button(key="data_share_go").click().run()
    repaired = lab_of(data_app).data
    assert repaired.n_users < small_data.n_users
    data_app.button(key="data_undo_0").click().run()
    pd.testing.assert_frame_equal(lab_of(data_app).data.interactions, small_data.interactions)


def test_a_column_can_be_read_as_another_kind(data_app, small_data):
    before = len(small_data.features.feature_names)
    data_app.selectbox(key="data_item_kind_column").set_value("genres").run()
    data_app.selectbox(key="data_item_kind_genres").set_value("skip").run()
    data = lab_of(data_app).data
    assert data.item_kinds == {"genres": "skip"}
    assert len(data.features.feature_names) < before
    assert data.loaded.recipe.item_kinds == {"genres": "skip"}
    data_app.selectbox(key="data_item_kind_column").set_value("author").run()
    data_app.selectbox(key="data_item_kind_author").set_value("number").run()
    assert "author" in data_app.error[0].value
    assert lab_of(data_app).data.item_kinds == {"genres": "skip"}


def test_items_without_a_feature_load_and_say_what_that_means(data_app):
    bare = "\n".join(line.split(",")[0] + "," + str(i) for i, line in enumerate(FILMS.splitlines()))
    upload(data_app, ("mine.csv", RATINGS), ("films.csv", bare.replace("film,0", "film,row")))
    data_app.button(key="data_use").click().run()
    assert lab_of(data_app).data.features is None
    assert "compares items by their features" in texts(data_app)


def test_items_of_other_ids_stand_in_the_way(data_app):
    upload(data_app, ("mine.csv", RATINGS), ("films.csv", FILMS.replace("\nf", "\nx")))
    assert "No item of the interactions is in the item table" in texts(data_app)
    assert data_app.button(key="data_use").disabled


def test_items_alone_are_not_enough(data_app, small_data):
    upload(data_app, ("films.csv", FILMS))
    assert lab_of(data_app).data is small_data
    assert not data_app.exception


def test_names_from_files_never_become_markdown(data_app):
    evil = "[click](http://evil.example)"
    upload(data_app, (f"{evil}.csv", RATINGS.replace("user", f"user {evil}", 1)))
    assert evil not in texts(data_app)
    assert r"user \[click\]" in texts(data_app)


class FakeUpload:
    """A file as the uploader hands it over; it counts how often its content is taken."""

    def __init__(self, file_id: str, content: bytes, name: str = "mine.csv"):
        self.file_id, self.name, self.taken, self._content = file_id, name, 0, content

    def getvalue(self) -> bytes:
        self.taken += 1
        return self._content


def test_files_are_read_once():
    here, first = Intake(), FakeUpload("1", RATINGS.encode())
    here.receive([first])
    here.job and here.job.wait(60)
    here.collect()
    loaded = here.outcome.loaded
    here.receive([first])
    assert first.taken == 1
    assert here.outcome.loaded is loaded
    here.choose(here.recipe)
    assert not here.is_busy
    assert here.outcome.loaded is loaded


def test_reader_that_breaks_gives_a_message(monkeypatch, caplog):
    def broken(*args, **options):
        raise RuntimeError("secret internals")

    monkeypatch.setattr("pages.components.intake.apply_recipe", broken)
    here = Intake()
    here.receive([FakeUpload("1", RATINGS.encode())])
    here.job and here.job.wait(60)
    here.collect()
    assert "secret" not in str(here.outcome.problem)
    assert "could not be used as tables" in str(here.outcome.problem)
    assert any("secret internals" in str(record.exc_info) for record in caplog.records)


def test_reading_can_be_cancelled_and_what_is_loaded_stays(data_app, small_data, monkeypatch):
    started = threading.Event()

    def slow(*args, progress=None, cancel=None, **options):
        started.set()
        while not cancel():
            time.sleep(0.01)
        raise Cancelled("stopped")

    monkeypatch.setattr("pages.components.intake.apply_recipe", slow)
    monkeypatch.setattr("pages.components.intake._WAIT", 0.1)
    data_app.file_uploader(key="data_files").set_value([("mine.csv", RATINGS.encode(), "text/csv")]).run()
    assert started.wait(30)
    data_app.button(key="data_cancel").click().run()
    data_app.session_state["_intake"].job.wait(60)
    data_app.run()
    assert "Reading was cancelled" in texts(data_app)
    assert lab_of(data_app).data is small_data


def test_use_the_sample_again_is_offered_only_when_it_is_not_loaded(small_data):
    app = go(open_app(), "data")
    assert "data_sample_books" not in [button.key for button in app.button]
    app = go(open_app(Lab(small_data)), "data")
    app.button(key="data_sample_books").click().run()
    assert metric(app, "Users") == "2,000"


def test_run_on_other_data_is_marked_in_the_sidebar(small_data, small_result):
    other = LabData(small_data.interactions, name="Other")
    app = open_app(Lab(other, runs=[FinishedRun(1, small_result)], shown=1))
    assert "made on Small shop" in texts(app)


def test_head_share_by_hand():
    counts = np.array([60, 20, 10, 5, 5])
    assert head_share(counts) == 0.60
    assert head_share(counts, 0.4) == 0.80
    assert head_share(np.zeros(5, dtype=np.int64)) == 0.0


def test_tail_points_are_true_points_from_first_to_last():
    counts = np.sort(np.random.default_rng(0).integers(0, 1000, 5000))[::-1]
    ranks, heights = tail_points(counts)
    assert len(ranks) <= MAX_POINTS
    assert (ranks[0], ranks[-1]) == (1, 5000)
    assert (heights == counts[ranks - 1]).all()
    few, same = tail_points(np.array([3, 2, 1]))
    assert few.tolist() == [1, 2, 3]
    assert same.tolist() == [3, 2, 1]


@pytest.mark.parametrize("lengths", [[5], [1, 1, 2, 9], list(range(2, 500)), [3] * 200 + [4000]])
def test_history_bars_count_every_user_once(lengths):
    lengths = np.array(sorted(lengths, reverse=True))
    middles, users, first, last = history_bars(lengths)
    assert len(middles) <= MAX_BARS
    assert users.sum() == len(lengths)
    for count, low, high in zip(users, first, last, strict=True):
        assert count == ((lengths >= low) & (lengths <= high)).sum()
