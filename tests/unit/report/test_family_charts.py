"""What charts of a family show, number by number."""

import copy
from typing import Any

import pytest
from scipy.stats import binomtest
from tartarus.report import family_charts

from tests.unit.examples import RESULT
from tests.unit.report.small_tables import told


def result(name: str, mean: float, measures: tuple[str, ...] = ("accuracy",), **more: Any) -> dict[str, Any]:
    measure = {"mean": mean, "sd": 0.1, "ci95": [mean - 0.2, mean + 0.1], "per_seed": [mean - 0.1, mean + 0.1], **more}
    whole = copy.deepcopy(RESULT) | {"experiment": name, "settings": ["bow"]}
    return {**whole, "measures": dict.fromkeys(measures, measure)}


# --- Intervals -------------------------------------------------------------------------------------------


def test_intervals_show_mean_interval_seeds_and_the_published_figure() -> None:
    chart = family_charts.intervals([result("a", 0.5), result("b", 0.75, published=0.875)], "Intervals")
    assert told(chart, "what", "value", result="a_bow") == [("mean", 0.5), ("seed", 0.4), ("seed", 0.6)]
    assert told(chart, "low", "high", result="b_bow", what="mean") == [(0.55, 0.85)]
    assert told(chart, "value", what="published") == [(0.875,)]
    (panel,) = chart.panels
    assert panel["layer"][0]["encoding"]["y"]["scale"]["domain"] == ["a_bow", "b_bow"]


def test_a_figure_that_is_no_yardstick_is_told_apart() -> None:
    paper = {"rows": {"b_bow": {"no_yardstick": {"accuracy": "a re-run"}}}}
    chart = family_charts.intervals([result("b", 0.75, published=0.875)], "Intervals", paper=paper)
    assert told(chart, "value", what="no yardstick") == [(0.875,)]
    assert told(chart, "value", what="published") == []


def test_a_measure_without_an_interval_is_shown_without_it() -> None:
    chart = family_charts.intervals([result("a", 0.5, ci95=None)], "Intervals")
    assert told(chart, "value", "low", "high", what="mean") == [(0.5, None, None)]
    # An empty layer would be told in the browser's console.
    assert len(chart.panels[0]["layer"]) == len(family_charts.intervals([result("a", 0.5)], "x").panels[0]["layer"]) - 1


def test_plain_methods_have_a_colour_of_their_own() -> None:
    plain = result("svm", 0.5)
    plain["provenance"]["settings"] = {"network": {"name": "reference", "method": "svm-rbf"}}
    chart = family_charts.intervals([result("a", 0.5), plain], "Intervals")
    assert set(told(chart, "result", "method")) == {("a_bow", "network"), ("svm_bow", "plain method")}


def test_chance_is_shown_where_it_is_known() -> None:
    chart = family_charts.intervals([result("a", 0.5, ("map@500",), chance=0.25)], "Intervals")
    assert told(chart, "value", what="chance") == [(0.25,)]
    assert len(chart.panels[0]["layer"]) == 4


def test_panels_are_of_the_main_measures_and_the_numbers_of_all() -> None:
    measures = ("ndcg@3", "ndcg@5", "precision@3", "precision@1", "roc_auc")
    chart = family_charts.intervals([result("a", 0.5, measures)], "Intervals")
    assert [panel["title"] for panel in chart.panels] == ["roc auc", "precision@1", "ndcg@5"]
    assert {row["measure"] for row in chart.rows} == set(measures)


# --- Classes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "of"), [(0, 5), (5, 5), (3, 10), (311, 1000)])
def test_wilsons_interval_is_that_of_scipy(right: int, of: int) -> None:
    expected = binomtest(right, of).proportion_ci(0.95, method="wilson")
    assert family_charts.wilson(right / of, of) == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize(("share", "of"), [(None, 5), (0.5, 0)])
def test_where_nothing_is_known_there_is_no_interval(share: float | None, of: int) -> None:
    assert family_charts.wilson(share, of) == (None, None)


def test_classes_come_by_their_support_and_the_two_best_results_first() -> None:
    results = [result("poor", 0.1), result("best", 0.9), result("good", 0.8)]
    for one in results:
        one["per_class"] = [
            {"class": "rare", "support": 2, "precision": 1.0, "recall": 0.5, "f1": None},
            {"class": "frequent", "support": 10, "precision": 1.0, "recall": None, "f1": None},
        ]
    chart = family_charts.classes(results, "Classes")
    assert chart is not None
    assert told(chart, "class", "place", "support", result="good_bow") == [("frequent", 1, 10), ("rare", 2, 2)]
    assert told(chart, "low", "high", result="good_bow", **{"class": "frequent"}) == [(None, None)]
    assert [(param["name"], param["value"]) for param in chart.params] == [
        ("first", "best_bow"),
        ("second", "good_bow"),
    ]
    assert chart.params[0]["bind"]["options"] == ["poor_bow", "best_bow", "good_bow"]


def test_without_classes_there_is_no_chart_of_them() -> None:
    assert family_charts.classes([{**result("a", 0.5), "per_class": []}], "Classes") is None
