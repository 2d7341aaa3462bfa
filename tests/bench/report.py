"""The table of the benchmark, its picture, and the machine that it was measured on."""

import os
import platform
import re
import shutil
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from case import Case, Figures

COLUMNS = (
    "case",
    "unit/s",
    "ours",
    "yardstick",
    "ratio",
    "goal",
    "met",
    "ratio of processor time",
    "MB",
    "MB of the yardstick",
    "more",
)
PACKAGES = ("numpy", "scipy", "keras", "tensorflow-cpu", "tensorflow", "librosa", "scikit-learn", "h5py", "snakemake")
Compared = tuple[Case, dict[str, list[Figures]]]


def machine() -> str:
    """Describe the machine: processor, cores, memory, system, versions."""
    model, memory = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        model = names[0] if names else model
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB of memory"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES if _installed(name))
    return f"{model}, {cores} cores{memory}, {platform.system()}; Python {platform.python_version()}, {versions}"


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except ImportError:
        return False


def spread(values: Sequence[float]) -> str:
    """Write a median, with the least and the most."""
    median, least, most = (shown(value) for value in (statistics.median(values), min(values), max(values)))
    return f"{median} ({least} to {most})"


def shown(value: float) -> str:
    """Write a number with three digits, or with all before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def ratios(found: dict[str, list[Figures]]) -> list[float]:
    """How many times as fast ours was, run by run beside its yardstick."""
    pairs = zip(found["ours"], found.get("plain", ()), strict=False)
    return [plain.seconds / ours.seconds for ours, plain in pairs]


def row(case: Case, found: dict[str, list[Figures]]) -> dict[str, str]:
    """Write a row of the table."""
    ours, plain = found["ours"], found.get("plain", [])
    seconds, megabytes = (statistics.median(getattr(one, name) for one in ours) for name in ("seconds", "megabytes"))
    goals, met = [], True
    if case.goal:
        goals.append(f"{case.goal:.2f} times")
        met &= statistics.median(ratios(found)) >= case.goal
    if case.seconds:
        goals.append(f"{case.seconds} s")
        met &= seconds <= case.seconds
    if case.megabytes:
        goals.append(f"{case.megabytes:.0f} MB")
        met &= megabytes <= case.megabytes
    more = [f"{name}: {shown(statistics.median(one.facts[name] for one in ours))}" for name in ours[0].facts]
    if case.seconds:
        more.append(f"seconds: {seconds:.3g}")
    cells = (
        case.title(),
        case.unit,
        spread([case.size / one.seconds for one in ours]),
        f"{case.yardstick}: {spread([case.size / one.seconds for one in plain])}" if plain else "",
        spread(ratios(found)) if plain else "",
        ", ".join(goals),
        ("yes" if met else "no") if goals else "",
        f"{statistics.median(b.cpu / a.cpu for a, b in zip(ours, plain, strict=True)):.2f}" if plain else "",
        f"{megabytes:.0f}",
        f"{statistics.median(one.megabytes for one in plain):.0f}" if plain else "",
        ", ".join(more),
    )
    return dict(zip(COLUMNS, cells, strict=True))


def write(folder: Path, found: Sequence[Compared], machine: str) -> None:
    """Write table.tsv, table.md and table.svg."""
    rows = [list(row(case, runs).values()) for case, runs in found]
    (folder / "table.tsv").write_text("\n".join("\t".join(line) for line in [COLUMNS, *rows]) + "\n")
    (folder / "table.md").write_text(f"{markdown([COLUMNS, *rows])}\nMeasured on {machine}.\n")
    draw(folder / "table.svg", [(case, ratios(runs)) for case, runs in found if "plain" in runs])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Write a table of Markdown, the first row as its head."""
    lines = [f"| {' | '.join(line)} |" for line in rows]
    return "\n".join([lines[0], "| --- " * len(rows[0]) + "|", *lines[1:]]) + "\n"


def draw(path: Path, found: Sequence[tuple[Case, Sequence[float]]]) -> None:
    """Draw how many times as fast as its yardstick each case is, and its goal."""
    figure, axes = plot(height=0.6 + 0.3 * len(found))
    for place, (case, values) in enumerate(reversed(found)):
        median = statistics.median(values)
        axes.barh(place, median, color="#4878a8", height=0.6)
        axes.plot([min(values), max(values)], [place, place], color="black", linewidth=1)
        if case.goal:
            axes.plot([case.goal] * 2, [place - 0.4, place + 0.4], color="#c44e52", linewidth=2)
    axes.set_yticks(range(len(found)), [case.name for case, _ in reversed(found)])
    axes.set_xscale("log")
    axes.set_xlabel("times as fast as the yardstick; red: the goal")
    save(figure, path)


def plot(*, height: float) -> tuple:
    """Begin a picture whose bytes depend on what it shows alone."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "tartarus", "svg.fonttype": "none", "font.size": 9}
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(7, height), layout="constrained")


def save(figure: object, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})  # type: ignore[attr-defined]


def into_docs(folder: Path, docs: Path) -> None:
    """Put the tables between their marks in docs/performance.md, and the pictures beside it."""
    page = docs / "performance.md"
    text = page.read_text()
    for name in ("table", "scaling"):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}{(folder / f'{name}.md').read_text()}{end}{rest.split(end)[1]}"
        shutil.copyfile(folder / f"{name}.svg", docs / f"performance_{name}.svg")
    page.write_text(text)
