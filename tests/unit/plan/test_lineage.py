"""Whose layer is meant, and where the files of features are: views, albums, folds."""

import re

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import config, lineage, requests
from tartarus.plan.jobs import Jobs

from tests.unit.plan import worlds
from tests.unit.plan.worlds import related


@pytest.fixture
def folded() -> config.Config:
    return worlds.folded()


def test_the_model_of_a_layer_is_looked_for_near_first() -> None:
    known = related(
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
    known = related(
        {"near": {"dataset": "ALBUMS", "inputs": ["a"]}, "tracks": {"dataset": "SONGS", "inputs": ["c"]},
         "far": {"dataset": "OTHERS", "inputs": ["b"]}}
    )  # fmt: skip
    means = {
        (features, dataset): lineage.is_mean_of_tracks(known, features, dataset)
        for features in ("near-pred_x", "tracks-pred_x", "far-pred_x", "patches_1_15", "bow")
        for dataset in ("ALBUMS", "SONGS")
        if (features, dataset) != ("near-pred_x", "SONGS")
    }
    assert [key for key, mean in means.items() if mean] == [("tracks-pred_x", "ALBUMS")]


def test_of_several_models_elsewhere_none_is_taken() -> None:
    known = related({"x": {"dataset": "SONGS", "inputs": ["a"]}})
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
    found = related(
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


def test_a_view_of_albums_has_the_means_of_the_tracks_that_its_albums_have() -> None:
    found = related(
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
    found = related(
        {"sound": {"inputs": ["c"]}, "moods": {"inputs": ["c"], "dataset": "VIEW"}},
        {"c": "timbre", "x": "sound-pred_flatten", "y": "moods-pred_flatten"},
    )
    planned = Jobs(found)
    for features, home in (("timbre", "SONGS"), ("sound-pred_flatten", "SONGS"), ("moods-pred_flatten", "VIEW")):
        job = {"dataset": "ALBUMS-OF-VIEW", "features": features}
        assert re.fullmatch(planned.averaged_features(), features)
        assert planned.features_of_tracks(job, "test") == f"data/train_data/X_test_{features}_{home}.npz"
        assert lineage.is_mean_of_tracks(found, features, "ALBUMS-OF-VIEW") == (features != "timbre")


def test_own_sound_of_albums_is_the_mean_of_their_tracks(shipped: config.Config) -> None:
    features = shipped.dataset("MuMu-albums")["settings"]["own-audio"]
    assert features == "audio_cosine_high-4x70-pred_flatten"
    assert lineage.is_mean_of_tracks(shipped, features, "MuMu-albums")
    assert not lineage.is_mean_of_tracks(shipped, features, "MuMu-tracks")
    assert not lineage.is_mean_of_tracks(shipped, "model_audio", "MuMu-albums")


def test_a_fold_s_layers_are_those_of_its_own_models(folded: config.Config) -> None:
    source = requests.find_source(folded, "text", "SONGS.2")
    assert source.models() == ["data/models/family/text/fold-2/seed-1/model.keras"]
    assert source.files("test") == ["data/train_data/X_test_bow_SONGS.2.npz"]
    # A model that was trained on other items is the same for all folds.
    other = requests.find_source(folded, "elsewhere", "SONGS.2")
    assert other.models() == ["data/models/family/elsewhere/seed-1/model.keras"]
    # And asked about other items, a model of folds answers by the first.
    assert source.on("OTHERS").models() == ["data/models/family/text/fold-1/seed-1/model.keras"]


def test_what_each_fold_has_by_itself_is_not_asked_of_the_whole(folded: config.Config) -> None:
    with pytest.raises(TartarusError, match=r"SONGS has folds.*ask for that of SONGS\.1 to SONGS\.2"):
        Jobs(folded).sets_of_fold({"dataset": "SONGS"})
    assert Jobs(folded).sets_of_fold({"dataset": "OTHERS"}) == []
    assert Jobs(folded).sets_of_fold({"dataset": "SONGS.1"})[0] == "data/splits/items_index_train_SONGS.1.tsv"
    assert Jobs(folded).texts({"dataset": "SONGS.1"}) == "data/texts/texts_SONGS.jsonl"
