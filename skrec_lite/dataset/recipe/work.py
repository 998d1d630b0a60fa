"""The reading and mapping of one recipe's files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, SPLIT_COL, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.columns.choices import ColumnMapping, ItemMapping, UserMapping
from skrec_lite.dataset.columns.mapping import (
    apply_interaction_mapping,
    apply_item_mapping,
    apply_user_mapping,
)
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.recipe.forms import described, properties_of, tags_of
from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import PARTS, SPLITS, Recipe, TablePlan
from skrec_lite.exceptions import InvalidDataError


class Work:
    """Reads the files of one recipe, and keeps what is said of each."""

    def __init__(
        self, reader: FileReader, recipe: Recipe, progress: ReadProgress | None, cancel: ReadCancel | None
    ):
        self._reader, self._recipe = reader, recipe
        self._progress, self._cancel = progress, cancel
        self._sizes = {
            plan.file: reader.files[plan.file].size for plan in recipe.tables if plan.role != "ignored"
        }
        self._done = 0
        self.notes: dict[str, list[str]] = {}

    def interactions(self) -> pd.DataFrame:
        """Return all interactions, in the order of the files or of their given split."""
        # Where nothing else tells time, what is trained on comes before what is tested on.
        plans = tuple(sorted(self._recipe.of_role("interactions"), key=lambda plan: SPLITS.index(plan.split)))
        self._like_each_other(plans)
        parts = []
        for plan in plans:
            frame = self._frame(plan)
            mapping = _interaction_mapping(self._recipe, plan)
            mapped = self._told(
                plan, lambda frame=frame, mapping=mapping: apply_interaction_mapping(frame, mapping)
            )
            if self._recipe.has_split:
                mapped = mapped.assign(**{SPLIT_COL: plan.split or "train"})
            parts.append(mapped)
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def items(self) -> pd.DataFrame | None:
        """Return the items, with what further tables and the interactions tell of them."""
        parts: list[pd.DataFrame] = []
        notes: list[list[str]] = []
        for plans in _alike(self._recipe.of_role("items")):
            frames = [self._frame(plan) for plan in plans]
            frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
            plan = plans[0]
            parts.append(self._told(plan, lambda frame=frame, plan=plan: self._item_rows(frame, plan)))
            notes.append(self.notes[plan.file])
        table = _joined(parts, ITEM_ID_NAME, notes)
        return self._described(table, "item", self._recipe.item_columns, ITEM_ID_NAME)

    def users(self) -> pd.DataFrame | None:
        """Return the users, with what the interactions tell of them."""
        parts = []
        for plan in self._recipe.of_role("users"):
            frame, mapping = (
                self._frame(plan),
                UserMapping(plan.columns.get("user"), self._recipe.drop_bad_rows),
            )
            parts.append(
                self._told(plan, lambda frame=frame, mapping=mapping: apply_user_mapping(frame, mapping))
            )
        notes = [self.notes[plan.file] for plan in self._recipe.of_role("users")]
        table = _joined(parts, USER_ID_NAME, notes)
        return self._described(table, "user", self._recipe.user_columns, USER_ID_NAME)

    def _item_rows(self, frame: pd.DataFrame, plan: TablePlan) -> Any:
        notes: list[str] = []
        columns = {part: str(column) for part, column in plan.columns.items() if column}
        _check_columns(frame, plan)
        mapping = ItemMapping(plan.columns.get("item"), plan.columns.get("title"), self._recipe.drop_bad_rows)
        if plan.form == "tags":
            frame = tags_of(frame, columns["item"], columns["tag"], notes)
        elif plan.form == "properties":
            frame = properties_of(
                frame, columns["item"], columns["property"], columns["value"], columns.get("timestamp"), notes
            )
        if plan.form != "rows":
            mapping = ItemMapping(columns["item"])
        mapped = apply_item_mapping(frame, mapping)
        return replace(mapped, notes=(*notes, *mapped.notes))

    def _described(
        self, table: pd.DataFrame | None, part: str, columns: tuple[str, ...], id_name: str
    ) -> pd.DataFrame | None:
        """Add columns of the interactions that describe items or users."""
        if not columns:
            return table
        plan = self._recipe.of_role("interactions")[0]
        frames = [self._frame(each) for each in self._recipe.of_role("interactions")]
        frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
        by = str(plan.columns.get(part))
        notes = self.notes.setdefault(plan.file, [])
        for column in columns:
            if column not in frame.columns:
                raise InvalidDataError(
                    f"{plan.file} has no column '{column}', by which the recipe describes {part}s.",
                    column=column,
                    repair="Take it out of the recipe, or choose a file that has it.",
                )
        own = described(frame, by, columns, notes).rename(columns={by: id_name})
        if part == "item" and (table is None or TITLE_COL not in table.columns):
            text = next((name for name in columns if pd.api.types.is_string_dtype(own[name].dtype)), None)
            if text is not None:
                notes.append(f"'{text}' is also the title of each item, being the first text about it.")
                own.insert(1, TITLE_COL, own[text].fillna(own[id_name]))
        return _joined([own] if table is None else [table, own], id_name)

    def _frame(self, plan: TablePlan) -> pd.DataFrame:
        before, total = self._done, max(sum(self._sizes.values()), 1)

        def report(fraction: float, doing: str) -> None:
            share = (before + fraction * self._sizes.get(plan.file, 0)) / total
            if self._progress is not None:
                self._progress(0.85 * min(share, 1.0), doing)

        read = self._reader.read(plan.file, plan.read_options, report, self._cancel)
        self._done = min(total, before + self._sizes.pop(plan.file, 0))
        step(self._progress, self._cancel, 0.85 * self._done / total, f"Understanding {plan.file}")
        self.notes.setdefault(plan.file, []).extend(read.notes)
        if plan.names and len(plan.names) != read.frame.shape[1]:
            raise InvalidDataError(
                f"{plan.file} has {read.frame.shape[1]} columns, not the {len(plan.names)} of the recipe.",
                repair="Choose another file, or set the recipe's names of its columns anew.",
            )
        return read.frame.set_axis(list(plan.names), axis=1) if plan.names else read.frame

    def _told(self, plan: TablePlan, make: Any) -> pd.DataFrame:
        """Keep the notes of what is made of a file, and let its problems name it."""
        try:
            mapped = make()
        except InvalidDataError as problem:
            if plan.file in problem.problem:
                raise
            # Where no column is chosen, the one that was meant may be among those that could not be kept.
            left = [note for note in self.notes.get(plan.file, ()) if "was left out" in note]
            more = left if problem.column is None and not problem.rows else []
            raise InvalidDataError(
                " ".join((f"{plan.file}: {problem.problem}", *more[:3])),
                column=problem.column,
                rows=problem.rows,
                repair=problem.repair,
            ) from problem
        self.notes.setdefault(plan.file, []).extend(mapped.notes)
        frame: pd.DataFrame = mapped.frame
        return frame

    def _like_each_other(self, plans: tuple[TablePlan, ...]) -> None:
        timed = [bool(plan.columns.get("timestamp")) for plan in plans]
        if any(timed) and not all(timed):
            without = next(plan for plan, has in zip(plans, timed, strict=True) if not has)
            raise InvalidDataError(
                f"{without.file} has no time column, but other files of interactions have one.",
                column=TIMESTAMP_COL,
                repair="Choose its time column, or none for all of them.",
            )


def _interaction_mapping(recipe: Recipe, plan: TablePlan) -> ColumnMapping:
    columns = {
        part: plan.columns.get(part)
        for part in (*PARTS["interactions", "rows"][0], *PARTS["interactions", "rows"][1])
    }
    return ColumnMapping(
        columns["user"], columns["item"], columns["outcome"], columns["timestamp"], columns["event"],
        event_weights=dict(recipe.event_weights),
        likes_from=recipe.likes_from,
        time_format=recipe.time_format,
        drop_bad_rows=recipe.drop_bad_rows,
    )  # fmt: skip


def _alike(plans: tuple[TablePlan, ...]) -> list[list[TablePlan]]:
    """Put tables together that are one table in several files, of which an item may have rows in each."""
    groups: list[list[TablePlan]] = []
    for plan in plans:
        same = (
            group
            for group in groups
            if plan.form != "rows" and (group[0].form, group[0].columns) == (plan.form, plan.columns)
        )
        group = next(same, None)
        groups.append([plan]) if group is None else group.append(plan)
    return groups


def _check_columns(frame: pd.DataFrame, plan: TablePlan) -> None:
    for part in PARTS[plan.role, plan.form][0]:
        column = plan.columns.get(part)
        if column is None or column not in frame.columns:
            raise InvalidDataError(
                f"No column is chosen for the {part}."
                if column is None
                else f"The table has no column '{column}'.",
                column=column,
                repair=f"Choose the {part} among: {', '.join(map(str, frame.columns[:12]))}.",
            )


def _joined(parts: list[pd.DataFrame], id_name: str, notes: Sequence[list[str]] = ()) -> pd.DataFrame | None:
    """Return one table: further rows of the same columns below, further columns beside, the first kept.

    `notes`, one list a part, are told where a part says something of what an earlier one has said already.
    """
    if not parts:
        return None
    table = parts[0]
    for place, part in enumerate(parts[1:], 1):
        again = int(part[id_name].isin(table[id_name]).sum())
        twice = [str(name) for name in part.columns if name != id_name and name in table.columns]
        if notes and again and twice:
            notes[place].append(
                f"{again:,} of its {len(part):,} rows are in an earlier file too: of "
                f"{', '.join(twice[:6])} the first was kept."
            )
        if set(part.columns) == set(table.columns):
            table = pd.concat([table, part], ignore_index=True).drop_duplicates(id_name, ignore_index=True)
        else:
            more = [name for name in part.columns if name == id_name or name not in table.columns]
            beside = table.merge(part[more], on=id_name, how="left")
            alone = part.loc[~part[id_name].isin(table[id_name]), more]
            table = pd.concat([beside, alone], ignore_index=True) if len(alone) else beside
    if TITLE_COL in table.columns:
        table[TITLE_COL] = table[TITLE_COL].fillna(table[id_name])
    return table
