"""Result files: what they count and say, and how many losses are too many."""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base import files
from tartarus.base.errors import TartarusError
from tartarus.evaluation import results
from tartarus.items import statuses

from tests.unit.examples import RESULT

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


def test_items_that_nobody_played_are_counted_whether_the_index_has_them_or_not() -> None:
    index = {"train": ["a"], "val": ["b"], "test": ["c", "d"]}
    used = {"train": [["a", "lost"]], "val": [["b", "lone"]], "test": [["c", "d", "odd"]]}
    played = {"a": ["ok"], "lost": ["unplayed"], "lone": ["empty", "unplayed"], "d": ["unplayed"]}
    found = results.count_items(index, used, played)
    assert (found["train"], found["val"], found["test"]) == (1, 1, 2)
    assert found["left_out"] == {"unplayed": 2}
    assert found["noted"] == {"unknown": 1, "unplayed": 1}


def test_what_the_cut_leaves_is_counted_as_unused() -> None:
    train = [f"S{number}" for number in range(20)]
    index = {"train": train, "val": train, "test": ["T1", "T2"]}
    # The features hold all but one item of each part.
    inputs = [[id_ for id_ in train if id_ not in ("S3", "S17", "S19")]]
    found = results.count_items(index, {"train": inputs, "val": inputs, "test": [["T2"]]}, {}, validation="cut")
    assert found == {"train": 15, "val": 1, "test": 1, "left_out": {"missing": 3, "unused": 2}, "noted": {}}


def test_nothing_is_unused_where_the_cut_leaves_nothing_or_nothing_is_cut() -> None:
    index = {"train": ["S1"], "val": ["S2"], "test": ["S3"]}
    used = {set_: [ids] for set_, ids in index.items()}
    assert results.count_items(index, used, {})["left_out"] == {}


@given(st.integers(10, 60), st.data())
def test_every_item_is_used_left_out_or_unused_where_validation_is_cut(count: int, data: st.DataObject) -> None:
    train = [f"S{number}" for number in range(count)]
    kept = [data.draw(st.lists(st.sampled_from(train), unique=True)) for _ in range(2)]
    index, used = {"train": train, "val": train, "test": ["T"]}, {"train": kept, "val": kept, "test": [["T"]]}
    found = results.count_items(index, used, {}, validation="cut")
    assert found["train"] + found["val"] + found["test"] + sum(found["left_out"].values()) == count + 1


# --- Published figures -----------------------------------------------------------------------------------


def test_published_figures_stand_beside_the_measures_that_have_one() -> None:
    measured = {"measures": {"accuracy": {"mean": 0.5}, "f1_macro": {"mean": 0.4}}, "classes": 3}
    figures = {"accuracy": 0.6, "map@500": 0.1}
    assert results.with_published(measured, {"source": "a paper", "figures": figures}) == {
        "measures": {"accuracy": {"mean": 0.5, "published": 0.6}, "f1_macro": {"mean": 0.4}},
        "classes": 3,
        "published_source": "a paper",
    }
    assert "published" not in measured["measures"]["accuracy"]
    assert results.with_published(measured, {}) == measured


# --- The file --------------------------------------------------------------------------------------------


def test_a_good_result_passes_its_schema() -> None:
    results.check(RESULT, "x.json")
    # Diversity has no interval.
    measure = {"mean": 0.5, "sd": None, "ci95": None, "per_seed": [0.5]}
    results.check({**RESULT, "measures": {"adiv@1": measure}, "published_source": "a paper"}, "x.json")


@pytest.mark.parametrize(
    ("task", "needed"),
    [
        ("multiclass", ["undefined_classes", "confusion"]),
        ("multilabel", ["undefined_classes", "untested_classes", "unlabelled_items", "thresholds"]),
        ("recommendation", ["users"]),
    ],
)
def test_every_task_has_what_is_its_own(task: str, needed: list[str]) -> None:
    own = {
        "undefined_classes": 0, "untested_classes": 0, "unlabelled_items": 1, "confusion": [[1]],
        "thresholds": {"rule": "per_class", "common": [0.5], "at_common": 1},
        "users": {"evaluated": 3, "without_items": 0},
    }  # fmt: skip
    whole = {**RESULT, "task": task, **{key: own[key] for key in needed}}
    results.check(whole, "x.json")
    for key in needed:
        with pytest.raises(TartarusError, match=f"x.json: '{key}' is a required property"):
            results.check({name: value for name, value in whole.items() if name != key}, "x.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"acuracy": 1}, "unknown key 'acuracy'"),
        ({"parameters": -1}, "parameters: -1 is less than the minimum of 0"),
        ({"measures": {"acuracy": RESULT["measures"]["accuracy"]}}, "unknown 'acuracy'; did you mean 'accuracy'?"),
        ({"items": {**RESULT["items"], "test": 0}}, "items: test: 0 is less"),
        ({"provenance": {**RESULT["provenance"], "inputs": {"a": "abc"}}}, "'abc'"),
    ],
)
def test_a_wrong_result_is_refused_with_file_and_key(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TartarusError) as error:
        results.check({**RESULT, **change}, "results/demo/x.json")
    assert str(error.value).startswith("results/demo/x.json: ")
    assert said in str(error.value)


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    files.write_json(tmp_path / "x.json", RESULT)
    assert results.read(tmp_path / "x.json") == RESULT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not a result (Expecting value"),
        (b"[]", "not of type 'object'"),
        (b'{"family": ', "not a result (Expecting value"),
        (b"\xff\xfe\xfa", "not a result ("),
        (b"[" * 100_000, "not a result ("),
        (json.dumps(RESULT).replace("0.75", "NaN", 1).encode(), "not a result (NaN is not a finite"),
        (json.dumps(RESULT).replace("0.75", "1e999", 1).encode(), "not a result (1e999 is not a finite"),
        (json.dumps({**RESULT, "measures": {}}).encode(), "measures: {} "),
        (json.dumps({key: RESULT[key] for key in RESULT if key != "dataset"}).encode(), "'dataset' is a required"),
        (json.dumps({**RESULT, "left_out": 3}).encode(), "unknown key 'left_out'"),
    ],
)
def test_a_damaged_result_and_one_of_another_version_are_refused(tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text)
    with pytest.raises(TartarusError) as error:
        results.read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)
    assert str(error.value).endswith("delete it to have it made anew")


def test_where_a_result_comes_from_is_written_down(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"abc")
    path = str(tmp_path / "input")
    found = results.provenance({"epochs": 3}, [path, path], "0123")
    # FIPS 180-2, appendix B.1.
    assert found["inputs"] == {path: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    assert (found["settings"], found["code"]) == ({"epochs": 3}, "0123")
    assert found["versions"]["numpy"] == importlib.metadata.version("numpy")
    assert {"keras", "librosa", "scikit-learn"} <= set(found["versions"])


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
