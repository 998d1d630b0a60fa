"""Users who act unlike people: what each rule found, and what they do to retrieval."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.findings import Finding, percent
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.dataset.report.suspicion import DEFAULTS, MIN_GAPS, history_limit, suspicious_users

# What more users do is how people use the site, or how its clock works, and nothing odd.
_AT_MOST: Final = {"machine_speed": 0.05, "regular_gaps": 0.05, "whole_catalogue": 0.05, "long_history": 0.01}
_FEW: Final = 3
# Long histories matter by their weight alone.
_WEIGHT: Final = 0.01
_TITLES: Final = {
    "machine_speed": "Machine speed",
    "regular_gaps": "Clockwork users",
    "whole_catalogue": "Whole-catalogue users",
    "long_history": "Very long histories",
}


def user_findings(coded: CodedInteractions) -> list[Finding]:
    """Apply each rule of `suspicion` at its usual threshold; a rule that finds nobody new is left out."""
    found = []
    named = np.zeros(len(coded.users), dtype=bool)
    for rule, threshold in DEFAULTS.items():
        odd = suspicious_users(coded, rule, threshold)
        if not (odd & ~named).any() or odd.sum() > max(_FEW, _AT_MOST[rule] * len(odd)):
            continue
        rows = int(coded.histories[odd].sum())
        if rule == "long_history" and rows < _WEIGHT * len(coded):
            continue
        named |= odd
        found.append(_finding(coded, rule, threshold, odd, rows))
    return found


def _finding(
    coded: CodedInteractions, rule: str, threshold: float, odd: NDArray[np.bool_], rows: int
) -> Finding:
    heaviest = int(np.argmax(np.where(odd, coded.histories, -1)))
    n_odd = int(odd.sum())
    who = f"{n_odd:,} of {len(odd):,} users" if n_odd > 1 else f"1 of {len(odd):,} users"
    what = {
        "machine_speed": f"at machine speed: of at least {MIN_GAPS} gaps between moments at which one acts, "
        f"half last {threshold:g} s or less",
        "regular_gaps": f"like clockwork: of at least {MIN_GAPS} gaps between moments at which one acts, the "
        f"spread is at most {threshold:.0%} of their mean",
        "whole_catalogue": f"with more than {threshold:.0%} of all items, and 5 times as many as half of the "
        "users",
        "long_history": f"with more than {history_limit(coded.histories, threshold):,.0f} interactions "
        f"(third quartile + {threshold:g} interquartile ranges, in logarithms; half of the users have "
        f"{np.median(coded.histories):g} or fewer)",
    }[rule]
    meaning = (
        "They may be wholesalers, shared accounts or programs, and they weigh heavily in popularity and "
        "embeddings."
        if rule == "long_history"
        else "They may be programs: they shape popularity and embeddings, and recall on them says nothing "
        "about people."
    )
    return Finding(
        "info" if rule == "long_history" else "warning",
        f"{who} stand{'s' * (n_odd == 1)} out {what}. The largest is {coded.users.ids[heaviest]!r}; together "
        f"they hold {rows:,} interactions ({percent(rows / len(coded))}). {meaning}",
        USER_ID_NAME,
        n_odd,
        "Look at them among the top users; drop them if they are not whom you recommend to.",
        _TITLES[rule],
        (Repair("drop_users", {"rule": rule, "threshold": threshold}),) if rows < len(coded) else (),
    )
