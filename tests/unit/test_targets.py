"""What file names ask for."""

from pathlib import Path
from typing import Any

import pytest
from tartarus import config, targets
from tartarus.errors import TartarusError

SHIPPED = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def shipped() -> config.Config:
    return config.load(config.read_yaml(SHIPPED / "config.yaml"), SHIPPED)


def world(experiments: dict[str, dict[str, Any]], settings: dict[str, str] | None = None) -> config.Config:
    """Make a configuration of one family on one dataset, with no more than `targets` reads."""
    complete = {
        name: {"dataset": "SONGS", "seeds": [1], "fact": "class", "dim": 3, **options}
        for name, options in experiments.items()
    }
    dataset = {"settings": settings or {"a": "bow", "b": "w2v", "c": "patches_1_15"}, "audio": {"shards": 2}}
    return config.Config({}, {"SONGS": dataset}, {"family": {"title": "", "experiments": complete}})


# --- Finding models --------------------------------------------------------------------------------------

MODELS = {
    "dummy_audio": ("dummy_audio", (), ("patches",)),
    "dummy_text_vsm_bow": ("dummy_text_vsm", ("bow",), ("bow",)),
    "dummy_text_w2v_w2v": ("dummy_text_w2v", ("w2v",), ("w2v",)),
    "dummy_multimodal_audio_bow": ("dummy_multimodal", ("audio", "bow"), ("audio", "bow")),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("family", "dataset"), [("super", "SUPER"), ("demo", "DEMO")])
def test_every_shipped_model_is_found_by_its_name(shipped: config.Config, family: str, dataset: str, name: str) -> None:
    experiment, settings, inputs = MODELS[name]
    model = targets.find(shipped, family, name)
    assert (model.family, model.experiment, model.settings) == (family, experiment, settings)
    assert (model.name, model.dataset) == (name, dataset)
    assert len(model.features) == len(inputs)
    assert targets.find_on_dataset(shipped, name, dataset).family == family


@pytest.mark.parametrize("family", ["super", "demo"])
def test_a_family_builds_the_models_of_the_original_s_test(shipped: config.Config, family: str) -> None:
    assert [model.name for model in targets.models_of(shipped, family)] == list(MODELS)


def test_the_multimodal_model_reads_what_other_models_make(shipped: config.Config) -> None:
    model = targets.find(shipped, "super", "dummy_multimodal_audio_bow")
    assert model.features == ("dummy_audio-pred_flatten", "dummy_text_vsm_bow-pred_dense2")
    assert model.files("val") == [
        "data/train_data/X_val_dummy_audio-pred_flatten_SUPER.npz",
        "data/train_data/X_val_dummy_text_vsm_bow-pred_dense2_SUPER.npz",
    ]
    assert model.vocabularies() == []


def test_the_longest_experiment_name_wins() -> None:
    known = world({"x": {"inputs": 2}, "x_a": {"inputs": 1}})
    assert (targets.find(known, "family", "x_a_b").experiment, targets.find(known, "family", "x_b_a").experiment) == (
        "x_a",
        "x",
    )
    assert targets.find(known, "family", "x_a_b").settings == ("b",)


def test_a_name_that_only_begins_like_an_experiment_is_not_taken_for_it() -> None:
    with pytest.raises(TartarusError, match="no such experiment"):
        targets.find(world({"x": {"inputs": ["a"]}}), "family", "xa")


def test_an_unknown_experiment_is_refused_with_a_list_of_those_that_exist(shipped: config.Config) -> None:
    with pytest.raises(TartarusError) as error:
        targets.find(shipped, "super", "dumy_audio")
    message = str(error.value)
    assert message.startswith("results/super/dumy_audio.json: no such experiment; did you mean 'dummy_audio'?")
    assert all(name in message for name in ("dummy_multimodal", "dummy_text_vsm", "dummy_text_w2v"))


def test_an_unknown_family_is_refused_with_a_list_of_those_that_exist(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match=r"no family 'supr' .*did you mean 'super'.* demo, super"):
        targets.find(shipped, "supr", "dummy_audio")


def test_an_unknown_setting_is_refused_with_a_list_of_those_that_exist(shipped: config.Config) -> None:
    with pytest.raises(TartarusError) as error:
        targets.find(shipped, "demo", "dummy_text_vsm_bwo")
    message = str(error.value)
    assert message.startswith("dummy_text_vsm_bwo: the dataset DEMO has no setting 'bwo'; did you mean 'bow'?")
    assert all(name in message for name in ("audio", "patches", "text", "w2v"))


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [("dummy_text_vsm", 1, 0), ("dummy_multimodal_audio", 2, 1), ("dummy_audio_bow", 0, 1)],
)
def test_a_wrong_number_of_settings_is_refused_with_a_list_of_those_that_exist(
    shipped: config.Config, name: str, wanted: int, found: int
) -> None:
    with pytest.raises(TartarusError) as error:
        targets.find(shipped, "super", name)
    message = str(error.value)
    assert f"results/super/{name}.json: " in message
    assert f"takes {wanted} settings in its name, found {found}" in message
    assert "the settings of SUPER are: audio, bow, patches, text, w2v" in message


@pytest.mark.parametrize("name", ["x__a", "y_"])
def test_superfluous_underscores_are_refused(name: str) -> None:
    with pytest.raises(TartarusError):
        targets.find(world({"x": {"inputs": 1}, "y": {"inputs": ["a"]}}), "family", name)


def test_a_model_of_an_unknown_dataset_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match=r"no dataset 'DEMOO'.*did you mean 'DEMO'"):
        targets.find_on_dataset(shipped, "dummy_audio", "DEMOO")


def test_a_layer_of_an_unknown_model_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match="no experiment 'dumy_audio' on DEMO; did you mean 'dummy_audio'"):
        targets.find_on_dataset(shipped, "dumy_audio", "DEMO")


def test_a_model_is_looked_for_among_those_of_its_dataset_only(shipped: config.Config) -> None:
    families = {
        dataset: targets.find_on_dataset(shipped, "dummy_audio", dataset).family for dataset in ("DEMO", "SUPER")
    }
    assert families == {"DEMO": "demo", "SUPER": "super"}


def test_an_experiment_s_own_features_go_before_those_of_the_dataset() -> None:
    known = world({"x": {"inputs": 1, "features": {"a": "w2v"}}, "y": {"inputs": 1}})
    assert targets.find(known, "family", "x_a").features == ("w2v",)
    assert targets.find(known, "family", "y_a").features == ("bow",)


# --- File names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("features", "file"),
    [
        ("patches_1_15", "data/patches/patches_test_SUPER_1_15.hdf5"),
        ("patches_20_3", "data/patches/patches_test_SUPER_20_3.hdf5"),
        ("bow", "data/train_data/X_test_bow_SUPER.npz"),
        ("w2v", "data/train_data/X_test_w2v_SUPER.npz"),
        ("dummy_audio-pred_flatten", "data/train_data/X_test_dummy_audio-pred_flatten_SUPER.npz"),
        ("patches_1", "data/train_data/X_test_patches_1_SUPER.npz"),
    ],
)
def test_features_have_their_files(features: str, file: str) -> None:
    assert targets.feature_file(features, "test", "SUPER") == file


def test_splits_and_vocabularies_have_their_files() -> None:
    assert targets.index_file("val", "DEMO") == "data/splits/items_index_val_DEMO.tsv"
    assert targets.target_file("val", "class", 4, "DEMO") == "data/splits/y_val_class_4_DEMO.npy"
    assert targets.vocabulary_file("bow", "DEMO") == "data/train_data/vocabulary_bow_DEMO.npz"


def test_a_model_names_the_files_that_it_needs_and_makes() -> None:
    known = world({"x": {"inputs": 2, "seeds": [3, 7], "fact": "als", "dim": 20}})
    model = targets.find(known, "family", "x_a_c")
    assert model.files("train") == [
        "data/train_data/X_train_bow_SONGS.npz",
        "data/patches/patches_train_SONGS_1_15.hdf5",
    ]
    assert model.vocabularies() == ["data/train_data/vocabulary_bow_SONGS.npz"]
    assert model.target_file("train") == "data/splits/y_train_als_20_SONGS.npy"
    assert model.trained() == [
        "data/models/family/x_a_c/seed-3/model.keras",
        "data/models/family/x_a_c/seed-7/model.keras",
    ]


def test_the_raw_material_is_found_through_other_models_too() -> None:
    known = world(
        {"sound": {"inputs": ["c"]}, "words": {"inputs": 1}, "both": {"inputs": 2}},
        {"a": "bow", "c": "patches_1_15", "s": "sound-pred_flatten", "w": "words_a-pred_dense1"},
    )
    assert targets.find(known, "family", "sound").modalities() == {"audio"}
    assert targets.find(known, "family", "words_a").modalities() == {"text"}
    assert targets.find(known, "family", "both_s_w").modalities() == {"audio", "text"}


def test_a_model_s_status_tables_are_those_of_its_raw_material() -> None:
    known = world({"x": {"inputs": 1}})
    text = ["data/texts/texts_SONGS.tsv"]
    audio = [
        f"data/spectrograms/tracks_SONGS_{set_}-{shard}.tsv" for set_ in ("train", "val", "test") for shard in (0, 1)
    ]
    assert targets.status_files(targets.find(known, "family", "x_a")) == text
    assert targets.status_files(targets.find(known, "family", "x_c")) == audio


def test_a_model_that_is_made_from_its_own_layer_is_refused() -> None:
    known = world({"x": {"inputs": ["a"]}}, {"a": "x-pred_flatten"})
    with pytest.raises(TartarusError, match="x"):
        targets.find(known, "family", "x").modalities()
