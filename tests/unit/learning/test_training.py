"""Training: what is standardised, which weights are kept, and that runs can be repeated."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score
from tartarus.base.errors import TartarusError
from tartarus.features.store import open_features
from tartarus.items.tables import read_figures
from tartarus.learning import backend

CLASSES = 3
OPTIONS: dict[str, Any] = {
    "loss": "categorical_crossentropy",
    "output": "softmax",
    "optimizer": {"name": "adam", "learning_rate": 0.03},
    "batch_size": 4,
    "epochs": 8,
    "patience": 50,
}
UNIT = {**OPTIONS, "output": "linear", "loss": "cosine"}

World = dict[str, dict[str, Any]]
Outcome = tuple[Any, list[dict[str, float]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Features, index and truth of 24 training and 12 validation items.

    The class shows in the features; the validation set has the wrong classes, so that the more is learned the
    worse it becomes there. That the best weights are kept can only be seen where the last are not the best.
    """
    rng = np.random.default_rng(5)
    content: World = {"features": {}, "index": {}, "y": {}}
    for set_, count, shift in (("train", 24, 0), ("val", 12, 1)):
        truth = np.arange(count) % CLASSES
        values = (np.eye(CLASSES)[truth] + rng.normal(scale=0.3, size=(count, CLASSES))).astype(np.float32)
        ids = [f"{set_}{number}" for number in range(count)]
        path = tmp_path_factory.mktemp("world") / f"{set_}.npz"
        np.savez(path, features=values, index=np.array(ids))
        content["features"][set_] = [open_features(path)]
        content["index"][set_] = ids
        content["y"][set_] = np.eye(CLASSES)[(truth + shift) % CLASSES]
    return content


@pytest.fixture(scope="module")
def run(networks: ModuleType, training: ModuleType, world: World) -> Callable[..., Outcome]:
    """Build and train a small network."""

    def train(options: dict[str, Any], seed: int = 2, order: int = 2) -> Outcome:
        backend.seed(seed)
        inputs = training.describe(["x"], world["features"]["train"], {})
        network = {"name": "mlp", "dense": [8]}
        model = networks.build("x", inputs, network=network, output=options["output"], n_outputs=CLASSES)
        return model, training.train(model, world["features"], world["index"], world["y"], options, seed=order)

    return train


@pytest.fixture(scope="module")
def trained(run: Callable[..., Outcome]) -> Outcome:
    """One training that several tests look at."""
    return run(OPTIONS)


@pytest.fixture(scope="module")
def stopped(run: Callable[..., Outcome]) -> Outcome:
    """The same training, but one that stops early."""
    return run({**OPTIONS, "epochs": 60, "patience": 3})


def scores_of(model: Any, world: World, set_: str) -> np.ndarray:
    return np.array(model(world["features"][set_][0].values, training=False))


# --- Which weights are kept ------------------------------------------------------------------------------


def test_the_weights_that_are_kept_are_those_of_the_best_accuracy(trained: Outcome, world: World) -> None:
    model, history = trained
    course = [row["val_categorical_accuracy"] for row in history]
    assert course[-1] < max(course)
    right = scores_of(model, world, "val").argmax(axis=1) == world["y"]["val"].argmax(axis=1)
    assert right.mean() == pytest.approx(max(course))


def test_without_classes_the_weights_that_are_kept_are_those_of_the_lowest_loss(
    run: Callable[..., Outcome], world: World
) -> None:
    model, history = run(UNIT)
    course = [row["val_loss"] for row in history]
    assert course[-1] > min(course)
    scores, y = scores_of(model, world, "val"), world["y"]["val"]
    cosines = (scores * y).sum(axis=1) / np.linalg.norm(scores, axis=1)
    assert ((1 - cosines) / 2).mean() == pytest.approx(min(course), abs=1e-5)
    assert "val_categorical_accuracy" not in history[0]


def test_the_last_weights_are_kept_where_that_is_asked(
    run: Callable[..., Outcome], world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        model, history = run({**OPTIONS, "monitor": "loss", "keep": "last"})
    course = [row["val_loss"] for row in history]
    assert len(course) == OPTIONS["epochs"]
    assert course[-1] > min(course) + 0.01
    best = course.index(min(course)) + 1
    assert caplog.messages[-1] == f"best epoch {best} of {len(course)}; the weights of the last are kept"
    losses = -np.log((scores_of(model, world, "val") * world["y"]["val"]).sum(axis=1))
    assert losses.mean() == pytest.approx(course[-1], abs=1e-5)


def test_training_stops_after_so_many_epochs_without_improvement(stopped: Outcome) -> None:
    course = [row["val_categorical_accuracy"] for row in stopped[1]]
    # The best is the first of equals, and three worse or equal ones follow it.
    assert len(course) == course.index(max(course)) + 1 + 3 < 60


def test_without_a_stop_there_are_as_many_epochs_as_allowed(trained: Outcome) -> None:
    names = {"epoch", "loss", "categorical_accuracy", "val_loss", "val_categorical_accuracy"}
    assert [row["epoch"] for row in trained[1]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(set(row) == names for row in trained[1])


def test_training_learns(trained: Outcome) -> None:
    _, history = trained
    assert history[-1]["loss"] < history[0]["loss"]
    # One in three by chance: three standard errors above it, for 24 items, is 0.62.
    assert history[-1]["categorical_accuracy"] > 0.62


def test_the_losses_are_those_of_a_hand_calculation(run: Callable[..., Outcome], world: World) -> None:
    # A step so short that the weights are practically the same before and after.
    model, history = run({**OPTIONS, "optimizer": {"name": "sgd", "learning_rate": 1e-9}, "epochs": 1})
    for set_, name in (("train", "loss"), ("val", "val_loss")):
        expected = -np.log((scores_of(model, world, set_) * world["y"][set_]).sum(axis=1)).mean()
        assert history[0][name] == pytest.approx(expected, rel=1e-4)


# --- Repeating -------------------------------------------------------------------------------------------


def weights(model: Any) -> list[bytes]:
    return [weight.tobytes() for weight in model.get_weights()]


@pytest.mark.parametrize(
    ("output", "loss"), [("softmax", "categorical_crossentropy"), ("sigmoid", "binary_crossentropy")]
)
@pytest.mark.parametrize("begin", ["shares", "zero"])
def test_an_output_that_begins_from_the_shares_says_them_of_what_it_knows_nothing_of(
    networks: ModuleType, training: ModuleType, world: World, output: str, loss: str, begin: str
) -> None:
    still = {
        **OPTIONS,
        "output": output,
        "loss": loss,
        "epochs": 1,
        "optimizer": {"name": "adam", "learning_rate": 1e-9},
    }
    y = {set_: truth * [1, 1, 0] for set_, truth in world["y"].items()}
    y["train"][:6] = [1, 0, 0]
    inputs = training.describe(["x"], world["features"]["train"], {})
    model = networks.build("x", inputs, network={"name": "mlp"}, output=output, n_outputs=CLASSES)
    training.train(model, world["features"], world["index"], y, {**still, "output_bias": begin}, seed=1)
    said = np.asarray(model.predict(np.zeros((1, CLASSES)), verbose=0))[0]
    counts = np.array([12, 6, 0])  # of 24
    shares = (counts + 0.5) / 25
    neutral = np.full(3, 1 / 3 if output == "softmax" else 1 / 2)
    expected = neutral if begin == "zero" else shares / shares.sum() if output == "softmax" else shares
    np.testing.assert_allclose(said, expected, rtol=1e-5)


def test_the_same_seed_gives_the_same_bits(trained: Outcome, stopped: Outcome) -> None:
    # Two trainings that differ only in how long they go on: of both, the best weights were kept.
    both = min(len(trained[1]), len(stopped[1]))
    assert both > 3
    assert trained[1][:both] == stopped[1][:both]
    assert weights(trained[0]) == weights(stopped[0])


@pytest.mark.parametrize("other", [{"seed": 3}, {"order": 3}], ids=["of the weights", "of the order"])
def test_another_seed_gives_another_training(
    run: Callable[..., Outcome], trained: Outcome, other: dict[str, int]
) -> None:
    model, history = run({**OPTIONS, "epochs": 1}, **other)
    assert history[0] != trained[1][0]
    assert weights(model) != weights(trained[0])


# --- What goes in ----------------------------------------------------------------------------------------


def test_patches_are_described_with_their_moments(
    training: ModuleType, patch_file: Callable[..., Path], rng: np.random.Generator
) -> None:
    values = rng.normal(size=(7, 1, 3, 2)).astype(np.float32)
    with open_features(patch_file(values, [f"S{n}" for n in range(7)], type="cqt")) as features:
        (entry,) = training.describe(["patches_1_1"], [features], {})
    assert (entry.name, entry.shape, entry.signature) == ("patches_1_1", (1, 3, 2), {"type": "cqt"})
    np.testing.assert_allclose(entry.moments[0], values.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(entry.moments[1], values.var(axis=0), atol=1e-6)


def test_features_of_words_are_described_with_their_vocabulary(
    training: ModuleType, vector_file: Callable[..., Path]
) -> None:
    with open_features(vector_file(np.zeros((2, 3)), ["S1", "S2"])) as features:
        bow, other = training.describe(["bow", "other"], [features, features], {"bow": (list("abc"), np.ones(3))})
    assert (bow.words, bow.weights.tolist(), bow.moments) == (list("abc"), [1, 1, 1], None)
    assert (other.words, other.weights) == (None, None)


def test_all_that_can_be_is_standardised_if_asked_for(
    training: ModuleType, vector_file: Callable[..., Path], rng: np.random.Generator
) -> None:
    values = rng.normal(size=(5, 3)).astype(np.float32)
    with open_features(vector_file(values, [f"S{n}" for n in range(5)])) as features:
        names = ["model-pred_dense1", "pictures", "w2v"]
        as_they_are = training.describe(names, [features] * 3, {})
        layer, *others = training.describe(names, [features] * 3, {}, standardise=True)
    assert [entry.moments for entry in (*as_they_are, *others)] == [None] * 5
    np.testing.assert_allclose(layer.moments, [values.mean(axis=0), values.var(axis=0)], atol=1e-6)


def test_every_patch_of_an_item_has_the_item_s_truth(
    training: ModuleType, networks: ModuleType, patch_file: Callable[..., Path]
) -> None:
    # The class is in the patches; the rows of the truth stand in another order than those of the file.
    ids = ["S2", "S0", "S3", "S1"]
    values = np.repeat([[2], [0], [3], [1]], 3, axis=0)[:, :, None, None] % 2 * 2.0 - 1 + np.zeros((1, 2, 2))
    path = patch_file(values, np.repeat(ids, 3).tolist(), type="cqt")
    with open_features(path) as features:
        sets = {"train": [features], "val": [features]}
        index = ["S0", "S4", "S1", "S2", "S3"]  # S4 could not be read
        y = np.array([[1.0, 0], [1, 0], [0, 1], [1, 0], [0, 1]])
        backend.seed(1)
        inputs = training.describe(["patches_3_1"], [features], {})
        model = networks.build(
            "x",
            inputs,
            network={"name": "cnn", "filters": [4], "kernels": [[2, 2]], "pools": [[1, 1]]},
            output="softmax",
            n_outputs=2,
        )
        both = (dict.fromkeys(sets, index), dict.fromkeys(sets, y))
        history = training.train(model, sets, *both, {**OPTIONS, "epochs": 10}, seed=1)
    assert history[-1]["val_categorical_accuracy"] == 1


def test_truth_of_another_length_than_the_index_is_refused(
    training: ModuleType, networks: ModuleType, world: World
) -> None:
    inputs = training.describe(["x"], world["features"]["train"], {})
    model = networks.build("x", inputs, network={"name": "mlp"}, output="softmax", n_outputs=CLASSES)
    y = {**world["y"], "val": world["y"]["val"][:-1]}
    with pytest.raises(TartarusError, match="11 rows of ground truth for 12 ids; delete data/splits and run again"):
        training.train(model, world["features"], world["index"], y, OPTIONS, seed=1)


def test_a_loss_that_is_not_finite_is_refused_with_the_remedy(run: Callable[..., Outcome]) -> None:
    options = {**OPTIONS, "optimizer": {"name": "sgd", "learning_rate": 1e38}}
    with pytest.raises(TartarusError, match=r"epoch 1: .*nan.*the loss is no longer finite; lower optimizer: learning"):
        run(options)


# --- The course in a file --------------------------------------------------------------------------------


def test_the_course_is_written_so_that_it_comes_back(training: ModuleType, tmp_path: Path) -> None:
    history = [{"epoch": 1, "loss": 0.1 + 0.2, "val_loss": 1e-9}, {"epoch": 2, "loss": 0.25, "val_loss": 3.0}]
    training.write_history(tmp_path / "history.csv", history)
    assert read_figures(tmp_path / "history.csv") == history
    assert (tmp_path / "history.csv").read_bytes().startswith(b"epoch,loss,val_loss\n1,")


# --- What a training is watched by, and how its rate falls -----------------------------------------------


def patchwise(world: World) -> World:
    """Give every item three rows, as patches are."""

    class Rows:
        path = Path("memory")

        def __init__(self, values: np.ndarray, ids: list[str]) -> None:
            self.values, self.index, self.shape, self.signature = values, np.array(ids), values.shape[1:], {}

        def rows(self, numbers: np.ndarray) -> np.ndarray:
            return self.values[numbers]

    rng = np.random.default_rng(8)
    features = {}
    for set_, (entry,) in world["features"].items():
        values = np.repeat(entry.values, 3, axis=0)
        values = values + rng.normal(scale=0.8, size=values.shape).astype(np.float32)
        features[set_] = [Rows(values, np.repeat(world["index"][set_], 3).tolist())]
    return {**world, "features": features}


def test_a_monitor_is_of_items_by_the_mean_of_their_patches(
    networks: ModuleType, training: ModuleType, world: World
) -> None:
    patches = patchwise(world)
    y = world["y"]["val"]

    def train(**options: Any) -> tuple[Any, list[dict[str, float]]]:
        backend.seed(2)
        given = networks.Input("x", (CLASSES,), {})
        how = {"network": {"name": "mlp", "dense": [8]}, "output": "softmax", "n_outputs": CLASSES}
        model = networks.build("x", [given], **how)
        options = {**OPTIONS, **options}
        return model, training.train(model, patches["features"], world["index"], patches["y"], options, seed=2)

    for monitor, measure in (("accuracy", None), ("loss", None), ("f1", None)):
        model, history = train(monitor=monitor)
        scores = (
            np.array(model(patches["features"]["val"][0].values, training=False)).reshape(-1, 3, CLASSES).mean(axis=1)
        )
        course = [row[f"val_{monitor}"] for row in history]
        kept = min(course) if monitor == "loss" else max(course)
        assert len(set(course)) > 1
        if monitor == "accuracy":
            measure = (scores.argmax(axis=1) == y.argmax(axis=1)).mean()
        elif monitor == "loss":
            measure = -np.log((scores * y).sum(axis=1)).mean()
        else:
            measure = f1_score(y.argmax(axis=1), scores.argmax(axis=1), average="macro")
        assert kept == pytest.approx(measure, abs=1e-5), monitor
        assert "val_loss" in history[0]


def test_less_than_the_least_improvement_counts_as_none(run: Callable[..., Outcome]) -> None:
    course = run({**UNIT, "epochs": 30, "patience": 2, "min_delta": 10.0})[1]
    assert len(course) == 3
    assert len(run({**UNIT, "epochs": 4, "patience": 2, "min_delta": 0.0})[1]) >= 3


def test_a_mean_of_scores_has_nothing_to_learn(networks: ModuleType, training: ModuleType, world: World) -> None:
    features = {set_: entries * 2 for set_, entries in world["features"].items()}
    inputs = training.describe(["x", "x"], features["train"], {})
    model = networks.build("x", inputs, network={"name": "mean"}, output="softmax", n_outputs=CLASSES)
    (only,) = training.train(model, features, world["index"], world["y"], {**UNIT, "output": "softmax"}, seed=2)
    for set_, name in (("train", "loss"), ("val", "val_loss")):
        x, y = world["features"][set_][0].values, world["y"][set_]
        cosines = (x * y).sum(axis=1) / np.linalg.norm(x, axis=1)
        assert only[name] == pytest.approx(((1 - cosines) / 2).mean(), abs=1e-5)


def test_the_rate_of_a_schedule_is_in_force(run: Callable[..., Outcome]) -> None:
    optimizer = {"name": "sgd", "learning_rate": 0.1, "schedule": "cosine"}
    model, _ = run({**OPTIONS, "optimizer": optimizer, "epochs": 4})
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05 * (1 + np.cos(np.pi * 3 / 4)))


def test_smoothed_truth_is_learned_from_but_not_measured_with(run: Callable[..., Outcome]) -> None:
    # Of three classes, the loss against a truth of 0.6 + 0.133 .. is never below its entropy.
    plain, smooth = (run({**OPTIONS, "epochs": 1, **more})[1][0] for more in ({}, {"label_smoothing": 0.4}))
    assert smooth["loss"] != plain["loss"]
    longer = run({**OPTIONS, "epochs": 40, "label_smoothing": 0.4})[1]
    truth = np.array([0.6 + 0.4 / 3, 0.4 / 3, 0.4 / 3])
    assert min(row["loss"] for row in longer) > -(truth * np.log(truth)).sum()


def test_balanced_classes_change_what_is_learned(run: Callable[..., Outcome], world: World) -> None:
    plain, balanced = (run({**OPTIONS, "epochs": 3, **more})[1] for more in ({}, {"class_weights": "balanced"}))
    # All classes of this world have as many items: their weights are 1.
    np.testing.assert_allclose([row["loss"] for row in plain], [row["loss"] for row in balanced], rtol=1e-4)
