"""The whole path in a real browser: upload, map, train, look at pools and lists, compare."""

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, load_sample, run_experiment
from skrec_lite.dataset import Repair, load
from skrec_lite.experiment import LabData

# MovieLens may not be passed on, so it lies beside the project where it lies at all.
REAL = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def shop_files(tmp_path_factory):
    """Files as a shop would export them: other column names, semicolons, Unix time."""
    folder = tmp_path_factory.mktemp("shop")
    interactions, items = load_sample()
    users = interactions["USER_ID"].drop_duplicates().head(250)
    mine = interactions[interactions["USER_ID"].isin(users)]
    pd.DataFrame(
        {
            "customer": "C" + mine["USER_ID"],
            "article": "00" + mine["ITEM_ID"],
            "stars": mine["OUTCOME"],
            "bought_at": mine["TIMESTAMP"].astype("datetime64[s]").astype("int64"),
        }
    ).to_csv(folder / "orders.csv", sep=";", index=False)
    items.assign(ITEM_ID="00" + items["ITEM_ID"]).rename(
        columns={"ITEM_ID": "article", "TITLE": "name"}
    ).to_csv(folder / "articles.csv", index=False)
    return folder / "orders.csv", folder / "articles.csv"


def headless_data(*files):
    """What the same files make without a screen."""
    loaded = load(files)
    return LabData.of(loaded, "the same files")


def upload_and_run(screen, files, users):
    """Go from files to a finished run without correcting a guess."""
    screen.go_to("Data")
    screen.upload("\n".join(map(str, files)))
    screen.until_text("This is what each file was taken for")
    screen.click("Use this data")
    screen.until_text(f"{users:,} users")
    screen.go_to("Train")
    screen.click("Run")
    screen.until_text("Result", seconds=180)


@pytest.mark.skipif(not REAL.exists(), reason="the MovieLens files are not beside the project")
@pytest.mark.parametrize(
    ("names", "users"),
    [
        (["ml-100k/u.data", "ml-100k/u.item", "ml-100k/u.user", "ml-100k/u.genre"], 943),
        (["ml-latest-small/ratings.csv", "ml-latest-small/movies.csv"], 610),
    ],
)
def test_public_files_go_from_upload_to_comparison_as_they_are(open_screen, names, users):
    files = [REAL / name for name in names]
    screen = open_screen().open()
    upload_and_run(screen, files, users)
    expected = run_experiment(headless_data(*files), ExperimentConfig())
    curves = expected.recall_curves
    assert (curves["embedding"] > curves["popularity"])[9:].all()
    assert (curves["content"] > expected.random_recall)[9:].all()
    screen.go_to("Compare")
    assert f"Embedding found {100 * curves['embedding'][-1]:.1f} of 100 held-out items" in screen.text()
    for title in ("Candidates", "Rankings"):
        screen.go_to(title)
        assert screen.charts()
        assert screen.exceptions() == []


def test_from_an_upload_to_a_comparison(open_screen, shop_files):
    screen = open_screen().open()
    upload_and_run(screen, shop_files, 250)
    expected = run_experiment(headless_data(*shop_files), ExperimentConfig())
    screen.go_to("Compare")
    assert len(screen.charts()) >= 1, "where the hits died"
    screen.open_section("Pools")
    for key, run in expected.runs.items():
        figure = f"{100 * expected.recall_curves[key][-1]:.1f}"
        assert re.search(rf"{run.label}[\s\S]{{0,60}}{re.escape(figure)}", screen.text()), (key, figure)
    assert len(screen.charts()) >= 1

    screen.go_to("Candidates")
    assert any(re.fullmatch(r"C\d+", value) for value in screen.field_values()), (
        "no user of the upload is shown"
    )
    assert len(screen.charts()) >= 2
    screen.go_to("Rankings")
    assert len(screen.charts()) >= 1
    assert screen.exceptions() == []


def test_a_bad_upload_names_column_rows_and_repair_and_loses_nothing(open_screen, tmp_path):
    screen = open_screen().open()
    screen.click("Run the comparison")
    screen.until_text("held-out items within", seconds=120)
    screen.go_to("Data")
    broken = tmp_path / "broken.csv"
    broken.write_text("user_id,item_id,rating\n1,a,5\n2,b,good\n3,c,\n4,d,4\n")
    screen.upload(broken)
    screen.until(lambda: re.search(r"rating[\s\S]*2 of 4", screen.text()), "the message on the rating column")
    junk = tmp_path / "junk.csv"
    junk.write_bytes(bytes(range(256)) * 40)
    screen.go_to("Home")
    screen.until_text("held-out items within")
    screen.go_to("Data")
    screen.upload(junk)
    screen.until(lambda: re.search(r"(?i)binary|not (a )?text", screen.text()), "the message on binary data")
    assert "2,000 users" in screen.text()
    screen.go_to("Compare")
    assert "held-out items within" in screen.text()
    assert screen.exceptions() == []


def test_a_zip_is_repaired_and_read_again_by_its_recipe(open_screen, shop_files, tmp_path):
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in shop_files:
            archive.write(file, f"2024/{file.name}")
    screen = open_screen().open()
    screen.go_to("Data")
    screen.upload(packed)
    screen.until_text("This is what each file was taken for")
    screen.click("Use this data")
    screen.until_text("This data is loaded")
    screen.click("More repairs")
    screen.click("Keep users with 5 items and items with 5 users")
    screen.until_text("1 repair made")
    expected = load([packed]).recipe.with_repair(Repair("k_core", {"user_k": 5, "item_k": 5}))
    kept = load([packed], expected).tables.interactions
    screen.until_text(f"{len(kept):,} interactions")
    recipe = tmp_path / "export-recipe.json"
    recipe.write_text(expected.to_json())
    screen.go_to("Home")
    screen.go_to("Data")
    screen.upload(f"{packed}\n{recipe}")
    screen.click("Use this data")
    screen.until_text("1 repair made")
    screen.until_text(f"{len(kept):,} interactions")
    screen.click("Undo")
    screen.until(lambda: "1 repair made" not in screen.text(), "the repair to be gone")
    assert screen.exceptions() == []


def test_a_link_restores_user_and_retriever(finished):
    screen = finished
    screen.show_at(1440, 900)
    screen.go_to("Candidates")
    before = screen.driver.current_url
    screen.click("Surprise me")
    screen.until(lambda: screen.driver.current_url != before, "the user in the address")
    user = re.search(r"user=([^&]+)", screen.driver.current_url)[1]
    screen.go_to("Rankings")
    assert f"user={user}" in screen.driver.current_url


def test_cancel_stops_a_run_and_keeps_what_was_there(open_screen):
    screen = open_screen().open()
    screen.click("Run the comparison")
    screen.until_text("held-out items within", seconds=120)
    screen.go_to("Train")
    screen.click("Hyper-parameters")
    screen.fill("Factors", 256)
    screen.fill("Epochs", 100)
    screen.click("Run")
    screen.click("Cancel")
    screen.until(lambda: re.search(r"(?i)cancelled", screen.text()), "the word cancelled")
    assert "held-out items within" in screen.text()


def test_training_is_watched_as_it_runs_and_read_again_afterwards(open_screen):
    screen = open_screen().open()
    screen.go_to("Train")
    screen.click("Hyper-parameters")
    screen.fill("Factors", 256)
    screen.fill("Epochs", 40)
    screen.click("Run")
    screen.until(lambda: screen.charts(), "the live curve")
    screen.until(lambda: re.search(r"epoch \d+ of 40", screen.text()), "the epoch")
    screen.until_text("Result", seconds=180)
    screen.click("How training went")
    screen.until_text("40 epochs")
    screen.until(lambda: screen.charts(), "the curve of the finished run")
    assert screen.exceptions() == []
