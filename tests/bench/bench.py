"""What `make bench` measures: speed and memory as ratios within one run, ours against the plain way.

Each pair does the same work on the same synthesised data in a process of its own, several times in turn; the
table gives medians (of what takes minutes, a single run). A ratio above 1 means that ours is faster, or takes less
memory. Absolute figures are only true of the machine that printed them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases.py"


def measure(case: str, way: str, folder: Path) -> tuple[float, float, float]:
    """Run one way of a case: seconds of its work, peak memory in MB above what its imports take, and in all."""
    command = [sys.executable, str(CASES), case, way, str(folder)]
    # One thread for products of matrices: threads that wait for a busy core would slow one way more than the other.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    if done.returncode:
        sys.exit(f"{case}, {way}: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["seconds"], answer["megabytes"], answer["peak"]


def main() -> None:
    """Measure every case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    sys.path[:0] = [str(CASES.parent), str(ROOT / "workflow/scripts")]
    from cases import CASES as known

    lines = [
        "case | ours | the plain way | times as fast | MB ours | MB plain | memory ratio | MB ours in all",
        "--- | " * 7 + "---",
    ]
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for case in options.cases or known:
            subprocess.run([sys.executable, str(CASES), case, "prepare", folder], check=True, cwd=ROOT)
            found: dict[str, list[tuple[float, float, float]]] = {"ours": [], "plain": []}
            for _ in range(1 if known[case].once else options.rounds):
                for way, figures in found.items():
                    figures.append(measure(case, way, Path(folder)))
            ours, plain = ([statistics.median(column) for column in zip(*found[way], strict=True)] for way in found)
            seconds = [way[0] / units for way, units in zip((ours, plain), known[case].units, strict=True)]
            lines.append(
                f"{known[case].title} | {seconds[0]:.3g} s | {seconds[1]:.3g} s | {seconds[1] / seconds[0]:.2f} | "
                f"{ours[1]:.0f} | {plain[1]:.0f} | {plain[1] / max(ours[1], 1):.2f} | {ours[2]:.0f}"
            )
            print(f"{lines[-1]}  ({time.monotonic() - start:.0f} s gone)", file=sys.stderr)
    print("\n".join(f"| {line} |" for line in lines))


if __name__ == "__main__":
    main()
