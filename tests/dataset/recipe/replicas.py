"""Small replicas of public data sets, laid out as their publishers lay them out."""

import gzip
import io
import json
import zipfile

import numpy as np

USERS, ITEMS = 12, 20
SOME_USERS = range(1, USERS + 1)


def pairs(seed=0, n_users=USERS, n_items=ITEMS):
    """Return rows (user, item, rating, second): every user has at least three."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(1, n_users + 1):
        for item in rng.choice(n_items, size=rng.integers(3, 8), replace=False) + 1:
            rows.append((user, int(item), int(rng.integers(1, 6)), 978_300_000 + len(rows) * 3600))
    return rows


def lines(rows, separator, header=None):
    text = [separator.join(map(str, row)) for row in rows]
    return ("\n".join(([header] if header else []) + text) + "\n").encode()


def json_lines(records):
    return "\n".join(map(json.dumps, records)).encode()


def zipped(files, folder=""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(folder + name, content)
    return buffer.getvalue()


GENRES = ("Action", "Comedy", "Drama")


def ml_100k():
    flags = [
        f"{item}|Film {item} (199{item % 10})|01-Jan-199{item % 10}||http://x/{item}|"
        for item in range(1, ITEMS + 1)
    ]
    items = "\n".join(
        line + "|".join("1" if (n + k) % 5 == 0 else "0" for k in range(19)) for n, line in enumerate(flags)
    )
    users = "\n".join(
        f"{user}|{20 + user}|{'MF'[user % 2]}|writer|1000{user}" for user in range(1, USERS + 1)
    )
    return [
        ("u.data", lines(pairs(), "\t")),
        ("u.item", items.replace("Film 3", "Fílm 3").encode("latin-1")),
        ("u.user", users.encode()),
        ("u.genre", b"unknown|0\nAction|1\n"),
        ("u1.base", lines(pairs()[:9], "\t")),
        ("u1.test", lines(pairs()[9:12], "\t")),
    ]


def ml_1m():
    movies = [(item, f"Film {item} (1999)", GENRES[item % 3]) for item in range(1, ITEMS + 1)]
    users = [(user, "MF"[user % 2], 25, user % 7, "0" + str(4000 + user)) for user in range(1, USERS + 1)]
    return [
        ("ratings.dat", lines(pairs(), "::")),
        ("movies.dat", lines(movies, "::")),
        ("users.dat", lines(users, "::")),
    ]


def ml_latest():
    movies = [(item, f'"Film {item}, The (1999)"', "Action|Drama") for item in range(1, ITEMS + 1)]
    tags = [(1, 3, "funny", 978_300_000), (2, 3, "Funny", 978_300_001), (2, 3, "dark", 978_300_002)]
    return [
        ("ratings.csv", lines(pairs(), ",", "userId,movieId,rating,timestamp")),
        ("movies.csv", lines(movies, ",", "movieId,title,genres")),
        ("tags.csv", lines(tags, ",", "userId,movieId,tag,timestamp")),
        ("links.csv", lines([(1, "0114709", 862)], ",", "movieId,imdbId,tmdbId")),
    ]


def reviewer(user):
    return f"A{user:02d}SUAM1J3GNN3B"


def asin(item):
    return f"B0000{item:05d}" if item % 2 else f"{item:09d}X"


def amazon_csv(item_first=False):
    rows = [
        (asin(i), reviewer(u), float(r), t) if item_first else (reviewer(u), asin(i), float(r), t)
        for u, i, r, t in pairs()
    ]
    return [("ratings_Books.csv", lines(rows, ","))]


def amazon_json():
    reviews = [
        {
            "reviewerID": reviewer(u), "asin": asin(i), "overall": float(r), "unixReviewTime": t,
            "verified": True, "reviewText": "Fine, by and large.", "reviewTime": "09 18, 2019",
        }
        for u, i, r, t in pairs()
    ]  # fmt: skip
    # Metadata of 2014 are Python dictionaries, not JSON.
    items = [
        {
            "asin": asin(item),
            "title": f"Book {item}",
            "price": 3.5 + item,
            "categories": [["Books", "Fiction"]],
        }
        for item in range(1, ITEMS + 1)
    ]
    return [
        ("Books_5.json.gz", gzip.compress(json_lines(reviews))),
        ("meta_Books.json.gz", gzip.compress("\n".join(map(repr, items)).encode())),
    ]


def amazon_2023():
    reviews = [
        {
            "user_id": f"AE{u:04d}XYZ",
            "parent_asin": asin(i),
            "asin": asin(i),
            "rating": float(r),
            "timestamp": t * 1000,
        }
        for u, i, r, t in pairs()
    ]
    items = [
        {
            "parent_asin": asin(item), "title": f"Book {item}", "main_category": "Books",
            "average_rating": 4.5, "price": 9.99, "store": "Shop", "categories": ["Books", "Fiction"],
            "details": {"Pages": "12"},
        }
        for item in range(1, ITEMS + 1)
    ]  # fmt: skip
    return [("Books.jsonl", json_lines(reviews)), ("meta_Books.jsonl", json_lines(items))]


def retail_rocket():
    kinds = ("view", "addtocart", "transaction")
    events = [(t * 1000, u, kinds[r % 3], i, "" if r % 3 < 2 else 7) for u, i, r, t in pairs()]
    first = [(1_435_000_000_000, item, "categoryid", item % 4) for item in range(1, ITEMS + 1)]
    second = [(1_436_000_000_000, item, "790", f"n{item}.000") for item in range(1, ITEMS + 1)]
    second += [(1_437_000_000_000, 1, "categoryid", 9)]
    header = "timestamp,itemid,property,value"
    return [
        ("events.csv", lines(events, ",", "timestamp,visitorid,event,itemid,transactionid")),
        ("item_properties_part1.csv", lines(first, ",", header)),
        ("item_properties_part2.csv", lines(second, ",", header)),
        ("category_tree.csv", b"categoryid,parentid\n1,\n2,1\n"),
    ]


def steam():
    reviews = [
        {
            "username": f"gamer {u}",
            "product_id": str(i),
            "hours": r * 1.5,
            "date": f"2017-0{1 + i % 9}-1{u % 9}",
        }
        for u, i, r, t in pairs()
    ]
    games = [
        {"id": str(i), "app_name": f"Game {i}", "genres": ["Action", "Indie"]} for i in range(1, ITEMS + 1)
    ]
    return [
        ("steam_reviews.json", "\n".join(map(repr, reviews)).encode()),
        ("steam_games.json", "\n".join(map(repr, games)).encode()),
    ]


def goodreads():
    shelves = [
        {
            "user_id": f"{u:08x}", "book_id": str(i), "is_read": True, "rating": r % 6,
            "date_added": f"Sat Nov {1 + u:02d} 07:57:31 -0800 2014",
        }
        for u, i, r, t in pairs()
    ]  # fmt: skip
    books = [
        {"book_id": str(i), "title": f"Book {i}", "average_rating": "4.00", "num_pages": str(100 + i)}
        for i in range(1, ITEMS + 1)
    ]
    return [
        ("goodreads_interactions_poetry.json.gz", gzip.compress(json_lines(shelves))),
        ("goodreads_books_poetry.json.gz", gzip.compress(json_lines(books))),
    ]


def light_gcn():
    def adjacency(rows):
        by_user = {}
        for u, i, *_ in rows:
            by_user.setdefault(u - 1, []).append(i - 1)
        return "\n".join(" ".join(map(str, (u, *items))) for u, items in by_user.items()).encode()

    rows = pairs()
    test = {u: place for place, (u, *_) in enumerate(rows)}.values()
    return [
        ("train.txt", adjacency([row for place, row in enumerate(rows) if place not in test])),
        ("test.txt", adjacency([row for place, row in enumerate(rows) if place in test])),
        ("item_list.txt", lines([(f"x{n}", n) for n in range(ITEMS)], " ", "org_id remap_id")),
        ("user_list.txt", lines([(f"y{n}", n) for n in range(USERS)], " ", "org_id remap_id")),
    ]


def recbole(split=False):
    header = "user_id:token\titem_id:token\trating:float\ttimestamp:float"
    items = [(f"{i:03d}", f"Film {i}", "Action Drama") for i in range(1, ITEMS + 1)]
    rows = [(f"{u:02d}", f"{i:03d}", float(r), float(t)) for u, i, r, t in pairs()]
    inter = (
        [
            (f"mine.{part}.inter", lines(rows[place::3], "\t", header))
            for place, part in enumerate(("train", "valid", "test"))
        ]
        if split
        else [("mine.inter", lines(rows, "\t", header))]
    )
    return [
        *inter,
        ("mine.item", lines(items, "\t", "item_id:token\ttitle:token_seq\tgenre:token_seq")),
        (
            "mine.user",
            lines([(f"{u:02d}", 30 + u) for u in range(1, USERS + 1)], "\t", "user_id:token\tage:float"),
        ),
    ]
