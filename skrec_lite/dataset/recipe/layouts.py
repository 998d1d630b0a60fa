"""Data sets that are known by the names and headers of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skrec_lite.dataset.recipe.recipe import TablePlan


@dataclass(frozen=True)
class Part:
    """One file of a layout.

    Attributes
    ----------
    pattern : str
        Its name without folders and packing, in small letters, as a regular expression.
    plan : TablePlan
        What it is; `file` is filled in where one is found.
    needs : tuple of str
        Columns that its header must have; one entry ``a|b`` asks for either.
    n_columns : int
        Of a file without header, how many columns there must be; 0 if any number.
    required : bool
        Whether the layout is not there without it.
    """

    pattern: str
    plan: TablePlan
    needs: tuple[str, ...] = ()
    n_columns: int = 0
    required: bool = False

    def fits(self, name: str, columns: list[str]) -> bool:
        """Return whether a file of that name with these columns is this part."""
        if re.fullmatch(self.pattern, name.lower()) is None:
            return False
        if self.plan.names or self.n_columns:
            return len(columns) == (self.n_columns or len(self.plan.names))
        return all(any(one in columns for one in need.split("|")) for need in self.needs)


@dataclass(frozen=True)
class Layout:
    """A data set as its publisher laid it out.

    Attributes
    ----------
    title : str
        What people call it.
    parts : tuple of Part
    event_weights : mapping of str to float
    any_is_enough : bool
        Whether one of the required parts makes the layout; all of them otherwise.
    """

    title: str
    parts: tuple[Part, ...]
    event_weights: Mapping[str, float] = field(default_factory=dict)
    any_is_enough: bool = False


def match_layout(
    layouts: Sequence[Layout], columns: Mapping[str, list[str] | None]
) -> tuple[Layout, tuple[TablePlan, ...]] | None:
    """Return the layout that files make, and what each of them is.

    Parameters
    ----------
    layouts : sequence of Layout
        Looked for in this order.
    columns : mapping of str to (list of str or None)
        Of each file, by its name without folders, the columns that its head shows; None where it shows none.

    Returns
    -------
    (Layout, tuple of TablePlan) or None
        Files that the layout does not know are planned as not used.
    """
    for layout in layouts:
        matches = list(_matches(layout, columns))
        plans = {name: plan for name, plan, _ in matches}
        found = [part for _, _, part in matches]
        required = [part for part in layout.parts if part.required]
        enough = any if layout.any_is_enough else all
        splits = {plan.split for plan in plans.values() if plan.role == "interactions"}
        if enough(part in found for part in required) or {"train", "test"} <= splits:
            others = (
                TablePlan(name, "ignored", why=f"{layout.title} has no use for it.")
                for name in columns
                if name not in plans
            )
            return layout, (*plans.values(), *others)
    return None


def _matches(
    layout: Layout, columns: Mapping[str, list[str] | None]
) -> Iterator[tuple[str, TablePlan, Part]]:
    for name, has in columns.items():
        for part in layout.parts:
            bare = re.sub(r"\.(gz|zst|bz2|xz)$", "", name.lower())
            if (part.plan.role == "ignored" or has) and part.fits(bare, has or []):
                yield name, _filled(part.plan, name, has or [], layout.title), part
                break


def _filled(plan: TablePlan, name: str, has: list[str], title: str) -> TablePlan:
    """Name the file, and leave out parts whose column this copy lacks."""
    known = plan.names or tuple(has)
    columns = {part: column for part, column in plan.columns.items() if column in known}
    why = f"{title} has no use for it." if plan.role == "ignored" else f"So it is in {title}."
    reasons = dict.fromkeys(columns, f"So it is called in {title}.")
    return replace(plan, file=name, columns=columns, why=why, reasons=reasons)
