"""The corpus of hostile files at the screen's door: a message or data, and what was loaded stays."""

from __future__ import annotations

import re

import pytest

from pages.components.intake import Intake
from tests.dataset.corpus import Loads, all_cases
from tests.pages.driving import go, lab_of, texts

CASES = {case.name: case for case in all_cases() if not case.is_heavy}
SHOWN = (
    "ids: html", "ids: markdown", "ids: formulas", "ids: right to left", "titles of html", "a name of html",
    "zip with an odd name", "zip that writes ../mine.csv", "gz cut off at 50%", "empty",
    "a web page that is called csv",
    "parquet of every kind of column", "a json line with nesting without end", "a good file and junk",
)  # fmt: skip
RAW = re.compile(r"(?<!\\)<(?:script|img|b|svg)\b|(?<!\\)\]\((?:javascript|http)|(?<!\\):material/home:")


class Upload:
    """A file as the uploader hands it over."""

    def __init__(self, place: int, name: str, content: bytes):
        self.file_id, self.name, self._content = str(place), name, content

    def getvalue(self) -> bytes:
        return self._content


@pytest.mark.filterwarnings("ignore:Feather V1:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in CASES if "0 columns" not in name])
def test_dropped_in_it_is_read_or_refused(name, caplog):
    case, here = CASES[name], Intake()
    here.receive([Upload(i, *file) for i, file in enumerate(case.make())])
    if here.job is not None:
        here.job.wait(60)
    here.collect()
    assert not [record for record in caplog.records if record.levelname == "ERROR"], "nothing unforeseen"
    if isinstance(case.expect, Loads):
        assert here.outcome.problem is None
        assert here.data.interactions["USER_ID"].tolist() == list(case.expect.users)
        assert here.data.interactions["ITEM_ID"].tolist() == list(case.expect.items)
    else:
        assert here.outcome.loaded is None
        assert here.data is None
        assert here.outcome.problem.repair


def test_what_is_loaded_stays_and_nothing_is_drawn_raw(finished_app, small_data, small_result):
    app = go(finished_app, "data")
    for name in SHOWN:
        case = CASES[name]
        app.file_uploader(key="data_files").set_value([(*file, "text/plain") for file in case.make()]).run()
        job = app.session_state["_intake"].job
        if job is not None:
            job.wait(60)
            app.run()
        assert not app.exception, name
        assert lab_of(app).data is small_data, name
        assert lab_of(app).result is small_result, name
        can_use = "data_use" in [button.key for button in app.button]
        assert can_use == isinstance(case.expect, Loads), name
        assert can_use or app.error, name
        assert not RAW.search(texts(app)), name
        assert not [shown.value for shown in app.markdown if shown.allow_html and "mine" in shown.value], name
