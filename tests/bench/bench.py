"""What `make bench` measures: speed and memory of the library, each against a yardstick of the same run.

Every case runs in processes of its own, ours and the yardstick in turns; the table gives medians, with the least and
the most. What it says of seconds is only true of the machine that it describes; the ratios travel further. Then the
cost of some cases is measured for 1, 2, 4 and 8 times the data.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import report
import scaling
from case import ROOT, Case, Figures, load, measured, run

OUT = ROOT / "results/benchmarks"
Runs = dict[str, list[Figures]]


def main() -> None:
    """Measure, and write tables and pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way of a case is measured")
    parser.add_argument("--quick", action="store_true", help="only see whether every case runs; nothing is written")
    parser.add_argument("--only", choices=("table", "scaling"), help="one of the two")
    parser.add_argument("--docs", action="store_true", help="put tables and pictures into docs/performance.md too")
    parser.add_argument("cases", nargs="*", metavar="NAME", help="some cases: " + " ".join(load()))
    options = parser.parse_args()
    unknown = set(options.cases) - set(load())
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(load())}")
    chosen = [case() for name, case in load().items() if not options.cases or name in options.cases]
    if options.quick:
        for case in chosen:
            with tempfile.TemporaryDirectory() as folder:
                see_it_run(case, Path(folder))
        return
    OUT.mkdir(parents=True, exist_ok=True)
    machine = report.machine()
    if options.only != "scaling":
        report.write(OUT, [(case, compare(case, options.rounds)) for case in chosen], machine)
    if options.only != "table":
        scaled = [case for case in chosen if case.smallest]
        scaling.write(OUT, [(case, scaling.measure(case, options.rounds)) for case in scaled], machine)
    if options.docs:
        report.into_docs(OUT, ROOT / "docs")


def compare(case: Case, rounds: int) -> Runs:
    """Measure both ways of a case in turns."""
    begin = time.monotonic()
    found: Runs = {way: [] for way in ("ours", "plain") if getattr(case, way)}
    with tempfile.TemporaryDirectory() as folder:
        case.prepare(Path(folder), case.size)
        for _ in range(case.rounds or rounds):
            for way, figures in found.items():
                figures.append(run(case.name, way, Path(folder), case.size))
    print(f"{case.name}: {report.row(case, found)} ({time.monotonic() - begin:.0f} s gone)", file=sys.stderr)
    return found


def see_it_run(case: Case, folder: Path) -> None:
    """Do both ways here, on little: not to be trusted for figures, for one way warms the other."""
    case.prepare(folder, case.quick)
    for way in ("ours", "plain"):
        if getattr(case, way):
            measured(case, way, folder, case.quick)
    print(f"{case.name} runs")


if __name__ == "__main__":
    main()
