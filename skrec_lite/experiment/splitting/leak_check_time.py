"""What models know of the time after each held-out interaction, counted in the parts of a split."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import TIMESTAMP_COL
from skrec_lite.dataset.time_order import time_bounds, times_of
from skrec_lite.dataset.time_split import Cut
from skrec_lite.experiment.splitting.checks import ONE_MOMENT, OTHERS, OWN_TIME, Check, Outcome
from skrec_lite.experiment.splitting.split_parts import SplitParts


def check_time(parts: SplitParts, cut: Cut) -> tuple[Check, ...]:
    """Check the parts' order in time: each user's own, and that of all users together.

    Parameters
    ----------
    parts : SplitParts
    cut : Cut

    Returns
    -------
    tuple of Check
    """
    if TIMESTAMP_COL not in parts.train.columns:
        return (Check(OWN_TIME, "note", _without_time(cut)),)
    train, test = times_of(parts.train), times_of(parts.test)
    lowest, _ = time_bounds(train)
    last = np.full(len(parts.users), lowest, dtype=train.dtype)
    np.maximum.at(last, parts.train_users, train)
    if cut.config.kind == "global_time":
        own = _one_moment(train, test, cut)
    elif cut.config.kind == "leave_last_out":
        own = _own_last(parts, test, last)
    else:
        own = _own_later(parts, test, last, by_design=cut.config.kind == "random")
    untimed = int((train == lowest).sum() + (test == lowest).sum())
    if untimed:
        sentence = f"{own.sentence} Without a time, taken as the earliest and unchecked: {untimed:,}."
        own = Check(own.name, "note" if own.outcome == "passed" else own.outcome, sentence)
    return own, _others_later(parts, test, last, lowest, cut)


def _without_time(cut: Cut) -> str:
    if cut.config.kind == "leave_last_out":
        return (
            "There is no time column: the order of the rows stands for time. Whether it is the order in "
            "which things happened cannot be checked."
        )
    return (
        "There is no time column: whether models learn from what came after the held-out interactions cannot "
        "be checked."
    )


def _one_moment(train: NDArray[Any], test: NDArray[Any], cut: Cut) -> Check:
    assert cut.since is not None
    late, early = int((train >= cut.since).sum()), int((test < cut.since).sum())
    beyond = int((test >= cut.until).sum()) if cut.until is not None else 0
    found = {
        "Interactions learned from though later than the cut": late,
        "Held-out ones earlier than it": early,
        "Held-out ones in the time of the test part": beyond,
    }
    if any(found.values()):
        sentences = [f"{words}: {n:,}." for words, n in found.items() if n]
        return Check(ONE_MOMENT, "broken", " ".join(sentences))
    return Check(
        ONE_MOMENT,
        "passed",
        "Everything learned from is earlier than everything held out, for all users alike. Interactions of "
        "the cut's own moment are all held out.",
    )


def _own_last(parts: SplitParts, test: NDArray[Any], last: NDArray[Any]) -> Check:
    first = np.full(len(parts.users), time_bounds(test)[1], dtype=test.dtype)
    np.minimum.at(first, parts.test_users, test)
    has_both = np.zeros(len(parts.users), dtype=bool)
    has_both[parts.test_users] = True
    has_both &= np.bincount(parts.train_users, minlength=len(parts.users)) > 0
    n_late = int((has_both & (last > first)).sum())
    n_tied = int((has_both & (last == first)).sum())
    n_users = int(has_both.sum())
    counts = (
        "Users with something to learn from that is later than something held out of theirs: "
        f"{n_late:,} of {n_users:,}."
    )
    if n_late:
        return Check(OWN_TIME, "broken", counts)
    if not n_tied:
        return Check(OWN_TIME, "passed", counts)
    tied = (
        f"Users for whom the cut falls between interactions of the same time: {n_tied:,}. The later row of "
        "the file counts as later, which may be chance."
    )
    return Check(OWN_TIME, "note", f"{counts} {tied}")


def _own_later(parts: SplitParts, test: NDArray[Any], last: NDArray[Any], *, by_design: bool) -> Check:
    is_known = test > time_bounds(test)[0]
    n_later = int((is_known & (test < last[parts.test_users])).sum())
    counts = (
        "Held-out interactions with a later one of the same user to learn from: "
        f"{n_later:,} of {len(test):,}."
    )
    if not n_later:
        return Check(OWN_TIME, "passed", counts)
    why = "By design: a random split ignores time." if by_design else "The given split does not follow time."
    return Check(OWN_TIME, "broken", f"{counts} {why}")


def _others_later(
    parts: SplitParts, test: NDArray[Any], last: NDArray[Any], lowest: float, cut: Cut
) -> Check:
    """Count the held-out interactions after which another user did something that is learned from."""
    latest = int(np.argmax(last))
    second = np.delete(last, latest).max(initial=lowest)
    others = np.where(parts.test_users == latest, second, last[latest])
    n_early = int(((test < others) & (test > lowest)).sum())
    counts = (
        f"Held-out interactions with a later one of another user to learn from: {n_early:,} of {len(test):,}."
    )
    if not n_early:
        return Check(OTHERS, "passed", counts)
    outcome: Outcome = "broken" if cut.config.kind == "global_time" else "note"
    return Check(OTHERS, outcome, f"{counts} What others did after that moment is known to the models.")
