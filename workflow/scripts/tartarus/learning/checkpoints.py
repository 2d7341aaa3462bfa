"""Taking a training up again where a kill or a power cut has ended it, with the same outcome to the last bit.

A checkpoint holds all that the next epochs depend on: weights, the states of optimiser and dropout, the best weights so
far, how long ago they were found, and the losses. It lies beside the model, under
a name that Snakemake, which deletes what a killed job has begun, does not know.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tartarus.base import arrays
from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.base.logs import log

EVERY = 60.0  # seconds, at least, from one to the next: the shortest trainings, which lose little, write none


class Checkpoint(keras.callbacks.Callback):
    """Write the state of a training from time to time, and take it up.

    Parameters
    ----------
    path : str or Path
        The file.
    identity : str
        A digest of all that the training depends on: what another training has left is not taken up.
    every : float
        Seconds from one writing to the next, at least.
    """

    def __init__(self, path: str | Path, identity: str, *, every: float = EVERY) -> None:
        super().__init__()
        self.path, self.identity, self.every = Path(path), identity, every
        self.course: list[dict[str, float]] = []
        self._head: dict[str, Any] = {}
        self._state: dict[str, np.ndarray] = {}
        self._last = time.monotonic()

    def attach(self, stop: keras.callbacks.EarlyStopping, *, epochs: int) -> tuple[list[dict[str, float]], int]:
        """Name what else has a state; tell the course of what is done already, and after how many epochs it ends."""
        self._stop = stop
        if self.path.is_file():
            self._read()
        has_stopped = bool(self._state) and self._head["wait"] >= stop.patience
        return self.course, len(self.course) if has_stopped else epochs

    def _read(self) -> None:
        try:
            state = arrays.read_arrays(self.path)
            head = json.loads(str(state.pop("head")))
            if head["identity"] != self.identity:
                raise TartarusError(f"{self.path}: of a training with other inputs or options")
        except (TartarusError, KeyError, ValueError) as error:
            log.info("not taken up: %s", error)
            return
        self.course, self._head, self._state = head["course"], head, state
        log.info("taken up after epoch %d, from %s", len(self.course), self.path)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Put the state in place; early stopping has just forgotten its own."""
        if not self._state:
            return
        for number, variable in enumerate(self._variables()):
            variable.assign(self._state[f"v{number}"])
        self._stop.best, self._stop.wait = self._head["best"], self._head["wait"]
        self._stop.best_epoch = self._head["best_epoch"]
        self._stop.best_weights = [self._state[f"b{number}"] for number in range(self._head["n_best"])] or None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the state, if the last writing is long ago."""
        self.course.append({"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}})
        if time.monotonic() - self._last >= self.every:
            self._write()
            self._last = time.monotonic()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Write the last state of what took long: the job may be killed while it trains other seeds."""
        if self.path.is_file():
            self._write()

    def _write(self) -> None:
        best = self._stop.best_weights or []
        head = {
            "identity": self.identity,
            "course": self.course,
            "best": None if self._stop.best is None else float(self._stop.best),
            "wait": self._stop.wait,
            "best_epoch": self._stop.best_epoch,
            "n_best": len(best),
        }
        state: dict[str, Any] = {f"v{number}": _plain(value) for number, value in enumerate(self._variables())}
        state |= {f"b{number}": _plain(weights) for number, weights in enumerate(best)}
        arrays.write_arrays(self.path, head=np.array(json.dumps(head)), **state)

    def _variables(self) -> list[keras.Variable]:
        """List what a training changes: weights, the seeds of dropout, and what the optimiser remembers."""
        passing = {id(variable) for variable in self.model.metrics_variables}
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        own = [variable for variable in self.model.variables if id(variable) not in passing]
        return own + list(self.model.optimizer.variables)


def _plain(value: Any) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(value))


def beside(model: str | Path, depends_on: Any) -> Checkpoint:
    """Keep the checkpoint of a training beside its model; `depends_on` is all that decides the outcome."""
    path = Path(model)
    return Checkpoint(path.with_name(".checkpoint.npz"), digest([path.parent.name, depends_on]))


def remove(checkpoints: Sequence[Checkpoint]) -> None:
    """Remove the checkpoints of a job, once all its trainings are over.

    Not one by one: Snakemake deletes all models of a job that was killed at its last.
    """
    for checkpoint in checkpoints:
        checkpoint.path.unlink(missing_ok=True)
