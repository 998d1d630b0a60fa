"""Make the sample data: books, readers, and what they read over two years. All of it is made up.

    python data/make_sample.py                      # rewrites the committed sample
    python data/make_sample.py --users 6040 --items 3706 --interactions 1000000 --out big --format parquet

`bookshop` says how books come about and `readers` how they are chosen. Interactions are made and written
in blocks of readers, so memory does not grow with their number. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

HERE: Final = Path(__file__).resolve().parent
if __package__ in (None, ""):  # run as a script, Python looks for modules in data/, not beside it
    sys.path.insert(0, str(HERE.parent))

from data.bookshop import FIRST_DAY, Catalogue, make_catalogue  # noqa: E402
from data.readers import MAX_SHARE, Block, history_lengths, make_block, readers_per_block  # noqa: E402

DEFAULTS: Final = {"n_users": 2_000, "n_items": 1_500, "n_interactions": 150_000, "seed": 8}
FORMATS: Final = {"csv": (".csv.gz", ".csv"), "parquet": (".parquet", ".parquet")}
_ROWS_PER_WRITE: Final = 1_000_000


def generate(
    n_users: int = DEFAULTS["n_users"],
    n_items: int = DEFAULTS["n_items"],
    n_interactions: int = DEFAULTS["n_interactions"],
    seed: int = DEFAULTS["seed"],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return interactions and items in memory.

    Returns
    -------
    interactions : DataFrame
        ``user_id`` and ``item_id`` (int32, from 1), ``rating`` (float32), ``timestamp`` (datetime64[s]),
        sorted by user and time; no user has an item twice.
    items : DataFrame
        ``item_id, title, author, genres, price, avg_rating, year, pages``.

    Raises
    ------
    ValueError
        If there are fewer interactions than users, or more than the catalogue can give.
    """
    shop, blocks = _make(n_users, n_items, n_interactions, seed)
    return pa.concat_tables(_table(block) for block in blocks).to_pandas(), shop.frame


def write_sample(
    folder: Path, n_users: int, n_items: int, n_interactions: int, seed: int, file_format: str = "csv"
) -> tuple[Path, Path]:
    """Write the same data as `generate` to `folder`, block by block; return the two paths.

    Raises
    ------
    ValueError
        As `generate`.
    """
    shop, blocks = _make(n_users, n_items, n_interactions, seed)
    folder.mkdir(parents=True, exist_ok=True)
    suffix, items_suffix = FORMATS[file_format]
    interactions_path, items_path = (
        folder / f"sample_interactions{suffix}",
        folder / f"sample_items{items_suffix}",
    )
    if file_format == "csv":
        shop.frame.to_csv(items_path, index=False, lineterminator="\n")
    else:
        shop.frame.to_parquet(items_path, index=False)
    with _writer(interactions_path, file_format) as write:
        for table in _in_large_parts(_table(block) for block in blocks):
            write(table)
    return interactions_path, items_path


def _make(n_users: int, n_items: int, n_interactions: int, seed: int) -> tuple[Catalogue, Iterator[Block]]:
    most = n_users * int(MAX_SHARE * n_items)
    if not 1 <= n_users <= n_interactions <= most:
        raise ValueError(
            f"{n_users:,} users and {n_items:,} items can have {n_users:,} to {most:,} interactions "
            f"(a user takes at most {MAX_SHARE:.0%} of the items). Got {n_interactions:,} instead."
        )
    shop = make_catalogue(n_items, np.random.default_rng([seed, 0]))
    lengths = history_lengths(n_users, n_items, n_interactions, np.random.default_rng([seed, 1]))
    step = readers_per_block(n_items)
    return shop, (
        make_block(shop, first, lengths[first : first + step], np.random.default_rng([seed, 2, first]))
        for first in range(0, n_users, step)
    )


def _table(block: Block) -> pa.Table:
    return pa.table(
        {
            "user_id": (block.reader + 1).astype(np.int32),
            "item_id": (block.item + 1).astype(np.int32),
            "rating": block.rating,
            "timestamp": FIRST_DAY + block.second.astype("timedelta64[s]"),
        }
    )


def _in_large_parts(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Join small tables: a parquet row group of a few thousand rows would read slowly."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= _ROWS_PER_WRITE:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


@contextmanager
def _writer(path: Path, file_format: str) -> Iterator[Callable[[pa.Table], Any]]:
    if file_format == "parquet":
        schema = pa.schema(
            [
                ("user_id", pa.int32()),
                ("item_id", pa.int32()),
                ("rating", pa.float32()),
                ("timestamp", pa.timestamp("s")),
            ]
        )
        with pq.ParquetWriter(path, schema) as parquet:
            yield parquet.write_table
        return
    # No name and no time in the gzip header: they would make two equal files differ.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as packed:
        packed.write(b"user_id,item_id,rating,timestamp\n")
        yield lambda table: _write_csv(table, packed)


def _write_csv(table: pa.Table, target: BinaryIO | gzip.GzipFile) -> None:
    halves = np.array([f"{half / 2:.1f}" for half in range(11)])
    text = table.set_column(
        2, "rating", pa.array(halves[np.round(2 * table["rating"].to_numpy()).astype(int)])
    )
    text = text.set_column(3, "timestamp", pc.strftime(table["timestamp"], "%Y-%m-%dT%H:%M:%S"))
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none")
    pa.csv.write_csv(text, target, options)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--users", type=int, default=DEFAULTS["n_users"])
    parser.add_argument("--items", type=int, default=DEFAULTS["n_items"])
    parser.add_argument("--interactions", type=int, default=DEFAULTS["n_interactions"])
    parser.add_argument("--seed", type=int, default=DEFAULTS["seed"])
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="folder to write to (default: data/)"
    )
    parser.add_argument("--format", choices=FORMATS, default="csv")
    given = parser.parse_args(arguments)
    try:
        written = write_sample(
            given.out, given.users, given.items, given.interactions, given.seed, given.format
        )
    except ValueError as problem:
        parser.error(str(problem))
    for path in written:
        print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
