"""What TensorBoard is given: the losses of every epoch, also of those before a training was killed."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tartarus.learning import backend


@pytest.fixture
def checkpoint(keras: ModuleType, tmp_path: Path) -> Any:
    from tartarus.learning.checkpoints import Checkpoint

    return Checkpoint(tmp_path / ".checkpoint.npz", "one")


def events(path: Path) -> list[tuple[int, dict[str, float]]]:
    """Read the file as TensorFlow does, with the checksums of its records."""
    import tensorflow as tf

    records = [tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]
    assert records[0].file_version == "brain.Event:2"
    assert all(record.wall_time > 1.7e9 for record in records)
    return [(one.step, {value.tag: value.simple_value for value in one.summary.value}) for one in records[1:]]


def test_a_training_writes_every_epoch_and_learns_the_same(
    networks: ModuleType, training: ModuleType, vector_file: Any, checkpoint: Any, tmp_path: Path
) -> None:
    from tartarus.features import store
    from tartarus.learning import telling

    rng = np.random.default_rng(1)
    y = np.eye(2)[rng.integers(2, size=12)]
    path = vector_file(rng.standard_normal((12, 3)), [f"S{number}" for number in range(12)], kind="mine")
    features = {set_: [store.open_features(path)] for set_ in ("train", "val")}
    index = {set_: [f"S{number}" for number in range(12)] for set_ in ("train", "val")}
    options = {"loss": "categorical_crossentropy", "output": "softmax", "optimizer": {"name": "adam"}}
    options |= {"batch_size": 4, "epochs": 3, "patience": 9}
    courses = []
    for board in (None, telling.Board(tmp_path / "board", checkpoint)):
        backend.seed(1)
        inputs = training.describe(["mine"], features["train"], {})
        model = networks.build("x", inputs, network={"name": "mlp", "dense": [2]}, output="softmax", n_outputs=2)
        courses.append(training.train(model, features, index, {"train": y, "val": y}, options, seed=1, board=board))
    assert courses[0] == courses[1]
    for side, prefix in (("train", ""), ("validation", "val_")):
        found = events(tmp_path / "board" / side / "events.out.tfevents")
        assert [step for step, _ in found] == [1, 2, 3]
        for (_, values), row in zip(found, courses[1], strict=True):
            assert values == pytest.approx({name: row[prefix + name] for name in ("loss", "categorical_accuracy")})


def test_the_epochs_before_a_kill_come_first_and_an_older_file_is_replaced(checkpoint: Any, tmp_path: Path) -> None:
    from tartarus.learning.telling import Board

    for losses in ([3.0, 2.0], [1.0]):
        checkpoint.course = [{"epoch": 1, "loss": losses[0], "val_loss": 5.0}]
        board = Board(tmp_path / "board", checkpoint)
        board.on_train_begin()
        for number, loss in enumerate(losses[1:], start=1):
            board.on_epoch_end(number, {"loss": loss, "val_loss": 4.0})
        board.on_train_end()
    assert events(tmp_path / "board/train/events.out.tfevents") == [(1, {"loss": 1.0})]
    assert events(tmp_path / "board/validation/events.out.tfevents") == [(1, {"loss": 5.0})]


def test_the_files_of_a_model_have_its_name(checkpoint: Any) -> None:
    from tartarus.learning import telling

    board = telling.board_of("data/models/demo/dummy_audio/fold-2/seed-1/model.keras", checkpoint)
    assert board.folder == Path("logs/tensorboard/demo/dummy_audio/fold-2/seed-1")
