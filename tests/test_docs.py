"""What the documents name exists: links, pictures, anchors, settings, files, numbers of the code."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import streamlit.config
from streamlit.web.server import server_util

from pages.components import after_login, notebook_cookie
from pages.components.jobs import MAX_RUNNING
from pages.components.session import MAX_RESULTS
from skrec_lite.experiment.ledger import DAYS_TO_BRING_BACK
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
    assert f"for {DAYS_TO_BRING_BACK} days they can be brought back" in DEPLOYING
    assert f"{LIMIT_BYTES // 1_000_000} MB, larger data" in DEPLOYING
    assert f"{streamlit.config._config_options_template['server.maxMessageSize'].default_val} MB" in DEPLOYING
    for path in re.findall(r"`((?:pages|skrec_lite)/[\w/]+\.py)`", DEPLOYING):
        assert (ROOT / path).is_file()


def test_the_figures_of_many_sessions_are_those_that_were_measured():
    found = json.loads((ROOT / "benchmarks" / "results" / "load.json").read_text())
    told = " ".join((ROOT / "benchmarks" / "README.md").read_text().split())
    reruns = found["rerun_seconds"]["all"]
    assert f"{found['sessions']} sessions" in told
    assert f"{found['seconds']:.0f} s; at most {found['rss_gib']['peak']:.2f} GiB" in told
    assert f"all {found['figures_checked']} figures right, no exception box, no traceback" in told
    assert [found[name] for name in ("wrong_figures", "exceptions", "tracebacks_in_log")] == [[], [], []]
    assert f"reruns {reruns['median']:.1f} s in the median, {reruns['p95']:.1f} s at the" in told
    assert f"took {found['rss_gib']['peak']:.2f} GiB in all" in DEPLOYING


def test_the_cookies_are_those_that_are_set():
    told = set(re.findall(r"`(_?s(?:krec_lite|treamlit)_[a-z_]+)`", DEPLOYING))
    users = {server_util.AUTH_COOKIE_NAME, server_util.TOKENS_COOKIE_NAME}
    assert told == {after_login.COOKIE, notebook_cookie.COOKIE, *users}


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


def test_pictures_are_small_and_shown():
    shown = "".join(path.read_text() for path in [*DOCS, ROOT / "README.md"])
    pictures = sorted((ROOT / "assets").glob("*.png"))
    assert len(pictures) > 10
    for picture in pictures:
        most = 60_000 if picture.name.startswith("reading-") else 80_000
        assert picture.stat().st_size < most, picture.name
        assert f"assets/{picture.name})" in shown, f"{picture.name} is in no document"
    in_readme = [picture for picture in pictures if picture.name in (ROOT / "README.md").read_text()]
    assert 0 < sum(picture.stat().st_size for picture in in_readme) < 300_000


def test_the_proxy_lets_through_what_the_app_takes():
    taken = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["maxUploadSize"]
    let_through = re.search(r"client_max_body_size (\d+)g;", DEPLOYING)
    assert let_through is not None
    assert 1024 * int(let_through[1]) >= taken


def test_the_image_serves_where_the_documents_look_for_it():
    port = re.search(r"--server\.port=(\d+)", DOCKERFILE)[1]
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/_stcore/health" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/_stcore/health" in DEPLOYING
    assert f"-p 127.0.0.1:{port}:{port}" in DEPLOYING
    assert f"proxy_pass http://127.0.0.1:{port};" in DEPLOYING
    home = re.search(r"SKREC_LITE_HOME=(\S+)", DOCKERFILE)[1]
    assert f"VOLUME {home}\n" in DOCKERFILE
    assert f"-v lab:{home} " in DEPLOYING
