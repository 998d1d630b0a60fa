"""A comparison in a few lines of plain text."""

from __future__ import annotations

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.figures.verdict import verdict
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.experiment.trec import FULL


def summary(result: ExperimentResult, swept: Sweep | None = None) -> str:
    """Return the answer in one sentence and the main figures, a line a retriever.

    Shares are of 100; nDCG is between 0 and 1. A sweep of pool sizes adds its advice.
    """
    top_k, n = result.config.top_k, result.config.n
    heads = ("", f"recall@{top_k}", f"recall@{n}", f"nDCG@{n}", "users")
    rows = [
        (
            "Full catalogue" if row.retriever == FULL else RETRIEVERS[row.retriever].label,
            f"{100 * row.pool_recall:.1f}",
            f"{100 * row.recall:.1f}",
            f"{row.ndcg:.3f}",
            f"{row.n_users:,}",
        )
        for row in result.final_frame().itertuples()
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    table = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in (heads, *rows)
    ]
    left_out = [f"{RETRIEVERS[key].label} did not take part: {why}" for key, why in result.skipped.items()]
    advice = [swept.advice().sentence] if swept is not None else []
    return "\n".join([verdict(result).sentence, "", *table, *left_out, *advice, ""])
