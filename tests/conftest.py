"""What holds for every test."""

import os

# Tests run side by side, one process a core. Were each to use every core, their OpenMP threads would wait for
# each other in busy loops: the tests of the networks took ten times as long. What a test starts inherits it.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
