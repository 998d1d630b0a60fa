"""A table in the form in which the browser gets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa


def sent(table: pd.DataFrame) -> pa.Table | pd.DataFrame:
    """Return a table for `streamlit.dataframe` that needs no conversion any more.

    Streamlit would have pandas describe each column and the index, which takes seven times as long as the
    rest for the few hundred rows of a pool. So the index is not sent.

    Parameters
    ----------
    table : DataFrame
        What is missing in it is missing in the browser too. With columns that Arrow cannot hold, as of texts
        among numbers, it is returned as it is, and Streamlit makes texts of them.
    """
    try:
        return pa.table({str(name): _column(values) for name, values in table.items()})
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return table


def _column(values: pd.Series) -> pa.Array:
    own = values.array
    return pa.array(values.to_numpy() if isinstance(own.dtype, np.dtype) else own, from_pandas=True)
