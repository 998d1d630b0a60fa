"""Runs side by side: tables of figures, and differences to a baseline that claim no more than is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from skrec_lite.experiment.figures.difference_words import amount, ends_words, metric_words
from skrec_lite.experiment.ledger.entry import Entry, Stage, label_of
from skrec_lite.experiment.ledger.ledger import Ledger
from skrec_lite.experiment.ledger.settings import differing_settings
from skrec_lite.metrics import Interval
from skrec_lite.metrics.bootstrap import paired_difference

Kind = Literal["paired", "apart", "other_data", "itself"]


@dataclass(frozen=True)
class Delta:
    """A metric of a run's best retriever less that of the baseline's.

    Attributes
    ----------
    kind : {"paired", "apart", "other_data", "itself"}
        Measured on the same users and held-out items, so that the difference is taken user by user and has an
        interval; on others of the same data, so that it has none; on other data, so that there is no
        difference to speak of; or the baseline itself.
    difference : Interval or None
        Its ends are NaN where there is no interval.
    words : str
        For a table.
    """

    kind: Kind
    difference: Interval | None
    words: str


def delta(ledger: Ledger, entry: Entry, baseline: Entry, stage: Stage, metric: str) -> Delta:
    """Compare the best retriever of a run with that of the baseline.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if entry.id == baseline.id:
        return Delta("itself", None, "baseline")
    if not entry.data_sha or entry.data_sha != baseline.data_sha:
        return Delta("other_data", None, "other data")
    if entry.measured == baseline.measured:
        own = ledger.per_user(entry.id).get((stage, entry.best, metric))
        base = ledger.per_user(baseline.id).get((stage, baseline.best, metric))
        if own is not None and base is not None and len(own) == len(base):
            return _paired(paired_difference(own, base), metric)
    means = [run.interval(stage, run.best, metric).mean for run in (entry, baseline)]
    difference = Interval(means[0] - means[1], float("nan"), float("nan"))
    return Delta("apart", difference, f"{amount(difference.mean, metric, signed=True)}, not paired")


def _paired(found: Interval, metric: str) -> Delta:
    if found.mean == found.low == found.high == 0:
        return Delta("paired", found, "the same for every user")
    said = f"{amount(found.mean, metric, signed=True)} ({ends_words(found, metric, signed=True)})"
    certain = "" if found.excludes_zero else ", may be chance"
    return Delta("paired", found, f"{said}{certain}")


def ledger_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return one row a run: what it was, and the figures of its best retriever with their intervals.

    Returns
    -------
    DataFrame
        ``id, name, data, ranker, top_k, n, retrievers, best, recall`` (of 100), ``recall_interval, ndcg,
        ndcg_interval, users, seconds, created, note, is_baseline``.
    """
    return pd.DataFrame([_row(entry) for entry in entries])


def comparison_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return one row a run: name and end, the settings in which they differ, every retriever's figures.

    Shares are of 100; each figure is a text with its 95 % interval. A run without the retriever has a dash.
    """
    settings = differing_settings(entries)
    names = pd.DataFrame({"Run": [e.name for e in entries], "Ended": [e.when for e in entries]})
    retrievers = dict.fromkeys(key for entry in entries for key in entry.retrievers)
    figures: dict[str, list[str]] = {}
    stages: tuple[tuple[Stage, str, str], ...] = (("pools", "recall", "recall"), ("lists", "ndcg", "nDCG"))
    for stage, metric, word in stages:
        sizes = {entry.top_k if stage == "pools" else entry.n for entry in entries}
        head = metric_words(metric, sizes.pop()) if len(sizes) == 1 else f"{word} of {stage}"
        for key in retrievers:
            figures[f"{label_of(key)}: {head}"] = [_figure(entry, stage, key, metric) for entry in entries]
    return pd.concat([names, settings, pd.DataFrame(figures)], axis=1)


def same_figures(then: Entry, now: dict[str, Any]) -> str:
    """Say whether a run that was made again came to the same.

    Parameters
    ----------
    then : Entry
    now : dict
        `skrec_lite.experiment.ledger.record.figures_of` of the new result.

    Returns
    -------
    str
        ``The same figures as then.``; or how many differ, the largest difference, and what software changed.
    """
    before, after = _flat(then.figures), _flat(now)
    differing = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if not differing:
        return "The same figures as then."
    said = [f"{len(differing)} of {len(before.keys() | after.keys())} figures differ from those of then."]
    both = [key for key in differing if key in before and key in after]
    if both:
        stage, retriever, metric = max(both, key=lambda key: (abs(after[key] - before[key]), key))
        was, now_is = (amount(values[stage, retriever, metric], metric) for values in (before, after))
        size = then.top_k if stage == "pools" else then.n
        name = "Full catalogue" if retriever == "full" else label_of(retriever)
        said.append(
            f"The largest difference: {name}, {metric_words(metric, size)}: {now_is} instead of {was}."
        )
    old, new = then.figures["software"], now["software"]
    changed = [
        f"{name} {new[name]} instead of {old[name]}" for name in new if old.get(name, new[name]) != new[name]
    ]
    if changed:
        said.append(f"Made with other software: {', '.join(changed)}.")
    return " ".join(said)


def _flat(figures: Any) -> dict[tuple[str, str, str], float]:
    return {
        (stage, key, metric): interval["mean"]
        for stage in ("pools", "lists")
        for key, metrics in figures[stage].items()
        if key not in ("k", "n")
        for metric, interval in metrics.items()
    }


def _figure(entry: Entry, stage: Stage, key: str, metric: str) -> str:
    if metric not in entry.figures[stage].get(key, {}):
        return "–"
    found = entry.interval(stage, key, metric)
    return f"{amount(found.mean, metric)} ({ends_words(found, metric)})"


def _row(entry: Entry) -> dict[str, Any]:
    recall = entry.interval("pools", entry.best, "recall")
    ndcg = entry.interval("lists", entry.best, "ndcg")
    return {
        "id": entry.id,
        "name": entry.name,
        "data": entry.data_name,
        "ranker": entry.ranker,
        "top_k": entry.top_k,
        "n": entry.n,
        "retrievers": ", ".join(label_of(key) for key in entry.retrievers),
        "best": label_of(entry.best),
        "recall": 100 * recall.mean,
        "recall_interval": ends_words(recall, "recall"),
        "ndcg": ndcg.mean,
        "ndcg_interval": ends_words(ndcg, "ndcg"),
        "users": entry.figures["users"],
        "seconds": entry.figures["seconds"]["total"],
        "created": entry.when,
        "note": entry.note,
        "is_baseline": entry.is_baseline,
    }


def entry_frame(entry: Entry) -> pd.DataFrame:
    """Return one row a retriever of one run, and the full catalogue: figures as texts with 95 % intervals.

    Returns
    -------
    DataFrame
        ``Retriever`` (its key), recall of the pool, and recall and nDCG of the final list.
    """
    heads: dict[str, tuple[Stage, str]] = {
        f"Pool {metric_words('recall', entry.top_k)}": ("pools", "recall"),
        f"Final {metric_words('recall', entry.n)}": ("lists", "recall"),
        f"Final {metric_words('ndcg', entry.n)}": ("lists", "ndcg"),
    }
    keys = [*entry.retrievers, *(["full"] if "full" in entry.figures["lists"] else [])]
    columns = {
        head: [_figure(entry, stage, key, metric) for key in keys] for head, (stage, metric) in heads.items()
    }
    return pd.DataFrame({"Retriever": keys, **columns})
