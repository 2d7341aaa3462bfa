"""Results of several families, or of two versions of one, side by side; and what differs in how they are made.

Every result is set against one of the first side: that of the same name, dataset and task, or else the best of the
dataset by its first measure. Differences are paired where both were measured on the same test items
(`tartarus.evaluation.differences`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tartarus.base.documents import read_json
from tartarus.base.errors import TartarusError, damaged
from tartarus.evaluation import differences
from tartarus.evaluation.differences import Difference, Samples
from tartarus.report.naming import Result, measure_names, name_of

NEEDED = ("experiment", "settings", "dataset", "task", "measures", "seeds", "items", "provenance")
COLUMNS = (
    *("side", "result", "dataset", "measure", "mean", "ci95_low", "ci95_high"),
    *("against", "difference", "difference_ci95_low", "difference_ci95_high"),
)


@dataclass(frozen=True)
class Side:
    """Results that belong together, in the order of their files, and the bootstrap samples of some, by their names."""

    name: str
    results: Sequence[Result]
    samples: Mapping[str, Samples]


@dataclass(frozen=True)
class Change:
    """What is not the same about two results: each what, before, now; an empty text stands for nothing."""

    settings: list[tuple[str, str, str]]
    inputs: list[tuple[str, str]]
    versions: list[tuple[str, str, str]]
    code: tuple[str, str] | None

    @property
    def is_none(self) -> bool:
        """Whether all is the same."""
        return not (self.settings or self.inputs or self.versions or self.code)


@dataclass(frozen=True)
class Line:
    """A result, and what it is set against.

    Attributes
    ----------
    side, name : str
        Of the result.
    result : dict
        The result file.
    against : str
        The name of the result of the first side; empty if it is of that side itself, or there is none.
    differences : dict of str to Difference
        By measure.
    change : Change, optional
        What is not the same, where the names are.
    """

    side: str
    name: str
    result: Result
    against: str = ""
    differences: Mapping[str, Difference] = field(default_factory=dict)
    change: Change | None = None


def read(name: str, results: Sequence[str], samples: Sequence[str]) -> Side:
    """Read one side. Files of other versions are read as far as they are needed here.

    Raises
    ------
    TartarusError
        If a file of results is damaged, or none is one.
    """
    found = []
    for path in results:
        result = read_json(path)
        if not isinstance(result, dict):
            raise damaged(path, "not a result")
        if set(NEEDED) <= result.keys():
            found.append(result)
    if not found:
        raise TartarusError(f"compare: {name}: none of its {len(results)} JSON files is a result; name another folder")
    return Side(name, found, {Path(path).parent.name: differences.read(path) for path in samples})


def lines(sides: Sequence[Side]) -> list[Line]:
    """Set the results of all sides against those of the first."""
    base = sides[0]
    found = [Line(base.name, name_of(result), result) for result in base.results]
    for side in sides[1:]:
        for result in side.results:
            name = name_of(result)
            rivals = [other for other in base.results if _same(result, other)]
            same = next((other for other in rivals if name_of(other) == name), None)
            rival = same or _best(rivals)
            if rival is None:
                found.append(Line(side.name, name, result))
                continue
            pair = (side.samples.get(name), base.samples.get(name_of(rival)))
            shared = [measure for measure in measure_names([result]) if measure in rival["measures"]]
            by_measure = {measure: differences.between(measure, result, rival, *pair) for measure in shared}
            change = changes(rival, result) if same else None
            found.append(Line(side.name, name, result, name_of(rival), by_measure, change))
    return found


def _same(one: Result, other: Result) -> bool:
    return bool((one["dataset"], one["task"]) == (other["dataset"], other["task"]))


def _best(rivals: Sequence[Result]) -> Result | None:
    if not rivals:
        return None
    measure = measure_names(rivals)[0]
    sign = -1 if measure.startswith(differences.LOWER_IS_BETTER) else 1
    measured = [result for result in rivals if measure in result["measures"]]
    return max(measured, key=lambda result: sign * result["measures"][measure]["mean"])


def changes(before: Result, now: Result) -> Change:
    """Tell what is not the same about how two results were made: settings, inputs, versions of packages, code."""
    old, new = before["provenance"], now["provenance"]
    # What is trained and predicted follows from the other inputs, and is another file in another family.
    return Change(
        _unequal(dict(_flat(_asked(before))), dict(_flat(_asked(now)))),
        [
            (path, "added" if not one else "left out" if not other else "another content")
            for path, one, other in _unequal(_given(old["inputs"]), _given(new["inputs"]))
        ],
        _unequal(old["versions"], new["versions"]),
        None if old["code"] == new["code"] else (old["code"], new["code"]),
    )


def _asked(result: Result) -> dict[str, Any]:
    return {**result["provenance"]["settings"], "seeds": result["seeds"], "items": result["items"]}


def _given(inputs: Mapping[str, str]) -> dict[str, str]:
    return {path: sum_ for path, sum_ in inputs.items() if not path.startswith(("data/models/", "data/predictions/"))}


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}: {name}" if key else str(name))
    else:
        yield key, str(value)


def _unequal(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str, str]]:
    keys = sorted({*before, *now})
    return [(key, before.get(key, ""), now.get(key, "")) for key in keys if before.get(key) != now.get(key)]


def rows(found: Sequence[Line]) -> list[dict[str, object]]:
    """List every measure of every result, with its difference, as a table."""
    listed = []
    for line in found:
        for measure in measure_names([line.result]):
            figures, difference = line.result["measures"][measure], line.differences.get(measure)
            low, high = figures["ci95"] or ("", "")
            row = [line.side, line.name, line.result["dataset"], measure, figures["mean"], low, high]
            if difference:
                row += [line.against, difference.mean, *(difference.ci95 or ("", ""))]
            listed.append(dict(zip(COLUMNS, [*row, "", "", "", ""], strict=False)))
    return listed


def content(found: Sequence[Line]) -> dict[str, Any]:
    """Arrange what the page says: a table for each dataset and task, and what is not the same."""
    by_dataset: dict[tuple[str, str], list[Line]] = {}
    for line in found:
        by_dataset.setdefault((line.result["dataset"], line.result["task"]), []).append(line)
    names = list(dict.fromkeys(line.side for line in found))
    return {
        "title": f"{names[0]} beside {', '.join(names[1:])}",
        "base": names[0],
        "tables": [
            (*of, measure_names([line.result for line in own], main=True), own) for of, own in by_dataset.items()
        ],
        "changed": [line for line in found if line.change],
    }
