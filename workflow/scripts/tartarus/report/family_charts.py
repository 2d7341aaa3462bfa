"""Charts of all results of a family: their measures, and how many items of every class they find."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tartarus.evaluation.differences import is_reference
from tartarus.report.charts import COLOURS, PUBLISHED, Chart, Row, Spec, in_order, only, tooltip
from tartarus.report.naming import NO_PAPER, Result, measure_names, name_of, with_ensembles

# More would be too small to read; the table beside the picture has all.
MOST_CLASSES = 50
_STEP = 22  # pixels of a row
_NORMAL = 1.959964  # the quantile of the normal distribution at 97.5 %


def intervals(results: Sequence[Result], title: str, *, paper: Mapping[str, Any] = NO_PAPER) -> Chart:
    """Show every main measure of every result: mean, interval, the seeds as dots, the published figure as a cross.

    Parameters
    ----------
    results : sequence of dict
        Result files, in the order of the rows.
    title : str
        Of the chart.
    paper : mapping, optional
        Published figures, as in config/published; those that are no yardstick have a pale cross.
    """
    shown = with_ensembles(results)
    rows = [row for result in shown for row in _rows_of(result, paper)]
    names = list(map(name_of, shown))
    return Chart(
        title,
        "Every measure of every result: a line is the mean over the seeds, each dot a seed, the bar the 95 % interval, "
        "a cross a published figure (pale where it is no yardstick), a triangle what chance or popularity would have.",
        rows,
        [_of_measure(measure, names, _marks(rows, measure)) for measure in measure_names(results, main=True)],
    )


def _rows_of(result: Result, paper: Mapping[str, Any]) -> Iterator[Row]:
    """Tell the numbers of a result: of every measure its mean, the seeds, and what it is compared with."""
    name, method = name_of(result), "plain method" if is_reference(result) else "network"
    for measure, found in result["measures"].items():
        head = {"result": name, "method": method, "measure": measure}
        low, high = found["ci95"] or (None, None)
        yield {**head, "what": "mean", "value": found["mean"], "low": low, "high": high}
        points = [("seed", value) for value in found["per_seed"]]
        if "published" in found:
            doubtful = measure in paper["rows"].get(name, {}).get("no_yardstick", {})
            points.append(("no yardstick" if doubtful else "published", found["published"]))
        points += [(key.replace("_", " "), found[key]) for key in ("chance", "popularity") if key in found]
        for what, value in points:
            yield {**head, "what": what, "value": value, "low": None, "high": None}


def _marks(rows: Sequence[Row], measure: str) -> set[str]:
    """Tell what there is to draw of a measure: no layer is to be empty."""
    own = [row for row in rows if row["measure"] == measure]
    return {row["what"] for row in own} | {"interval" for row in own if row["low"] is not None}


def _of_measure(measure: str, names: Sequence[str], there: set[str]) -> Spec:
    """Draw a measure: a row for each result, of what is there."""
    x = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}, "axis": {"tickCount": 5}}
    methods = in_order(("network", "plain method"))
    shared = {
        "x": x,
        "y": {"field": "result", "type": "nominal", "title": None, "scale": in_order(names)},
        "color": {"field": "method", "type": "nominal", "title": None, "scale": methods, "legend": None},
        "tooltip": tooltip("result", "what", "value#"),
    }
    layers: list[Spec] = [
        {"transform": only(what="seed"), "mark": {"type": "point", "filled": True, "size": 22, "opacity": 0.75}},
        {"transform": only(what="mean"), "mark": {"type": "tick", "thickness": 2.5, "height": 15, "opacity": 1}},
    ]
    if "interval" in there:
        # Behind what else there is.
        layers.insert(0, _bar(x))
    if there & {"published", "no yardstick"}:
        layers.append(_cross())
    if there & {"chance", "popularity"}:
        layers.append(
            {
                "transform": only(what=["chance", "popularity"]),
                "mark": {"type": "point", "shape": "triangle-up", "size": 45},
                "encoding": {"color": {"value": COLOURS[-1]}},
            }
        )
    return {
        "title": measure.replace("_", " "),
        "height": _STEP * len(names),
        "transform": only(measure=measure),
        "layer": [{**layer, "encoding": {**shared, **layer.get("encoding", {})}} for layer in layers],
    }


def _bar(x: Spec) -> Spec:
    """Draw an interval."""
    return {
        "transform": only(what="mean"),
        "mark": {"type": "bar", "height": 7, "opacity": 0.35},
        "encoding": {
            "x": {**x, "field": "low"},
            "x2": {"field": "high"},
            "tooltip": tooltip("result", "value#", "low#", "high#"),
        },
    }


def _cross() -> Spec:
    """Draw a published figure; pale if it is no yardstick."""
    is_yardstick = {"test": {"field": "what", "equal": "published"}, "value": 1}
    return {
        "transform": only(what=["published", "no yardstick"]),
        "mark": {"type": "text", "text": "×", "fontSize": 18, "fontWeight": "bold"},
        "encoding": {"color": {"value": PUBLISHED}, "opacity": {"condition": is_yardstick, "value": 0.45}},
    }


def wilson(share: float | None, of: int) -> tuple[float | None, float | None]:
    """Compute the 95 % interval of a share (Wilson 1927), without the correction for continuity.

    Parameters
    ----------
    share : float, in [0, 1]; or None
        What was found; None, and so the interval, where that is undefined.
    of : int
        Of how many.
    """
    if share is None or not of:
        return None, None
    squared = _NORMAL**2
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    half = _NORMAL / (1 + squared / of) * math.sqrt(share * (1 - share) / of + squared / (4 * of**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def classes(results: Sequence[Result], title: str) -> Chart | None:
    """Show of every class how many of its test items were found, for two results at a time; None without classes.

    Parameters
    ----------
    results : sequence of dict
        Result files; the best by their first measure are shown at first.
    title : str
        Of the chart.
    """
    with_classes = [result for result in results if result.get("per_class")]
    if not with_classes:
        return None
    count = max(len(result["per_class"]) for result in with_classes)
    more = f" Of {count} classes the {MOST_CLASSES} with the most items." if count > MOST_CLASSES else ""
    return Chart(
        title,
        "The share of each class's test items that was found (recall, mean of the seeds), with its 95 % interval "
        f"(Wilson), the class with the most test items first.{more}",
        [row for result in with_classes for row in _rows_of_classes(result)],
        [_of_classes(min(count, MOST_CLASSES))],
        _choice_of_two(with_classes),
    )


def _rows_of_classes(result: Result) -> Iterator[Row]:
    """Tell the numbers of a result's classes, that with the most test items first."""
    for place, entry in enumerate(sorted(result["per_class"], key=lambda entry: -entry["support"]), 1):
        low, high = wilson(entry["recall"], entry["support"])
        told = {key: entry.get(key) for key in ("support", "recall", "precision", "f1")}
        head = {"result": name_of(result), "class": entry["class"], "place": place}
        yield {**head, **told, "low": low, "high": high}


def _choice_of_two(results: Sequence[Result]) -> list[Spec]:
    """Let two results be chosen; at first the best by their first measure, and the next best on its dataset."""
    leading = measure_names(results, main=True)[0]
    best = sorted(results, key=lambda result: -result["measures"].get(leading, {}).get("mean", -math.inf))
    best = [result for result in best if result["dataset"] == best[0]["dataset"]]
    names = list(map(name_of, results))
    return [
        {"name": param, "value": name_of(chosen), "bind": {"input": "select", "options": names, "name": f"{label} "}}
        for param, chosen, label in (("first", best[0], "result"), ("second", best[min(1, len(best) - 1)], "beside"))
    ]


def _of_classes(count: int) -> Spec:
    """Draw recall, a bar with its interval for each of two results, of the `count` most frequent classes."""
    encoding = {
        "y": {"field": "class", "type": "nominal", "title": None, "sort": {"field": "place", "op": "min"}},
        "yOffset": {"field": "result", "type": "nominal"},
        "color": {"field": "result", "type": "nominal", "title": None, "legend": {"columns": 1}},
        "tooltip": tooltip("class", "result", "support", "recall#", "low#", "high#", "precision#", "f1#"),
    }
    x = {"field": "recall", "type": "quantitative", "title": "recall", "scale": {"domain": [0, 1]}}
    x["axis"] = {"tickCount": 6}
    between = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": {"value": "currentColor"}}
    return {
        "title": "recall of the classes",
        "height": _STEP * count,
        "transform": [
            {"filter": {"field": "place", "lte": MOST_CLASSES}},
            {"filter": "datum.result === first || datum.result === second"},
        ],
        "layer": [
            {"mark": {"type": "bar", "opacity": 0.8}, "encoding": {**encoding, "x": x}},
            {"mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": {**encoding, **between}},
        ],
    }
