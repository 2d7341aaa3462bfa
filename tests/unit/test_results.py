"""Result files, the tables made of them, and how many losses are too many."""

import copy
import importlib.metadata
from pathlib import Path
from typing import Any

import pytest
from tartarus import results, statuses, tabulate
from tartarus.errors import TartarusError

RESULT: dict[str, Any] = {
    "family": "demo",
    "experiment": "dummy_multimodal",
    "settings": ["audio", "bow"],
    "dataset": "DEMO",
    "task": "multiclass",
    "items": {"train": 70, "val": 24, "test": 46, "left_out": {"missing": 3, "undecodable": 1}, "noted": {"silent": 2}},
    "classes": 4,
    "parameters": 1234567,
    "seeds": [1, 2],
    "measures": {
        "accuracy": {"mean": 0.75, "sd": 0.05, "ci95": [0.625, 0.875], "per_seed": [0.7, 0.8], "published": 0.8},
        "f1_macro": {"mean": 0.5, "sd": None, "ci95": [0.25, 0.75], "per_seed": [0.5]},
    },
    "per_class": [{"class": "rock", "support": 10, "precision": 1.0, "recall": 0.5, "f1": None}],
    "undefined_classes": 0,
    "confusion": [[1, 0], [0, 1]],
    "provenance": {"settings": {}, "inputs": {"a": "0" * 64}, "versions": {"numpy": "2"}, "code": "abc"},
}


# --- Counting items --------------------------------------------------------------------------------------


def test_an_item_is_used_if_all_inputs_have_it() -> None:
    index = {"train": ["a", "b", "c"], "val": ["d"], "test": ["e", "f"]}
    used = {"train": [["a", "b", "c"], ["c", "a"]], "val": [["d"], ["d"]], "test": [["e"], ["f"]]}
    found = results.count_items(index, used, {})
    assert (found["train"], found["val"], found["test"]) == (2, 1, 0)
    assert found["left_out"] == {"missing": 3}


def test_items_that_are_left_out_are_counted_by_the_reason() -> None:
    index = {"train": ["a", "b", "c", "d"], "val": ["e"], "test": ["f"]}
    used = {"train": [["a"]], "val": [[]], "test": [["f"]]}
    found = results.count_items(
        index,
        used,
        {
            "a": ["ok", "empty"],
            "b": ["undecodable", "ok"],
            "c": ["silent", "missing"],  # silence is no reason, for silent tracks are kept
            "d": ["ok", "ok"],  # no raw file was odd, and yet it is not there
            "e": ["undecodable", "missing"],
            "f": ["silent", "ok"],
        },
    )
    assert found == {
        "train": 1,
        "val": 0,
        "test": 1,
        "left_out": {"missing": 2, "undecodable": 2},
        "noted": {"empty": 1, "silent": 1},
    }


def test_every_item_is_either_used_or_left_out() -> None:
    index = {"train": list("abcdef"), "val": list("gh"), "test": list("ij")}
    used = {"train": [list("abc"), list("bcd")], "val": [list("gh"), list("g")], "test": [[], list("i")]}
    found = results.count_items(index, used, {"a": ["too short"], "h": ["empty"]})
    assert found["train"] + found["val"] + found["test"] + sum(found["left_out"].values()) == 10


# --- The file --------------------------------------------------------------------------------------------


def test_a_good_result_passes_its_schema() -> None:
    results.check(RESULT, "x.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"acuracy": 1}, "unknown key 'acuracy'"),
        ({"parameters": 0}, "parameters: 0 is less than the minimum of 1"),
        ({"items": {**RESULT["items"], "test": 0}}, "items: test: 0 is less"),
        ({"provenance": {**RESULT["provenance"], "inputs": {"a": "abc"}}}, "'abc'"),
    ],
)
def test_a_wrong_result_is_refused_with_file_and_key(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TartarusError) as error:
        results.check({**RESULT, **change}, "results/demo/x.json")
    assert str(error.value).startswith("results/demo/x.json: ")
    assert said in str(error.value)


def test_where_a_result_comes_from_is_written_down(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"abc")
    path = str(tmp_path / "input")
    found = results.provenance({"epochs": 3}, [path, path], "0123")
    # FIPS 180-2, appendix B.1.
    assert found["inputs"] == {path: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    assert (found["settings"], found["code"]) == ({"epochs": 3}, "0123")
    assert found["versions"]["numpy"] == importlib.metadata.version("numpy")
    assert {"keras", "librosa", "scikit-learn"} <= set(found["versions"])


# --- Tables ----------------------------------------------------------------------------------------------


def other() -> dict[str, Any]:
    """Make a result of another experiment, with one measure and nothing published."""
    result = copy.deepcopy(RESULT)
    result |= {"experiment": "dummy_audio", "settings": [], "parameters": 99, "seeds": [1]}
    result["items"] |= {"left_out": {}, "noted": {}}
    result["measures"] = {"accuracy": {"mean": 1 / 3, "sd": None, "ci95": [0.0, 0.5], "per_seed": [1 / 3]}}
    return result


def test_every_measure_of_every_result_is_a_row() -> None:
    found = tabulate.rows([RESULT, other()])
    assert [(row["experiment"], row["settings"], row["measure"]) for row in found] == [
        ("dummy_multimodal", "audio_bow", "accuracy"),
        ("dummy_multimodal", "audio_bow", "f1_macro"),
        ("dummy_audio", "", "accuracy"),
    ]
    assert found[0] == {
        "experiment": "dummy_multimodal",
        "settings": "audio_bow",
        "dataset": "DEMO",
        "test_items": "46",
        "left_out": "4",
        "parameters": "1234567",
        "seeds": "2",
        "measure": "accuracy",
        "mean": "0.7500",
        "sd": "0.0500",
        "ci95_low": "0.6250",
        "ci95_high": "0.8750",
        "published": "0.8000",
        "difference": "-0.0500",
    }
    assert (found[2]["mean"], found[2]["sd"], found[2]["published"], found[2]["difference"]) == ("0.3333", "", "", "")
    assert len({tuple(row) for row in found}) == 1


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_for_people_has_a_line_for_each_result() -> None:
    text = tabulate.markdown("Small world", [RESULT, other()])
    lines = text.splitlines()
    assert lines[0] == "# Small world"
    table = [line for line in lines if line.startswith("|")]
    assert cells(table[0]) == [
        "experiment", "parameters", "items (left out)",
        "accuracy", "published", "difference", "f1_macro", "published", "difference",
    ]  # fmt: skip
    assert set("".join(cells(table[1]))) == {"-"}
    assert cells(table[2]) == [
        "dummy_multimodal_audio_bow", "1 234 567", "70/24/46 (4)",
        "0.750 ± 0.050 [0.625, 0.875]", "0.8000", "-0.0500", "0.500 [0.250, 0.750]", "", "",
    ]  # fmt: skip
    assert cells(table[3]) == ["dummy_audio", "99", "70/24/46 (0)", "0.333 [0.000, 0.500]", "", "", "", "", ""]
    # Aligned, so that it can be read as it stands.
    assert len({len(line) for line in table}) == 1


def test_without_published_figures_there_are_no_columns_for_them() -> None:
    table = tabulate.markdown("Small world", [other()])
    assert "published" not in table
    assert "difference" not in table


def test_measures_come_in_the_order_of_the_literature_whatever_that_of_the_file() -> None:
    result = other()
    measure = result["measures"]["accuracy"]
    result["measures"] = dict.fromkeys(("zeta", "f1_macro", "accuracy", "alpha", "recall_macro"), measure)
    assert tabulate.measure_names([result]) == ["accuracy", "recall_macro", "f1_macro", "alpha", "zeta"]


# --- Losses ----------------------------------------------------------------------------------------------


def test_too_many_lost_items_are_refused_with_their_names() -> None:
    found = {"S1": "ok", "S2": "missing", "S3": "silent", "S4": "undecodable", "S5": "empty"}
    with pytest.raises(TartarusError) as error:
        statuses.refuse_too_many_lost(found, max_missing=0.3, what="tracks of SONGS (tracks.tsv)")
    assert str(error.value) == (
        "2 of 5 tracks of SONGS (tracks.tsv) are lost, more than max_missing allows (30%): "
        "S2 (missing), S4 (undecodable); mend them, or raise max_missing"
    )


@pytest.mark.parametrize("max_missing", [0.4, 0.5, 1])
def test_as_many_lost_items_as_allowed_are_accepted(max_missing: float) -> None:
    found = {"S1": "ok", "S2": "missing", "S3": "silent", "S4": "undecodable", "S5": "empty"}
    statuses.refuse_too_many_lost(found, max_missing=max_missing, what="tracks")


def test_without_allowance_one_lost_item_is_too_many() -> None:
    statuses.refuse_too_many_lost({"S1": "ok", "S2": "silent"}, max_missing=0, what="tracks")
    with pytest.raises(TartarusError, match="1 of 2 tracks are lost"):
        statuses.refuse_too_many_lost({"S1": "ok", "S2": "too short"}, max_missing=0, what="tracks")


def test_of_many_lost_items_the_first_ten_are_named() -> None:
    found = {f"S{number}": "missing" for number in range(30)}
    with pytest.raises(TartarusError, match=r"S9 \(missing\); mend them"):
        statuses.refuse_too_many_lost(found, max_missing=0.05, what="tracks")


def test_the_statuses_of_several_kinds_of_files_are_gathered_by_item(tmp_path: Path) -> None:
    (tmp_path / "tracks.tsv").write_text("id\tstatus\tseconds\nS1\tok\t3\nS2\tmissing\t0\n")
    (tmp_path / "texts.tsv").write_text("id\tstatus\nS2\tempty\nS3\tok\n")
    tables = [tmp_path / "tracks.tsv", tmp_path / "texts.tsv"]
    assert statuses.read_all(tables) == {"S1": ["ok"], "S2": ["missing", "empty"], "S3": ["ok"]}
    assert statuses.read_statuses(tables[:1]) == {"S1": "ok", "S2": "missing"}
