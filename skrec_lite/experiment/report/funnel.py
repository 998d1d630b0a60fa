"""The section of a report on where held-out items were lost, to whom, and what each retriever adds."""

from __future__ import annotations

from skrec_lite.constants import TITLE_COL, USER_ID_NAME
from skrec_lite.experiment.figures.contributions import contribution_sentences, contributions
from skrec_lite.experiment.figures.funnel import FUNNEL_ENDS, funnel_frame, funnel_stages
from skrec_lite.experiment.figures.losses import losses, users_behind
from skrec_lite.experiment.report.charts import Part, figure, stacked_chart
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.report.markup import Html, bullets, joined, table, tag
from skrec_lite.experiment.report.words import first_of, interval, of_100, score
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import Interval

#: Whether each end of the funnel has the retriever's colour or is grey, and how strong that is.
_PAINT = {
    "shown": (True, 1.0),
    "ranked_below": (True, 0.4),
    "not_retrieved": (False, 0.5),
    "not_in_catalogue": (False, 0.18),
}
#: Users whom the page names for each retriever, and titles that it names of each.
_MOST_USERS, _MOST_TITLES = 5, 3


def funnel(result: ExperimentResult) -> Html:
    """Return where held-out items were lost, to whom, what bounds each stage, what each retriever adds."""
    return joined(
        [
            bullets(lost.sentence for lost in losses(result).values()),
            *_ends(result),
            tag("h3", "Who lost them"),
            *(_losers(result, key) for key in result.runs),
            tag("h3", "From stage to stage"),
            _stages(result),
            *_added(result),
        ]
    )


def _ends(result: ExperimentResult) -> tuple[Html, Html]:
    """Return the four ends of all held-out items, drawn and counted."""
    counts = funnel_frame(result).set_index("retriever")
    ends = list(reversed(FUNNEL_ENDS))
    bars = [
        (key, [Part(FUNNEL_ENDS[end], int(counts.loc[key, end]), *_PAINT[end]) for end in ends])
        for key in result.runs
    ]
    said = "; ".join(
        f"{label_of(key)}: {', '.join(f'{part.size:,} {part.name}' for part in parts)}" for key, parts in bars
    )
    rows = [
        (
            label_of(key),
            *(f"{counts.loc[key, end]:,}" for end in FUNNEL_ENDS),
            f"{counts.loc[key, 'held_out']:,}",
        )
        for key in result.runs
    ]
    return (
        figure(
            lambda width: stacked_chart(width, bars, f"Stacked bars of held-out items. {said}."),
            "Each held-out item comes to one end. From left: shown in the list (full colour), retrieved "
            "but ranked below the list (pale), not retrieved (grey), not in the catalogue at training "
            "(light grey).",
        ),
        table(
            "Held-out items by where they were lost",
            ("", *(words.capitalize() for words in FUNNEL_ENDS.values()), "All"),
            rows,
        ),
    )


def _losers(result: ExperimentResult, key: str) -> Html:
    """Return some of the users behind a retriever's largest loss: those who came nearest to the list."""
    fate = losses(result)[key].largest
    behind = users_behind(result, key, fate)
    # What is in no pool has no place in one.
    ranks = ("pool_rank",) if fate in ("ranked_below", "shown") else ()
    rows = [
        (
            row[USER_ID_NAME],
            first_of(row[TITLE_COL], _MOST_TITLES),
            *(f"{row[column]:,}" for column in (*ranks, "history")),
        )
        for row in behind.head(_MOST_USERS).to_dict("records")
    ]
    order = "best placed first" if ranks else "the longest histories first"
    which = "all of them" if len(behind) <= _MOST_USERS else f"{_MOST_USERS} of them"
    return table(
        f"{label_of(key)}, {FUNNEL_ENDS[fate]}: {len(behind):,} of {len(result.user_ids):,} users; "
        f"{which}, {order}",
        ("User", "Held out", *("Pool rank" for _ in ranks), "History"),
        rows,
        n_words=2,
    )


def _added(result: ExperimentResult) -> tuple[Html | None, ...]:
    """Return what each retriever finds that no other does."""
    added = contributions(result)
    return (
        tag("h3", "What each retriever adds to the others"),
        bullets(contribution_sentences(added)),
        table(
            "Held-out items found in pools, those no other retriever found, and recall of the union of "
            "all pools without each one, of 100",
            ("", "Hits", "Unique hits", "Union", "Without it", "It adds", "95 % interval"),
            [
                (
                    label_of(row.retriever),
                    f"{row.hits:,}",
                    f"{row.unique_hits:,}",
                    of_100(row.union_recall),
                    of_100(row.recall_without),
                    of_100(row.marginal_recall),
                    interval(Interval(row.marginal_recall, row.low, row.high)),
                )
                for row in added.itertuples()
            ],
        ),
    )


def _stages(result: ExperimentResult) -> Html:
    rows = [
        (
            label_of(row.retriever),
            f"{row.held_out:,}",
            f"{row.reachable:,} ({of_100(row.reachable_share)})",
            f"{row.retrieved:,} ({of_100(row.retrieved_share)})",
            f"{row.shown:,} ({of_100(row.shown_share)})",
            of_100(row.pool_recall),
            score(row.oracle_ndcg),
            score(row.ndcg),
        )
        for row in funnel_stages(result).itertuples()
    ]
    return table(
        "From stage to stage: held-out items that got so far, and in brackets of 100 of the stage before; "
        "the best nDCG the pool allows (oracle) beside the real one",
        ("", "Held out", "Reachable", "Retrieved", "Shown", "Ceiling of recall", "Oracle nDCG", "nDCG"),
        rows,
    )
