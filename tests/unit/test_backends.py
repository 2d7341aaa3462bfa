"""A model that was made on TensorFlow says the same on the other backends that Keras runs on."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.paths import SCRIPTS

from .learning.small_networks import N_OUTPUTS, SMALL

ROWS = 6

# Reads every model of a folder and the inputs beside it, writes the outputs.
ELSEWHERE = """
import sys
from pathlib import Path
import numpy as np
from tartarus.learning import backend
backend.start(threads=1)
import keras
from tartarus.learning import model_files
for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    with np.load(path.with_suffix(".npz")) as inputs:
        x = [inputs[name] for name in inputs.files]
    np.save(path.with_suffix(".npy"), model_files.load(path).predict_on_batch(x if len(x) > 1 else x[0]))
print(keras.backend.backend())
"""

# Trains every model of a folder on the inputs beside it, as the jobs do; prints the losses.
LEARNING = """
import json, sys
from pathlib import Path
import numpy as np
from tartarus.learning import backend
backend.start(threads=1)
import keras
from tartarus.learning import checkpoints, model_files, training

class Rows:
    path = Path("memory")
    def __init__(self, values):
        self.values, self.index = values, np.array([str(row) for row in range(len(values))])
    def rows(self, numbers):
        return self.values[numbers]

for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    model = model_files.load(path)
    with np.load(path.with_suffix(".npz")) as inputs:
        rows = [Rows(inputs[name]) for name in inputs.files]
    truth = np.eye(model.output_shape[1])[np.arange(len(rows[0].index)) % model.output_shape[1]]
    options = {
        "output": "space" if path.stem == "space" else "sigmoid",
        "loss": "max_margin" if path.stem == "space" else "cosine",
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "batch_size": 6, "epochs": 4, "patience": 9,
    }
    checkpoint = checkpoints.Checkpoint(path.with_suffix(f".{keras.backend.backend()}.npz"), "x", every=0)
    features, index = {"train": rows, "val": rows}, {set_: rows[0].index.tolist() for set_ in ("train", "val")}
    course = training.train(
        model, features, index, {"train": truth, "val": truth}, options, seed=1, checkpoint=checkpoint
    )
    model_files.save(model, path.with_suffix(".learned"))
    assert checkpoint.path.is_file()
    print(path.stem, *(row["val_loss"] for row in course))
"""


def make_far_from_nothing(model: Any, rng: np.random.Generator) -> None:
    """Give every weight a value that shows in the output; those that a model starts with are tiny."""
    for weight in model.trainable_weights:
        weight.assign(rng.normal(scale=0.7, size=weight.shape))
    for weight in model.non_trainable_weights:
        if weight.name == "moving_variance":
            weight.assign(rng.uniform(0.5, 2, size=weight.shape))
        elif weight.name == "moving_mean":  # a large one would leave nothing above 0, fifty layers deep
            weight.assign(rng.normal(scale=0.1, size=weight.shape))


def example(model: Any, rng: np.random.Generator) -> list[np.ndarray]:
    return [
        rng.integers(0, 5, size=(ROWS, *door.shape[1:])).astype("int32")
        if door.dtype == "int32"
        else rng.uniform(0, 255, size=(ROWS, *door.shape[1:])).astype("float32")  # pictures
        if door.shape[-1] == 3 and len(door.shape) == 4
        else rng.normal(scale=2, size=(ROWS, *door.shape[1:])).astype("float32")
        for door in model.inputs
    ]


@pytest.fixture(scope="module")
def made(
    networks: ModuleType, model_files: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, np.ndarray]]:
    """Save one model of every network with inputs; give the folder, and what each says on TensorFlow."""
    folder, expected = tmp_path_factory.mktemp("models"), {}
    rng = np.random.Generator(np.random.PCG64(11))
    outputs = ["softmax", "sigmoid", "linear"]
    for number, (name, small) in enumerate(SMALL.items()):
        inputs = [networks.Input(**{"signature": {}, **entry}) for entry in small.inputs]
        network = {"name": name, **small.options}
        # Many convolutions of large weights would drive a softmax to its ends.
        output = {"space": "space", "picture-cnn": "linear", "resnet": "linear"}.get(name, outputs[number % 3])
        model = networks.build(name, inputs, network=network, output=output, n_outputs=N_OUTPUTS)
        make_far_from_nothing(model, rng)
        x = example(model, rng)
        expected[name] = np.array(model(x if len(x) > 1 else x[0], training=False))
        model_files.save(model, folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", *x)
    return folder, expected


def run_on(backend: str, script: str, folder: Path) -> list[str]:
    """Run a script on another backend; give the lines that it prints."""
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed here: `pip install {backend}`")
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(SCRIPTS),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # so small, models take longer to compile than to run
    }
    done = subprocess.run(
        [sys.executable, "-c", script, folder], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.backend
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_file_gives_the_same_outputs_on_another_backend(
    made: tuple[Path, dict[str, np.ndarray]], networks: ModuleType, backend: str
) -> None:
    folder, expected = made
    assert run_on(backend, ELSEWHERE, folder)[-1] == backend
    for name, output in expected.items():
        found = np.load(folder / f"{name}.npy")
        assert np.ptp(output, axis=0).max() > 0.01, f"{name} says nearly the same of everything"
        assert np.abs(found - output).max() <= 1e-5, name


@pytest.mark.backend
@pytest.mark.skipif("TARTARUS_BACKENDS" not in os.environ, reason="it compiles for a minute: make test-backends")
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_network_is_trained_on_another_backend(made: tuple[Path, dict[str, np.ndarray]], backend: str) -> None:
    folder, expected = made
    courses = {name: list(map(float, losses)) for name, *losses in map(str.split, run_on(backend, LEARNING, folder))}
    assert courses.keys() == expected.keys()
    for name, losses in courses.items():
        assert np.isfinite(losses).all(), name
        # So few steps with dropout need not lead downhill, but every one must lead elsewhere.
        assert len(set(losses)) == len(losses) == 4, (name, losses)
