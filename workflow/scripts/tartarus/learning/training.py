"""Training a model: standardisation, early stopping, the course of the losses."""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import replacing
from tartarus.base.logs import log
from tartarus.features import store
from tartarus.features.store import Features, Patches, Vectors, Vocabulary
from tartarus.learning import monitors, networks, optimizers
from tartarus.learning.augmentation import Augmented
from tartarus.learning.batches import Batches, align
from tartarus.learning.checkpoints import Checkpoint
from tartarus.learning.losses import LOSSES, balanced
from tartarus.learning.pairs import Pairs
from tartarus.learning.prediction import mean_by_item
from tartarus.learning.telling import Report
from tartarus.plan.feature_kinds import are_standardised


def describe(
    names: Sequence[str],
    features: Sequence[Features],
    vocabularies: dict[str, Vocabulary],
    *,
    standardise: bool = False,
) -> list[networks.Input]:
    """Describe the training features to the network.

    Parameters
    ----------
    names : sequence of str
        Of the features.
    features : sequence of Features
        The training features. Mean and variance of those that are to be standardised are computed in one pass.
    vocabularies : dict
        Name to words and weights, for features made from words.
    standardise : bool
        Whether all that can be are to be standardised, not only those that always are.

    Returns
    -------
    list of Input
    """
    inputs = []
    for name, entry in zip(names, features, strict=True):
        words, weights = vocabularies.get(name, (None, None))
        moments = store.moments(entry) if are_standardised(name, if_possible=standardise) else None
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
    board: keras.callbacks.Callback | None = None,
) -> list[dict[str, float]]:
    """Train a model until it no longer improves on the validation set; its best weights are kept, or the last.

    Parameters
    ----------
    model : keras.Model
        As built by `networks.build`.
    features, index, y : dict
        For ``train`` and ``val``: the inputs, all ids of the set, and the ground truth in their order
        [shape=(n_items, n_outputs)].
    options : dict
        Of the experiment: `loss`, `output`, `optimizer`, `batch_size`, `epochs`, `patience`; and if they are asked for
        `monitor`, `min_delta`, `keep`, `class_weights`, `label_smoothing`, `augmentation`; and `output_bias`, if the
        biases of the output are to begin from the shares of the classes.
    seed : int
        Of the order of the samples, and of the items of other classes that a space is learned from.
    checkpoint : Checkpoint, optional
        Where the state of the training is kept, so that one that was killed is taken up again.
    board : Callback, optional
        What is told of every epoch, too.

    Returns
    -------
    list of dict
        For each epoch its number, the losses, and the accuracies where the output is softmax. With `monitor` those of
        the validation set are of items, each by the mean of its patches; else of patches.

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
    loss = LOSSES[options["loss"]]
    learned = loss
    if options.get("class_weights") == "balanced":
        learned = balanced(options["loss"], batches["train"].truth())
    model.compile(
        optimizer=optimizers.make(options["optimizer"]),
        loss=learned,
        metrics=["categorical_accuracy"] if softmax else [],
    )
    watched = monitors.watched(options)
    validate = partial(_means, model.test_on_batch, batches["val"])
    if "monitor" in options:
        validate = partial(_of_items, model, batches["val"], keras.losses.get(loss), options)
    keeps_best = options.get("keep", "best") == "best"
    stop = keras.callbacks.EarlyStopping(
        monitor=watched,
        mode="min" if watched == "val_loss" else "max",
        min_delta=options.get("min_delta", 0),
        patience=options["patience"],
        restore_best_weights=keeps_best,
    )
    report = Report(options["epochs"])
    epochs = options["epochs"] if model.trainable_weights else 1
    done, last = checkpoint.attach(stop, epochs=epochs) if checkpoint else ([], epochs)
    callbacks = [stop, report, *filter(None, (checkpoint, board))]
    course = _fit(model, batches["train"], validate, callbacks, done, last, options)
    what = "" if keeps_best else "; the weights of the last are kept"
    log.info("best epoch %d of %d%s", stop.best_epoch + 1, len(course), what)
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
    batches: Batches,
    validate: Callable[[], dict[str, float]],
    callbacks: Sequence[keras.callbacks.Callback],
    done: Sequence[dict[str, float]],
    last: int,
    options: dict[str, Any],
) -> list[dict[str, float]]:
    """Go on from the epochs that are done; `Model.fit` takes a third more time to hand batches from files on."""
    step = model.train_on_batch if model.trainable_weights else model.test_on_batch  # a mean has nothing to learn
    course = list(done)
    watching = keras.callbacks.CallbackList(callbacks, model=model)
    model.stop_training = False
    watching.on_train_begin()
    while len(course) < last and not model.stop_training:
        number = len(course) + 1
        batches.start_epoch(number)
        if "schedule" in options["optimizer"]:
            model.optimizer.learning_rate = _rate(course, options)
        values = _means(step, batches)
        values |= {f"val_{name}": value for name, value in validate().items()}
        course.append({"epoch": number, **values})
        watching.on_epoch_end(number - 1, values)
    watching.on_train_end()
    return course


def _rate(course: Sequence[dict[str, float]], options: dict[str, Any]) -> float:
    """Tell the learning rate of the next epoch, by what has been watched so far."""
    watched = monitors.watched(options)
    values = [epoch[watched] if watched == "val_loss" else -epoch[watched] for epoch in course]
    return optimizers.rate(options["optimizer"], values, epochs=options["epochs"], patience=options["patience"])


def _of_items(
    model: keras.Model, batches: Batches, loss: Callable[[Any, Any], Any], options: dict[str, Any]
) -> dict[str, float]:
    """Measure the mean outputs of the items of a set."""
    outputs = np.concatenate([model.predict_on_batch(x) for x, _ in batches])
    truth, item = batches.truth(), batches.items()
    scores, y = mean_by_item(outputs, item), mean_by_item(truth, item)
    found = {"loss": float(np.mean(keras.ops.convert_to_numpy(loss(y, scores))))}
    if options["monitor"] != "loss":
        found[options["monitor"]] = monitors.measure(options["monitor"], options)(y, scores)
    return found


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
    if shuffled and ("augmentation" in options or "label_smoothing" in options):
        smoothing, one_class = options.get("label_smoothing", 0), options["output"] == "softmax"
        varied = {"options": options.get("augmentation", {}), "smoothing": smoothing, "one_class": one_class}
        return Augmented(features, rows, y, y_rows, batch_size=options["batch_size"], seed=seed, **varied)
    return Batches(features, rows, y, y_rows, **how)


def write_history(path: str | Path, history: Sequence[dict[str, float]]) -> None:
    """Write the course of the training as CSV, a row for each epoch."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
