"""What a data set tells of itself, by hand."""

import pandas as pd
import pytest

from skrec_lite import LabData
from skrec_lite.exceptions import InvalidDataError


@pytest.fixture
def data():
    interactions = pd.DataFrame(
        {
            "USER_ID": ["a", "a", "a", "b", "b", "c"],
            "ITEM_ID": ["1", "2", "2", "2", "3", "9"],
            "OUTCOME": [1.0, 2.0, 3.0, 4.0, 5.0, 1.0],
        }
    )
    items = pd.DataFrame(
        {"ITEM_ID": ["1", "2", "3", "4"], "TITLE": ["One", None, "Three", "Four"], "price": [1.0, 2, 3, 4]}
    )
    return LabData(interactions, items, name="by hand")


def test_summary(data):
    assert (data.summary.n_users, data.summary.n_items, data.summary.n_interactions) == (3, 5, 6)
    assert data.summary.density == pytest.approx(5 / 15)
    assert (data.n_users, data.n_items) == (3, 5)


def test_interactions_per_item_and_user_most_first_with_the_untouched(data):
    assert data.report.interactions_per_item.tolist() == [3, 1, 1, 1, 0]
    assert data.report.interactions_per_user.tolist() == [3, 2, 1]
    assert LabData(data.interactions).report.interactions_per_item.tolist() == [3, 1, 1, 1]


def test_number_and_text_of_an_id_are_one_item(data):
    mixed = data.interactions.astype({"ITEM_ID": object})
    mixed.loc[1, "ITEM_ID"] = 2
    assert LabData(mixed).report.interactions_per_item.tolist() == [3, 1, 1, 1]


def test_findings_of_both_tables_come_worst_first(data):
    severities = [finding.severity for finding in data.findings]
    order = ["error", "warning", "info"]
    assert severities == sorted(severities, key=order.index)
    said = " ".join(finding.message for finding in data.findings)
    assert "1 of 6 interactions are with items that the item table lacks" in said
    assert "1 of 4 items have no interaction" in said
    assert "There is no timestamp" in said


def test_titles_fall_back_to_the_id(data):
    assert data.titles == {"1": "One", "3": "Three", "4": "Four"}
    assert data.titles_of(["3", "2", "9"]).tolist() == ["Three", "2", "9"]


def test_model_items_cover_items_trained_on_but_not_listed(data):
    table = data.model_items(data.interactions)
    assert table["ITEM_ID"].tolist() == ["1", "2", "3", "4", "9"]
    assert (table.loc[table["ITEM_ID"] == "9"].drop(columns="ITEM_ID") == 0).all(axis=None)
    assert LabData(data.interactions).model_items(data.interactions) is None


def test_other_kinds_of_features_leave_the_rest_of_the_report_as_it_was(data):
    items = data.items.assign(colour=["red", "red", None, None], price=[1.0, 2.0, 3.0, 4.0])
    described = LabData(data.interactions, items, name="by hand")
    assert not any("no feature of their own" in found.message for found in described.findings)
    changed = described.with_kinds({"price": "skip"}, {}).checked()
    fresh = LabData(data.interactions, items, name="by hand", item_kinds={"price": "skip"})
    assert changed.findings == fresh.findings
    assert any("2 of 4 items (50 %) have no feature of their own" in it.message for it in changed.findings)
    assert changed.summary == fresh.summary
    assert changed.report.coded is described.report.coded
    pd.testing.assert_frame_equal(changed.features.frame, fresh.features.frame)


def test_other_kinds_of_features_keep_what_was_found_out_about_the_tables(data):
    items = data.items.assign(price=[1.0, 2.0, 3.0, 4.0])
    described = LabData(data.interactions, items, name="by hand")
    known = (described.n_items, described.n_users, described.titles)
    changed = described.with_kinds({"price": "skip"}, {})
    assert changed.titles is described.titles
    fresh = LabData(data.interactions, items, name="by hand", item_kinds={"price": "skip"})
    assert (changed.n_items, changed.n_users, changed.titles) == known
    assert (fresh.n_items, fresh.n_users, fresh.titles) == known
    # What is made of the features is not kept.
    assert changed.features is not described.features


def test_a_kind_that_does_not_fit_is_refused(data):
    with pytest.raises(InvalidDataError):
        data.with_kinds({"TITLE": "number"}, {}).checked()
