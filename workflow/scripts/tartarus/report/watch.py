"""What a run is doing, told from its logs: which jobs run, the losses of trainings so far, and the time to go.

python -m tartarus.report.watch

Snakemake writes what begins and ends into .snakemake/log, and trainings write their epochs into logs/train. Nothing is
asked of the run itself, so that it may be on a cluster, or over.
"""

import argparse
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tartarus.base.errors import TartarusError

TIME = re.compile(r"\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]")
RULE = re.compile(r"(?:local)?(?:rule|checkpoint) (\S+):")
MESSAGE = re.compile(r"Job (\d+): (.+)")
ENTRY = re.compile(r" +(jobid|log): (.+)")
FINISHED = re.compile(r"Finished jobid: (\d+) ")
ERROR = re.compile(r"Error in (?:local)?(?:rule|checkpoint) (\S+):")
STEPS = re.compile(r"(\d+) of (\d+) steps \(\d+%\) done")
TOTAL = re.compile(r"total +(\d+)")
OVER = re.compile(r"Complete log|Elapsed time: ")
EPOCH = re.compile(
    r"\S+ INFO epoch (?P<epoch>\d+) of (?P<epochs>\d+): (?P<values>.+); \d+ s gone, at most (?P<left>\d+) s to go"
)
VALUE = re.compile(r"(\w+) (-?\d+\.\d+|nan|inf)")
BARS = "▁▂▃▄▅▆▇█"


@dataclass
class Job:
    """A job that has begun: the rule's name or message, when, and its log."""

    name: str
    began: datetime
    log: str = ""


@dataclass
class Run:
    """A run of Snakemake, as far as its log tells.

    Attributes
    ----------
    began, seen : datetime
        The first and the last time in the log.
    done, steps : int
        Jobs that are done, and that there are.
    running : dict of int to Job
        By Snakemake's number.
    failed : list of str
        Rules whose jobs failed.
    is_over : bool
        Whether the log says that this was all.
    """

    began: datetime | None = None
    seen: datetime | None = None
    done: int = 0
    steps: int = 0
    running: dict[int, Job] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    is_over: bool = False


@dataclass
class Course:
    """The training that a log tells of last: its number within the job, its epochs so far, of how many, time to go."""

    number: int
    epochs: list[dict[str, float]]
    most: int
    seconds_left: int


def read_run(text: str) -> Run:
    """Read a log of Snakemake."""
    run, name, log, failing = Run(), "", "", False
    for line in text.splitlines():
        if match := TIME.fullmatch(line):
            run.seen = datetime.strptime(match[1], "%a %b %d %H:%M:%S %Y")
            run.began = run.began or run.seen
        elif match := RULE.fullmatch(line):
            name, log, failing = match[1], "", False
        elif match := ERROR.fullmatch(line):
            run.failed.append(match[1])
            failing = True
        elif match := MESSAGE.fullmatch(line):
            _begin(run, int(match[1]), match[2], "")
        elif match := ENTRY.fullmatch(line):
            if match[1] == "log":
                log = match[2].split(" ")[0].rstrip(",")
            elif failing:
                run.running.pop(int(match[2]), None)
            else:
                _begin(run, int(match[2]), name, log)
        elif match := FINISHED.match(line):
            run.running.pop(int(match[1]), None)
        elif match := STEPS.fullmatch(line):
            run.done, run.steps = int(match[1]), int(match[2])
        elif match := TOTAL.fullmatch(line):
            run.steps = run.steps or int(match[1])
        elif OVER.match(line):
            run.is_over = True
    return run


def _begin(run: Run, number: int, name: str, log: str) -> None:
    if run.seen:
        run.running[number] = Job(name, run.seen, log)


def read_course(text: str) -> Course | None:
    """Read the log of a job that trains; None if it is at no epoch yet."""
    found: Course | None = None
    number = 0
    for line in text.splitlines():
        if match := EPOCH.fullmatch(line):
            epoch = int(match["epoch"])
            if found is None or epoch <= found.epochs[-1]["epoch"]:
                number += 1
                found = Course(number, [], 0, 0)
            values = {name: float(value) for name, value in VALUE.findall(match["values"])}
            found.epochs.append({"epoch": epoch, **values})
            found.most, found.seconds_left = int(match["epochs"]), int(match["left"])
    return found


def newest_log(folder: str | Path) -> Path:
    """Find the log of the newest run that has begun a job; dry runs begin none.

    Raises
    ------
    TartarusError
        If there is none.
    """
    logs = sorted((Path(folder) / ".snakemake/log").glob("*.snakemake.log"), reverse=True)
    for path in logs:
        if re.search(r"^Execute \d+ jobs", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE):
            return path
    raise TartarusError(f"{folder}: no run has begun a job here; start one, or name its folder with --directory")


def told(run: Run, courses: Mapping[str, Course], now: datetime) -> list[str]:
    """Tell in lines what a run is doing; `courses` are those of its jobs' logs."""
    began = run.began or now
    gone = ((run.seen or now) if run.is_over else now) - began
    share = f" ({run.done / run.steps:.0%})" if run.steps else ""
    head = f"{run.done} of {run.steps} jobs done{share}, {duration(gone.total_seconds())} gone"
    if not run.is_over and run.done:
        head += f", about {duration(gone.total_seconds() / run.done * (run.steps - run.done))} to go at this pace"
    lines = [head, *(f"failed   {name}" for name in run.failed)]
    if run.is_over:
        return [*lines, "This run is over."]
    for job in run.running.values():
        lines.append(f"running  {job.name}, {duration((now - job.began).total_seconds())}")
        if job.log in courses:
            lines.append(f"         {line_of(courses[job.log])}")
    return lines


def line_of(course: Course) -> str:
    """Tell of a training: epoch, what was measured last, and the course of the loss of the validation set as bars."""
    last = course.epochs[-1]
    values = ", ".join(f"{name} {value:.4g}" for name, value in last.items() if name != "epoch")
    watched = "val_loss" if "val_loss" in last else "loss"
    bars = sparkline([epoch.get(watched, 0.0) for epoch in course.epochs][-40:])
    time_left = f"at most {duration(course.seconds_left)} to go"
    return (
        f"training {course.number}, epoch {last['epoch']:.0f} of {course.most}: {values}; {watched} {bars}; {time_left}"
    )


def sparkline(values: Sequence[float]) -> str:
    """Draw numbers as bars, the least lowest."""
    low, high = min(values), max(values)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] for value in values)


def duration(seconds: float) -> str:
    """Tell a time: ``42 s``, ``3 min``, ``2 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def look(folder: str | Path, now: datetime | None = None) -> tuple[list[str], bool]:
    """Read what the newest run in a folder is doing: in lines, and whether it is over."""
    run = read_run(newest_log(folder).read_text(encoding="utf-8", errors="replace"))
    courses = {}
    for job in run.running.values():
        path = Path(folder) / job.log
        if job.log.startswith("logs/train/") and path.is_file():
            course = read_course(path.read_text(encoding="utf-8", errors="replace"))
            if course:
                courses[job.log] = course
    return told(run, courses, now or datetime.now()), run.is_over


def main(arguments: Sequence[str] | None = None) -> None:
    """Tell what the newest run is doing, again and again until it is over."""
    parser = argparse.ArgumentParser(prog="tartarus.report.watch", description=main.__doc__)
    parser.add_argument("--directory", default=".", help="the folder in which Snakemake runs")
    parser.add_argument("--seconds", type=float, default=2.0, help="from one look to the next")
    parser.add_argument("--once", action="store_true", help="look once")
    given = parser.parse_args(arguments)
    try:
        while True:
            lines, is_over = look(given.directory)
            print("\033[H\033[2J" if not given.once else "", "\n".join(lines), sep="", flush=True)
            if given.once or is_over:
                return
            time.sleep(given.seconds)
    except TartarusError as error:
        parser.exit(1, f"{error}\n")
    except KeyboardInterrupt:
        parser.exit(0)


if __name__ == "__main__":
    main()
