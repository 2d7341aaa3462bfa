"""The start of Keras, and seeds."""

import os
import random
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest
from tartarus.learning import backend

from tests.paths import SCRIPTS


def test_a_second_start_does_no_harm(keras: ModuleType) -> None:
    backend.start(threads=1)
    assert keras.ops.convert_to_numpy(keras.ops.sum(keras.ops.ones(3))) == 3


def test_a_seed_reaches_python_numpy_and_the_backend(keras: ModuleType) -> None:
    def drawn(seed: int) -> tuple[float, float, bytes]:
        backend.seed(seed)
        values = keras.random.normal((4,))
        return random.random(), np.random.random(), np.array(values).tobytes()  # noqa: NPY002, S311

    one, again, other = drawn(1), drawn(1), drawn(2)
    assert one == again
    assert all(first != second for first, second in zip(one, other, strict=True))


def test_layers_are_named_anew_after_a_seed(keras: ModuleType) -> None:
    names = set()
    for _ in range(2):
        backend.seed(1)
        names.add(keras.layers.Dense(1).name)
    assert names == {"dense"}


def test_what_keras_was_not_to_import_can_be_imported_afterwards(keras: ModuleType) -> None:
    import matplotlib as mpl
    import pandas as pd
    import sklearn

    assert all(module.__version__ for module in (mpl, pd, sklearn))


# Trains networks whose sums are split among threads, on the cores that it may use; prints a digest of the weights.
TRAINING = """
import hashlib, os, sys
if cores := sys.argv[1:]:
    os.sched_setaffinity(0, map(int, cores))
from tartarus.learning import backend
backend.start(threads=8)
import numpy as np
from tartarus.learning import networks, optimizers
rng = np.random.default_rng(1)
shapes = {"cnn": (1, 80, 96), "mlp": (3000,), "text-cnn": (60,)}
options = {
    "cnn": {"filters": [32, 64], "kernels": [[4, 70], [4, 6]], "pools": [[4, 4], [4, 1]], "dropout": 0.5},
    "mlp": {"dense": [512, 512], "dropout": 0.5},
    "text-cnn": {},
}
words = ([str(number) for number in range(500)], rng.normal(size=(500, 100)))
for name, shape in shapes.items():
    backend.seed(4)
    given = words if name == "text-cnn" else (None, None)
    moments = (np.zeros(shape), np.ones(shape)) if name == "cnn" else None
    made = networks.Input("x", shape, {}, *given, moments)
    network = {"name": name, **options[name]}
    model = networks.build(name, [made], network=network, output="sigmoid", n_outputs=200)
    model.compile(optimizer=optimizers.make({"name": "adam", "learning_rate": 0.001}), loss="binary_crossentropy")
    for _ in range(4):
        x = rng.integers(500, size=(32, *shape)) if name == "text-cnn" else rng.normal(size=(32, *shape))
        model.train_on_batch(x.astype("int32" if name == "text-cnn" else "float32"), rng.random((32, 200)) < 0.1)
    print(name, hashlib.sha256(b"".join(weight.tobytes() for weight in model.get_weights())).hexdigest())
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux lets a test choose the cores of a process")
def test_one_core_and_many_learn_the_same_bits() -> None:
    all_cores = sorted(os.sched_getaffinity(0))
    if len(all_cores) == 1:
        pytest.skip("this machine has one core")
    found = []
    for cores in ([], all_cores[:1], all_cores[-2:]):
        command = [sys.executable, "-c", TRAINING, *map(str, cores)]
        environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found.append(done.stdout.splitlines())
    assert [line.split()[0] for line in found[0]] == ["cnn", "mlp", "text-cnn"]
    assert found[1] == found[0]
    assert found[2] == found[0]


def test_a_gpu_that_is_not_there_is_missed_by_name() -> None:
    command = "from tartarus.learning import backend; backend.start(threads=1, device='gpu')"
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "device: gpu, but tensorflow finds none: install its build with CUDA" in done.stderr
