"""Compare: which retriever, which pool size, is the ranker worth it?"""

import streamlit as st

from pages.components.charts_final import bullet_chart, cost_chart
from pages.components.charts_recall import recall_chart
from pages.components.compare_tables import (
    choose_k,
    choose_log_k,
    config_json,
    curves_caption,
    curves_csv,
    final_metrics_table,
    funnel_table,
    metrics_csv,
    pool_size_sentence,
    recall_metrics_at,
    reference_note,
    split_table,
    timings_sentence,
    timings_table,
    what_rankers_learned,
)
from pages.components.guards import result_or_offer
from pages.components.outcome import verdict_line
from pages.components.retrieval_space import spaces_and_refusals
from pages.components.text import bullets, plain
from skrec_lite.experiment import full_catalogue_verdict, ranker_verdict, verdict

st.title("Compare")
st.caption("Which retriever, which pool size, is the ranker worth it?")

result = result_or_offer()
verdict_line(result)
spaces_and_refusals(result)

st.subheader("What the pools hold", anchor=False)
figures = st.container()
size, axis = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
with size:
    k = choose_k(result)
with axis:
    log_k = choose_log_k()
with figures:
    recall_metrics_at(result, k)
if k < result.config.top_k:
    st.markdown(plain(verdict(result, k).sentence))
st.plotly_chart(
    recall_chart(result, k, log_k),
    key="compare_recall",
    config={"displayModeBar": False},
    alt="Candidate recall of each retriever by pool size, with 95 % bands and the ceiling",
)
st.caption(curves_caption(result))
st.markdown(pool_size_sentence(result))

st.subheader("What reaches the list", anchor=False)
st.caption(
    f"Dark: held-out items in the final list of {result.config.n}. Light: those in the pool, which no "
    f"ranker can pass. Grey line: those in the catalogue. {reference_note(result)}"
)
st.plotly_chart(
    bullet_chart(result),
    key="compare_bullet",
    config={"displayModeBar": False},
    alt="Final recall within pool recall for each retriever and the full catalogue",
)
final_metrics_table(result)
ranker, reference = st.columns(2, gap="medium")
with ranker:
    st.markdown("**Is the ranker worth it?**")
    st.markdown(bullets(ranker_verdict(result, key) for key in result.runs))
    if learned := what_rankers_learned(result):
        st.caption(bullets(learned))
with reference:
    st.markdown("**What does retrieval cost in quality?**")
    st.markdown(bullets(full_catalogue_verdict(result, key) for key in result.runs))
st.markdown("**Where held-out items were lost**")
funnel_table(result)

st.subheader("What it takes", anchor=False)
st.caption(timings_sentence(result))
st.plotly_chart(
    cost_chart(result),
    key="compare_cost",
    config={"displayModeBar": False},
    alt="Milliseconds for 1,000 users by retriever and for the full catalogue",
)
timings_table(result)

st.subheader("Who was measured", anchor=False)
split_table(result)

with st.container(horizontal=True):
    st.download_button(
        "Curves (CSV)", lambda: curves_csv(result), "recall_curves.csv", "text/csv",
        key="compare_curves_csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    st.download_button(
        "Metrics and timings (CSV)", lambda: metrics_csv(result), "metrics.csv", "text/csv",
        key="compare_metrics_csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    st.download_button(
        "Configuration (JSON)", lambda: config_json(result), "config.json", "application/json",
        key="compare_config_json", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
