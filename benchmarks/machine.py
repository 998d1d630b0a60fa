"""What the figures were taken on, and how much of it others were using meanwhile."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, memory, operating system and the commit under test."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "pandas", "scipy", "numba", "xgboost")},
        "commit": _commit(),
        "date": time.strftime("%Y-%m-%d"),
        "load_average_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


class OtherLoad:
    """Measures the share of the machine that went to neither this run nor idling.

    Parameters
    ----------
    pids : iterable of int
        The processes of this run.
    """

    def __init__(self, pids: Iterable[int]):
        self._pids = list(pids)
        self._before = self._busy(), time.perf_counter()

    def share(self) -> float | None:
        """Return the share since the start, 0 to 1; None where the system does not tell."""
        busy, began = self._before
        now = self._busy()
        if busy is None or now is None:
            return None
        elapsed = (time.perf_counter() - began) * (os.cpu_count() or 1)
        return max(0.0, (now - busy) / max(elapsed, 1e-9))

    def _busy(self) -> float | None:
        """Return the seconds that processors have been busy with others, ever."""
        try:
            fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
            # user, nice, system, irq, softirq and steal; idle and iowait left out.
            busy = sum(fields) - fields[3] - fields[4]
            return (busy - sum(map(_ticks_of, self._pids))) / _TICKS
        except OSError:
            return None


def _ticks_of(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(after_name[11]) + int(after_name[12])


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _memory_gib() -> float | None:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)


def _commit() -> str | None:
    """Return the commit that is checked out, marked where tracked files differ from it."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--match="], cwd=ROOT, capture_output=True, text=True
        )
    except OSError:
        return None
    return found.stdout.strip() or None
