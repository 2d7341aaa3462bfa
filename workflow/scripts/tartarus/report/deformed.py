"""What deformed sound does to the measures of a family's models, in one table: a row for each deformation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tartarus.report.markdown import aligned
from tartarus.report.naming import Result, figure, measure_names, name_of
from tartarus.report.tabulate import Row

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
        for name, found in _in_order(result):
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
    names = measure_names([its for result in results for _, its in _in_order(result)], main=True)
    lines = [["experiment", "sound", "items", *names]]
    for result in results:
        for name, its in _in_order(result):
            what = f"{name}: {_told(its['options'])}" if its["options"] else "as it is"
            lines.append([name_of(result), what, str(its["items"]), *(_cell(result, name, each) for each in names)])
    notes = [
        "Fractions: the mean over the seeds (change to the sound as it is). Intervals are in deformed.tsv.",
        "The sound of the test items alone is deformed, never that of training.",
        "Stretch: times as fast, at the same pitch. Low pass: Hz. Noise: dB below the sound. Gain: dB. MP3: kbit/s.",
    ]
    return f"# {title}: deformed sound\n\n{aligned(lines)}\n\n" + "".join(f"- {note}\n" for note in notes)


def _in_order(result: Result) -> list[tuple[str, Mapping[str, Any]]]:
    """List what was measured by its deformation, the sound as it is first."""
    return sorted(result["deformed"].items(), key=lambda entry: (entry[0] != UNTOUCHED, entry[0]))


def _cell(result: Result, name: str, measure: str) -> str:
    mean, change = result["deformed"][name]["measures"].get(measure, {}).get("mean"), _change(result, name, measure)
    if mean is None:
        return ""
    return f"{mean:.3f}" if change is None else f"{mean:.3f} ({change:+.3f})"


def _told(options: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in options.items())


def _change(result: Result, name: str, measure: str) -> float | None:
    """Tell how much larger a measure is than of the sound as it is; None where one of the two is not defined."""
    means = [result["deformed"][which]["measures"].get(measure, {}).get("mean") for which in (name, UNTOUCHED)]
    return None if name == UNTOUCHED or None in means else means[0] - means[1]
