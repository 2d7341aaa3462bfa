"""Trained models in programs of one's own: tags, embeddings, and what a model hears.

The same functions as behind `results/tags`: what they say of a file is the same.
"""

import contextlib
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.items.inbox import Found
from tartarus.learning import backend
from tartarus.plan import names
from tartarus.plan.config import Section
from tartarus.use import usage

if TYPE_CHECKING:
    from tartarus.use.loading import Chain

_MODEL = re.compile(r"(?P<root>.*)/data/models/(?P<family>[^/]+)/(?P<model>[^/]+)(?P<rest>/.*)?")


@dataclass(frozen=True)
class Model:
    """A trained model, or several that differ by their seed, with all that leads to it.

    Attributes
    ----------
    classes : list of str
        What it tells apart.
    thresholds : np.ndarray [shape=(n_classes,)] or None
        The score from which on a file has a class, learned on the validation items for the mean of all seeds; None if
        it has the best one.
    chain : Chain
        The models; see `tartarus.use.loading`.
    windows : dict
        `trim` and `hop`: how long files are heard; see `tartarus.features.sound.patches.windows`.
    """

    classes: list[str]
    thresholds: np.ndarray | None
    chain: "Chain"
    windows: dict[str, Any]

    def tag(self, audio: str | Path | None = None, **beside: str | Path) -> dict[str, Any]:
        """Tell what the model says of a file.

        Parameters
        ----------
        audio : str or Path
            The file of sound, if the model hears.
        beside : str or Path
            `text` and `image`: the files of its words and its cover, if the model reads or sees.

        Returns
        -------
        dict
            `classes`, those that it has, and `scores`, class to score in [0, 1], from the best.

        Raises
        ------
        TartarusError
            If it cannot be decoded, or something that the model needs is not there.
        """
        from tartarus.use import tag_tables, tagging

        (said,) = tagging.say(self.chain, [_found(audio, **beside)], **self.windows)
        entry = tag_tables.entry_of(said)
        if entry["scores"] is None:
            raise TartarusError(f"{entry['file']}: {entry['status']}: {entry['detail']}")
        row = tag_tables.row_of(entry, self.classes, self.thresholds, top=len(self.classes))
        order = np.argsort(-np.array(entry["scores"]), kind="stable")
        scores = {self.classes[column]: entry["scores"][column] for column in order}
        return {"classes": row["classes"].split("|") if row["classes"] else [], "scores": scores}

    def embed(self, audio: str | Path | None = None, *, layer: str, **beside: str | Path) -> np.ndarray:
        """Compute the output of a layer for a file [shape=(n_units,)]: the mean over its windows.

        The parameters are those of `tag`; `layer` is the name of a layer of the model, for example ``flatten``.
        """
        from tartarus.use import loading, tagging

        found = _found(audio, **beside)
        ((heard, vector),) = tagging.embed(loading.to_layer(self.chain, layer), [found], **self.windows)
        if vector is None:
            raise TartarusError(f"{found.id}: {heard.status}: {heard.detail}")
        return vector

    def front_end(self, audio: str | Path) -> np.ndarray:
        """Compute what the model hears of a file: its spectrogram in dB [shape=(n_frames, n_bins)], in [-80, 0].

        Raises
        ------
        TartarusError
            If the model takes no spectrograms, or the file cannot be decoded.
        """
        from tartarus.use.hearing import hear

        found = _found(audio)
        needs = [need for door in self.chain.doors for need in door.needs()]
        heard = hear(found, needs, keep_spectrogram=True, **self.windows)
        if heard.spectrogram is None:
            why = f"{heard.status}: {heard.detail}" if heard.status != "ok" else "the model takes no spectrograms"
            raise TartarusError(f"{found.id}: {why}")
        return heard.spectrogram


def load(path: str | Path, *, device: str = "cpu") -> Model:
    """Read a trained model.

    Parameters
    ----------
    path : str or Path
        ``data/models/<family>/<model>``, with the scores of all seeds averaged as in `results/tags`; or a
        ``seed-<seed>/model.keras`` in it, alone. Beside them, ``use.json`` says what leads to them: files below the
        same ``data``, wherever that is.
    device : str
        ``cpu`` or ``gpu``.

    Returns
    -------
    Model

    Raises
    ------
    TartarusError
        If there is no such model, or a file that it needs is not there or another than when ``use.json`` was written.

    Examples
    --------
    >>> from tartarus import use  # doctest: +SKIP
    >>> model = use.load("data/models/demo/dummy_audio")  # doctest: +SKIP
    >>> model.tag("data/raw/DEMO/audio/D001.wav")["classes"]  # doctest: +SKIP
    ['drone']
    """
    # Links are not followed: `data` itself may be one.
    parts = _MODEL.fullmatch(Path(os.path.abspath(path)).as_posix())  # noqa: PTH100
    if parts is None:
        raise TartarusError(f"{path}: not the path of a model; write data/models/<family>/<model>")
    written = names.USAGE.format(family=parts["family"], model=parts["model"])
    if not Path(parts["root"] or "/", written).is_file():
        raise TartarusError(
            f"{path}: {written} is not there, which says what the use of this model needs; have it written, and the "
            f"model trained if it is not: snakemake --cores 4 {written}"
        )
    with contextlib.chdir(parts["root"] or "/"):
        needed = usage.read(written)
        seeds = needed["chain"]["models"]
        asked = f"{Path(written).parent.as_posix()}{parts['rest']}"
        if parts["rest"] and asked not in seeds:
            raise TartarusError(f"{path}: none of the models of {written}, which are {', '.join(seeds)}")
        if "keras" not in sys.modules:  # else the program has started it as it likes
            backend.start(**needed["computing"], device=device)
        return of_usage(needed, seeds=[asked] if parts["rest"] else seeds)


def of_usage(needed: Section, *, seeds: Sequence[str] | None = None) -> Model:
    """Read a model by what its use needs, as `tartarus.use.usage` reads it; of these seeds' files, if not of all."""
    from tartarus.use import loading

    cuts, factors = (None if needed[key] is None else np.array(needed[key]) for key in ("thresholds", "class_factors"))
    plan = {**needed["chain"], **({"models": list(seeds)} if seeds else {})}
    chain = loading.load(plan, None if factors is None else factors.astype(np.float32))
    return Model(needed["classes"], cuts, chain, needed["windows"])


def _found(audio: str | Path | None, *, text: str | Path | None = None, image: str | Path | None = None) -> Found:
    paths = [None if path is None else Path(path) for path in (audio, text, image)]
    return Found(next((str(path) for path in paths if path), "nothing"), paths[0], paths[1], paths[2])
