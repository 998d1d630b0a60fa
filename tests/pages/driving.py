"""Drive the app in tests: open it on a prepared laboratory, move about, read what it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from pages.components.session import Lab

APP = str(Path(__file__).resolve().parents[2] / "app.py")
LAB = "_lab"


def open_app(here: Lab | None = None) -> AppTest:
    """The app as a person first sees it, on a prepared laboratory or untouched."""
    app = AppTest.from_file(APP, default_timeout=60)
    if here is not None:
        app.session_state[LAB] = here
    return app.run()


def lab_of(app: AppTest) -> Lab:
    """The session's laboratory."""
    return app.session_state[LAB]


def go(app: AppTest, page: str) -> AppTest:
    """Switch to a screen, as a click in the navigation does."""
    return app.switch_page(f"pages/{page}.py").run()


def finish(app: AppTest) -> AppTest:
    """Wait for the run under way, and draw the screen again."""
    lab_of(app).job.wait(120)
    return app.run()


def texts(app: AppTest) -> str:
    """All text of the main area and the sidebar, to look for words in."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "warning", "info", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def metric(app: AppTest, label: str) -> str:
    """The value of the first metric whose label ends so."""
    return next(shown.value for shown in app.metric if shown.label.endswith(label))


def table(app: AppTest, alt: str) -> pd.DataFrame:
    """The data of the table whose description starts so."""
    return next(shown.value for shown in app.dataframe if shown.proto.alt.startswith(alt))


def figure(app: AppTest, alt: str) -> dict[str, Any]:
    """The chart whose description starts so, as Plotly's dictionary."""
    return next(
        json.loads(shown.proto.spec) for shown in app.get("plotly_chart") if shown.proto.alt.startswith(alt)
    )
