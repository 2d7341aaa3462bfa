"""What is recommended for words, measured against a linear support vector machine on the same split.

docs/choices.md tells the figures; this prints them:
``python -m pytest -m slow -s tests/unit/learning/test_words_measured.py``. Of each world 7000 texts are split
80/10/10, and 2100 more are for test, so that chance decides less.
"""

import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tartarus.base.documents import read_yaml
from tartarus.evaluation import micro, thresholds
from tartarus.features import store
from tartarus.features.text import vsm
from tartarus.learning import backend

from tests.paths import ROOT
from tests.unit import topics

WORLDS = range(5)
SETS = {"train": slice(0, 5600), "val": slice(5600, 6300), "test": slice(6300, 9100)}
BOW = {"words": None, "sublinear_tf": True, "max_df": 0.5, "max_features": 10_000}
# What own/words says of a dataset with many labels.
OWN = read_yaml(ROOT / "config/experiments/own.yaml")["templates"]
WORDS: dict[str, Any] = {**OWN["multilabel"], **OWN["training"], **OWN["words-classes"], **OWN["words"]}
WORDS["optimizer"] = {"name": "adam", **WORDS["optimizer"]}

World = dict[str, dict[str, Any]]


def write_world(folder: Path, seed: int) -> tuple[World, list[str]]:
    """Write the vectors of a world of texts, and give them, their ids and their truth; and the topics."""
    texts = topics.write(SETS["test"].stop, seed=seed)
    names = sorted({name for text in texts for name in text.topics})
    truth = np.array([[name in text.topics for name in names] for text in texts], np.float32)
    vectorizer = vsm.fit([text.words for text in texts[SETS["train"]]], BOW)
    content: World = {"features": {}, "index": {}, "y": {}}
    for set_, rows in SETS.items():
        path = folder / f"X_{set_}_bow_NEWS.npz"
        ids = [f"T{number:04d}" for number in range(len(texts))[rows]]
        vectors = vsm.transform(vectorizer, [text.words for text in texts[rows]], BOW)
        store.write_vectors(path, vectors, ids, {"kind": "bow"})
        content["features"][set_] = [store.open_features(path)]
        content["index"][set_], content["y"][set_] = ids, truth[rows]
    return content, names


def f1_micro(model: Any, world: World) -> float:
    """Measure a model on the test items, with one threshold, chosen on the validation items."""
    scores = {set_: np.asarray(model.predict(world["features"][set_][0].values.toarray(), verbose=0)) for set_ in SETS}
    cuts = thresholds.choose(world["y"]["val"], scores["val"][None], rule="common").of_class[0]
    weights = [np.ones((len(world["y"]["test"]), 1))]
    return float(micro.at_thresholds(world["y"]["test"], scores["test"], cuts, weights)["f1_micro"][0])


def test_the_world_of_texts_is_as_it_is_said_to_be() -> None:
    texts = topics.write(1500, seed=3)
    assert texts[:200] == topics.write(200, seed=3)
    assert texts[:200] != topics.write(200, seed=4)
    counts = Counter(name for text in texts for name in text.topics)
    assert 1.0 < sum(counts.values()) / len(texts) < 1.3
    ordered = sorted(counts.values(), reverse=True)
    # A power law with the exponent 1.4, whose slope fields and mistakes make a little less steep.
    slope, _ = np.polyfit(np.log(np.arange(1, 21)), np.log(ordered[:20]), 1)
    assert -1.6 < slope < -1.0
    assert {len(text.topics) for text in texts} >= {0, 1, 2, 3}


@pytest.mark.slow
def test_a_network_on_words_is_as_good_as_a_linear_svm_within_a_minute_on_two_cores(
    networks: ModuleType, training: ModuleType, tmp_path: Path
) -> None:
    from tartarus.learning import references

    found, seconds = [], []
    for seed in WORLDS:
        world, names = write_world(tmp_path, seed)
        inputs = training.describe(["bow"], world["features"]["train"], {})
        of_svm = {**WORDS, "network": {"name": "reference", "method": "linear-svm"}, "dim": len(names)}
        parts = (world["features"], world["index"], world["y"])
        machine, _ = references.fit("machine", inputs, *parts, of_svm)
        backend.seed(seed)
        how = {"network": WORDS["network"], "output": WORDS["output"], "n_outputs": len(names)}
        model = networks.build("words", inputs, **how)
        start = time.process_time()
        course = training.train(model, *parts, WORDS, seed=seed)
        seconds.append(time.process_time() - start)
        found.append((f1_micro(model, world), f1_micro(machine, world)))
        told = f"network {found[-1][0]:.4f}, svm {found[-1][1]:.4f}"
        print(f"world {seed}: {told}; {len(course)} epochs, {seconds[-1]:.0f} s")
    network, svm = np.array(found).T
    for name, values in (("network", network), ("svm", svm), ("difference", network - svm)):
        # Student's t with four degrees of freedom.
        print(f"{name}: {values.mean():.4f} +- {2.776 * values.std(ddof=1) / len(values) ** 0.5:.4f}")
    assert 0.8 < svm.mean() < 0.92  # neither hopeless nor child's play
    # .0009 above it when this was written; another number of threads changes the last bits, and so a few texts.
    assert network.mean() >= svm.mean() - 0.003
    assert max(seconds) <= 120  # of processors
