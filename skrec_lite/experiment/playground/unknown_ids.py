"""Ids that are not in the catalogue: what is probably wrong with them, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from skrec_lite.exceptions import nearest_name_hint
from skrec_lite.experiment.report.words import counted
from skrec_lite.experiment.result import ExperimentResult

#: What often happens to ids on their way through a spreadsheet, and how to say it.
_MENDED: Final[tuple[tuple[Callable[[str], str], str], ...]] = (
    (lambda item: item.removesuffix(".0"), "without '.0' at the end: store the column as text"),
    (lambda item: item.lstrip("0"), "without zeros in front: store the column as it is in the items file"),
    (str.lower, "in small letters"),
    (str.upper, "in capital letters"),
    (lambda item: item.lstrip("#"), "without '#' in front"),
)
# A nearest name is looked for among so many ids at most: it takes a comparison with each.
_MOST_COMPARED = 20_000


def unknown_hint(result: ExperimentResult, unknown: Sequence[str]) -> str:
    """Say how to repair ids that are not in the catalogue; empty where nothing comes to mind.

    Parameters
    ----------
    result : ExperimentResult
    unknown : sequence of str
    """
    for mended, words in _MENDED:
        n_known = int((result.items.encode([mended(item) for item in unknown]) >= 0).sum())
        if n_known:
            return f"{counted(n_known, 'of them is', 'of them are')} in the catalogue {words}."
    titles = {title.casefold(): item for item, title in result.data.titles.items()}
    named = [titles[item.casefold()] for item in unknown if item.casefold() in titles]
    if named:
        what = counted(len(named), "of them is a title", "of them are titles")
        return f"{what}: use item ids instead, here {', '.join(map(repr, named[:3]))}."
    if len(result.items) <= _MOST_COMPARED:
        return nearest_name_hint(unknown[0], result.items.ids).strip()
    return ""
