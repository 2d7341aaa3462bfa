"""The table of a family's page: the rows of table.tsv, arranged for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from tartarus.evaluation.differences import is_reference
from tartarus.evaluation.measures import NAMES
from tartarus.plan.schemas import Section
from tartarus.report.naming import Result, measure_names, name_of, with_ensembles

NOT_MADE = "Not made"


def arranged(results: Sequence[Result], rows: Sequence[Mapping[str, str]]) -> tuple[list[str], list[Any]]:
    """Arrange the rows of table.tsv for people.

    Parameters
    ----------
    results : sequence of dict
        Result files.
    rows : sequence of mapping
        Those of table.tsv.

    Returns
    -------
    measures : list of str
        The columns.
    bodies : list of (str, list of dict)
        The parts of the table, each with its title and its lines: networks, then what they are compared with. A line
        has `cells`, measure to figures, None where there is none.
    """
    made = {name_of(result): result for result in with_ensembles(results)}
    printed = {row["measure"] for row in rows if row["published"]}
    main = measure_names(results, main=True)
    measures = [name for name in NAMES if name in printed or name in main]
    bodies: dict[str, dict[str, Section]] = {"Networks": {}, "Plain methods": {}, "To compare with": {}, NOT_MADE: {}}
    for row in rows:
        name = "_".join(filter(None, (row["experiment"], row["settings"])))
        if name in made:
            body = "Plain methods" if is_reference(made[name]) else "Networks"
            key, note = name, ""
        else:
            body = "To compare with" if row["mean"] else NOT_MADE
            # Two lines of chance may be beside other results.
            key, note = f"{name} {row['note'] if row['mean'] else ''}", row["note"]
        head = {"name": name, "dataset": row["dataset"], "tested": row["test_items"], "note": note}
        cells = dict.fromkeys(measures)
        line = bodies[body].setdefault(key, {**head, "parameters": _number(row["parameters"]), "cells": cells})
        if row["measure"] in measures:
            line["cells"][row["measure"]] = _cell(row)
    _mark_best([*bodies["Networks"].values(), *bodies["Plain methods"].values()], measures)
    return measures, [(title, [*lines.values()]) for title, lines in bodies.items() if lines]


def _cell(row: Mapping[str, str]) -> Section:
    columns = {
        **{"mean": "mean", "sd": "sd", "low": "ci95_low", "high": "ci95_high", "published": "published"},
        **{"difference": "difference", "beyond": "beyond_reference", "beyond_low": "beyond_ci95_low"},
        "beyond_high": "beyond_ci95_high",
    }
    figures: Section = {name: _number(row[column]) for name, column in columns.items()}
    doubtful = bool(row["note"]) and figures["published"] is not None and figures["mean"] is not None
    return {**figures, "reference": row["best_reference"], "note": row["note"], "doubtful": doubtful, "best": False}


def _mark_best(lines: Sequence[Section], measures: Sequence[str]) -> None:
    for measure in measures:
        lowest = measure.startswith("median_rank")
        for dataset in {line["dataset"] for line in lines}:
            cells = [line["cells"][measure] for line in lines if line["dataset"] == dataset]
            found = [cell["mean"] for cell in cells if cell and cell["mean"] is not None]
            if len(found) > 1:
                best = min(found) if lowest else max(found)
                for cell in cells:
                    if cell and cell["mean"] == best:
                        cell["best"] = True


def _number(text: str) -> float | None:
    return float(text) if text else None
