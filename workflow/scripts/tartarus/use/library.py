"""Trained models in programs of one's own: tags, embeddings, and what a model hears.

The same functions as behind `results/tags`: what they say of a file is the same.
"""

import contextlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tartarus.base.arrays import read_array
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.items.inbox import Found
from tartarus.items.known import KnownItems
from tartarus.learning import backend
from tartarus.plan import chains, config, given, request, requests

if TYPE_CHECKING:
    from tartarus.use.loading import Chain

_MODEL = re.compile(r"(?P<root>.*?)/?data/models/(?P<family>[^/]+)/(?P<model>[^/]+)(?P<rest>/.*)?")


@dataclass(frozen=True)
class Model:
    """A trained model, or several that differ by their seed, with all that leads to it.

    Attributes
    ----------
    classes : list of str
        What it tells apart.
    thresholds : np.ndarray [shape=(n_classes,)] or None
        The score from which on a file has a class, learned on the validation items; None if it has the best one.
    chain : Chain
        The models; see `tartarus.use.loading`.
    tags : dict
        The section `tags` of config.yaml: `trim`, `hop`, `top` and so on.
    """

    classes: list[str]
    thresholds: np.ndarray | None
    chain: "Chain"
    tags: dict[str, Any]

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

        (said,) = tagging.say(self.chain, [_found(audio, **beside)], trim=self.tags["trim"], hop=self.tags["hop"])
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

        found, how = _found(audio, **beside), {key: self.tags[key] for key in ("trim", "hop")}
        ((heard, vector),) = tagging.embed(loading.to_layer(self.chain, layer), [found], **how)
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
        heard = hear(found, needs, keep_spectrogram=True, trim=self.tags["trim"], hop=1)
        if heard.spectrogram is None:
            why = f"{heard.status}: {heard.detail}" if heard.status != "ok" else "the model takes no spectrograms"
            raise TartarusError(f"{found.id}: {why}")
        return heard.spectrogram


def load(path: str | Path) -> Model:
    """Read a trained model.

    Parameters
    ----------
    path : str or Path
        ``data/models/<family>/<model>``, with the scores of all seeds averaged as in `results/tags`; or a
        ``seed-<seed>/model.keras`` in it, alone. The configuration beside ``data`` says what leads to it.

    Returns
    -------
    Model

    Raises
    ------
    TartarusError
        If there is no such model, its family is unknown, or it says nothing of classes.

    Examples
    --------
    >>> from tartarus import use  # doctest: +SKIP
    >>> model = use.load("data/models/demo/dummy_audio")  # doctest: +SKIP
    >>> model.tag("data/raw/DEMO/audio/D001.wav")["classes"]  # doctest: +SKIP
    ['drone']
    """
    written = Path(path).resolve().as_posix()
    parts = _MODEL.fullmatch(written)
    if parts is None:
        raise TartarusError(f"{path}: not the path of a model; write data/models/<family>/<model>")
    if not Path(written).exists():
        raise TartarusError(
            f"{path}: not found; have it trained: snakemake results/{parts['family']}/{parts['model']}.json"
        )
    with contextlib.chdir(parts["root"]):
        settings = config.load(read_yaml(Path("config/config.yaml")))
        request = requests.find(settings, parts["family"], parts["model"])
        if "keras" not in sys.modules:  # else the program has started it as it likes
            backend.start(**given.computing(request, settings.values["device"]))
        return _load(settings, request, written.removeprefix(f"{parts['root']}/"))


def _load(settings: config.Config, request: request.Request, path: str) -> Model:
    from tartarus.use import loading, tag_tables

    truth = given.truth_of_tags(request, KnownItems(settings).count_classes)
    plan = chains.chain(request)
    if path.endswith(".keras"):
        plan = {**plan, "models": [path]}
    factors = read_array(truth["class_factors"]) if "class_factors" in truth else None
    rule = given.thresholds(request, settings.values["tags"]["threshold"])
    cuts = tag_tables.thresholds(truth, **rule)
    return Model(read_lines(truth["classes"]), cuts, loading.load(plan, factors), settings.values["tags"])


def _found(audio: str | Path | None, *, text: str | Path | None = None, image: str | Path | None = None) -> Found:
    paths = [None if path is None else Path(path) for path in (audio, text, image)]
    return Found(next((str(path) for path in paths if path), "nothing"), paths[0], paths[1], paths[2])
