"""What is said about the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.report.checks import check_interactions, check_items, summarise
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.exceptions import InvalidDataError


def rows(*triples, **columns):
    frame = pd.DataFrame(triples, columns=["USER_ID", "ITEM_ID", "OUTCOME"])
    return frame.assign(**columns)


def plain(n_users=100, n_items=60):
    """Each user has every item, at moments of their own: nothing to find fault with."""
    users, items = np.divmod(np.arange(n_users * n_items), n_items)
    frame = pd.DataFrame({"USER_ID": [f"u{u}" for u in users], "ITEM_ID": [f"i{i}" for i in items]})
    frame["OUTCOME"] = 1.0 + items % 5
    frame["TIMESTAMP"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(frame)), "h")
    return frame


def catalogue(n_items=60):
    return pd.DataFrame(
        {
            "ITEM_ID": [f"i{i}" for i in range(n_items)],
            "TITLE": [f"T{i}" for i in range(n_items)],
            "price": np.arange(n_items) ** 2.0 + 1,
        }
    )


def found(findings, words):
    hits = [finding for finding in findings if words in finding.message]
    assert len(hits) == 1, [finding.message for finding in findings]
    return hits[0]


def test_good_data_has_no_findings():
    assert check_interactions(plain(), catalogue()) == []
    assert check_items(catalogue(), plain()) == []


def test_every_finding_says_what_to_do():
    odd = rows(("a", "x", 1), ("a", "x", 1), ("b", "y", 0), (" c", "nan", 2))
    items = pd.DataFrame({"ITEM_ID": ["x", "q", "q"], "plot": ["long", "longer", "longest"]})
    findings = check_interactions(odd, items) + check_items(items, odd)
    assert len(findings) >= 8
    assert all(finding.repair.endswith(".") and finding.message.endswith(".") for finding in findings)
    assert all(2 <= len(finding.title.split()) <= 4 for finding in findings)


def test_errors_come_first():
    data = rows(("a", "x", 1), ("b", "y", 1)).assign(ITEM_ID=["x", "y"])
    severities = [finding.severity for finding in check_interactions(data, catalogue())]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert severities[0] == "error"


@pytest.mark.parametrize("column", ["USER_ID", "ITEM_ID"])
def test_ids(column):
    missing = check_interactions(plain().drop(columns=column))
    assert [(finding.severity, finding.column) for finding in missing] == [("error", column)]
    data = plain()
    data.loc[[3, 5], column] = None
    finding = found(check_interactions(data), "have no")
    assert (finding.severity, finding.column, finding.rows) == ("error", column, 2)


def test_ids_that_are_words_for_missing_or_have_blanks():
    data = plain()
    data.loc[:2, "USER_ID"] = "nan"
    finding = found(check_interactions(data), "word for 'missing'")
    assert (finding.severity, finding.rows) == ("warning", 3)
    data = plain()
    data.loc[:1, "ITEM_ID"] = " i0"
    finding = found(check_interactions(data), "blanks around it")
    assert (finding.column, finding.rows) == ("ITEM_ID", 2)


def test_no_rows():
    assert check_interactions(plain().iloc[:0])[0].severity == "error"
    assert check_items(catalogue().iloc[:0])[0].severity == "error"


def test_outcomes():
    assert found(check_interactions(plain().drop(columns="OUTCOME")), "no outcome").severity == "info"
    finding = found(check_interactions(plain().assign(OUTCOME=1.0)), "implicit feedback")
    assert (finding.severity, finding.column) == ("info", "OUTCOME")
    data = plain()
    data.loc[:3, "OUTCOME"] = [0, -1, 0, -5]
    assert found(check_interactions(data), "0 or less").rows == 4
    assert found(check_interactions(data.assign(OUTCOME=-1.0)), "No outcome is above 0").severity == "error"
    bad = data.astype({"OUTCOME": object})
    bad.loc[[7, 9], "OUTCOME"] = ["good", None]
    finding = found(check_interactions(bad), "no finite number")
    assert (finding.severity, finding.rows) == ("error", 2)


def test_histories():
    data = pd.concat([plain(), plain().iloc[[0, 1]], rows(("solo", "i3", 1))], ignore_index=True)
    data["TIMESTAMP"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(data)), "h")
    assert found(check_interactions(data), "repeat a (user, item) pair").rows == 2
    assert found(check_interactions(data), "repeat a (user, item) pair").repairs[0].kind == "deduplicate"
    finding = found(check_interactions(data), "one interaction")
    assert (finding.severity, finding.rows) == ("warning", 1)
    assert "1 of 101 users" in finding.message


def test_too_few_users_or_items():
    assert found(check_interactions(plain(n_users=1)), "only one user").severity == "error"
    assert found(check_interactions(plain(n_items=1)), "only one item").severity == "error"
    finding = found(check_interactions(plain(n_items=49)), "only 49 items")
    assert finding.severity == "warning"


def test_moments():
    assert (
        found(check_interactions(plain().drop(columns="TIMESTAMP")), "order of the rows").severity
        == "warning"
    )
    early = plain().assign(TIMESTAMP=pd.to_datetime(np.arange(6000), unit="s"))
    assert "1970" in found(check_interactions(early), "before 1990").message
    gaps = plain()
    gaps.loc[[1, 2, 3], "TIMESTAMP"] = None
    assert found(check_interactions(gaps), "no timestamp").rows == 3
    coarse = plain()
    last_two = coarse.index[-2:]
    coarse.loc[last_two, "TIMESTAMP"] = coarse["TIMESTAMP"].max()
    assert found(check_interactions(coarse), "at their last timestamp").rows == 1


def test_tables_that_fit_badly_or_not_at_all():
    finding = found(check_interactions(plain(), catalogue(50)), "the item table lacks")
    assert (finding.severity, finding.rows) == ("warning", 1000)
    assert finding.repairs == (Repair("drop_unknown_items"),)
    assert "(10 items like 'i50')" in finding.message
    assert "'i50'" in finding.message
    other = catalogue().assign(ITEM_ID=[f"00{i}" for i in range(60)])
    finding = found(check_interactions(plain(), other), "No item of the interactions")
    assert finding.severity == "error"
    assert "'i0'" in finding.message
    assert "'000'" in finding.message


def test_numbers_and_texts_are_the_same_ids():
    data = plain().assign(ITEM_ID=np.arange(6000) % 60)
    items = catalogue().assign(ITEM_ID=[str(i) for i in range(60)])
    assert check_interactions(data, items) == []
    assert check_items(items, data.astype({"ITEM_ID": float})) == []


def test_items():
    repeated = pd.concat([catalogue(), catalogue().iloc[:2]])
    finding = found(check_items(repeated), "repeat an item id")
    assert (finding.severity, finding.rows) == ("error", 2)
    assert found(check_items(catalogue().drop(columns="TITLE")), "no title").severity == "info"
    assert (
        found(check_items(catalogue().drop(columns="price")), "No column can be used").severity == "warning"
    )
    bare = catalogue()
    bare.loc[:4, "price"] = np.nan
    assert found(check_items(bare), "no feature of their own").rows == 5
    finding = found(check_items(catalogue(70), plain()), "no interaction")
    assert (finding.severity, finding.rows) == ("info", 10)
    assert finding.repairs == (Repair("drop_items_without_interactions"),)
    assert check_items(catalogue().drop(columns="ITEM_ID"))[0].column == "ITEM_ID"


def test_summary_by_hand():
    data = rows(("a", "x", 1), ("a", "x", 2), ("a", "y", 5), ("b", "z", 3))
    data["TIMESTAMP"] = pd.to_datetime(["2020-01-01", "2020-01-03", "2020-01-02", "2020-01-11"])
    items = pd.DataFrame({"ITEM_ID": ["x", "y", "q", "r", "x"]})
    summary = summarise(data, items)
    assert (summary.n_users, summary.n_items, summary.n_interactions) == (2, 5, 4)  # x y z q r
    assert summary.density == pytest.approx(3 / 10)
    assert (summary.first, summary.last, summary.days) == (
        pd.Timestamp("2020-01-01"),
        pd.Timestamp("2020-01-11"),
        10,
    )
    assert summary.median_history == 2
    assert (summary.n_repeated, summary.n_single_users) == (1, 1)
    assert summary.n_items_without_interactions == 2
    assert summary.n_unknown_item_interactions == 1
    assert (summary.outcome_low, summary.outcome_high) == (1, 5)


def test_summary_without_items_time_outcome_or_rows():
    summary = summarise(rows(("a", "x", 1), ("b", "x", 1))[["USER_ID", "ITEM_ID"]])
    assert (summary.n_items, summary.density, summary.first, summary.days) == (1, 1.0, None, None)
    assert summary.n_unknown_item_interactions == 0
    ages = pd.to_datetime(["1700-01-01", "2200-01-01"]).as_unit("ns")  # more than nanoseconds count
    assert summarise(rows(("a", "x", 1), ("b", "x", 1), TIMESTAMP=ages)).days == 182_621
    empty = summarise(rows().astype(str))
    assert (empty.n_users, empty.density, empty.median_history) == (0, 0, 0)


def test_summary_refuses_missing_ids():
    with pytest.raises(InvalidDataError, match="empty in 1 of 2"):
        summarise(rows(("a", "x", 1), (None, "x", 1)))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40), st.integers(0, 6))
def test_summary_agrees_with_pandas(pairs, n_listed):
    data = pd.DataFrame(pairs, columns=["USER_ID", "ITEM_ID"])
    items = pd.DataFrame({"ITEM_ID": range(n_listed)})
    summary = summarise(data, items)
    everything = set(data["ITEM_ID"]) | set(items["ITEM_ID"])
    distinct = len(data.drop_duplicates())
    assert summary.n_items == len(everything)
    assert summary.density == pytest.approx(distinct / (data["USER_ID"].nunique() * len(everything)))
    assert summary.n_repeated == len(data) - distinct
    assert summary.median_history == data["USER_ID"].value_counts().median()
    assert summary.n_single_users == (data["USER_ID"].value_counts() == 1).sum()
    assert summary.n_items_without_interactions == len(set(items["ITEM_ID"]) - set(data["ITEM_ID"]))
    assert summary.n_unknown_item_interactions == (~data["ITEM_ID"].isin(items["ITEM_ID"])).sum()
