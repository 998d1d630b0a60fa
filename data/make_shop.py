"""Make the second sample: a shop's products, and what its visitors viewed, put into the cart and bought.

    python data/make_shop.py                                     # rewrites the committed sample
    python data/make_shop.py --visitors 20000 --products 8000 --out big

`shop` says how products come about, `shoppers` what people look at and `shop_events` what they buy. All of
it is made up. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

HERE: Final = Path(__file__).resolve().parent
if __package__ in (None, ""):  # run as a script, Python looks for modules in data/, not beside it
    sys.path.insert(0, str(HERE.parent))

from data.shop import FIRST_DAY, make_catalogue, product_ids  # noqa: E402
from data.shop_events import EVENTS, make_events  # noqa: E402

DEFAULTS: Final = {"n_visitors": 1_500, "n_products": 1_200, "seed": 10}
LEAST: Final = 50  # products: with fewer, most pursuits would have none


def generate(
    n_visitors: int = DEFAULTS["n_visitors"],
    n_products: int = DEFAULTS["n_products"],
    seed: int = DEFAULTS["seed"],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return events and products.

    Returns
    -------
    events : DataFrame
        ``timestamp`` (int64, milliseconds since 1970), ``visitor_id`` (str, five digits with leading zeros),
        ``event`` (``view``, ``cart`` or ``purchase``) and ``product_id`` (str), sorted by time; no visitor
        does two things in the same millisecond.
    products : DataFrame
        ``product_id, name, category, brand, price, avg_rating, tags, description, listed_on``;
        ``avg_rating`` is NaN for products too new to have reviews.

    Raises
    ------
    ValueError
        If there is no visitor, or fewer than `LEAST` products.
    """
    if n_visitors < 1 or n_products < LEAST:
        raise ValueError(
            f"The shop needs at least 1 visitor and {LEAST} products. "
            f"Got {n_visitors:,} and {n_products:,} instead."
        )
    shop = make_catalogue(n_products, np.random.default_rng([seed, 0]))
    made = make_events(shop, n_visitors, np.random.default_rng([seed, 1]))
    ids = np.array(product_ids(np.arange(n_products)), dtype=object)
    events = pd.DataFrame(
        {
            "timestamp": FIRST_DAY.astype(np.int64) + made.at,
            "visitor_id": [f"{number + 1:05d}" for number in made.shopper.tolist()],
            "event": np.array(EVENTS, dtype=object)[made.kind],
            "product_id": ids[made.item],
        }
    )
    return events, shop.frame


def write_shop(folder: Path, n_visitors: int, n_products: int, seed: int) -> tuple[Path, Path]:
    """Write what `generate` returns as ``shop_events.csv.gz`` and ``shop_products.csv``; return the paths.

    Raises
    ------
    ValueError
        As `generate`.
    """
    events, products = generate(n_visitors, n_products, seed)
    folder.mkdir(parents=True, exist_ok=True)
    events_path, products_path = folder / "shop_events.csv.gz", folder / "shop_products.csv"
    products.to_csv(products_path, index=False, lineterminator="\n")
    text = events.to_csv(index=False, lineterminator="\n")
    # No name and no time in the gzip header: they would make two equal files differ.
    with events_path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as packed:
        packed.write(text.encode("ascii"))
    return events_path, products_path


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visitors", type=int, default=DEFAULTS["n_visitors"])
    parser.add_argument("--products", type=int, default=DEFAULTS["n_products"])
    parser.add_argument("--seed", type=int, default=DEFAULTS["seed"])
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="folder to write to (default: data/)"
    )
    given = parser.parse_args(arguments)
    try:
        written = write_shop(given.out, given.visitors, given.products, given.seed)
    except ValueError as problem:
        parser.error(str(problem))
    for path in written:
        print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
