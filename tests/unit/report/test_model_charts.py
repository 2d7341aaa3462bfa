"""What charts of a model show, number by number."""

import numpy as np
from tartarus.report import model_charts

from tests.unit.report.small_tables import told


def history(offset: float) -> list[dict[str, float]]:
    return [
        {"epoch": epoch, "loss": offset / epoch, "val_loss": offset / epoch + 1, "accuracy": 0.1 * epoch}
        for epoch in (1, 2, 3)
    ]


# --- Learning curves -------------------------------------------------------------------------------------


def test_learning_curves_show_every_seed_in_training_and_validation() -> None:
    chart = model_charts.learning_curves({"seed 1": history(4), "seed 7": history(5)}, "Learning")
    assert [panel["title"] for panel in chart.panels] == ["loss", "accuracy"]
    assert told(chart, "epoch", "value", run="seed 7", measure="loss", set="training") == [(1, 5), (2, 2.5), (3, 5 / 3)]
    assert told(chart, "value", run="seed 1", measure="loss", set="validation") == [(5,), (3,), (4 / 3 + 1,)]
    assert told(chart, "value", measure="accuracy", set="validation") == []


def test_of_a_plain_method_is_drawn_what_it_chose_among() -> None:
    both = {"inner_folds": 5.0}
    rows = [
        {"epoch": 1.0, "choice": 0.1, "val_goodness": 0.5, **both},
        {"epoch": 2.0, "choice": 1.0, "val_goodness": 0.75, **both},
    ]
    chart = model_charts.learning_curves({"fold 1, seed 1": rows, "fold 2, seed 1": rows}, "svm")
    (panel,) = chart.panels
    assert (panel["title"], panel["encoding"]["x"]["scale"]) == ("goodness", {"type": "log"})
    assert told(chart, "choice", "value", run="fold 2, seed 1") == [(0.1, 0.5), (1.0, 0.75)]


# --- Confusion and precision -----------------------------------------------------------------------------


def test_a_confusion_matrix_tells_counts_and_shares_of_the_true_class() -> None:
    chart = model_charts.confusion_matrix(np.array([[3, 1], [0, 0]]), ["a", "b"], "Confusion")
    assert told(chart, "true", "predicted", "count", "share") == [
        ("a", "a", 3, 0.75), ("a", "b", 1, 0.25), ("b", "a", 0, 0), ("b", "b", 0, 0)
    ]  # fmt: skip
    assert "Of" not in chart.description.split(".")[-2]


def test_of_many_classes_the_most_frequent_are_drawn_and_all_that_was_counted_is_told() -> None:
    counts = np.diag(np.arange(60))
    counts[0, 59] = 1  # a rare class
    chart = model_charts.confusion_matrix(counts, [f"c{number}" for number in range(60)], "Confusion")
    assert "Of 60 classes the 40 with the most items." in chart.description
    drawn = {true for true, shown in told(chart, "true", "shown") if shown}
    assert drawn == {f"c{number}" for number in range(20, 60)}
    assert sum(count for (count,) in told(chart, "count")) == counts.sum()
    # A picture of a thousand classes would need a million cells: those that nobody is in are not told.
    assert len(chart.rows) == 40 * 40 + 20


def test_precision_is_drawn_over_recall() -> None:
    curves = {"all classes": (np.array([0.5, 1.0]), np.array([1.0, 0.25])), "rock": (np.array([0.1]), np.array([0.3]))}
    chart = model_charts.precision_recall(curves, "Precision")
    assert told(chart, "recall", "precision", curve="all classes") == [(1.0, 0.5), (0.25, 1.0)]
    assert told(chart, "recall", "precision", curve="rock") == [(0.3, 0.1)]
