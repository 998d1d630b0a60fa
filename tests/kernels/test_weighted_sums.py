"""Running weighted sums of sparse steps, against the dense curves."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.kernels.weighted_sums import running_sums


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 7), st.integers(1, 20), st.integers(1, 9))
def test_agrees_with_weighing_whole_curves(seed, n_curves, width, n_users, n_weights):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(n_curves, width, n_users)) * (rng.random((n_curves, width, n_users)) < 0.3)
    counts = rng.integers(0, 256, (n_users, n_weights), dtype=np.uint8)
    found = running_sums(sp.csr_array(steps.reshape(-1, n_users)), width, counts)
    curves = np.cumsum(steps, axis=1)
    np.testing.assert_allclose(found, curves @ counts.astype(float), rtol=0, atol=1e-9)
