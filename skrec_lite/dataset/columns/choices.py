"""What a person chooses of a table: which column is what, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ColumnMapping:
    """Which columns of a table are the interactions; change any field before applying it.

    Attributes
    ----------
    user, item : str or None
        Columns of the ids; ``None`` where none could be guessed.
    outcome : str or None
        Column of the label; ``None`` makes every interaction count 1.
    timestamp : str or None
        Column of the timestamp; ``None`` leaves the order of rows.
    event : str or None
        Column of the kind of event (view, cart, purchase); its `event_weights` are the outcomes, or what the
        outcome column is multiplied by.
    event_weights : dict of str to float
        What each kind of event counts; rows of a kind with weight 0, or with none given, are left out.
    likes_from : float or None
        Only rows with at least this outcome count, each as 1; the others are left out.
    time_format : str, default "auto"
        How the timestamps are written; see `skrec_lite.dataset.columns.timestamps.TIME_FORMATS`.
    drop_bad_rows : bool, default False
        Whether rows that cannot be used are dropped (and counted) instead of refused.
    reasons : dict of str to str
        One sentence for each of "user", "item", "outcome", "timestamp", "event": why it was guessed.
    """

    user: str | None
    item: str | None
    outcome: str | None = None
    timestamp: str | None = None
    event: str | None = None
    event_weights: dict[str, float] = field(default_factory=dict)
    likes_from: float | None = None
    time_format: str = "auto"
    drop_bad_rows: bool = False
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass
class ItemMapping:
    """Which columns of a table are the item's id and title; the others are its features.

    Attributes
    ----------
    item : str or None
        Column of the ids.
    title : str or None
        Column of the names that people read.
    drop_bad_rows : bool, default False
        Whether rows without an id are dropped (and counted) instead of refused.
    reasons : dict of str to str
        One sentence for each of "item", "title": why it was guessed.
    """

    item: str | None
    title: str | None = None
    drop_bad_rows: bool = False
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass
class UserMapping:
    """Which column of a table is the user's id; the others are features.

    Attributes
    ----------
    user : str or None
        Column of the ids.
    drop_bad_rows : bool, default False
        Whether rows without an id are dropped (and counted) instead of refused.
    reasons : dict of str to str
        One sentence for "user": why it was guessed.
    """

    user: str | None
    drop_bad_rows: bool = False
    reasons: dict[str, str] = field(default_factory=dict)
