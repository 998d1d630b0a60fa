"""Tables laid out oddly: lines, separators, headers, what stands above and below."""

from __future__ import annotations

from collections.abc import Iterator

from tests.dataset.corpus.case import HEADER, ROWS, Case, case, loads, refused, text_of

TEXT = text_of(ROWS)
LINES = TEXT.splitlines()
BARE = "".join(line + "\n" for line in LINES[1:])


def cases() -> Iterator[Case]:
    yield from _lines()
    yield from _separators()
    yield from _headers()
    yield from _around()
    yield from _ragged()
    yield from _quotation()
    yield from _small()


def _lines() -> Iterator[Case]:
    ok = loads(ROWS)
    yield case("lines end with cr", TEXT.replace("\n", "\r"), ok)
    yield case("lines end with cr lf", TEXT.replace("\n", "\r\n"), ok)
    ends = ("\n", "\r\n")
    yield case("lines end both ways", "".join(line + ends[i % 2] for i, line in enumerate(LINES)), ok)
    ends3 = ("\n", "\r\n", "\r")
    yield case("lines end three ways", "".join(line + ends3[i % 3] for i, line in enumerate(LINES)), ok)
    yield case("no end of the last line", TEXT.rstrip("\n"), ok)
    yield case("empty lines between", TEXT.replace("\n", "\n\n"), ok)
    yield case("empty lines around", "\n\n\n" + TEXT + "\n" * 50, ok)
    yield case("lines of blanks at the end", TEXT + "  \n \n", refused("line 14"))
    rows = [*ROWS[:5], ("", "", ""), ("", "", ""), *ROWS[5:]]
    yield case("rows without anything", text_of(rows), loads(ROWS, said=("2 of 14 rows were dropped",)))


def _separators() -> Iterator[Case]:
    for name, separator in (("semicolons", ";"), ("tabs", "\t"), ("pipes", "|"), ("double colons", "::")):
        yield case(name, text_of(ROWS, separator=separator), loads(ROWS))
    yield case("blanks", text_of(ROWS, separator=" "), loads(ROWS))
    yield case("columns lined up with blanks", "".join(_padded(row) for row in [HEADER, *ROWS]), loads(ROWS))
    for name, separator in (("carets", "^"), ("hive's \\x01", "\x01"), ("tildes", "~")):
        yield case(name, text_of(ROWS, separator=separator), refused("mine.csv"))
    half = [(user, item, rating + 0.5) for user, item, rating in ROWS]
    commas = text_of(
        [(user, item, str(rating).replace(".", ",")) for user, item, rating in half], separator=";"
    )
    yield case("semicolons and decimal commas", commas, loads(half))
    yield case("a separator after each line", TEXT.replace("\n", ",\n"), loads(ROWS))
    after_rows = "\n".join([LINES[0], *(line + "," for line in LINES[1:])])
    yield case("a separator after each row but the header", after_rows, refused("line 1", "3 cells"))
    marked = "".join("| " + " | ".join(map(str, row)) + " |\n" for row in [HEADER, ("---",) * 3, *ROWS])
    yield case("a table of markdown", marked, refused("row 1", "---"))


def _padded(row: tuple[object, ...]) -> str:
    return "".join(f"{cell!s:<12}" for cell in row).rstrip() + "\n"


def _headers() -> Iterator[Case]:
    yield case("no header", BARE, loads(ROWS))
    twice = text_of([(*row, "x") for row in ROWS], (*HEADER, "rating"))
    yield case("two columns of one name", twice, loads(ROWS, said=("rating_2",)))
    same = text_of([(*row[:2], *row[1:]) for row in ROWS], ("id", "id", "id", "id"))
    yield case("all columns of one name", same, loads([row[:2] for row in ROWS], said=("id_2",)))
    blank = text_of([(*row, i) for i, row in enumerate(ROWS)], (*HEADER, ""))
    yield case("one name is blank", blank, loads(ROWS, said=("column_4",)))
    index = text_of([(i, *row) for i, row in enumerate(ROWS)], ("", *HEADER))
    yield case("pandas' index in front", index, loads(ROWS))
    named = "\n".join([LINES[0], *(f"{i},{line}" for i, line in enumerate(LINES[1:]))])
    yield case("r's row names, which have no header", named, refused("line 1"))
    yield case(
        "names in capitals and blanks", TEXT.replace("user_id,item_id", " USER ID ,Item Id"), loads(ROWS)
    )
    yield case(
        "names in quotation marks", TEXT.replace(LINES[0], '"user_id","item_id","rating"'), loads(ROWS)
    )
    long = text_of([(*row, 1) for row in ROWS], (*HEADER, "x" * 100_000))
    yield case("a name of 100 kB", long, loads(ROWS))
    evil = text_of([(*row, "a") for row in ROWS], (*HEADER, "<script>alert(1)</script>"))
    yield case("a name of html", evil, loads(ROWS))
    forged = text_of(
        [(user, item, 1, rating) for user, item, rating in ROWS], ("a", "b", "USER_ID", "rating")
    )
    yield case("the lab's own name on another column", forged, loads([("1", user, r) for user, _, r in ROWS]))
    yield case(
        "two rows of headers", "\n".join([LINES[0], "text,text,1-5", *LINES[1:]]), refused("row 1", "1-5")
    )
    again = "\n".join([*LINES[:6], LINES[0], *LINES[6:]])
    yield case("the header again in the middle", again, refused("repeats the header", "row 6"))
    bare = [",".join(map(str, row[:2])) for row in [HEADER, *ROWS]]
    again = "\n".join([*bare[:6], bare[0], *bare[6:]])
    # Nothing but text: only that it is the header itself shows that it is no interaction.
    yield case("the header again among texts", again, refused("repeats the header", "row 6"))


def _around() -> Iterator[Case]:
    yield case(
        "comments above",
        "# exported by shop 1.2\n# 2024-01-01\n" + TEXT,
        loads(ROWS, said=("2 lines above",)),
    )
    yield case("a title above", "Ratings of 2024\n" + TEXT, loads(ROWS, said=("Ratings of 2024",)))
    yield case(
        "a title and an empty line above", "Ratings of 2024\n\n" + TEXT, loads(ROWS, said=("1 line above",))
    )
    yield case("excel's sep line", "sep=;\n" + text_of(ROWS, separator=";"), loads(ROWS, said=("sep=;",)))
    padded = "Ratings of 2024,,\n,,\n" + TEXT
    yield case("a title as wide as the table", padded, loads(ROWS, said=("2 lines above",)))
    texts = "".join(",".join(map(str, row[:2])) + "\n" for row in [("Ratings of 2024", ""), HEADER, *ROWS])
    yield case("a title as wide as a table of texts", texts, loads([row[:2] for row in ROWS]))
    marked = "#" + text_of(ROWS)
    yield case("a header that begins with a hash", marked, loads(ROWS))
    first = "".join(",".join(map(str, row[:2])) + "\n" for row in [("ann", ""), *ROWS])
    yield case("a first row of data with a gap", first, loads([row[:2] for row in ROWS], said=("row 1",)))
    total = text_of([*ROWS, ("Total", "", 36)])
    yield case("a row of totals below", total, loads(ROWS, said=("1 of 13 rows were dropped", "row 13")))
    yield case("a count of rows below", TEXT + "(12 rows affected)\n", refused("line 14", "1 cells"))
    yield case("lines of dashes", "\n".join([LINES[0], "-------", *LINES[1:]]), refused("line 2"))
    empty = text_of([(*row, "", "") for row in ROWS], (*HEADER, "a", "b"))
    yield case("columns without anything", empty, loads(ROWS))
    between = text_of(
        [(row[0], "", row[1], "", row[2]) for row in ROWS], ("user_id", "", "item_id", "", "rating")
    )
    yield case("columns without anything between", between, loads(ROWS))


def _ragged() -> Iterator[Case]:
    yield case(
        "a line is short", "\n".join([*LINES[:7], "ann,tea", *LINES[7:]]), refused("line 8", "2 cells")
    )
    yield case("a line is long", "\n".join([*LINES[:7], "a,b,3,4", *LINES[7:]]), refused("line 8", "4 cells"))
    yield case("two lines are short", "\n".join([*LINES, "x", "y"]), refused("line 14", "2 such lines"))
    free = "\n".join([*LINES, "ann,tea, the green one,3"])
    yield case("a separator within a cell", free, refused("line 14", "quotation marks"))
    yield case("cut off within a line", TEXT[:-4], refused("line 13"))
    wide = "".join(",".join("x" * (1 + i % 7)) + "\n" for i in range(50))
    yield case("no two lines alike", wide, refused("line"))


def _quotation() -> Iterator[Case]:
    text = text_of([(user, f"{item}, green", rating) for user, item, rating in ROWS])
    yield case("a mark is not closed", text.replace('green",3', "green,3", 1), refused("line 4"))
    last = 'user_id,item_id\nann,tea\nbob,cup\ncid,"pot\n'
    rows = [("ann", "tea"), ("bob", "cup"), ("cid", '"pot')]
    yield case("a mark is not closed in the last cell", last, loads(rows, said=("do not pair up",)))
    yield case("a mark is not closed and takes lines with it", last + "dee\neve\n", refused("line"))
    inches = [(user, f'{item} 5" wide', rating) for user, item, rating in ROWS]
    plain = "".join(",".join(map(str, row)) + "\n" for row in [HEADER, *inches])
    yield case("marks within cells, as inches", plain, loads(inches))
    single = "".join(f"'{u}','{i}',{r}\n" for u, i, r in ROWS)
    yield case("single marks are letters", single, loads([(f"'{u}'", f"'{i}'", r) for u, i, r in ROWS]))
    escaped = "user_id,item_id,rating\n" + "".join(f'{u},"{i}\\"s, big",{r}\n' for u, i, r in ROWS)
    yield case("marks escaped by backslashes", escaped, refused("line", "quotation marks"))
    yield case("a lone mark", '"', refused("mine.csv"))
    yield case("marks only", '"' * 1001, refused("mine.csv"))


def _small() -> Iterator[Case]:
    for name, content in (("empty", ""), ("line ends only", "\n\r\n\n"), ("blanks only", " \t \n  ")):
        yield case(name, content, refused("is empty"))
    yield case("a byte order mark only", b"\xef\xbb\xbf", refused("is empty"))
    yield case("a header only", "user_id,item_id,rating\n", refused("no rows"))
    yield case("a header without an end", "user_id,item_id,rating", refused("no rows"))
    yield case("one column", "user_id\nann\nbob\n", refused("only one column"))
    yield case("separators only", ",,\n,,\n,,\n", refused("mine.csv"))
    for name, rows in (
        ("one row", ROWS[:1]), ("one user", [("ann", *row[1:]) for row in ROWS]),
        ("one item", [(row[0], "tea", row[2]) for row in ROWS]), ("all rows alike", ROWS[:1] * 20),
        ("a table as narrow as can be", [("a", "b", 1)] * 3),
    ):  # fmt: skip
        yield case(name, text_of(rows), loads(rows))
    yield case("two columns of numbers", "1,2\n3,4\n5,6\n1,4\n", loads([(1, 2), (3, 4), (5, 6), (1, 4)]))
    yield case("prose", "It was a dark night, and\nit rained; the wind\n\nblew.\n" * 20, refused("mine.csv"))
