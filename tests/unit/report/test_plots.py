"""What charts show, number by number."""

import copy
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from tartarus.report import charts, plots

from tests.unit.examples import RESULT


def result(name: str, mean: float, measures: tuple[str, ...] = ("accuracy",), **more: Any) -> dict[str, Any]:
    measure = {"mean": mean, "sd": 0.1, "ci95": [mean - 0.2, mean + 0.1], "per_seed": [mean - 0.1, mean + 0.1], **more}
    whole = copy.deepcopy(RESULT) | {"experiment": name, "settings": ["bow"]}
    return {**whole, "measures": dict.fromkeys(measures, measure)}


def history(offset: float) -> list[dict[str, float]]:
    return [
        {"epoch": epoch, "loss": offset / epoch, "val_loss": offset / epoch + 1, "accuracy": 0.1 * epoch}
        for epoch in (1, 2, 3)
    ]


def told(chart: charts.Chart, *keys: str, **having: Any) -> list[tuple]:
    rows = [row for row in chart.rows if all(row[key] == value for key, value in having.items())]
    return [tuple(row[key] for key in keys) for row in rows]


# --- Intervals -------------------------------------------------------------------------------------------


def test_intervals_show_mean_interval_seeds_and_the_published_figure() -> None:
    chart = plots.intervals([result("a", 0.5), result("b", 0.75, published=0.875)], "Intervals")
    assert told(chart, "what", "value", result="a_bow") == [("mean", 0.5), ("seed", 0.4), ("seed", 0.6)]
    assert told(chart, "low", "high", result="b_bow", what="mean") == [(0.55, 0.85)]
    assert told(chart, "value", what="published") == [(0.875,)]
    (panel,) = chart.panels
    assert panel["layer"][0]["encoding"]["y"]["scale"]["domain"] == ["a_bow", "b_bow"]


def test_a_figure_that_is_no_yardstick_is_told_apart() -> None:
    paper = {"rows": {"b_bow": {"no_yardstick": {"accuracy": "a re-run"}}}}
    chart = plots.intervals([result("b", 0.75, published=0.875)], "Intervals", paper=paper)
    assert told(chart, "value", what="no yardstick") == [(0.875,)]
    assert told(chart, "value", what="published") == []


def test_a_measure_without_an_interval_is_shown_without_it() -> None:
    chart = plots.intervals([result("a", 0.5, ci95=None)], "Intervals")
    assert told(chart, "value", "low", "high", what="mean") == [(0.5, None, None)]
    # An empty layer would be told in the browser's console.
    assert len(chart.panels[0]["layer"]) == len(plots.intervals([result("a", 0.5)], "x").panels[0]["layer"]) - 1


def test_plain_methods_have_a_colour_of_their_own() -> None:
    plain = result("svm", 0.5)
    plain["provenance"]["settings"] = {"network": {"name": "reference", "method": "svm-rbf"}}
    chart = plots.intervals([result("a", 0.5), plain], "Intervals")
    assert set(told(chart, "result", "method")) == {("a_bow", "network"), ("svm_bow", "plain method")}


def test_chance_is_shown_where_it_is_known() -> None:
    chart = plots.intervals([result("a", 0.5, ("map@500",), chance=0.25)], "Intervals")
    assert told(chart, "value", what="chance") == [(0.25,)]
    assert len(chart.panels[0]["layer"]) == 4


def test_panels_are_of_the_main_measures_and_the_numbers_of_all() -> None:
    measures = ("ndcg@3", "ndcg@5", "precision@3", "precision@1", "roc_auc")
    chart = plots.intervals([result("a", 0.5, measures)], "Intervals")
    assert [panel["title"] for panel in chart.panels] == ["roc auc", "precision@1", "ndcg@5"]
    assert {row["measure"] for row in chart.rows} == set(measures)


# --- Learning curves -------------------------------------------------------------------------------------


def test_learning_curves_show_every_seed_in_training_and_validation() -> None:
    chart = plots.learning_curves({"seed 1": history(4), "seed 7": history(5)}, "Learning")
    assert [panel["title"] for panel in chart.panels] == ["loss", "accuracy"]
    assert told(chart, "epoch", "value", run="seed 7", measure="loss", set="training") == [(1, 5), (2, 2.5), (3, 5 / 3)]
    assert told(chart, "value", run="seed 1", measure="loss", set="validation") == [(5,), (3,), (4 / 3 + 1,)]
    assert told(chart, "value", measure="accuracy", set="validation") == []


def test_of_a_plain_method_is_drawn_what_it_chose_among() -> None:
    rows = [{"epoch": 1.0, "choice": 0.1, "val_goodness": 0.5}, {"epoch": 2.0, "choice": 1.0, "val_goodness": 0.75}]
    chart = plots.learning_curves({"fold 1, seed 1": rows, "fold 2, seed 1": rows}, "svm")
    (panel,) = chart.panels
    assert (panel["title"], panel["encoding"]["x"]["scale"]) == ("goodness", {"type": "log"})
    assert told(chart, "choice", "value", run="fold 2, seed 1") == [(0.1, 0.5), (1.0, 0.75)]


# --- Confusion and precision -----------------------------------------------------------------------------


def test_a_confusion_matrix_tells_counts_and_shares_of_the_true_class() -> None:
    chart = plots.confusion_matrix(np.array([[3, 1], [0, 0]]), ["a", "b"], "Confusion")
    assert told(chart, "true", "predicted", "count", "share") == [
        ("a", "a", 3, 0.75), ("a", "b", 1, 0.25), ("b", "a", 0, 0), ("b", "b", 0, 0)
    ]  # fmt: skip
    assert "Of" not in chart.description.split(".")[-2]


def test_of_many_classes_the_most_frequent_are_drawn_and_all_that_was_counted_is_told() -> None:
    counts = np.diag(np.arange(60))
    counts[0, 59] = 1  # a rare class
    chart = plots.confusion_matrix(counts, [f"c{number}" for number in range(60)], "Confusion")
    assert "Of 60 classes the 40 with the most items." in chart.description
    drawn = {true for true, shown in told(chart, "true", "shown") if shown}
    assert drawn == {f"c{number}" for number in range(20, 60)}
    assert sum(count for (count,) in told(chart, "count")) == counts.sum()
    # A picture of a thousand classes would need a million cells: those that nobody is in are not told.
    assert len(chart.rows) == 40 * 40 + 20


def test_precision_is_drawn_over_recall() -> None:
    curves = {"all classes": (np.array([0.5, 1.0]), np.array([1.0, 0.25])), "rock": (np.array([0.1]), np.array([0.3]))}
    chart = plots.precision_recall(curves, "Precision")
    assert told(chart, "recall", "precision", curve="all classes") == [(1.0, 0.5), (0.25, 1.0)]
    assert told(chart, "recall", "precision", curve="rock") == [(0.3, 0.1)]


# --- Classes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "of"), [(0, 5), (5, 5), (3, 10), (311, 1000)])
def test_wilsons_interval_is_that_of_scipy(right: int, of: int) -> None:
    expected = binomtest(right, of).proportion_ci(0.95, method="wilson")
    assert plots.wilson(right / of, of) == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize(("share", "of"), [(None, 5), (0.5, 0)])
def test_where_nothing_is_known_there_is_no_interval(share: float | None, of: int) -> None:
    assert plots.wilson(share, of) == (None, None)


def test_classes_come_by_their_support_and_the_two_best_results_first() -> None:
    results = [result("poor", 0.1), result("best", 0.9), result("good", 0.8)]
    for one in results:
        one["per_class"] = [
            {"class": "rare", "support": 2, "precision": 1.0, "recall": 0.5, "f1": None},
            {"class": "frequent", "support": 10, "precision": 1.0, "recall": None, "f1": None},
        ]
    chart = plots.classes(results, "Classes")
    assert chart is not None
    assert told(chart, "class", "place", "support", result="good_bow") == [("frequent", 1, 10), ("rare", 2, 2)]
    assert told(chart, "low", "high", result="good_bow", **{"class": "frequent"}) == [(None, None)]
    assert [(param["name"], param["value"]) for param in chart.params] == [
        ("first", "best_bow"),
        ("second", "good_bow"),
    ]
    assert chart.params[0]["bind"]["options"] == ["poor_bow", "best_bow", "good_bow"]


def test_without_classes_there_is_no_chart_of_them() -> None:
    assert plots.classes([{**result("a", 0.5), "per_class": []}], "Classes") is None
