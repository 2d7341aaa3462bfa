"""Charts of a model: the course of its trainings, what it confuses, its precision against its recall."""

from collections.abc import Mapping, Sequence

import numpy as np
from tartarus.report.charts import Chart, Row, Spec, in_order, only, tooltip

# More would be too small to read; the table beside the picture has all.
MOST_CONFUSED = 40
# Up to here cells have room for their counts.
MOST_COUNTED = 20


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
    told = [name for name in columns if name not in ("epoch", "choice", "inner_folds")]
    names = list(dict.fromkeys(name.removeprefix("val_") for name in told))
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
    # A legend of more is longer than the chart.
    legend = {"columns": 4} if len(histories) <= 8 else None
    panels = [_course(name, across, is_log=is_log, legend=legend) for name in names]
    what = "What the method chose among" if across == "choice" else "The course of the trainings"
    return Chart(title, f"{what}: training dotted, validation solid, a colour for each seed.", rows, panels)


def _course(measure: str, across: str, *, is_log: bool, legend: Spec | None) -> Spec:
    """Draw a measure by epochs, or by what was chosen among."""
    x = {"field": across, "type": "quantitative", "scale": {"type": "log"} if is_log else {"nice": False}}
    dashes = {"domain": ["training", "validation"], "range": [[2, 3], [1, 0]]}
    return {
        "title": measure.replace("_", " "),
        "height": 190,
        "transform": only(measure=measure),
        "mark": {"type": "line", "strokeWidth": 1.7, "point": across == "choice"},
        "encoding": {
            "x": {**x, "axis": {"tickMinStep": 0 if is_log else 1, "tickCount": 6}},
            "y": {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}},
            "color": {"field": "run", "type": "nominal", "title": None, "legend": legend},
            "strokeDash": {"field": "set", "type": "nominal", "title": None, "scale": dashes},
            "tooltip": tooltip("run", "set", across, "value#"),
        },
    }


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
    rows: list[Row] = [
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
    more = f" Of {len(classes)} classes the {len(most)} with the most items." if len(most) < len(classes) else ""
    return Chart(
        title,
        "How often each true class (row) was taken for each class (column), all seeds together; the darker, the larger "
        f"the share of the true class.{more}",
        rows,
        [_of_confusions([classes[number] for number in most])],
    )


def _of_confusions(classes: Sequence[str]) -> Spec:
    """Draw the cells of these classes, with their counts where there is room for them."""
    order = in_order(classes)
    across = {"labelAngle": -45, "grid": False, "labelLimit": 120}
    cell = {
        "x": {"field": "predicted", "type": "nominal", "scale": order, "axis": across},
        "y": {"field": "true", "type": "nominal", "scale": order, "axis": {"grid": False, "labelLimit": 150}},
        "tooltip": tooltip("true", "predicted", "count", "share#"),
    }
    shade = {"domain": [0, 1], "range": [0.03, 1]}
    share = {"field": "share", "type": "quantitative", "scale": shade, "legend": None}
    layers: list[Spec] = [
        {
            "mark": {"type": "rect", "color": "#0072B2", "stroke": "#8C8C8C", "strokeOpacity": 0.25},
            "encoding": {**cell, "opacity": share},
        },
    ]
    if len(classes) <= MOST_COUNTED:
        white = {"test": {"field": "share", "gt": 0.5}, "value": "white"}
        colour = {"condition": white, "value": "currentColor"}
        layers.append({"mark": {"type": "text"}, "encoding": {**cell, "text": {"field": "count"}, "color": colour}})
    # Few classes need no more room than their names and numbers take.
    side = (34 if len(classes) <= MOST_COUNTED else 16) * len(classes)
    return {
        "title": "confusion matrix",
        "width": side,
        "height": side,
        "transform": only(shown=True),
        "layer": layers,
    }


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
