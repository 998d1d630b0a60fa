import streamlit as st

from pages.components.charts_data import history_lengths, long_tail, lorenz, over_time
from pages.components.data_overview import key_numbers, span_line
from pages.components.features_panel import features_panel
from pages.components.files_form import choose_tables
from pages.components.links import link_cards
from pages.components.reading_form import choose_reading
from pages.components.reading_panel import upload_files
from pages.components.recipe_panel import recipe_panel
from pages.components.repairing import take_repaired
from pages.components.repairs_panel import findings_list, more_repairs, repairs_made, stands_in_the_way
from pages.components.sample_choice import choose_sample
from pages.components.session import lab
from pages.components.text import plain

here = lab()
take_repaired(here)

st.title("Data")
st.markdown("What did the lab understand of the data, and what is odd about it?")

st.subheader(f"Loaded: {plain(here.data.name)}")
choose_sample(here)
key_numbers(here.data)
span_line(here.data)

st.subheader("Load your own")
files = upload_files()
if files.recipe is not None and files.outcome.reader is not None:
    known = f"Known layout: **{plain(files.recipe.layout)}**." if files.recipe.layout else "No known layout."
    st.markdown(f"{known} This is what each file was taken for; change what is wrong.")
    recipe = choose_tables(files, files.outcome.reader, files.recipe)
    with st.expander("How the interactions are read", icon=":material/tune:"):
        recipe = choose_reading(files, files.outcome.reader, recipe)
    if files.choose(recipe):
        st.rerun()
    candidate = files.data
    if files.makes(here.data):
        st.success("This data is loaded.", icon=":material/check_circle:")
        link_cards("train", "home")
    elif candidate is not None:
        with st.container(border=True):
            st.markdown("**What that makes**")
            key_numbers(candidate)
            span_line(candidate)
            findings_list(candidate.findings)
            if st.button(
                "Use this data",
                type="primary",
                key="data_use",
                icon=":material/check:",
                disabled=stands_in_the_way(candidate.findings),
            ):
                here.data = candidate
                st.rerun()

st.subheader(f"A closer look at {plain(here.data.name)}")
repairs_made(here)
findings_list(here.data.findings, here)
more_repairs(here)
with st.grid(2, min_column_width=320):
    for chart in (long_tail, lorenz, history_lengths, over_time):
        with st.container():
            chart(here.data)
features_panel(here)
st.markdown("**Recipe**")
recipe_panel(here.data)
