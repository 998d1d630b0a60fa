"""The recipe of the loaded data: to keep, to use again, to use without the lab."""

from __future__ import annotations

import re

import streamlit as st

from pages.components.text import plain
from skrec_lite.experiment import LabData


def recipe_panel(data: LabData) -> None:
    """Offer the recipe as a file, and show the code that applies it."""
    loaded = data.loaded
    if loaded is None or not loaded.recipe.tables:
        st.caption(
            "Load files of your own, and every choice of columns, every repair and every kind of feature "
            "is kept as one recipe: a JSON file for the next export, and for code."
        )
        return
    st.caption(
        "Every choice of columns, every repair and every kind of feature is in it. Drop it in together "
        "with next month's files, and they are read in the same way."
    )
    name = re.sub(r"[^a-z0-9]+", "-", data.name.lower()).strip("-") or "data"
    st.download_button(
        "Download the recipe",
        loaded.recipe.to_json(),
        file_name=f"{name}-recipe.json",
        mime="application/json",
        icon=":material/download:",
        key="data_recipe",
    )
    files = ", ".join(repr(plan.file) for plan in loaded.recipe.tables if plan.role != "ignored")
    st.code(
        "from pathlib import Path\n"
        "from skrec_lite.dataset import Recipe, load\n"
        "from skrec_lite.experiment import LabData, run_experiment\n\n"
        f"recipe = Recipe.from_json(Path('{name}-recipe.json').read_text())\n"
        f"data = LabData.of(load([{files}], recipe), {data.name!r})\n"
        "print(run_experiment(data).recall_frame())",
        language="python",
    )


def upload_notes(notes: tuple[str, ...]) -> None:
    """Say what was left out on opening the files."""
    for note in notes:
        st.caption(plain(note))
