"""A comparison as one page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.plan.software import library_version
from skrec_lite.experiment.report import about, closing, deeper, funnel, stages
from skrec_lite.experiment.report.differences import differences
from skrec_lite.experiment.report.markup import Html, joined, style, tag
from skrec_lite.experiment.report.theme import CSS
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.sweep import Sweep


def html_report(
    result: ExperimentResult,
    *,
    plan: ComparisonPlan | None = None,
    sweep: Sweep | None = None,
    notes: Sequence[str] = (),
    made: datetime | None = None,
) -> str:
    """Return a report of a comparison as one HTML page.

    It opens offline, in light and dark, on paper and on a telephone; charts are drawn in it, without scripts.
    Every text from the data is escaped.

    Parameters
    ----------
    result : ExperimentResult
    plan : ComparisonPlan, optional
        How it is made again; found from the result by default.
    sweep : Sweep, optional
        Of the same result; without it the report has no section on pool sizes.
    notes : sequence of str
        What a reader should know first.
    made : datetime, optional
        When; now by default.

    Returns
    -------
    str
        Well-formed as HTML and as XML.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("report.html").write_text(html_report(result), encoding="utf-8")  # doctest: +SKIP
    """
    known = plan or ComparisonPlan.of_result(result, sweep=sweep is not None)
    title = f"Comparison on {known.name}"
    sections = [
        ("answer", "The answer", about.answer(result)),
        ("data", "Data", about.data(result)),
        ("configuration", "Configuration", about.configuration(result)),
        ("split", "Split and leak check", about.split(result)),
        ("pools", "What the pools hold", stages.pools(result)),
        ("lists", "What reaches the list", stages.lists(result)),
        ("differences", "Differences and their certainty", differences(result)),
        ("funnel", "Where held-out items were lost", funnel.funnel(result)),
        ("segments", "For whom", deeper.segments(result)),
        *([("sizes", "Pool sizes", deeper.pool_sizes(sweep))] if sweep is not None else []),
        ("cost", "What it takes", deeper.cost(result)),
        ("caveats", "Before quoting this", closing.to_know(result)),
        ("again", "How to make it again", closing.again(known)),
        ("glossary", "Glossary", closing.glossary()),
    ]
    when = (made or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M %Z").strip()
    contents = tag("ul", [tag("li", tag("a", name, href=f"#{key}")) for key, name, _ in sections])
    body = [
        tag(
            "header",
            tag("h1", title),
            tag(
                "p",
                f"Two-stage retrieval, compared with skrec_lite {library_version()}, {when}.",
                class_="soft",
            ),
            [tag("p", note, class_="note") for note in notes],
            tag("nav", contents, aria_label="Contents"),
        ),
        tag(
            "main",
            [tag("section", tag("h2", name, id=key), section) for key, name, section in sections],
        ),
        tag("footer", "Shares are of 100, rounded to one decimal; intervals are 95 % bootstrap over users."),
    ]
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        style(CSS),
    ]
    return "<!DOCTYPE html>\n" + _page(tag("head", head), tag("body", body)) + "\n"


def _page(*parts: Html) -> Html:
    return tag("html", joined(parts), lang="en")
