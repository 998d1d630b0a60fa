"""Compare, method: how the data was split, who was measured, and what the leak check found."""

from __future__ import annotations

import streamlit as st

from pages.components.text import counted, plain
from skrec_lite.dataset.split_kinds import SPLITS
from skrec_lite.experiment import ExperimentResult

_MARKS = {
    "passed": ":green[:material/check_circle:]",
    "note": ":blue[:material/info:]",
    "broken": ":red[:material/error:]",
}
_IN_TIME = ("leave_last_out", "global_time")


def split_panel(result: ExperimentResult) -> None:
    """Draw the split, what its kind breaks, and every check with its outcome."""
    split = result.split
    st.markdown("**How the data was split**")
    split_table(result)
    warning = ":material/warning: " if split.summary.kind == "random" else ""
    st.caption(warning + plain(SPLITS[split.summary.kind].caveat))
    st.markdown("**Leak check**")
    st.caption(plain(split.leak_check.sentence))
    with st.container(border=True, gap="small", key="compare_leak_check"):
        for check in split.leak_check.checks:
            st.markdown(f"{_MARKS[check.outcome]} **{plain(check.name)}.** {plain(check.sentence)}")


def split_table(result: ExperimentResult) -> None:
    """Draw how the data was split, who was measured, and who was left out and why."""
    st.table(
        split_rows(result),
        border="horizontal",
        width="content",
        alt="How the data was split and who was measured",
    )


def split_rows(result: ExperimentResult) -> dict[str, str]:
    """Return what the split did with every interaction and user, in words, by what it is about."""
    split, summary = result.split, result.split.summary
    new = split.newcomers
    rows = {
        "Split": SPLITS[summary.kind].label,
        "Held out": f"{summary.cut}{_ordered(result)}",
        "Measured on": "the validation part; the test part is set aside"
        if summary.part == "validation"
        else "the test part",
        "Interactions": f"{summary.n_train:,} to learn from, {summary.n_test:,} held out, "
        f"{summary.n_set_aside:,} set aside",
        "Ties": f"{counted(summary.n_tied_users, 'user')} for whom the cut falls between interactions of the "
        "same time: the later row of the file counts as later",
        "Users measured": f"{summary.n_users_measured:,}",
        "Left out, nothing held out": counted(summary.n_users_without_holdout, "user"),
        "Left out, no history": counted(summary.n_users_without_history, "user")
        + (f", {len(new.user_ids):,} of them measured apart as new" if new is not None else ""),
        "Repeats": f"{counted(summary.n_repeats, 'held-out pair')} not counted: already chosen in training"
        if result.config.exclude_seen
        else "counted, since seen items may be recommended again",
        "Out of reach": f"{counted(summary.n_unreachable, 'held-out item')} not in the catalogue at "
        "training, counted against every retriever",
    }
    if summary.kind != "leave_last_out":
        del rows["Ties"]
    return rows


def _ordered(result: ExperimentResult) -> str:
    summary = result.split.summary
    if summary.kind not in _IN_TIME:
        return ""
    by = "by time" if summary.ordered_by == "time" else "by their order in the file, for want of a time"
    return f", ordered {by}"
