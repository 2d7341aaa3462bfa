"""What charts of results show: measures, classes, confusions, precision against recall, learning curves."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tartarus.report.charts import COLOURS, PUBLISHED, Chart, Row, Spec, in_order, only, tooltip
from tartarus.report.tabulate import NO_PAPER, measure_names, name_of, with_ensembles

Result = Mapping[str, Any]

# More would be too small to read; the table beside the picture has all.
MOST_CLASSES = 50
MOST_CONFUSED = 40
_STEP = 22  # pixels of a row
_NORMAL = 1.959964  # the quantile of the normal distribution at 97.5 %


def intervals(results: Sequence[Result], title: str, *, paper: Mapping[str, Any] = NO_PAPER) -> Chart:
    """Show every main measure of every result: mean, interval, the seeds as dots, the published figure as a cross.

    Parameters
    ----------
    results : sequence of dict
        Result files, in the order of the rows.
    paper : mapping, optional
        Published figures, as in config/published; those that are no yardstick have a pale cross.
    title : str
        Of the chart.
    """
    shown = with_ensembles(results)
    names = list(map(name_of, shown))
    rows: list[Row] = []
    for result, name in zip(shown, names, strict=True):
        for measure, found in result["measures"].items():
            head = {"result": name, "method": method_of(result), "measure": measure}
            low, high = found["ci95"] or (None, None)
            rows.append({**head, "what": "mean", "value": found["mean"], "low": low, "high": high})
            points = [("seed", value) for value in found["per_seed"]]
            if "published" in found:
                doubtful = measure in paper["rows"].get(name, {}).get("no_yardstick", {})
                points.append(("no yardstick" if doubtful else "published", found["published"]))
            points += [(key.replace("_", " "), found[key]) for key in ("chance", "popularity") if key in found]
            rows += [{**head, "what": what, "value": value, "low": None, "high": None} for what, value in points]
    return Chart(
        title,
        "Every measure of every result: a line is the mean over the seeds, each dot a seed, the bar the 95 % interval, "
        "a cross a published figure (pale where it is no yardstick), a triangle what chance or popularity would have.",
        rows,
        [_of_measure(measure, names, _marks(rows, measure)) for measure in measure_names(results, main=True)],
    )


def method_of(result: Result) -> str:
    """Tell whether a result is a network's or a plain method's."""
    network = result["provenance"]["settings"].get("network", {})
    return "plain method" if network.get("name") == "reference" else "network"


def _marks(rows: Sequence[Row], measure: str) -> set[str]:
    """Tell what there is to draw of a measure: no layer is to be empty."""
    own = [row for row in rows if row["measure"] == measure]
    return {row["what"] for row in own} | {"interval" for row in own if row["low"] is not None}


def _of_measure(measure: str, names: Sequence[str], there: set[str]) -> Spec:
    y = {"field": "result", "type": "nominal", "title": None, "scale": in_order(names)}
    x = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}, "axis": {"tickCount": 5}}
    colour = {
        "field": "method",
        "type": "nominal",
        "title": None,
        "scale": in_order(("network", "plain method")),
        "legend": None,
    }
    told = tooltip("result", "what", "value#")
    between = {**x, "field": "low"}
    layers: list[Spec] = [
        {"transform": only(what="seed"), "mark": {"type": "point", "filled": True, "size": 22, "opacity": 0.75}},
        {"transform": only(what="mean"), "mark": {"type": "tick", "thickness": 2.5, "height": 15, "opacity": 1}},
    ]
    if "interval" in there:
        # Behind what else there is.
        layers.insert(
            0,
            {
                "transform": only(what="mean"),
                "mark": {"type": "bar", "height": 7, "opacity": 0.35},
                "encoding": {
                    "x": between,
                    "x2": {"field": "high"},
                    "tooltip": tooltip("result", "value#", "low#", "high#"),
                },
            },
        )
    if there & {"published", "no yardstick"}:
        layers.append(
            {
                "transform": only(what=["published", "no yardstick"]),
                "mark": {"type": "text", "text": "×", "fontSize": 18, "fontWeight": "bold"},
                "encoding": {
                    "color": {"value": PUBLISHED},
                    "opacity": {
                        "condition": {"test": {"field": "what", "equal": "published"}, "value": 1},
                        "value": 0.45,
                    },
                },
            }
        )
    if there & {"chance", "popularity"}:
        layers.append(
            {
                "transform": only(what=["chance", "popularity"]),
                "mark": {"type": "point", "shape": "triangle-up", "size": 45},
                "encoding": {"color": {"value": COLOURS[-1]}},
            }
        )
    for layer in layers:
        layer["encoding"] = {"x": x, "y": y, "color": colour, "tooltip": told, **layer.get("encoding", {})}
    return {
        "title": measure.replace("_", " "),
        "height": _STEP * len(names),
        "transform": only(measure=measure),
        "layer": layers,
    }


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, float]]], title: str) -> Chart:
    """Show the course of the losses, and of other measures if there are any; of a plain method, what it chose among.

    Parameters
    ----------
    histories : mapping
        What is trained (``seed 1``) to the rows of its history.csv: of each epoch `epoch`, and what was measured in
        training and, as `val_...`, in validation. Of a plain method `choice`, and `val_goodness` by it.
    title : str
        Of the chart.
    """
    columns = next(iter(histories.values()))[0]
    across = "choice" if "choice" in columns else "epoch"
    names = list(dict.fromkeys(name.removeprefix("val_") for name in columns if name not in ("epoch", "choice")))
    names.sort(key=lambda name: name != "loss")
    rows = [
        {"run": run, "measure": name, "set": set_, across: row[across], "value": row[prefix + name]}
        for name in names
        for run, history in histories.items()
        for prefix, set_ in (("", "training"), ("val_", "validation"))
        if prefix + name in columns
        for row in history
    ]
    is_log = across == "choice" and all(row["choice"] > 0 for history in histories.values() for row in history)
    legend: Spec = {"columns": 4} if len(histories) <= 8 else {"disable": True}
    x = {"field": across, "type": "quantitative", "scale": {"type": "log"} if is_log else {"nice": False}}
    panels: list[Spec] = [
        {
            "title": name.replace("_", " "),
            "height": 190,
            "transform": only(measure=name),
            "mark": {"type": "line", "strokeWidth": 1.7, "point": across == "choice"},
            "encoding": {
                "x": {**x, "axis": {"tickMinStep": 0 if is_log else 1, "tickCount": 6}},
                "y": {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}},
                "color": {
                    "field": "run", "type": "nominal", "title": None,
                    "legend": None if "disable" in legend else legend,
                },
                "strokeDash": {
                    "field": "set", "type": "nominal", "title": None,
                    "scale": {"domain": ["training", "validation"], "range": [[2, 3], [1, 0]]},
                },
                "tooltip": tooltip("run", "set", across, "value#"),
            },
        }
        for name in names
    ]  # fmt: skip
    what = "What the method chose among" if across == "choice" else "The course of the trainings"
    return Chart(title, f"{what}: training dotted, validation solid, a colour for each seed.", rows, panels)


def confusion_matrix(counts: np.ndarray, classes: Sequence[str], title: str) -> Chart:
    """Show a confusion matrix: shares of the true class as colour, and counts.

    Parameters
    ----------
    counts : np.ndarray [shape=(n_classes, n_classes)], int
        Rows are the truth.
    classes : sequence of str
        Their names.
    title : str
        Of the chart.
    """
    support = counts.sum(axis=1)
    most = sorted(np.argsort(-support, kind="stable")[:MOST_CONFUSED].tolist())
    shares = counts / np.maximum(support[:, None], 1)
    rows = [
        {
            "true": classes[row],
            "predicted": classes[column],
            "count": int(counts[row, column]),
            "share": round(float(shares[row, column]), 4),
            "shown": row in most and column in most,
        }
        for row in range(len(classes))
        for column in range(len(classes))
        if counts[row, column] or (row in most and column in most)
    ]
    order = in_order([classes[number] for number in most])
    # Few classes need no more room than their names and numbers take.
    side = 34 if len(most) <= 20 else 16
    cell = {
        "x": {
            "field": "predicted", "type": "nominal", "scale": order,
            "axis": {"labelAngle": -45, "grid": False, "labelLimit": 120},
        },
        "y": {"field": "true", "type": "nominal", "scale": order, "axis": {"grid": False, "labelLimit": 150}},
        "tooltip": tooltip("true", "predicted", "count", "share#"),
    }  # fmt: skip
    layers: list[Spec] = [
        {
            "mark": {"type": "rect", "color": "#0072B2", "stroke": "#8C8C8C", "strokeOpacity": 0.25},
            "encoding": {
                **cell,
                "opacity": {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1], "range": [0.03, 1]},
                            "legend": None},
            },
        },
    ]  # fmt: skip
    if len(most) <= 20:
        white = {"test": {"field": "share", "gt": 0.5}, "value": "white"}
        layers.append(
            {
                "mark": {"type": "text"},
                "encoding": {
                    **cell, "text": {"field": "count"}, "color": {"condition": white, "value": "currentColor"},
                },
            }
        )  # fmt: skip
    more = f" Of {len(classes)} classes the {len(most)} with the most items." if len(most) < len(classes) else ""
    return Chart(
        title,
        "How often each true class (row) was taken for each class (column), all seeds together; the darker, the larger "
        f"the share of the true class.{more}",
        rows,
        [
            {
                "title": "confusion matrix",
                "width": side * len(most),
                "height": side * len(most),
                "transform": only(shown=True),
                "layer": layers,
            }
        ],
    )


def precision_recall(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str) -> Chart:
    """Show precision against recall.

    Parameters
    ----------
    curves : mapping
        What a curve is of, to (precision, recall), each [shape=(n_points,)], values in [0, 1]; the first is drawn
        thick.
    title : str
        Of the chart.
    """
    rows = [
        {"curve": label, "point": number, "recall": round(float(right), 5), "precision": round(float(sure), 5)}
        for label, (precision, recall) in curves.items()
        for number, (sure, right) in enumerate(zip(precision, recall, strict=True))
    ]
    first = next(iter(curves))
    unit = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    panel: Spec = {
        "title": "precision against recall",
        "height": 280,
        "mark": {"type": "line", "interpolate": "step-after", "point": {"opacity": 0, "size": 60}},
        "encoding": {
            "x": {"field": "recall", **unit},
            "y": {"field": "precision", **unit},
            "order": {"field": "point", "type": "quantitative"},
            "color": {"field": "curve", "type": "nominal", "title": None, "scale": in_order(list(curves))},
            "strokeWidth": {"condition": {"test": {"field": "curve", "equal": first}, "value": 3}, "value": 1.3},
            "tooltip": tooltip("curve", "precision#", "recall#"),
        },
    }
    return Chart(
        title,
        "Precision against recall as the threshold of the scores falls: of all classes together (thick), and of those "
        "with the most items.",
        rows,
        [panel],
    )


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
    rows = []
    for result in with_classes:
        ordered = sorted(result["per_class"], key=lambda entry: -entry["support"])
        for place, entry in enumerate(ordered, 1):
            low, high = wilson(entry["recall"], entry["support"])
            told = {key: entry.get(key) for key in ("support", "recall", "precision", "f1")}
            rows.append({"result": name_of(result), "class": entry["class"], "place": place, **told, "low": low,
                         "high": high})  # fmt: skip
    leading = measure_names(with_classes, main=True)[0]
    best = sorted(with_classes, key=lambda result: -result["measures"].get(leading, {}).get("mean", -math.inf))
    best = [result for result in best if result["dataset"] == best[0]["dataset"]]
    names = list(map(name_of, with_classes))
    params = [
        {
            "name": param,
            "value": name_of(chosen),
            "bind": {"input": "select", "options": names, "name": f"{label} "},
        }
        for param, chosen, label in (("first", best[0], "result"), ("second", best[min(1, len(best) - 1)], "beside"))
    ]
    y: Spec = {"field": "class", "type": "nominal", "title": None, "sort": {"field": "place", "op": "min"}}
    encoding = {
        "y": y,
        "yOffset": {"field": "result", "type": "nominal"},
        "color": {"field": "result", "type": "nominal", "title": None, "legend": {"columns": 1}},
        "tooltip": tooltip("class", "result", "support", "recall#", "low#", "high#", "precision#", "f1#"),
    }
    x: Spec = {
        "field": "recall",
        "type": "quantitative",
        "title": "recall",
        "scale": {"domain": [0, 1]},
        "axis": {"tickCount": 6},
    }
    count = max(len(result["per_class"]) for result in with_classes)
    more = f" Of {count} classes the {MOST_CLASSES} with the most items." if count > MOST_CLASSES else ""
    return Chart(
        title,
        "The share of each class's test items that was found (recall, mean of the seeds), with its 95 % interval "
        f"(Wilson), the class with the most test items first.{more}",
        rows,
        [
            {
                "title": "recall of the classes",
                "height": _STEP * min(count, MOST_CLASSES),
                "transform": [
                    {"filter": {"field": "place", "lte": MOST_CLASSES}},
                    {"filter": "datum.result === first || datum.result === second"},
                ],
                "layer": [
                    {"mark": {"type": "bar", "opacity": 0.8}, "encoding": {**encoding, "x": x}},
                    {
                        "mark": {"type": "rule", "strokeWidth": 1.5},
                        "encoding": {**encoding, "x": {**x, "field": "low"}, "x2": {"field": "high"},
                                     "color": {"value": "currentColor"}},
                    },
                ],
            }
        ],
        params,
    )  # fmt: skip
