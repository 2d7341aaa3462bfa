"""How results and measures are called and ordered, and figures written: the same in tables, charts and pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from tartarus.evaluation.measures import NAMES
from tartarus.evaluation.ranking import OFF_PAGES

Result = Mapping[str, Any]
Paper = Mapping[str, Any]

NO_PAPER: Paper = {"rows": {}}
# In table.tsv only, where there are rankings: a page or a picture would be too wide.
SECONDARY = (
    *("subset_accuracy", "precision_macro", "recall_macro", "precision_micro", "recall_micro", "f1_micro"),
    *("roc_auc_micro", *OFF_PAGES),
)


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


def all_names(results: Sequence[Result], paper: Paper) -> list[str]:
    """List the results of the paper, made or not, then those that it lacks."""
    return list(dict.fromkeys([*paper["rows"], *map(name_of, results)]))


def measure_names(results: Sequence[Result], *, main: bool = False) -> list[str]:
    """List the measures of some results, in the order of the literature: all, or those for a picture or a page."""
    found = {name for result in results for name in result["measures"]}
    aside = SECONDARY if main and any("roc_auc" in result["measures"] for result in results) else ()
    return [name for name in NAMES if name in found and name not in aside]


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


def tenths(value: float | None) -> str:
    """Write seconds for a table: one decimal."""
    return "" if value is None else f"{value:.1f}"
