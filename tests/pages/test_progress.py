"""How a run under way is shown, and how it ended."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from pages.components.jobs import Job
    from pages.components.progress import run_panel
    from pages.components.session import Lab

    first = st.session_state.setdefault("drawn", 0) == 0
    st.session_state["drawn"] += 1
    job = Job(state=st.session_state["ended"], message="There is too little to learn from.")
    # The work ends between the sidebar and the page.
    here = Lab(data=None, job=job, said_running=first)  # type: ignore[arg-type]
    st.markdown("running" if here.said_running else "none yet")
    run_panel(here)


@pytest.mark.parametrize(
    ("ended", "title"), [("failed", "The run failed"), ("cancelled", "The run was cancelled")]
)
def test_what_ended_after_the_sidebar_was_drawn_has_it_drawn_again(ended, title):
    app = AppTest.from_function(page)
    app.session_state["ended"] = ended
    app.run()
    assert not app.exception
    assert app.session_state["drawn"] == 2
    assert [said.value for said in app.markdown] == ["none yet"]
    told = [*app.error, *app.warning]
    assert [box.proto.title for box in told] == [title]
