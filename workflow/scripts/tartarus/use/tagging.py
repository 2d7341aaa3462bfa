"""Tagging: what trained models say of files that nobody has labelled.

A model carries what its features were, and refuses others. A whole chain of models (sound -> patches -> layer ->
fusion) runs in one go, for some files at a time.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.base.threads import in_threads
from tartarus.evaluation import multilabel
from tartarus.features import store
from tartarus.features.sound.deformation import Deformation
from tartarus.features.sound.spectrograms import Transform
from tartarus.features.text import gazetteers, semantic, vsm, word2vec
from tartarus.features.text.linking import Linker
from tartarus.items.inbox import Found
from tartarus.learning import model_files, prediction
from tartarus.plan.config import Section
from tartarus.plan.feature_kinds import BOW, LAYER, PATCHES, SEM, W2V
from tartarus.use.hearing import Heard, Need, front_end, hear, transform_of
from threadpoolctl import threadpool_limits

FILES_AT_ONCE = 64
# Of windows, in memory at a time: 120 MB of 15 s and 96 bins.
WINDOWS_AT_ONCE = 1024


class InMemory:
    """Features in memory; see `tartarus.features.store.Features`."""

    def __init__(self, path: str | Path, index: Sequence[str], signature: dict[str, Any], values: Any) -> None:
        self.path, self.index, self.signature = Path(path), np.array(index, str), signature
        self.values, self.shape = values, tuple(values.shape[1:])

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Take rows."""
        found = self.values[numbers]
        return found.toarray() if scipy.sparse.issparse(found) else found


@dataclass(frozen=True)
class Door:
    """An input of a model: what it has to be given.

    Attributes
    ----------
    plan : dict
        As in `tartarus.plan.chains.chain`.
    card : keras.layers.Layer
        The `FeatureCard` behind it.
    source : Chain, optional
        The models whose layer it takes.
    linker : Linker, optional
        What finds names in texts, by the gazetteer of training.
    transform : callable, optional
        What makes of samples the vectors that it takes; see `tartarus.use.hearing.transform_of`.
    features : Features, optional
        What it is given of items that are in a dataset, as it is.
    """

    plan: Section
    card: keras.layers.Layer
    source: "Chain | None" = None
    linker: Linker | None = None
    transform: Transform | None = None
    features: store.Features | None = None

    @property
    def need(self) -> Need:
        """Tell what is to be made of a file for it."""
        return Need(self.plan, self.card.signature, self.transform)


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

    def all_doors(self) -> Iterator[Door]:
        """Go through the inputs of all models."""
        for door in self.doors:
            yield door
            if door.source:
                yield from door.source.all_doors()


@dataclass(frozen=True)
class Said:
    """What the models say of a file.

    Attributes
    ----------
    heard : Heard
        The file, without its windows.
    scores : np.ndarray [shape=(n_outputs,)] or None
        The mean over windows, then over the seeds; None if it cannot be told.
    timeline : np.ndarray [shape=(n_windows, n_outputs)] or None
        The same for every window by itself, if it was asked for.
    begins : list of float
        Where these windows begin, in seconds.
    window : float
        How long they are, in seconds.
    """

    heard: Heard
    scores: np.ndarray | None
    timeline: np.ndarray | None = None
    begins: Sequence[float] = ()
    window: float = 0.0


def load(plan: Section, factors: np.ndarray | None = None) -> Chain:
    """Read the models of a chain; see `tartarus.plan.chains.chain`, and `Chain`."""
    models = [model_files.load(path) for path in plan["models"]]
    cards = [models[0].get_layer(door.name.replace("input", "card", 1)) for door in models[0].inputs]
    doors = [
        Door(
            entry,
            card,
            load(entry["source"]) if "source" in entry else None,
            None if "file" in entry else _linker(entry, card.signature),
            transform_of(entry, card.signature),
            store.open_features(entry["file"]) if "file" in entry else None,
        )
        for entry, card in zip(plan["inputs"], cards, strict=True)
    ]
    weights = [model_files.weights_digest(path) for path in plan["models"]]
    return Chain(plan["models"], weights, models, doors, factors)


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


def say(
    chain: Chain,
    files: Iterable[Found],
    *,
    trim: float,
    hop: float,
    workers: int = 1,
    timeline: bool = False,
    keep_spectrogram: bool = False,
) -> Iterator[Said]:
    """Tell what models say of files, in the order of the files and in flat memory.

    Parameters
    ----------
    chain : Chain
        The models.
    files : iterable of Found
        The files.
    trim, hop : float
        Of the windows; see `patches.windows`.
    workers : int
        Threads that decode, while the network runs.
    timeline : bool
        Whether to tell what is said of every window too.
    keep_spectrogram : bool
        As `tartarus.use.hearing.hear` takes it.

    Yields
    ------
    Said
        Of every file; what fails has a status and no scores.
    """
    windows: dict[str, Any] = {"trim": trim, "hop": hop}
    for group in in_groups(chain, files, workers=workers, keep_spectrogram=keep_spectrogram, **windows):
        yield from _say_of_group(chain, group, timeline=timeline)


def embed(
    chain: Chain, files: Iterable[Found], layer: str, *, trim: float, hop: float, workers: int = 1
) -> Iterator[tuple[Heard, np.ndarray | None]]:
    """Compute the output of a layer of the first model for files, in their order and in flat memory.

    Parameters
    ----------
    chain, files, trim, hop, workers
        As in `say`.
    layer : str
        The name of a layer of the model.

    Yields
    ------
    heard : Heard
        Of every file, without its windows; what fails has a status.
    vector : np.ndarray [shape=(n_units,)] or None
        The mean over windows, as a dataset has it of patches; None if it cannot be told.

    Raises
    ------
    TartarusError
        If the model has no such layer; those that it has are listed.
    """
    part = prediction.sub_model(chain.models[0], layer)
    for group in in_groups(chain, files, workers=workers, trim=trim, hop=hop):
        given, names = _given(chain, {str(number): one for number, one in enumerate(group)})
        found: dict[str, np.ndarray] = {}
        if names:
            ids, blocks = prediction.predict(part, given, names, signatures_of=chain.models[0], what="files")
            found = dict(zip(ids, np.concatenate(list(blocks)), strict=True))
        for number, one in enumerate(group):
            one.forget()
            yield one, found.get(str(number))


def in_groups(
    chain: Chain,
    files: Iterable[Found],
    *,
    workers: int,
    deform: Callable[[str], Deformation] | None = None,
    **how: Any,
) -> Iterator[list[Heard]]:
    """Make what the models need of files, some at a time, in threads: while the network runs, the next are decoded.

    Parameters
    ----------
    chain, files, workers
        As in `say`.
    deform : callable, optional
        Id to what is done to the sound of that item first.
    **how
        The rest as `tartarus.use.hearing.hear` takes them.
    """
    needs = [door.need for door in chain.all_doors() if door.features is None]

    def heard(one: Found) -> Heard:
        return hear(one, needs, deform=deform(one.id) if deform else None, **how)

    with threadpool_limits(1, user_api="blas"):
        yield from _groups(in_threads(heard, files, workers=workers))


def _groups(heard: Iterable[Heard]) -> Iterator[list[Heard]]:
    group: list[Heard] = []
    for one in heard:
        group.append(one)
        n_windows = sum(len(windows) for each in group for windows in each.windows.values())
        if len(group) == FILES_AT_ONCE or n_windows >= WINDOWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _say_of_group(chain: Chain, group: Sequence[Heard], *, timeline: bool) -> Iterator[Said]:
    names = [str(number) for number in range(len(group))]
    scores = dict(zip(*_scores(chain, dict(zip(names, group, strict=True))), strict=True))
    apart = _window_by_window(chain, dict(zip(names, group, strict=True))) if timeline else {}
    for name, heard in zip(names, group, strict=True):
        begins: Sequence[float] = ()
        length = 0.0
        if name in apart:
            begins = next(iter(heard.begins.values())).tolist()
            length = next(iter(heard.windows.values())).shape[2] * heard.seconds_per_frame
        heard.forget()
        yield Said(heard, scores.get(name), apart.get(name), begins, length)


def _window_by_window(chain: Chain, group: dict[str, Heard]) -> dict[str, np.ndarray]:
    """Tell what is said of every window, as if it were a file of its own with text and cover of the whole."""
    parts: dict[str, Heard] = {}
    for name, heard in group.items():
        # Front ends whose windows are of another length have another number of them.
        if len({len(windows) for windows in heard.windows.values()}) == 1:
            for number in range(len(next(iter(heard.windows.values())))):
                own = {key: windows[number : number + 1] for key, windows in heard.windows.items()}
                parts[f"{name} {number}"] = Heard(heard.found, windows=own, wholes=heard.wholes, text=heard.text)
    found: dict[str, list[np.ndarray]] = {}
    for name, scores in zip(*_scores(chain, parts), strict=True):
        found.setdefault(name.split()[0], []).append(scores)
    return {name: np.stack(scores) for name, scores in found.items()}


def _scores(chain: Chain, group: dict[str, Heard]) -> tuple[list[str], np.ndarray]:
    """Compute the mean scores over the seeds [shape=(n_files, n_outputs)] of those files that have all inputs."""
    names, scores = of_every_seed(chain, group)
    if chain.factors is not None and names:
        scores = multilabel.class_scores(scores, chain.factors)
    return names, scores.mean(axis=0)


def of_every_seed(chain: Chain, group: dict[str, Heard]) -> tuple[list[str], np.ndarray]:
    """Compute what every model says [shape=(n_seeds, n_files, n_outputs)] of those files that have all inputs."""
    given, names = _given(chain, group)
    if not names:
        return [], np.zeros((len(chain.models), 0, chain.n_outputs), np.float32)
    runs = [prediction.predict(model, given, names, what="tags") for model in chain.models]
    return runs[0][0], np.stack([np.concatenate(list(blocks)) for _, blocks in runs])


def _given(chain: Chain, group: dict[str, Heard]) -> tuple[list[store.Features], list[str]]:
    """Make the inputs of a chain's models, and list the files that have all of them."""
    given = [_input(door, group) for door in chain.doors]
    having = [set(entry.index.tolist()) for entry in given]
    return given, [name for name in group if all(name in names for names in having)]


def _input(door: Door, group: dict[str, Heard]) -> store.Features:
    kind, path = door.plan["kind"], "data/inbox"
    if door.features is not None:
        return store.Selected(door.features, group)
    if kind == LAYER.name:
        return _of_layer(door, group)
    if kind not in (BOW.name, SEM.name, W2V.name):
        key = front_end(door.need)
        made = {name: one.windows if kind == PATCHES.name else one.wholes for name, one in group.items()}
        heard = {name: rows[key] for name, rows in made.items() if key in rows}
        index = list(itertools.chain.from_iterable([name] * len(rows) for name, rows in heard.items()))
        # Of what nothing is made, no model is asked.
        values = np.concatenate(list(heard.values())) if heard else np.zeros((0, 1), np.float32)
        return InMemory(path, index, door.card.signature, values)
    read = {name: one.text for name, one in group.items() if one.text is not None}
    return InMemory(path, list(read), door.card.signature, _of_words(door, list(read.values())))


def _of_words(door: Door, read: Sequence[str]) -> Any:
    card, options = door.card, door.card.signature
    if door.plan["kind"] == SEM.name:
        linked = [(text, door.linker.link(text) if door.linker else []) for text in read]
        read = [semantic.enriched(text, mentions, words=options["words"]) for text, mentions in linked]
        options = {**options, "words": None}  # categories came on top of the first words
    if door.plan["kind"] in (BOW.name, SEM.name):
        weights = keras.ops.convert_to_numpy(card.weights_of_words)
        return vsm.transform(vsm.restored(card.words, weights, options), read, options)
    return word2vec.sequences(read, card.words, length=options["length"])


def _of_layer(door: Door, group: dict[str, Heard]) -> store.Features:
    source = door.source
    if source is None:
        raise ValueError("a layer's output without its model")
    given, names = _given(source, group)
    signature = {
        "kind": "layer",
        "model": door.plan["model"],
        "layer": door.plan["layer"],
        "weights": source.weights[0],
    }
    if not names:
        return InMemory(source.paths[0], [], signature, np.zeros((0, 1), np.float32))
    part = prediction.sub_model(source.models[0], door.plan["layer"])
    found, blocks = prediction.predict(part, given, names, signatures_of=source.models[0], what="tags")
    return InMemory(source.paths[0], found, signature, np.concatenate(list(blocks)))
