"""Compare, method: the split and its leak check, as the library has them, with the caveat of its kind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.session import FinishedRun, Lab
from pages.components.split_panel import split_rows
from pages.components.text import plain
from skrec_lite.dataset.split_kinds import SPLITS
from skrec_lite.experiment import SplitConfig
from skrec_lite.experiment.splitting.checks import Check
from skrec_lite.experiment.splitting.split import cut_in_time, hold_out
from tests.pages.driving import go, open_app, texts

CONFIGS = [
    SplitConfig(),
    SplitConfig("global_time", part="validation"),
    SplitConfig("random"),
]


def with_split(small_data, small_result, config, **options):
    """The finished run, as if its data had been split otherwise."""
    split = hold_out(*cut_in_time(small_data.interactions, config), small_data.items, **options)
    return replace(small_result, split=split, config=replace(small_result.config, split=config))


def panel(result) -> AppTest:
    def draw():
        import streamlit as st

        from pages.components.split_panel import split_panel

        split_panel(st.session_state["result"])

    app = AppTest.from_function(draw, default_timeout=60)
    app.session_state["result"] = result
    return app.run()


def lines_of(app) -> list[str]:
    """What is listed, without the headings, which are bold from end to end."""
    return [element.value for element in app.markdown if not element.value.endswith("**")]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.kind)
def test_every_check_is_listed_with_its_outcome_and_the_caveat_of_the_kind(small_data, small_result, config):
    result = with_split(small_data, small_result, config)
    app = panel(result)
    assert not app.exception
    shown = texts(app)
    marks = {"passed": "check_circle", "note": "material/info", "broken": "material/error"}
    listed = lines_of(app)
    checks = result.split.leak_check.checks
    assert len(listed) == len(checks)
    for line, check in zip(listed, checks, strict=True):
        assert plain(check.sentence) in line
        assert check.name in line
        assert marks[check.outcome] in line
    assert plain(SPLITS[config.kind].caveat) in shown
    assert plain(result.split.leak_check.sentence) in shown
    assert (":material/warning:" in shown) == (config.kind == "random")


def test_text_of_a_check_is_shown_as_it_is(small_data, small_result):
    result = with_split(small_data, small_result, SplitConfig())
    odd = replace(result.split.leak_check, checks=(Check("Odd", "note", "*a* [b](c)"),))
    app = panel(replace(result, split=replace(result.split, leak_check=odd)))
    [line] = lines_of(app)
    assert plain("*a* [b](c)") in line
    assert "*a* [b](c)" not in line


def test_the_rows_account_for_every_interaction_and_name_the_split(small_data, small_result):
    rows = split_rows(with_split(small_data, small_result, SplitConfig()))
    n = len(small_data.interactions)
    assert rows["Interactions"] == f"{n - 150:,} to learn from, 150 held out, 0 set aside"
    assert rows["Held out"] == "each user's last interaction, ordered by time"
    assert rows["Measured on"] == "the test part"
    assert rows["Ties"].startswith("0 users")
    rows = split_rows(with_split(small_data, small_result, SplitConfig(part="validation")))
    assert rows["Interactions"] == f"{n - 300:,} to learn from, 150 held out, 150 set aside"
    assert rows["Measured on"] == "the validation part; the test part is set aside"
    rows = split_rows(with_split(small_data, small_result, SplitConfig("random")))
    assert rows["Split"] == "Random (ignores time)"
    assert rows["Held out"] == "20 % of each user's interactions, drawn at random whatever their time"
    assert "Ties" not in rows
    rows = split_rows(with_split(small_data, small_result, SplitConfig("global_time", test_fraction=0.9)))
    split = with_split(small_data, small_result, SplitConfig("global_time", test_fraction=0.9)).split
    assert split.newcomers is not None
    assert rows["Left out, no history"].endswith(
        f", {len(split.newcomers.user_ids)} of them measured apart as new"
    )


def test_every_screen_that_names_the_split_says_that_it_is_random(small_data, small_result):
    result = with_split(small_data, small_result, SplitConfig("random"))
    app = open_app(Lab(small_data, runs=[FinishedRun(1, result)], shown=1))
    for page in ("home", "train"):
        go(app, page)
        assert not app.exception
        helps = " ".join(shown.help or "" for shown in app.metric)
        assert "drawn at random" in texts(app) + helps, page
