"""Figures that a screen asks for at every rerun, computed once for each result, or for each user's view."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")


class _Remembers(Protocol):
    @property
    def remembered(self) -> dict[object, object]:
        """Answers by what was asked."""


R = TypeVar("R", bound=_Remembers)

_letting_go = threading.Lock()


def once_per_result(
    figures: Callable[Concatenate[R, P], Answer],
) -> Callable[Concatenate[R, P], Answer]:
    """Make a function of a result, and of hashable arguments, compute its answer once for each result.

    Of a user's view likewise. The answer lives as long as what was asked about. Everyone gets the same
    object, so nobody may change it.
    """

    @wraps(figures)
    def _asked_once(result: R, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        asked = (figures, args, tuple(sorted(kwargs.items())))
        if asked not in result.remembered:
            result.remembered[asked] = figures(result, *args, **kwargs)
        return result.remembered[asked]  # type: ignore[return-value]

    return _asked_once


def latest_per_result(
    most: int,
) -> Callable[[Callable[Concatenate[R, P], Answer]], Callable[Concatenate[R, P], Answer]]:
    """Make a function of a result, and of hashable arguments, keep its latest answers for each result.

    For figures of which there are many, as of each user: a screen asks for those of one at every rerun, and
    goes on to the next. Everyone gets the same object, so nobody may change it.

    Parameters
    ----------
    most : int
        How many answers are kept; the oldest are let go.
    """

    def _with_memory(
        figures: Callable[Concatenate[R, P], Answer],
    ) -> Callable[Concatenate[R, P], Answer]:
        @wraps(figures)
        def _asked_lately(result: R, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
            kept: dict[object, Answer]
            kept = result.remembered.setdefault((figures, "latest"), {})  # type: ignore[assignment]
            asked = (args, tuple(sorted(kwargs.items())))
            try:
                return kept[asked]
            except KeyError:
                answer = figures(result, *args, **kwargs)
            # Sessions share a result, and a dictionary that changes meanwhile cannot be gone through.
            with _letting_go:
                while len(kept) >= most:
                    del kept[next(iter(kept))]
                kept[asked] = answer
            return answer

        return _asked_lately

    return _with_memory
