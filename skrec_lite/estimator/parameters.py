"""Parameters by name, the way scikit-learn's tools expect them, without the cost of importing it."""

from __future__ import annotations

import inspect
from typing import Any, Self

from skrec_lite.exceptions import InvalidParameterError, nearest_name_hint


class Parametrized:
    """Reads and sets the arguments of ``__init__``, which a subclass stores under their own names.

    ``sklearn.base.clone`` and scikit-learn's searches work with such a class. It does not derive from
    ``sklearn.base.BaseEstimator`` because that import alone takes about a second.
    """

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        signature = inspect.signature(cls.__init__)
        return {name: entry.default for name, entry in signature.parameters.items() if name != "self"}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, as they were given.

        Parameters
        ----------
        deep : bool
            Accepted for scikit-learn; no parameter here has parameters of its own.
        """
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; they hold from the next fit on.

        Raises
        ------
        InvalidParameterError
            For a name that is none, with the nearest one.
        """
        known = self._defaults()
        for name in params:
            if name not in known:
                raise InvalidParameterError(
                    f"{type(self).__name__} has no parameter {name!r}.{nearest_name_hint(name, known)}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        given = self.get_params()
        # Compared by representation: an array has no single truth, and NaN does not equal itself.
        changed = [
            f"{name}={given[name]!r}"
            for name, default in self._defaults().items()
            if repr(given[name]) != repr(default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"
