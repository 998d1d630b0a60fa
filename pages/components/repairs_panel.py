"""What is odd about the data, what one click can mend, and every repair made, to be undone."""

from __future__ import annotations

import streamlit as st

from pages.components.repairing import begin_repair, is_repairing, watch_repair
from pages.components.session import Lab
from pages.components.text import counted, percent, plain
from skrec_lite.dataset.report.findings import Finding
from skrec_lite.dataset.report.repairs import Repair

_MARKS = {
    "error": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
_CORES = (3, 5, 10, 20)
_SHARES = (0.5, 0.25, 0.1, 0.05)
_ON_CORES = (
    "Published results are often on a k-core. It leaves out new users and rare items, the hard ones, so "
    "figures rise: compare them only with others on the same core."
)
_ON_SAMPLES = (
    "For large data: each kept user keeps their whole history, so a user's recall means the same, with wider "
    "intervals. Models learn from fewer users, and items that nobody kept has touched become hard to find. "
    "Leaving out items or single interactions instead would make recall look better than it is."
)


def findings_list(findings: list[Finding], here: Lab | None = None) -> None:
    """List findings, worst first, with what each means; with `here`, offer its repairs of the loaded data."""
    if not findings:
        st.markdown(":green[:material/check_circle:] Nothing odd was found.")
        return
    with st.container(border=True, gap="small"):
        for place, finding in enumerate(findings):
            title = f"**{plain(finding.title)}.** " if finding.title else ""
            st.markdown(f"{_MARKS[finding.severity]} {title}{plain(finding.message)}")
            st.caption(plain(finding.repair))
            if here is not None and finding.repairs:
                _offers(here, finding.repairs, f"data_repair_{place}")


def _offers(here: Lab, repairs: tuple[Repair, ...], key: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for place, repair in enumerate(repairs):
            _offer(here, repair, f"{key}_{place}")


def repairs_made(here: Lab) -> None:
    """List the repairs of the loaded data with what each did, and offer to undo each."""
    watch_repair()
    loaded = here.data.loaded
    if loaded is None or not loaded.repaired:
        return
    st.markdown(f"**{counted(len(loaded.repaired), 'repair')} made**")
    with st.container(border=True, gap="small"):
        for place, (repair, done) in enumerate(zip(loaded.recipe.repairs, loaded.repaired, strict=True)):
            st.markdown(f":green[:material/build:] {plain(repair.label)}")
            st.caption(
                f"{plain(done.note)} {done.n_rows_before:,} interactions before, {done.n_rows_after:,} after."
            )
            st.button(
                "Undo", key=f"data_undo_{place}", icon=":material/undo:", on_click=_undo, args=(here, place),
                disabled=is_repairing(),
            )  # fmt: skip


def more_repairs(here: Lab) -> None:
    """Offer what no finding asks for: a k-core, and a sample of the users."""
    with st.expander("More repairs", icon=":material/construction:"), st.grid(2, min_column_width=260):
        with st.container(gap="xsmall"):
            k = st.select_slider("Interactions at least", _CORES, value=5, key="data_core")
            _offer(
                here, Repair("k_core", {"user_k": k, "item_k": k}), "data_core_go", ":material/filter_alt:"
            )
            st.caption(_ON_CORES)
        with st.container(gap="xsmall"):
            share = st.select_slider("Users kept", _SHARES, value=0.25, key="data_share", format_func=percent)
            _offer(here, Repair("sample_users", {"share": share}), "data_share_go", ":material/casino:")
            st.caption(_ON_SAMPLES)


def _offer(here: Lab, repair: Repair, key: str, icon: str = ":material/build:") -> None:
    st.button(
        plain(repair.label), key=key, icon=icon, on_click=_make, args=(here, repair), disabled=is_repairing()
    )


def stands_in_the_way(findings: list[Finding]) -> bool:
    """Whether training could not work."""
    return any(finding.severity == "error" for finding in findings)


def _make(here: Lab, repair: Repair) -> None:
    begin_repair(here, lambda data: data.repaired(repair))


def _undo(here: Lab, place: int) -> None:
    begin_repair(here, lambda data: data.without_repair(place))
