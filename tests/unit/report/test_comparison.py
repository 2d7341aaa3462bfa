"""Results side by side: what is set against what, paired differences, what is not the same, and the page of it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.evaluation.differences import Samples
from tartarus.report import comparison, templates

HARM = '<script>alert("x")</script>'


def result(name: str, accuracy: float, dataset: str = "SONGS", **made: Any) -> dict[str, Any]:
    provenance = {"settings": {"epochs": 3, "network": {"name": "mlp"}}, "inputs": {"a": "1", "data/models/m": "9"}}
    provenance |= {"versions": {"keras": "3.1"}, "code": "abc", **made}
    measure = {"mean": accuracy, "ci95": [accuracy - 0.1, accuracy + 0.1]}
    return {
        **{"experiment": name, "settings": ["bow"], "dataset": dataset, "task": "multiclass", "seeds": [1]},
        **{"items": {"test": 10}, "measures": {"accuracy": measure}, "provenance": provenance},
    }


def side(name: str, *results: dict[str, Any], **samples: Samples) -> comparison.Side:
    return comparison.Side(name, results, {f"{key}_bow": value for key, value in samples.items()})


def test_results_of_one_name_are_paired_sample_by_sample(rng: np.random.Generator) -> None:
    ours, theirs = rng.random(200), rng.random(200)
    base = side("before", result("net", 0.5), net=Samples({"accuracy": theirs}, "items"))
    now = side("now", result("net", 0.6), net=Samples({"accuracy": ours}, "items"))
    first, second = comparison.lines([base, now])
    assert (first.against, first.differences) == ("", {})
    assert second.against == "net_bow"
    found = second.differences["accuracy"]
    assert found.mean == pytest.approx(0.1)
    assert found.ci95 == pytest.approx(tuple(np.percentile(ours - theirs, [2.5, 97.5])))


@pytest.mark.parametrize(
    "other",
    [{}, {"net": Samples({"accuracy": np.zeros(9)}, "others")}, {"net": Samples({"accuracy": np.zeros(8)}, "items")}],
)
def test_without_the_same_samples_of_the_same_items_there_is_no_interval(other: dict[str, Samples]) -> None:
    base = side("before", result("net", 0.5), net=Samples({"accuracy": np.zeros(9)}, "items"))
    (_, line) = comparison.lines([base, side("now", result("net", 0.6), **other)])
    assert line.differences["accuracy"].mean == pytest.approx(0.1)
    assert line.differences["accuracy"].ci95 is None


def test_a_result_of_another_name_is_set_against_the_best_of_its_dataset() -> None:
    base = side("before", result("low", 0.2), result("high", 0.7), result("elsewhere", 0.9, dataset="OTHER"))
    *_, new, alone = comparison.lines([base, side("now", result("new", 0.6), result("new", 0.1, dataset="THIRD"))])
    assert (new.against, new.change) == ("high_bow", None)
    assert new.differences["accuracy"].mean == pytest.approx(-0.1)
    assert (alone.against, alone.differences) == ("", {})


def test_changes_are_those_of_settings_inputs_versions_and_code() -> None:
    before = result("net", 0.5, inputs={"a": "1", "b": "1", "data/models/m": "1"})
    now = result(
        "net",
        0.5,
        settings={"epochs": 5, "network": {"name": "mlp", "dense": [4]}},
        inputs={"a": "2", "c": "1", "data/models/m": "2"},
        versions={"keras": "3.2"},
        code="def",
    )
    change = comparison.changes(before, {**now, "items": {"test": 11}})
    assert change.settings == [("epochs", "3", "5"), ("items: test", "10", "11"), ("network: dense", "", "[4]")]
    # What was trained follows from the rest.
    assert change.inputs == [("a", "another content"), ("b", "left out"), ("c", "added")]
    assert change.versions == [("keras", "3.1", "3.2")]
    assert change.code == ("abc", "def")
    assert comparison.changes(before, before).is_none


def test_the_table_has_a_row_for_every_measure() -> None:
    base = side("before", result("net", 0.5))
    rows = comparison.rows(comparison.lines([base, side("now", result("net", 0.75))]))
    assert [(row["side"], row["against"], row["difference"]) for row in rows] == [
        ("before", "", ""),
        ("now", "net_bow", 0.25),
    ]
    assert all(list(row) == list(comparison.COLUMNS) for row in rows)


def test_the_page_tells_all_and_nothing_in_it_runs() -> None:
    base = side(HARM, result("net", 0.5), net=Samples({"accuracy": np.zeros(9)}, "items"))
    other = result("net", 0.75, versions={"keras": HARM}, inputs={HARM: "1"})
    lines = comparison.lines([base, side("now", other, net=Samples({"accuracy": np.full(9, 0.25)}, "items"))])
    text = templates.fill("compare.html", comparison.content(lines))
    assert HARM not in text
    assert "&lt;script&gt;alert" in text
    assert "+0.250 [+0.250, +0.250]" in text
    assert "inputs: 2, packages: 1" in text
    assert "not paired" not in text.split("<tbody>")[1]
    assert text == templates.fill("compare.html", comparison.content(lines))


def test_what_is_no_result_is_left_aside_and_a_folder_of_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net_bow.json").write_text(json.dumps(result("net", 0.5)), encoding="utf-8")
    (tmp_path / "other.json").write_text('{"a": 1}', encoding="utf-8")
    paths = [str(tmp_path / name) for name in ("net_bow.json", "other.json")]
    assert len(comparison.read("before", paths, []).results) == 1
    with pytest.raises(TartarusError, match="compare: before: none of its 1 JSON files is a result"):
        comparison.read("before", paths[1:], [])
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    with pytest.raises(TartarusError, match=r"other\.json.*not a result"):
        comparison.read("before", paths, [])
