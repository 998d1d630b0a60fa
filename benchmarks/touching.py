"""Everything on a drawn screen that a person can touch, and what the browser would send for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.WidgetStates_pb2 import WidgetState

#: Buttons that start work in the background, load or throw away data, or end the session.
WORK = re.compile(
    r"^(home_run|guard_run|train_run|train_again|run_cancel|sweep_start|sweep_cancel|taste_layout|taste_cancel"
    r"|sampled_measure|data_(use|cancel|sample_.*|repair_.*|core_go|share_go|undo.*)"
    r"|runs_(open|delete.*|import_now|copy|leave)|compare_.*_make|own_retriever_try|log_out)$"
)
_MOST_VALUES = 4
_KEY = re.compile(r"^\$\$ID-[0-9a-f]+-(.+)$")


@dataclass(frozen=True)
class Touch:
    """One thing to do on a screen.

    Attributes
    ----------
    widget : str
        Key of the widget, numbers in it left out.
    kind : str
        As the protocol calls it.
    states : tuple of WidgetState
        What the browser sends, one rerun each.
    """

    widget: str
    kind: str
    states: tuple[WidgetState, ...]


def touches(nodes: Iterator[Any]) -> list[Touch]:
    """Return what can be touched among the nodes of a screen, in their order; what is folded too.

    Left out: what starts work (`WORK`), what belongs to a form and so sends nothing by itself, uploads and
    downloads.
    """
    found = []
    for node in nodes:
        kind, proto = node.type, getattr(node, "proto", None)
        key = _KEY.match(getattr(proto, "id", "") or "")
        if key is None or getattr(proto, "disabled", False) or getattr(proto, "form_id", ""):
            continue
        if kind not in _VALUES or WORK.match(key[1]):
            continue
        states = tuple(_state(proto.id, value) for value in _VALUES[kind](proto))
        if states:
            found.append(Touch(re.sub(r"\d+", "#", key[1]), kind, states))
    return found


def sections(nodes: Iterator[Any]) -> list[Touch]:
    """Return the sections of a screen, one touch each; none where it has no tabs that rerun it."""
    nodes = list(nodes)
    held = next((node.proto.tab_container.id for node in nodes if node.type == "tab_container"), "")
    key = _KEY.match(held)
    labels = [node.label for node in nodes if node.type == "tab"] if key else []
    return [
        Touch(f"{key[1]}: {label}", "tab", (_state(held, {"string_value": label}),))
        for key in (key,)
        if key
        for label in labels
    ]


def spread(options: Sequence[Any], most: int = _MOST_VALUES) -> list[Any]:
    """Return at most so many of the options, the last one first and the first one last."""
    last = len(options) - 1
    places = sorted({round(last * step / (most - 1)) for step in range(most)}, reverse=True)
    return [options[place] for place in places] if options else []


def _state(id: str, value: dict[str, Any]) -> WidgetState:
    state = WidgetState(id=id)
    for name, content in value.items():
        if name.endswith("_array_value"):
            getattr(state, name).data.extend(content)
        else:
            setattr(state, name, content)
    return state


def _groups(proto: Any) -> list[dict[str, Any]]:
    contents = [option.content for option in proto.options]
    if proto.click_mode == ButtonGroup.ClickMode.SINGLE_SELECT:
        return [{"string_array_value": [content]} for content in spread(contents, max(2, len(contents)))]
    return [{"string_array_value": contents[:-1]}, {"string_array_value": contents}]


def _numbers(proto: Any) -> list[dict[str, Any]]:
    step = proto.step or 1.0
    other = (
        proto.default - step if proto.has_max and proto.default + step > proto.max else proto.default + step
    )
    return [{"double_value": other}, {"double_value": proto.default}]


def _several(proto: Any) -> list[dict[str, Any]]:
    options = list(proto.options)
    chosen = [options[place] for place in proto.default]
    more = next((option for option in options if option not in chosen), None)
    changes = [chosen[:-1]] if chosen else []
    if more is not None:
        changes.append([*chosen, more])
    return [{"string_array_value": each} for each in (*changes, chosen)]


def _cells(proto: Any) -> list[dict[str, Any]]:
    if not proto.selection_mode:
        return []
    rows = {"selection": {"rows": [0], "columns": [], "cells": [[0, "TITLE"]]}}
    nothing: dict[str, Any] = {"selection": {"rows": [], "columns": [], "cells": []}}
    return [{"string_value": json.dumps(each)} for each in (rows, nothing)]


def _points(proto: Any) -> list[dict[str, Any]]:
    if not proto.selection_mode:
        return []
    traces = json.loads(proto.spec)["data"]
    told = (place for place, trace in enumerate(traces) if isinstance(trace.get("customdata"), list))
    if (curve := next(told, None)) is None or not traces[curve]["customdata"]:
        return []
    point = {"curve_number": curve, "point_index": 0, "customdata": traces[curve]["customdata"][0]}
    selection = {"points": [point], "point_indices": [0], "box": [], "lasso": []}
    return [{"string_value": json.dumps({"selection": selection})}]


_VALUES = {
    "selectbox": lambda proto: [{"string_value": option} for option in spread(proto.options)],
    "select_slider": lambda proto: [{"string_array_value": [option]} for option in spread(proto.options)],
    "slider": lambda proto: [{"double_array_value": [end]} for end in (proto.max, proto.min)],
    "button_group": _groups,
    "radio": lambda proto: [{"string_value": option} for option in spread(proto.options)],
    "toggle": lambda proto: [{"bool_value": not proto.default}, {"bool_value": proto.default}],
    "checkbox": lambda proto: [{"bool_value": not proto.default}, {"bool_value": proto.default}],
    "number_input": _numbers,
    "text_input": lambda proto: [{"string_value": text} for text in ("a", "")],
    "text_area": lambda proto: [{"string_value": text} for text in ("a", "")],
    "multiselect": _several,
    "button": lambda proto: [{"trigger_value": True}],
    "dataframe": _cells,
    "plotly_chart": _points,
    "expander": lambda proto: [{"bool_value": True}],
}
