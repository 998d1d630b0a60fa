"""A comparison as one JSON file: everything that is needed to make it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

from skrec_lite.exceptions import InvalidDataError, InvalidParameterError
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.plan.checks import check_fields, check_object, check_type
from skrec_lite.experiment.plan.data_plan import DataPlan
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.splitting.split import SplitConfig

MARK: Final = "skrec_lite_comparison"
"""The key by which a JSON file is known for a comparison; its value is the version."""
VERSION: Final = 1


@dataclass(frozen=True)
class ComparisonPlan:
    """What is compared, and on what.

    Attributes
    ----------
    name : str
        What people call the data.
    data : DataPlan or None
        None where only a configuration is known: the data must then be given.
    config : ExperimentConfig
    sweep : bool
        Whether all pool sizes are swept as well (`skrec_lite.experiment.sweep`).

    Examples
    --------
    >>> plan = ComparisonPlan.of_result(result)  # doctest: +SKIP
    >>> Path("comparison.json").write_text(plan.to_json())  # doctest: +SKIP
    """

    name: str
    data: DataPlan | None
    config: ExperimentConfig
    sweep: bool = False

    @classmethod
    def of_result(cls, result: ExperimentResult, *, sweep: bool = False) -> Self:
        """Return the plan by which a finished comparison is made again."""
        return cls.of_data(result.data, result.config, sweep=sweep)

    @classmethod
    def of_data(cls, data: LabData, config: ExperimentConfig, *, sweep: bool = False) -> Self:
        """Return the plan of a comparison on data at hand."""
        return cls(data.name, DataPlan.of_data(data), config, sweep)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        values = {MARK: VERSION, "name": self.name, "data": self.data and self.data.to_dict()}
        return values | {"config": self.config.to_dict(), "sweep": self.sweep}

    def to_json(self) -> str:
        """Return the comparison file's text, which `from_json` reads."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, what: str = "The comparison") -> Self:
        """Read what `to_json` wrote, or a bare configuration (`ExperimentConfig.to_dict`).

        Parameters
        ----------
        text : str or bytes
        what : str
            Name of the file, for messages.

        Raises
        ------
        InvalidDataError
            If it is neither; the message names the key, what was got, and the nearest name.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidDataError(
                f"{what} is no JSON ({error}).", repair="Download the configuration again."
            ) from error
        return cls.from_dict(values, what)

    @classmethod
    def from_dict(cls, values: Any, what: str = "The comparison") -> Self:
        """Read what `to_dict` gave, or `ExperimentConfig.to_dict`; errors as those of `from_json`."""
        try:
            if isinstance(values, dict) and MARK in values:
                return cls._of_values(values)
            _check_is_configuration(values)
            return cls("data", None, _config(values))
        except (InvalidDataError, InvalidParameterError, TypeError, ValueError) as error:
            raise InvalidDataError(f"{what} cannot be used: {error}") from error

    @classmethod
    def _of_values(cls, values: dict[str, Any]) -> Self:
        if values[MARK] != VERSION:
            raise InvalidParameterError(
                f"it is of version {values[MARK]!r}, and this library reads version {VERSION}. Update the "
                "library, or export the configuration again."
            )
        check_object("it", values, (MARK, "name", "data", "config", "sweep"), needed=("config",))
        given = {"name": "data", "sweep": False, **values}
        check_type("name", given["name"], str)
        check_type("sweep", given["sweep"], bool)
        data = None if given.get("data") is None else DataPlan.from_dict(given["data"])
        return cls(given["name"], data, _config(given["config"]), given["sweep"])


def read_plan(path: str | Path) -> ComparisonPlan:
    """Read a comparison file, or one that holds a bare configuration.

    Raises
    ------
    InvalidDataError
        If there is no such file, or it holds neither.
    """
    file = Path(path)
    try:
        text = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error
        raise InvalidDataError(f"'{path}' cannot be read: {reason}.", repair="Check the path.") from error
    return ComparisonPlan.from_json(text, file.name)


def _config(values: Mapping[str, Any]) -> ExperimentConfig:
    check_fields("config", values, ExperimentConfig)
    if "split" in values:
        check_fields("config: split", values["split"], SplitConfig)
    try:
        return ExperimentConfig.from_dict(values)
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(f"config: {error}") from error


def _check_is_configuration(values: Any) -> None:
    if not isinstance(values, dict) or not {each.name for each in fields(ExperimentConfig)} & set(values):
        raise InvalidParameterError(
            f"it holds neither a comparison (there is no {MARK!r}) nor a configuration. Use a file that "
            "Compare exported."
        )
