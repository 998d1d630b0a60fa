"""What a reader must know of this very run before quoting its figures."""

from __future__ import annotations

from collections.abc import Iterator

from skrec_lite.dataset.time_split import SPLITS
from skrec_lite.experiment.figures.ties import tie_figures
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.report.words import counted, listed, of_100
from skrec_lite.experiment.result import ExperimentResult

#: With fewer measured users than this, percentile intervals are known to be too narrow.
FEW_USERS = 100


def caveats(result: ExperimentResult) -> list[str]:
    """Return caveats, each true of this result, the gravest first.

    Those of a sweep are its own: `skrec_lite.experiment.sweep.Sweep.notes`.
    """
    return [
        *_of_the_split(result),
        *_of_the_users(result),
        *_of_the_models(result),
        "Timings are wall clock on the machine of the run and differ from one run to the next; all other "
        "figures are the same whenever data, configuration and software are.",
        "Figures are offline: they say how well what people did choose is found, not what they would choose "
        "if they saw these lists. What was never shown to them could not be chosen.",
    ]


def _of_the_split(result: ExperimentResult) -> Iterator[str]:
    split = result.split
    summary = split.summary
    for check in split.leak_check.checks:
        if check.outcome == "broken":
            yield f"Leak, {check.name.lower()}: {check.sentence}"
    if summary.kind in ("random", "leave_last_out"):
        yield f"{SPLITS[summary.kind].label}: {SPLITS[summary.kind].caveat}"
    if summary.part == "validation":
        yield (
            "Measured on the validation part, on which settings may be chosen. What is chosen by it looks "
            "better than it is; the test part is for one last measurement."
        )
    if summary.ordered_by != "time":
        yield "The data has no time: what counts as later is what stands later in the file."
    if summary.n_tied_users:
        yield (
            f"For {counted(summary.n_tied_users, 'user')} the last interaction learned from and the first "
            "one held out have the same time: their order in the file decided."
        )
    if summary.n_unreachable:
        yield (
            f"{counted(summary.n_unreachable, 'held-out item')} of {int(split.n_held_out.sum()):,} could not "
            "be found by anything, being outside the catalogue at training; they count against every "
            "retriever."
        )


def _of_the_users(result: ExperimentResult) -> Iterator[str]:
    summary, config = result.split.summary, result.config
    measured = len(result.user_ids)
    if measured < FEW_USERS:
        yield (
            f"Only {counted(measured, 'user')} could be measured: intervals are wide, and for so few they "
            "are still too narrow."
        )
    if measured == config.max_users:
        yield f"Measured on {measured:,} users, the most that the configuration allows; there may be more."
    if summary.n_users_without_history:
        yield (
            f"{counted(summary.n_users_without_history, 'user')} first seen after the cut take no part in "
            "these figures, except where a segment says so."
        )
    covered = len(result.reference.users)
    if covered < measured:
        yield (
            f"The full catalogue was scored for {covered:,} of {measured:,} users, drawn at random: figures "
            "beside it are of those users only where it is said."
        )
    if not config.exclude_seen:
        yield (
            "Items a user had in training may be recommended again: figures cannot be compared with those of "
            "runs that withhold them."
        )


def _of_the_models(result: ExperimentResult) -> Iterator[str]:
    for key, reason in result.skipped.items():
        yield f"{label_of(key)} did not take part: {reason}"
    for key, run in result.runs.items():
        if run.search:
            yield f"{label_of(key)}: {run.search}"
        if run.space and not run.space.startswith("Exact"):
            yield f"{label_of(key)}: {run.space}"
    tied = tie_figures(result)
    told = [
        f"{row.n_tied:,} of {row.n_users:,} ({label_of(row.retriever)})"
        for row in tied.itertuples()
        if row.n_tied
    ]
    if told:
        yield (
            f"In the lists of {listed(told)} users the last place has the same score as an item left out: "
            "the order of item ids decided who is shown."
        )
    if any(run.ranker_seconds for run in result.runs.values()):
        yield (
            "Each retriever's ranker learned on that retriever's candidates, the full catalogue's on random "
            "items: the two are not one ranker."
        )
    if result.config.n_seeds == 1:
        yield (
            "Models were trained with one seed. Intervals tell how figures vary with the users drawn, not "
            "with the chance in training."
        )
    else:
        yield (
            "Intervals tell how figures vary with the users drawn; how they vary over "
            f"{result.config.n_seeds} seeds of training is told apart."
        )
    chance = result.random_recall[-1]
    if chance > 0.2:
        yield (
            f"Pools of {result.config.top_k:,} are a large part of the catalogue: drawn at random they would "
            f"hold {of_100(float(chance))} of 100 held-out items already."
        )
