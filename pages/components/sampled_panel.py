"""Compare, method: the sampled protocol of many publications, beside the whole catalogue's figure."""

from __future__ import annotations

import weakref

import pandas as pd
import streamlit as st

from pages.components.background import Background, watch
from pages.components.parameter_inputs import settle
from pages.components.text import counted, plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.sampled import SampledFigures, sampled_figures

_ANSWERS, _WORK = "_sampled_answers", "_sampled_work"
#: Answers that a session keeps, the latest first.
_MOST_KEPT = 5
_LABELS = {"hit_rate": "HR", "ndcg": "nDCG", "mrr": "MRR"}


def sampled_panel(result: ExperimentResult) -> None:
    """Offer to rank each held-out item among random ones; draw the answer once it was asked for."""
    st.markdown(
        "Papers often rank one held-out item among random ones only. Such figures are higher than those of "
        "the whole catalogue and may even order rankers otherwise. They are for comparison with such papers."
    )
    settle("sampled_negatives", 99)
    work = _work_on(result)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n_negatives = int(st.number_input(
            "Random items", 1, 1000, step=1, key="sampled_negatives", persist_state="session", width=160,
            help="Beside each held-out item, drawn from what its user has not had. 99 is usual.",
        ))  # fmt: skip
        asked = st.button(
            "Measure", icon=":material/casino:", key="sampled_measure", disabled=work.is_running
        )
    if asked and _kept(result, n_negatives) is None:
        work.begin(
            lambda progress, cancel: sampled_figures(result, n_negatives, progress=progress, cancel=cancel)
        )
    work.collect()
    if work.found is not None:
        _keep(result, work.found)
        work.found = None
    figures = _kept(result, n_negatives)
    if figures is not None:
        _draw(figures)
    else:
        watch(work, "sampled", "The measuring", "Stops at the next batch of users.")


def _work_on(result: ExperimentResult) -> Background:
    """Return the measuring of this run; that of another one is let go."""
    of, work = st.session_state.get(_WORK, (lambda: None, None))
    if of() is not result:
        of, work = st.session_state[_WORK] = (weakref.ref(result), Background())
    return work


def _kept(result: ExperimentResult, n_negatives: int) -> SampledFigures | None:
    for of, figures in st.session_state.get(_ANSWERS, []):
        if of() is result and figures.n_negatives == n_negatives:
            return figures
    return None


def _keep(result: ExperimentResult, figures: SampledFigures) -> None:
    # The run is not held by its answer: a run that the session lets go of takes its models with it.
    kept = [(of, old) for of, old in st.session_state.get(_ANSWERS, []) if of() is not None]
    st.session_state[_ANSWERS] = [(weakref.ref(result), figures), *kept][:_MOST_KEPT]


def sampled_rows(figures: SampledFigures) -> pd.DataFrame:
    """Return the metrics by their names in publications, with intervals in words."""
    table = figures.table
    words = {
        f"{side}_interval": [
            f"{low:.3f} to {high:.3f}"
            for low, high in zip(table[f"{side}_low"], table[f"{side}_high"], strict=True)
        ]
        for side in ("sampled", "whole")
    }
    return table.assign(metric=[f"{_LABELS[name]}@{figures.n}" for name in table["metric"]], **words)


def _draw(figures: SampledFigures) -> None:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    among = f"1 held-out item among {figures.n_negatives:,} random ones"
    st.dataframe(
        sampled_rows(figures),
        column_order=["metric", "sampled", "whole", "ratio", "sampled_interval", "whole_interval"],
        column_config={
            "metric": text("Metric", pinned=True),
            "sampled": number(f"Sampled, 1 of {figures.n_negatives + 1:,}", help=among, format="%.3f"),
            "whole": number(
                "Whole catalogue", format="%.3f",
                help=f"Among all {figures.n_items:,} items: the same ranker, users and held-out items",
            ),
            "ratio": number("Ratio", help="Sampled / whole catalogue", format="%.1f x"),
            "sampled_interval": text("Sampled, 95 %", help="95 % interval over users"),
            "whole_interval": text("Whole, 95 %", help="95 % interval over users"),
        },
        hide_index=True,
        placeholder="–",
        key="sampled_table",
        alt=f"Sampled figures of the full-catalogue ranker ({among}) beside those of the whole catalogue",
    )  # fmt: skip
    st.markdown(plain(figures.sentence))
    short = (
        f" {counted(figures.n_short, 'item')} had fewer beside them: their users have had nearly everything."
        if figures.n_short
        else ""
    )
    st.caption(
        f"{figures.label[:1].upper()}{figures.label[1:]}, by the full-catalogue ranker. "
        f"{counted(figures.n_held_out, 'held-out item')} of {counted(len(figures.users), 'user')}; where "
        f"scores are equal, all orders of them count alike.{short} Krichene and Rendle (2020), On sampled "
        "metrics for item recommendation."
    )
