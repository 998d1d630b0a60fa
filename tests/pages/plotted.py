"""Read the numbers of a drawn chart, which Plotly sends packed where they come from numpy or pandas."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np


def numbers(sent: Any) -> np.ndarray:
    """The values of an axis of a trace, as `tests.pages.driving.figure` gives it."""
    if isinstance(sent, dict):
        return np.frombuffer(base64.b64decode(sent["bdata"]), dtype=np.dtype(sent["dtype"]))
    return np.asarray(sent)
