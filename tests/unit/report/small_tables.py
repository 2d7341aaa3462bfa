"""A small paper, results that it has and results that it lacks, and what tables and charts say."""

import copy
from typing import Any

from tartarus.report.charts import Chart

from tests.unit.examples import RESULT

PAPER: dict[str, Any] = {
    "source": "a paper, Table 2",
    "rows": {
        "timbre": {"figures": {"accuracy": 0.3}, "parameters": 10000, "not_built": "it needs timbre coefficients"},
        "dummy_audio": {
            "figures": {"accuracy": 0.25, "map@500": 0.00309},
            "deviations": {"accuracy": 0.006},
            "no_yardstick": {"map@500": "a re-run, not the paper"},
        },
        "dummy_text_bow": {"figures": {"accuracy": 0.4}},
        "dummy_multimodal_audio_bow": {"figures": {"accuracy": 0.8}, "parameters": 1500000, "epoch_seconds": 2},
        "visual": {"figures": {"f1_macro": 0.1}},
    },
}


def other() -> dict[str, Any]:
    """Make a result of another experiment, with a published figure below and one that is small."""
    result = copy.deepcopy(RESULT)
    result |= {"experiment": "dummy_audio", "settings": [], "parameters": 99, "seeds": [1]}
    result["items"] |= {"left_out": {}, "noted": {}}
    result["measures"] = {
        "accuracy": {"mean": 1 / 3, "sd": None, "ci95": [0.0, 0.5], "per_seed": [1 / 3], "published": 0.25},
        "map@500": {"mean": 0.0045, "sd": 0.0001, "ci95": None, "per_seed": [0.0045], "published": 0.00309},
    }
    return result


def unpublished(name: str = "own", **measures: float) -> dict[str, Any]:
    """Make a result of which no paper tells."""
    result = copy.deepcopy(RESULT) | {"experiment": name, "settings": []}
    result["measures"] = {
        measure: {"mean": mean, "sd": None, "ci95": [mean, mean], "per_seed": [mean]}
        for measure, mean in (measures or {"accuracy": 0.5}).items()
    }
    return result


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def lines_of(text: str) -> dict[str, list[str]]:
    """Read the table for people: first cell to cells, the header as ``experiment``."""
    return {cells(line)[0]: cells(line) for line in text.splitlines() if line.startswith("|")}


def notes_of(text: str) -> list[str]:
    return [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]


def told(chart: Chart, *keys: str, **having: Any) -> list[tuple]:
    """List these cells of the rows of a chart that have these values."""
    rows = [row for row in chart.rows if all(row[key] == value for key, value in having.items())]
    return [tuple(row[key] for key in keys) for row in rows]
