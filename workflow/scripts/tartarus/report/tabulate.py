"""The results of a family in one table, beside the published figures.

Rows are in the order of the paper, what it lacks after that. Published results that were not made stand there too,
with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from tartarus.evaluation.measures import NAMES
from tartarus.report import beyond
from tartarus.report.beyond import Differences
from tartarus.report.naming import (
    NO_PAPER,
    Paper,
    Result,
    all_names,
    figure,
    measure_names,
    name_of,
    short,
    tenths,
    with_ensembles,
)

Row = dict[str, str]

COLUMNS = (
    *("experiment", "settings", "dataset", "test_items", "left_out", "parameters", "epoch_seconds", "seeds"),
    *("measure", "mean", "sd", "ci95_low", "ci95_high", "chance", "published", "published_sd", "difference"),
    *beyond.COLUMNS,
    *("published_parameters", "published_epoch_seconds", "note"),
)
# What results may tell of others, beside their own measures, and what it is called in tables.
REFERENCES = {"chance": "chance", "popularity": "popularity", "upper_bound": "upper bound"}


def rows(
    results: Sequence[Result],
    *,
    paper: Paper = NO_PAPER,
    seconds: Mapping[str, float] | None = None,
    left_out: Mapping[str, Sequence[str]] | None = None,
    differences: Differences | None = None,
) -> list[Row]:
    """Make the rows of table.tsv: one for each result and measure, and for each published figure without a result.

    Parameters
    ----------
    results : sequence of dict
        Result files.
    paper : mapping, optional
        Published figures, as in config/published.
    seconds : mapping, optional
        Name of a result to the seconds of an epoch.
    left_out : mapping, optional
        Name of a result that was not made to the files that it lacks.
    differences : mapping, optional
        Name of a result to its differences to the best plain method.

    Returns
    -------
    list of dict
        All with the keys `COLUMNS`; empty where there is nothing to say.
    """
    results = with_ensembles(results)
    made = {name_of(result): result for result in results}
    table = []
    for name in dict.fromkeys([*all_names(results, paper), *(left_out or {})]):
        published = paper["rows"].get(name, {})
        if name not in made:
            row = {"experiment": name, "note": reason(name, published, left_out or {})}
            table += [{**_printed(published, measure), **row} for measure in published.get("figures", [""])]
            continue
        result = made[name]
        head = {
            "experiment": result["experiment"],
            "settings": "_".join(result["settings"]),
            "dataset": result["dataset"],
            "test_items": str(result["items"]["test"]),
            "left_out": str(sum(result["items"]["left_out"].values())),
            "parameters": str(result["parameters"]),
            "epoch_seconds": tenths((seconds or {}).get(name)),
            "seeds": str(len(result["seeds"])),
        }
        for measure in measure_names([result]):
            row = {**head, **_cells(result["measures"][measure]), **_printed(published, measure)}
            row["note"] = row["note"] or over_folds(result, measure)
            table.append({**row, **beyond.cells((differences or {}).get(name, {}).get(measure))})
    for line in compared(results):
        head = {"experiment": line.reference, "dataset": line.dataset, "note": f"beside {', '.join(line.beside)}"}
        table += [
            {**head, "measure": name, "mean": figure(line.measures[name])} for name in NAMES if name in line.measures
        ]
    return [{column: row.get(column, "") for column in COLUMNS} for row in table]


@dataclass(frozen=True)
class Compared:
    """A line of a table for comparison: what something that is no experiment would have, and beside which results."""

    reference: str
    dataset: str
    measures: Mapping[str, float]
    beside: list[str] = field(compare=False)


def compared(results: Sequence[Result]) -> list[Compared]:
    """List what there is to compare with, each once; results on other items, or of other factors, have other lines."""
    lines: list[Compared] = []
    for dataset, (key, name) in product(dict.fromkeys(result["dataset"] for result in results), REFERENCES.items()):
        for result in results:
            known = {measure: found[key] for measure, found in result["measures"].items() if key in found}
            line = Compared(name, dataset, known, [name_of(result)])
            if known and result["dataset"] == dataset:
                same = next((other for other in lines if other == line), None)
                if same:
                    same.beside.append(name_of(result))
                else:
                    lines.append(line)
    return lines


def _cells(measure: Mapping[str, Any]) -> Row:
    low, high = measure["ci95"] or (None, None)
    return {
        "mean": figure(measure["mean"]),
        "sd": figure(measure["sd"]),
        "ci95_low": figure(low),
        "ci95_high": figure(high),
        "chance": figure(measure.get("chance")),
        "difference": figure(difference(measure)),
    }


def _printed(published: Mapping[str, Any], measure: str) -> Row:
    return {
        "measure": measure,
        "published": figure(published.get("figures", {}).get(measure)),
        "published_sd": figure(published.get("deviations", {}).get(measure)),
        "published_parameters": str(published.get("parameters", "")),
        "published_epoch_seconds": str(published.get("epoch_seconds", "")),
        "note": published.get("no_yardstick", {}).get(measure, ""),
    }


def over_folds(result: Result, measure: str) -> str:
    """Say how far a measure differs from fold to fold; nothing without folds."""
    found = [fold["measures"][measure] for fold in result.get("folds", ()) if fold["measures"][measure] is not None]
    return f"{short(min(found))} to {short(max(found))} in {len(result['folds'])} folds" if found else ""


def reason(name: str, published: Mapping[str, Any], left_out: Mapping[str, Sequence[str]]) -> str:
    """Say why a published result is not there."""
    if name in left_out:
        return f"left out because it lacks {', '.join(left_out[name])}"
    return str(published.get("not_built", "not among the results of this run"))


def difference(measure: Mapping[str, Any]) -> float | None:
    """Take what was published off a measure; None if nothing was."""
    return measure["mean"] - measure["published"] if "published" in measure else None
