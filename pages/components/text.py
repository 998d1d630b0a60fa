"""Words and numbers as people read them. Text from uploaded files never reaches Markdown unescaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

# What the report says alike is said by the library.
from skrec_lite.experiment.report.words import counted as counted
from skrec_lite.experiment.report.words import duration as duration
from skrec_lite.experiment.report.words import interval as interval
from skrec_lite.experiment.report.words import number as number

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#|<>~$&!^])")
_LIST_MARK = re.compile(r"^(\d*)([-+.])(?=\s)")
_JOINER = "\u2060"
# Icon codes, bare links and mail addresses are found after backslashes are resolved: only an invisible
# joiner keeps them text.
_FOUND_LATE = re.compile(r"(:(?=[A-Za-z_+/-])|@(?=\w)|\bwww(?=\.))")


def plain(text: object) -> str:
    """Return text that Markdown shows as it is: no link, icon, colour, formula or list comes of it."""
    one_line = " ".join(str(text).split())
    escaped = _LIST_MARK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", one_line))
    return _FOUND_LATE.sub(rf"\1{_JOINER}", escaped)


def of_100(share: float) -> str:
    """Return a share as ``61.3 of 100``."""
    return f"{100 * share:.1f} of 100"


def percent(share: float) -> str:
    """Return a share in percent with three significant figures, however small."""
    if share == 0:
        return "0 %"
    shown = f"{100 * share:.3g}"
    return f"{float(shown):.12f}".rstrip("0").rstrip(".") + " %"


def in_chart(text: object, longest: int | None = None) -> str:
    """Return text that a Plotly label shows letter by letter, cut to `longest` characters if given."""
    return _in_chart(str(text), longest)


# The same titles come again with every user, a thousand at a time.
@lru_cache(maxsize=20_000)
def _in_chart(text: str, longest: int | None) -> str:
    whole = " ".join(text.split())
    return html.escape(whole if longest is None else shortened(whole, longest), quote=False)


def shortened(text: str, longest: int) -> str:
    """Return `text`, cut at a word where possible and ended by an ellipsis if it is longer than `longest`."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) >= longest // 2 else cut).rstrip(" ,;:-") + "…"


def file_stem(name: str) -> str:
    """Return a name as the beginning of a file's name: small letters, digits and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-") or "comparison"


def listed(words: Sequence[str]) -> str:
    """Return words as prose: ``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def bullets(sentences: Iterable[str]) -> str:
    """Return sentences as a Markdown list that shows each as it is."""
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)
