"""Training and prediction: patches, words and vectors from files, against plain Keras with all in memory."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from case import ROOT, Case, Facts, Work
from feeding import SHAPE, write_patches

WORDS, EMBEDDINGS = 10_000, (2048, 4096)
VALIDATED, EPOCHS = 32, 3


def options_of(family: str, experiment: str) -> dict[str, Any]:
    """Look up what the configuration says of an experiment, threads and all."""
    from tartarus.base.documents import read_yaml
    from tartarus.plan import config

    return config.load(read_yaml(ROOT / "config/config.yaml"), ROOT / "config").families[family]["experiments"][
        experiment
    ]


def start(options: dict[str, Any] | None = None) -> None:
    """Start Keras as a job does."""
    from tartarus.learning import backend

    backend.start(threads=(options or options_of("ismir", "audio_logistic_low-4x96"))["threads"])


class Training(Case):
    unit = "examples"
    yardstick = "Keras: fit in memory, all cores"
    goal, threads = 0.95, None
    family, experiment = "ismir", ""

    def write(self, folder: Path, size: int) -> list[Path]:
        """Write the features that are trained on, unless they are there."""
        return [write_patches(folder, size)]

    def read(self, paths: Sequence[Path]) -> list[np.ndarray]:
        """Read all of them, as a plain training takes them."""
        import h5py

        rows = h5py.File(paths[0], "r")["features"][:].reshape(-1, *SHAPE[1:], 1)
        return [(rows - rows.mean(axis=0)) / rows.std(axis=0)]

    def prepare(self, folder: Path, size: int) -> None:
        self.write(folder, size)

    def truth(self, size: int, options: dict[str, Any]) -> np.ndarray:
        rng = np.random.default_rng(1)
        if options["output"] == "sigmoid":
            return (rng.random((size, options["dim"])) < 6 / options["dim"]).astype(np.float32)
        return rng.standard_normal((size, options["dim"]), dtype=np.float32)

    def ours(self, folder: Path, size: int) -> Work:
        options = options_of(self.family, self.experiment)
        start(options)
        from tartarus.features import store
        from tartarus.learning import backend, networks, training

        opened = [store.open_features(path) for path in self.write(folder, size)]
        ids, y = opened[0].index.tolist(), self.truth(size, options)
        inputs = training.describe([f"input{number}" for number in range(len(opened))], opened, {})

        backend.seed(1)
        model = networks.build(
            "ours", inputs, network=options["network"], output=options["output"], n_outputs=options["dim"]
        )
        index, truth = {"train": ids, "val": ids[:VALIDATED]}, {"train": y, "val": y[:VALIDATED]}
        features = dict.fromkeys(index, opened)
        shapes = [(*entry.shape[1:], 1) if len(entry.shape) == 3 else entry.shape for entry in opened]

        def work() -> Facts:
            how = {**options, "epochs": EPOCHS}
            with epochs_in_the_log() as marks:
                training.train(model, features, index, truth, how, seed=1)
            seconds = of_an_epoch(marks)
            speed = operations(plain_model(options, shapes)) * size / seconds
            return Facts({"seconds": seconds, "share of sgemm's peak": speed / sgemm()})

        return work

    def plain(self, folder: Path, size: int) -> Work:
        import keras

        options = options_of(self.family, self.experiment)
        x, y = self.read(self.write(folder, size)), self.truth(size, options)

        model = plain_model(options, [rows.shape[1:] for rows in x])
        marks: list[float] = []
        note = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: marks.append(time.perf_counter()))
        how = {"batch_size": options["batch_size"], "epochs": EPOCHS, "callbacks": [note], "verbose": 0}

        def work() -> Facts:
            model.fit(x, y, validation_data=([rows[:VALIDATED] for rows in x], y[:VALIDATED]), **how)
            return Facts(seconds=of_an_epoch(marks))

        return work


@contextmanager
def epochs_in_the_log() -> Iterator[list[float]]:
    """Note when a training tells that an epoch is over."""
    from tartarus.base.logs import log

    marks: list[float] = []
    handler = logging.Handler()
    handler.emit = lambda record: marks.append(time.perf_counter()) if record.msg.startswith("epoch ") else None
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield marks
    log.removeHandler(handler)


def of_an_epoch(marks: Sequence[float]) -> float:
    """Give the seconds of an epoch after the first, which compiles, from the ends of all."""
    assert len(marks) == EPOCHS
    return (marks[-1] - marks[0]) / (EPOCHS - 1)


def plain_model(options: dict[str, Any], shapes: Sequence[tuple[int, ...]]) -> Any:
    """Build a network as one would write it down by oneself."""
    import keras
    from keras import layers
    from tartarus.learning.losses import LOSSES

    network = options["network"]
    doors = [keras.Input(shape) for shape in shapes]
    x = doors[0]
    if len(doors) > 1:
        x = layers.Concatenate()([layers.UnitNormalization()(door) for door in doors])
    if network["name"] == "cnn":
        for filters, kernel, pool in zip(network["filters"], network["kernels"], network["pools"], strict=True):
            x = layers.MaxPooling2D(pool)(layers.Conv2D(filters, kernel, activation="relu")(x))
        x = layers.Flatten()(x)
    else:
        x = layers.Dropout(network["dropout"])(x)
        for units in network.get("dense", ()):
            x = layers.Dropout(network["dropout"])(layers.Dense(units, "relu")(x))
    x = layers.Dense(options["dim"], options["output"])(x)
    model = keras.Model(doors, layers.UnitNormalization()(x) if options["output"] == "linear" else x)
    model.compile(keras.optimizers.Adam(), LOSSES[options["loss"]])
    return model


def operations(model: Any) -> float:
    """Count the additions and multiplications of a training, for one example.

    Forward, for the gradient of the weights, and, but in the first layer that learns, for that of the input.
    """
    counts = []
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            outputs = math.prod(layer.output.shape[1:-1])
            counts.append(2 * outputs * math.prod(layer.kernel.shape))
    return 3 * sum(counts) - counts[0]


def sgemm(size: int = 1024) -> float:
    """Measure the operations of a second in a product of matrices in single precision: the best of five."""
    left, best = np.random.default_rng(0).random((size, size), np.float32), math.inf
    for _ in range(5):
        begin = time.perf_counter()
        left @ left
        best = min(best, time.perf_counter() - begin)
    return 2 * size**3 / best


class Low4x96(Training):
    """Training LOW-4X96: 64 to 128 filters of 4 frames and all bins."""

    name, experiment, size, quick, smallest = "low-4x96", "audio_logistic_low-4x96", 512, 4, 128


class Low4x70(Training):
    """Training LOW-4X70: 64 to 128 filters of 4 frames and 70 bins."""

    name, experiment, size, quick = "low-4x70", "audio_logistic_low-4x70", 256, 2


class High4x70(Training):
    """Training HIGH-4X70: 256 to 1024 filters of 4 frames and 70 bins."""

    name, experiment, size, quick = "high-4x70", "audio_logistic_high-4x70", 64, 2


class Low3x3(Training):
    """Training LOW-3X3: 64 to 128 filters of 3 frames and 3 bins."""

    name, experiment, size, quick = "low-3x3", "audio_logistic_low-3x3", 64, 2


class TextMlp(Training):
    """Training on words: 10 000, 130 of them in a text, sparse; twice 2048 units."""

    name, experiment, size, quick = "text-mlp", "logistic_text_multilabel", 2048, 2

    def write(self, folder: Path, size: int) -> list[Path]:
        import scipy.sparse
        from tartarus.features import store

        path = folder / f"words_{size}.npz"
        if not path.exists():
            rng = np.random.default_rng(0)
            values = scipy.sparse.random(size, WORDS, 0.013, "csr", np.float32, rng)
            store.write_vectors(path, values, [str(number) for number in range(size)], {})
        return [path]

    def read(self, paths: Sequence[Path]) -> list[np.ndarray]:
        import scipy.sparse

        with np.load(paths[0]) as parts:
            matrix = scipy.sparse.csr_matrix((parts["data"], parts["indices"], parts["indptr"]), parts["shape"])
        return [matrix.toarray()]


class Fusion(Training):
    """Training on two embeddings, 2048 and 4096 numbers; 512 units."""

    name, family, experiment, size, quick = "fusion", "dlrs", "rec_multi", 8192, 4

    def write(self, folder: Path, size: int) -> list[Path]:
        from tartarus.features import store

        paths = [folder / f"embedding_{width}_{size}.npz" for width in EMBEDDINGS]
        for path, width in zip(paths, EMBEDDINGS, strict=True):
            if not path.exists():
                values = np.random.default_rng(width).random((size, width), np.float32)
                store.write_vectors(path, values, [str(number) for number in range(size)], {})
        return paths

    def read(self, paths: Sequence[Path]) -> list[np.ndarray]:
        return [np.load(path)["features"] for path in paths]


class Prediction(Low4x70):
    """Prediction by LOW-4X70, from files."""

    name, yardstick, unit = "prediction", "Keras: predict in memory, all cores", "items"
    size, quick, goal, smallest = 512, 4, None, 256

    def ours(self, folder: Path, size: int) -> Work:
        options = options_of(self.family, self.experiment)
        start(options)
        from tartarus.features import store
        from tartarus.learning import networks, prediction, training

        entry = store.open_features(write_patches(folder, size))
        inputs = training.describe(["patches"], [entry], {})
        model = networks.build("ours", inputs, network=options["network"], output="sigmoid", n_outputs=options["dim"])

        def predict(ids: list[str]) -> None:
            list(prediction.predict(model, [entry], ids)[1])

        predict(entry.index[:64].tolist())
        return lambda: predict(entry.index.tolist())

    def plain(self, folder: Path, size: int) -> Work:
        (x,) = self.read([write_patches(folder, size)])
        model = plain_model(options_of(self.family, self.experiment), [x.shape[1:]])
        model.predict(x[:64], batch_size=64, verbose=0)
        return lambda: model.predict(x, batch_size=64, verbose=0)
