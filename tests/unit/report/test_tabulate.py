"""The table of a family: the paper's order, the published figures, what is not there and why."""

import copy
from pathlib import Path
from typing import Any

import pytest
from tartarus.evaluation.differences import Difference
from tartarus.items import tables
from tartarus.plan import config
from tartarus.report import beyond, tabulate

from tests.paths import ROOT
from tests.unit.examples import RESULT

PAPER: dict[str, Any] = {
    "source": "a paper, Table 2",
    "rows": {
        "timbre": {"figures": {"accuracy": 0.3}, "parameters": 10000, "not_built": "it needs timbre coefficients"},
        "dummy_audio": {
            "figures": {"accuracy": 0.25, "map@500": 0.00309},
            "deviations": {"accuracy": 0.006},
            "no_yardstick": {"map@500": "a re-run, not the paper"},
        },
        "dummy_text_bow": {"figures": {"accuracy": 0.4}},
        "dummy_multimodal_audio_bow": {"figures": {"accuracy": 0.8}, "parameters": 1500000, "epoch_seconds": 2},
        "visual": {"figures": {"f1_macro": 0.1}},
    },
}


def other() -> dict[str, Any]:
    """Make a result of another experiment, with a published figure below and one that is small."""
    result = copy.deepcopy(RESULT)
    result |= {"experiment": "dummy_audio", "settings": [], "parameters": 99, "seeds": [1]}
    result["items"] |= {"left_out": {}, "noted": {}}
    result["measures"] = {
        "accuracy": {"mean": 1 / 3, "sd": None, "ci95": [0.0, 0.5], "per_seed": [1 / 3], "published": 0.25},
        "map@500": {"mean": 0.0045, "sd": 0.0001, "ci95": None, "per_seed": [0.0045], "published": 0.00309},
    }
    return result


def unpublished(name: str = "own", **measures: float) -> dict[str, Any]:
    """Make a result of which no paper tells."""
    result = copy.deepcopy(RESULT) | {"experiment": name, "settings": []}
    result["measures"] = {
        measure: {"mean": mean, "sd": None, "ci95": [mean, mean], "per_seed": [mean]}
        for measure, mean in (measures or {"accuracy": 0.5}).items()
    }
    return result


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def lines_of(text: str) -> dict[str, list[str]]:
    """Read the table for people: first cell to cells, the header as ``experiment``."""
    return {cells(line)[0]: cells(line) for line in text.splitlines() if line.startswith("|")}


def notes_of(text: str) -> list[str]:
    return [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]


# --- Order -----------------------------------------------------------------------------------------------


def test_results_stand_in_the_order_of_the_paper_and_others_behind_in_their_own() -> None:
    results = [unpublished("z"), RESULT, unpublished("a"), other()]
    assert [tabulate.name_of(result) for result in tabulate.in_order(results, PAPER)] == [
        "dummy_audio", "dummy_multimodal_audio_bow", "z", "a"
    ]  # fmt: skip
    assert tabulate.in_order(results) == results
    # What was not made stands where the paper has it.
    names = list(lines_of(tabulate.markdown("Small world", results, paper=PAPER)))
    assert names[2:] == ["timbre", "dummy_audio", "dummy_text_bow", "dummy_multimodal_audio_bow", "visual", "z", "a"]
    found = [
        "_".join(filter(None, (row["experiment"], row["settings"]))) for row in tabulate.rows(results, paper=PAPER)
    ]
    assert list(dict.fromkeys(found)) == names[2:]


def test_measures_come_in_the_order_of_the_literature_whatever_that_of_the_file() -> None:
    result = unpublished(**{"map@500": 1, "f1_macro": 1, "ndcg@1": 1, "accuracy": 1, "roc_auc": 1, "recall_macro": 1})
    expected = ["accuracy", "recall_macro", "f1_macro", "roc_auc", "ndcg@1", "map@500"]
    assert tabulate.measure_names([result]) == expected
    assert [row["measure"] for row in tabulate.rows([result])] == expected


def test_of_rankings_a_page_has_the_main_measures_only() -> None:
    names = ("precision_macro", "f1_macro", "roc_auc", "precision@1", "precision@3", "ndcg@1", "ndcg@5", "adiv@3")
    names += ("subset_accuracy", "precision_micro", "recall_micro", "f1_micro", "roc_auc_micro")
    result = unpublished(**dict.fromkeys(names, 0.5))
    main = ["f1_macro", "roc_auc", "precision@1", "ndcg@5", "adiv@3"]
    assert tabulate.measure_names([result], main=True) == main
    assert lines_of(tabulate.markdown("Small world", [result]))["experiment"][4:] == main
    # Without rankings, macro averages are main measures.
    result = unpublished(accuracy=0.5, precision_macro=0.5, recall_macro=0.5)
    assert tabulate.measure_names([result], main=True) == ["accuracy", "precision_macro", "recall_macro"]


# --- Rows ------------------------------------------------------------------------------------------------


def test_every_measure_of_every_result_is_a_row() -> None:
    found = tabulate.rows([other(), RESULT], paper=PAPER, seconds={"dummy_multimodal_audio_bow": 1.26, "x": 2})
    assert all(tuple(row) == tabulate.COLUMNS for row in found)
    whole = {
        "experiment": "dummy_multimodal",
        "settings": "audio_bow",
        "dataset": "DEMO",
        "test_items": "46",
        "left_out": "4",
        "parameters": "1234567",
        "epoch_seconds": "1.3",
        "seeds": "2",
        "measure": "accuracy",
        "mean": "0.7500",
        "sd": "0.0500",
        "ci95_low": "0.6250",
        "ci95_high": "0.8750",
        "chance": "",
        "published": "0.8000",
        "published_sd": "",
        "difference": "-0.0500",
        **dict.fromkeys(beyond.COLUMNS, ""),
        "published_parameters": "1500000",
        "published_epoch_seconds": "2",
        "note": "",
    }
    accuracy, small, multimodal, f1 = [row for row in found if row["mean"]]
    assert multimodal == whole
    assert (f1["measure"], f1["mean"], f1["published"], f1["difference"]) == ("f1_macro", "0.5000", "", "")
    assert (accuracy["published"], accuracy["published_sd"], accuracy["difference"]) == ("0.2500", "0.006", "0.0833")
    # Small figures keep their digits.
    assert (small["mean"], small["published"], small["difference"]) == ("0.0045", "0.00309", "0.00141")
    assert (small["ci95_low"], small["ci95_high"]) == ("", "")
    assert small["note"] == "a re-run, not the paper"
    assert small["epoch_seconds"] == ""


def test_every_published_figure_without_a_result_is_a_row_with_its_reason() -> None:
    found = tabulate.rows([RESULT], paper=PAPER, left_out={"dummy_text_bow": ["a.npz", "b.npz"]})
    assert [
        (row["experiment"], row["measure"], row["mean"], row["published"], row["note"])
        for row in found
        if not row["mean"]
    ] == [
        ("timbre", "accuracy", "", "0.3000", "it needs timbre coefficients"),
        ("dummy_audio", "accuracy", "", "0.2500", "not among the results of this run"),
        ("dummy_audio", "map@500", "", "0.00309", "not among the results of this run"),
        ("dummy_text_bow", "accuracy", "", "0.4000", "left out because it lacks a.npz, b.npz"),
        ("visual", "f1_macro", "", "0.1000", "not among the results of this run"),
    ]
    assert [row["published_sd"] for row in found if row["experiment"] == "dummy_audio"] == ["0.006", ""]
    assert next(row for row in found if row["experiment"] == "timbre")["published_parameters"] == "10000"


def test_rows_can_be_written_as_they_are(tmp_path: Path) -> None:
    found = tabulate.rows([RESULT, other()], paper=PAPER)
    tables.write_rows(tmp_path / "table.tsv", found, columns=tabulate.COLUMNS)
    assert tables.read_rows(tmp_path / "table.tsv") == found


# --- The table for people --------------------------------------------------------------------------------


def test_the_table_for_people_has_a_line_for_each_result() -> None:
    text = tabulate.markdown("Small world", [RESULT, other()], paper=PAPER, seconds={"dummy_audio": 0.25})
    assert text.splitlines()[0] == "# Small world"
    found = lines_of(text)
    assert found["experiment"] == [
        "experiment", "parameters", "s/epoch", "items (left out)", "accuracy", "published", "difference",
        "f1_macro", "published", "difference", "map@500", "published", "difference",
    ]  # fmt: skip
    assert found["dummy_multimodal_audio_bow"] == [
        "dummy_multimodal_audio_bow", "1 234 567 / 1 500 000", "/ 2", "70/24/46 (4)",
        "0.750 ± 0.050 [0.625, 0.875]", "0.800", "-0.0500", "0.500 [0.250, 0.750]", "", "", "", "", "",
    ]  # fmt: skip
    assert found["dummy_audio"] == [
        "dummy_audio", "99", "0.2", "70/24/46 (0)", "0.333 [0.000, 0.500]", "0.250 ± 0.006", "0.0833", "", "", "",
        "0.0045 ± 0.0001", "0.00309\\*", "0.00141",
    ]  # fmt: skip
    # Aligned, so that it can be read as it stands.
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    assert set("".join(cells(table[1]))) == {"-"}


def test_what_was_not_made_has_a_line_and_a_note() -> None:
    text = tabulate.markdown("Small world", [RESULT], paper=PAPER, left_out={"dummy_text_bow": ["a.npz"], "x": ["b"]})
    found = lines_of(text)
    assert found["timbre"][:7] == ["timbre", "/ 10 000", "", "not made", "", "0.300", ""]
    assert found["dummy_text_bow"][3:7] == ["not made", "", "0.400", ""]
    assert "x" not in found
    assert [note for note in notes_of(text) if note.startswith("Not made")] == [
        "Not made: timbre: it needs timbre coefficients.",
        "Not made: dummy_audio, visual: not among the results of this run.",
        "Not made: dummy_text_bow: left out because it lacks a.npz.",
        "Not made: x: left out because it lacks b.",
    ]


def test_what_is_no_yardstick_has_a_star_and_a_note() -> None:
    paper = copy.deepcopy(PAPER)
    paper["rows"]["visual"]["no_yardstick"] = {"f1_macro": "a re-run, not the paper"}
    text = tabulate.markdown("Small world", [other(), RESULT], paper=paper)
    assert lines_of(text)["dummy_audio"][-2] == "0.00309\\*"
    assert lines_of(text)["visual"][-5] == "0.100\\*"
    assert "\\* No yardstick: a re-run, not the paper (map@500 of dummy_audio, f1_macro of visual)." in notes_of(text)
    assert text.count("\\*") == 3


def test_without_published_figures_there_are_no_columns_for_them() -> None:
    text = tabulate.markdown("Small world", [unpublished()])
    assert "published" not in text.lower()
    assert "difference" not in text
    assert "Not made" not in text
    assert [row["note"] for row in tabulate.rows([unpublished()])] == [""]


def test_users_are_counted_in_a_line() -> None:
    results = [unpublished(name) for name in ("a", "b", "c")]
    results[0]["users"] = results[1]["users"] = {"evaluated": 900, "without_items": 100}
    text = tabulate.markdown("Small world", results)
    assert "Users asked about (left out, for they have no test item): 900 (100)." in notes_of(text)
    results[2]["users"] = {"evaluated": 10, "without_items": 0}
    text = tabulate.markdown("Small world", results)
    assert "Users asked about (left out, for they have no test item): 10 (0), 900 (100)." in notes_of(text)
    results[2]["users"]["counted_as_zero"] = True
    notes = notes_of(tabulate.markdown("Small world", results))
    assert "Users asked about (left out, for they have no test item): 900 (100)." in notes
    assert "Users asked about (without a test item, counted as 0): 10 (0)." in notes
    assert "Users" not in tabulate.markdown("Small world", [unpublished()])


def test_of_many_labels_it_is_told_what_macro_averages_leave_out_and_where_thresholds_come_from() -> None:
    results = [unpublished(name) | {"classes": 90, "untested_classes": 0} for name in ("a", "b", "c", "d")]
    for result, rule in zip(results, ("per_class", "per_class", "common", 0.5), strict=True):
        result["thresholds"] = {"rule": rule, "common": [0.5], "at_common": 14}
    results[1]["untested_classes"] = 3
    notes = notes_of(tabulate.markdown("Small world", results))
    assert "Classes without a test item, in no macro average: 0 of 90, 3 of 90." in notes
    common = "14 of 90 classes have the common one, with too few validation items"
    assert f"Thresholds: 0.5 for all classes; {common}; one for all classes." in notes
    assert "Thresholds" not in tabulate.markdown("Small world", [unpublished()])


def test_what_others_would_have_is_a_line_for_each_dataset() -> None:
    results = [unpublished("a", **{"map@500": 0.1}), unpublished("b", **{"map@500": 0.2}), unpublished("c")]
    for result in results[:2]:
        result["measures"]["map@500"] |= {"chance": 0.0012345, "upper_bound": 0.6}
    rows = tabulate.rows(results)
    assert [row["chance"] for row in rows[:3]] == ["0.001234", "0.001234", ""]
    assert [(row["experiment"], row["dataset"], row["measure"], row["mean"], row["note"]) for row in rows[3:]] == [
        ("chance", "DEMO", "map@500", "0.001234", "beside a, b"),
        ("upper bound", "DEMO", "map@500", "0.6000", "beside a, b"),
    ]
    text = tabulate.markdown("Small world", results)
    assert lines_of(text)["chance (DEMO)"][-1] == "0.00123"
    assert lines_of(text)["upper bound (DEMO)"][-1] == "0.600"
    assert "Chance: what to expect of a ranking by chance." in notes_of(text)
    assert "hance" not in tabulate.markdown("Small world", results[2:])
    # Of other factors, or items, others have other figures.
    results[1]["measures"]["map@500"]["upper_bound"] = 0.7
    text = tabulate.markdown("Small world", results)
    assert lines_of(text)["upper bound (beside a)"][-1] == "0.600"
    assert lines_of(text)["upper bound (beside b)"][-1] == "0.700"


# --- The papers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["ismir", "dlrs", "tismir", "acousticbrainz"])
def test_the_shipped_figures_make_a_table(family: str) -> None:
    paper = config.read_yaml(ROOT / f"config/published/{family}.yaml")
    found = tabulate.rows([unpublished()], paper=paper)
    assert len(found) == 1 + sum(len(row["figures"]) for row in paper["rows"].values())
    text = tabulate.markdown(family, [unpublished()], paper=paper)
    assert set(paper["rows"]) <= set(lines_of(text))
    assert f"Published: {paper['source']}; of parameters and seconds, after the stroke." in notes_of(text)


# --- Beside the best plain method ------------------------------------------------------------------------


def test_the_difference_to_the_best_plain_method_stands_behind_the_leading_measure() -> None:
    results = [unpublished("model", accuracy=0.9, f1_macro=0.8), unpublished("svm", accuracy=0.85, f1_macro=0.7)]
    differences = {
        "model": {
            "accuracy": Difference("svm", 0.05, (-0.01, 0.11)),
            "f1_macro": Difference("svm", 0.1, None),
        }
    }
    text = tabulate.markdown("Small world", results, differences=differences)
    lines = lines_of(text)
    assert lines["experiment"][4:] == ["accuracy", "beyond reference", "f1_macro"]
    assert lines["model"][5] == "+0.050 [-0.010, 0.110]"
    assert lines["svm"][5] == ""
    (note,) = [line for line in notes_of(text) if line.startswith("Beyond reference")]
    assert "accuracy minus that of the best plain method (svm)" in note
    found = {row["measure"]: row for row in tabulate.rows(results, differences=differences) if row["best_reference"]}
    assert [found["accuracy"][column] for column in ("beyond_reference", "beyond_ci95_low", "beyond_ci95_high")] == [
        "0.0500", "-0.0100", "0.1100"
    ]  # fmt: skip
    assert found["f1_macro"]["beyond_ci95_low"] == ""


def test_without_plain_methods_there_is_no_such_column() -> None:
    assert "beyond" not in tabulate.markdown("Small world", [unpublished()], differences={"own": {}})


def test_an_ensemble_has_a_line_of_its_own() -> None:
    result = unpublished("own", accuracy=0.5)
    result["ensemble"] = {"accuracy": {"mean": 0.625, "sd": None, "ci95": [0.5, 0.75], "per_seed": [0.625]}}
    table = {row["settings"]: row for row in tabulate.rows([result]) if row["measure"] == "accuracy"}
    assert {settings: row["mean"] for settings, row in table.items()} == {"": "0.5000", "ensemble": "0.6250"}
    assert (table["ensemble"]["ci95_low"], table["ensemble"]["ci95_high"]) == ("0.5000", "0.7500")
    lines = lines_of(tabulate.markdown("Own", [result]))
    assert [name for name in lines if name.startswith("own")] == ["own", "own_ensemble"]
    assert "0.625 [0.500, 0.750]" in lines["own_ensemble"]
