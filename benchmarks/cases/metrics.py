"""Metrics with their uncertainty: every metric of three retrievers at every cut-off, with intervals."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Row

N_RESAMPLES = 2_000
#: The plain way takes minutes for all resamples; it is timed on so many, and that part multiplied.
_TIMED = 10

_HELD_OUT = {
    "last": "each user's last held out",
    "fifth": "a fifth of the interactions held out",
}


def rows(bench: Bench) -> Iterator[Row]:
    """Seven metrics x 3 retrievers x 500 cut-offs for all users, 2,000 user resamples of each.

    Once with one held-out item a user, as leave-last-out gives, and once with some 33, as a split at one
    moment does. The peer takes, for each metric, the table of users by cut-offs, picks each resample's rows
    and averages them.
    """
    ours = bench.alone("metrics")
    plain = None if bench.quick else bench.alone("metrics_plain")
    for held_out, words in _HELD_OUT.items():
        found = ours.ask("write", folder=str(bench.folder("1M")), k=500, held_out=held_out)
        row = bench.row(
            "metrics",
            f"7 metrics x 3 retrievers x 500 cut-offs, {N_RESAMPLES:,} resamples, {words}",
            ours.side("bands", path=found["path"], n_resamples=N_RESAMPLES),
            None
            if plain is None
            else plain.side("bands", path=found["path"], n_resamples=N_RESAMPLES, timed_resamples=_TIMED),
            repeat=3,
            peer=f"numpy, row by row, from {_TIMED} of {N_RESAMPLES:,} resamples",
            aims=(Bound("seconds", 3, at_most=True),),
        )
        row.extra.update(users=found["users"], hits=found["hits"])
        if row.theirs:
            pairs = zip(row.ours[0]["means"], row.theirs[0]["means"], strict=True)
            row.extra["largest_difference_of_means"] = max(abs(one - other) for one, other in pairs)
        yield row
    bench.release("metrics", "")
    bench.release("metrics_plain", "")
