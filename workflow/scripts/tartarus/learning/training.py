"""Training a model: standardisation, early stopping, the course of the losses."""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import replacing
from tartarus.base.logs import log
from tartarus.features import store
from tartarus.features.store import Patches, Vectors, Vocabulary
from tartarus.learning import networks, optimizers
from tartarus.learning.batches import Batches, align
from tartarus.learning.checkpoints import Checkpoint
from tartarus.learning.losses import LOSSES
from tartarus.learning.pairs import Pairs
from tartarus.plan.feature_kinds import kind_of


def describe(
    names: Sequence[str], features: Sequence[Vectors | Patches], vocabularies: dict[str, Vocabulary]
) -> list[networks.Input]:
    """Describe the training features to the network.

    Parameters
    ----------
    names : sequence of str
        Of the features.
    features : sequence of Vectors or Patches
        The training features. Mean and variance of those that are to be standardised are computed in one pass.
    vocabularies : dict
        Name to words and weights, for features made from words.

    Returns
    -------
    list of Input
    """
    inputs = []
    for name, entry in zip(names, features, strict=True):
        words, weights = vocabularies.get(name, (None, None))
        moments = store.moments(entry) if kind_of(name).is_standardised else None
        inputs.append(networks.Input(name, entry.shape, entry.signature, words, weights, moments, len(entry.index)))
    return inputs


def train(
    model: keras.Model,
    features: dict[str, Sequence[Vectors | Patches]],
    index: dict[str, list[str]],
    y: dict[str, np.ndarray],
    options: dict[str, Any],
    *,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> list[dict[str, float]]:
    """Train a model until it no longer improves on the validation set; its best weights are kept.

    Parameters
    ----------
    model : keras.Model
        As built by `networks.build`.
    features, index, y : dict
        For ``train`` and ``val``: the inputs, all ids of the set, and the ground truth in their order
        [shape=(n_items, n_outputs)].
    options : dict
        Of the experiment: `loss`, `output`, `optimizer`, `batch_size`, `epochs`, `patience`; and `output_bias`, if the
        biases of the output are to begin from the shares of the classes.
    seed : int
        Of the order of the samples, and of the items of other classes that a space is learned from.
    checkpoint : Checkpoint, optional
        Where the state of the training is kept, so that one that was killed is taken up again.

    Returns
    -------
    list of dict
        For each epoch its number, the losses, and the accuracies where the output is softmax.

    Raises
    ------
    TartarusError
        If the ground truth does not fit the index, or the loss is not finite.
    """
    batches = {
        set_: _batches(features[set_], index[set_], y[set_], options, seed, shuffled=set_ == "train")
        for set_ in ("train", "val")
    }
    softmax = options["output"] == "softmax"
    if options.get("output_bias") == "shares":
        _begin_from_shares(model, y["train"], softmax=softmax)
    model.compile(
        optimizer=optimizers.make(options["optimizer"]),
        loss=LOSSES[options["loss"]],
        metrics=["categorical_accuracy"] if softmax else [],
    )
    stop = keras.callbacks.EarlyStopping(
        monitor="val_categorical_accuracy" if softmax else "val_loss",
        mode="max" if softmax else "min",
        patience=options["patience"],
        restore_best_weights=True,
    )
    report = _Report(options["epochs"], "the loss is no longer finite; lower optimizer: learning_rate")
    done, last = checkpoint.attach(stop, epochs=options["epochs"]) if checkpoint else ([], options["epochs"])
    course = _fit(model, batches, [stop, report, *([checkpoint] if checkpoint else [])], done, last)
    log.info("best epoch %d of %d", stop.best_epoch + 1, len(course))
    return course


def _begin_from_shares(model: keras.Model, y: np.ndarray, *, softmax: bool) -> None:
    """Let the output begin with what is known without any feature: how often each class is.

    Else hundreds of steps go by until all classes are thought as rare as they are.

    Source: T. Lin et al., Focal loss for dense object detection, 2017, section 3.3; here with each class's own share.
    """
    share = (y.sum(axis=0) + 0.5) / (len(y) + 1)  # never 0 or 1
    model.get_layer("output").bias.assign(np.log(share) if softmax else np.log(share / (1 - share)))


def _fit(
    model: keras.Model,
    batches: dict[str, Batches],
    callbacks: Sequence[keras.callbacks.Callback],
    done: Sequence[dict[str, float]],
    last: int,
) -> list[dict[str, float]]:
    """Go on from the epochs that are done; `Model.fit` takes a third more time to hand batches from files on."""
    course = list(done)
    steps = {"train": model.train_on_batch, "val": model.test_on_batch}
    watching = keras.callbacks.CallbackList(callbacks, model=model)
    model.stop_training = False
    watching.on_train_begin()
    while len(course) < last and not model.stop_training:
        number = len(course) + 1
        batches["train"].start_epoch(number)
        found = {set_: _means(step, batches[set_]) for set_, step in steps.items()}
        values = found["train"] | {f"val_{name}": value for name, value in found["val"].items()}
        course.append({"epoch": number, **values})
        watching.on_epoch_end(number - 1, values)
    watching.on_train_end()
    return course


def _means(step: Callable[..., dict[str, float]], batches: Batches) -> dict[str, float]:
    """Take a step with every batch; average what each tells over the samples."""
    sums: dict[str, float] = defaultdict(float)
    for x, y in batches:
        for name, value in step(x, y, return_dict=True).items():
            sums[name] += float(value) * len(y)
    return {name: value / len(batches.order) for name, value in sums.items()}


def _batches(
    features: Sequence[Vectors | Patches],
    index: Sequence[str],
    y: np.ndarray,
    options: dict[str, Any],
    seed: int,
    *,
    shuffled: bool,
) -> Batches:
    if len(y) != len(index):
        raise TartarusError(f"{len(y)} rows of ground truth for {len(index)} ids; delete data/splits and run again")
    ids, item, rows = align(features, index)
    place = {id_: row for row, id_ in enumerate(index)}
    y_rows = np.array([place[id_] for id_ in ids])[item]
    how = {"batch_size": options["batch_size"], "seed": seed if shuffled else None}
    if options["output"] == "space":
        return Pairs(features, rows, y, y_rows, **how, negatives_seed=seed)
    return Batches(features, rows, y, y_rows, **how)


class _Report(keras.callbacks.Callback):
    """Log every epoch, with an estimate of the time to go, and stop at a loss that is not finite."""

    def __init__(self, epochs: int, remedy: str) -> None:
        super().__init__()
        self.epochs, self.remedy = epochs, remedy
        self.start = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = dict(logs or {})
        if not all(np.isfinite(value) for value in values.values()):
            raise TartarusError(f"epoch {epoch + 1}: {values}: {self.remedy}")
        gone = time.monotonic() - self.start
        left = gone / (epoch + 1) * (self.epochs - epoch - 1)
        shown = ", ".join(f"{name} {value:.4f}" for name, value in values.items())
        log.info("epoch %d of %d: %s; %.0f s gone, at most %.0f s to go", epoch + 1, self.epochs, shown, gone, left)


def write_history(path: str | Path, history: Sequence[dict[str, float]]) -> None:
    """Write the course of the training as CSV, a row for each epoch."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
