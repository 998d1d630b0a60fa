"""The command: ``python -m benchmarks.quality MODEL --data FOLDER``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks.quality import mf, ncf, two_stage, two_tower

#: Sub-commands: each adds its own arguments to a parser, and runs on what was given.
_MODELS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]] = {
    "mf": (mf.add_arguments, mf.run),
    "ncf": (ncf.add_arguments, ncf.run),
    "two_stage": (two_stage.add_arguments, two_stage.run),
    "two_tower": (two_tower.add_arguments, two_tower.run),
}


def main(arguments: list[str] | None = None) -> None:
    """Run one model's quality command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    models = parser.add_subparsers(dest="model", required=True)
    for name, (add_arguments, run) in _MODELS.items():
        model = models.add_parser(name)
        model.add_argument(
            "--data", type=Path, required=True, help="folder that holds the data sets' folders"
        )
        add_arguments(model)
        model.set_defaults(run=run)
    given = parser.parse_args(arguments)
    given.run(given)


if __name__ == "__main__":
    main()
