"""The table of a family for people, in Markdown: a line for each result, and notes on what its figures are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tartarus.evaluation.differences import Difference
from tartarus.evaluation.measures import NAMES
from tartarus.report import beyond, tabulate
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

EXPLAINED = {
    "chance": "what to expect of a ranking by chance",
    "popularity": "the test items in one order for all users, by how many play training items that are like them",
    "upper_bound": "the factors that the test items have by who plays them, which no model can know",
}


@dataclass(frozen=True)
class _Columns:
    """The columns of measures; of some, beside it what was published, of one what is beyond the best plain method."""

    measures: Sequence[str]
    printed: set[str]
    leading: str | None

    def line(self, head: Sequence[str], cells: Mapping[str, tuple[str, str, str, str]]) -> list[str]:
        """Write a line: after its head, of each measure itself, what was published, the difference, what is beyond."""
        line = [*head]
        for measure in self.measures:
            own, published, difference, further = cells[measure]
            line += [own, *([published, difference] if measure in self.printed else [])]
            line += [further] if measure == self.leading else []
        return line


def table(
    title: str,
    results: Sequence[Result],
    *,
    paper: Paper = NO_PAPER,
    seconds: Mapping[str, float] | None = None,
    left_out: Mapping[str, Sequence[str]] | None = None,
    differences: Differences | None = None,
) -> str:
    """Write the table for people: a line for each result, a column for each main measure; see `tabulate.rows`.

    Columns for published figures are there only if there are any.
    """
    results, differences = with_ensembles(results), differences or {}
    made = {name_of(result): result for result in results}
    names = measure_names(results, main=True)
    printed = {measure for published in paper["rows"].values() for measure in published["figures"]}
    names += [name for name in NAMES if name in printed and name not in names]
    columns = _Columns(names, printed, beyond.leading(differences))
    head = ("experiment", "parameters", "s/epoch", "items (left out)")
    lines = [columns.line(head, {name: (name, "published", "difference", beyond.TITLE) for name in names})]
    for name in all_names(results, paper):
        own = _line_of(
            columns,
            name,
            made.get(name),
            paper["rows"].get(name, {}),
            seconds=(seconds or {}).get(name),
            differences=differences.get(name, {}),
        )
        lines.append(own)
    lines += _lines_to_compare(columns, results)
    notes = [*_notes(results, paper, left_out or {}), *(f"- {line}" for line in beyond.note(differences))]
    return f"# {title}\n\n{aligned(lines)}\n\n" + "\n".join(notes) + "\n"


def _line_of(
    columns: _Columns,
    name: str,
    result: Result | None,
    published: Mapping[str, Any],
    *,
    seconds: float | None,
    differences: Mapping[str, Difference],
) -> list[str]:
    """Write the line of a result, or of one that was published and not made."""
    measures = result["measures"] if result else {}
    head = [
        name,
        _beside(_thousands(result["parameters"] if result else None), _thousands(published.get("parameters"))),
        _beside(tenths(seconds), str(published.get("epoch_seconds", ""))),
        _items(result["items"]) if result else "not made",
    ]
    cells = {
        measure: (
            _cell(measures.get(measure)),
            _yardstick(published, measure),
            figure(tabulate.difference(measures.get(measure, {}))),
            beyond.cell(differences.get(measure)),
        )
        for measure in columns.measures
    }
    return columns.line(head, cells)


def _lines_to_compare(columns: _Columns, results: Sequence[Result]) -> Iterator[list[str]]:
    """Write the lines of what is no experiment; a dataset that has two of a kind says beside which results each is."""
    compared = tabulate.compared(results)
    for line in compared:
        is_alone = sum((line.reference, line.dataset) == (other.reference, other.dataset) for other in compared) == 1
        where = line.dataset if is_alone else f"beside {', '.join(line.beside)}"
        cells = {measure: (short(line.measures.get(measure)), "", "", "") for measure in columns.measures}
        yield columns.line((f"{line.reference} ({where})", "", "", ""), cells)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Write a table of Markdown whose columns are aligned; the first line is its head."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in [text[0], rule, *text[1:]])


def _notes(results: Sequence[Result], paper: Paper, left_out: Mapping[str, Sequence[str]]) -> list[str]:
    notes = [
        "Fractions. Mean ± deviation over the seeds [95 % bootstrap interval over the test items or users].",
        "Items are train/val/test. Seconds of an epoch are those of whole jobs, with their start.",
    ]
    groups = sorted({result["bootstrap"]["groups"] for result in results if "bootstrap" in result})
    if groups:
        notes.append(f"Intervals draw whole groups of test items, of which there are {', '.join(map(str, groups))}.")
    notes += _notes_on_folds(results)
    users = [result["users"] for result in results if "users" in result]
    for as_zero, what in ((False, "left out, for they have no test item"), (True, "without a test item, counted as 0")):
        counts = (count for count in users if count.get("counted_as_zero", False) == as_zero)
        asked = sorted({f"{count['evaluated']} ({count['without_items']})" for count in counts})
        if asked:
            notes.append(f"Users asked about ({what}): {', '.join(asked)}.")
    notes += _notes_on_classes(results)
    told = {key for result in results for measure in result["measures"].values() for key in measure}
    notes += [f"{tabulate.REFERENCES[key].capitalize()}: {what}." for key, what in EXPLAINED.items() if key in told]
    if paper["rows"]:
        notes.append(f"Published: {paper['source']}; of parameters and seconds, after the stroke.")
    reasons: dict[str, list[str]] = {}
    for name, published in paper["rows"].items():
        for measure, reason in published.get("no_yardstick", {}).items():
            reasons.setdefault(reason, []).append(f"{measure} of {name}")
    notes += [f"\\* No yardstick: {reason} ({', '.join(which)})." for reason, which in reasons.items()]
    made = set(map(name_of, results))
    unmade: dict[str, list[str]] = {}
    for name in dict.fromkeys([*paper["rows"], *left_out]):
        if name not in made:
            unmade.setdefault(tabulate.reason(name, paper["rows"].get(name, {}), left_out), []).append(name)
    notes += [f"Not made: {', '.join(names)}: {reason}." for reason, names in unmade.items()]
    return [f"- {note}" for note in notes]


def _notes_on_folds(results: Sequence[Result]) -> list[str]:
    """Say what was cross-validated, and how far the first measure differs from fold to fold; what became of val."""
    notes = []
    folded = [result for result in results if "folds" in result]
    if folded:
        first = measure_names(folded, main=True)[0]
        ranges = (f"{name_of(result)} {tabulate.over_folds(result, first)}" for result in folded)
        notes.append(
            f"Cross-validation: every item is scored once, by the models of the fold that held it out; train and val "
            f"are the fewest of a fold. {first.capitalize()}: {', '.join(ranges)}."
        )
    cut = [name_of(result) for result in results if "val_from" in result["items"] and result not in folded]
    if cut:
        notes.append(f"Validation items were taken from those for training: {', '.join(cut)}.")
    learned = [name_of(result) for result in results if "learned_from" in result["items"]]
    if learned:
        notes.append(f"Validation items were learned from, too: {', '.join(learned)}.")
    return notes


def _notes_on_classes(results: Sequence[Result]) -> list[str]:
    """Say of many labels which classes macro averages leave out, and which have no threshold of their own."""
    labelled = [result for result in results if "untested_classes" in result]
    untested = sorted({f"{entry['untested_classes']} of {entry['classes']}" for entry in labelled})
    cut = sorted({_thresholds(result) for result in labelled})
    if not labelled:
        return []
    return [
        f"Classes without a test item, in no macro average: {', '.join(untested)}.",
        f"Thresholds: {'; '.join(cut)}.",
    ]


def _thresholds(result: Result) -> str:
    chosen = result["thresholds"]
    if chosen["rule"] == "per_class":
        return (
            f"{chosen['at_common']} of {result['classes']} classes have the common one, with too few validation items"
        )
    return "one for all classes" if chosen["rule"] == "common" else f"{chosen['rule']} for all classes"


def _cell(measure: Mapping[str, Any] | None) -> str:
    if measure is None:
        return ""
    deviation = "" if measure["sd"] is None else f" ± {short(measure['sd'])}"
    interval = "" if measure["ci95"] is None else " [{}, {}]".format(*map(short, measure["ci95"]))
    return f"{short(measure['mean'])}{deviation}{interval}"


def _items(counts: Mapping[str, Any]) -> str:
    return f"{counts['train']}/{counts['val']}/{counts['test']} ({sum(counts['left_out'].values())})"


def _yardstick(published: Mapping[str, Any], measure: str) -> str:
    printed = short(published.get("figures", {}).get(measure))
    deviation = published.get("deviations", {}).get(measure)
    star = "\\*" if measure in published.get("no_yardstick", {}) else ""
    return printed + ("" if deviation is None else f" ± {short(deviation)}") + star


def _beside(ours: str, published: str) -> str:
    return f"{ours} / {published}" if published else ours


def _thousands(count: int | None) -> str:
    return "" if count is None else f"{count:,}".replace(",", " ")
