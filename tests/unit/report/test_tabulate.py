"""The table of a family: the published figures, what is not there and why."""

from pathlib import Path

from tartarus.items import tables
from tartarus.report import beyond, tabulate

from tests.unit.examples import RESULT
from tests.unit.report.small_tables import PAPER, other


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
