"""What is in each look-alike archive: names, layouts and numbers as published, contents from the world."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from tartarus.base.arrays import write_array
from tartarus.base.files import write_lines
from tartarus.base.logs import progress
from tartarus.lookalike import features as looks
from tartarus.lookalike import genres as tree
from tartarus.lookalike.files import packing, spans, write_dense, write_features, write_matrix, write_sparse
from tartarus.lookalike.genres import Genres
from tartarus.lookalike.world import Items, Members, product
from tartarus.plan.kinds import SETS

EMBEDDINGS = {"audio": 4096, "text": 2048, "visual": 2048}
PMI = 50
DESCRIPTORS = 2669
_LEAST = {"train": 60, "val": 30, "test": 30}
_ALBUMS = {"train": 25175, "val": 3149, "test": 3147}
_TRACKS = {"train": 115839, "val": 15657, "test": 15863}
_COVERED = {"train": 21551, "val": 4691, "test": 4691}
_ARTISTS = {"train": 19200, "test": 4800}
_SONGS = {"train": 264344, "test": 64477}
_USERS = {"MSD-A-artists": 250000, "MSD-A-songs": 1000000}
# Recordings, classes, genres among the classes, and where among all recordings the source's begin.
SOURCES = {
    "allmusic": (1353213, 766, 21, 0),
    "discogs": (904944, 315, 15, 600000),
    "lastfm": (566710, 327, 30, 300000),
    "tagtraum": (486740, 296, 31, 1000000),
}
_SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}


@dataclass(frozen=True)
class Size:
    """How large the look-alikes are.

    Attributes
    ----------
    seed : int
        Another seed, another world.
    scale, tracks_scale : float, above 0
        Share of the published number of items; of MuMu's tracks, whose patches are large.
    """

    seed: int
    scale: float
    tracks_scale: float

    def items(self, counts: dict[str, int]) -> dict[str, int]:
        """Scale the numbers of the items of each set."""
        return {set_: _scaled(count, self.scale, _LEAST[set_]) for set_, count in counts.items()}

    def tracks(self) -> dict[str, int]:
        """Scale the numbers of MuMu's tracks."""
        return {set_: _scaled(count, self.tracks_scale, _LEAST[set_]) for set_, count in _TRACKS.items()}


def _scaled(count: int, scale: float, least: int) -> int:
    return max(round(count * scale), least)


# --- MuMu -------------------------------------------------------------------------------------------------


def write_mumu(folder: Path, size: Size) -> dict[str, int]:
    """Write MuMu: albums with vectors of sound, reviews and covers; tracks with patches.

    Returns
    -------
    dict
        Name of a file to the number of its record; so do the other archives.
    """
    genres = tree.genres(size.seed, "MuMu", parents=20, classes=250, labels=5.3)
    n_albums, n_tracks = size.items(_ALBUMS), size.tracks()
    # Of all the published number of albums, so that the factors of rare classes are there at any scale.
    everyone = Items(size.seed, "MuMu-albums train")
    factors = tree.class_factors(
        (genres.labels(everyone, *span, name="MuMu") for span in spans(_ALBUMS["train"])), dimensions=PMI
    )
    albums_of_tracks = ["id\talbum"]
    with packing(folder / "ismir-data.tar.gz") as root:
        splits, vectors, patches = (root / "ismir-data" / name for name in ("splits", "train_data", "patches"))
        for dataset in ("MuMu-albums", "MuMu-tracks"):
            write_lines(splits / f"genre_labels_{dataset}.tsv", genres.names)
            write_array(splits / f"class_factors_pmi_{PMI}_{dataset}.npy", factors)
        for set_ in progress(SETS, total=len(SETS), what="MuMu"):
            albums = Items(size.seed, f"MuMu-albums {set_}")
            tracks = Members(size.seed, f"MuMu-tracks {set_}", albums, n_tracks[set_], n_albums[set_])
            album_ids = np.array(albums.codes("B0", 8, 0, n_albums[set_]))
            track_ids = tracks.codes("TR", 16, 0, n_tracks[set_])
            of_tracks = album_ids[tracks.numbers(0, n_tracks[set_])]
            albums_of_tracks += [f"{track}\t{album}" for track, album in zip(track_ids, of_tracks, strict=True)]
            _write_mumu_targets(splits, set_, "MuMu-albums", album_ids.tolist(), albums, genres, factors)
            _write_mumu_targets(splits, set_, "MuMu-tracks", track_ids, tracks, genres, factors)
            _write_mumu_vectors(vectors, set_, albums, n_albums[set_])
            write_features(
                patches / f"patches_{set_}_MuMu-tracks_1_15.hdf5",
                track_ids,
                (1, looks.FRAMES, looks.BINS),
                partial(looks.patches, tracks),
            )
        write_lines(splits / "albums_MuMu-tracks.tsv", albums_of_tracks)
    return {"ismir-data.tar.gz": 831189}


def _write_mumu_targets(
    splits: Path, set_: str, dataset: str, ids: list[str], items: Items, genres: Genres, factors: np.ndarray
) -> None:
    if isinstance(items, Members):  # a track has the genres of its album
        classes = partial(items.of_groups, partial(genres.labels, items.groups, name="MuMu"))
    else:
        classes = partial(genres.labels, items, name="MuMu")

    def mean_factors(start: int, stop: int) -> np.ndarray:
        y = classes(start, stop)
        return product(y, factors) / y.sum(axis=1, keepdims=True)

    write_lines(splits / f"items_index_{set_}_{dataset}.tsv", ids)
    write_dense(splits / f"y_{set_}_class_250_{dataset}.npy", len(ids), 250, classes, dtype="f8")
    write_dense(splits / f"y_{set_}_pmi_{PMI}_{dataset}.npy", len(ids), PMI, mean_factors, dtype="f8")


def _write_mumu_vectors(vectors: Path, set_: str, albums: Items, count: int) -> None:
    for modality, columns in EMBEDDINGS.items():
        path = vectors / f"X_{set_}_model_{modality}_MuMu-albums.npy"
        _write_embedding(path, albums, modality, f"model_{modality}", count, columns)
    for name, semantic in (("VSM", False), ("VSM-SEM", True)):
        path = vectors / f"X_{set_}_{name}_MuMu-albums.npz"
        write_sparse(path, count, partial(looks.words, albums, semantic=semantic))


def _write_embedding(path: Path, items: Items, modality: str, name: str, count: int, columns: int) -> None:
    write_dense(path, count, columns, partial(looks.embedding, items, modality, name, columns), dtype="f4")


# --- MSD-A ------------------------------------------------------------------------------------------------


def write_msd_a(folder: Path, size: Size) -> dict[str, int]:
    """Write MSD-A: artists and songs with vectors of biographies and sound, and who plays them."""
    n_artists, n_songs = size.items(_ARTISTS), size.items(_SONGS)
    artists = {set_: Items(size.seed, f"MSD-A-artists {set_}") for set_ in n_artists}
    songs = {
        set_: Members(size.seed, f"MSD-A-songs {set_}", artists[set_], n_songs[set_], n_artists[set_])
        for set_ in n_songs
    }
    with packing(folder / "dlrs-data.tar.gz") as root:
        data = root / "dlrs-data" / "dlrs-data"
        _write_plays(data, "MSD-A-artists", "AR", artists, n_artists, size)
        _write_plays(data, "MSD-A-songs", "TR", songs, n_songs, size)
        for set_ in progress(n_songs, total=len(n_songs), what="MSD-A"):
            _write_biographies(data / "train_data", set_, artists[set_], n_artists[set_], songs[set_])
            path = data / "train_data" / f"X_{set_}_audio-emb_MSD-A-songs.npy"
            _write_embedding(path, songs[set_], "audio", "audio-emb", n_songs[set_], EMBEDDINGS["audio"])
    return {"dlrs-data.tar.gz": 831348}


def _write_plays(
    data: Path, dataset: str, prefix: str, items: dict[str, Items] | dict[str, Members], n: dict[str, int], size: Size
) -> None:
    for set_, count in n.items():
        write_lines(data / "splits" / f"items_index_{set_}_{dataset}.tsv", items[set_].codes(prefix, 16, 0, count))
    factors, train = tree.FACTORS, items["train"]
    path = data / "splits" / f"y_train_als_{factors}_{dataset}.npy"
    write_dense(path, n["train"], factors, partial(tree.item_factors, train), dtype="f8")
    users, n_users = Items(size.seed, f"{dataset} users"), _scaled(_USERS[dataset], size.scale, 200)
    path = data / "factors" / f"user_factors_als_{factors}_{dataset}.npy"
    write_dense(path, n_users, factors, partial(tree.user_factors, users), dtype="f8")
    write_matrix(data / "splits" / f"matrix_test_{dataset}.npz", tree.plays(users, n_users, items["test"], n["test"]))


def _write_biographies(vectors: Path, set_: str, artists: Items, n_artists: int, songs: Members) -> None:
    columns = EMBEDDINGS["text"]
    embedded = partial(looks.embedding, artists, "text", "a-sem-emb", columns)
    worded = partial(looks.words, artists, semantic=True)
    # A song has its artist's biography.
    for dataset, count, embeddings, words in (
        ("MSD-A-artists", n_artists, embedded, worded),
        ("MSD-A-songs", songs.count, partial(songs.of_groups, embedded), partial(songs.of_groups, worded)),
    ):
        write_dense(vectors / f"X_{set_}_a-sem-emb_{dataset}.npy", count, columns, embeddings, dtype="f4")
        write_sparse(vectors / f"X_{set_}_sem-bio_{dataset}.npz", count, words)


# --- MSD-I ------------------------------------------------------------------------------------------------


def write_msd_i(folder: Path, size: Size) -> dict[str, int]:
    """Write MSD-I: tracks with one genre each, vectors of sound and covers, patches."""
    genres = tree.genres(size.seed, "MSD-I", parents=15, classes=15, labels=1)
    table = ["\t".join(("msd_track_id", "genre", "album_index", "set", "msd_artist_id", "image_url"))]
    first = 0
    with packing(folder / "msdi-data.tar.gz") as root:
        splits, vectors, patches = (root / "msdi-data" / name for name in ("splits", "train_data", "patches"))
        write_lines(splits / "genre_labels_MSD-I.tsv", genres.names)
        n_tracks = size.items(_COVERED)
        for set_ in progress(SETS, total=len(SETS), what="MSD-I"):
            count, items = n_tracks[set_], Items(size.seed, f"MSD-I {set_}")
            ids, y = items.codes("TR", 16, 0, count), genres.one_label(items, 0, count)
            artists = Items(size.seed, f"MSD-I artists {set_}").codes("AR", 16, 0, count)
            for row, column in enumerate(y.argmax(axis=1)):
                album = first + row // 2
                image = f"covers/{album}.jpg"
                table.append("\t".join((ids[row], genres.names[column], str(album), set_, artists[row // 4], image)))
            first += -(-count // 2)
            write_lines(splits / f"items_index_{set_}_MSD-I.tsv", ids)
            write_array(splits / f"y_{set_}_class_15_MSD-I.npy", y.astype("f8"))
            _write_msd_i_vectors(vectors, set_, items, count)
            write_features(
                patches / f"patches_{set_}_MSD-I_1_15.hdf5",
                ids,
                (1, looks.FRAMES, looks.BINS),
                partial(looks.patches, items),
            )
        write_lines(splits / "MSD-I_dataset.tsv", table)
    return {"msdi-data.tar.gz": 1240485}


def _write_msd_i_vectors(vectors: Path, set_: str, items: Items, count: int) -> None:
    for modality in ("audio", "visual"):
        _write_embedding(vectors / f"X_{set_}_{modality}_MSD-I.npy", items, modality, modality, count, 2048)
        path, name = vectors / f"X_{set_}_mm-{modality}_MSD-I.npy", f"mm-{modality}"
        write_dense(path, count, 200, partial(looks.projection, items, modality, name, 200), dtype="f4")


# --- AcousticBrainz ---------------------------------------------------------------------------------------


def write_acousticbrainz(folder: Path, size: Size) -> dict[str, int]:
    """Write AcousticBrainz: recordings with 2669 measured features and the genres of four sources.

    A recording that several sources know has the same id and features in each.
    """
    records = {"acousticbrainz-genre-train.tar.gz": 2553414, "acousticbrainz-genre-test.tar.gz": 2554044}
    for name, sets in zip(records, (("train", "val"), ("test",)), strict=True):
        with packing(folder / name) as root:
            for source in progress(SOURCES, total=len(SOURCES), what=name):
                _write_source(root / "acousticbrainz-genre", source, sets, size)
    return records


def genres_of(source: str, size: Size) -> Genres:
    """Lay out the classes of a source of AcousticBrainz."""
    _, classes, parents, _ = SOURCES[source]
    return tree.genres(size.seed, source, parents=parents, classes=classes, labels=4)


def recordings_of(source: str, set_: str, size: Size) -> tuple[Items, int, int]:
    """Tell which recordings a set of a source has: of what items, the number of the first, how many."""
    recordings, _, _, begin = SOURCES[source]
    count = _scaled(round(recordings * _SHARES[set_]), size.scale, _LEAST[set_])
    return Items(size.seed, f"AcousticBrainz {set_}"), round(begin * _SHARES[set_] * size.scale), count


def measured(items: Items, start: int, stop: int) -> np.ndarray:
    """Imitate what is measured of recordings [shape=(stop - start, 2669)], float32."""
    return looks.descriptors(items, "audio", "AcousticBrainz", DESCRIPTORS, start, stop)


def _write_source(data: Path, source: str, sets: Sequence[str], size: Size) -> None:
    genres, classes = genres_of(source, size), SOURCES[source][1]
    if "train" in sets:
        write_lines(data / "splits" / f"genre_labels_{source}.tsv", genres.names)
    for set_ in sets:
        items, first, count = recordings_of(source, set_, size)

        def labels(start: int, stop: int, items: Items = items, first: int = first) -> np.ndarray:
            return genres.labels(items, first + start, first + stop, name=source)

        def features(start: int, stop: int, items: Items = items, first: int = first) -> np.ndarray:
            return measured(items, first + start, first + stop)

        ids = items.uuids(first, first + count)
        write_lines(data / "splits" / f"items_index_{set_}_{source}.tsv", ids)
        write_dense(data / "splits" / f"y_{set_}_class_{classes}_{source}.npy", count, classes, labels, dtype="f8")
        write_features(data / "patches" / f"patches_{set_}_{source}_1_1.hdf5", ids, (DESCRIPTORS,), features)


ARCHIVES = {
    "MuMu": write_mumu,
    "MSD-A": write_msd_a,
    "MSD-I": write_msd_i,
    "AcousticBrainz": write_acousticbrainz,
}
