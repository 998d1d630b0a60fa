"""One input for each hyper-parameter of an estimator; each estimator keeps its own values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from skrec_lite.experiment import Choice, EstimatorSpec, Parameter

#: With more parameters than this, only the first `SHOWN_FIRST` are seen at once.
MOST_SHOWN = 6
SHOWN_FIRST = 4


def parameter_inputs(spec: EstimatorSpec, prefix: str) -> dict[str, Any]:
    """Draw the inputs, those of an estimator with many in two parts; return their values by name."""
    first = len(spec.parameters) if len(spec.parameters) <= MOST_SHOWN else SHOWN_FIRST
    values = _inputs(spec.parameters[:first], f"{prefix}_{spec.key}")
    if rest := spec.parameters[first:]:
        with st.expander("More", icon=":material/more_horiz:", key=f"{prefix}_{spec.key}_more"):
            values |= _inputs(rest, f"{prefix}_{spec.key}")
    return values


def _inputs(parameters: Sequence[Parameter | Choice], prefix: str) -> dict[str, Any]:
    with st.grid(2, min_column_width=180):
        return {parameter.name: _input(parameter, f"{prefix}_{parameter.name}") for parameter in parameters}


def _input(parameter: Parameter | Choice, key: str) -> Any:
    if isinstance(parameter, Choice):
        settle(key, parameter.default, lambda value: value in parameter.options)
        return st.selectbox(
            parameter.label,
            parameter.options,
            format_func=lambda option: parameter.labels.get(option, option),
            key=key,
            persist_state="session",
            help=parameter.help,
        )
    settle(key, parameter.default)
    return st.number_input(
        parameter.label,
        min_value=parameter.low,
        max_value=parameter.high,
        step=parameter.step,
        format=number_format(parameter),
        key=key,
        persist_state="session",
        help=parameter.help,
    )


def number_format(parameter: Parameter) -> str:
    """Return how the browser writes a value: whole, or with as many digits as it has, six at most.

    A fixed number of decimals would hide small values of a parameter that spreads over decades; all
    digits would show the rounding of binary fractions, 0.1 + 0.2 as 0.30000000000000004.
    """
    return "%d" if parameter.is_whole else "%.6g"


def settle(key: str, default: Any, is_valid: Callable[[Any], bool] = lambda value: True) -> None:
    """Give a widget its first value, and again where its kept value is no longer a choice."""
    if key not in st.session_state or not is_valid(st.session_state[key]):
        st.session_state[key] = default
