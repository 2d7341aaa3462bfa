"""What a case of the benchmark is, and how one way of it is measured: in a process of its own.

Called as a program with the name of a case, a way, a folder and a size, it does that once and prints what it took, as
JSON.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "workflow/scripts")]
# In the order of the table.
MODULES = ("feeding", "training", "sound", "tags", "vectors", "measuring", "planning")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
Work = Callable[[], Any]
CASES: dict[str, type["Case"]] = {}


class Facts(dict[str, float]):
    """What a piece of work tells of itself: `seconds`, where it knows better than the clock around it, and more."""


class Case:
    """What is compared. Subclasses enter themselves in `CASES`; their docstrings are what the table says.

    `ours` and `plain` make all ready and return the work that is measured, which may return `Facts`.
    """

    name: str
    yardstick: str  # what `plain` does
    unit: str  # what speeds are counted in
    size: int
    quick: int  # the size for which it is only seen to run
    threads: int | None = (
        1  # of products of matrices, as Snakemake gives them to a job; None: as many as there are cores
    )
    rounds: int | None = None  # how often it is measured, where that is not left to the caller
    goal: float | None = None  # ours is at least so many times as fast
    seconds: float | None = None  # ours takes at most so long
    megabytes: float | None = None
    smallest: int | None = None  # its cost is also measured at this size, twice, four and eight times it

    def __init_subclass__(cls) -> None:
        if "name" in vars(cls):
            CASES[cls.name] = cls

    @classmethod
    def title(cls) -> str:
        return " ".join((cls.__doc__ or "").split()).rstrip(".")

    def prepare(self, folder: Path, size: int) -> None:
        """Write what both ways read; not measured."""

    def ours(self, folder: Path, size: int) -> Work:
        raise NotImplementedError

    plain: Callable[[Path, int], Work] | None = None


@dataclass(frozen=True)
class Figures:
    """What one run took: seconds of its work, of all processors, and the largest memory of a process, in MB."""

    seconds: float
    cpu: float
    megabytes: float
    facts: dict[str, float]


def load() -> dict[str, type[Case]]:
    """Import all cases."""
    for module in MODULES:
        importlib.import_module(module)
    return CASES


def run(name: str, way: str, folder: Path, size: int) -> Figures:
    """Measure one way of a case in a process of its own, with the environment that a job has."""
    threads = load()[name].threads
    environment = {key: value for key, value in os.environ.items() if key not in THREADS}
    environment |= {} if threads is None else dict.fromkeys(THREADS, str(threads))
    command = [sys.executable, __file__, name, way, str(folder), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    if done.returncode:
        sys.exit(f"{name}, {way}: {done.stderr[-2000:]}")
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def measured(case: Case, way: str, folder: Path, size: int) -> dict[str, Any]:
    """Do one way of a case here and now."""
    work = getattr(case, way)(folder, size)
    processor, start = _processor(), time.perf_counter()
    facts = work()
    seconds, cpu = time.perf_counter() - start, _processor() - processor
    facts = facts if isinstance(facts, Facts) else Facts()
    return {"seconds": facts.pop("seconds", seconds), "cpu": cpu, "megabytes": _megabytes(), "facts": facts}


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _megabytes() -> float:
    # VmHWM, for ru_maxrss of a process begins with that of its parent.
    status = Path("/proc/self/status")
    if not status.exists():
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
    else:
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        own = int(line.split()[1]) / 1024
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


if __name__ == "__main__":
    name, way, folder, size = sys.argv[1:]
    # The cases import this module by its name: there their classes enter themselves.
    import case as own_name

    one = own_name.load()[name]()
    if way == "prepare":
        one.prepare(Path(folder), int(size))
    else:
        print(json.dumps(own_name.measured(one, way, Path(folder), int(size))))
