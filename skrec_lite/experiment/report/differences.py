"""The section of a report on differences: how large, how certain, and what another seed changes."""

from __future__ import annotations

from collections.abc import Sequence

from skrec_lite.experiment.figures.comparison import Comparison
from skrec_lite.experiment.figures.comparisons import list_comparisons, pool_comparisons
from skrec_lite.experiment.figures.difference_words import (
    SHARES,
    amount,
    metric_words,
    name_in_a_sentence,
    name_of,
    p_figure,
)
from skrec_lite.experiment.figures.seeds import seed_sentence, seed_spread
from skrec_lite.experiment.report.charts import Mark, Row, figure, interval_chart
from skrec_lite.experiment.report.markup import Html, bullets, joined, table, tag
from skrec_lite.experiment.report.words import MISSING
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import Interval

#: What is drawn; every comparison is in the table.
_DRAWN = (("pool", "recall"), ("list", "recall"), ("list", "ndcg"))
_SHOWN = ("recall", "ndcg")


def differences(result: ExperimentResult) -> Html:
    """Return every pair of retrievers compared, drawn, in words and in figures."""
    families = (
        ("Pools", pool_comparisons(result)),
        ("Final lists, and against the full catalogue", list_comparisons(result)),
    )
    drawn: list[Html | None] = [
        tag(
            "p",
            "Two retrievers differ when the 95 % interval of the paired difference leaves out 0 and p, "
            "adjusted for the number of comparisons (Holm), is at most 0.05. Hollow marks: it may be chance.",
        )
    ]
    for name, found in families:
        if not found:
            continue
        drawn.append(tag("h3", name))
        drawn += [
            _forest([one for one in found if (one.stage, one.metric) == kind])
            for kind in _DRAWN
            if any((one.stage, one.metric) == kind for one in found)
        ]
        drawn.append(bullets(one.sentence for one in found if one.metric == "recall"))
        drawn.append(_table(name, [one for one in found if one.metric in _SHOWN]))
        if others := [one for one in found if one.metric not in _SHOWN]:
            drawn.append(tag("details", tag("summary", "By other metrics"), _table(name, others)))
    drawn.append(seeds(result))
    return joined(drawn)


def _forest(found: Sequence[Comparison]) -> Html:
    metric, words = found[0].metric, found[0].metric_words
    of_hundred = metric in SHARES
    rows = [
        Row(
            _pair(one),
            (Mark(_ahead(one), _scaled(one.difference, of_hundred)),),
            _figures(one),
            not one.is_certain,
        )
        for one in found
    ]
    title = f"Difference in {words}" + (", points of 100" if of_hundred else "")
    said = "; ".join(f"{row.label} {row.words}" for row in rows)
    stage = "of the pools" if found[0].stage == "pool" else "of the final lists"
    return figure(
        lambda width: interval_chart(width, rows, f"{title} {stage}. {said}.", title),
        f"{words} {stage}: the first less the second, user by user, with the 95 % interval.",
    )


def _table(name: str, found: Sequence[Comparison]) -> Html:
    rows = [
        (
            _pair(one),
            one.metric_words,
            amount(one.difference.mean, one.metric, signed=True),
            _interval(one),
            p_figure(one.p_value),
            p_figure(one.p_adjusted),
            "differ" if one.is_certain else "may be chance",
            f"{one.n_users:,}",
        )
        for one in found
    ]
    caption = f"{name}: of a family of {found[0].n_compared} comparisons; shares in points of 100"
    heads = ("The first less the second", "By", "Difference", "95 % interval", "p", "Adjusted p", "", "Users")
    return table(caption, heads, rows, n_words=2)


def seeds(result: ExperimentResult) -> Html | None:
    """Return how figures vary over the seeds of training, beside users; None where there was one seed."""
    figures = result.seed_figures
    if figures.empty:
        return None
    spread = seed_spread(figures, result)
    rows = [
        (
            name_of(row.retriever),
            f"{metric_words(row.metric, _cut(result, row.stage, row.metric))}, {row.stage}",
            *(
                amount(value, row.metric)
                for value in (row.mean, row.min, row.max, row.sd, row.standard_error)
            ),
            row.larger_source,
        )
        for row in spread.itertuples()
    ]
    said = [seed_sentence(spread, figures, *kind, _cut(result, *kind)) for kind in _DRAWN]
    heads = ("", "Metric", "Mean", "Least", "Most", "Over seeds", "Over users", "Larger")
    return joined(
        [
            tag("h3", f"{figures['seed'].nunique()} seeds of training"),
            tag(
                "p",
                "The same split and the same users, models trained with other seeds: a source of variation "
                "of its own, which the intervals above do not hold.",
            ),
            bullets(filter(None, said)),
            table(
                "Figures over the seeds, shares of 100: their standard deviation beside the standard error "
                "that users bring",
                heads,
                rows,
                n_words=2,
            ),
        ]
    )


def _cut(result: ExperimentResult, stage: str, metric: str) -> int:
    """Return where a figure that is followed over seeds is cut off."""
    return result.config.top_k if (stage, metric) == ("pool", "recall") else result.config.n


def _pair(one: Comparison) -> str:
    return f"{name_of(one.first)} less {name_in_a_sentence(one.second)}"


def _ahead(one: Comparison) -> str:
    return one.first if one.difference.mean >= 0 else one.second


def _figures(one: Comparison) -> str:
    return f"{amount(one.difference.mean, one.metric, signed=True)} ({_interval(one)})"


def _interval(one: Comparison) -> str:
    low, high = one.difference.low, one.difference.high
    if low != low:
        return MISSING
    return f"{amount(low, one.metric, signed=True)} to {amount(high, one.metric, signed=True)}"


def _scaled(given: Interval, of_hundred: bool) -> Interval:
    times = 100 if of_hundred else 1
    return Interval(times * given.mean, times * given.low, times * given.high)
