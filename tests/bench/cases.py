"""The cases of the benchmark. Each has three functions: prepare (not measured), ours, plain.

Called as a program with case, way and folder, it does one of them and prints seconds and peak memory as JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow/scripts"))

import numpy as np

if TYPE_CHECKING:
    import scipy.sparse

AUDIO = {"type": "cqt", "sample_rate": 22050, "hop": 1024, "bins": 96, "bins_per_octave": 12, "n_fft": 2048}


@dataclass(frozen=True)
class Case:
    """What is compared, and by which functions of a folder; each returns the work to be measured.

    Where the plain way is too slow for all of it, `units` says how many of what each way does; the times are then
    for one of them. What takes minutes is done `once` only.
    """

    title: str
    prepare: Callable[[Path], None]
    ours: Callable[[Path], Callable[[], object]]
    plain: Callable[[Path], Callable[[], object]]
    units: tuple[int, int] = (1, 1)
    once: bool = False


# --- A shard of spectrograms, against librosa called in a loop -----------------------------------


def _write_tracks(folder: Path) -> None:
    import soundfile

    (folder / "audio").mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(60):
        soundfile.write(folder / f"audio/{number}.wav", 0.1 * rng.standard_normal(44100 * 30), 44100)


def _our_shard(workers: int) -> Callable[[Path], Callable[[], object]]:
    def start(folder: Path) -> Callable[[], object]:
        from tartarus.features.sound import spectrograms

        spectrograms.spectrogram(np.zeros(22050, np.float32), AUDIO)
        tracks = [(str(number), folder / f"audio/{number % 60}.wav") for number in range(240)]
        settings = {**AUDIO, "min_seconds": 1.0}
        return lambda: spectrograms.write_shard(folder / "s.hdf5", folder / "s.tsv", tracks, settings, workers=workers)

    return start


def _plain_shard(folder: Path) -> Callable[[], object]:
    import librosa

    librosa.cqt(np.zeros(22050, np.float32), sr=22050, hop_length=1024, n_bins=96)

    def work() -> None:
        for number in range(240):
            samples, _ = librosa.load(folder / f"audio/{number % 60}.wav", sr=22050)
            transform = librosa.cqt(samples, sr=22050, hop_length=1024, n_bins=96)
            np.save(folder / f"{number}.npy", librosa.power_to_db(np.abs(transform) ** 2, ref=np.max).T)

    return work


# --- Mean and variance of all training patches: in blocks, against all in memory ------------------------------


def _write_patches(folder: Path) -> None:
    import h5py

    rng = np.random.default_rng(0)
    with h5py.File(folder / "patches.hdf5", "w") as file:
        shape = (4000, 1, 322, 96)
        features = file.create_dataset("features", shape, "f4", chunks=(1, *shape[1:]))
        for first in range(0, shape[0], 500):
            features[first : first + 500] = rng.standard_normal((500, *shape[1:]), dtype=np.float32)
        file["index"] = np.arange(shape[0]).astype("S")
        file.attrs["signature"] = "{}"


def _our_moments(folder: Path) -> Callable[[], object]:
    from tartarus.features import store

    return store.open_features(folder / "patches.hdf5").moments


def _plain_moments(folder: Path) -> Callable[[], object]:
    import h5py

    def work() -> tuple[np.ndarray, np.ndarray]:
        with h5py.File(folder / "patches.hdf5", "r") as file:
            rows = file["features"][:].astype(np.float64)
        return rows.mean(axis=0), rows.var(axis=0)

    return work


# --- Bootstrap intervals: from confusion matrices, against scikit-learn for every sample ----------------------


def _truth(seeds: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return np.eye(15)[rng.integers(15, size=4691)], rng.random((seeds, 4691, 15))


def _our_bootstrap(_: Path) -> Callable[[], object]:
    from tartarus.evaluation import multiclass

    y, scores = _truth(3)
    classes = [str(number) for number in range(15)]
    return lambda: multiclass.evaluate(y, scores, classes, samples=100, seed=0)


def _plain_bootstrap(_: Path) -> Callable[[], object]:
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    y, scores = _truth(3)
    truth, predicted = y.argmax(axis=1), scores.argmax(axis=2)
    rng = np.random.default_rng(0)

    def work() -> None:
        for _ in range(100):
            drawn = rng.integers(len(truth), size=len(truth))
            for guess in predicted:
                accuracy_score(truth[drawn], guess[drawn])
                precision_recall_fscore_support(truth[drawn], guess[drawn], average="macro", zero_division=0)

    return work


# --- Ranking 5000 items for every user, against the original's loop -------------------------------------------

ITEMS, FACTORS, PLAIN_USERS = 5000, 200, 200


def _write_users(users: int) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        rng = np.random.default_rng(0)
        shape = (users, FACTORS)
        factors = np.lib.format.open_memmap(folder / f"users_{users}.npy", "w+", np.float32, shape)
        for first in range(0, users, 10_000):
            factors[first : first + 10_000] = rng.standard_normal((min(users, 10_000), FACTORS), dtype=np.float32)
        predictions = rng.standard_normal((1, ITEMS, FACTORS), dtype=np.float32)
        np.save(folder / "predictions.npy", predictions / np.linalg.norm(predictions, axis=2, keepdims=True))
        # Ten items for a user, on the average.
        users_played, items = (rng.integers(count, size=10 * users, dtype=np.int32) for count in (users, ITEMS))
        np.savez(folder / f"truth_{users}.npz", users=users_played, items=items)

    return prepare


def _read_users(folder: Path, users: int) -> tuple:
    import scipy.sparse

    with np.load(folder / f"truth_{users}.npz") as plays:
        pairs = (plays["items"], plays["users"])
    truth = scipy.sparse.csr_matrix((np.ones(len(pairs[0]), np.float32), pairs), shape=(ITEMS, users))
    return truth, np.load(folder / "predictions.npy"), np.load(folder / f"users_{users}.npy", mmap_mode="r")


def _our_ranking(users: int, samples: int) -> Callable[[Path], Callable[[], object]]:
    def start(folder: Path) -> Callable[[], object]:
        from tartarus.evaluation import recommendation

        read = _read_users(folder, users)
        return lambda: recommendation.evaluate(*read, samples=samples, seed=0)

    return start


def _average_precision(actual: Sequence, predicted: Sequence) -> float:
    """The original's loop: the average precision of the first 500."""
    hits, total = 0, 0.0
    for place, item in enumerate(predicted):
        if item in actual and item not in predicted[:place]:
            hits += 1
            total += hits / (place + 1)
    return total / min(len(actual), 500) if len(actual) else 0.0


def _plain_ranking(users: int, measures: Callable) -> Callable[[Path], Callable[[], object]]:
    def start(folder: Path) -> Callable[[], object]:
        truth, predictions, factors = _read_users(folder, users)
        played = truth.T.tocsr()
        return lambda: [
            measures(played[user], np.dot(predictions[0], factors[user]), played[user].indices)
            for user in range(PLAIN_USERS)
        ]

    return start


def _loop(_row: object, scores: np.ndarray, actual: np.ndarray) -> float:
    return _average_precision(actual, np.argsort(scores)[::-1][:500])


def _loop_over_lists(_row: object, scores: np.ndarray, actual: np.ndarray) -> float:
    return _average_precision(actual.tolist(), np.argsort(scores)[::-1][:500].tolist())


def _all_measures(row: "scipy.sparse.csr_matrix", scores: np.ndarray, actual: np.ndarray) -> tuple:
    from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

    if not len(actual):
        return ()
    y = row.toarray()[0] > 0
    best = np.argsort(scores)[::-1]
    precisions = [np.isin(best[:k], actual).mean() for k in (1, 3, 5)]
    gains = [ndcg_score([y], [scores], k=k) for k in (1, 3, 5)]
    return (
        _average_precision(actual, best[:500]),
        roc_auc_score(y, scores),
        average_precision_score(y, scores),
        precisions,
        gains,
    )


# --- Reading shuffled batches of patches from disk, against the disk's own order ------------------------------


def _our_batches(folder: Path) -> Callable[[], object]:
    from tartarus.learning import backend

    backend.start(threads=1)
    from tartarus.features import store
    from tartarus.learning import batches

    entry = store.open_features(folder / "patches.hdf5")
    _, _, rows = batches.align([entry], entry.index.tolist())
    epoch = batches.Batches([entry], rows, batch_size=32, seed=1)
    return lambda: [epoch[number][0].shape for number in range(len(epoch))]


def _disk_order(folder: Path) -> Callable[[], object]:
    from tartarus.learning import backend

    backend.start(threads=1)
    import h5py

    file = h5py.File(folder / "patches.hdf5", "r")
    return lambda: [file["features"][first : first + 32].shape for first in range(0, 4000, 32)]


# --- The test albums of MuMu, and a training on its vectors: all classes at once, against scikit-learn for each ---

ALBUMS = {"train": 25_175, "val": 3_149, "test": 3_147}
GENRES = 250


def _labels(count: int) -> np.ndarray:
    return np.random.default_rng(count).random((count, GENRES)) < 6 / GENRES


def _our_labels(_: Path) -> Callable[[], object]:
    from tartarus.evaluation import multilabel

    y, scores = _labels(ALBUMS["test"]), np.random.default_rng(0).random((3, ALBUMS["test"], GENRES))
    names = [str(number) for number in range(GENRES)]
    return lambda: multilabel.evaluate(y, scores, names, samples=5, seed=0)


def _plain_labels(_: Path) -> Callable[[], object]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    y, scores = _labels(ALBUMS["test"]), np.random.default_rng(0).random((3, ALBUMS["test"], GENRES))
    rng = np.random.default_rng(0)

    def work() -> None:
        for drawn in [np.arange(len(y)), *rng.integers(len(y), size=(5, len(y)))]:
            for seed_scores in scores:
                roc_auc_score(y[drawn], seed_scores[drawn], average="macro")
                average_precision_score(y[drawn], seed_scores[drawn], average="macro")

    return work


def _write_albums(folder: Path) -> None:
    from tartarus.features import store

    rng = np.random.default_rng(0)
    for set_ in ("train", "val"):
        ids = [f"{set_}{number}" for number in range(ALBUMS[set_])]
        store.write_vectors(folder / f"albums_{set_}.npz", rng.random((len(ids), 4096), dtype=np.float32), ids, {})


def _our_albums(folder: Path) -> Callable[[], object]:
    from tartarus.learning import backend

    backend.start(threads=1)
    from tartarus.features import store
    from tartarus.learning import networks, training

    options = {**REC_MULTI, "loss": "binary_crossentropy", "output": "sigmoid"}

    def work() -> object:
        opened = {set_: [store.open_features(folder / f"albums_{set_}.npz")] for set_ in ("train", "val")}
        ids = {set_: entries[0].index.tolist() for set_, entries in opened.items()}
        y = {set_: _labels(len(names)).astype(np.uint8) for set_, names in ids.items()}
        inputs = training.describe(["audio"], opened["train"], {})
        backend.seed(1)
        model = networks.build("vector", inputs, network={"name": "mlp"}, output="sigmoid", n_outputs=GENRES)
        return training.train(model, opened, ids, y, options, seed=1)

    return work


def _plain_albums(folder: Path) -> Callable[[], object]:
    from tartarus.learning import backend

    backend.start(threads=1)
    import keras

    def work() -> object:
        x, y = {}, {}
        for set_ in ("train", "val"):
            x[set_] = np.load(folder / f"albums_{set_}.npz")["features"]
            y[set_] = _labels(len(x[set_])).astype(np.float32)
        backend.seed(1)
        model = keras.Sequential([keras.Input((4096,)), keras.layers.Dense(GENRES, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model.fit(x["train"], y["train"], validation_data=(x["val"], y["val"]), epochs=1, verbose=0).history

    return work


# --- rec_multi at full scale: training, prediction, evaluation; files that are read as needed, against all in memory

SONGS = {"train": 264_344, "test": 64_477}
EMBEDDINGS = {"a-sem-emb": 2048, "audio-emb": 4096}
LISTENERS = 10_000
REC_MULTI = {
    "network": {"name": "fusion", "dense": [512], "dropout": 0.7},
    "loss": "cosine",
    "output": "linear",
    "optimizer": {"name": "adam", "learning_rate": 0.001},
    "batch_size": 32,
    "epochs": 1,
    "patience": 4,
}


def _write_songs(folder: Path) -> None:
    from tartarus.base import arrays
    from tartarus.features import store

    rng = np.random.default_rng(0)
    for set_, count in SONGS.items():
        ids = [f"{set_}{number}" for number in range(count)]
        for name, width in EMBEDDINGS.items():
            steps = [min(4096, count - first) for first in range(0, count, 4096)]
            blocks = (rng.random((rows, width), dtype=np.float32) for rows in steps)
            path = folder / f"X_{set_}_{name}.npz"
            arrays.write_in_blocks(path, "features", (count, width), np.float32, blocks, **store.described(ids, {}))
    np.save(folder / "y.npy", rng.standard_normal((SONGS["train"], FACTORS), dtype=np.float32))
    np.save(folder / "listeners.npy", rng.standard_normal((LISTENERS, FACTORS), dtype=np.float32))
    pairs = [rng.integers(limit, size=10 * LISTENERS, dtype=np.int32) for limit in (SONGS["test"], LISTENERS)]
    np.savez(folder / "plays.npz", items=pairs[0], users=pairs[1])


def _plays(folder: Path) -> "scipy.sparse.csr_matrix":
    import scipy.sparse

    with np.load(folder / "plays.npz") as pairs:
        ones = np.ones(len(pairs["items"]), np.float32)
        return scipy.sparse.csr_matrix((ones, (pairs["items"], pairs["users"])), shape=(SONGS["test"], LISTENERS))


def _our_recommender(folder: Path) -> Callable[[], object]:
    from tartarus.learning import backend

    backend.start(threads=2)
    from tartarus.base import arrays
    from tartarus.evaluation import recommendation
    from tartarus.features import store
    from tartarus.items import tables
    from tartarus.learning import networks, prediction, training

    def work() -> object:
        opened = {set_: [store.open_features(folder / f"X_{set_}_{name}.npz") for name in EMBEDDINGS] for set_ in SONGS}
        y, ids = arrays.read_array(folder / "y.npy", mapped=True), opened["train"][0].index
        cut = {set_: tables.rows_of_set(set_, len(ids), validation="cut") for set_ in ("train", "val")}
        inputs = training.describe(list(EMBEDDINGS), opened["train"], {})
        backend.seed(1)
        model = networks.build(
            "rec_multi", inputs, network=REC_MULTI["network"], output=REC_MULTI["output"], n_outputs=FACTORS
        )
        training.train(
            model,
            dict.fromkeys(cut, opened["train"]),
            {set_: ids[rows].tolist() for set_, rows in cut.items()},
            {set_: y[rows] for set_, rows in cut.items()},
            REC_MULTI,
            seed=1,
        )
        _, blocks = prediction.predict(model, opened["test"], opened["test"][0].index.tolist())
        scores = np.concatenate(list(blocks))[None]
        factors = arrays.read_array(folder / "listeners.npy", mapped=True)
        return recommendation.evaluate(_plays(folder), scores, factors, samples=10, seed=0)["measures"]["map@500"]

    return work


def _plain_recommender(folder: Path) -> Callable[[], object]:
    from tartarus.learning import backend

    backend.start(threads=2)
    import keras
    from tartarus.learning.losses import cosine

    def read(set_: str) -> list[np.ndarray]:
        return [np.load(folder / f"X_{set_}_{name}.npz")["features"] for name in EMBEDDINGS]

    def work() -> float:
        backend.seed(1)
        doors = [keras.Input((width,)) for width in EMBEDDINGS.values()]
        x = keras.layers.Concatenate()([keras.layers.UnitNormalization()(door) for door in doors])
        x = keras.layers.Dense(512, "relu")(keras.layers.Dropout(0.7)(x))
        output = keras.layers.UnitNormalization()(keras.layers.Dense(FACTORS)(keras.layers.Dropout(0.7)(x)))
        model = keras.Model(doors, output)
        model.compile("adam", cosine)
        rows, y = read("train"), np.load(folder / "y.npy")
        first, second = int(0.8 * len(y)), int(0.9 * len(y))
        held_out = ([part[first:second] for part in rows], y[first:second])
        model.fit([part[:first] for part in rows], y[:first], validation_data=held_out, epochs=1, verbose=0)
        scores = np.load(folder / "listeners.npy") @ model.predict(read("test"), verbose=0).T
        played = _plays(folder).T.tocsr()
        return float(np.mean([_loop(None, scores[user], played[user].indices) for user in range(LISTENERS)]))

    return work


CASES = {
    "spectrograms": Case("240 cqt spectrograms of 30 s, 1 worker", _write_tracks, _our_shard(1), _plain_shard),
    "workers": Case("the same with 2 workers", _write_tracks, _our_shard(2), _plain_shard),
    "moments": Case("mean and variance of 4000 patches", _write_patches, _our_moments, _plain_moments),
    "batches": Case(
        "an epoch of 4000 shuffled patches (plain: in the order of the disk, its limit)",
        _write_patches,
        _our_batches,
        _disk_order,
    ),
    "bootstrap": Case(
        "100 bootstrap samples, 4691 items, 15 classes, 3 seeds", lambda _: None, _our_bootstrap, _plain_bootstrap
    ),
    "map500": Case(
        "all measures of recommendation, 5000 items, for one user (plain: map@500 alone, the original's loop)",
        _write_users(20_000),
        _our_ranking(20_000, samples=1),
        _plain_ranking(20_000, _loop),
        units=(20_000, PLAIN_USERS),
    ),
    "map500-lists": Case(
        "the same (plain: that loop over Python's lists instead of arrays)",
        _write_users(20_000),
        _our_ranking(20_000, samples=1),
        _plain_ranking(20_000, _loop_over_lists),
        units=(20_000, PLAIN_USERS),
    ),
    "rankings": Case(
        "the same (plain: all measures, that loop and scikit-learn)",
        _write_users(20_000),
        _our_ranking(20_000, samples=1),
        _plain_ranking(20_000, _all_measures),
        units=(20_000, PLAIN_USERS),
    ),
    "labels": Case(
        "ROC-AUC and PR-AUC of 3147 albums, 250 classes, 3 seeds, with 5 bootstrap samples (ours: all measures)",
        lambda _: None,
        _our_labels,
        _plain_labels,
    ),
    "albums": Case(
        "an epoch on 25 175 albums x 4096, 250 classes: vectors read as needed, against all in memory",
        _write_albums,
        _our_albums,
        _plain_albums,
    ),
    "rec_multi": Case(
        "rec_multi, 264 344 x 6144 (train) and 64 477 (test): an epoch, prediction, ranking for 10 000 users",
        _write_songs,
        _our_recommender,
        _plain_recommender,
        once=True,
    ),
    "map500-million": Case(
        "the same with 1 000 000 users and 1000 bootstrap samples (plain: map@500 alone, the original's loop)",
        _write_users(1_000_000),
        _our_ranking(1_000_000, samples=1000),
        _plain_ranking(1_000_000, _loop),
        units=(1_000_000, PLAIN_USERS),
        once=True,
    ),
}


def _megabytes() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, children) / 1024


if __name__ == "__main__":
    name, way, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    case = CASES[name]
    if way == "prepare":
        case.prepare(folder)
        sys.exit()
    work = (case.ours if way == "ours" else case.plain)(folder)
    before, start = _megabytes(), time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "megabytes": _megabytes() - before, "peak": _megabytes()}))
