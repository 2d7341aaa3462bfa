"""Look-alike archives: layout, bytes, and what there is to learn from them."""

import hashlib
import json
import subprocess
import sys
import tarfile
from functools import partial

import h5py
import numpy as np
import pytest
import scipy.sparse
from sklearn.metrics import roc_auc_score
from tartarus.archives import recordings
from tartarus.base.errors import TartarusError
from tartarus.lookalike import __main__ as lookalike
from tartarus.lookalike import features as looks
from tartarus.lookalike import genres as tree
from tartarus.lookalike.files import packing, write_dense
from tartarus.lookalike.world import DIMENSIONS, Items, Members, normal_rows, product

from tests.paths import SCRIPTS

TINY = 1e-5  # the least numbers of items: 60 for training, 30 for validation and for testing
ROWS = {"train": 60, "val": 30, "test": 30}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lookalike")
    lookalike.write(folder, scale=TINY, seed=3)
    return folder


@pytest.fixture(scope="module")
def unpacked(mirror, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    for archive in mirror.glob("*/*.tar.gz"):
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def matrix(path):
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file.files) == ["data", "indices", "indptr", "shape"]
        assert file["shape"].dtype == np.int64
        return scipy.sparse.csr_matrix((file["data"], file["indices"], file["indptr"]), shape=file["shape"])


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- layout -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("archive", list(lookalike.ARCHIVES))
def test_the_manifest_lists_every_file_with_its_size_and_md5(mirror, archive):
    manifest = json.loads((mirror / archive / "MANIFEST.json").read_text(encoding="utf-8"))
    assert manifest["archive"] == archive
    assert {entry["name"] for entry in manifest["files"]} | {"MANIFEST.json"} == names(mirror / archive)
    for entry in manifest["files"]:
        data = (mirror / archive / entry["name"]).read_bytes()
        assert entry["bytes"] == len(data)
        assert entry["md5"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
    records = {entry["record"] for entry in manifest["files"]}
    assert [record["record"] for record in manifest["records"]] == sorted(records)
    assert all(record["doi"] == f"10.5281/zenodo.{record['record']}" for record in manifest["records"])


def test_acousticbrainz_as_released_holds_what_the_other_look_alike_holds(unpacked, tmp_path):
    lookalike.write(tmp_path / "mirror", scale=TINY, seed=3, only=["AcousticBrainz"], as_released=True)
    folder, other = tmp_path / "mirror/AcousticBrainz", unpacked / "acousticbrainz-genre"
    assert any(name.endswith(".tar.bz2") for name in names(folder))
    sources = ("allmusic", "discogs", "lastfm", "tagtraum")
    recordings.make([folder], tmp_path / "made", features=dict.fromkeys(sources, "patches_1_1"), seed=1)
    for source in sources:
        index, rows = [], []
        for place in (tmp_path / "made", other):
            found: dict[str, np.ndarray] = {}
            for path in place.rglob(f"patches_*_{source}_1_1.hdf5"):
                with h5py.File(path) as file:
                    found |= dict(zip(file["index"].asstr()[:], file["features"][:], strict=True))
            index.append({id_ for path in place.rglob(f"items_index_*_{source}.tsv") for id_ in lines(path)})
            rows.append(found)
        assert index[0] == index[1] == set(rows[0]) == set(rows[1])
        for id_, row in rows[0].items():
            assert row.shape == (2669,)
            # Four words stand for the last 28 numbers; the others are in the order of their paths.
            assert set(rows[1][id_][:-28].tolist()) <= set(row.tolist())


def test_mumu(unpacked):
    root = unpacked / "ismir-data"
    expected = {"splits/albums_MuMu-tracks.tsv"}
    for dataset in ("MuMu-albums", "MuMu-tracks"):
        expected |= {f"splits/genre_labels_{dataset}.tsv", f"splits/class_factors_pmi_50_{dataset}.npy"}
        assert len(set(lines(root / f"splits/genre_labels_{dataset}.tsv"))) == 250
        factors = np.load(root / f"splits/class_factors_pmi_50_{dataset}.npy")
        assert (factors.shape, factors.dtype) == ((250, 50), np.float64)
        assert (np.linalg.norm(factors, axis=1) > 0.1).all()
        for set_, rows in ROWS.items():
            index = root / f"splits/items_index_{set_}_{dataset}.tsv"
            y = np.load(root / f"splits/y_{set_}_class_250_{dataset}.npy")
            pmi = np.load(root / f"splits/y_{set_}_pmi_50_{dataset}.npy")
            expected |= {f"splits/y_{set_}_class_250_{dataset}.npy", f"splits/y_{set_}_pmi_50_{dataset}.npy"}
            expected |= {f"splits/{index.name}"}
            assert len(set(lines(index))) == rows
            assert (y.shape, y.dtype, pmi.shape, pmi.dtype) == ((rows, 250), "f8", (rows, 50), "f8")
            assert set(np.unique(y)) == {0, 1}
            assert (y.sum(axis=1) > 0).all()
            means = np.stack([factors[row > 0].mean(axis=0) for row in y])
            np.testing.assert_allclose(pmi, means, atol=1e-6)
    for set_, rows in ROWS.items():
        for modality, columns in (("audio", 4096), ("text", 2048), ("visual", 2048)):
            name = f"train_data/X_{set_}_model_{modality}_MuMu-albums.npy"
            x = np.load(root / name)
            expected.add(name)
            assert (x.shape, x.dtype) == ((rows, columns), np.float32)
            assert x.min() == 0
        for setting in ("VSM", "VSM-SEM"):
            name = f"train_data/X_{set_}_{setting}_MuMu-albums.npz"
            expected.add(name)
            texts = matrix(root / name)
            assert texts.shape == (rows, 10000)
            np.testing.assert_allclose(scipy.sparse.linalg.norm(texts, axis=1), 1, atol=1e-3)
        name = f"patches/patches_{set_}_MuMu-tracks_1_15.hdf5"
        expected.add(name)
        with h5py.File(root / name) as file:
            assert (file["features"].shape, file["features"].dtype) == ((rows, 1, 322, 96), np.float32)
            assert -80 <= file["features"][:].min() < file["features"][:].max() <= 0
            ids = [id_.decode() for id_ in file["index"][:]]
        assert ids == lines(root / f"splits/items_index_{set_}_MuMu-tracks.tsv")
    assert names(root) == expected


def test_a_track_has_the_genres_of_its_album(unpacked):
    splits = unpacked / "ismir-data/splits"
    header, *rows = (line.split("\t") for line in lines(splits / "albums_MuMu-tracks.tsv"))
    assert header == ["id", "album"]
    album_of = dict(rows)
    for set_ in ROWS:
        albums = lines(splits / f"items_index_{set_}_MuMu-albums.tsv")
        of_albums = np.load(splits / f"y_{set_}_class_250_MuMu-albums.npy")
        of_tracks = np.load(splits / f"y_{set_}_class_250_MuMu-tracks.npy")
        for id_, y in zip(lines(splits / f"items_index_{set_}_MuMu-tracks.tsv"), of_tracks, strict=True):
            assert id_.startswith("TR")
            np.testing.assert_array_equal(y, of_albums[albums.index(album_of[id_])])


def test_msd_a_is_nested_and_has_no_validation_set(unpacked):
    root = unpacked / "dlrs-data/dlrs-data"
    assert not any("_val_" in name for name in names(root))
    for dataset in ("MSD-A-artists", "MSD-A-songs"):
        users = np.load(root / f"factors/user_factors_als_200_{dataset}.npy")
        y = np.load(root / f"splits/y_train_als_200_{dataset}.npy")
        assert (users.dtype, users.shape[1], y.dtype, y.shape) == (np.float64, 200, np.float64, (60, 200))
        plays = matrix(root / f"splits/matrix_test_{dataset}.npz")
        assert plays.shape == (30, len(users))
        assert (plays.data >= 1).all()
        assert (plays.data == np.floor(plays.data)).all()
        items_of = np.diff(plays.tocsc().indptr)
        assert (items_of == 0).any()
        assert (items_of == 1).any()
        assert items_of.max() > 5
        for set_, rows in (("train", 60), ("test", 30)):
            assert len(set(lines(root / f"splits/items_index_{set_}_{dataset}.tsv"))) == rows
            assert np.load(root / f"train_data/X_{set_}_a-sem-emb_{dataset}.npy").shape == (rows, 2048)
            assert matrix(root / f"train_data/X_{set_}_sem-bio_{dataset}.npz").shape == (rows, 10000)
    assert np.load(root / "train_data/X_train_audio-emb_MSD-A-songs.npy").shape == (60, 4096)
    assert len(names(root)) == 2 * (2 + 1 + 1 + 1 + 4) + 2


def test_msd_i(unpacked):
    root = unpacked / "msdi-data"
    classes = lines(root / "splits/genre_labels_MSD-I.tsv")
    assert len(classes) == 15
    header, *rows = (line.split("\t") for line in lines(root / "splits/MSD-I_dataset.tsv"))
    assert header == ["msd_track_id", "genre", "album_index", "set", "msd_artist_id", "image_url"]
    table = {row[0]: row for row in rows}
    for set_, count in ROWS.items():
        ids = lines(root / f"splits/items_index_{set_}_MSD-I.tsv")
        y = np.load(root / f"splits/y_{set_}_class_15_MSD-I.npy")
        assert (y.shape, y.dtype) == ((count, 15), np.float64)
        assert (y.sum(axis=1) == 1).all()
        assert [table[id_][1] for id_ in ids] == [classes[column] for column in y.argmax(axis=1)]
        assert {table[id_][3] for id_ in ids} == {set_}
        for name, columns in (("audio", 2048), ("visual", 2048), ("mm-audio", 200), ("mm-visual", 200)):
            x = np.load(root / f"train_data/X_{set_}_{name}_MSD-I.npy")
            assert (x.shape, x.dtype) == ((count, columns), np.float32)
        with h5py.File(root / f"patches/patches_{set_}_MSD-I_1_15.hdf5") as file:
            assert file["features"].shape == (count, 1, 322, 96)


def test_acousticbrainz_shares_recordings_between_sources(unpacked):
    root = unpacked / "acousticbrainz-genre"
    features = {}
    for source, classes in (("allmusic", 766), ("discogs", 315), ("lastfm", 327), ("tagtraum", 296)):
        assert len(set(lines(root / f"splits/genre_labels_{source}.tsv"))) == classes
        for set_, rows in ROWS.items():
            assert np.load(root / f"splits/y_{set_}_class_{classes}_{source}.npy").shape == (rows, classes)
            with h5py.File(root / f"patches/patches_{set_}_{source}_1_1.hdf5") as file:
                assert file["features"].shape == (rows, 2669)
                features[source, set_] = dict(zip(file["index"].asstr()[:], file["features"][:], strict=True))
    shared = set(features["allmusic", "train"]) & set(features["discogs", "train"])
    assert 0 < len(shared) < 60
    for id_ in shared:
        np.testing.assert_array_equal(features["allmusic", "train"][id_], features["discogs", "train"][id_])
    sizes = np.abs(np.stack([*features["allmusic", "train"].values()])).max(axis=0)
    assert sizes.min() < 0.05
    assert sizes.max() > 1000


def test_some_classes_have_no_test_item(unpacked):
    y = np.load(unpacked / "ismir-data/splits/y_test_class_250_MuMu-albums.npy")
    assert (y.sum(axis=0) == 0).any()


# --- bytes ------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(mirror, tmp_path):
    lookalike.write(tmp_path / "again", scale=TINY, seed=3, only=["MSD-I", "MSD-A"])
    for archive in ("MSD-I", "MSD-A"):
        for name in names(mirror / archive):
            assert (tmp_path / "again" / archive / name).read_bytes() == (mirror / archive / name).read_bytes()
    lookalike.write(tmp_path / "other", scale=TINY, seed=4, only=["MSD-I"])
    assert (tmp_path / "other/MSD-I/MANIFEST.json").read_bytes() != (mirror / "MSD-I/MANIFEST.json").read_bytes()


def test_the_number_of_threads_does_not_matter(mirror, tmp_path):
    for threads in ("1", "2"):
        command = [sys.executable, "-m", "tartarus.lookalike", "--seed", "3", "--scale", str(TINY), "--only", "MSD-A"]
        settings = {"PYTHONPATH": str(SCRIPTS), "OPENBLAS_NUM_THREADS": threads}
        subprocess.run([*command, "--out", str(tmp_path / threads)], env=settings, check=True)
        for name in names(mirror / "MSD-A"):
            assert (tmp_path / threads / "MSD-A" / name).read_bytes() == (mirror / "MSD-A" / name).read_bytes()


def test_archives_tell_neither_time_nor_user(mirror):
    for archive in mirror.glob("*/*.tar.gz"):
        assert archive.read_bytes()[3:8] == bytes(5)  # gzip: no name, no time
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
        assert [member.name for member in members] == sorted(member.name for member in members)
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, 0, "", "")}


def test_a_row_does_not_depend_on_how_many_there_are():
    whole = normal_rows(1, "x", 4096, 0, 700)
    np.testing.assert_array_equal(normal_rows(1, "x", 4096, 250, 300), whole[250:300])
    assert np.unique(whole[:, 0]).size == 700


def test_products_are_exact(rng):
    left, right = rng.uniform(-16, 16, (5, 250)), rng.uniform(-16, 16, (250, 4))
    found = product(left, right)
    np.testing.assert_allclose(found, left @ right, atol=0.05)
    order = rng.permutation(250)
    np.testing.assert_array_equal(product(left[:, order], right[order]), found)


def test_blocks_are_put_together(tmp_path):
    write_dense(tmp_path / "x.npy", 2500, 3, partial(normal_rows, 1, "x", 3), dtype="f8")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), normal_rows(1, "x", 3, 0, 2500))


def test_nothing_is_left_when_writing_fails(tmp_path):
    with pytest.raises(FileNotFoundError), packing(tmp_path / "a.tar.gz") as folder:
        (folder / "file").rename(folder / "other")
    assert list(tmp_path.iterdir()) == []


# --- what there is to learn -------------------------------------------------------------------------------

N_TRAIN, N_TEST = 1200, 400


def regress(train, y, test, *, penalty):
    """Ridge regression on centred features, in the space of items."""
    mean, y_mean = train.mean(axis=0), y.mean(axis=0)
    train, test = train - mean, test - mean
    products = train @ train.T
    penalty *= np.trace(products) / len(products)
    return test @ (train.T @ np.linalg.solve(products + penalty * np.eye(len(products)), y - y_mean)) + y_mean


def fused(rows, parts):
    blocks = [rows[part] for part in parts]
    return np.hstack([block / np.linalg.norm(block, axis=1, keepdims=True) for block in blocks])


@pytest.fixture(scope="module")
def albums():
    genres = tree.genres(1, "MuMu", parents=20, classes=250, labels=5.3)
    found = {}
    for set_, count in (("train", N_TRAIN), ("test", N_TEST)):
        items = Items(1, f"MuMu-albums {set_}")
        found[set_] = {
            modality: looks.embedding(items, modality, f"model_{modality}", 512, 0, count)
            for modality in ("audio", "text", "visual")
        }
        found[set_]["VSM"] = looks.words(items, 0, count, semantic=False).toarray()
        found[set_]["VSM-SEM"] = looks.words(items, 0, count, semantic=True).toarray()
        found[set_]["y"] = genres.labels(items, 0, count, name="MuMu")
    return found


def auc(albums, *parts):
    y, truth = albums["train"]["y"], albums["test"]["y"]
    scores = regress(fused(albums["train"], parts), y, fused(albums["test"], parts), penalty=5)
    tested = truth.sum(axis=0) >= 5
    return roc_auc_score(truth[:, tested], scores[:, tested])


def test_every_fusion_beats_its_inputs(albums):
    audio, text, visual = auc(albums, "audio"), auc(albums, "text"), auc(albums, "visual")
    assert 0.6 < visual < audio < text < 0.9
    assert auc(albums, "visual", "audio") > audio + 0.01
    assert auc(albums, "visual", "text") > text + 0.01
    assert auc(albums, "audio", "text") > text + 0.02
    assert auc(albums, "audio", "text", "visual") > auc(albums, "audio", "text")


def test_the_categories_of_entities_help(albums):
    assert 0.7 < auc(albums, "VSM") < auc(albums, "VSM-SEM")


def test_genres_have_a_long_tail_and_about_six_labels(albums):
    y = albums["train"]["y"]
    assert 5 < y.sum(axis=1).mean() < 7
    shares = np.sort(y.mean(axis=0))
    assert shares[-1] > 0.3
    assert np.median(shares) < 0.03


def test_who_bears_a_subgenre_bears_its_parent(albums):
    genres = tree.genres(1, "MuMu", parents=20, classes=250, labels=5.3)
    y = albums["train"]["y"]
    assert (y <= y[:, genres.parent]).all()
    assert (genres.parent == np.arange(250)).sum() == 20
    for name, parent in zip(genres.names, genres.parent, strict=True):
        assert name.startswith(genres.names[parent])


def test_factors_tell_more_classes_apart_than_labels_do(albums):
    # The cosine of a predicted vector and a class's factor gives rare classes their turn.
    y, x, new = albums["train"]["y"], *(fused(albums[set_], ("audio", "text")) for set_ in ("train", "test"))
    genres = tree.genres(1, "MuMu", parents=20, classes=250, labels=5.3)
    everyone = genres.labels(Items(1, "MuMu-albums train"), 0, 10000, name="MuMu")
    factors = tree.class_factors(iter([everyone]), dimensions=50)
    wanted = y @ factors
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    by_label = regress(x, y, new, penalty=1)
    by_cosine = regress(x, wanted, new, penalty=1) @ (factors / np.linalg.norm(factors, axis=1, keepdims=True)).T
    for k in (1, 3, 5):
        lists = [np.unique(np.argsort(-scores, axis=1)[:, :k]).size for scores in (by_label, by_cosine)]
        assert lists[1] > 1.3 * lists[0], lists


def test_class_factors_are_those_of_positive_pmi(rng):
    y = rng.random((500, 8)) < 0.3
    y[:, 1] |= y[:, 0]
    together = np.array([[np.mean(y[:, a] & y[:, b]) for b in range(8)] for a in range(8)])
    each = np.diagonal(together)
    ppmi = np.maximum(np.log(together / np.outer(each, each)), 0)
    factors = tree.class_factors(iter([y[:200], y[200:]]), dimensions=8)
    np.testing.assert_allclose(factors @ factors.T @ factors @ factors.T, ppmi @ ppmi.T, atol=1e-4)
    assert (factors[np.abs(factors).argmax(axis=0), np.arange(8)] > 0).all()


def average_precision(scores, played):
    hits = played[np.argsort(-scores)][:500] > 0
    return (np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].sum() / min((played > 0).sum(), 500)


def test_songs_are_recommended_better_than_by_chance_and_by_two_inputs_best(rng):
    n_users, n_songs, n_train = 300, 3000, 1500
    train, test = (Members(1, f"songs {s}", Items(1, f"artists {s}"), n_songs, n_songs // 3) for s in ("train", "test"))
    users = Items(1, "users")
    plays = tree.plays(users, n_users, test, n_songs).toarray()
    tastes = tree.user_factors(users, 0, n_users)
    wanted = tree.item_factors(train, 0, n_train)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)

    def inputs(songs, count):
        embedded = partial(looks.embedding, songs.groups, "text", "a-sem-emb", 512)
        return {
            "audio": looks.embedding(songs, "audio", "audio-emb", 512, 0, count),
            "text": songs.of_groups(embedded, 0, count),
        }

    def map500(predicted):
        scores = predicted / np.linalg.norm(predicted, axis=1, keepdims=True) @ tastes.T
        active = np.flatnonzero(plays.any(axis=0))
        return np.mean([average_precision(scores[:, user], plays[:, user]) for user in active])

    x, new = inputs(train, n_train), inputs(test, n_songs)
    both, audio, text = (
        map500(regress(fused(x, parts), wanted, fused(new, parts), penalty=3))
        for parts in (("audio", "text"), ("audio",), ("text",))
    )
    chance = np.mean([map500(rng.standard_normal((n_songs, DIMENSIONS + 152))) for _ in range(3)])
    assert both > 10 * chance
    assert both > 1.2 * audio
    assert both > 1.2 * text


def test_popular_songs_are_played_far_more_often():
    played = np.sort(np.diff(tree.plays(Items(1, "users"), 2000, Items(1, "songs"), 1000).indptr))[::-1]
    assert played[:100].sum() > 0.35 * played.sum()
    assert (played <= 1).any()


def test_patches_tell_the_genre():
    genres = tree.genres(1, "MSD-I", parents=15, classes=15, labels=1)
    profile, y = {}, {}
    for set_, count in (("train", 400), ("test", 200)):
        items = Items(1, f"MSD-I {set_}")
        # Mean and deviation over time: what a small network finds first.
        found = looks.patches(items, 0, count)[:, 0]
        profile[set_] = np.hstack([found.mean(axis=1), found.std(axis=1)])
        y[set_] = genres.one_label(items, 0, count)
    scores = regress(profile["train"], y["train"], profile["test"], penalty=0.1)
    tested = y["test"].sum(axis=0) >= 5
    assert roc_auc_score(y["test"][:, tested], scores[:, tested]) > 0.7


# --- the command line -------------------------------------------------------------------------------------


def test_command_line(tmp_path):
    command = [sys.executable, "-m", "tartarus.lookalike", "--scale", str(TINY), "--out", str(tmp_path), "--only"]
    done = subprocess.run([*command, "MuMy"], env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("no look-alike of an archive 'MuMy'; did you mean 'MuMu'? Known: AcousticBrainz")
    subprocess.run([*command, "MSD-I", "--seed", "3"], env={"PYTHONPATH": str(SCRIPTS)}, check=True)
    assert names(tmp_path) == {"MSD-I/MANIFEST.json", "MSD-I/msdi-data.tar.gz"}


@pytest.mark.parametrize("scales", [(0, None), (-1, None), (float("nan"), None), (0.1, 0)])
def test_a_scale_is_above_zero(tmp_path, scales):
    with pytest.raises(TartarusError, match=r"scale .*: expected above 0"):
        lookalike.write(tmp_path, scale=scales[0], tracks_scale=scales[1], seed=1)


def test_tracks_have_a_scale_of_their_own(tmp_path):
    size = lookalike.Size(1, scale=0.1, tracks_scale=0.01)
    assert size.tracks() == {"train": 1158, "val": 157, "test": 159}
    assert size.items({"train": 25175, "val": 3149}) == {"train": 2518, "val": 315}
