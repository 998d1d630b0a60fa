"""Columns made of the very interactions are told; honest ones are not."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.report.checks import check_items, check_users
from skrec_lite.dataset.report.leaks import rank_agreement, sampled_rows
from skrec_lite.dataset.report.repairs import Repair


@pytest.fixture(scope="module")
def catalogue(people):
    rng = np.random.default_rng(1)
    ids = pd.Series([f"i{n}" for n in range(400)], dtype="str")
    counts = people["ITEM_ID"].value_counts().reindex(ids).fillna(0).to_numpy()
    by_item = people.groupby("ITEM_ID")
    return pd.DataFrame(
        {
            "ITEM_ID": ids,
            "TITLE": ids,
            "price": rng.lognormal(2, 1, 400).round(2),
            "genre": rng.choice(["a", "b", "c"], 400),
            "released": pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 3000, 400), unit="D"),
            "somewhat_popular": counts + rng.normal(0, counts.std(), 400),
            "counts": counts,
            "means": by_item["OUTCOME"].mean().reindex(ids).to_numpy(),
            "first": by_item["TIMESTAMP"].min().reindex(ids).to_numpy(),
            "last": by_item["TIMESTAMP"].max().reindex(ids).to_numpy(),
        }
    )


HONEST = ["ITEM_ID", "TITLE", "price", "genre", "released", "somewhat_popular"]


def leaks(findings):
    return {finding.column: finding for finding in findings if finding.title == "Possible leak"}


def test_honest_columns_are_not_suspected(catalogue, people):
    assert leaks(check_items(catalogue[HONEST], people)) == {}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda c: c["counts"], "like their number of interactions"),
        (lambda c: np.log1p(c["counts"]), "like their number of interactions"),
        (lambda c: c["counts"].rank(ascending=False), "inversely like their number of interactions"),
        (lambda c: c["counts"].astype(int).astype("str"), "like their number of interactions"),
        (lambda c: c["counts"] > c["counts"].quantile(0.9), "like their number of interactions"),
        (
            lambda c: pd.cut(c["counts"], [-1, 5, 20, 1e9], labels=["rare", "known", "hit"]).astype("str"),
            "like their number of interactions",
        ),
        (lambda c: c["means"].round(1), "like their mean outcome"),
        (lambda c: c["last"], "very moment of the last interaction"),
        (lambda c: c["first"].astype("str"), "very moment of the first interaction"),
        (lambda c: c["last"].dt.normalize(), "lies after the first interaction in"),
    ],
)
def test_what_is_made_of_interactions_is_told(catalogue, people, make, words):
    items = catalogue[HONEST].assign(suspect=make(catalogue))
    found = leaks(check_items(items, people))
    assert list(found) == ["suspect"]
    assert words in found["suspect"].message
    assert "may have been computed from these very interactions" in found["suspect"].message
    assert found["suspect"].repairs == (Repair("drop_item_column", {"column": "suspect"}),)


@pytest.mark.parametrize(("n_late", "told"), [(3, False), (9, False), (40, True)])
def test_a_few_dates_after_the_first_interaction_are_slips_and_many_are_not(catalogue, people, n_late, told):
    touched = np.flatnonzero(catalogue["counts"] > 0)
    dates = catalogue["released"].astype("str")
    dates.iloc[touched[:n_late]] = "2024-05-05"
    found = leaks(check_items(catalogue[["ITEM_ID", "price"]].assign(updated=dates), people))
    assert ("updated" in found) == told
    assert not told or found["updated"].rows == n_late


def test_a_mean_of_ratings_that_do_not_differ_is_no_target(catalogue, people):
    items = catalogue[["ITEM_ID", "price"]].assign(means=catalogue["means"])
    assert leaks(check_items(items, people.assign(OUTCOME=1.0))) == {}


def test_columns_of_users(people):
    ids = pd.Series(people["USER_ID"].unique(), dtype="str")
    users = pd.DataFrame({"USER_ID": ids, "age": np.random.default_rng(2).integers(18, 80, len(ids))})
    assert check_users(users, people) == []
    lengths = people["USER_ID"].value_counts().reindex(ids).to_numpy()
    found = leaks(check_users(users.assign(n_ratings=lengths), people))
    assert list(found) == ["n_ratings"]
    assert found["n_ratings"].repairs == (Repair("drop_user_column", {"column": "n_ratings"}),)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=30))
def test_agreement_is_spearman_over_its_bound(pairs):
    a, b = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    found = rank_agreement(a, b)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    if len(set(a)) == 1 or len(set(b)) == 1:
        assert found == 0
        return
    rho = scipy.stats.spearmanr(a, b).statistic
    ordered = np.sort(b) if rho >= 0 else np.sort(b)[::-1]
    assert found == pytest.approx(rho / abs(scipy.stats.spearmanr(np.sort(a), ordered).statistic), abs=1e-9)


def test_agreement_by_hand():
    assert rank_agreement(np.array([0, 0, 1]), np.array([5, 3, 9])) == pytest.approx(1)
    assert rank_agreement(np.array([1, 2, 3]), np.array([3, 2, 1])) == pytest.approx(-1)


def test_huge_tables_are_looked_at_in_part():
    assert sampled_rows(1000, 50).tolist() == list(range(1000))
    few = sampled_rows(1_000_000, 10_000)
    assert len(few) == 2000
    assert (few[0], few[-1]) == (0, 999_999)
