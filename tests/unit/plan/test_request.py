"""The files that a request takes and makes."""

from dataclasses import replace

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import config, feature_kinds, names, requests

from tests.unit.plan import worlds
from tests.unit.plan.worlds import related


@pytest.fixture
def folded() -> config.Config:
    return worlds.folded()


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


def test_a_model_names_the_files_that_it_needs_and_makes() -> None:
    known = related({"x": {"inputs": 2, "seeds": [3, 7], "fact": "als", "dim": 20}})
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


def test_a_view_has_classes_of_its_own() -> None:
    known = related({"model": {"inputs": ["a"], "output": "sigmoid", "dataset": "VIEW"}}, {"a": "bow"})
    assert requests.find(known, "family", "model").truth_files()["classes"] == "data/splits/genre_labels_VIEW.tsv"


# --- Folds -----------------------------------------------------------------------------------------------


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


def test_without_folds_a_request_is_its_only_one(folded: config.Config) -> None:
    request = requests.find(folded, "family", "elsewhere")
    assert request.folds() == [request]
    assert request.numbers_of_folds() == []
    assert request.models() == ["data/models/family/elsewhere/seed-1/model.keras"]


# --- What need not be said -------------------------------------------------------------------------------


def test_features_of_one_name_are_settings_of_every_dataset_unless_it_says_otherwise() -> None:
    known = related({"x": {"inputs": ["descriptors", "bow"]}}, {"bow": "sem"})
    assert requests.find(known, "family", "x").features == ("descriptors", "sem")
    with pytest.raises(TartarusError, match="has no setting 'patches'"):
        _ = requests.find(related({"x": {"inputs": ["patches"]}}), "family", "x").features


def test_where_dim_is_not_said_the_table_tells_how_many_classes_there_are() -> None:
    known = related({"x": {"inputs": ["bow"]}})
    del known.families["family"]["experiments"]["x"]["dim"]
    with pytest.raises(TartarusError, match="how many classes SONGS has is not known here; write dim"):
        _ = requests.find(known, "family", "x").dim
    counting = replace(known, count_classes={"SONGS": 7}.__getitem__)
    assert requests.find(counting, "family", "x").target_file("val") == "data/splits/y_val_class_7_SONGS.npy"


def test_an_experiment_s_own_features_go_before_those_of_the_dataset() -> None:
    known = related({"x": {"inputs": 1, "features": {"a": "w2v"}}, "y": {"inputs": 1}})
    assert requests.find(known, "family", "x_a").features == ("w2v",)
    assert requests.find(known, "family", "y_a").features == ("bow",)
