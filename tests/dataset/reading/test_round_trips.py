"""Whatever wrote a table, the ids in it come back as they were."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as pf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading import open_files, read_table

AWKWARD = [
    "007", "7", "1e5", " a", "a ", "A", "a", "☂", "\U0001f600", "אבג", "NaN", "None", "true", "NULL", "-0",
    "+7", "9007199254740993", "1.0", "1.50", "2020-01-01", "=1+1", "<script>", "a|b", "a,b", 'q"q', "[x]",
    "{x}",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)
)
FRAMES = st.lists(st.tuples(TEXTS, st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=8).map(
    lambda rows: pd.DataFrame(
        {"user_id": pd.array([row[0] for row in rows], dtype="str"), "n": [row[1] for row in rows]}
    )
)


def written(write):
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def as_csv(frame):
    return frame.to_csv(index=False, quoting=csv.QUOTE_ALL).encode()


def zipped_csv(frame):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", as_csv(frame))
    return buffer.getvalue()


def stream(frame):
    table = pa.Table.from_pandas(frame)
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


EXACT = {
    "parquet": lambda frame: written(frame.to_parquet),
    "feather": lambda frame: written(lambda buffer: pf.write_feather(frame, buffer)),
    "arrow stream": stream,
    "JSON lines": lambda frame: frame.to_json(orient="records", lines=True).encode(),
    "JSON lines, plain": lambda frame: "\n".join(
        json.dumps(row, ensure_ascii=False) for row in frame.to_dict("records")
    ).encode(),
    "JSON array": lambda frame: frame.to_json(orient="records").encode(),
    "Python dicts": lambda frame: "\n".join(map(repr, frame.to_dict("records"))).encode(),
}
TEXTUAL = {
    "csv": as_csv,
    "gzip": lambda frame: gzip.compress(as_csv(frame)),
    "bzip2": lambda frame: bz2.compress(as_csv(frame)),
    "xz": lambda frame: lzma.compress(as_csv(frame)),
    "zstd": lambda frame: pa.compress(as_csv(frame), codec="zstd", asbytes=True),
    "zip": zipped_csv,
}


@pytest.mark.parametrize("kind", EXACT)
@given(FRAMES)
def test_formats_with_types_give_everything_back(kind, frame):
    out = read_table(EXACT[kind](frame)).frame
    assert as_id_strings(out["user_id"]).tolist() == frame["user_id"].tolist()
    assert as_id_strings(out["n"]).tolist() == list(map(str, frame["n"]))


@pytest.mark.parametrize("kind", TEXTUAL)
def test_text_that_is_packed_is_the_same_text(kind):
    frame = pd.DataFrame({"user_id": AWKWARD, "n": range(len(AWKWARD))})
    data = TEXTUAL[kind](frame)
    out = read_table(data, header=True).frame
    assert as_id_strings(out["user_id"]).tolist() == AWKWARD
    files, _ = open_files([("x", data)])
    assert files[0].read(header=True).frame.equals(out)


@given(FRAMES, st.sampled_from(sorted(TEXTUAL)))
def test_texts_of_any_kind(frame, kind):
    plain = read_table(as_csv(frame), separator=",", header=True).frame
    assert read_table(TEXTUAL[kind](frame), separator=",", header=True).frame.equals(plain)


@given(FRAMES, st.randoms(use_true_random=False))
def test_the_order_of_columns_and_rows_changes_nothing(frame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    for kind in ("parquet", "JSON lines", "Python dicts"):
        out = read_table(EXACT[kind](frame)).frame
        moved = read_table(EXACT[kind](frame.iloc[order][["n", "user_id"]].reset_index(drop=True))).frame
        pd.testing.assert_frame_equal(moved[["user_id", "n"]], out.iloc[order].reset_index(drop=True))


def test_gaps_beside_large_ids():
    frame = pd.DataFrame({"id": pd.array([2**53 + 1, None], dtype="Int64"), "x": [1.5, np.nan]})
    for kind in ("parquet", "feather", "JSON lines"):
        out = read_table(EXACT[kind](frame)).frame
        assert as_id_strings(out["id"]).tolist() == [str(2**53 + 1), None]
