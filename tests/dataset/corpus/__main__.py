"""Write the files of every case into folders, to look at them or to drop them on the Data screen by hand."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.dataset.corpus import Loads, all_cases


def main(folder: Path) -> None:
    """Write each case into a folder of its own, with a list of what is expected of them."""
    lines = []
    for number, case in enumerate(all_cases(), 1):
        place = folder / f"{number:03d} {re.sub(r'[^A-Za-z0-9 .-]', '_', case.name)[:80]}"
        place.mkdir(parents=True, exist_ok=True)
        for file, content in case.make():
            copies = [place / file, *(place / f"{copy} {file}" for copy in range(2, 9))]
            next(path for path in copies if not path.exists()).write_bytes(content)
        expect = case.expect
        rows = f"{len(expect.users):,} interactions" if isinstance(expect, Loads) else "refused"
        lines.append(f"{place.name}: {rows}")
    (folder / "expected.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.dataset.corpus FOLDER")
    main(Path(sys.argv[1]))
