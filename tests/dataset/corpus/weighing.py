"""Weigh cases: each is loaded in a process of its own, which says how long it took and how much memory."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tests.dataset.corpus import Case, all_cases
from tests.dataset.corpus.judge import faults_of_files

ADDRESS_SPACE = 6 << 30


@dataclass(frozen=True)
class Weight:
    """What loading the files of a case took.

    Attributes
    ----------
    name : str
    faults : list of str
        See `tests.dataset.corpus.judge`.
    seconds : float
        Making the files left out.
    file_bytes : int
        Of the files.
    peak_bytes : int
        Beyond what the process held once the files were made.
    """

    name: str
    faults: list[str]
    seconds: float
    file_bytes: int
    peak_bytes: int


def weigh(case: Case) -> Weight:
    """Load the files of a case in a copy of this process, with a limit on its memory."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        with os.fdopen(write_end, "w") as out:
            out.write(json.dumps(asdict(_weighed(case))))
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as result:
        text = result.read()
    _, status = os.waitpid(child, 0)
    if not text:
        return Weight(case.name, [f"ended with status {status}"], 0.0, 0, 0)
    return Weight(**json.loads(text))


def _weighed(case: Case) -> Weight:
    files = case.make()
    size = sum(len(content) for _, content in files)
    # The peak is that of the process; making the files may have set one, and the kernel can forget it.
    with open("/proc/self/clear_refs", "w") as marks:
        marks.write("5")
    before, start = _peak(), time.perf_counter()
    try:
        faults = faults_of_files(files, case.expect)
    except BaseException as error:
        faults = [f"raises {type(error).__name__}: {error!s:.300}"]
    return Weight(case.name, faults, time.perf_counter() - start, size, _peak() - before)


def _peak() -> int:
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) << 10


def main(names: Iterable[str]) -> None:
    """Print the weights of cases, a JSON object a line; of all heavy ones if none is named."""
    wanted = set(names)
    for case in all_cases():
        if case.name in wanted or (case.is_heavy and not wanted):
            print(json.dumps(asdict(weigh(case))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
