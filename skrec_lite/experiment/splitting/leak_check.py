"""The leak check: what is looked at in every split before anything is trained, and how it came out.

Each check counts in the parts themselves, not in what the split says it did, so that a split that is wrong is
found out. What a kind of split breaks by design is broken here too, and said to be by design.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.time_split import HELD_OUT, LEARNED_FROM, SET_ASIDE, Cut
from skrec_lite.experiment.splitting.checks import (
    CATALOGUE,
    NEWCOMERS,
    OUT_OF_REACH,
    PAIRS,
    ROWS,
    SET_APART,
    Check,
    LeakCheck,
    Outcome,
)
from skrec_lite.experiment.splitting.leak_check_time import check_time
from skrec_lite.experiment.splitting.split_parts import SplitParts

if TYPE_CHECKING:
    from skrec_lite.experiment.splitting.split import Split

__all__ = ["Check", "LeakCheck", "Outcome", "check_leaks"]


def check_leaks(parts: SplitParts, cut: Cut, split: Split, *, exclude_seen: bool) -> LeakCheck:
    """Look for what models should not know of what they are measured on.

    Parameters
    ----------
    parts : SplitParts
        What is learned from and what is held out.
    cut : Cut
    split : Split
        What of it is counted.
    exclude_seen : bool
        Whether held-out pairs that were trained on are left out.

    Returns
    -------
    LeakCheck
    """
    return LeakCheck(
        (
            _rows(parts, cut),
            _measured_part(parts, cut),
            _seen_pairs(parts, split, exclude_seen),
            *check_time(parts, cut),
            *_new_users(parts, split),
            _catalogue(parts, split),
            _out_of_reach(split),
        )
    )


def _rows(parts: SplitParts, cut: Cut) -> Check:
    n_all = len(cut.part_of_row)
    n_parts = len(parts.train) + len(parts.test) + cut.n_set_aside
    are_theirs = all(
        frame.index.equals(cut.row_labels[cut.part_of_row == part])
        for frame, part in ((parts.train, LEARNED_FROM), (parts.test, HELD_OUT))
    )
    counts = (
        f"Interactions to learn from {len(parts.train):,}, held out {len(parts.test):,}, set aside "
        f"{cut.n_set_aside:,}"
    )
    if n_parts != n_all:
        return Check(ROWS, "broken", f"{counts}: together {n_parts:,}, but the data has {n_all:,}.")
    if not are_theirs:
        return Check(ROWS, "broken", f"{counts}: their number is right, but some are in the wrong part.")
    return Check(ROWS, "passed", f"{counts}: together all {n_all:,}, each in one part.")


def _measured_part(parts: SplitParts, cut: Cut) -> Check:
    if cut.config.part == "test":
        sentence = (
            "Measured on the test part. Settings chosen by these figures are chosen on it, and look better "
            "than they are: measure on validation while you choose, on test once at the end."
        )
        if cut.n_validation_rows:
            sentence += (
                f" Interactions of a given validation part that are trained on: {cut.n_validation_rows:,}."
            )
        return Check(SET_APART, "note", sentence)
    aside = cut.row_labels[cut.part_of_row == SET_ASIDE]
    found = int(sum(frame.index.isin(aside).sum() for frame in (parts.train, parts.test)))
    if found and cut.row_labels.is_unique:
        sentence = f"Interactions of the test part that are learned from or measured: {found:,}, not 0."
        return Check(SET_APART, "broken", sentence)
    sentence = (
        "Measured on the validation part. Of the test part nothing is learned from or measured; interactions "
        f"set aside: {len(aside):,}."
    )
    return Check(SET_APART, "passed", sentence)


def _seen_pairs(parts: SplitParts, split: Split, exclude_seen: bool) -> Check:
    pairs = _counted_pairs(parts, split)
    n_seen = int(parts.is_trained(pairs).sum())
    counts = f"Counted pairs of user and item that are also in training: {n_seen:,} of {len(pairs):,}."
    if not exclude_seen:
        sentence = f"{counts} Seen items are not left out, so recommending them again counts."
        return Check(PAIRS, "note", sentence)
    if n_seen:
        return Check(PAIRS, "broken", counts)
    sentence = f"{counts} Pairs that were are not counted: {split.summary.n_repeats:,}."
    return Check(PAIRS, "passed", sentence)


def _counted_pairs(parts: SplitParts, split: Split) -> NDArray[np.int64]:
    """Return the pairs that figures are made of, those of new users included."""
    found = []
    for part in (split, split.newcomers):
        if part is None:
            continue
        users = parts.users.encode(part.user_ids)
        items = part.catalogue.rows_in(parts.items)
        rows = np.repeat(np.arange(len(users)), np.diff(part.held_out.indptr))
        found.append(parts.pairs(users[rows], items[part.held_out.indices]))
        beyond = part.unreachable
        found.append(parts.pairs(users[beyond["row"].to_numpy()], parts.items.encode(beyond[ITEM_ID_NAME])))
    return np.concatenate(found)


def _new_users(parts: SplitParts, split: Split) -> tuple[Check, ...]:
    if split.newcomers is None:
        return ()
    rows = parts.users.encode(split.newcomers.user_ids)
    n_users = len(rows)
    n_known = int((np.bincount(parts.train_users, minlength=len(parts.users))[rows] > 0).sum())
    counts = f"Users measured apart as new who have interactions in training: {n_known:,} of {n_users:,}."
    return (Check(NEWCOMERS, "broken" if n_known else "passed", counts),)


def _catalogue(parts: SplitParts, split: Split) -> Check:
    is_trained, is_later = (np.zeros(len(parts.items), dtype=bool) for _ in range(2))
    is_trained[parts.train_items] = True
    is_later[parts.test_items] = True
    offered = parts.items.rows_in(split.catalogue) >= 0
    n_early = int((offered & is_later & ~is_trained).sum())
    if not n_early:
        sentence = "Every held-out item that can be recommended also occurs in training."
        return Check(CATALOGUE, "passed", sentence)
    return Check(
        CATALOGUE,
        "note",
        "Items that can be recommended and have held-out interactions but none in training: "
        f"{n_early:,} of {len(split.catalogue):,}. They are known because the items file lists them. Whether "
        "they were on offer by then cannot be checked.",
    )


def _out_of_reach(split: Split) -> Check:
    n_pairs, n_items = len(split.unreachable), split.unreachable[ITEM_ID_NAME].nunique()
    if not n_pairs:
        return Check(OUT_OF_REACH, "passed", "Everything held out is in the catalogue at training.")
    return Check(
        OUT_OF_REACH,
        "note",
        f"Held-out items not in the catalogue at training: {n_pairs:,} of {int(split.n_held_out.sum()):,} "
        f"({n_items:,} different). Nothing can find them, and they count against every retriever.",
    )
