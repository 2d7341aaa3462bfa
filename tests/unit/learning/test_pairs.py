"""A space of two inputs: its loss, the items of other classes that are drawn, and that it is learned."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.features.store import open_features
from tartarus.learning import backend

OPTIONS: dict[str, Any] = {
    "loss": "max_margin",
    "output": "space",
    "optimizer": {"name": "adam", "learning_rate": 0.01},
    "batch_size": 8,
    "epochs": 12,
    "patience": 50,
}
NETWORK = {"name": "space", "hidden": 16, "units": 4}

World = dict[str, dict[str, Any]]


class Numbers:
    """Features that tell their row."""

    def __init__(self, count: int) -> None:
        self.index, self.shape = np.arange(count).astype(str), (1,)

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        return numbers[:, None].astype(np.float32)


@pytest.fixture(scope="session")
def pairs(keras: ModuleType) -> ModuleType:
    from tartarus.learning import pairs

    return pairs


# --- The loss --------------------------------------------------------------------------------------------


def cos(a: np.ndarray, v: np.ndarray) -> float:
    return float(a @ v / np.linalg.norm(a) / np.linalg.norm(v))


def test_the_loss_of_a_space_is_the_formula_written_out(losses: ModuleType, rng: np.random.Generator) -> None:
    a, v, other_a, other_v = rng.normal(size=(4, 50, 3))
    expected = [
        (1 - cos(a[i], v[i])) + max(0, cos(other_a[i], v[i]) - 0.5) + max(0, cos(a[i], other_v[i]) - 0.5)
        for i in range(50)
    ]
    placed = np.concatenate([np.concatenate([a, v], axis=1), np.concatenate([other_a, other_v], axis=1)])
    found = np.array(losses.max_margin(np.zeros(50), placed.astype(np.float32)))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert min(expected) < 0.5
    assert max(expected) > 2  # all three terms have their part


def test_the_loss_that_keras_tells_is_that_of_the_batch(
    pairs: ModuleType, networks: ModuleType, keras: ModuleType, losses: ModuleType, seeded: None
) -> None:
    inputs = [networks.Input(name, (1,), {}) for name in "ab"]
    model = networks.build("x", inputs, network=NETWORK, output="space", n_outputs=2)
    model.compile(loss=losses.LOSSES["max_margin"])
    batch = pairs.Pairs([Numbers(6)] * 2, [np.arange(6)] * 2, np.eye(2)[np.arange(6) % 2], np.arange(6),
                        batch_size=6, negatives_seed=1)[0]  # fmt: skip
    told = model.test_on_batch(*batch, return_dict=True)["loss"]
    assert told == pytest.approx(float(np.mean(losses.max_margin(None, model.predict_on_batch(batch[0])))), abs=1e-6)


# --- Items of other classes ------------------------------------------------------------------------------


@given(st.lists(st.sets(st.integers(0, 3), max_size=2), min_size=2, max_size=40), st.integers(0, 2**32 - 1))
def test_what_is_drawn_shares_no_class_with_the_item_and_is_not_itself(
    pairs: ModuleType, labels: list[set[int]], seed: int
) -> None:
    y = np.array([[float(number in its) for number in range(4)] for its in labels])
    possible = [[j for j, other in enumerate(labels) if j != i and not its & other] for i, its in enumerate(labels)]
    count = len(labels)

    def make() -> Any:
        both = [Numbers(count), Numbers(count)]
        rows = [np.arange(count)] * 2
        return pairs.Pairs(both, rows, y, np.arange(count), batch_size=7, seed=seed, negatives_seed=seed)

    if not all(possible):
        with pytest.raises(TartarusError, match=f"one of these {count} items shares a class with all others"):
            make()
        return
    made = make()
    seen = []
    for number in range(len(made)):
        x, y_batch = made[number]
        assert len(x[0]) == len(x[1]) == 2 * len(y_batch)
        a, other_a = np.split(x[0][:, 0].astype(int), 2)
        v, other_v = np.split(x[1][:, 0].astype(int), 2)
        assert (a == v).all()
        np.testing.assert_array_equal(y_batch, y[a])
        assert all(drawn in possible[i] for i, drawn in zip([*a, *a], [*other_a, *other_v], strict=True))
        seen += a.tolist()
    assert sorted(seen) == list(range(count))


def test_every_item_of_other_classes_is_drawn_as_often_as_any_other_also_where_they_are_rare(pairs: ModuleType) -> None:
    # 3 of 60 items are of the other class: most draws are repeated, and many end with the list of these.
    y = np.eye(2)[(np.arange(60) < 3).astype(int)]
    made = pairs.Pairs([Numbers(60)] * 2, [np.arange(60)] * 2, y, np.arange(60), batch_size=60, negatives_seed=4)
    drawn: list[int] = []
    for epoch in range(1, 201):
        made.start_epoch(epoch)
        drawn += made.negatives[0][3:].tolist()
    counts = np.bincount(drawn)
    assert len(counts) == 3
    assert np.abs(counts / counts.sum() - 1 / 3).max() < 0.02


def test_they_are_drawn_afresh_in_every_epoch_by_the_seed_and_for_each_input_by_itself(pairs: ModuleType) -> None:
    def make(seed: int) -> Any:
        y = np.eye(2)[np.arange(40) % 2]
        return pairs.Pairs([Numbers(40)] * 2, [np.arange(40)] * 2, y, np.arange(40), batch_size=40, negatives_seed=seed)

    one, same, other = make(1), make(1), make(2)
    first = [values.tolist() for values in one.negatives]
    assert first[0] != first[1]
    assert first == [values.tolist() for values in same.negatives] != [values.tolist() for values in other.negatives]
    one.start_epoch(2)
    same.start_epoch(3)
    same.start_epoch(2)
    assert first != [values.tolist() for values in one.negatives] == [values.tolist() for values in same.negatives]


# --- Learning --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two inputs that are different turns of the same vectors, with noise; four classes, each around a place."""
    rng = np.random.default_rng(3)
    content: World = {"features": {}, "index": {}, "y": {}}
    turns, centres = rng.normal(size=(2, 5, 6)), 2 * rng.normal(size=(4, 5))
    for set_, count in (("train", 160), ("val", 40)):
        classes = np.arange(count) % 4
        hidden = centres[classes] + rng.normal(size=(count, 5))
        ids = [f"{set_}{number}" for number in range(count)]
        paths = [tmp_path_factory.mktemp("world") / f"{set_}{number}.npz" for number in range(2)]
        for path, turn in zip(paths, turns, strict=True):
            np.savez(path, features=(hidden @ turn).astype(np.float32), index=np.array(ids))
        content["features"][set_] = [open_features(path) for path in paths]
        content["index"][set_], content["y"][set_] = ids, np.eye(4)[classes]
    return content


@pytest.fixture(scope="module")
def run(
    networks: ModuleType, training: ModuleType, world: World
) -> Callable[[int], tuple[Any, list[dict[str, float]]]]:
    def train(seed: int) -> tuple[Any, list[dict[str, float]]]:
        backend.seed(seed)
        inputs = training.describe(["a", "v"], world["features"]["train"], {})
        model = networks.build("x", inputs, network=NETWORK, output="space", n_outputs=4)
        return model, training.train(model, world["features"], world["index"], world["y"], OPTIONS, seed=seed)

    return train


def test_a_space_is_learned_and_finds_one_input_by_the_other(run: Any, world: World, prediction: ModuleType) -> None:
    from tartarus.evaluation import retrieval

    model, course = run(1)
    losses = [row["val_loss"] for row in course]
    assert min(losses) < 0.3 * losses[0]
    ids, blocks = prediction.predict(model, world["features"]["val"], world["index"]["val"])
    places = np.concatenate(list(blocks))
    assert places.shape == (len(ids), 8)
    found = retrieval.evaluate(places[None], samples=20, seed=1)["measures"]
    for direction in ("first_to_second", "second_to_first"):
        measure = found[f"recall@5_{direction}"]
        assert measure["mean"] > 3 * measure["chance"]


def test_a_layer_of_a_space_is_a_half_of_its_places(run: Any, world: World, prediction: ModuleType) -> None:
    model, _ = run(1)
    index = world["index"]["val"]
    whole = np.concatenate(list(prediction.predict(model, world["features"]["val"], index)[1]))
    for number, half in enumerate(np.split(whole, 2, axis=1), start=1):
        part = prediction.sub_model(model, f"space{number}")
        found = prediction.predict(part, world["features"]["val"], index, signatures_of=model)[1]
        np.testing.assert_array_equal(np.concatenate(list(found)), half)


def test_the_same_seed_gives_the_same_space_another_seed_another(run: Any) -> None:
    (one, course), (same, again), (other, _) = run(1), run(1), run(2)
    assert course == again
    for weights, others in zip(one.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, others)
    assert not np.array_equal(one.get_weights()[0], other.get_weights()[0])


def test_a_space_is_saved_and_read(run: Any, model_files: ModuleType, tmp_path: Path) -> None:
    model, _ = run(1)
    model_files.save(model, tmp_path / "model.keras")
    x = [np.ones((2, 6), np.float32)] * 2
    read = model_files.load(tmp_path / "model.keras")
    np.testing.assert_array_equal(read.predict_on_batch(x), model.predict_on_batch(x))
