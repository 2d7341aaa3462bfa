"""What models are trained on: features and ground truth of the sets for training and validation, opened."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from tartarus.base.arrays import read_array
from tartarus.base.files import read_lines
from tartarus.features import store
from tartarus.features.sound import redrawn
from tartarus.items.dividing import rows_of_set
from tartarus.learning import networks, training

Files = Mapping[str, Sequence[str]]
# What `open_material` is given of each fold.
FILES = ("train", "val", "vocabularies", "index_train", "index_val", "y_train", "y_val")


@dataclass(frozen=True)
class Material:
    """What a training is given.

    Attributes
    ----------
    inputs : list of Input
        What the network has to know of the training features.
    features, index, y : dict
        For ``train`` and ``val``: the inputs, all ids of the set, and the ground truth in their order; see
        `training.train`.
    """

    inputs: list[networks.Input]
    features: dict[str, list[Any]]
    index: dict[str, list[str]]
    y: dict[str, np.ndarray]


def open_material(
    stack: ExitStack,
    files: Files,
    names: Sequence[str],
    *,
    options: Mapping[str, Any],
    spectrograms: Sequence[str] = (),
    padding: str = "floor",
    of_fold: bool = False,
) -> Material:
    """Open the files that models are trained on.

    Parameters
    ----------
    stack : ExitStack
        Which closes them.
    files : mapping
        By `FILES`: of `train` and `val` one for each of the features; `vocabularies`; of each other one.
    names : sequence of str
        Of the features.
    options : mapping
        Of the experiment: `validation`, see `tartarus.items.dividing.rows_of_set`; `standardise`, see
        `training.describe`; and `learn_from`, by which the items for training may be those for validation, too.
    spectrograms, padding
        From which patches for training are drawn anew in every epoch, if they are; see `redrawn.redrawn`.
    of_fold : bool
        Whether a file may hold features of items of other sets too, of which nothing is to be learned.
    """
    features: dict[str, list[Any]] = {}
    index, y = {}, {}
    for set_ in ("train", "val"):
        (ids_file,), (truth,) = files[f"index_{set_}"], files[f"y_{set_}"]
        ids = read_lines(ids_file)
        rows = rows_of_set(set_, len(ids), validation=options["validation"])
        index[set_] = ids[rows]
        y[set_] = read_array(truth, mapped=True)[rows]
        features[set_] = [stack.enter_context(store.open_features(path)) for path in files[set_]]
    if options.get("learn_from") == "all":
        index["train"] = [*index["train"], *index["val"]]
        y["train"] = np.concatenate([y["train"], y["val"]])
        pairs = zip(features["train"], features["val"], strict=True)
        # Of a fold both are in one file.
        features["train"] = [one if one.path == other.path else store.Stacked([one, other]) for one, other in pairs]
    features["train"] = redrawn.redrawn(features["train"], spectrograms, pad=padding)
    inputs = training.describe(
        names,
        [store.Selected(entry, set(index["train"])) for entry in features["train"]] if of_fold else features["train"],
        store.read_vocabularies(files["vocabularies"], names),
        standardise=options.get("standardise", False),
    )
    return Material(inputs, features, index, y)
