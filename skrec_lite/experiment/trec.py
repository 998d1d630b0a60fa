"""TREC files: pools, lists and held-out items as the field's outside evaluators read them.

A run file has one line a listed item, ``user Q0 item rank score tag``; the qrels have one line a held-out
item, ``user 0 item 1``. Three things make an evaluator reach the figures of this library:

- **Scores** are ``k + 1 - rank``, not the model's. ``trec_eval`` ignores the rank column, orders by score and
  breaks ties by document id; scores that fall by one keep the order in which the items were measured.
- **Qrels** hold every held-out item of every measured user, those that no retriever could find included: they
  are in the denominator of recall here, too.
- **Users with nothing retrieved** have no line in a run, since the format has no empty list. ``trec_eval -c``
  counts them as 0, as the figures here do; without ``-c`` it leaves them out of its means.

Ids must not hold blanks there: see `encode_id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal
from urllib.parse import quote, unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.result import ExperimentResult

Stage = Literal["pool", "list"]
STAGES: Final[tuple[Stage, ...]] = ("pool", "list")
FULL: Final = "full"
"""The key of the full-catalogue reference, which has lists and no pools."""

_UNFIT = re.compile(r"[\s%\x00-\x1f\x7f\ud800-\udfff]+")
_EMPTY = "%"
_LINES_AT_ONCE = 1 << 18


def encode_id(id_: str) -> str:
    """Return an id as one word without blanks: white space, control characters and ``%`` percent-encoded.

    The encoding is that of URLs (RFC 3986, section 2.1, on UTF-8), of these characters only; all other ids
    stay as they are. The empty id becomes a lone ``%``. `decode_id` is the way back.

    Examples
    --------
    >>> encode_id("The Hobbit, 50 %")
    'The%20Hobbit,%2050%20%25'
    """
    return _UNFIT.sub(lambda found: quote(found[0], safe="", errors="surrogatepass"), id_) if id_ else _EMPTY


def decode_id(word: str) -> str:
    """Return the id that `encode_id` made a word of."""
    return "" if word == _EMPTY else unquote(word, errors="surrogatepass")


def run_blocks(result: ExperimentResult, key: str, stage: Stage, tag: str | None = None) -> Iterator[str]:
    """Yield a run file in blocks of whole lines, users in the order of ``result.user_ids``.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        Of a retriever that took part, or ``"full"`` for the lists of the full catalogue, which may cover only
        some of the users: ``result.reference.users``.
    stage : {"pool", "list"}
        The candidates in the retriever's order, or the final list.
    tag : str, optional
        Names the run in its last column; ``key.stage`` by default.

    Raises
    ------
    InvalidParameterError
        For an unknown retriever or stage, or the pool of the full catalogue.
    """
    check_choice("stage", stage, STAGES)
    check_choice("retriever", key, list(result.runs) if stage == "pool" else [*result.runs, FULL])
    if key == FULL:
        item_index, users = result.reference.ranked.item_index, result.reference.users
    else:
        run = result.runs[key]
        item_index = run.candidates.item_index if stage == "pool" else run.ranked.item_index
        users = np.arange(len(item_index))
    return _run_blocks(item_index, users, result, encode_id(tag or f"{key}.{stage}"))


def trec_run(result: ExperimentResult, key: str, stage: Stage, tag: str | None = None) -> str:
    """Return a run file as one text; parameters and errors as those of `run_blocks`."""
    return "".join(run_blocks(result, key, stage, tag))


def qrels(result: ExperimentResult) -> str:
    """Return the held-out items of all measured users as qrels: ``user 0 item 1``, one line each.

    Items outside the catalogue at training are among them.
    """
    pairs = result.split.held_out_pairs()
    return _lines(
        _words(result.user_ids).take(pa.array(pairs["row"].to_numpy())),
        "0",
        _words(pairs[ITEM_ID_NAME].to_numpy()),
        "1",
    )


def trec_files(result: ExperimentResult) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield every TREC file of a result: its name and its text in blocks.

    ``qrels.txt``, and of each retriever ``<key>.pool.run`` and ``<key>.list.run``; ``full.list.run`` is the
    full catalogue's.
    """
    yield "qrels.txt", iter((qrels(result),))
    for key in result.runs:
        for stage in STAGES:
            yield f"{key}.{stage}.run", run_blocks(result, key, stage)
    yield f"{FULL}.list.run", run_blocks(result, FULL, "list")


def _run_blocks(
    item_index: NDArray[np.int32], users: NDArray[np.int64], result: ExperimentResult, tag: str
) -> Iterator[str]:
    user_words, item_words = _words(result.user_ids), _words(result.items.ids)
    k = item_index.shape[1]
    at_once = max(1, _LINES_AT_ONCE // max(k, 1))
    for start in range(0, len(users), at_once):
        block = item_index[start : start + at_once]
        rows, places = np.nonzero(block >= 0)
        yield _lines(
            user_words.take(pa.array(users[start + rows])),
            "Q0",
            item_words.take(pa.array(block[rows, places])),
            pc.cast(pa.array(places + 1), pa.string()),
            pc.cast(pa.array(k - places), pa.string()),
            tag,
        )


def _words(ids: Sequence[str] | NDArray[np.object_]) -> pa.Array:
    """Return ids encoded; each distinct one is looked at once, not each of its lines."""
    return pa.array([encode_id(id_) for id_ in ids], pa.string())


def _lines(*columns: pa.Array | str) -> str:
    lines = pc.binary_join_element_wise(*columns, " ")
    if not len(lines):
        return ""
    text: str = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0].as_py()
    return f"{text}\n"
