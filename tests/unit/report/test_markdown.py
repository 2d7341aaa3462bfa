"""The table of a family for people: its lines, its columns and its notes."""

import copy

import pytest
from tartarus.evaluation.differences import Difference
from tartarus.plan import config
from tartarus.report import markdown, tabulate

from tests.paths import ROOT
from tests.unit.examples import RESULT
from tests.unit.report.small_tables import PAPER, cells, lines_of, notes_of, other, unpublished


def test_the_table_for_people_has_a_line_for_each_result() -> None:
    text = markdown.table("Small world", [RESULT, other()], paper=PAPER, seconds={"dummy_audio": 0.25})
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
    text = markdown.table("Small world", [RESULT], paper=PAPER, left_out={"dummy_text_bow": ["a.npz"], "x": ["b"]})
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
    text = markdown.table("Small world", [other(), RESULT], paper=paper)
    assert lines_of(text)["dummy_audio"][-2] == "0.00309\\*"
    assert lines_of(text)["visual"][-5] == "0.100\\*"
    assert "\\* No yardstick: a re-run, not the paper (map@500 of dummy_audio, f1_macro of visual)." in notes_of(text)
    assert text.count("\\*") == 3


def test_without_published_figures_there_are_no_columns_for_them() -> None:
    text = markdown.table("Small world", [unpublished()])
    assert "published" not in text.lower()
    assert "difference" not in text
    assert "Not made" not in text
    assert [row["note"] for row in tabulate.rows([unpublished()])] == [""]


def test_that_validation_items_were_learned_from_is_told() -> None:
    learned = {**RESULT, "items": {**RESULT["items"], "learned_from": "all"}}
    note = "Validation items were learned from, too: dummy_multimodal_audio_bow."
    assert note in notes_of(markdown.table("x", [learned, other()]))
    assert note not in notes_of(markdown.table("x", [RESULT, other()]))


def test_users_are_counted_in_a_line() -> None:
    results = [unpublished(name) for name in ("a", "b", "c")]
    results[0]["users"] = results[1]["users"] = {"evaluated": 900, "without_items": 100}
    text = markdown.table("Small world", results)
    assert "Users asked about (left out, for they have no test item): 900 (100)." in notes_of(text)
    results[2]["users"] = {"evaluated": 10, "without_items": 0}
    text = markdown.table("Small world", results)
    assert "Users asked about (left out, for they have no test item): 10 (0), 900 (100)." in notes_of(text)
    results[2]["users"]["counted_as_zero"] = True
    notes = notes_of(markdown.table("Small world", results))
    assert "Users asked about (left out, for they have no test item): 900 (100)." in notes
    assert "Users asked about (without a test item, counted as 0): 10 (0)." in notes
    assert "Users" not in markdown.table("Small world", [unpublished()])


def test_of_many_labels_it_is_told_what_macro_averages_leave_out_and_where_thresholds_come_from() -> None:
    results = [unpublished(name) | {"classes": 90, "untested_classes": 0} for name in ("a", "b", "c", "d")]
    for result, rule in zip(results, ("per_class", "per_class", "common", 0.5), strict=True):
        result["thresholds"] = {"rule": rule, "common": [0.5], "at_common": 14}
    results[1]["untested_classes"] = 3
    notes = notes_of(markdown.table("Small world", results))
    assert "Classes without a test item, in no macro average: 0 of 90, 3 of 90." in notes
    common = "14 of 90 classes have the common one, with too few validation items"
    assert f"Thresholds: 0.5 for all classes; {common}; one for all classes." in notes
    assert "Thresholds" not in markdown.table("Small world", [unpublished()])


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
    text = markdown.table("Small world", results)
    assert lines_of(text)["chance (DEMO)"][-1] == "0.00123"
    assert lines_of(text)["upper bound (DEMO)"][-1] == "0.600"
    assert "Chance: what to expect of a ranking by chance." in notes_of(text)
    assert "hance" not in markdown.table("Small world", results[2:])
    # Of other factors, or items, others have other figures.
    results[1]["measures"]["map@500"]["upper_bound"] = 0.7
    text = markdown.table("Small world", results)
    assert lines_of(text)["upper bound (beside a)"][-1] == "0.600"
    assert lines_of(text)["upper bound (beside b)"][-1] == "0.700"


# --- The papers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["ismir", "dlrs", "tismir", "acousticbrainz"])
def test_the_shipped_figures_make_a_table(family: str) -> None:
    paper = config.read_yaml(ROOT / f"config/published/{family}.yaml")
    found = tabulate.rows([unpublished()], paper=paper)
    assert len(found) == 1 + sum(len(row["figures"]) for row in paper["rows"].values())
    text = markdown.table(family, [unpublished()], paper=paper)
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
    text = markdown.table("Small world", results, differences=differences)
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
    assert "beyond" not in markdown.table("Small world", [unpublished()], differences={"own": {}})


def test_an_ensemble_has_a_line_of_its_own() -> None:
    result = unpublished("own", accuracy=0.5)
    result["ensemble"] = {"accuracy": {"mean": 0.625, "sd": None, "ci95": [0.5, 0.75], "per_seed": [0.625]}}
    table = {row["settings"]: row for row in tabulate.rows([result]) if row["measure"] == "accuracy"}
    assert {settings: row["mean"] for settings, row in table.items()} == {"": "0.5000", "ensemble": "0.6250"}
    assert (table["ensemble"]["ci95_low"], table["ensemble"]["ci95_high"]) == ("0.5000", "0.7500")
    lines = lines_of(markdown.table("Own", [result]))
    assert [name for name in lines if name.startswith("own")] == ["own", "own_ensemble"]
    assert "0.625 [0.500, 0.750]" in lines["own_ensemble"]
