"""The results of a family in one table, beside the published figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from tartarus.measures import MULTICLASS

Row = dict[str, str]

_UNITS = "Fractions. Mean ± deviation over the seeds [95 % bootstrap interval over the test items]."


def measure_names(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the measures of some results, in the order of the literature."""
    found = {name for result in results for name in result["measures"]}
    return [*(name for name in MULTICLASS if name in found), *sorted(found.difference(MULTICLASS))]


def rows(results: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Make the rows of table.tsv: one for each result and measure.

    Parameters
    ----------
    results : sequence of dict
        Result files, in the order of the table.

    Returns
    -------
    list of dict
        All of the same keys; empty where there is nothing to say.
    """
    return [
        {
            "experiment": result["experiment"],
            "settings": "_".join(result["settings"]),
            "dataset": result["dataset"],
            "test_items": str(result["items"]["test"]),
            "left_out": str(sum(result["items"]["left_out"].values())),
            "parameters": str(result["parameters"]),
            "seeds": str(len(result["seeds"])),
            "measure": name,
            "mean": _figure(measure["mean"]),
            "sd": _figure(measure["sd"]),
            "ci95_low": _figure(measure["ci95"][0]),
            "ci95_high": _figure(measure["ci95"][1]),
            "published": _figure(measure.get("published")),
            "difference": _figure(_difference(measure)),
        }
        for result in results
        for name in measure_names([result])
        for measure in [result["measures"][name]]
    ]


def markdown(title: str, results: Sequence[Mapping[str, Any]]) -> str:
    """Write the table for people: a line for each result, a column for each measure.

    Parameters
    ----------
    title : str
        Of the family.
    results : sequence of dict
        Result files.

    Returns
    -------
    str
        Markdown. Columns for published figures are there only if there are any.
    """
    names = measure_names(results)
    published = any("published" in m for result in results for m in result["measures"].values())
    head = ["experiment", "parameters", "items (left out)"]
    for name in names:
        head += [name, "published", "difference"] if published else [name]
    lines = [head]
    for result in results:
        counts = result["items"]
        line = [
            "_".join([result["experiment"], *result["settings"]]),
            f"{result['parameters']:,}".replace(",", " "),
            f"{counts['train']}/{counts['val']}/{counts['test']} ({sum(counts['left_out'].values())})",
        ]
        for name in names:
            measure = result["measures"].get(name)
            line.append(_cell(measure))
            if published:
                line += [_figure((measure or {}).get("published")), _figure(_difference(measure or {}))]
        lines.append(line)
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    body = "\n".join(f"| {line} |" for line in [text[0], rule, *text[1:]])
    return f"# {title}\n\n{body}\n\n{_UNITS} Items are train/val/test.\n"


def _cell(measure: Mapping[str, Any] | None) -> str:
    if measure is None:
        return ""
    deviation = "" if measure["sd"] is None else f" ± {measure['sd']:.3f}"
    low, high = measure["ci95"]
    return f"{measure['mean']:.3f}{deviation} [{low:.3f}, {high:.3f}]"


def _difference(measure: Mapping[str, Any]) -> float | None:
    return measure["mean"] - measure["published"] if "published" in measure else None


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
