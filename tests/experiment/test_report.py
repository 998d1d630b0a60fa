"""The report: the library's figures on one page that needs nothing else and cannot be broken by data."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, SplitConfig, load_sample, run_experiment
from skrec_lite.experiment.figures.comparisons import list_comparisons
from skrec_lite.experiment.figures.funnel import FUNNEL_ENDS, funnel_frame
from skrec_lite.experiment.figures.gaps import recall_gaps
from skrec_lite.experiment.figures.losses import losses, users_behind
from skrec_lite.experiment.figures.seeds import seed_sentence, seed_spread
from skrec_lite.experiment.figures.verdict import verdict
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.report import html_report, reproduction_script
from skrec_lite.experiment.report.about import settings
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.sweep import sweep
from tests.experiment.few_files import NAME, app_result
from tests.experiment.report_reader import parsed, table, tree, words
from tests.experiment.rich_result import rich_result

EVIL = "<script>alert(1)</script>"
BREAKOUT = "\"><img src=x onerror=alert(2)>'"
WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def swept():
    return sweep(app_result(), sizes=(5, 10, 30, 100), latency_users=5)


@pytest.fixture(scope="module")
def page(swept):
    return html_report(app_result(), sweep=swept, made=WHEN)


@pytest.fixture(scope="module")
def rich_page():
    return html_report(rich_result(), made=WHEN)


@pytest.fixture(scope="module")
def hostile():
    """A result whose every text is markup: names, columns, cells, reasons."""
    rich = rich_result()
    data = rich.data
    items = data.items.rename(columns={"genres": BREAKOUT})
    items[BREAKOUT] = EVIL + "|" + items[BREAKOUT].astype(str)
    users = data.users.rename(columns={"country": EVIL}).assign(age=BREAKOUT)
    return replace(
        rich,
        data=replace(data, name=EVIL, items=items, users=users),
        skipped={"faiss": f"{EVIL} and {BREAKOUT} and \x00\x1b\ud800"},
        runs={key: replace(run, ranker_words=EVIL) for key, run in rich.runs.items()},
    )


# --- a page on its own


def test_it_is_well_formed_and_says_what_it_is(page, rich_page):
    for each in (page, rich_page):
        assert each.startswith("<!DOCTYPE html>\n")
        checker = parsed(each)
        assert not checker.open
        assert not checker.faults
        root = tree(each)
        assert root.get("lang") == "en"
        assert root.find("head/title").text.startswith("Comparison on ")
        metas = {meta.get("name") or "charset": meta for meta in root.iter("meta")}
        assert metas["charset"].get("charset") == "utf-8"
        assert metas["viewport"].get("content") == "width=device-width, initial-scale=1"


def test_it_needs_nothing_from_outside(page, rich_page):
    for each in (page, rich_page):
        for tag, attributes in parsed(each).elements:
            assert tag not in {"script", "link", "iframe", "img", "object", "embed", "base", "form"}
            for name, value in attributes:
                assert not name.startswith("on")
                assert name not in {"src", "srcset", "background", "xlink:href", "formaction"}
                if name == "href":
                    assert value.startswith(("#", "data:application/json", "data:text/x-python"))
        rules = "".join(style.text for style in tree(each).iter("style"))
        assert not re.search(r"url\(|@import|https?:|//", rules)


def test_headings_ids_and_links_fit_together(page):
    root = tree(page)
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch("h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    links = [link.get("href") for link in root.find("body/header/nav").iter("a")]
    assert links == [f"#{section}" for section in ids]
    assert {"answer", "data", "configuration", "split", "pools", "lists", "differences", "funnel", "segments",
            "sizes", "cost", "caveats", "again", "glossary"} == set(ids)  # fmt: skip


def test_tables_have_captions_and_heads_and_charts_have_words(page):
    root = tree(page)
    tables, charts = list(root.iter("table")), list(root.iter("svg"))
    assert len(tables) > 10
    for each in tables:
        assert words(each.find("caption"))
        assert {head.get("scope") for head in each.find("thead").iter("th")} == {"col"}
        for row in each.find("tbody"):
            assert row[0].tag == "th"
            assert row[0].get("scope") == "row"
            assert len(row) == len(each.find("thead/tr"))
    assert len(charts) > 10
    assert len(charts) % 2 == 0, "each once for a wide page and once for a narrow one"
    for each in charts:
        assert each.get("role") == "img"
        assert len(each.get("aria-label")) > 30


def test_it_is_small(page, rich_page):
    assert len(page.encode()) < 500_000
    assert len(rich_page.encode()) < 500_000


def test_light_dark_and_paper_have_their_colours(page):
    rules = "".join(style.text for style in tree(page).iter("style"))
    assert "@media (prefers-color-scheme: dark)" in rules
    assert "@media print" in rules
    assert rules.index("prefers-color-scheme: dark") < rules.index("@media print"), "paper wins in the dark"


@pytest.mark.parametrize(
    "config",
    [
        ExperimentConfig(retrievers=("popularity",), top_k=20, n=5, split=SplitConfig("random")),
        ExperimentConfig(params={"n_factors": 4, "epochs": 1}, top_k=1, n=1),
    ],
)
def test_a_run_with_little_to_show_makes_a_page_all_the_same(config):
    """A few readers, no items table, nothing found: no difference, no content, no figure above 0."""
    interactions, _ = load_sample()
    few = interactions["USER_ID"].drop_duplicates().head(3)
    data = LabData(interactions[interactions["USER_ID"].isin(few)].drop(columns="TIMESTAMP"))
    result = run_experiment(data, config)
    made = html_report(result, sweep=sweep(result, sizes=(5,), latency_users=1))
    assert verdict(result).sentence in " ".join(parsed(made).texts)
    assert not re.search(r"\bnan\b|NaN", made)
    assert "Only 3 users could be measured" in made
    assert tree(made).tag == "html"


# --- nothing from the data becomes markup


def test_text_from_data_is_only_text(hostile):
    page = html_report(hostile, notes=[EVIL], made=WHEN)
    checker = parsed(page)
    clean = parsed(html_report(rich_result(), notes=["note"], made=WHEN))
    assert {tag for tag, _ in checker.elements} == {tag for tag, _ in clean.elements}
    attributes = {name for _, pairs in checker.elements for name, _ in pairs}
    assert attributes == {name for _, pairs in clean.elements for name, _ in pairs}
    text = " ".join(checker.texts)
    assert text.count(EVIL) >= 5
    assert BREAKOUT in text
    assert "<script" not in page
    assert "<img" not in page
    tree(page)


def test_a_script_holds_names_as_names(hostile, tmp_path):
    evil = replace(hostile.data, name='"""\nimport os; os.abort()\n"""')
    plan = ComparisonPlan.of_data(evil, hostile.config)
    namespace = {}
    body = reproduction_script(plan).split("data = LabData")[0]
    exec(compile(body, "reproduce.py", "exec"), namespace)
    assert namespace["NAME"] == evil.name
    assert ExperimentConfig.from_dict(namespace["CONFIG"]) == hostile.config


# --- the figures are the library's


def test_the_answer_comes_first_with_its_certainty(page):
    section = next(tree(page).iter("section"))
    assert words(section.find("p")) == verdict(app_result()).sentence


def test_the_configuration_is_whole_and_what_differs_is_marked(page):
    shown = table(page, "The configuration")
    config = app_result().config
    assert shown["Value"].to_dict() == {name: value for name, value, _ in settings(config)}
    names = set(ExperimentConfig.__dataclass_fields__) - {"params", "retrieval_params", "split"}
    assert names <= set(shown.index)
    assert shown.loc["params.n_factors"].tolist() == ["8", "64"]
    assert shown.loc["top_k"].tolist() == ["30", "200"]
    marked = {words(row[0]) for row in tree(page).iter("tr") if row.get("class") == "changed"}
    assert marked == {"params.n_factors", "params.epochs", "top_k", "n"}
    assert marked == set(shown.index[shown["Value"] != shown["Default"]])


def test_the_data_comes_with_its_files_recipe_and_repairs(page):
    result = app_result()
    assert table(page, f"The data: {NAME}").loc["Interactions"].item() == f"{len(result.data.interactions):,}"
    files = table(page, "Its files")
    assert files.index.tolist() == ["ratings.csv", "books.csv"]
    assert "user: reader, item: book, outcome: stars" in files.loc["ratings.csv", "Columns"]
    text = " ".join(parsed(page).texts)
    assert result.data.loaded.repaired[0].note in text
    assert "Column 'pages' of the items is taken as number." in text


def test_pools_and_lists_are_the_librarys(rich_page):
    rich = rich_result()
    pools = table(rich_page, "Recall@k of the pools")
    for key, curve in rich.recall_curves.items():
        for k in (1, 10, 60):
            low, high = 100 * rich.recall_intervals[key][:, k - 1]
            expected = f"{100 * curve[k - 1]:.1f} ({low:.1f} to {high:.1f})"
            assert pools.loc[f"{k}", label_of(key)] == expected
    assert pools.loc["60", "Random"] == f"{100 * rich.random_recall[59]:.1f}"
    lists = table(rich_page, "Metrics of the final lists")
    for row in rich.final_frame().itertuples():
        shown = lists.loc[label_of(row.retriever)]
        assert shown["Recall"] == f"{100 * row.recall:.1f}"
        assert shown["Pool recall"] == f"{100 * row.pool_recall:.1f}"
        assert shown["nDCG"] == f"{row.ndcg:.3f}"
        assert shown["MAP"] == f"{row.map:.3f}"
        assert shown["Users"] == f"{row.n_users:,}"
    beyond = table(rich_page, "What the lists of 8 are like")
    assert beyond.loc["Embedding", "Gini"] == f"{rich.runs['embedding'].ranked.beyond['gini']:.3f}"
    assert beyond.loc["Popularity", "Coverage"] == f"{100 * rich.runs['popularity'].ranked.coverage:.1f}"


def test_the_funnel_adds_up_on_the_page(rich_page):
    shown = table(rich_page, "Held-out items by where they were lost")
    counts = shown.apply(lambda column: column.str.replace(",", "").astype(int))
    assert (counts.iloc[:, :-1].sum(axis=1) == counts["All"]).all()
    expected = funnel_frame(rich_result())
    np.testing.assert_array_equal(counts.iloc[:, :-1], expected[list(FUNNEL_ENDS)])
    assert counts.iloc[:, 0].min() > 0


def test_what_each_stage_loses_is_said_as_on_the_screens(rich_page):
    rich, text = rich_result(), " ".join(parsed(rich_page).texts)
    for key, lost in losses(rich).items():
        assert lost.sentence in text
        assert recall_gaps(rich, key, rich.config.top_k).sentence in text


def test_the_users_behind_each_largest_loss_are_the_librarys_first_ones(rich_page):
    rich = rich_result()
    for key, lost in losses(rich).items():
        behind = users_behind(rich, key, lost.largest)
        caption = f"{label_of(key)}, {FUNNEL_ENDS[lost.largest]}: {len(behind):,} of"
        shown = table(rich_page, caption)
        assert shown.index.tolist() == behind["USER_ID"].head(5).tolist()
        assert shown["History"].tolist() == [f"{n:,}" for n in behind["history"].head(5)]
        for cell, titles in zip(shown["Held out"], behind["TITLE"], strict=False):
            assert cell.startswith(" ".join("; ".join(titles[:3]).split()))


def test_differences_are_said_drawn_and_tabled(rich_page):
    found = list_comparisons(rich_result())
    text = " ".join(parsed(rich_page).texts)
    for one in found:
        if one.metric == "recall":
            assert one.sentence in text
    shown = table(rich_page, "Final lists, and against the full catalogue")
    recall = [one for one in found if one.metric == "recall"]
    own = shown[shown["By"] == "recall@8"]
    assert own["Difference"].str.removeprefix("+").astype(float).tolist() == pytest.approx(
        [100 * one.difference.mean for one in recall], abs=0.0501
    )
    assert [verdict == "differ" for verdict in own.iloc[:, -2]] == [one.is_certain for one in recall]


def test_a_sweep_has_its_section_only_where_there_is_one(page, rich_page, swept):
    assert 'id="sizes"' not in rich_page
    text = " ".join(parsed(page).texts)
    assert swept.advice().sentence in text
    assert all(note in text for note in swept.notes)
    shown = table(page, "Latency is that of one request")
    assert len(shown) == len(swept.frame)
    assert shown.iloc[0]["Pool recall"] == f"{100 * swept.frame.iloc[0]['pool_recall']:.1f}"


def test_how_it_is_made_again_can_be_taken_from_the_page(page):
    links = {link.get("download"): link.get("href") for link in tree(page).iter("a") if link.get("download")}
    plan = ComparisonPlan.of_result(app_result(), sweep=True)
    content = {name: base64.b64decode(href.partition("base64,")[2]) for name, href in links.items()}
    assert ComparisonPlan.from_json(content["config.json"]) == plan
    assert content["reproduce.py"].decode() == reproduction_script(plan)


def test_several_seeds_are_shown_as_variation_of_their_own(rich_page):
    assert "seeds of training" not in rich_page
    rich = rich_result()
    figures = pd.DataFrame(
        [(seed, "embedding", "list", "recall", 0.2 + 0.01 * seed) for seed in range(3)],
        columns=["seed", "retriever", "stage", "metric", "value"],
    )
    page = html_report(replace(rich, seed_figures=figures, config=replace(rich.config, n_seeds=3)))
    shown = table(page, "Figures over the seeds")
    spread = seed_spread(figures, rich).iloc[0]
    error = f"{100 * spread.standard_error:.1f}"
    assert shown.loc["Embedding"].tolist() == [
        "recall@8, list", "21.0", "20.0", "22.0", "1.0", error, spread.larger_source
    ]  # fmt: skip
    assert seed_sentence(seed_spread(figures, rich), figures, "list", "recall", 8) in " ".join(
        parsed(page).texts
    )
