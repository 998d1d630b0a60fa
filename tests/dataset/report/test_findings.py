"""Oddities of time, ids, sizes, splits and user tables, and the report that gathers them."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.report.checks import check_interactions, check_users, summarise
from skrec_lite.dataset.report.profile import gini, report
from skrec_lite.dataset.report.repairs import Repair, apply_repair
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError

NOW = pd.Timestamp("2026-01-01 15:00")


def found(events, title, **tables):
    hits = [finding for finding in check_interactions(events, now=NOW, **tables) if finding.title == title]
    assert len(hits) <= 1
    return hits[0] if hits else None


def repaired(events, finding, items=None):
    return apply_repair(Tables(events, items), finding.repairs[0]).tables


def at(events, rows, stamp):
    out = events.copy()
    out.loc[out.index[rows], "TIMESTAMP"] = pd.Timestamp(stamp)
    return out


def test_people_raise_no_finding_but_ties(people):
    assert {finding.title for finding in check_interactions(people, now=NOW)} <= {"Tied last interactions"}


def test_future_timestamps(people):
    # The next day is let pass, for clocks and time zones.
    assert found(at(people, [5], "2026-01-02 23:00"), "Future timestamps") is None
    events = at(people, [5, 9], "2031-07-01")
    finding = found(events, "Future timestamps")
    assert (finding.severity, finding.rows) == ("warning", 2)
    assert "2031-07-01" in finding.message
    assert len(repaired(events, finding).interactions) == len(people) - 2
    all_late = people.assign(TIMESTAMP=people["TIMESTAMP"] + pd.Timedelta(days=20_000))
    assert found(all_late, "Future timestamps").repairs == ()


@pytest.mark.parametrize("stamp", ["1970-01-01", "2001-09-09", "2025-12-31"])
def test_stray_timestamps(people, stamp):
    events = at(people, [0, 1, 2], stamp)
    finding = found(events, "Stray timestamps")
    assert (finding.severity, finding.rows) == ("warning", 3)
    assert stamp in finding.message
    assert len(repaired(events, finding).interactions) == len(people) - 3


def test_a_day_far_away_that_holds_much_of_the_data_is_no_stray(people):
    assert found(at(people, np.arange(0, len(people), 10), "2001-09-09"), "Stray timestamps") is None


def test_bulk_import(people):
    events = at(people, np.arange(0, len(people), 10), "2021-05-05 12:00:01")
    finding = found(events, "Bulk import")
    assert finding.rows == len(range(0, len(people), 10))
    assert "2021-05-05 12:00:01" in finding.message
    assert found(people, "Bulk import") is None
    by_year = people.assign(TIMESTAMP=people["TIMESTAMP"].dt.to_period("Y").dt.to_timestamp())
    assert found(by_year, "Bulk import") is None
    one_user = people[people["USER_ID"] != "u0"]
    basket = people.iloc[:1].loc[np.zeros(len(people) // 4, dtype=int)].assign(USER_ID="solo")
    assert found(pd.concat([one_user, basket], ignore_index=True), "Bulk import") is None


def test_ids_that_differ_by_blanks_or_case(people):
    events = people.copy()
    events.loc[:2, "ITEM_ID"] = events.loc[:2, "ITEM_ID"] + " "
    finding = found(events, "Blanks around ids")
    assert finding.repairs == (Repair("merge_ids_by", {"how": "strip", "column": "ITEM_ID"}),)
    pd.testing.assert_frame_equal(repaired(events, finding).interactions, people)
    events = people.copy()
    events.loc[:2, "USER_ID"] = events.loc[:2, "USER_ID"].str.upper()
    finding = found(events, "Ids differing by case")
    assert (finding.severity, finding.rows) == ("info", 1)
    pd.testing.assert_frame_equal(repaired(events, finding).interactions, people)


def test_blanks_without_a_look_alike_offer_no_merge_unless_the_table_has_one(people):
    events = people.assign(ITEM_ID=people["ITEM_ID"] + " ")
    assert found(events, "Blanks around ids").repairs == ()
    items = pd.DataFrame({"ITEM_ID": people["ITEM_ID"].unique()})
    finding = found(events, "Blanks around ids", items=items)
    assert len(finding.repairs) == 1
    assert repaired(events, finding, items).interactions["ITEM_ID"].tolist() == people["ITEM_ID"].tolist()


def test_repeated_pairs_offer_what_suits_the_outcome(people):
    def keeps(events):
        return [repair.params["keep"] for repair in found(events, "Repeated pairs").repairs]

    events = pd.concat([people, people.iloc[:7]], ignore_index=True)
    assert keeps(events) == ["last", "max", "first"]
    assert "7 of them repeat time and outcome too" in found(events, "Repeated pairs").message
    assert keeps(events.assign(OUTCOME=1.0)) == ["last", "sum"]
    amounts = events.assign(OUTCOME=np.arange(len(events)) % 37)
    assert keeps(amounts)[0] == "sum"
    assert "time and outcome" not in found(amounts, "Repeated pairs").message
    assert found(repaired(events, found(events, "Repeated pairs")).interactions, "Repeated pairs") is None


def test_negative_and_huge_outcomes(people):
    events = people.assign(OUTCOME=np.where(np.arange(len(people)) % 50 == 0, -3.0, people["OUTCOME"]))
    finding = found(events, "Zero or negative outcomes")
    assert "the lowest is -3" in finding.message
    assert repaired(events, finding).interactions["OUTCOME"].min() > 0
    assert found(people, "Few huge outcomes") is None
    events = people.assign(OUTCOME=np.where(np.arange(len(people)) % 200 == 0, 5000.0, people["OUTCOME"]))
    finding = found(events, "Few huge outcomes")
    assert finding.severity == "warning"
    assert set(repaired(events, finding).interactions["OUTCOME"]) == {1.0}


def test_short_and_single_histories():
    events = pd.DataFrame(
        {"USER_ID": [f"u{n // 2}" for n in range(300)], "ITEM_ID": [f"i{n % 77}" for n in range(300)]}
    )
    assert found(events, "Short histories").repairs == ()  # nobody would be left
    longer = pd.DataFrame({"USER_ID": "reader", "ITEM_ID": [f"i{n}" for n in range(70)]})
    events = pd.concat(
        [events, longer, pd.DataFrame({"USER_ID": ["solo"], "ITEM_ID": ["i1"]})], ignore_index=True
    )
    finding = found(events, "Short histories")
    assert "2 interactions or fewer" in finding.message
    assert finding.rows == 151
    assert set(repaired(events, finding).interactions["USER_ID"]) == {"reader"}
    finding = found(events, "Single interactions")
    assert "solo" not in set(repaired(events, finding).interactions["USER_ID"])


def test_few_users_and_concentration(people):
    few = people[people["USER_ID"].isin([f"u{n}" for n in range(64)])]
    assert (
        "64 users: an interval of recall spans about 24 percentage points" in found(few, "Few users").message
    )
    hits = people.assign(ITEM_ID=np.where(np.arange(len(people)) % 100 < 93, "hit", people["ITEM_ID"]))
    finding = found(hits, "Concentrated popularity")
    share, unequal = (hits["ITEM_ID"] == "hit").mean(), gini(hits["ITEM_ID"].value_counts())
    assert f"{unequal:.2f}" in finding.message
    assert f"{100 * share:.0f} %" in finding.message


def test_a_given_split(people):
    split = np.where(np.arange(len(people)) % 5 == 0, "test", "train")
    split[(people["USER_ID"] == "u3").to_numpy()] = "test"
    events = people.assign(SPLIT=split)
    assert found(events, "Held-out repeats") is None
    assert found(events, "Users without training").rows == 1
    again = events[events["SPLIT"] == "train"].iloc[[0, 1, 2, 3, 3]].assign(SPLIT="test")
    finding = found(pd.concat([events, again], ignore_index=True), "Held-out repeats")
    assert (finding.severity, finding.rows) == ("warning", 5)


def test_user_tables(people):
    users = pd.DataFrame({"USER_ID": [f"u{n}" for n in range(190)] + ["idle"], "age": 30})
    assert found(people, "Unlisted users", users=users).rows == 10
    assert found(people, "Users without interactions", users=users).rows == 1
    other = pd.DataFrame({"USER_ID": ["U-1", "U-2"]})
    assert found(people, "Tables do not match", users=other).severity == "error"
    twice = check_users(pd.concat([users, users.iloc[:2]]), people)
    assert [(finding.severity, finding.rows) for finding in twice] == [("error", 2)]
    assert check_users(users.drop(columns="USER_ID"))[0].severity == "error"
    summary = summarise(people, users=users)
    counts = summary.n_users_listed, summary.n_users_without_interactions, summary.n_unlisted_users
    assert counts == (191, 1, 10)


def test_the_report_gathers_everything(people):
    items = pd.DataFrame({"ITEM_ID": [f"i{n}" for n in range(401)], "price": np.arange(401) % 17})
    users = pd.DataFrame({"USER_ID": [f"u{n}" for n in range(200)], "age": np.arange(200) % 40})
    looked = report(Tables(people, items, users), now=NOW)
    counts = people["ITEM_ID"].value_counts()
    assert looked.summary == summarise(people, items, users)
    assert looked.gini == gini(np.append(counts, np.zeros(401 - len(counts))))
    assert looked.interactions_per_item.sum() == looked.interactions_per_user.sum() == len(people)
    assert len(looked.interactions_per_item) == 401
    assert looked.histories[1].sum() == 200
    assert looked.over_time[1].sum() == len(people)
    severities = [finding.severity for finding in looked.findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert {"No titles", "Untouched items"} <= {finding.title for finding in looked.findings}


def test_the_order_of_rows_and_columns_changes_no_finding(people):
    bot = pd.DataFrame({"USER_ID": "bot", "ITEM_ID": "I0", "TIMESTAMP": NOW}, index=range(3000))
    events = pd.concat([people, bot, people.iloc[:9]], ignore_index=True).fillna({"OUTCOME": 2.0})
    items = pd.DataFrame({"ITEM_ID": [f"i{n}" for n in range(20, 420)], "price": np.arange(400) % 17})
    items["sold"] = events["ITEM_ID"].value_counts().reindex(items["ITEM_ID"]).fillna(0).to_numpy()
    before = report(Tables(events, items), now=NOW).findings
    shuffled = Tables(
        events.sample(frac=1, random_state=1)[events.columns[::-1]], items.sample(frac=1, random_state=2)
    )
    assert len(before) >= 8
    assert set(report(shuffled, now=NOW).findings) == set(before)


def test_top_users(people):
    bot = pd.DataFrame({"USER_ID": "bot", "ITEM_ID": "i0", "TIMESTAMP": NOW}, index=range(3000))
    top = report(Tables(pd.concat([people, bot], ignore_index=True)), now=NOW).top_users(3)
    assert top["USER_ID"].iloc[0] == "bot"
    assert top.loc[0, ["interactions", "items", "rules"]].tolist() == [3000, 1, "long_history"]
    second = people["USER_ID"].value_counts()
    assert top["interactions"].tolist()[1:] == second.iloc[:2].tolist()
    own = people[people["USER_ID"] == top["USER_ID"].iloc[1]]["TIMESTAMP"]
    assert top.loc[1, ["first", "last"]].tolist() == [own.min(), own.max()]
    assert top["share"].sum() == pytest.approx(top["interactions"].sum() / (len(people) + 3000))


def test_a_report_of_unusable_tables_still_has_findings(people):
    for events in (people.drop(columns="ITEM_ID"), people.iloc[:0], people.assign(USER_ID=None)):
        looked = report(Tables(events, pd.DataFrame({"price": [1]}), pd.DataFrame({"USER_ID": [None]})))
        assert looked.findings[0].severity == "error"
    with pytest.raises(InvalidDataError):
        _ = report(Tables(people.drop(columns="ITEM_ID"))).summary


@pytest.mark.parametrize(
    "events",
    [
        pd.DataFrame({"USER_ID": [1, "a", None], "ITEM_ID": [2.0, "x", 3]}),
        pd.DataFrame({"USER_ID": [True, 1], "ITEM_ID": ["\u202eabc", "<script>"], "OUTCOME": ["1,5", "x"]}),
        pd.DataFrame({"USER_ID": ["a", "b"], "ITEM_ID": ["", " "], "OUTCOME": [np.inf, -np.inf]}),
        pd.DataFrame({"USER_ID": ["a", "b"], "ITEM_ID": ["x", "y"], "TIMESTAMP": ["2020-01-01", None]}),
        pd.DataFrame({"USER_ID": ["a"], "ITEM_ID": ["x"], "TIMESTAMP": [pd.Timestamp("2262-04-11")]}),
        pd.DataFrame(
            {"USER_ID": ["a", "b"], "ITEM_ID": ["x", "y"], "SPLIT": [None, "train"], "OUTCOME": [0, 0]}
        ),
        pd.DataFrame(
            {"USER_ID": ["a", "a"], "ITEM_ID": ["x", "x"], "TIMESTAMP": pd.to_datetime([0, 0], utc=True)}
        ),
        pd.DataFrame(
            {"USER_ID": pd.Categorical(["b", "a", "b"]), "ITEM_ID": ["x", "y", "y"], "OUTCOME": 1e308}
        ),
    ],
)
@pytest.mark.filterwarnings("error")
def test_hostile_tables_raise_nothing(events):
    items = pd.DataFrame({"ITEM_ID": ["x", "x", None], 7: [1, 2, 3], "when": ["2020-01-01", "soon", "=1+1"]})
    looked = report(Tables(events, items, items.rename(columns={"ITEM_ID": "USER_ID"})))
    assert all(finding.message and finding.title for finding in looked.findings)
