"""The results of a family in one table, beside the published figures.

Rows are in the order of the paper, what it lacks after that. Published results that were not made stand there too,
with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from tartarus.evaluation.measures import NAMES
from tartarus.evaluation.ranking import OFF_PAGES
from tartarus.report import beyond
from tartarus.report.beyond import Differences

Row = dict[str, str]
Result = Mapping[str, Any]
Paper = Mapping[str, Any]

COLUMNS = (
    *("experiment", "settings", "dataset", "test_items", "left_out", "parameters", "epoch_seconds", "seeds"),
    *("measure", "mean", "sd", "ci95_low", "ci95_high", "chance", "published", "published_sd", "difference"),
    *beyond.COLUMNS,
    *("published_parameters", "published_epoch_seconds", "note"),
)
# In table.tsv only, where there are rankings: a page or a picture would be too wide.
SECONDARY = (
    *("subset_accuracy", "precision_macro", "recall_macro", "precision_micro", "recall_micro", "f1_micro"),
    *("roc_auc_micro", *OFF_PAGES),
)
# What results may tell of others, beside their own measures, and what it is called in tables.
REFERENCES = {"chance": "chance", "popularity": "popularity", "upper_bound": "upper bound"}
EXPLAINED = {
    "chance": "what to expect of a ranking by chance",
    "popularity": "the test items in one order for all users, by how many play training items that are like them",
    "upper_bound": "the factors that the test items have by who plays them, which no model can know",
}
NO_PAPER: Paper = {"rows": {}}


def name_of(result: Result) -> str:
    """Join experiment and settings, as in the result's file name."""
    return "_".join([result["experiment"], *result["settings"]])


def by_name(results: Sequence[Result], found: Sequence[Any]) -> dict[str, Any]:
    """Put what was found of each result under its name."""
    return dict(zip(map(name_of, results), found, strict=True))


def with_ensembles(results: Sequence[Result]) -> list[Result]:
    """Put after each result that has an ensemble a result of it: that of the mean of the seeds' scores."""
    found: list[Result] = []
    for result in results:
        found.append(result)
        if "ensemble" in result:
            own = {"settings": [*result["settings"], "ensemble"], "measures": result["ensemble"]}
            found.append({**{key: value for key, value in result.items() if key != "ensemble"}, **own})
    return found


def in_order(results: Sequence[Result], paper: Paper = NO_PAPER) -> list[Result]:
    """Sort results as the paper does; those that it lacks come last, in their own order."""
    place = {name: number for number, name in enumerate(paper["rows"])}
    return sorted(results, key=lambda result: place.get(name_of(result), len(place)))


def _all_names(results: Sequence[Result], paper: Paper) -> list[str]:
    """List the results of the paper, made or not, then those that it lacks."""
    return list(dict.fromkeys([*paper["rows"], *map(name_of, results)]))


def measure_names(results: Sequence[Result], *, main: bool = False) -> list[str]:
    """List the measures of some results, in the order of the literature: all, or those for a picture or a page."""
    found = {name for result in results for name in result["measures"]}
    aside = SECONDARY if main and any("roc_auc" in result["measures"] for result in results) else ()
    return [name for name in NAMES if name in found and name not in aside]


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
    for name in dict.fromkeys([*_all_names(results, paper), *(left_out or {})]):
        published = paper["rows"].get(name, {})
        if name not in made:
            row = {"experiment": name, "note": _reason(name, published, left_out or {})}
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
            "epoch_seconds": _seconds((seconds or {}).get(name)),
            "seeds": str(len(result["seeds"])),
        }
        for measure in measure_names([result]):
            row = {**head, **_cells(result["measures"][measure]), **_printed(published, measure)}
            row["note"] = row["note"] or _over_folds(result, measure)
            table.append({**row, **beyond.cells((differences or {}).get(name, {}).get(measure))})
    for line in _compared(results):
        head = {"experiment": line.reference, "dataset": line.dataset, "note": f"beside {', '.join(line.beside)}"}
        table += [
            {**head, "measure": name, "mean": figure(line.measures[name])} for name in NAMES if name in line.measures
        ]
    return [{column: row.get(column, "") for column in COLUMNS} for row in table]


@dataclass(frozen=True)
class _Compared:
    """A line of a table for comparison: what something that is no experiment would have, and beside which results."""

    reference: str
    dataset: str
    measures: Mapping[str, float]
    beside: list[str] = field(compare=False)


def _compared(results: Sequence[Result]) -> list[_Compared]:
    """List what there is to compare with, each once; results on other items, or of other factors, have other lines."""
    lines: list[_Compared] = []
    for dataset, (key, name) in product(dict.fromkeys(result["dataset"] for result in results), REFERENCES.items()):
        for result in results:
            known = {measure: found[key] for measure, found in result["measures"].items() if key in found}
            line = _Compared(name, dataset, known, [name_of(result)])
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
        "difference": figure(_difference(measure)),
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


def _over_folds(result: Result, measure: str) -> str:
    """Say how far a measure differs from fold to fold; nothing without folds."""
    found = [fold["measures"][measure] for fold in result.get("folds", ()) if fold["measures"][measure] is not None]
    return f"{short(min(found))} to {short(max(found))} in {len(result['folds'])} folds" if found else ""


def _reason(name: str, published: Mapping[str, Any], left_out: Mapping[str, Sequence[str]]) -> str:
    """Say why a published result is not there."""
    if name in left_out:
        return f"left out because it lacks {', '.join(left_out[name])}"
    return str(published.get("not_built", "not among the results of this run"))


def markdown(
    title: str,
    results: Sequence[Result],
    *,
    paper: Paper = NO_PAPER,
    seconds: Mapping[str, float] | None = None,
    left_out: Mapping[str, Sequence[str]] | None = None,
    differences: Differences | None = None,
) -> str:
    """Write the table for people: a line for each result, a column for each main measure; see `rows`.

    Columns for published figures are there only if there are any.
    """
    results = with_ensembles(results)
    made = {name_of(result): result for result in results}
    names = measure_names(results, main=True)
    printed = {measure for published in paper["rows"].values() for measure in published["figures"]}
    names += [name for name in NAMES if name in printed and name not in names]
    differences, head = differences or {}, ["experiment", "parameters", "s/epoch", "items (left out)"]
    shown = beyond.leading(differences)
    for name in names:
        head += [
            name,
            *(["published", "difference"] if name in printed else []),
            *([beyond.TITLE] if name == shown else []),
        ]
    lines = [head]
    for name in _all_names(results, paper):
        published, result = paper["rows"].get(name, {}), made.get(name)
        line = [
            name,
            _beside(_thousands(result["parameters"] if result else None), _thousands(published.get("parameters"))),
            _beside(_seconds((seconds or {}).get(name)), str(published.get("epoch_seconds", ""))),
            _items(result["items"]) if result else "not made",
        ]
        for measure in names:
            found = result["measures"].get(measure) if result else None
            line.append(_cell(found))
            if measure in printed:
                line += [_yardstick(published, measure), figure(_difference(found or {}))]
            if measure == shown:
                line.append(beyond.cell(differences.get(name, {}).get(measure)))
        lines.append(line)
    compared = _compared(results)
    for other in compared:
        is_alone = sum((line.reference, line.dataset) == (other.reference, other.dataset) for line in compared) == 1
        where = other.dataset if is_alone else f"beside {', '.join(other.beside)}"
        line = [f"{other.reference} ({where})", "", "", ""]
        for measure in names:
            line += [short(other.measures.get(measure)), *(["", ""] if measure in printed else [])]
            line += [""] if measure == shown else []
        lines.append(line)
    notes = [*_notes(results, paper, left_out or {}), *(f"- {line}" for line in beyond.note(differences))]
    return f"# {title}\n\n{aligned(lines)}\n\n" + "\n".join(notes) + "\n"


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
    notes += [f"{REFERENCES[key].capitalize()}: {what}." for key, what in EXPLAINED.items() if key in told]
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
            unmade.setdefault(_reason(name, paper["rows"].get(name, {}), left_out), []).append(name)
    notes += [f"Not made: {', '.join(names)}: {reason}." for reason, names in unmade.items()]
    return [f"- {note}" for note in notes]


def _notes_on_folds(results: Sequence[Result]) -> list[str]:
    """Say what was cross-validated, and how far the first measure differs from fold to fold; where val is from."""
    notes = []
    folded = [result for result in results if "folds" in result]
    if folded:
        first = measure_names(folded, main=True)[0]
        ranges = (f"{name_of(result)} {_over_folds(result, first)}" for result in folded)
        notes.append(
            f"Cross-validation: every item is scored once, by the models of the fold that held it out; train and val "
            f"are the fewest of a fold. {first.capitalize()}: {', '.join(ranges)}."
        )
    cut = [name_of(result) for result in results if "val_from" in result["items"] and result not in folded]
    if cut:
        notes.append(f"Validation items were taken from those for training: {', '.join(cut)}.")
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


def _difference(measure: Mapping[str, Any]) -> float | None:
    return measure["mean"] - measure["published"] if "published" in measure else None


def _thousands(count: int | None) -> str:
    return "" if count is None else f"{count:,}".replace(",", " ")


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def short(value: float | None) -> str:
    """Write a figure for a page: three decimals, or three digits where these would leave little of it."""
    if value is None:
        return ""
    return f"{value:.3g}" if 1e-9 < abs(value) < 0.01 else f"{value:.3f}"


def figure(value: float | None) -> str:
    """Write a figure for a table: four decimals, or four digits."""
    if value is None:
        return ""
    return f"{value:.4g}" if 1e-9 < abs(value) < 0.01 else f"{value:.4f}"
