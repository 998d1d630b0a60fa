"""Own retriever: how to write one, which ones this server has, and a try on the finished run."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_playground import recall_curves_chart
from pages.components.identity import LOOKS
from pages.components.jobs import Job
from pages.components.parameter_inputs import settle
from pages.components.playground_parts import to_train
from pages.components.session import load_own_retrievers
from pages.components.text import counted, duration, plain
from skrec_lite.experiment import MERGED, RETRIEVERS, ExperimentResult
from skrec_lite.experiment.choices.retriever_specs import PLUGINS_GROUP, PLUGINS_VARIABLE
from skrec_lite.experiment.playground.own_retriever import (
    EXAMPLE_MODULE,
    TriedRetriever,
    example_code,
    own_retrievers,
    try_retriever,
)

REFRESH_SECONDS = 0.5
_KEY = "_own_retriever_tries"


@dataclass
class Tries:
    """The tries on one run: the one under way, or the last one, and what was found."""

    result: ExperimentResult
    job: Job | None = None
    found: dict[str, TriedRetriever] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether a try is under way."""
        return self.job is not None and self.job.is_active

    def collect(self) -> None:
        """Take over what a finished job found."""
        if self.job is not None and (tried := self.job.take_result()) is not None:
            self.found[tried.key] = tried

    def start(self, key: str) -> None:
        """Start a try unless one is under way."""
        if not self.is_running:
            result = self.result
            self.job = Job.submit(
                lambda progress, cancel: try_retriever(result, key, progress=progress, cancel=cancel)
            )


def own_retriever_panel(result: ExperimentResult) -> None:
    """Draw what this server has, the try on the run, and how to write one."""
    own = own_retrievers()
    _loaded(own)
    if own:
        _try(result, list(own))
    _how_to(bool(own))


def _loaded(own: dict[str, str]) -> None:
    st.subheader("On this server", anchor=False)
    if own:
        st.markdown(
            "\n".join(
                f"- {LOOKS[key].badge}: {plain(RETRIEVERS[key].summary)} From the module `{module}`."
                for key, module in own.items()
            )
        )
    else:
        st.caption("No retriever of one's own is loaded. The steps are below.")
    for module, reason in load_own_retrievers().items():
        st.error(
            f"The module {plain(module)} was not loaded: {plain(reason)}. "
            "Mend it, then start the server again.",
            icon=":material/error:",
        )


def _try(result: ExperimentResult, own: list[str]) -> None:
    st.subheader("Try it on this run", anchor=False)
    tries = _tries(result)
    settle("own_retriever", own[0], lambda key: key in own)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            "Retriever", own, format_func=lambda name: LOOKS[name].label, key="own_retriever",
            persist_state="session", width=240,
        )  # fmt: skip
        st.button(
            "Try it", key="own_retriever_try", icon=":material/play_arrow:", type="primary",
            disabled=tries.is_running, on_click=tries.start, args=(key,),
            help="Builds its index and retrieves for all measured users. No ranker is trained.",
        )  # fmt: skip
        if st.button(
            "Choose it on Train", key="own_retriever_train", icon=":material/model_training:",
            help="A full comparison: it gets a ranker, final lists, and a place on every screen.",
        ):  # fmt: skip
            chosen = [name for name in result.config.retrievers if name != MERGED]
            st.session_state["train_retrievers"] = [*dict.fromkeys([*chosen, key])]
            to_train()
    if tries.is_running:
        st.fragment(_live, run_every=REFRESH_SECONDS)(tries)
    elif tries.job is not None and tries.job.state == "failed":
        st.error(plain(tries.job.message), title="The try failed", icon=":material/error:")
    elif tries.job is not None and tries.job.state == "cancelled":
        st.warning(
            f"Stopped after {duration(tries.job.seconds)}. Nothing of it was kept.",
            title="The try was cancelled",
            icon=":material/cancel:",
        )
    if (tried := tries.found.get(key)) is not None:
        _outcome(result, tried)


def _outcome(result: ExperimentResult, tried: TriedRetriever) -> None:
    st.markdown(f"**{plain(tried.sentence)}**")
    st.caption(f"Over {counted(len(result.user_ids), 'measured user')}; pools of {result.config.top_k:,}.")
    show_chart(
        recall_curves_chart({**result.recall_curves, tried.key: tried.curve}, tried.key),
        key="own_retriever_recall",
        picture=("own retriever", LOOKS[tried.key].label, result.data.name),
        alt="Recall at every pool size: the retriever of one's own, and those of the run",
    )


def _tries(result: ExperimentResult) -> Tries:
    tries: Tries | None = st.session_state.get(_KEY)
    if tries is None or tries.result is not result:
        if tries is not None and tries.job is not None:
            tries.job.cancel()
        tries = st.session_state[_KEY] = Tries(result)
    tries.collect()
    return tries


def _live(tries: Tries) -> None:
    """Redraw until the work has ended, then let the whole page see the outcome."""
    if tries.job is None or not tries.is_running:
        st.rerun()
    with st.container(border=True, key="own_retriever_live"):
        doing = "Stopping at the next step ..." if tries.job.is_stopping else tries.job.doing
        st.progress(min(tries.job.fraction, 1.0), text=plain(doing))
        st.button(
            "Cancel", key="own_retriever_cancel", icon=":material/stop_circle:", on_click=tries.job.cancel,
            disabled=tries.job.is_stopping, help="Stops at the next batch of users.",
        )  # fmt: skip


def _how_to(has_own: bool) -> None:
    st.subheader("Write one" if not has_own else "Write another", anchor=False)
    st.markdown(
        "A retriever needs two methods: `build_index` sees the training part once, and `retrieve` answers "
        "user ids with item ids. Batching, leaving out what a user has had, and measuring come with the base "
        "class. This one is complete and runs as it is:"
    )
    code = example_code()
    st.code(code, language="python", line_numbers=True, wrap_lines=True)
    st.download_button(
        "Download my_retrievers.py", code, "my_retrievers.py", "text/x-python", key="own_retriever_file",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    st.markdown(
        "1. Save it as `my_retrievers.py` beside `app.py`, and change it to what you want.\n"
        "2. Start the server with its name:"
    )
    st.code(f"{PLUGINS_VARIABLE}=my_retrievers streamlit run app.py", language="bash", wrap_lines=True)
    st.markdown(
        "3. Come back here: it is listed above, and can be tried on a finished run in a moment.\n"
        "4. Choose it on **Train** to compare it on every screen. It can be merged, too."
    )
    st.caption(
        f"To see it work without a file, start with {PLUGINS_VARIABLE}={EXAMPLE_MODULE}. An installed "
        f"package can offer retrievers by an entry point in the group {PLUGINS_GROUP} instead. Modules are "
        "loaded when the server starts: nobody can bring code by this page."
    )
