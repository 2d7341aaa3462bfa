"""Whether costs grow no faster than the data: time and memory for 1, 2, 4 and 8 times as much.

Time is that of the processors, which what else runs on the machine disturbs least.
"""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.optimize
from case import Case, Figures, run
from report import markdown, plot, save

TIMES = (1, 2, 4, 8)
STEEPEST = 1.05
# What grows by less than this from the least to the most data is flat.
FLAT = 1.1
Scaled = tuple[Case, dict[int, list[Figures]]]


def measure(case: Case, rounds: int) -> dict[int, list[Figures]]:
    """Measure our way of a case for every size, all sizes in turns."""
    assert case.smallest
    found: dict[int, list[Figures]] = {case.smallest * times: [] for times in TIMES}
    with tempfile.TemporaryDirectory() as folder:
        for size in found:
            case.prepare(Path(folder), size)
        for _ in range(rounds):
            for size, figures in found.items():
                figures.append(run(case.name, "ours", Path(folder), size))
    print(f"{case.name}: {[f'{one.cpu:.3g} s' for one in map(_median, found.values())]}", file=sys.stderr)
    return found


def _median(figures: Sequence[Figures]) -> Figures:
    kinds = ("seconds", "cpu", "megabytes")
    return Figures(*(statistics.median(getattr(one, kind) for one in figures) for kind in kinds), facts={})


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Fit a + b * size ** slope, none of them below 0, so that a constant start does not hide a steep growth.

    Relative errors count, for a second is much of a small cost and little of a large one. 0 for what is flat.
    """
    size, cost = np.array(sizes, float) / sizes[0], np.array(costs, float)
    if cost.max() < FLAT * cost.min():
        return 0.0

    def error(power: float) -> float:
        columns = np.stack([np.ones_like(size), size**power], axis=1) / cost[:, None]
        return scipy.optimize.nnls(columns, np.ones_like(cost))[1]

    # The least steep of those that fit as well: with little noise there is one.
    powers = np.linspace(0.2, 3, 561)
    return float(powers[np.argmin([error(power) for power in powers])])


def write(folder: Path, found: Sequence[Scaled], machine: str) -> None:
    """Write scaling.tsv, scaling.md and scaling.svg."""
    head = ["case", *(f"{times} x" for times in TIMES), "slope", *(f"MB, {times} x" for times in TIMES), "MB, slope"]
    rows = []
    figure, axes = plot(height=4)
    for case, runs in found:
        cost = [_median(figures) for figures in runs.values()]
        seconds, megabytes = ([getattr(one, kind) for one in cost] for kind in ("cpu", "megabytes"))
        slopes = [slope(list(runs), values) for values in (seconds, megabytes)]
        rows.append(
            [
                f"{case.name} ({case.smallest} {case.unit} and more)",
                *(f"{value:.3g} s" for value in seconds),
                f"{slopes[0]:.2f}",
                *(f"{value:.0f}" for value in megabytes),
                f"{slopes[1]:.2f}" if slopes[1] else "flat",
            ]
        )
        axes.plot(TIMES, np.array(seconds) / seconds[0], marker="o", markersize=3, label=case.name)
        axes.plot(TIMES, np.array(megabytes) / megabytes[0], linestyle=":", color=axes.lines[-1].get_color())
    axes.plot(TIMES, TIMES, color="black", linewidth=0.7, linestyle="--", label="in proportion")
    axes.set(xscale="log", yscale="log", xlabel="times the data", ylabel="times the processor time; dotted: the memory")
    axes.set_xticks(TIMES, [str(times) for times in TIMES])
    axes.set_yticks(TIMES, [str(times) for times in TIMES])
    axes.minorticks_off()
    axes.legend()
    save(figure, folder / "scaling.svg")
    (folder / "scaling.tsv").write_text("\n".join("\t".join(line) for line in [head, *rows]) + "\n")
    text = f"{markdown([head, *rows])}\nThe goal is a slope of at most {STEEPEST}. Measured on {machine}.\n"
    (folder / "scaling.md").write_text(text)
