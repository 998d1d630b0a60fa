"""What is said of public data sets: no false alarms, no missed oddities."""

import os
from pathlib import Path

import pytest

from skrec_lite.dataset.columns.mapping import (
    apply_interaction_mapping,
    apply_item_mapping,
    guess_interaction_columns,
    guess_item_columns,
)
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.dataset.report.profile import report
from skrec_lite.dataset.report.repairs import apply_repair
from skrec_lite.dataset.tables import Tables

DATA = Path(os.environ.get("SKREC_LITE_DATA", Path(__file__).parents[4] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no public data sets beside the repository (set SKREC_LITE_DATA)"
)


def tables(interactions, items):
    read = read_table(DATA / interactions).frame
    mapping = guess_interaction_columns(read)
    mapping.drop_bad_rows = True
    events = apply_interaction_mapping(read, mapping).frame
    read = read_table(DATA / items).frame
    return Tables(events, apply_item_mapping(read, guess_item_columns(read, events["ITEM_ID"])).frame)


def found(data):
    return {finding.title: finding for finding in report(data).findings}


@pytest.mark.parametrize(
    "files",
    [("ml-100k/u.data", "ml-100k/u.item"), ("ml-latest-small/ratings.csv", "ml-latest-small/movies.csv")],
)
def test_ratings_by_people_raise_no_alarm(files):
    data = tables(*files)
    assert all(finding.severity == "info" for finding in report(data).findings)
    assert set(found(data)) <= {"Tied last interactions", "Untouched items", "Items without features"}
    assert not report(data).top_users(20)["rules"].any()


def test_invoices_of_a_wholesaler():
    data = tables("online-retail/online_retail.csv.gz", "online-retail/online_retail.csv.gz")
    findings = found(data)
    assert findings["Zero or negative outcomes"].rows == 8905
    assert "-80,995" in findings["Zero or negative outcomes"].message
    assert findings["Repeated pairs"].rows == 139_214
    assert findings["Repeated pairs"].repairs[0].params["keep"] == "sum"
    assert findings["Ids differing by case"].rows == 112  # 85123A and 85123a
    assert findings["Very long histories"].rows == 4
    assert findings["Possible leak"].column == "InvoiceDate"  # of an item's first sale
    for finding in findings.values():
        for repair in finding.repairs[:1]:
            data = apply_repair(data, repair).tables
    assert set(found(data)) <= {"Single interactions", "Tied last interactions", "No titles"}


def test_groceries():
    findings = found(tables("completejourney/transactions_sample.csv.gz", "completejourney/products.csv.gz"))
    assert findings["Zero or negative outcomes"].rows == 416
    assert findings["Unknown items"].rows == 222
    assert "1 % of the interactions hold 99 %" in findings["Few huge outcomes"].message  # sold by weight
    assert not {"Very long histories", "Possible leak", "Machine speed"} & set(findings)
