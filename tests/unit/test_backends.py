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


def worlds(networks: ModuleType, rng: np.random.Generator) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """One small model of every network: inputs and options."""

    def patches(frames: int, bins: int) -> Any:
        shape = (1, frames, bins)
        moments = (rng.normal(size=shape), rng.uniform(0.5, 2, size=shape))
        return networks.Input("patches_1_1", shape, {"type": "cqt"}, moments=moments)

    def vector(length: int, name: str = "bow") -> Any:
        return networks.Input(name, (length,), {"kind": name})

    ids = networks.Input("w2v", (7,), {"kind": "w2v"}, list("abcde"), rng.normal(size=(5, 4)).astype(np.float32))
    described = networks.Input(
        "patches_1_1", (9,), {"kind": "descriptors"}, moments=(rng.normal(size=9), rng.uniform(0.5, 2, size=9))
    )
    weighted = networks.Input("bow", (3,), {"kind": "bow"}, list("abc"), np.array([1.5, 2.5, 3.5]))
    stack = {"filters": [3, 2], "kernels": [[2, 3], [3, 1]], "pools": [[2, 1], [2, 2]]}
    return {
        "cnn": ([patches(20, 7)], {**stack, "dense": [4], "dropout": 0.5}),
        "multi-filter-cnn": (
            [patches(20, 8)],
            {"branches": [[1, 5, 2], [4, 4, 3]], "filters": [2], "kernels": [[3, 2]], "pools": [[2, 2], [2, 1]]},
        ),
        "cnn-with-features": ([vector(5), patches(20, 7)], {**stack, "units": 4}),
        "crnn": ([patches(22, 8)], {"filters": [3, 4], "pools": [[2, 2], [4, 2]], "units": [3, 4]}),
        "mlp": ([weighted], {"dense": [4, 3], "dropout": 0.5}),
        "mixed": ([described], {"units": 4, "dense": [3]}),
        "fusion": ([vector(4, "a"), vector(3, "b"), described], {"dense": [5]}),
        "late-fusion": ([vector(4, "a"), vector(3, "b")], {"dense": [5, 2], "dropout": 0.5}),
        "text-cnn": ([ids], {"filters": 3, "dense": 4}),
        "text-lstm": ([ids], {"units": 5}),
    }


def make_far_from_nothing(model: Any, rng: np.random.Generator) -> None:
    """Give every weight a value that shows in the output; those that a model starts with are tiny."""
    for weight in model.trainable_weights:
        weight.assign(rng.normal(scale=0.7, size=weight.shape))
    for weight in model.non_trainable_weights:
        if weight.name in ("moving_mean", "moving_variance"):
            weight.assign(rng.uniform(0.5, 2, size=weight.shape))


def example(model: Any, rng: np.random.Generator) -> list[np.ndarray]:
    return [
        rng.integers(0, 5, size=(ROWS, *door.shape[1:])).astype("int32")
        if door.dtype == "int32"
        else rng.normal(size=(ROWS, *door.shape[1:])).astype("float32")
        for door in model.inputs
    ]


@pytest.fixture(scope="module")
def made(
    networks: ModuleType, model_files: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, np.ndarray]]:
    """Save one model of every network with inputs; give the folder, and what each says on TensorFlow."""
    folder, expected = tmp_path_factory.mktemp("models"), {}
    rng = np.random.Generator(np.random.PCG64(7))
    outputs = ["softmax", "sigmoid", "linear"]
    for number, (name, (inputs, options)) in enumerate(worlds(networks, rng).items()):
        model = networks.build(name, inputs, network={"name": name, **options}, output=outputs[number % 3], n_outputs=4)
        make_far_from_nothing(model, rng)
        x = example(model, rng)
        expected[name] = np.array(model(x if len(x) > 1 else x[0], training=False))
        model_files.save(model, folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", *x)
    return folder, expected


@pytest.mark.backend
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_file_gives_the_same_outputs_on_another_backend(
    made: tuple[Path, dict[str, np.ndarray]], networks: ModuleType, backend: str
) -> None:
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed here: `pip install {backend}`")
    folder, expected = made
    assert set(expected) == set(networks.NETWORKS)
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(SCRIPTS),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # so small, models take longer to compile than to run
    }
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, folder], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == backend
    for name, output in expected.items():
        found = np.load(folder / f"{name}.npy")
        assert np.ptp(output, axis=0).max() > 0.01, f"{name} says nearly the same of everything"
        assert np.abs(found - output).max() <= 1e-5, name
