"""What names ask for: of targets, of layers, of families."""

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import config, requests

from tests.unit.plan.worlds import related

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
    model = requests.find(shipped, family, name)
    assert (model.family, model.experiment, model.settings) == (family, experiment, settings)
    assert (model.name, model.dataset) == (name, dataset)
    assert len(model.features) == len(inputs)
    assert requests.find_source(shipped, name, dataset).family == family


@pytest.mark.parametrize("family", ["super", "demo"])
def test_a_family_builds_the_models_of_the_original_s_test(shipped: config.Config, family: str) -> None:
    assert [model.name for model in requests.requests_of(shipped, family)] == list(MODELS)


def test_the_multimodal_model_reads_what_other_models_make(shipped: config.Config) -> None:
    model = requests.find(shipped, "super", "dummy_multimodal_audio_bow")
    assert model.features == ("dummy_audio-pred_flatten", "dummy_text_vsm_bow-pred_dense2")
    assert model.files("val") == [
        "data/train_data/X_val_dummy_audio-pred_flatten_SUPER.npz",
        "data/train_data/X_val_dummy_text_vsm_bow-pred_dense2_SUPER.npz",
    ]
    assert model.vocabularies() == []


def test_the_longest_experiment_name_wins() -> None:
    known = related({"x": {"inputs": 2}, "x_a": {"inputs": 1}})
    assert (requests.find(known, "family", "x_a_b").experiment, requests.find(known, "family", "x_b_a").experiment) == (
        "x_a",
        "x",
    )
    assert requests.find(known, "family", "x_a_b").settings == ("b",)


def test_a_name_that_only_begins_like_an_experiment_is_not_taken_for_it() -> None:
    with pytest.raises(TartarusError, match="no such experiment"):
        requests.find(related({"x": {"inputs": ["a"]}}), "family", "xa")


def test_an_unknown_experiment_is_refused_with_a_list_of_those_that_exist(shipped: config.Config) -> None:
    with pytest.raises(TartarusError) as error:
        requests.find(shipped, "super", "dumy_audio")
    message = str(error.value)
    assert message.startswith("results/super/dumy_audio.json: no such experiment; did you mean 'dummy_audio'?")
    assert all(name in message for name in ("dummy_multimodal", "dummy_text_vsm", "dummy_text_w2v"))


def test_an_unknown_family_is_refused_with_a_list_of_those_that_exist(shipped: config.Config) -> None:
    known = ", ".join(sorted(shipped.families))
    with pytest.raises(TartarusError, match=f"no family 'supr' .*did you mean 'super'.* Known: {known}$"):
        requests.find(shipped, "supr", "dummy_audio")


def test_an_unknown_setting_is_refused_with_a_list_of_those_that_exist(shipped: config.Config) -> None:
    with pytest.raises(TartarusError) as error:
        requests.find(shipped, "demo", "dummy_text_vsm_bwo")
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
        requests.find(shipped, "super", name)
    message = str(error.value)
    assert f"results/super/{name}.json: " in message
    assert f"takes {wanted} settings in its name, found {found}" in message
    assert "the settings of SUPER are: audio, bow, patches, text, w2v" in message


@pytest.mark.parametrize("name", ["x__a", "y_"])
def test_superfluous_underscores_are_refused(name: str) -> None:
    with pytest.raises(TartarusError):
        requests.find(related({"x": {"inputs": 1}, "y": {"inputs": ["a"]}}), "family", name)


def test_a_model_of_an_unknown_dataset_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match=r"no dataset 'DEMOO'.*did you mean 'DEMO'"):
        requests.find_source(shipped, "dummy_audio", "DEMOO")


def test_a_layer_of_an_unknown_model_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match="no experiment 'dumy_audio' on DEMO; did you mean 'dummy_audio'"):
        requests.find_source(shipped, "dumy_audio", "DEMO")


def test_a_model_is_looked_for_among_those_of_its_dataset_only(shipped: config.Config) -> None:
    families = {dataset: requests.find_source(shipped, "dummy_audio", dataset).family for dataset in ("DEMO", "SUPER")}
    assert families == {"DEMO": "demo", "SUPER": "super"}


def test_a_family_s_name_does_not_build_what_asks_to_be_left_out(shipped: config.Config) -> None:
    names = [model.name for model in requests.requests_of(shipped, "ismir")]
    assert "logistic_audio_multilabel" not in names
    assert requests.find(shipped, "ismir", "logistic_audio_multilabel").features == ("patches_1_15",)


# --- Raw material --------------------------------------------------------------------------------------


def test_the_raw_material_is_found_through_other_models_too() -> None:
    known = related(
        {"sound": {"inputs": ["c"]}, "words": {"inputs": 1}, "both": {"inputs": 2}},
        {"a": "bow", "c": "patches_1_15", "s": "sound-pred_flatten", "w": "words_a-pred_dense1"},
    )
    assert requests.modalities(requests.find(known, "family", "sound")) == {"audio"}
    assert requests.modalities(requests.find(known, "family", "words_a")) == {"text"}
    assert requests.modalities(requests.find(known, "family", "both_s_w")) == {"audio", "text"}


def test_a_model_that_is_made_from_its_own_layer_is_refused() -> None:
    known = related({"x": {"inputs": ["a"]}}, {"a": "x-pred_flatten"})
    with pytest.raises(TartarusError, match="x"):
        requests.modalities(requests.find(known, "family", "x"))
