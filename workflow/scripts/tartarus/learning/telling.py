"""What is told of a training while it goes on: lines of the log and, if asked for, files for TensorBoard."""

import time
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.learning import backend
from tartarus.learning.checkpoints import Checkpoint

FOLDER = Path("logs/tensorboard")


class Report(keras.callbacks.Callback):
    """Log every epoch, with an estimate of the time to go, and stop at a loss that is not finite.

    Parameters
    ----------
    epochs : int
        How many there are at most.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs, self.start = epochs, time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Tell the values of an epoch; TartarusError if one of them is not finite."""
        values = dict(logs or {})
        if not all(np.isfinite(value) for value in values.values()):
            remedy = "the loss is no longer finite; lower optimizer: learning_rate"
            raise TartarusError(f"epoch {epoch + 1}: {values}: {remedy}")
        gone = time.monotonic() - self.start
        left = gone / (epoch + 1) * (self.epochs - epoch - 1)
        shown = ", ".join(f"{name} {value:.4f}" for name, value in values.items())
        log.info("epoch %d of %d: %s; %.0f s gone, at most %.0f s to go", epoch + 1, self.epochs, shown, gone, left)


class Board(keras.callbacks.Callback):
    """Write the values of every epoch for TensorBoard: ``train`` and ``validation`` are two curves of one picture.

    No result depends on these files.

    Parameters
    ----------
    folder : str or Path
        Of this training; what an earlier one has left there is replaced.
    checkpoint : Checkpoint
        What knows the epochs that are done, where a training is taken up again.
    """

    def __init__(self, folder: str | Path, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.folder, self.checkpoint = Path(folder), checkpoint

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin the files with what is done."""
        self._files = {side: self._begun(side) for side in ("train", "validation")}
        for number, values in enumerate(self.checkpoint.course):
            self.on_epoch_end(number, {name: value for name, value in values.items() if name != "epoch"})

    def _begun(self, side: str) -> backend.EventFile:
        path = self.folder / side / "events.out.tfevents"
        path.parent.mkdir(parents=True, exist_ok=True)
        return backend.EventFile(path, time.time())

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the values of an epoch."""
        values = logs or {}
        parts = {
            "train": {name: value for name, value in values.items() if not name.startswith("val_")},
            "validation": {name[4:]: value for name, value in values.items() if name.startswith("val_")},
        }
        for side, part in parts.items():
            self._files[side].write(epoch + 1, part, time.time())

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def board_of(model: str | Path, checkpoint: Checkpoint) -> Board:
    """Make the board of a training, by the name of its model: data/models/x/model.keras is in logs/tensorboard/x."""
    return Board(FOLDER / Path(model).parent.relative_to("data/models"), checkpoint)
