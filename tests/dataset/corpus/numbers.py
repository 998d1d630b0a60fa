"""Outcomes: numbers as people and programs write them, and what is no number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.dataset.corpus.case import HEADER, NAMES, ROWS, Case, case, loads, refused, text_of

IDS = [row[:2] for row in ROWS]


def rated(cells: Sequence[object], column: str = "rating", separator: str = ",") -> str:
    """Return the twelve rows with these outcomes, again and again."""
    rows = [(*pair, cells[i % len(cells)]) for i, pair in enumerate(IDS)]
    return text_of(rows, (*HEADER[:2], column), separator)


def counted(values: Sequence[float]) -> list[tuple[str, str, float]]:
    """Return the rows that `rated` must give."""
    return [(*pair, values[i % len(values)]) for i, pair in enumerate(IDS)]


def spoilt(cell: object) -> str:
    """Return the twelve rows, the fourth with another outcome."""
    return text_of([(*row[:2], cell if i == 3 else row[2]) for i, row in enumerate(ROWS)])


def cases() -> Iterator[Case]:
    for cell in (
        "NaN",
        "nan",
        "",
        "NA",
        "null",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "great",
        "#DIV/0!",
        "3/5",
    ):
        yield case(f"one outcome is {cell!r}", spoilt(cell), refused("'rating'", "1 of 12 rows", "row 4"))
    yield case("one outcome has a thousand mark", spoilt("1,234"), refused("'rating'", "row 4", "1,234"))
    for name, cells, values in (
        ("halves", (0.5, 1.5, 4.5), (0.5, 1.5, 4.5)),
        ("written with zeros behind", ("1.50", "2.00", "3.10"), (1.5, 2, 3.1)),
        ("with blanks around", (" 1", "2 ", " 3 "), (1, 2, 3)),
        ("negative", (-1, -2, 3), (-1, -2, 3)),
        ("all nought", (0,), (0,)),
        ("all one", (1,), (1,)),
        ("tiny", ("1e-308", "5e-324", "1"), (1e-308, 5e-324, 1)),
        ("with plus signs", ("+1", "+2", "3"), (1, 2, 3)),
        ("with exponents", ("1e1", "2E0", "3e-1"), (10, 2, 0.3)),
        ("with many digits", ("0.1000000000000000055511151231257827", "2"), (0.1, 2)),
    ):
        yield case(f"outcomes {name}", rated(cells), loads(counted(values)))
    # Models hold outcomes as float32.
    yield case("outcomes huge", rated(("1e308", "1e300", "1")), refused("'rating'", "8 of 12 rows", "row 1"))
    yield case("decimal commas in marks", rated(("1,5", "2,25", "3,0")), loads(counted((1.5, 2.25, 3))))
    # What a number may mean is not guessed: the column is left out, and that is said.
    for name, cells in (
        ("thousands and points", ("1,234.50", "2,000.00", "12,345.10")),
        ("points and commas", ("1.234,50", "2.000,00", "12.345,10")),
        ("currencies", ("€5", "€7.50", "€10")),
        ("percent", ("80%", "95%", "5%")),
        ("stars", ("★★★", "★", "★★★★★")),
        ("words", ("good", "bad", "fair")),
    ):
        told = loads(IDS, outcomes=(1.0,) * 12, said=("Not used: rating",))
        yield case(f"outcomes as {name}", rated(cells), told)
    mixed = rated((1, "two", 3.5, "true", "2024-01-01", "-"))
    yield case("outcomes of many kinds", mixed, refused("'rating'", "8 of 12 rows", "row 2"))
    yield case("outcomes of flags", rated(("True", "False")), loads(IDS, said=("rating",)))
    many = [(NAMES[i % 5], f"i{i % 7}", "" if i % 3 else 4) for i in range(30)]
    yield case("most outcomes are missing", text_of(many), refused("'rating'", "20 of 30 rows", "row 2"))
    none = rated(("",))
    yield case("all outcomes are missing", none, loads(IDS, outcomes=(1.0,) * 12, said=("rating",)))
    events = rated(("view", "purchase", "banana", "cart"), "event")
    said = ("view 1", "purchase 5", "cart 3", "banana 1")
    yield case("an event nobody knows", events, loads(counted((1, 5, 1, 3)), said=said))
    unknown = rated(("zap", "zip", "zup"), "event")
    yield case("events nobody knows", unknown, loads(IDS, outcomes=(1.0,) * 12, said=("event",)))
    empty = rated(("view", "cart", "purchase", ""), "event")
    yield case("an event is missing", empty, refused("'event'", "3 of 12 rows", "row 4"))
