"""Virtual environments of the peers, made once under ``benchmarks/.peers`` and left there.

scikit-rec needs numpy below 2 and much else in versions of its own, so no peer shares an environment
with this project.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / ".peers"

#: What is installed into each environment, one ``pip install`` a line, in this order. torch goes first
#: and alone, so that a small CPU build that pip can find locally is taken and not replaced after.
INSTALLS: dict[str, tuple[tuple[str, ...], ...]] = {
    "vectors": (("implicit==0.7.3", "faiss-cpu==1.15.1", "numpy==2.4.6", "scipy==1.17.1"),),
    "scikit_rec": (
        ("torch==2.13.0",),
        ("scikit-rec==0.4.2", "numpy==1.26.4", "pandas==2.3.3", "xgboost==3.2.0"),
    ),
}
_DONE = "installed.txt"


def python_of(name: str, home: Path = HERE) -> Path:
    """Return the interpreter of an environment, which is made first if it is not there or is outdated.

    Raises
    ------
    subprocess.CalledProcessError
        If pip fails; what it printed has been shown.
    """
    folder = home / name
    python = folder / "bin" / "python"
    wanted = "\n".join(" ".join(line) for line in INSTALLS[name])
    done = folder / _DONE
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return python
    if folder.exists():
        shutil.rmtree(folder)
    print(f"Installing {name} ({wanted.replace(chr(10), '; ')}) into {folder.name}/ once ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    for line in INSTALLS[name]:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *line], check=True)
    done.write_text(wanted, encoding="utf-8")
    return python


def versions_in(name: str) -> dict[str, str]:
    """Return the version of each package that was asked for in an environment."""
    packages = [requirement.split("==")[0] for line in INSTALLS[name] for requirement in line]
    code = "import sys, importlib.metadata as m; print(*(m.version(p) for p in sys.argv[1:]))"
    command = [str(python_of(name)), "-c", code, *packages]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(zip(packages, found.stdout.split(), strict=True))
