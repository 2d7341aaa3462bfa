"""What deformed sound does to the measures of a family's models, in one table: a row for each deformation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tartarus.report.tabulate import Row, aligned, cell, figure, measure_names, name_of

Result = Mapping[str, Any]

COLUMNS = (
    *("experiment", "settings", "dataset", "deformation", "options", "test_items"),
    *("measure", "mean", "sd", "ci95_low", "ci95_high", "change"),
)
UNTOUCHED = "none"


def rows(results: Sequence[Result]) -> Iterator[Row]:
    """Make the rows of deformed.tsv: one for each model, deformation and measure.

    Parameters
    ----------
    results : sequence of dict
        Of each model the head of its result and `deformed`: name of a deformation to its `options`, the `items` that
        could be scored, and `measures` as in a result; ``none`` is the sound as it is.

    Yields
    ------
    dict
        With the keys `COLUMNS`; `change` is the difference to the sound as it is.
    """
    for result in results:
        for name, found in result["deformed"].items():
            for measure in measure_names([found]):
                values = found["measures"][measure]
                low, high = values["ci95"] or (None, None)
                yield {
                    "experiment": result["experiment"],
                    "settings": "_".join(result["settings"]),
                    "dataset": result["dataset"],
                    "deformation": name,
                    "options": _told(found["options"]),
                    "test_items": str(found["items"]),
                    "measure": measure,
                    "mean": figure(values["mean"]),
                    "sd": figure(values["sd"]),
                    "ci95_low": figure(low),
                    "ci95_high": figure(high),
                    "change": figure(_change(result, name, measure)),
                }


def markdown(title: str, results: Sequence[Result]) -> str:
    """Write the table for people: a line for each model and deformation, a column for each main measure."""
    found = [its for result in results for its in result["deformed"].values()]
    names = measure_names(found, main=True)
    lines = [["experiment", "sound", "items", *(head for name in names for head in (name, "change"))]]
    for result in results:
        for name, its in result["deformed"].items():
            what = f"{name}: {_told(its['options'])}" if its["options"] else "as it is"
            line = [name_of(result), what, str(its["items"])]
            for measure in names:
                line += [cell(its["measures"].get(measure)), figure(_change(result, name, measure))]
            lines.append(line)
    notes = [
        "Fractions. Mean ± deviation over the seeds [95 % bootstrap interval over the test items or users].",
        "The sound of the test items alone is deformed, never that of training. Change: to the sound as it is.",
        "Stretch: times as fast, at the same pitch. Low pass: Hz. Noise: dB below the sound. Gain: dB. MP3: kbit/s.",
    ]
    return f"# {title}: deformed sound\n\n{aligned(lines)}\n\n" + "".join(f"- {note}\n" for note in notes)


def _told(options: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in options.items())


def _change(result: Result, name: str, measure: str) -> float | None:
    """Tell how much larger a measure is than of the sound as it is; None where one of the two is not defined."""
    means = [result["deformed"][which]["measures"].get(measure, {}).get("mean") for which in (name, UNTOUCHED)]
    return None if name == UNTOUCHED or None in means else means[0] - means[1]
