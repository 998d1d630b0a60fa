"""Several files together that contradict one another, or of which some are broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skrec_lite.dataset import Loaded
from tests.dataset.corpus.archives import zipped
from tests.dataset.corpus.case import GOODS, HEADER, NAMES, ROWS, Case, Files, case, loads, refused, text_of

TITLES = [(item, item.upper(), 3 + i) for i, item in enumerate(GOODS)]
ITEM_HEADER = ("item_id", "title", "price")
OK = loads(ROWS)
UNKNOWN = ("No item of the interactions is in the item table",)


def files(*named: tuple[str, Sequence[Sequence[object]], Sequence[str]]) -> Files:
    """Return tables as CSV files."""
    return [(name, text_of(rows, header).encode()) for name, rows, header in named]


MINE = ("mine.csv", ROWS, HEADER)


def cases() -> Iterator[Case]:
    yield from _items()
    yield from _interactions()
    yield from _splits()
    yield from _broken()


def _items() -> Iterator[Case]:
    def titled(loaded: Loaded) -> None:
        assert loaded.tables.items is not None
        assert loaded.tables.items["TITLE"].tolist() == [row[1] for row in TITLES]

    yield case("items beside", files(MINE, ("items.csv", TITLES, ITEM_HEADER)), loads(ROWS, check=titled))
    other = [(f"x{i}", "X", 1) for i in range(4)]
    expect = loads(ROWS, said=UNKNOWN)
    yield case("items of other ids", files(MINE, ("items.csv", other, ITEM_HEADER)), expect)
    strangers = [("sku-1", "X", 1), ("sku-2", "Y", 2)]
    expect = loads(ROWS, said=("no column that lists the items",))
    yield case("a table of something else", files(MINE, ("other.csv", strangers, ("sku", "t", "p"))), expect)

    def first_kept(loaded: Loaded) -> None:
        titled(loaded)
        assert loaded.tables.items is not None
        assert len(loaded.tables.items) == len(GOODS)

    more = [(item, title + "!", price + 1) for item, title, price in TITLES]
    two = files(MINE, ("a.csv", TITLES, ITEM_HEADER), ("b.csv", more, ITEM_HEADER))
    said = ("4 of its 4 rows are in an earlier file too: of TITLE, price the first was kept",)
    yield case("two tables disagree about items", two, loads(ROWS, said=said, check=first_kept))
    thrice = files(MINE, ("items.csv", TITLES * 3, ITEM_HEADER))
    yield case("items thrice in their table", thrice, loads(ROWS, said=("one in a row",)))
    others = [(f"o{i}", f"Other {i}", i) for i in range(20)]
    twice = files(MINE, ("items.csv", [*TITLES, *others, ("tea", "Another", 9)], ITEM_HEADER))
    expect = loads(ROWS, said=("1 rows repeat an item id ('tea'", "the first of each was kept"))
    yield case("an item twice in its table", twice, expect)
    evil = [(item, "<img src=x onerror=alert(1)>", 1) for item in GOODS]
    yield case("titles of html", files(MINE, ("items.csv", evil, ITEM_HEADER)), OK)
    spelled = [(item.capitalize(), title, price) for item, title, price in TITLES]
    yield case(
        "items in other capitals", files(MINE, ("items.csv", spelled, ITEM_HEADER)), loads(ROWS, said=UNKNOWN)
    )
    numbers = [(user, f"{7 + GOODS.index(item):03d}", rating) for user, item, rating in ROWS]
    plain = [(str(7 + i), item, i) for i, item in enumerate(GOODS)]
    # 007 in one file and 7 in the other are two ids: joining them would be a guess.
    pair = files(("mine.csv", numbers, HEADER), ("items.csv", plain, ITEM_HEADER))
    yield case("zeros in one file only", pair, loads(numbers, said=UNKNOWN))
    ids = [(user, 1 + GOODS.index(item), rating) for user, item, rating in ROWS]
    gaps = text_of([(f"{n}.0", "x", n) for n in range(1, 5)], ITEM_HEADER)
    pair = [*files(("mine.csv", ids, HEADER)), ("items.csv", gaps.encode())]

    def known(loaded: Loaded) -> None:
        assert loaded.tables.items is not None
        assert loaded.tables.items["ITEM_ID"].tolist() == ["1", "2", "3", "4"]

    yield case("whole numbers with the point that a gap brought", pair, loads(ids, check=known))
    nameless = files(MINE, ("items.csv", [*TITLES, ("", "Nothing", 9)], ITEM_HEADER))
    yield case("an item without an id", nameless, refused("items.csv", "1 of 5 rows", "row 5"))
    ages = [(name, 20 + i) for i, name in enumerate(NAMES)]
    older = [(name, 30 + i) for i, name in enumerate(NAMES)]
    users = files(MINE, ("a.csv", ages, ("user_id", "age")), ("b.csv", older, ("user_id", "age")))
    yield case(
        "two tables disagree about users",
        users,
        loads(ROWS, said=("5 of its 5 rows are in an earlier file too: of age the first",)),
    )


def _interactions() -> Iterator[Case]:
    other = [(f"c{i}", f"p{i % 3}", i) for i in range(6)]
    two = files(MINE, ("orders.csv", other, ("customer", "product", "quantity")))
    yield case("two tables of interactions", two, loads(ROWS, said=("orders.csv",)))
    later = [(user, item, 5) for user, item, _ in ROWS]
    months = files(("jan.csv", ROWS, HEADER), ("feb.csv", later, HEADER))
    yield case("two months", months, loads([*ROWS, *later]))
    same = files(MINE, ("mine (1).csv", ROWS, HEADER))
    yield case("the same file twice", same, loads(ROWS, said=("same as mine.csv",)))
    yield case("two files of one name", files(MINE, MINE), loads(ROWS, said=("same as mine.csv",)))
    numbers = [(str(i), str(7 + i % 3), 1) for i in range(6)]
    texts = [(str(i), f"00{7 + i % 3}", 1) for i in range(6)]
    kinds = files(("a.csv", numbers, HEADER), ("b.csv", texts, HEADER))
    yield case("ids are numbers in one file and texts in the next", kinds, loads([*numbers, *texts]))
    timed = [(*row, f"2024-01-{i + 1:02d}") for i, row in enumerate(ROWS)]
    never = [(*row, "n/a") for row in ROWS[:4]]
    header = (*HEADER, "timestamp")
    bad = files(("a.csv", timed, header), ("b.csv", never, header))
    yield case("no times in one of two files", bad, refused("b.csv", "'timestamp'", "4 of 4 rows"))


def _splits() -> Iterator[Case]:
    train = [(user, "007", rating) for user, _, rating in ROWS]
    test = [(user, "7", rating) for user, _, rating in ROWS[:3]]

    def split(loaded: Loaded) -> None:
        assert loaded.tables.interactions["SPLIT"].tolist() == ["train"] * 12 + ["test"] * 3

    pair = files(("test.csv", test, HEADER), ("train.csv", train, HEADER))
    yield case("007 to train on and 7 to test on", pair, loads([*train, *test], check=split))
    lines = [("train.txt", b"1 10 11 12\n2 10\n3 12 13\n"), ("test.txt", b"1 13\n2 11\n3 10\n")]
    rows = [(1, 10), (1, 11), (1, 12), (2, 10), (3, 12), (3, 13), (1, 13), (2, 11), (3, 10)]
    yield case("adjacency lines", lines, loads(rows, said=("LightGCN",)))
    zeros = [("train.txt", b"01 1 2 03\n1 2 3\n"), ("test.txt", b"01 007\n1 7\n")]
    rows2 = [("01", "1"), ("01", "2"), ("01", "03"), ("1", "2"), ("1", "3"), ("01", "007"), ("1", "7")]
    yield case("adjacency lines with leading zeros", zeros, loads(rows2))


def _broken() -> Iterator[Case]:
    good = files(MINE)
    junk = ("junk.dat", bytes(range(256)) * 20)
    yield case("a good file and junk", [*good, junk], loads(ROWS, said=("cannot be read", "junk.dat")))
    yield case(
        "a good file and an empty one", [*good, ("none.csv", b"")], loads(ROWS, said=("none.csv is empty",))
    )
    yield case("a good file and a header", [*good, ("h.csv", b"a,b\n")], loads(ROWS, said=("h.csv",)))
    yield case("junk twice", [junk, ("more.dat", junk[1])], refused("junk.dat"))
    yield case("two empty files", [("a.csv", b""), ("b.csv", b"")], refused("a.csv is empty"))
    items = files(("items.csv", TITLES, ITEM_HEADER))
    cut = zipped(("mine.csv", text_of(ROWS).encode()))[:-30]
    yield case("items and a cut archive", [*items, ("x.zip", cut)], refused("x.zip", "cut off"))
    recipe = ("recipe.json", b'{"skrec_lite_recipe": 1, "tables": 3}')
    yield case("a good file and a broken recipe", [*good, recipe], refused("recipe.json"))
    stale = b'{"skrec_lite_recipe": 1, "tables": [{"file": "o.csv", "role": "interactions", '
    stale += b'"columns": {"user": "who", "item": "what"}}]}'
    yield case("a recipe for other files", [*good, ("r.json", stale)], refused("o.csv", "'who'"))
    script = b'{"skrec_lite_recipe": 1, "tables": [{"file": "../../x", "role": "interactions"}]}'
    yield case("a recipe that names a path", [*good, ("r.json", script)], refused("mine.csv", "user"))
    parts = zipped(("a/mine.csv", text_of(ROWS).encode()), ("a/items.csv", items[0][1]), ("b.exe", b"MZ"))
    yield case("a whole archive with a program", [("all.zip", parts)], loads(ROWS, said=("b.exe",)))
