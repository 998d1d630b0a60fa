"""What filters are given, checked where it enters."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, nearest_name_hint

# A warning names the line that made the filters, past the dataclass's own methods.
_CALLER = 4


def distinct_ids(name: str, values: Iterable[Any]) -> tuple[str, ...]:
    """Return ids as ``str``, each once, in the order given; refuse text and missing ids."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidParameterError(f"{name} must be item ids, such as a list. Got {values!r} instead.")
    ids = as_id_strings(values if hasattr(values, "dtype") else list(values))
    missing = int(pd.isna(ids).sum())
    if missing:
        raise InvalidDataError(f"{missing:,} of the {len(ids):,} ids in {name} are missing.", rows=missing)
    return tuple(dict.fromkeys(ids.tolist()))


def without_excluded(allow: tuple[str, ...], exclude: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is allowed and not excluded; refuse an allow list that leaves nothing."""
    if not allow:
        raise InvalidDataError(
            "The allow list is empty.", repair="Pass at least one item id, or None to allow all items."
        )
    withheld = set(exclude)
    both = [item for item in allow if item in withheld]
    if len(both) == len(allow):
        raise InvalidDataError(
            f"All {len(allow):,} allowed items are also excluded (the first is {both[0]!r}).",
            rows=len(both),
            repair="Take some of them out of one of the two, or nothing can be shown.",
        )
    if both:
        warnings.warn(
            f"{len(both):,} of {len(allow):,} allowed items are also excluded, and stay so (the first is "
            f"{both[0]!r}).",
            stacklevel=_CALLER,
        )
    return tuple(item for item in allow if item not in withheld)


def checked_categories(given: Mapping[Any, Any] | pd.Series) -> dict[str, str]:
    """Return the category of each item that has one; refuse items with several."""
    if isinstance(given, Mapping):
        items, values = as_id_strings(list(given.keys())), as_id_strings(list(given.values()))
    elif isinstance(given, pd.Series):
        items, values = as_id_strings(given.index), as_id_strings(given)
    else:
        raise InvalidParameterError(
            "categories must be a mapping of item id to category, or a Series indexed by item id. Got "
            f"{type(given).__name__} instead."
        )
    frame = pd.DataFrame({"item": items, "category": values})
    missing = int(frame["item"].isna().sum())
    if missing:
        raise InvalidDataError(
            f"{missing:,} of the {len(frame):,} item ids in categories are missing.", rows=missing
        )
    frame = frame.dropna().drop_duplicates()
    twice = frame["item"].duplicated()
    if twice.any():
        item = frame.loc[twice, "item"].iloc[0]
        named = ", ".join(map(repr, frame.loc[frame["item"] == item, "category"]))
        raise InvalidDataError(
            f"{int(twice.sum()):,} items have more than one category (the first is {item!r}: {named}).",
            column=ITEM_ID_NAME,
            rows=int(twice.sum()),
            repair="Give each item one category.",
        )
    return dict(zip(frame["item"], frame["category"], strict=True))


def checked_limits(
    given: int | Mapping[Any, int] | None, categories: Mapping[str, str]
) -> int | dict[str, int]:
    """Return the limit of all categories, or that of each one named."""
    if not isinstance(given, Mapping):
        return _checked_count("max_per_category", given, 1)
    names = as_id_strings(list(given.keys()))
    limits = {
        name: _checked_count(f"max_per_category[{name!r}]", limit, 0)
        for name, limit in zip(names, given.values(), strict=True)
    }
    known = set(categories.values())
    unknown = [name for name in limits if name not in known]
    if unknown:
        warnings.warn(
            f"{len(unknown):,} of the {len(limits):,} categories in max_per_category have no item (the first "
            f"is {unknown[0]!r}).{nearest_name_hint(str(unknown[0]), known)}",
            stacklevel=_CALLER,
        )
    return limits


def _checked_count(name: str, value: object, least: int) -> int:
    is_integer = hasattr(value, "__index__") and not isinstance(value, (bool, np.bool_))
    count = value.__index__() if is_integer else -1  # type: ignore[attr-defined]
    if not least <= count <= np.iinfo(np.int32).max:
        raise InvalidParameterError(
            f"{name} must be an int in the range [{least}, inf). Got {value!r} instead."
        )
    return int(count)
