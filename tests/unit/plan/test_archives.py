"""What archives are to hold, and which of it a result needs."""

from collections.abc import Iterator
from typing import Any

import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import archives, config, feature_kinds, requests
from tartarus.plan.expected import Expected
from tartarus.plan.request import Request

SPLITS, TRAIN_DATA, PATCHES = "data/splits", "data/train_data", "data/patches"
SETS = ("train", "val", "test")


def all_models(known: config.Config) -> Iterator[Request]:
    for family in known.families:
        yield from requests.requests_of(known, family)


# --- What is expected ------------------------------------------------------------------------------------


def test_the_archive_of_tracks_with_one_genre_holds(shipped: config.Config) -> None:
    assert {entry.path for entry in archives.expected(shipped, "MSD-I")} == {
        *(f"{SPLITS}/items_index_{set_}_MSD-I.tsv" for set_ in SETS),
        f"{SPLITS}/genre_labels_MSD-I.tsv",
        *(f"{SPLITS}/y_{set_}_class_15_MSD-I.npy" for set_ in SETS),
        *(f"{TRAIN_DATA}/X_{set_}_{name}_MSD-I.npz" for set_ in SETS for name in ("audio", "visual")),
        *(f"{TRAIN_DATA}/X_{set_}_{name}_MSD-I.npz" for set_ in SETS for name in ("mm-audio", "mm-visual")),
        *(f"{PATCHES}/patches_{set_}_MSD-I_1_15.hdf5" for set_ in SETS),
    }


def test_the_archive_of_artists_and_songs_has_no_validation_set(shipped: config.Config) -> None:
    features = {"artists": ("sem-bio", "a-sem-emb"), "songs": ("audio-emb", "a-sem-emb", "sem-bio")}
    assert {entry.path for entry in archives.expected(shipped, "MSD-A")} == {
        path
        for kind, names in features.items()
        for path in (
            *(f"{SPLITS}/items_index_{set_}_MSD-A-{kind}.tsv" for set_ in ("train", "test")),
            f"{SPLITS}/y_train_als_200_MSD-A-{kind}.npy",
            f"{SPLITS}/user_factors_als_200_MSD-A-{kind}.npy",
            f"{SPLITS}/matrix_test_MSD-A-{kind}.npz",
            *(f"{TRAIN_DATA}/X_{set_}_{name}_MSD-A-{kind}.npz" for set_ in ("train", "test") for name in names),
        )
    }


def test_the_archive_of_albums_and_tracks_has_factors_of_the_classes_and_the_albums(shipped: config.Config) -> None:
    entries = {entry.path: entry for entry in archives.expected(shipped, "MuMu")}
    for dataset in ("MuMu-albums", "MuMu-tracks"):
        assert entries[f"{SPLITS}/class_factors_pmi_50_{dataset}.npy"].columns == (250, 50)
        for set_ in ("train", "val"):
            found = entries[f"{SPLITS}/y_{set_}_pmi_50_{dataset}.npy"]
            assert (found.kind, found.columns, found.values) == ("targets", (50,), "real")
        # The test items are measured against their classes.
        assert f"{SPLITS}/y_test_pmi_50_{dataset}.npy" not in entries
        assert entries[f"{SPLITS}/y_test_class_250_{dataset}.npy"].values == "many"
        assert entries[f"{SPLITS}/genre_labels_{dataset}.tsv"].columns == (250,)
    assert entries[f"{SPLITS}/albums_MuMu-tracks.tsv"].kind == "albums"
    assert entries[f"{TRAIN_DATA}/X_val_VSM-SEM_MuMu-albums.npz"].columns == (10000,)
    assert entries[f"{PATCHES}/patches_test_MuMu-tracks_1_15.hdf5"].columns == (1, 322, 96)
    # What a model of ours makes is no part of it.
    assert not any("-pred_" in path for path in entries)


@pytest.mark.parametrize(
    ("source", "classes"), [("allmusic", 766), ("discogs", 315), ("lastfm", 327), ("tagtraum", 296)]
)
def test_the_archive_of_four_sources_has_columns_where_others_have_patches(
    shipped: config.Config, source: str, classes: int
) -> None:
    entries = {entry.path: entry for entry in archives.expected(shipped, "AcousticBrainz") if entry.dataset == source}
    assert set(entries) == {
        *(f"{SPLITS}/items_index_{set_}_{source}.tsv" for set_ in SETS),
        f"{SPLITS}/genre_labels_{source}.tsv",
        *(f"{SPLITS}/y_{set_}_class_{classes}_{source}.npy" for set_ in SETS),
        *(f"{PATCHES}/patches_{set_}_{source}_1_1.hdf5" for set_ in SETS),
    }
    assert entries[f"{PATCHES}/patches_val_{source}_1_1.hdf5"].columns == (2669,)


def test_one_class_is_wanted_only_where_the_task_is_multiclass(shipped: config.Config) -> None:
    values = {
        (archive, entry.values)
        for archive in shipped.archives
        for entry in archives.expected(shipped, archive)
        if entry.kind == "targets"
    }
    assert values == {
        ("MSD-I", "one"), ("MuMu", "many"), ("MuMu", "real"), ("MSD-A", "real"), ("AcousticBrainz", "many")
    }  # fmt: skip


@pytest.mark.parametrize("archive", ["MuMu", "MSD-A", "MSD-I", "AcousticBrainz"])
def test_every_file_is_expected_once_and_its_ids_before_it(shipped: config.Config, archive: str) -> None:
    entries = archives.expected(shipped, archive)
    paths = [entry.path for entry in entries]
    assert len(set(paths)) == len(paths)
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.kind == "index":
            seen.add((entry.dataset, entry.set))
        elif entry.set:
            assert (entry.dataset, entry.set) in seen, entry.path


@pytest.mark.parametrize("archive", ["MuMu", "MSD-A", "MSD-I", "AcousticBrainz"])
def test_every_expected_file_has_the_name_of_its_kind(shipped: config.Config, archive: str) -> None:
    for entry in archives.expected(shipped, archive):
        pattern = archives.PATTERNS[entry.kind]
        assert entry.path.startswith(pattern.split("{")[0]), entry
        assert entry.path.endswith(pattern.rsplit("}")[-1]), entry
        assert f"_{entry.dataset}" in entry.path
        assert not entry.set or f"_{entry.set}_" in entry.path


def test_vectors_may_be_dense_or_sparse_in_the_archive() -> None:
    dense = Expected("data/train_data/X_train_audio_MSD-I.npz", "features", "MSD-I", "train")
    assert dense.names == ("X_train_audio_MSD-I.npy", "X_train_audio_MSD-I.npz")
    plays = Expected("data/splits/matrix_test_MSD-A-songs.npz", "plays", "MSD-A-songs", "test")
    assert plays.names == ("matrix_test_MSD-A-songs.npz",)


@pytest.mark.parametrize(
    ("audio", "shape"),
    [({}, (1, 322, 96)), ({"type": "mel", "bins": 40, "hop": 512}, (1, 645, 40)),
     ({"type": "stft", "n_fft": 512}, (1, 322, 257))],
)  # fmt: skip
def test_patches_have_the_shape_of_the_sound_s_settings(
    shipped: config.Config, audio: dict[str, Any], shape: tuple[int, ...]
) -> None:
    known = shipped.dataset("MuMu-tracks")
    songs = {**known, "audio": {**known["audio"], **audio}}
    assert feature_kinds.row_shape("patches_1_15", songs) == shape


# --- What is needed --------------------------------------------------------------------------------------


def test_a_model_needs_ids_truth_and_features(shipped: config.Config) -> None:
    model = requests.find(shipped, "tismir", "single-label-multimodal_audio_visual")
    assert archives.needed_by(model) == {
        *(f"{SPLITS}/items_index_{set_}_MSD-I.tsv" for set_ in SETS),
        *(f"{SPLITS}/y_{set_}_class_15_MSD-I.npy" for set_ in SETS),
        f"{SPLITS}/genre_labels_MSD-I.tsv",
        *(f"{TRAIN_DATA}/X_{set_}_{name}_MSD-I.npz" for set_ in SETS for name in ("audio", "visual")),
    }


def test_a_model_of_factors_needs_them_and_the_classes(shipped: config.Config) -> None:
    model = requests.find(shipped, "ismir", "cosine_text_multilabel_VSM")
    assert archives.needed_by(model) == {
        *(f"{SPLITS}/items_index_{set_}_MuMu-albums.tsv" for set_ in SETS),
        *(f"{SPLITS}/y_{set_}_pmi_50_MuMu-albums.npy" for set_ in ("train", "val")),
        *(f"{SPLITS}/y_{set_}_class_250_MuMu-albums.npy" for set_ in ("val", "test")),
        f"{SPLITS}/class_factors_pmi_50_MuMu-albums.npy",
        f"{SPLITS}/genre_labels_MuMu-albums.tsv",
        *(f"{TRAIN_DATA}/X_{set_}_VSM_MuMu-albums.npz" for set_ in SETS),
    }


def test_a_recommendation_needs_plays_and_users_and_no_validation_files(shipped: config.Config) -> None:
    model = requests.find(shipped, "dlrs", "rec_multi_a-sem-emb_audio-emb")
    assert archives.needed_by(model) == {
        *(f"{SPLITS}/items_index_{set_}_MSD-A-songs.tsv" for set_ in ("train", "test")),
        f"{SPLITS}/y_train_als_200_MSD-A-songs.npy",
        f"{SPLITS}/user_factors_als_200_MSD-A-songs.npy",
        f"{SPLITS}/matrix_test_MSD-A-songs.npz",
        *(
            f"{TRAIN_DATA}/X_{set_}_{name}_MSD-A-songs.npz"
            for set_ in ("train", "test")
            for name in ("a-sem-emb", "audio-emb")
        ),
    }


CLASSES = {"allmusic": 766, "discogs": 315, "lastfm": 327, "tagtraum": 296}


def of_source(source: str) -> set[str]:
    """List all files of one of the four sources."""
    return {
        *(f"{SPLITS}/items_index_{set_}_{source}.tsv" for set_ in SETS),
        f"{SPLITS}/genre_labels_{source}.tsv",
        *(f"{SPLITS}/y_{set_}_class_{CLASSES[source]}_{source}.npy" for set_ in SETS),
        *(f"{PATCHES}/patches_{set_}_{source}_1_1.hdf5" for set_ in SETS),
    }


@pytest.mark.parametrize("source", CLASSES)
def test_a_model_of_all_four_sources_needs_the_files_of_all_four(shipped: config.Config, source: str) -> None:
    model = requests.find(shipped, "acousticbrainz", f"genres_{source}_multimodal")
    assert archives.needed_by(model) == set.union(*map(of_source, CLASSES))


@pytest.mark.parametrize("name", ["genres_discogs", "genres_discogs_singlemodal_discogs"])
def test_a_model_of_one_source_needs_its_files_only(shipped: config.Config, name: str) -> None:
    assert archives.needed_by(requests.find(shipped, "acousticbrainz", name)) == of_source("discogs")


def test_own_sound_of_albums_needs_the_patches_of_the_tracks_and_their_albums(shipped: config.Config) -> None:
    model = requests.find(shipped, "ismir", "logistic_multilabel_bi_own-audio_text")
    needed = archives.needed_by(model)
    source = archives.needed_by(requests.find(shipped, "ismir", "audio_cosine_high-4x70"))
    assert {f"{PATCHES}/patches_{set_}_MuMu-tracks_1_15.hdf5" for set_ in SETS} <= source <= needed
    assert needed - source == {
        f"{SPLITS}/albums_MuMu-tracks.tsv",
        *(f"{SPLITS}/items_index_{set_}_MuMu-albums.tsv" for set_ in SETS),
        *(f"{SPLITS}/y_{set_}_class_250_MuMu-albums.npy" for set_ in SETS),
        f"{SPLITS}/genre_labels_MuMu-albums.tsv",
        *(f"{TRAIN_DATA}/X_{set_}_model_text_MuMu-albums.npz" for set_ in SETS),
    }


@pytest.mark.parametrize("family", ["demo", "super"])
def test_what_is_in_no_archive_needs_nothing_of_one(shipped: config.Config, family: str) -> None:
    for model in requests.requests_of(shipped, family):
        assert archives.needed_by(model) == set()


def test_all_that_is_needed_is_expected_of_some_archive(shipped: config.Config) -> None:
    known = {entry.path for archive in shipped.archives for entry in archives.expected(shipped, archive)}
    for model in all_models(shipped):
        assert archives.needed_by(model) <= known, model.name


def test_all_that_is_expected_is_needed_by_a_model(shipped: config.Config) -> None:
    # The user is asked for nothing in vain. What is built only on request counts as well.
    models = [*all_models(shipped), requests.find(shipped, "ismir", "logistic_multilabel_bi_own-audio_text")]
    needed = set().union(*map(archives.needed_by, models))
    for archive in shipped.archives:
        assert {entry.path for entry in archives.expected(shipped, archive)} <= needed


# --- What is there ---------------------------------------------------------------------------------------


def report(known: config.Config, *names: str, **status: str) -> dict[str, dict[str, str]]:
    """Report that every file of some archives is right, but those whose path ends like a key of `status`."""
    rows = {}
    for archive in names:
        for entry in archives.expected(known, archive):
            found = next((status[key] for key in status if entry.path.endswith(key)), "ok")
            message = {"ok": "", "missing": "not in the archive: x", "invalid": "y.npy: row 3: 2"}[found]
            rows[entry.path] = {"path": entry.path, "status": found, "source": f"raw/{entry.path}", "message": message}
    return rows


def test_the_source_of_a_file_is_told(shipped: config.Config) -> None:
    path = f"{SPLITS}/y_test_class_15_MSD-I.npy"
    assert archives.source_of(report(shipped, "MSD-I"), path, archive="MSD-I") == f"raw/{path}"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("missing", "not in the archive: x; put it into data/raw/MSD-I/own (data/raw/MSD-I/CHECK.tsv)"),
        ("invalid", "y.npy: row 3: 2 (data/raw/MSD-I/CHECK.tsv)"),
    ],
)
def test_what_is_missing_or_invalid_has_no_source(shipped: config.Config, status: str, said: str) -> None:
    path = f"{SPLITS}/y_test_class_15_MSD-I.npy"
    rows = report(shipped, "MSD-I", **{"y_test_class_15_MSD-I.npy": status})
    with pytest.raises(TartarusError) as error:
        archives.source_of(rows, path, archive="MSD-I")
    assert str(error.value) == f"{path}: {said}"


def test_a_source_with_braces_in_its_path_is_refused(shipped: config.Config) -> None:
    path = "data/splits/genre_labels_MSD-I.tsv"
    rows = {path: {"path": path, "status": "ok", "message": "", "source": "data/raw/MSD-I/content/{x}/genres.tsv"}}
    with pytest.raises(TartarusError, match=r"\{x\}/genres\.tsv: has braces.* put the file into data/raw/MSD-I/own"):
        archives.source_of(rows, path, archive="MSD-I")


def test_a_file_that_nobody_looks_for_has_no_source(shipped: config.Config) -> None:
    with pytest.raises(
        TartarusError, match=r"data/x\.npz: no such file is looked for in MSD-I; name it in config/data"
    ):
        archives.source_of(report(shipped, "MSD-I"), "data/x.npz", archive="MSD-I")


def test_missing_files_are_those_of_the_model_only(shipped: config.Config) -> None:
    rows = report(shipped, "MSD-I", **{"X_test_visual_MSD-I.npz": "missing", "X_val_visual_MSD-I.npz": "missing"})
    audio, both = (requests.find(shipped, "tismir", f"single-label-{name}") for name in ("audio", "vector_visual"))
    assert archives.missing_for(audio, rows) == []
    assert archives.missing_for(both, rows) == [f"{TRAIN_DATA}/X_{set_}_visual_MSD-I.npz" for set_ in ("test", "val")]


def test_what_an_invalid_file_would_spoil_is_not_left_out_but_refused(shipped: config.Config) -> None:
    rows = report(shipped, "MSD-I", **{"X_test_visual_MSD-I.npz": "missing", "X_val_visual_MSD-I.npz": "invalid"})
    with pytest.raises(TartarusError, match=r"single-label-vector_visual: y\.npy: row 3: 2"):
        archives.missing_for(requests.find(shipped, "tismir", "single-label-vector_visual"), rows)
    assert archives.missing_for(requests.find(shipped, "tismir", "single-label-vector_audio"), rows) == []


def test_a_missing_source_is_missed_by_all_multimodal_models(shipped: config.Config) -> None:
    rows = report(shipped, "AcousticBrainz", **{"patches_train_lastfm_1_1.hdf5": "missing"})
    lacking = {
        model.name
        for model in requests.requests_of(shipped, "acousticbrainz")
        if archives.missing_for(model, rows) == [f"{PATCHES}/patches_train_lastfm_1_1.hdf5"]
    }
    assert lacking == {"genres_lastfm", *(f"genres_{source}_multimodal" for source in CLASSES)}


def test_without_files_the_shipped_families_are_built_but_for_their_sound_and_covers(shipped: config.Config) -> None:
    # What the published records are known to hold: no sound, no covers.
    status = {f"patches_{set_}_{name}_1_15.hdf5": "missing" for set_ in SETS for name in ("MuMu-tracks", "MSD-I")}
    rows = report(shipped, "MuMu", "MSD-I", **status)
    lacking = {
        model.name
        for family in ("ismir", "tismir")
        for model in requests.requests_of(shipped, family)
        if archives.missing_for(model, rows)
    }
    settings = [f"{size}-{shape}" for size in ("low", "high") for shape in ("3x3", "4x96", "4x70")]
    assert lacking == {
        "single-label-audio",
        "image_logistic_resnet",
        "audio_logistic_timbre-mlp",
        *(f"audio_{target}_{setting}" for target in ("logistic", "cosine") for setting in settings),
    }
