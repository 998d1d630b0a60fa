"""Tables that go to the browser without a conversion hold what they would hold with one."""

import numpy as np
import pandas as pd
import pyarrow as pa
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df, convert_pandas_df_to_arrow_bytes

from pages.components.sent_table import sent

TABLE = pd.DataFrame(
    {
        "rank": np.arange(1, 4),
        "TITLE": pd.array(["● a", "○ b", None], dtype="str"),
        "score": np.array([0.5, np.nan, 1.5], dtype=np.float32),
        "hit": [True, False, True],
        "place": pd.arrays.IntegerArray(np.array([3, 0, 1]), np.array([False, True, False])),
        "when": pd.to_datetime(["2024-01-02", None, "2024-05-06"]),
        "kind": pd.Categorical(["x", "y", "x"]),
        "tags": [["p"], [], ["q", "r"]],
    },
    index=[7, 3, 5],
)


def test_the_browser_gets_the_same_values_and_gaps():
    table = sent(TABLE)
    assert isinstance(table, pa.Table)
    usual = pa.ipc.open_stream(convert_pandas_df_to_arrow_bytes(TABLE.reset_index(drop=True))).read_all()
    assert table.column_names == usual.column_names
    for name in table.column_names:
        assert table[name].to_pylist() == usual[name].to_pylist(), name
        assert table.schema.field(name).type == usual.schema.field(name).type, name


def test_what_arrow_cannot_hold_is_left_to_streamlit():
    mixed = TABLE.assign(tags=pd.Series(["a", 1, [2]], dtype=object, index=TABLE.index))
    assert sent(mixed) is mixed
    shown = convert_arrow_bytes_to_pandas_df(convert_pandas_df_to_arrow_bytes(mixed))
    assert shown["tags"].tolist() == ["a", "1", "[2]"]
