"""Trained models in memory, with all that leads to them from a file that nobody has labelled.

A model carries what its features were, and refuses others. A chain of models (sound -> patches -> layer -> fusion) is
read as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.features import store
from tartarus.features.sound.spectrograms import Transform
from tartarus.features.text import gazetteers
from tartarus.features.text.linking import Linker
from tartarus.learning import model_files, prediction
from tartarus.plan.config import Section
from tartarus.plan.feature_kinds import LAYER, SEM
from tartarus.use.hearing import Need, transform_of


@dataclass(frozen=True)
class Door:
    """What is to be made of a file: an input of a model, or the vectors of a dataset.

    Attributes
    ----------
    plan : dict
        As an input in `tartarus.plan.chains.chain`.
    signature : dict
        Of its features.
    vocabulary : tuple or None
        Of words: their vocabulary, and the inverse document frequencies, if they are weighed by these.
    source : Chain or None
        The models whose layer it takes.
    part : keras.Model or None
        The first of these, up to that layer.
    linker : Linker or None
        What finds names in texts, by the gazetteer of training.
    transform : callable or None
        What makes of samples the vectors that it takes; see `tartarus.use.hearing.transform_of`.
    features : Features or None
        What it is given of items that are in a dataset, as it is.
    """

    plan: Section
    signature: store.Signature
    vocabulary: store.Vocabulary | None = None
    source: "Chain | None" = None
    part: keras.Model | None = None
    linker: Linker | None = None
    transform: Transform | None = None
    features: store.Features | None = None

    def needs(self) -> Iterator[Need]:
        """Tell what is to be made of a file for it, through other models too."""
        if self.source:
            for door in self.source.doors:
                yield from door.needs()
        elif self.features is None:
            yield Need(self.plan, self.signature, self.transform)


@dataclass(frozen=True)
class Chain:
    """Trained models with the same inputs, one for each seed, and what leads to these.

    All that is needed of their files is read: a program may go to another folder.

    Attributes
    ----------
    paths : sequence of str
        Their files, for messages.
    weights : sequence of str
        The digests of their weights.
    models : sequence of keras.Model
    doors : sequence of Door
        Their inputs.
    factors : np.ndarray [shape=(n_classes, n_factors)] or None
        If they predict factors, those of the classes.
    """

    paths: Sequence[str]
    weights: Sequence[str]
    models: Sequence[keras.Model]
    doors: Sequence[Door]
    factors: np.ndarray | None = None

    @property
    def n_outputs(self) -> int:
        """Tell how many numbers a model gives for a file."""
        return prediction.width_of(self.models[0])

    def digest(self) -> str:
        """Tell the version of all models: of their weights, which is what they are."""
        inner = [door.source.digest() for door in self.doors if door.source]
        return digest([*self.weights, *inner])


def load(plan: Section, factors: np.ndarray | None = None) -> Chain:
    """Read the models of a chain; see `tartarus.plan.chains.chain`, and `Chain`."""
    models = [model_files.load(path) for path in plan["models"]]
    cards = [models[0].get_layer(door.name.replace("input", "card", 1)) for door in models[0].inputs]
    doors = [
        door_of(entry, card.signature, _vocabulary_of(card)) for entry, card in zip(plan["inputs"], cards, strict=True)
    ]
    weights = [model_files.weights_digest(path) for path in plan["models"]]
    return Chain(plan["models"], weights, models, doors, factors)


def _vocabulary_of(card: keras.layers.Layer) -> store.Vocabulary | None:
    if not card.words:
        return None
    return card.words, keras.ops.convert_to_numpy(card.weights_of_words) if card.n_weights else np.zeros(0)


def door_of(plan: Section, signature: store.Signature, vocabulary: store.Vocabulary | None = None) -> Door:
    """Read what makes an input of a chain, or the vectors of a dataset, of a file.

    Parameters
    ----------
    plan : dict
        As an input in `tartarus.plan.chains.chain`.
    signature, vocabulary
        As `Door` has them.

    Raises
    ------
    TartarusError
        If a model, a network or a gazetteer is not there, or another than in training.
    """
    if "file" in plan:
        return Door(plan, signature, features=store.open_features(plan["file"]))
    if plan["kind"] == LAYER.name:
        return to_layer(load(plan["source"]), plan["layer"], model=plan["model"])
    linker, transform = _linker(plan, signature), transform_of(plan, signature)
    return Door(plan, signature, vocabulary, linker=linker, transform=transform)


def to_vectors(plan: Section, features: str | Path, vocabularies: Sequence[str | Path] = ()) -> Door:
    """Read what makes of a file the vectors that a dataset has of its items.

    Parameters
    ----------
    plan : dict
        As an input in `tartarus.plan.chains.chain`.
    features : str or Path
        A file of these vectors: it tells what their columns mean.
    vocabularies : sequence of str or Path
        The one that they are written in, if they are of words.
    """
    with store.open_features(features) as opened:
        signature = opened.signature
    return door_of(plan, signature, store.read_vocabularies(vocabularies, [plan["kind"]]).get(plan["kind"]))


def to_layer(source: Chain, layer: str, *, model: str = "") -> Door:
    """Cut the first model of a chain off after a layer, as what makes that layer's output of a file.

    Parameters
    ----------
    source : Chain
        The models.
    layer : str
        The name of a layer.
    model : str
        What the models are called, as in the signature of such features.

    Raises
    ------
    TartarusError
        If the model has no such layer; those that it has are listed.
    """
    plan = {"kind": LAYER.name, "model": model, "layer": layer}
    signature = {"kind": "layer", "model": model, "layer": layer, "weights": source.weights[0]}
    return Door(plan, signature, source=source, part=prediction.sub_model(source.models[0], layer))


def _linker(plan: Section, signature: dict[str, Any]) -> Linker | None:
    """Make what finds names in texts as it did in training; None if nothing did.

    Raises
    ------
    TartarusError
        If the gazetteer is another one than in training.
    """
    if plan["kind"] != SEM.name:
        return None
    path = Path(plan["gazetteer"])
    entities = gazetteers.read(path) if path.is_file() else []
    if (gazetteers.digest_of(entities) if entities else None) != signature["gazetteer"]:
        raise TartarusError(
            f"{path}: not the gazetteer that the model was trained with; put that one there, or have the model trained "
            f"anew"
        )
    if not entities:
        return None
    return Linker(entities, fold_case=signature["fold_case"], fold_accents=signature["fold_accents"])
