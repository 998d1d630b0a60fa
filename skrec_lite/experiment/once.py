"""Figures that a screen asks for at every rerun, computed once for each result."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")


class _Remembers(Protocol):
    @property
    def remembered(self) -> dict[object, object]: ...


R = TypeVar("R", bound=_Remembers)


def once_per_result(
    figures: Callable[Concatenate[R, P], Answer],
) -> Callable[Concatenate[R, P], Answer]:
    """Make a function of a result, and of hashable arguments, compute its answer once for each result.

    The answer lives as long as the result. Everyone gets the same object, so nobody may change it.
    """

    @wraps(figures)
    def _asked_once(result: R, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        asked = (figures, args, tuple(sorted(kwargs.items())))
        if asked not in result.remembered:
            result.remembered[asked] = figures(result, *args, **kwargs)
        return result.remembered[asked]  # type: ignore[return-value]

    return _asked_once
