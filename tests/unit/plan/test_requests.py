"""What file names ask for."""

import re
from dataclasses import replace
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import config, feature_kinds, names, requests
from tartarus.plan.jobs import Jobs


def world(experiments: dict[str, dict[str, Any]], settings: dict[str, str] | None = None) -> config.Config:
    """Make a configuration of one family on one dataset, with no more than `targets` reads."""
    complete = {
        name: {"dataset": "SONGS", "seeds": [1], "fact": "class", "dim": 3, "validation": "file", **options}
        for name, options in experiments.items()
    }
    shared = {"kind": "table", "task": "multilabel", "audio": {"shards": 2}}
    songs = {**shared, "settings": settings or {"a": "bow", "b": "w2v", "c": "patches_1_15"}}
    known = {
        "SONGS": songs,
        "OTHERS": songs,
        "ALBUMS": {**songs, "albums_of": "SONGS"},
        "VIEW": {**songs, "kind": "view", "view_of": "SONGS"},
        "VIEW-OF-ALBUMS": {**songs, "kind": "view", "view_of": "ALBUMS"},
        "ALBUMS-OF-VIEW": {**songs, "albums_of": "VIEW"},
    }
    return config.Config({}, known, {}, {"family": {"title": "", "experiments": complete}}, {})


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
    known = world({"x": {"inputs": 2}, "x_a": {"inputs": 1}})
    assert (requests.find(known, "family", "x_a_b").experiment, requests.find(known, "family", "x_b_a").experiment) == (
        "x_a",
        "x",
    )
    assert requests.find(known, "family", "x_a_b").settings == ("b",)


def test_a_name_that_only_begins_like_an_experiment_is_not_taken_for_it() -> None:
    with pytest.raises(TartarusError, match="no such experiment"):
        requests.find(world({"x": {"inputs": ["a"]}}), "family", "xa")


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
        requests.find(world({"x": {"inputs": 1}, "y": {"inputs": ["a"]}}), "family", name)


def test_a_model_of_an_unknown_dataset_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match=r"no dataset 'DEMOO'.*did you mean 'DEMO'"):
        requests.find_source(shipped, "dummy_audio", "DEMOO")


def test_a_layer_of_an_unknown_model_is_refused(shipped: config.Config) -> None:
    with pytest.raises(TartarusError, match="no experiment 'dumy_audio' on DEMO; did you mean 'dummy_audio'"):
        requests.find_source(shipped, "dumy_audio", "DEMO")


def test_a_model_is_looked_for_among_those_of_its_dataset_only(shipped: config.Config) -> None:
    families = {dataset: requests.find_source(shipped, "dummy_audio", dataset).family for dataset in ("DEMO", "SUPER")}
    assert families == {"DEMO": "demo", "SUPER": "super"}


# --- Whose layer is meant --------------------------------------------------------------------------------


def test_the_model_of_a_layer_is_looked_for_near_first() -> None:
    known = world(
        {
            "near": {"dataset": "ALBUMS", "inputs": ["a"]},
            "tracks": {"dataset": "SONGS", "inputs": ["c"]},
            "far": {"dataset": "OTHERS", "inputs": ["b"]},
        }
    )
    found = {name: requests.find_source(known, name, "ALBUMS") for name in ("near", "tracks", "far")}
    # What is of another dataset, but not of the tracks of this one, is asked about the items of this one.
    assert {name: model.dataset for name, model in found.items()} == {
        "near": "ALBUMS", "tracks": "SONGS", "far": "ALBUMS"
    }  # fmt: skip
    assert found["far"].files("train") == ["data/train_data/X_train_w2v_ALBUMS.npz"]
    # The trained models are the same, whatever they are fed with.
    assert found["far"].models() == requests.find(known, "family", "far").models()


def test_features_are_means_of_tracks_if_a_model_of_the_tracks_makes_them() -> None:
    known = world(
        {"near": {"dataset": "ALBUMS", "inputs": ["a"]}, "tracks": {"dataset": "SONGS", "inputs": ["c"]},
         "far": {"dataset": "OTHERS", "inputs": ["b"]}}
    )  # fmt: skip
    means = {
        (features, dataset): requests.is_mean_of_tracks(known, features, dataset)
        for features in ("near-pred_x", "tracks-pred_x", "far-pred_x", "patches_1_15", "bow")
        for dataset in ("ALBUMS", "SONGS")
        if (features, dataset) != ("near-pred_x", "SONGS")
    }
    assert [key for key, mean in means.items() if mean] == [("tracks-pred_x", "ALBUMS")]


def test_of_several_models_elsewhere_none_is_taken() -> None:
    known = world({"x": {"dataset": "SONGS", "inputs": ["a"]}})
    known.families["second"] = {"title": "", "experiments": {"x": {**known.families["family"]["experiments"]["x"]}}}
    known.families["second"]["experiments"]["x"]["dataset"] = "ALBUMS"
    with pytest.raises(TartarusError) as error:
        requests.find_source(known, "x", "OTHERS")
    assert str(error.value) == (
        "'x' on OTHERS: there are experiments of this name on ALBUMS, SONGS; rename one, so that it is clear whose "
        "layer is meant"
    )


@pytest.mark.parametrize("source", ["allmusic", "discogs", "lastfm", "tagtraum"])
def test_all_four_sources_are_asked_about_the_recordings_of_one(shipped: config.Config, source: str) -> None:
    model = requests.find(shipped, "acousticbrainz", f"genres_{source}_multimodal")
    assert model.files("test") == [
        f"data/train_data/X_test_genres_{name}-pred_dense1_{source}.npz"
        for name in ("allmusic", "discogs", "lastfm", "tagtraum")
    ]
    for name in ("allmusic", "discogs", "lastfm", "tagtraum"):
        asked = requests.find_source(shipped, f"genres_{name}", source)
        assert asked.files("val") == [f"data/patches/patches_val_{source}_1_1.hdf5"]
        assert asked.models()[0] == f"data/models/acousticbrainz/genres_{name}/seed-1/model.keras"


def test_a_view_shares_the_features_of_the_whole_and_the_layers_of_its_models() -> None:
    found = world(
        {
            "sound": {"inputs": ["c"]},
            "moods": {"inputs": ["c"], "dataset": "VIEW"},
            "both": {"inputs": 3, "dataset": "VIEW"},
        },
        {"a": "bow", "c": "patches_1_15", "x": "sound-pred_flatten", "y": "moods-pred_flatten"},
    )
    request = requests.find(found, "family", "both_a_x_y")
    assert request.files("test") == [
        "data/train_data/X_test_bow_SONGS.npz",
        "data/train_data/X_test_sound-pred_flatten_SONGS.npz",  # of a model that is trained on the whole
        "data/train_data/X_test_moods-pred_flatten_VIEW.npz",
    ]
    assert request.vocabularies() == ["data/train_data/vocabulary_bow_SONGS.npz"]
    assert request.index_file("val") == "data/splits/items_index_val_VIEW.tsv"
    assert request.target_file("train") == "data/splits/y_train_class_3_VIEW.npy"


def test_a_view_has_classes_of_its_own() -> None:
    known = world({"model": {"inputs": ["a"], "output": "sigmoid", "dataset": "VIEW"}}, {"a": "bow"})
    assert requests.find(known, "family", "model").truth_files()["classes"] == "data/splits/genre_labels_VIEW.tsv"


def test_a_view_of_albums_has_the_means_of_the_tracks_that_its_albums_have() -> None:
    found = world(
        {
            "sound": {"inputs": ["c"]},
            "genres": {"inputs": ["x"], "dataset": "ALBUMS"},
            "moods": {"inputs": ["c"], "dataset": "VIEW-OF-ALBUMS"},
            "all": {"inputs": 4, "dataset": "VIEW-OF-ALBUMS"},
        },
        {
            "c": "timbre",
            "x": "sound-pred_flatten",
            "y": "genres-pred_dense1",
            "z": "moods-pred_dense1",
        },
    )
    assert requests.find(found, "family", "all_c_x_y_z").files("test") == [
        "data/train_data/X_test_timbre_ALBUMS.npz",
        "data/train_data/X_test_sound-pred_flatten_ALBUMS.npz",
        "data/train_data/X_test_genres-pred_dense1_ALBUMS.npz",
        "data/train_data/X_test_moods-pred_dense1_VIEW-OF-ALBUMS.npz",
    ]
    planned = Jobs(found)
    job = {"dataset": "ALBUMS", "features": "sound-pred_flatten"}
    assert planned.features_of_tracks(job, "val") == "data/train_data/X_val_sound-pred_flatten_SONGS.npz"


def test_albums_of_a_view_have_the_means_of_what_its_whole_has() -> None:
    found = world(
        {"sound": {"inputs": ["c"]}, "moods": {"inputs": ["c"], "dataset": "VIEW"}},
        {"c": "timbre", "x": "sound-pred_flatten", "y": "moods-pred_flatten"},
    )
    planned = Jobs(found)
    for features, home in (("timbre", "SONGS"), ("sound-pred_flatten", "SONGS"), ("moods-pred_flatten", "VIEW")):
        job = {"dataset": "ALBUMS-OF-VIEW", "features": features}
        assert re.fullmatch(planned.averaged_features(), features)
        assert planned.features_of_tracks(job, "test") == f"data/train_data/X_test_{features}_{home}.npz"
        assert requests.is_mean_of_tracks(found, features, "ALBUMS-OF-VIEW") == (features != "timbre")


def test_own_sound_of_albums_is_the_mean_of_their_tracks(shipped: config.Config) -> None:
    features = shipped.dataset("MuMu-albums")["settings"]["own-audio"]
    assert features == "audio_cosine_high-4x70-pred_flatten"
    assert requests.is_mean_of_tracks(shipped, features, "MuMu-albums")
    assert not requests.is_mean_of_tracks(shipped, features, "MuMu-tracks")
    assert not requests.is_mean_of_tracks(shipped, "model_audio", "MuMu-albums")


def test_an_experiment_s_own_features_go_before_those_of_the_dataset() -> None:
    known = world({"x": {"inputs": 1, "features": {"a": "w2v"}}, "y": {"inputs": 1}})
    assert requests.find(known, "family", "x_a").features == ("w2v",)
    assert requests.find(known, "family", "y_a").features == ("bow",)


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
    assert feature_kinds.feature_file(features, "test", "SUPER") == file


def test_splits_and_vocabularies_have_their_files() -> None:
    assert names.INDEX.format(set="val", dataset="DEMO") == "data/splits/items_index_val_DEMO.tsv"
    assert names.TARGETS.format(set="val", fact="class", dim=4, dataset="DEMO") == "data/splits/y_val_class_4_DEMO.npy"
    assert names.VOCABULARY.format(features="bow", dataset="DEMO") == "data/train_data/vocabulary_bow_DEMO.npz"


def test_what_archives_alone_hold_has_its_files() -> None:
    assert names.CLASSES.format(dataset="MSD-I") == "data/splits/genre_labels_MSD-I.tsv"
    assert (
        names.FACTORS.format(side="user", fact="als", dim=200, dataset="MSD-A-songs")
        == "data/splits/user_factors_als_200_MSD-A-songs.npy"
    )
    assert names.PLAYS.format(set="test", dataset="MSD-A-songs") == "data/splits/matrix_test_MSD-A-songs.npz"
    assert names.ALBUMS.format(dataset="MuMu-tracks") == "data/splits/albums_MuMu-tracks.tsv"


@pytest.mark.parametrize(
    ("family", "name", "truth"),
    [
        ("tismir", "single-label-vector_audio", {
            "y_test": "data/splits/y_test_class_15_MSD-I.npy", "classes": "data/splits/genre_labels_MSD-I.tsv",
        }),
        ("ismir", "logistic_multilabel_bi_audio_text", {
            "y_val": "data/splits/y_val_class_250_MuMu-albums.npy",
            "y_test": "data/splits/y_test_class_250_MuMu-albums.npy",
            "classes": "data/splits/genre_labels_MuMu-albums.tsv",
        }),
        ("ismir", "cosine_multilabel_bi_audio_text", {
            "y_val": "data/splits/y_val_class_250_MuMu-albums.npy",
            "y_test": "data/splits/y_test_class_250_MuMu-albums.npy",
            "class_factors": "data/splits/class_factors_pmi_50_MuMu-albums.npy",
            "classes": "data/splits/genre_labels_MuMu-albums.tsv",
        }),
        ("dlrs", "rec_multi_a-sem-emb_audio-emb", {
            "plays": "data/splits/matrix_test_MSD-A-songs.npz",
            "user_factors": "data/splits/user_factors_als_200_MSD-A-songs.npy",
        }),
    ],
)  # fmt: skip
def test_a_model_names_the_truth_that_it_is_measured_against(
    shipped: config.Config, family: str, name: str, truth: dict[str, str]
) -> None:
    assert requests.find(shipped, family, name).truth_files() == truth


def test_validation_items_that_are_cut_from_those_for_training_are_read_from_their_files(
    shipped: config.Config,
) -> None:
    model = requests.find(shipped, "dlrs", "rec_sparse_sem-bio")
    for set_, source in (("train", "train"), ("val", "train"), ("test", "test")):
        assert model.source(set_) == source
        assert model.files(set_) == [f"data/train_data/X_{source}_sem-bio_MSD-A-artists.npz"]
        assert model.index_file(set_) == f"data/splits/items_index_{source}_MSD-A-artists.tsv"
        assert model.target_file(set_) == f"data/splits/y_{source}_als_200_MSD-A-artists.npy"


def test_a_family_s_name_does_not_build_what_asks_to_be_left_out(shipped: config.Config) -> None:
    names = [model.name for model in requests.requests_of(shipped, "ismir")]
    assert "logistic_audio_multilabel" not in names
    assert requests.find(shipped, "ismir", "logistic_audio_multilabel").features == ("patches_1_15",)


def test_a_model_names_the_files_that_it_needs_and_makes() -> None:
    known = world({"x": {"inputs": 2, "seeds": [3, 7], "fact": "als", "dim": 20}})
    model = requests.find(known, "family", "x_a_c")
    assert model.files("train") == [
        "data/train_data/X_train_bow_SONGS.npz",
        "data/patches/patches_train_SONGS_1_15.hdf5",
    ]
    assert model.vocabularies() == ["data/train_data/vocabulary_bow_SONGS.npz"]
    assert model.target_file("train") == "data/splits/y_train_als_20_SONGS.npy"
    assert model.models() == [
        "data/models/family/x_a_c/seed-3/model.keras",
        "data/models/family/x_a_c/seed-7/model.keras",
    ]


def test_the_raw_material_is_found_through_other_models_too() -> None:
    known = world(
        {"sound": {"inputs": ["c"]}, "words": {"inputs": 1}, "both": {"inputs": 2}},
        {"a": "bow", "c": "patches_1_15", "s": "sound-pred_flatten", "w": "words_a-pred_dense1"},
    )
    assert requests.find(known, "family", "sound").modalities() == {"audio"}
    assert requests.find(known, "family", "words_a").modalities() == {"text"}
    assert requests.find(known, "family", "both_s_w").modalities() == {"audio", "text"}


def test_a_model_that_is_made_from_its_own_layer_is_refused() -> None:
    known = world({"x": {"inputs": ["a"]}}, {"a": "x-pred_flatten"})
    with pytest.raises(TartarusError, match="x"):
        requests.find(known, "family", "x").modalities()


def test_an_experiment_whose_output_is_a_space_is_measured_by_retrieval_whatever_the_classes(
    shipped: config.Config,
) -> None:
    known = shipped
    request = requests.find(known, "demo-modalities", "space_audio_visual")
    assert (request.task, requests.find(known, "demo", "dummy_audio").task) == ("retrieval", "multiclass")
    assert request.target_file("train") == "data/splits/y_train_class_4_DEMO.npy"
    assert (request.truth_files(), request.predictions()) == (
        {},
        ["data/predictions/demo-modalities/space_audio_visual/test.npz"],
    )


# --- Folds -----------------------------------------------------------------------------------------------


@pytest.fixture
def folded() -> config.Config:
    """SONGS in two folds, and a fusion of the layer of one of its models with its own patches and vectors."""
    whole = world(
        {
            "text": {"inputs": ["a"], "output": "sigmoid"},
            "fusion": {"inputs": ["layer", "c", "own"], "output": "sigmoid"},
            "elsewhere": {"inputs": ["a"], "output": "sigmoid", "dataset": "OTHERS"},
        },
        {"a": "bow", "c": "patches_1_15", "own": "rhythm", "layer": "text-pred_dense1", "far": "elsewhere-pred_dense1"},
    )
    section = whole.datasets["SONGS"]
    folds = {f"SONGS.{k}": {**section, "kind": "fold", "fold_of": "SONGS", "fold": k} for k in (1, 2)}
    return replace(whole, datasets={**whole.datasets, "SONGS": {**section, "folds": 2}, **folds})


def test_each_fold_has_what_is_fitted_and_shares_the_rest(folded: config.Config) -> None:
    fusion = requests.find(folded, "family", "fusion")
    assert [fold.dataset for fold in fusion.folds()] == ["SONGS.1", "SONGS.2"]
    assert fusion.folds()[1].files("val") == [
        "data/train_data/X_val_text-pred_dense1_SONGS.2.npz",
        "data/patches/patches_all_SONGS_1_15.hdf5",
        "data/train_data/X_all_rhythm_SONGS.npz",
    ]
    text = requests.find(folded, "family", "text").folds()[1]
    assert text.files("train") == ["data/train_data/X_train_bow_SONGS.2.npz"]
    assert text.vocabularies() == ["data/train_data/vocabulary_bow_SONGS.2.npz"]
    assert text.target_file("val") == "data/splits/y_val_class_3_SONGS.2.npy"
    assert text.truth_files()["classes"] == "data/splits/genre_labels_SONGS.tsv"
    assert text.models() == ["data/models/family/text/fold-2/seed-1/model.keras"]


def test_a_fold_s_layers_are_those_of_its_own_models(folded: config.Config) -> None:
    source = requests.find_source(folded, "text", "SONGS.2")
    assert source.models() == ["data/models/family/text/fold-2/seed-1/model.keras"]
    assert source.files("test") == ["data/train_data/X_test_bow_SONGS.2.npz"]
    # A model that was trained on other items is the same for all folds.
    other = requests.find_source(folded, "elsewhere", "SONGS.2")
    assert other.models() == ["data/models/family/elsewhere/seed-1/model.keras"]
    # And asked about other items, a model of folds answers by the first.
    assert source.on("OTHERS").models() == ["data/models/family/text/fold-1/seed-1/model.keras"]


def test_without_folds_a_request_is_its_only_one(folded: config.Config) -> None:
    request = requests.find(folded, "family", "elsewhere")
    assert request.folds() == [request]
    assert request.numbers_of_folds() == []
    assert request.models() == ["data/models/family/elsewhere/seed-1/model.keras"]


def test_one_job_trains_all_folds_with_its_seeds(folded: config.Config) -> None:
    options = {"seeds": [1, 2, 3], "seeds_per_job": 2}
    for experiment in folded.families["family"]["experiments"].values():
        experiment.update(options)
    found = {training.rule: training for training in Jobs(folded).trainings()}
    both = [("fold-1/", 1), ("fold-1/", 2), ("fold-2/", 1), ("fold-2/", 2)]
    assert found["train_family_text_from_seed_1"].runs == both
    assert found["train_family_text_from_seed_3"].runs == [("fold-1/", 3), ("fold-2/", 3)]
    assert found["train_family_text_from_seed_1"].folds == 2
    assert found["train_family_elsewhere_from_seed_1"].runs == [("", 1), ("", 2)]


def test_what_each_fold_has_by_itself_is_not_asked_of_the_whole(folded: config.Config) -> None:
    with pytest.raises(TartarusError, match=r"SONGS has folds.*ask for that of SONGS\.1 to SONGS\.2"):
        Jobs(folded).sets_of_fold({"dataset": "SONGS"})
    assert Jobs(folded).sets_of_fold({"dataset": "OTHERS"}) == []
    assert Jobs(folded).sets_of_fold({"dataset": "SONGS.1"})[0] == "data/splits/items_index_train_SONGS.1.tsv"
    assert Jobs(folded).texts({"dataset": "SONGS.1"}) == "data/texts/texts_SONGS.jsonl"


# --- What need not be said -------------------------------------------------------------------------------


def test_features_of_one_name_are_settings_of_every_dataset_unless_it_says_otherwise() -> None:
    known = world({"x": {"inputs": ["descriptors", "bow"]}}, {"bow": "sem"})
    assert requests.find(known, "family", "x").features == ("descriptors", "sem")
    with pytest.raises(TartarusError, match="has no setting 'patches'"):
        _ = requests.find(world({"x": {"inputs": ["patches"]}}), "family", "x").features


def test_where_dim_is_not_said_the_table_tells_how_many_classes_there_are() -> None:
    known = world({"x": {"inputs": ["bow"]}})
    del known.families["family"]["experiments"]["x"]["dim"]
    with pytest.raises(TartarusError, match="how many classes SONGS has is not known here; write dim"):
        _ = requests.find(known, "family", "x").dim
    counting = replace(known, count_classes={"SONGS": 7}.__getitem__)
    assert requests.find(counting, "family", "x").target_file("val") == "data/splits/y_val_class_7_SONGS.npy"
