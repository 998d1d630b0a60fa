import streamlit as st

from pages.components.charts_data import history_lengths, long_tail
from pages.components.data_overview import (
    feature_notes,
    findings_list,
    key_numbers,
    span_line,
    stands_in_the_way,
)
from pages.components.links import link_cards
from pages.components.mapping_form import choose_columns, upload_tables
from pages.components.session import lab
from pages.components.text import plain

here = lab()

st.title("Data")
st.markdown("What did the lab understand of the data, and what is odd about it?")

with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(f"Loaded: {plain(here.data.name)}")
    if not here.has_sample and st.button("Use the sample again", key="data_sample", icon=":material/undo:"):
        here.use_sample()
        st.rerun()
key_numbers(here.data)
span_line(here.data)

st.subheader("Load your own")
uploaded = upload_tables()
if "interactions" in uploaded.tables:
    with st.expander("Which column is what", expanded=not uploaded.makes(here.data)):
        candidate = choose_columns(uploaded)
    if candidate is here.data:
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
elif "items" in uploaded.tables:
    st.info("The items are read. Now add the interactions they belong to.", icon=":material/info:")

st.subheader(f"A closer look at {plain(here.data.name)}")
findings_list(here.data.findings)
popularity, histories = st.columns(2, gap="medium")
with popularity:
    long_tail(here.data)
with histories:
    history_lengths(here.data)
st.markdown("**Features of the items**")
feature_notes(here.data)
