"""Compare, lost items: the bars, the stages and the users behind them are the library's."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.charts_funnel import funnel_chart
from pages.components.funnel_panel import stage_rows
from pages.components.identity import LOOKS
from pages.components.lost_users_panel import clicked_part, user_rows
from skrec_lite.experiment import FUNNEL_ENDS, ExperimentConfig, funnel_frame, run_experiment, verdict
from skrec_lite.experiment.figures.funnel import funnel_stages
from skrec_lite.experiment.figures.losses import losses, users_behind
from tests.experiment.rich_result import rich_result
from tests.pages.driving import figure, go, table, texts


def _panel():
    import streamlit as st

    from pages.components.funnel_panel import funnel_panel

    funnel_panel(st.session_state["shown"])


def drawn(result):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"] = result
    return app.run()


@pytest.fixture(scope="module")
def rich():
    return rich_result()


def test_bars_stack_from_shown_to_lost_and_hold_every_item(rich):
    frame, chart = funnel_frame(rich), funnel_chart(funnel_frame(rich))
    bars = [trace for trace in chart.data if trace.x[0] is not None]
    assert [bar.name for bar in bars] == [FUNNEL_ENDS[end] for end in reversed(FUNNEL_ENDS)]
    for bar, end in zip(bars, reversed(FUNNEL_ENDS), strict=True):
        np.testing.assert_allclose(bar.x, 100 * frame[end] / frame["held_out"])
        assert [list(part) for part in bar.customdata] == [
            [count, key, end] for key, count in zip(rich.runs, frame[end], strict=True)
        ]
    np.testing.assert_allclose(np.sum([bar.x for bar in bars], axis=0), 100)
    assert (frame["not_in_catalogue"] > 0).all(), "the case must hold items out of reach"


def test_a_retriever_keeps_its_colour_and_is_named_with_what_it_shows(rich):
    chart = funnel_chart(funnel_frame(rich))
    shown, below, missed, unreachable = [trace for trace in chart.data if trace.x[0] is not None]
    assert list(shown.marker.color) == [LOOKS[key].tint(1.0) for key in rich.runs]
    for paler in (below, missed):
        assert len(set(paler.marker.color) | set(shown.marker.color)) == 2 * len(rich.runs)
    assert unreachable.marker.pattern.shape == "/"
    words = [note.text for note in chart.layout.annotations]
    for lane, row in enumerate(funnel_frame(rich).itertuples()):
        share = 100 * row.shown / row.held_out
        assert words[lane] == f"<b>{LOOKS[row.retriever].label}</b>  {share:.1f} shown"
    legend = [trace.name for trace in chart.data if trace.showlegend is not False]
    assert legend == [FUNNEL_ENDS[end] for end in reversed(FUNNEL_ENDS)]


def test_the_panel_shows_the_librarys_tables_and_sentences(rich):
    app = drawn(rich)
    assert not app.exception
    counts = table(app, "Held-out items by where").set_index("retriever")
    assert counts["shown"].tolist() == funnel_frame(rich)["shown"].tolist()
    stages, expected = table(app, "Conversion of held-out"), funnel_stages(rich)
    assert stages["retriever"].tolist() == [*(LOOKS[key].label for key in rich.runs), "Full catalogue"]
    for name in ("reachable_share", "retrieved_share", "shown_share", "pool_recall", "recall", "ndcg_share"):
        assert [f"{value:.1f}" for value in stages[name]] == [
            f"{100 * value:.1f}" for value in expected[name]
        ]
    assert stages["oracle_ndcg"].tolist() == expected["oracle_ndcg"].tolist()
    assert len(figure(app, "Held-out items of each retriever")["data"]) == 8


def test_rows_are_rounded_as_sentences_are(rich):
    rows, known = stage_rows(rich), funnel_stages(rich)
    assert [f"{share:.1f}" for share in rows["shown_share"]] == [
        f"{100 * share:.1f}" for share in known["shown_share"]
    ]


def clicked(key, fate, count=7):
    """What Streamlit keeps of a click on one part of a bar."""
    return {"selection": {"points": [{"curve_number": 2, "customdata": [count, key, fate]}]}}


def test_a_click_names_retriever_and_end():
    assert clicked_part(clicked("content", "ranked_below")) == ("content", "ranked_below")
    assert clicked_part({"selection": {"points": []}}) is None
    assert clicked_part({}) is None
    assert clicked_part(clicked("content", "eaten")) is None


def test_every_part_of_the_chart_can_be_clicked(rich):
    chart = funnel_chart(funnel_frame(rich))
    parts = {
        clicked_part({"selection": {"points": [{"customdata": list(part)}]}})
        for bar in chart.data
        if bar.x[0] is not None
        for part in bar.customdata
    }
    assert parts == {(key, end) for key in rich.runs for end in FUNNEL_ENDS}


def test_it_opens_on_the_largest_loss_of_the_leader(rich):
    app = drawn(rich)
    leader = verdict(rich).leader
    assert app.segmented_control(key="lost_retriever").value == leader
    assert app.segmented_control(key="lost_fate").value == losses(rich)[leader].largest


@pytest.mark.parametrize("fate", list(FUNNEL_ENDS))
def test_the_users_behind_a_part_are_the_librarys(rich, fate):
    app = drawn(rich)
    app.segmented_control(key="lost_retriever").set_value("content")
    app.segmented_control(key="lost_fate").set_value(fate).run()
    assert not app.exception
    shown, expected = table(app, "Users behind the chosen part"), users_behind(rich, "content", fate)
    assert shown["USER_ID"].tolist() == expected["USER_ID"].tolist()
    assert shown["pool_rank"].tolist() == expected["pool_rank"].tolist()
    assert shown["titles"].iloc[0].startswith("; ".join(expected["TITLE"].iloc[0][:5]))
    told = f"{expected['n_items'].sum():,} held-out item"
    assert told in texts(app)
    assert app.selectbox(key="lost_user").options == expected["USER_ID"].tolist()


def test_many_titles_of_one_user_are_cut_and_counted(rich):
    rows = user_rows(users_behind(rich, "embedding", "not_retrieved"))
    most = rows.iloc[rows["n_items"].argmax()]
    assert most["titles"].endswith(f"; and {most['n_items'] - 5:,} more")
    assert most["titles"].count("; ") == 5


def test_a_part_without_anyone_says_so(small_data):
    alone = run_experiment(small_data, ExperimentConfig(retrievers=("popularity",), top_k=20, n=5))
    app = drawn(alone)
    app.segmented_control(key="lost_fate").set_value("not_in_catalogue").run()
    assert not app.exception
    assert "no held-out item came to this end" in texts(app)
    assert "lost_user" not in [box.key for box in app.selectbox]


@pytest.mark.parametrize(("page", "title"), [("candidates", "Candidates"), ("rankings", "Rankings")])
def test_one_of_the_users_is_looked_at_on_the_other_screens(finished_app, small_result, page, title):
    app = go(finished_app, "compare")
    app.segmented_control(key="lost_retriever").set_value("popularity")
    app.segmented_control(key="lost_fate").set_value("not_retrieved").run()
    user = users_behind(small_result, "popularity", "not_retrieved")["USER_ID"].iloc[4]
    app.selectbox(key="lost_user").set_value(user).run()
    app.button(key=f"lost_to_{page}").click().run()
    assert not app.exception
    assert app.title[0].value == title
    assert app.selectbox(key="user").value == user
    go(app, "compare")
    assert app.segmented_control(key="lost_retriever").value == "popularity"
    assert app.segmented_control(key="lost_fate").value == "not_retrieved"
