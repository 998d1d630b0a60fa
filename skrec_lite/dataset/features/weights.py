"""How much each flag tells, and rows of flags brought to one length."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


def inverse_frequencies(flags: sp.csr_array) -> NDArray[np.float64]:
    """Return the inverse document frequency of each flag or word, shape (n_flags,).

    ``ln((1 + n) / (1 + df)) + 1`` (Manning, Raghavan, Schütze 2008, section 6.2.1, smoothed); n rows, of
    which df have the flag.
    """
    n_rows, n_flags = flags.shape
    having = np.bincount(flags.indices[flags.data != 0], minlength=n_flags)
    return np.asarray(np.log((1 + n_rows) / (1 + having)) + 1)


def weigh_flags(
    flags: sp.csr_array | NDArray[np.float64], idf: NDArray[np.float64] | None = None
) -> sp.csr_array:
    """Weigh flags by their inverse document frequency, then bring each row to length 1 (or leave it 0).

    Parameters
    ----------
    flags : csr_array or ndarray, shape (n_items, n_flags)
        Zeros and ones; or counts.
    idf : ndarray of float64, shape (n_flags,), optional
        By default that of these flags.

    Returns
    -------
    csr_array of float64, shape (n_items, n_flags)
    """
    rows = sp.csr_array(flags, dtype=np.float64)
    weights = inverse_frequencies(rows) if idf is None else idf
    data = rows.data * weights[rows.indices]
    of_row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    lengths = np.sqrt(np.bincount(of_row, data * data, minlength=rows.shape[0]))
    lengths[lengths == 0] = 1.0
    return sp.csr_array((data / lengths[of_row], rows.indices, rows.indptr), shape=rows.shape)
