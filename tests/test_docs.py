"""What the documents name exists: links, pictures, anchors, settings, files, numbers of the code."""

import re
import tomllib
from pathlib import Path

import pytest
import streamlit.config

from pages.components.jobs import MAX_RUNNING
from pages.components.session import MAX_RESULTS
from skrec_lite.experiment.ledger.data_store import LIMIT_BYTES

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
DEPLOYING = (ROOT / "docs" / "deploying.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECTIONS = ("server", "browser", "client", "runner", "theme", "logger", "global")


def anchors(text):
    """The anchors that GitHub gives to headings."""
    heads = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(path):
    text = path.read_text()
    targets = re.findall(r"\]\((?!https?://)([^)]+)\)", text)
    assert targets
    for target in targets:
        file, _, anchor = target.partition("#")
        found = path if not file else (path.parent / file).resolve()
        assert found.exists(), target
        assert not anchor or anchor in anchors(found.read_text()), target


def test_every_setting_that_is_named_is_one_of_streamlit():
    text = DEPLOYING + DOCKERFILE
    named = set(re.findall(rf"\b((?:{'|'.join(SECTIONS)})\.[a-z][A-Za-z]+)\b", text))
    assert {"server.baseUrlPath", "server.maxUploadSize", "server.headless"} <= named
    known = set(streamlit.config.get_config_options())
    assert named - known == set()
    for variable in re.findall(r"STREAMLIT_([A-Z_]+)", text):
        assert variable in {
            re.sub(r"(?<!^)(?=[A-Z])|\.", "_", key).upper().replace("__", "_") for key in known
        }


def test_the_limits_are_those_of_the_code():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert f"{config['server']['maxUploadSize']:,} MB a file" in DEPLOYING
    assert f"trainings at once | {MAX_RUNNING}," in DEPLOYING
    assert f"a session holds | {MAX_RESULTS}," in DEPLOYING
    assert f"{LIMIT_BYTES // 1_000_000} MB, larger data" in DEPLOYING
    assert f"{streamlit.config._config_options_template['server.maxMessageSize'].default_val} MB" in DEPLOYING
    for path in re.findall(r"`((?:pages|skrec_lite)/[\w/]+\.py)`", DEPLOYING):
        assert (ROOT / path).is_file()


def test_versions_agree_with_the_requirements():
    pinned = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().split())
    assert f"streamlit[auth]=={pinned['streamlit']}" in DEPLOYING
    assert f"torch=={pinned['torch']} " in DOCKERFILE


def test_the_image_gets_what_the_app_reads_and_nothing_else():
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE)
    assert all((ROOT / name).exists() for name in kept)
    assert {"app.py", "pages", "skrec_lite", "data", "requirements.txt", ".streamlit/config.toml"} <= set(
        kept
    )
    assert not any("secrets" in name for name in kept)


def test_pictures_are_small():
    pictures = sorted((ROOT / "assets").glob("reading-*.png"))
    shown = "".join(path.read_text() for path in DOCS)
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 60_000, picture.name
        assert f"assets/{picture.name})" in shown, f"{picture.name} is in no document"
