"""Where held-out items are lost between the catalogue and the final list."""

from __future__ import annotations

import pandas as pd

from skrec_lite.experiment.result import ExperimentResult

#: The four ends a held-out item can come to, in the order of the pipeline, as people read them.
FUNNEL_ENDS = {
    "not_in_catalogue": "not in the catalogue at training",
    "not_retrieved": "not retrieved",
    "ranked_below": "retrieved, ranked below the list",
    "shown": "shown",
}


def funnel_frame(result: ExperimentResult) -> pd.DataFrame:
    """Count what became of each held-out item, one row a retriever.

    Returns
    -------
    DataFrame
        ``retriever``, the four counts of `FUNNEL_ENDS`, and ``held_out``, which is their sum: every held-out
        item of a measured user comes to exactly one end.
    """
    held_out = int(result.split.n_held_out.sum())
    reachable = int(result.split.held_out.nnz)
    rows = []
    for key, run in result.runs.items():
        retrieved, shown = int(run.hits.sum()), int(run.ranked.hits.sum())
        rows.append(
            {
                "retriever": key,
                "not_in_catalogue": held_out - reachable,
                "not_retrieved": reachable - retrieved,
                "ranked_below": retrieved - shown,
                "shown": shown,
                "held_out": held_out,
            }
        )
    return pd.DataFrame(rows)
