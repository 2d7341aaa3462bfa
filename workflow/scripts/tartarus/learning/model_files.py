"""Writing and reading trained models."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import keras
from tartarus.base.arrays import refuse_bomb
from tartarus.base.errors import TartarusError, telling_damage
from tartarus.base.files import replacing, temporary
from tartarus.features.store import Features
from tartarus.learning import layers  # noqa: F401 (Keras finds them by name when it reads a model)

REMEDY = "delete it to have it trained anew"


def save(model: keras.Model, path: str | Path) -> None:
    """Write a model as ``.keras``, without the state of its optimiser.

    The archive is the same, byte for byte, whenever the model is: times of writing and addresses in memory are
    left out.

    Parameters
    ----------
    model : keras.Model
        The trained model.
    path : str or Path
        Where to.
    """
    path = Path(path)
    raw = temporary(path).with_suffix(".keras")
    raw.parent.mkdir(parents=True, exist_ok=True)
    try:
        with replacing(path) as part:
            keras.Model(model.inputs, model.outputs, name=model.name).save(raw)
            _strip_accidents(raw, part)
    finally:
        raw.unlink(missing_ok=True)


def _strip_accidents(source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "metadata.json":
                metadata = json.loads(content)
                metadata.pop("date_saved", None)
                content = json.dumps(metadata, sort_keys=True).encode()
            elif name == "config.json":
                content = _renumbered(content.decode()).encode()
            new.writestr(zipfile.ZipInfo(name), content)


def _renumbered(config: str) -> str:
    """Give shared objects numbers in the order of their appearance, where Keras writes their addresses."""
    numbers: dict[str, str] = {}
    return re.sub(
        r'("shared_object_id": )(\d+)',
        lambda found: found[1] + numbers.setdefault(found[2], str(len(numbers) + 1)),
        config,
    )


def load(path: str | Path) -> keras.Model:
    """Read a model that `save` wrote.

    Raises
    ------
    TartarusError
        If the file is not there, or not such a model.
    """
    if not Path(path).is_file():
        raise TartarusError(f"{path}: not there; train the model, by asking Snakemake for this file or its result")
    with telling_damage(Path(path), "not a model", REMEDY):
        refuse_bomb(path)
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def begin_from(path: str | Path, body: keras.Model) -> None:
    """Read the weights that some layers begin from, as `keras.Model.save_weights` writes them.

    Raises
    ------
    TartarusError
        If the file is damaged, or of other layers.
    """
    remedy = "name a file of weights without the output layer (network: weights)"
    with telling_damage(Path(path), "not the weights of this network", remedy):
        body.load_weights(path)


def weights_digest(path: str | Path) -> str:
    """Compute the SHA-256 of a model's weights file, as 64 hexadecimal digits; TartarusError if it is no model."""
    with telling_damage(Path(path), "not a model", REMEDY), zipfile.ZipFile(path) as archive:
        return hashlib.sha256(archive.read("model.weights.h5")).hexdigest()


def check_features(model: keras.Model, features: list[Features]) -> None:
    """Refuse features other than those that a model was trained on.

    Raises
    ------
    TartarusError
        Naming the file and what differs.
    """
    # By name, for Keras sorts layers by their depth.
    cards = [model.get_layer(door.name.replace("input", "card", 1)) for door in model.inputs]
    for card, entry in zip(cards, features, strict=True):
        if card.signature != entry.signature:
            keys = sorted(
                key
                for key in {*card.signature, *entry.signature}
                if card.signature.get(key) != entry.signature.get(key)
            )
            differences = "; ".join(
                f"{key} is {entry.signature.get(key)!r}, the model was trained on {card.signature.get(key)!r}"
                for key in keys
            )
            raise TartarusError(f"{entry.path}: not the features of this model: {differences}; train it anew")
