"""The inputs of models, in memory: what was made of some files, in the form of the features of a dataset."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.features import store
from tartarus.features.text import semantic, vsm, word2vec
from tartarus.learning import prediction
from tartarus.plan.feature_kinds import BOW, PATCHES, SEM, W2V
from tartarus.use.hearing import Heard, Need, front_end
from tartarus.use.loading import Chain, Door

# Name to what was made of that file.
Group = Mapping[str, Heard]
# In messages.
_PATH = "data/inbox"


class InMemory:
    """Features in memory; see `tartarus.features.store.Features`."""

    def __init__(self, path: str | Path, index: Sequence[str], signature: dict[str, Any], values: Any) -> None:
        self.path, self.index, self.signature = Path(path), np.array(index, str), signature
        self.values, self.shape = values, tuple(values.shape[1:])

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Take rows."""
        found = self.values[numbers]
        return found.toarray() if scipy.sparse.issparse(found) else found


def of_all_doors(chain: Chain, group: Group) -> tuple[list[store.Features], list[str]]:
    """Make the inputs of a chain's models, and list the files that have all of them."""
    given = [of_door(door, group) for door in chain.doors]
    having = [set(entry.index.tolist()) for entry in given]
    return given, [name for name in group if all(name in names for names in having)]


def of_door(door: Door, group: Group) -> store.Features:
    """Make one input of some files: of those of which it can be made, by their names."""
    kind = door.plan["kind"]
    if door.features is not None:
        return store.Selected(door.features, group)
    if door.source is not None:
        return _of_layer(door, door.source, group)
    if kind in (BOW.name, SEM.name, W2V.name):
        read = {name: one.text for name, one in group.items() if one.text is not None}
        return InMemory(_PATH, list(read), door.signature, _of_words(door, list(read.values())))
    key = front_end(Need(door.plan, door.signature))
    made = {name: one.windows if kind == PATCHES.name else one.wholes for name, one in group.items()}
    heard = {name: rows[key] for name, rows in made.items() if key in rows}
    index = list(itertools.chain.from_iterable([name] * len(rows) for name, rows in heard.items()))
    # Of what nothing is made, no model is asked.
    values = np.concatenate(list(heard.values())) if heard else np.zeros((0, 1), np.float32)
    return InMemory(_PATH, index, door.signature, values)


def _of_words(door: Door, read: Sequence[str]) -> Any:
    if door.vocabulary is None:
        raise ValueError(f"{door.plan['kind']}: words without a vocabulary")
    (words, weights), options = door.vocabulary, door.signature
    if door.plan["kind"] == SEM.name:
        linked = [(text, door.linker.link(text) if door.linker else []) for text in read]
        read = [semantic.enriched(text, mentions, words=options["words"]) for text, mentions in linked]
        options = {**options, "words": None}  # categories came on top of the first words
    if door.plan["kind"] in (BOW.name, SEM.name):
        return vsm.transform(vsm.restored(words, weights, options), read, options)
    return word2vec.sequences(read, words, length=options["length"])


def _of_layer(door: Door, source: Chain, group: Group) -> store.Features:
    given, names = of_all_doors(source, group)
    if not names:
        return InMemory(source.paths[0], [], door.signature, np.zeros((0, 1), np.float32))
    found, blocks = prediction.predict(door.part, given, names, signatures_of=source.models[0], what="tags")
    return InMemory(source.paths[0], found, door.signature, np.concatenate(list(blocks)))
