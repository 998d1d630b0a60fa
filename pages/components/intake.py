"""Files that came in during one session: read in the background, understood, and not yet in use.

Nothing here touches the loaded data: that changes only when a person says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import streamlit as st

from pages.components.jobs import Job
from skrec_lite.dataset.reading import open_files
from skrec_lite.dataset.recipe import (
    FileReader,
    Loaded,
    Recipe,
    TablePlan,
    apply_recipe,
    guess_recipe,
    recipe_among,
)
from skrec_lite.exceptions import Cancelled, InvalidDataError, SkrecLiteError
from skrec_lite.experiment import LabData

_KEY = "_intake"
_WAIT = 1.5
_log = logging.getLogger(__name__)

Report = Callable[[float, str], object]
Stop = Callable[[], bool]


class Upload(Protocol):
    """What the uploader hands over."""

    name: str
    file_id: str

    def getvalue(self) -> bytes:
        """Return the content."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What reading, or applying a choice, came to.

    Attributes
    ----------
    reader : FileReader or None
        None where the files could not even be opened.
    recipe : Recipe or None
        What was applied, or tried.
    loaded : Loaded or None
        What it made.
    data : LabData or None
        The same as the laboratory takes it, looked over.
    problem : InvalidDataError or None
        Why it made nothing.
    can_drop : bool
        Whether it would if the rows that cannot be used were dropped.
    notes : tuple of str
        On opening the files.
    """

    reader: FileReader | None = None
    recipe: Recipe | None = None
    loaded: Loaded | None = None
    data: LabData | None = None
    problem: InvalidDataError | None = None
    can_drop: bool = False
    notes: tuple[str, ...] = ()


@dataclass
class Intake:
    """Files uploaded, what was made of them, and the work under way.

    Attributes
    ----------
    outcome : Outcome
        The latest that is finished.
    job : Job or None
        Reading or applying, under way or stopped.
    generation : int
        Grows with every new set of files, so that their form begins anew.
    """

    outcome: Outcome = field(default_factory=Outcome)
    job: Job | None = None
    generation: int = 0
    _file_ids: tuple[str, ...] = ()
    _wanted: Recipe | None = None

    @property
    def recipe(self) -> Recipe | None:
        """The choices of the finished outcome."""
        return self.outcome.recipe

    @property
    def is_busy(self) -> bool:
        """Whether work is under way."""
        return self.job is not None and self.job.is_active

    def receive(self, uploads: Sequence[Upload]) -> None:
        """Begin to read files unless they are the ones already received."""
        ids = tuple(upload.file_id for upload in uploads)
        if ids == self._file_ids:
            return
        self._file_ids = ids
        sources = [(upload.name, upload.getvalue()) for upload in uploads]
        self._begin(lambda progress, cancel: _read(sources, progress, cancel))
        self.generation += 1

    def choose(self, recipe: Recipe) -> bool:
        """Begin to apply other choices to the same files; return False if they are the ones applied last."""
        reader = self.outcome.reader
        if reader is None or recipe == (self._wanted or self.recipe):
            return False
        notes = self.outcome.notes
        self._wanted = recipe
        self._begin(lambda progress, cancel: _applied(reader, recipe, notes, progress, cancel))
        return True

    def forget(self) -> None:
        """Drop all files and what was made of them."""
        if self.job is not None:
            self.job.cancel()
        self.outcome, self.job, self._file_ids, self._wanted = Outcome(), None, (), None

    def collect(self) -> None:
        """Take over what finished work came to."""
        if self.job is not None and (outcome := self.job.take_result()) is not None:
            self.outcome, self.job, self._wanted = outcome, None, None

    @property
    def data(self) -> LabData | None:
        """The data these files make: one object as long as they and the choices are the same."""
        return self.outcome.data

    def makes(self, data: LabData) -> bool:
        """Whether these files, with the columns last chosen, made that data, be it repaired since."""
        loaded = self.outcome.loaded
        return loaded is not None and data.loaded is not None and data.loaded.mapped is loaded.mapped

    def _begin(self, work: Callable[[Report, Stop], Outcome]) -> None:
        if self.job is not None:
            self.job.cancel()
        self.job = Job.submit(work)
        # What takes a moment is awaited, so that the screen does not flicker.
        self.job.wait_at_most(_WAIT)
        self.collect()


def intake() -> Intake:
    """Return this session's intake; it outlives the uploader, which is empty after a page switch."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Intake()
    kept: Intake = st.session_state[_KEY]
    kept.collect()
    return kept


def _read(sources: Sequence[tuple[str, bytes]], progress: Report, cancel: Stop) -> Outcome:
    """Open files, find or guess a recipe, and apply it."""
    outcome = Outcome()
    try:
        progress(0.0, "Opening files")
        files, notes = _guarded(lambda: open_files(sources, cancel=cancel))
        files, given = recipe_among(files)
        reader = FileReader(files)
        outcome = Outcome(reader, notes=tuple(notes))
        progress(0.02, "Looking at each file")
        recipe = given or _guarded(lambda: guess_recipe(reader))
    except InvalidDataError as problem:
        return replace(outcome, problem=problem, recipe=_nothing_used(outcome.reader))
    return _applied(reader, recipe, tuple(notes), progress, cancel)


def _applied(
    reader: FileReader, recipe: Recipe, notes: tuple[str, ...], progress: Report, cancel: Stop
) -> Outcome:
    try:
        loaded = _guarded(
            lambda: apply_recipe(
                reader, recipe, progress=lambda done, doing: progress(0.6 * done, doing), cancel=cancel
            )
        )
        data = LabData.of(loaded, _name_of(loaded.recipe))
        looks = ((0.6, lambda: data.summary), (0.75, lambda: data.features), (0.85, lambda: data.findings))
        for share, look in looks:
            if cancel():
                raise Cancelled("Reading was cancelled.")
            progress(share, "Looking the data over")
            _guarded(look)
        return Outcome(reader, loaded.recipe, loaded, data, notes=notes)
    except InvalidDataError as problem:
        can_drop = not recipe.drop_bad_rows and _drop_helps(reader, recipe, cancel)
        return Outcome(reader, recipe, None, None, problem, can_drop, notes)


def _drop_helps(reader: FileReader, recipe: Recipe, cancel: Stop) -> bool:
    """Whether the files can be used once their bad rows are dropped."""
    try:
        _guarded(lambda: apply_recipe(reader, replace(recipe, drop_bad_rows=True), cancel=cancel))
    except InvalidDataError:
        return False
    return True


def _guarded(work: Callable[[], Any]) -> Any:
    """Run work on uploaded files; whatever it raises becomes a message for people, and the log keeps it."""
    try:
        return work()
    except SkrecLiteError:
        raise
    except MemoryError as error:
        raise InvalidDataError(
            "There was not enough memory for these files.",
            repair="Give fewer or smaller files, or Parquet instead of text.",
        ) from error
    except Exception as error:
        _log.exception("Uploaded files could not be used")
        raise InvalidDataError(
            f"The files could not be used as tables ({type(error).__name__}).",
            repair="Save them as CSV or Parquet and try again.",
        ) from error


def _nothing_used(reader: FileReader | None) -> Recipe | None:
    """Return the recipe that a person can start from where nothing could be guessed."""
    if reader is None or not len(reader):
        return None
    return Recipe(tuple(TablePlan(name, "ignored") for name in reader.files))


def _name_of(recipe: Recipe) -> str:
    return recipe.layout or recipe.of_role("interactions")[0].file
