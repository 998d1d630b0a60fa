"""What a comparison was made with."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

#: The packages that figures depend on.
_PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "numba", "torch", "xgboost")


def library_version() -> str:
    """Return the version of this library."""
    # By its name: whoever is inside the library does not import its front door.
    return str(sys.modules[__name__.partition(".")[0]].__version__)


def software() -> dict[str, str]:
    """Return the versions of this library, of Python and of the packages that figures depend on."""
    return {
        "skrec_lite": library_version(),
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
