"""Data: what is loaded, what was understood of an upload, and that bad input harms nothing."""

from __future__ import annotations

import gzip
import io

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
from pages.components.mapping_form import NO_COLUMN
from pages.components.session import FinishedRun, Lab
from pages.components.text import percent
from pages.components.uploads import Draft
from skrec_lite.experiment import LabData
from tests.pages.driving import go, lab_of, metric, open_app, texts

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


def upload(app, slot: str, name: str, content: str | bytes):
    content = content.encode() if isinstance(content, str) else content
    return app.file_uploader(key=f"data_upload_{slot}").upload(name, content).run()


def shown_value(app, slot: str, role: str):
    return app.selectbox(key=f"data_{slot}_{role}").value


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
    for column in ("genres", "price", "year", "author"):
        assert f"'{column}'" in texts(data_app)


def test_upload_is_guessed_shown_and_loaded_only_on_request(data_app, small_data, small_result):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    upload(data_app, "items", "films.csv", FILMS)
    assert not data_app.exception
    assert [
        shown_value(data_app, "interactions", role) for role in ("user", "item", "outcome", "timestamp")
    ] == [
        "user",
        "film",
        "stars",
        "when",
    ]
    assert [shown_value(data_app, "items", role) for role in ("item", "title")] == ["film", "name"]
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

    data_app.button(key="data_sample").click().run()
    assert lab_of(data_app).has_sample


def test_changed_columns_change_the_numbers(data_app):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    data_app.selectbox(key="data_interactions_outcome").set_value(NO_COLUMN).run()
    data_app.selectbox(key="data_interactions_user").set_value("film").run()
    data_app.selectbox(key="data_interactions_item").set_value("user").run()
    data_app.button(key="data_use").click().run()
    loaded = lab_of(data_app).data
    assert loaded.n_users == ratings_frame()["film"].nunique()
    assert loaded.n_items == 40
    assert set(loaded.interactions["OUTCOME"]) == {1.0}
    assert "Your choice." in texts(data_app)


def test_upload_and_choices_outlive_a_page_switch(data_app):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    data_app.selectbox(key="data_interactions_timestamp").set_value(NO_COLUMN).run()
    go(data_app, "train")
    go(data_app, "data")
    assert data_app.file_uploader(key="data_upload_interactions").value is None
    assert shown_value(data_app, "interactions", "timestamp") == NO_COLUMN
    assert shown_value(data_app, "interactions", "item") == "film"
    data_app.button(key="data_use").click().run()
    assert "TIMESTAMP" not in lab_of(data_app).data.interactions


def test_removing_the_file_drops_the_draft_and_nothing_else(data_app, small_data):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    data_app.file_uploader(key="data_upload_interactions").clear().run()
    assert "data_interactions_user" not in [select.key for select in data_app.selectbox]
    assert lab_of(data_app).data is small_data


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ratings.tsv", RATINGS.replace(",", "\t").encode()),
        ("u.data", "\n".join(RATINGS.replace(",", "\t").splitlines()[1:]).encode()),
        ("ratings.dat", RATINGS.replace(",", "::").encode()),
        ("ratings.csv.gz", gzip.compress(RATINGS.encode())),
    ],
)
def test_formats_give_the_same_interactions(data_app, name, content):
    upload(data_app, "interactions", name, content)
    data_app.button(key="data_use").click().run()
    loaded, raw = lab_of(data_app).data.interactions, ratings_frame()
    assert loaded["USER_ID"].tolist() == raw["user"].tolist()
    assert loaded["ITEM_ID"].tolist() == raw["film"].tolist()
    assert loaded["OUTCOME"].tolist() == raw["stars"].tolist()


def test_parquet_upload(data_app):
    buffer = io.BytesIO()
    ratings_frame().to_parquet(buffer)
    upload(data_app, "interactions", "ratings.parquet", buffer.getvalue())
    data_app.button(key="data_use").click().run()
    assert len(lab_of(data_app).data.interactions) == 240


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", ["empty"]),
        ("header.csv", b"user,item,rating\n", ["rows"]),
        ("junk.csv", bytes(range(256)) * 40, ["junk"]),
        ("book.xlsx", b"PK\x03\x04" + bytes(200), ["spreadsheet", "CSV"]),
        ("cut.csv.gz", gzip.compress(RATINGS.encode())[:60], ["cut off"]),
        ("one.csv", b"user\n1\n2\n", ["column"]),
    ],
)
def test_unreadable_file_gets_a_message_and_harms_nothing(
    data_app, small_data, small_result, name, content, words
):
    upload(data_app, "interactions", name, content)
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
    upload(data_app, "interactions", "mine.csv", RATINGS)
    data_app.button(key="data_use").click().run()
    data_app.file_uploader(key="data_upload_interactions").clear().run()
    upload(data_app, "interactions", "broken.csv", b"")
    assert data_app.error
    assert lab_of(data_app).data.name == "mine.csv"
    assert metric(data_app, "Users") == "40"


@pytest.mark.parametrize(
    ("old", "new", "column", "n_dropped"),
    [("\nu3,", "\n,", "user", 6), (",5,", ",great,", "stars", 48)],
)
def test_bad_rows_are_named_and_can_be_dropped(data_app, old, new, column, n_dropped):
    upload(data_app, "interactions", "mine.csv", RATINGS.replace(old, new))
    data_app.selectbox(key="data_interactions_outcome").set_value("stars").run()
    message = data_app.error[0].value
    assert f"Column '{column}'" in message
    assert f"{n_dropped} of 240 rows" in message
    assert "choose to drop" in message
    assert "data_use" not in [button.key for button in data_app.button]

    data_app.toggle(key="data_interactions_drop").set_value(True).run()
    assert not data_app.error
    assert f"{n_dropped} of 240 rows were dropped" in texts(data_app)
    data_app.button(key="data_use").click().run()
    assert len(lab_of(data_app).data.interactions) == 240 - n_dropped


def test_dropping_is_not_offered_where_it_does_not_help(data_app):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    data_app.selectbox(key="data_interactions_item").set_value("user").run()
    assert "chosen as user and as item" in data_app.error[0].value
    assert not data_app.toggle


def test_duplicate_rows_are_kept_and_counted(data_app):
    upload(data_app, "interactions", "mine.csv", RATINGS + "\n" + "\n".join(RATINGS.splitlines()[1:4]))
    assert "3 rows repeat" in texts(data_app)
    data_app.button(key="data_use").click().run()
    assert len(lab_of(data_app).data.interactions) == 243


def test_items_without_a_feature_load_and_say_what_that_means(data_app):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    upload(data_app, "items", "films.csv", "\n".join(line.rsplit(",", 2)[0] for line in FILMS.splitlines()))
    assert "No column can be used as a feature" in texts(data_app)
    data_app.button(key="data_use").click().run()
    assert lab_of(data_app).data.features is None
    assert "content-based retrieval will sit out" in texts(data_app)


def test_items_of_other_ids_stand_in_the_way(data_app):
    upload(data_app, "interactions", "mine.csv", RATINGS)
    upload(data_app, "items", "films.csv", FILMS.replace("\nf", "\nx"))
    assert "No item of the interactions is in the item table" in texts(data_app)
    assert data_app.button(key="data_use").disabled


def test_items_first_then_interactions(data_app):
    upload(data_app, "items", "films.csv", FILMS)
    assert "Now add the interactions" in texts(data_app)
    upload(data_app, "interactions", "mine.csv", RATINGS)
    assert shown_value(data_app, "items", "item") == "film"
    assert not data_app.button(key="data_use").disabled


def test_names_from_files_never_become_markdown(data_app):
    evil = "[click](http://evil.example)"
    upload(data_app, "interactions", f"{evil}.csv", RATINGS.replace("user", f"user {evil}", 1))
    assert evil not in texts(data_app)
    assert r"user \[click\]" in texts(data_app)


class FakeUpload:
    """A file as the uploader hands it over; it counts how often its content is taken."""

    def __init__(self, file_id: str, content: bytes, name: str = "mine.csv"):
        self.file_id, self.name, self.taken, self._content = file_id, name, 0, content

    def getvalue(self) -> bytes:
        self.taken += 1
        return self._content


def test_a_file_is_read_once(monkeypatch):
    draft, first = Draft(), FakeUpload("1", RATINGS.encode())
    assert draft.read("interactions", first)
    table = draft.tables["interactions"]
    assert not draft.read("interactions", first)
    assert first.taken == 1
    assert not draft.read("interactions", FakeUpload("2", RATINGS.encode())), "the same content again"
    assert draft.tables["interactions"] is table
    assert draft.read("interactions", FakeUpload("3", RATINGS.replace("u1", "v1").encode()))


def test_reader_that_breaks_gives_a_message(monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError("secret internals")

    monkeypatch.setattr("pages.components.uploads.read_table", broken)
    draft = Draft()
    draft.read("interactions", FakeUpload("1", b"a,b\n1,2"))
    assert "secret" not in str(draft.problems["interactions"])
    assert "mine.csv" in str(draft.problems["interactions"])
    assert any("secret internals" in str(record.exc_info) for record in caplog.records)


def test_use_the_sample_again_is_offered_only_when_it_is_not_loaded(small_data):
    app = go(open_app(), "data")
    assert "data_sample" not in [button.key for button in app.button]
    app = go(open_app(Lab(small_data)), "data")
    app.button(key="data_sample").click().run()
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
