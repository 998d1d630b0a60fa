"""Moments: every notation that is sure, a note where it is not, the row where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.dataset.corpus.case import HEADER, ROWS, Case, Loads, case, loads, refused, text_of

SECOND = 1_700_000_000
DAY = 86_400


def timed(cells: Sequence[object], column: str = "timestamp") -> str:
    """Return the twelve rows with these timestamps, again and again."""
    rows = [(*row, cells[i % len(cells)]) for i, row in enumerate(ROWS)]
    return text_of(rows, (*HEADER, column))


def known(times: Sequence[str], *said: str) -> Loads:
    """Return the rows that `timed` must give."""
    return loads(ROWS, times=tuple(times[i % len(times)] for i in range(12)), said=said)


def spoilt(cell: object) -> str:
    """Return days of January, the fourth replaced."""
    days = [f"2024-01-{day:02d}" for day in range(1, 13)]
    return timed([*days[:3], cell, *days[4:]])


TWO = ("2023-11-14T22:13:20", "2023-11-15T22:13:20")

READ: dict[str, tuple[Sequence[object], Sequence[str], tuple[str, ...]]] = {
    "seconds": ((SECOND, SECOND + DAY), TWO, ("Unix seconds",)),
    "milliseconds": ((SECOND * 1000, (SECOND + DAY) * 1000), TWO, ("Unix milliseconds",)),
    "microseconds": ((SECOND * 10**6, (SECOND + DAY) * 10**6), TWO, ("Unix microseconds",)),
    "nanoseconds": ((SECOND * 10**9, (SECOND + DAY) * 10**9), TWO, ("Unix nanoseconds",)),
    "seconds with fractions": ((f"{SECOND}.0", f"{SECOND + DAY}.0"), TWO, ("Unix seconds",)),
    "iso": (("2023-11-14T22:13:20", "2023-11-15 22:13:20"), TWO, ()),
    "iso of several zones": (("2023-11-14T22:13:20Z", "2023-11-16T03:43:20+05:30"), TWO, ()),
    "days as numbers": (
        (20240131, 20231201), ("2024-01-31T00:00:00", "2023-12-01T00:00:00"), ("YYYYMMDD",),
    ),
    "days first, surely": (
        ("31/01/2024", "01/12/2023"), ("2024-01-31T00:00:00", "2023-12-01T00:00:00"), ("%d/%m/%Y",),
    ),
    "months first, surely": (
        ("01/31/2024", "12/01/2023"), ("2024-01-31T00:00:00", "2023-12-01T00:00:00"), ("%m/%d/%Y",),
    ),
    "day or month first": (
        ("03/04/2024", "05/06/2024"), ("2024-03-04T00:00:00", "2024-05-06T00:00:00"), ("could be either",),
    ),
    "points between": (
        ("31.01.2024", "01.12.2023"), ("2024-01-31T00:00:00", "2023-12-01T00:00:00"), ("%d.%m.%Y",),
    ),
    "two digits of the year": (
        ("31/01/24", "01/12/98"), ("2024-01-31T00:00:00", "1998-12-01T00:00:00"), ("%d/%m/%y",),
    ),
    "before 1970, as text": (
        ("1969-07-20", "1955-11-05"), ("1969-07-20T00:00:00", "1955-11-05T00:00:00"), (),
    ),
    "before 1970, as numbers": (
        (-86400, -172800), ("1969-12-31T00:00:00", "1969-12-30T00:00:00"), ("1990",),
    ),
    "far in the future": (
        ("2190-01-01", "2024-01-01"), ("2190-01-01T00:00:00", "2024-01-01T00:00:00"), ("future",),
    ),
    "a leap day": (("2024-02-29", "2000-02-29"), ("2024-02-29T00:00:00", "2000-02-29T00:00:00"), ()),
    "as a mail has them": (
        ("Tue, 14 Nov 2023 22:13:20 GMT", "Wed, 15 Nov 2023 22:13:20 GMT"), TWO, (),
    ),
    "a clock of twelve hours": (("11/14/2023 10:13:20 PM", "11/15/2023 10:13:20 PM"), TWO, ()),
}  # fmt: skip

NO_MOMENT = (
    "", "NaN", "never", "0000-00-00", "0000-01-01", "9999-12-31", "1600-01-01", "2024-02-30", "2023-02-29",
    "2024-13-01", "2024-01-01 25:00", "13.04.2024", "inf", "-", "1.7e9",
)  # fmt: skip


def cases() -> Iterator[Case]:
    for name, (cells, times, said) in READ.items():
        yield case(f"times: {name}", timed(cells), known(times, *said))
    for cell in NO_MOMENT:
        words = ("'timestamp'", "1 of 12 rows", "row 4")
        yield case(f"one time is {cell!r}", spoilt(cell), refused(*words))
    number = ("NaN", "inf", "-inf", "", "1e30", "9223372036854775808")
    for cell in number:
        cells = [SECOND + DAY * i for i in range(12)]
        text = timed([*cells[:3], cell, *cells[4:]])
        yield case(f"one second is {cell!r}", text, refused("'timestamp'", "1 of 12 rows", "row 4"))
    seconds = [SECOND + DAY * i for i in range(12)]
    some = [second * 1000 if i in (3, 7) else second for i, second in enumerate(seconds)]
    yield case("milliseconds beside seconds", timed(some), refused("'timestamp'", "2 of 12 rows", "row 4"))
    # Seconds read as milliseconds are a day of January 1970: no row is wrong by itself, but they are strays.
    many = [(*row, SECOND * (1 if i == 500 else 1000) + i) for i, row in enumerate(ROWS * 50)]
    strays = loads(many, outcomes=None, said=("1 long before (from 1970-01-20)",))
    yield case("a second beside milliseconds", text_of(many, (*HEADER, "timestamp")), strays)
    sheet = [45_000 + i for i in range(12)]
    yield case("days as a spreadsheet counts them", timed(sheet, "date"), loads(ROWS, said=("1990",)))
    months = ("3. März 2024", "4. Mai 2024", "1. Juni 2024")
    yield case("months of another language", timed(months, "date"), loads(ROWS, said=("Not used: date",)))
    mixed = [f"2024-01-{d:02d}" if d % 2 else f"01/{d:02d}/2024" for d in range(1, 13)]
    yield case("two notations, half and half", timed(mixed), refused("'timestamp'", "6 of 12 rows"))
    none = timed(("",))
    yield case("all times are missing", none, refused("'timestamp'", "12 of 12 rows", "row 1"))
