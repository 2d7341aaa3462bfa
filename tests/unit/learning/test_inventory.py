"""The table of networks: what the configuration tells of their sizes, and what it leaves to the data."""

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import config

from tests.paths import SHIPPED

CNN = {"name": "cnn", "filters": [4], "kernels": [[4, 96]], "pools": [[4, 1]]}
# One second at a hop of 1024 are 21 frames: 21 - 3 = 18, of which pools of 4 leave 4.
FLAT = 4 * 4


@pytest.fixture(scope="module")
def rows_of(keras: ModuleType) -> Any:
    """Describe the models of some experiments on one dataset."""
    from tartarus.learning import inventory

    shipped = config.load(config.read_yaml(SHIPPED / "config.yaml"), SHIPPED)

    def make(experiments: dict[str, Any], **dataset: Any) -> list[dict[str, str]]:
        defaults = {"dataset": "SONGS", "inputs": ["x"], "seeds": [1], "output": "sigmoid", "dim": 5}
        complete = {name: {**defaults, **options} for name, options in experiments.items()}
        songs = config.merged(
            shipped.dataset("DEMO"),
            {"settings": {"x": "x"}, "w2v": {"length": 30, "dimensions": 7}, **dataset},
        )
        family = {"title": "", "experiments": complete}
        return inventory.rows(replace(shipped, datasets={"SONGS": songs}, families={"family": family}))

    return make


def test_a_row_says_what_goes_in_what_comes_out_and_how_large_it_is(rows_of: Any) -> None:
    (row,) = rows_of({"sounds": {"network": CNN, "output": "linear"}}, settings={"x": "patches_2_1"})
    assert row == {
        "family": "family",
        "model": "sounds",
        "dataset": "SONGS",
        "network": "cnn",
        "inputs": "patches_2_1 1x21x96",
        "output": "linear",
        "dim": "5",
        "parameters": str((4 * 96 + 1) * 4 + (FLAT + 1) * 5),
        "flatten": str(FLAT),
        "layers": "input card standardise channels-last conv1 pool1 dropout1 flatten linear output",
        "note": "",
    }


def test_inputs_are_standardised_where_the_experiment_asks_for_it(rows_of: Any) -> None:
    plain = {"network": {"name": "mlp"}}
    found = rows_of({"no": plain, "yes": {**plain, "standardise": True}})
    layers = {row["model"]: row["layers"].split() for row in found}
    assert set(layers["yes"]) - set(layers["no"]) == {"standardise"}


def test_every_model_of_every_family_has_a_row(rows_of: Any) -> None:
    found = rows_of(
        {
            "one": {"inputs": 1, "settings": [["a"], ["b"]], "network": {"name": "mlp"}},
            "two": {"inputs": ["a", "b"], "network": {"name": "fusion"}},
        },
        settings={"a": "a", "b": "b"},
        columns={"a": 3, "b": 4},
    )
    assert [(row["model"], row["inputs"], row["parameters"]) for row in found] == [
        ("one_a", "a 3", "20"),
        ("one_b", "b 4", "25"),
        ("two", "a 3, b 4", "40"),
    ]
    assert [row["flatten"] for row in found] == ["", "", "7"]


@pytest.mark.parametrize(
    ("audio", "shape"),
    [
        ({"type": "stft", "n_fft": 512}, "1x43x257"),
        ({"type": "mel", "bins": 40, "hop": 512}, "1x86x40"),
        ({"sample_rate": 44100}, "1x86x96"),
    ],
)
def test_the_shape_of_patches_follows_from_the_settings_of_the_sound(
    rows_of: Any, audio: dict[str, Any], shape: str
) -> None:
    network = {**CNN, "kernels": [[1, 1]]}
    (row,) = rows_of({"sounds": {"network": network}}, settings={"x": "patches_1_2"}, audio={"hop": 1024, **audio})
    assert row["inputs"] == f"patches_1_2 {shape}"


def test_columns_come_before_the_settings_of_the_sound(rows_of: Any) -> None:
    (row,) = rows_of(
        {"genres": {"network": {"name": "mlp", "dense": [3]}}},
        settings={"x": "patches_1_1"},
        columns={"patches_1_1": 2669},
    )
    assert row["inputs"] == "patches_1_1 2669"
    assert row["parameters"] == str(2670 * 3 + 4 * 5)
    assert row["layers"].startswith("input card standardise dropout-input")


@pytest.mark.parametrize("features", ["bow", "vectors"])
def test_what_only_the_data_tell_is_left_open(rows_of: Any, features: str) -> None:
    (row,) = rows_of({"words": {"network": {"name": "mlp", "dense": [3]}}}, settings={"x": features})
    assert row["inputs"] == f"{features} ?"
    assert row["parameters"] == row["flatten"] == ""
    assert row["layers"] == "input card dropout-input dense1 dropout-dense1 output"
    assert row["note"] == f"depends on data/train_data/X_train_{features}_SONGS.npz"


def test_word_ids_have_a_length_but_parameters_for_every_word_of_the_data(rows_of: Any) -> None:
    (row,) = rows_of({"words": {"network": {"name": "text-cnn", "filters": 4}}}, settings={"x": "w2v"})
    assert (row["inputs"], row["parameters"], row["flatten"]) == ("w2v 30", "", "8")
    assert row["note"] == "depends on data/train_data/vocabulary_w2v_SONGS.npz"


def test_a_layer_of_another_model_has_its_length_although_that_model_depends_on_data(rows_of: Any) -> None:
    both, *_ = rows_of(
        {
            "both": {"inputs": ["sound", "word"], "network": {"name": "fusion"}},
            "sounds": {"inputs": ["patches"], "network": CNN},
            "words": {"inputs": ["bow"], "network": {"name": "mlp", "dense": [6]}},
        },
        settings={
            "patches": "patches_1_1",
            "bow": "bow",
            "sound": "sounds-pred_pool1",
            "word": "words-pred_dense1",
        },
    )
    assert both["inputs"] == f"sounds-pred_pool1 {FLAT}, words-pred_dense1 6"
    assert (both["parameters"], both["flatten"]) == (str((FLAT + 6 + 1) * 5), str(FLAT + 6))
    assert both["note"] == ""


def test_a_layer_as_long_as_the_data_leaves_the_next_model_open_too(rows_of: Any) -> None:
    both, *_ = rows_of(
        {
            "both": {"inputs": ["raw", "ids", "v"], "network": {"name": "fusion"}},
            "words": {"inputs": ["bow"], "network": {"name": "mlp"}},
            "texts": {"inputs": ["w2v"], "network": {"name": "text-cnn", "filters": 4, "dense": 9}},
        },
        settings={"bow": "bow", "w2v": "w2v", "raw": "words-pred_card", "ids": "texts-pred_dense1", "v": "v"},
    )
    assert both["inputs"] == "words-pred_card ?, texts-pred_dense1 9, v ?"
    assert both["parameters"] == both["flatten"] == ""
    assert both["note"] == ("depends on data/train_data/X_train_bow_SONGS.npz, data/train_data/X_train_v_SONGS.npz")


def test_a_network_that_does_not_fit_is_told_with_its_model(rows_of: Any) -> None:
    with pytest.raises(TartarusError, match=r"^family: sounds: cnn: layer 1: nothing is left of 21 x 96 frames"):
        rows_of({"sounds": {"network": {**CNN, "kernels": [[22, 1]]}}}, settings={"x": "patches_1_1"})


def test_a_layer_that_is_not_there_is_told_with_the_nearest(rows_of: Any) -> None:
    with pytest.raises(TartarusError, match=r"^sounds-pred_flaten: sounds has no layer 'flaten'; .*'flatten'"):
        rows_of(
            {"more": {"network": {"name": "mlp"}}, "sounds": {"inputs": ["patches"], "network": CNN}},
            settings={"x": "sounds-pred_flaten", "patches": "patches_1_1"},
        )


def test_a_model_made_from_a_layer_of_its_own_is_refused(rows_of: Any) -> None:
    with pytest.raises(TartarusError, match="made from a layer of its own"):
        rows_of({"more": {"network": {"name": "mlp", "dense": [2]}}}, settings={"x": "more-pred_dense1"})
