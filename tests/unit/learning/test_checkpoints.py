"""A training that was killed is taken up again, and ends as if nothing had happened."""

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.paths import SCRIPTS

# Trains a small network with dropout; kills itself after an epoch if there is a third argument.
TRAINING = """
import json, os, signal, sys
from pathlib import Path
import numpy as np
from tartarus.base import logs
from tartarus.learning import backend
folder, options = Path(sys.argv[1]), json.loads(sys.argv[2])
backend.start(threads=1)
import keras
from tartarus.features.store import open_features
from tartarus.learning import checkpoints, model_files, networks, training
features = {set_: [open_features(folder / f"{set_}.npz")] for set_ in ("train", "val")}
index = {set_: features[set_][0].index.tolist() for set_ in features}
y = {set_: np.load(folder / f"y_{set_}.npy") for set_ in features}
backend.seed(3)
inputs = training.describe(["x"], features["train"], {})
network = {"name": "mlp", "dense": [8], "dropout": 0.5}
model = networks.build("x", inputs, network=network, output="softmax", n_outputs=3)
checkpoint = checkpoints.Checkpoint(folder / ".checkpoint.npz", options.pop("identity"), every=0)
if len(sys.argv) > 3:
    write, last = checkpoint._write, int(sys.argv[3])
    def write_and_die():
        write()
        if len(checkpoint.course) == last:
            os.kill(os.getpid(), signal.SIGKILL)
    checkpoint._write = write_and_die
course = training.train(model, features, index, y, options, seed=3, checkpoint=checkpoint)
model_files.save(model, folder / "model.keras")
training.write_history(folder / "history.csv", course)
"""
OPTIONS: dict[str, Any] = {
    "loss": "categorical_crossentropy",
    "output": "softmax",
    "optimizer": {"name": "adam", "learning_rate": 0.03},
    "batch_size": 4,
    "epochs": 7,
    "patience": 50,
    "identity": "one",
}


def world(folder: Path) -> Path:
    """Write 24 training and 12 validation items, whose classes show."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    for set_, count in (("train", 24), ("val", 12)):
        truth = np.eye(3)[np.arange(count) % 3]
        values = (truth + rng.normal(scale=0.7, size=truth.shape)).astype(np.float32)
        np.savez(folder / f"{set_}.npz", features=values, index=np.array([f"{set_}{n}" for n in range(count)]))
        np.save(folder / f"y_{set_}.npy", truth)
    return folder


def train(folder: Path, options: dict[str, Any], *, die_after: int | None = None) -> None:
    more = [] if die_after is None else [str(die_after)]
    command = [sys.executable, "-c", TRAINING, str(folder), json.dumps(options), *more]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (-signal.SIGKILL if more else 0), done.stderr


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nobody kills."""
    folder = world(tmp_path_factory.mktemp("undisturbed") / "x")
    train(folder, OPTIONS)
    return folder


def test_a_training_that_was_killed_twice_ends_with_the_same_bytes(tmp_path: Path, undisturbed: Path) -> None:
    folder = world(tmp_path / "x")
    train(folder, OPTIONS, die_after=2)
    assert not (folder / "model.keras").exists()
    train(folder, OPTIONS, die_after=5)
    train(folder, OPTIONS)
    for name in ("model.keras", "history.csv"):
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes(), name
    assert len((folder / "history.csv").read_text().splitlines()) == 1 + OPTIONS["epochs"]


def test_with_a_schedule_and_a_monitor_too(tmp_path: Path) -> None:
    optimizer = {"name": "adam", "learning_rate": 0.05, "schedule": "plateau", "weight_decay": 0.01}
    more = {
        "monitor": "loss",
        "label_smoothing": 0.1,
        "patience": 4,
        "optimizer": optimizer,
        "class_weights": "balanced",
    }
    whole, killed = world(tmp_path / "whole"), world(tmp_path / "killed")
    train(whole, {**OPTIONS, **more})
    train(killed, {**OPTIONS, **more}, die_after=3)
    train(killed, {**OPTIONS, **more})
    for name in ("model.keras", "history.csv"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_training_that_was_over_is_not_trained_further(tmp_path: Path, undisturbed: Path) -> None:
    folder = world(tmp_path / "x")
    (folder / ".checkpoint.npz").write_bytes((undisturbed / ".checkpoint.npz").read_bytes())
    train(folder, OPTIONS)
    assert (folder / "model.keras").read_bytes() == (undisturbed / "model.keras").read_bytes()
    assert (folder / "history.csv").read_bytes() == (undisturbed / "history.csv").read_bytes()


def test_another_training_s_is_not_taken_up(tmp_path: Path, undisturbed: Path) -> None:
    folder = world(tmp_path / "x")
    (folder / ".checkpoint.npz").write_bytes((undisturbed / ".checkpoint.npz").read_bytes())
    train(folder, {**OPTIONS, "epochs": 3, "identity": "two"})
    assert len((folder / "history.csv").read_text().splitlines()) == 1 + 3


def test_a_damaged_one_is_not_taken_up(keras: ModuleType, tmp_path: Path, undisturbed: Path) -> None:
    checkpoints = importlib.import_module("tartarus.learning.checkpoints")
    for data in (b"", b"no checkpoint", (undisturbed / ".checkpoint.npz").read_bytes()[:-500]):
        (tmp_path / "c.npz").write_bytes(data)
        checkpoint = checkpoints.Checkpoint(tmp_path / "c.npz", "one")
        assert checkpoint.attach(keras.callbacks.EarlyStopping(), epochs=9) == ([], 9)
