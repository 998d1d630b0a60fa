"""Markup by construction: whatever is not made by `tag` is text, and text is always escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

_VOID: Final = frozenset({"br", "hr", "img", "link", "meta", "wbr"})
_DRAWN: Final = frozenset({"circle", "line", "path", "polygon", "rect"})
# Characters that XML, and with it any strict reader of the page, refuses.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Text that is markup already; only this module makes it."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]


def text(words: object) -> Html:
    """Return anything as text that shows as it is: no element, attribute or character code comes of it."""
    return words if isinstance(words, Html) else Html(escape(_UNFIT.sub("\ufffd", str(words)), quote=True))


def tag(name: str, /, *children: Child, **attributes: object) -> Html:
    """Return an element.

    Parameters
    ----------
    name : str
    *children : str, Html, number or iterable of them
        Everything but `Html` is escaped; None is left out.
    **attributes
        ``class_`` is written ``class``, ``aria_label`` is written ``aria-label``; None is left out. Numbers
        are rounded to a hundredth.

    Returns
    -------
    Html
        Well-formed as HTML and as XML.
    """
    head = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID or (name in _DRAWN and not children):
        return Html(f"<{head}/>")
    return Html(f"<{head}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Html:
    """Return children as one piece of markup."""
    return Html("".join(_pieces(children)))


def style(rules: str) -> Html:
    """Return a style element; the rules are the program's own and hold nothing from data."""
    assert not set("<&") & set(rules)
    return Html(f"<style>{rules}</style>")


def table(caption: str, heads: Iterable[Child], rows: Iterable[Iterable[Child]], *, n_words: int = 1) -> Html:
    """Return a table that can be scrolled sideways where the screen is narrow.

    Parameters
    ----------
    caption : str
        What the table shows; read out first.
    heads : iterable
        One a column.
    rows : iterable of iterables
        The first cell of each names its row.
    n_words : int
        The first so many columns are words, set to the left; the others are figures, set to the right.
    """
    head = tag(
        "tr", [tag("th", name, scope="col", class_=_side(at, n_words)) for at, name in enumerate(heads)]
    )
    body = [
        tag(
            "tr",
            [
                tag("td", cell, class_=_side(at, n_words)) if at else tag("th", cell, scope="row")
                for at, cell in enumerate(row)
            ],
        )
        for row in rows
    ]
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", body))
    return tag("div", whole, class_="wide", tabindex=0, role="region", aria_label=caption)


def bullets(sentences: Iterable[Child]) -> Html | None:
    """Return a list of sentences; None where there is none."""
    made = [tag("li", sentence) for sentence in sentences]
    return tag("ul", made) if made else None


def _side(column: int, n_words: int) -> str | None:
    return "n" if column >= n_words else None


def _number(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return value


def _pieces(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, (str, int, float)):
            yield text(child)
        else:
            yield from _pieces(child)
