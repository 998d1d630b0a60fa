"""Compare, overlap: what the pools share and what each adds alone is said once, and is the library's."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.overlap_panel import contribution_rows
from pages.components.text import plain
from skrec_lite.experiment import ExperimentConfig, run_experiment
from skrec_lite.experiment.figures.contributions import contribution_sentences, contributions
from skrec_lite.experiment.figures.overlap import overlap_sentence, pool_overlaps
from tests.experiment.rich_result import rich_result
from tests.pages.driving import table, texts


def _panel():
    import streamlit as st

    from pages.components.overlap_panel import overlap_panel

    overlap_panel(st.session_state["shown"])


def drawn(result):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"] = result
    return app.run()


@pytest.fixture(scope="module")
def rich():
    return rich_result()


def test_sentences_and_table_are_those_of_the_chosen_k(rich):
    app = drawn(rich)
    assert not app.exception
    for k in (rich.config.top_k, 10):
        app.select_slider(key="k").set_value(k).run()
        added = contributions(rich, k)
        for sentence in (overlap_sentence(pool_overlaps(rich, k)), *contribution_sentences(added)):
            assert texts(app).count(plain(sentence)) == 1
        shown = table(app, "Unique hits")
        assert shown["unique_hits"].tolist() == added["unique_hits"].tolist()
        assert "Merged" not in shown["retriever"].tolist()


def test_the_bars_of_one_pool_alone_are_the_tables_unique_hits(rich):
    overlaps = pool_overlaps(rich, 20).set_index("retrievers")
    for row in contributions(rich, 20).itertuples():
        assert row.unique_hits == overlaps.loc[[(row.retriever,)], "hits"].item()


def test_rows_are_rounded_as_sentences_are(rich):
    known = contributions(rich)
    for row, told in zip(contribution_rows(known).itertuples(), known.itertuples(), strict=True):
        assert f"{row.marginal_recall:.1f}" == f"{100 * told.marginal_recall:.1f}"
        assert row.interval == f"{100 * told.low:.1f} to {100 * told.high:.1f}"
        assert row.own_size == pytest.approx(told.union_size - told.size_without, abs=0.051)


def test_one_retriever_alone_has_no_table_of_contributions(small_data):
    alone = run_experiment(small_data, ExperimentConfig(retrievers=("popularity",), top_k=20, n=5))
    app = drawn(alone)
    assert not app.exception
    assert "With one retriever there is nothing to compare" in texts(app)
    assert not any(shown.proto.alt.startswith("Unique hits") for shown in app.dataframe)
