"""Plain methods as models: what the model says is what scikit-learn says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC
from tartarus.base.errors import TartarusError
from tartarus.features import store
from tartarus.items.tables import write_rows
from tartarus.learning import choosing, model_files, prediction, references, training

N, COLUMNS, CLASSES = 90, 6, 3


def split(n: int) -> dict[str, slice]:
    return {"train": slice(0, n * 2 // 3), "val": slice(n * 2 // 3, n)}


@pytest.fixture
def world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Give vectors of very different scales, and the class of each, which they tell in part."""
    classes = rng.integers(CLASSES, size=N)
    x = rng.standard_normal((N, COLUMNS)) + 1.2 * np.eye(CLASSES, COLUMNS)[classes]
    return (x * 10.0 ** np.arange(-2, COLUMNS - 2) + 5).astype(np.float32), classes


def fitted(
    folder: Path,
    x: Any,
    y: np.ndarray,
    method: str,
    output: str,
    *,
    name: str = "mine",
    played: Path | None = None,
    groups: dict[str, str] | None = None,
) -> tuple[Any, dict[str, Any], list[Any]]:
    features, index, truth = {}, {}, {}
    for set_, rows in split(len(y)).items():
        path = folder / f"X_{set_}_mine_SONGS.npz"
        index[set_] = [f"S{number}" for number in range(len(y))][rows]
        store.write_vectors(path, x[rows], index[set_], {"kind": "mine"})
        features[set_] = [store.open_features(path)]
        truth[set_] = y[rows]
    inputs = training.describe([name], features["train"], {})
    options = {"network": {"name": "reference", "method": method}, "output": output, "dim": y.shape[1]}
    model, course = references.fit("plain", inputs, features, index, truth, options, played=played, groups=groups)
    model_files.save(model, folder / "model.keras")
    loaded = model_files.load(folder / "model.keras")
    _, blocks = prediction.predict(loaded, features["val"], index["val"])
    return loaded, {"val": np.concatenate(list(blocks))}, course


def standardised(x: np.ndarray, by: slice = slice(None)) -> np.ndarray:
    known = x[by].astype(np.float64)
    return (x - known.mean(axis=0)) / known.std(axis=0)


def inner_parts(y: np.ndarray) -> list[Any]:
    return choosing.inner_folds([f"S{number}" for number in range(len(y))], y, groups={}, seed=0)


def chosen(course: list[Any]) -> float:
    return max(course, key=lambda row: (row["val_goodness"], -row["epoch"]))["choice"]


@pytest.mark.parametrize("name", ["mine", "timbre"])  # networks would standardise the second
def test_logistic_regression_says_what_scikit_learn_says(tmp_path, world, name):
    x, classes = world
    _, scores, course = fitted(tmp_path, x, np.eye(CLASSES)[classes], "logistic-regression", "softmax", name=name)
    z, sets = standardised(x), split(N)
    plain = LogisticRegression(C=chosen(course), max_iter=1000).fit(z, classes)
    np.testing.assert_allclose(scores["val"], plain.predict_proba(z[sets["val"]]), atol=1e-4)
    likely = []
    for row in course:
        made = LogisticRegression(C=row["choice"], max_iter=1000)
        folds = [
            -log_loss(classes[others], made.fit(z[own], classes[own]).predict_proba(z[others]), labels=range(CLASSES))
            for own, others in inner_parts(np.eye(CLASSES)[classes])
            for z in [standardised(x, own)]
        ]
        likely.append(np.mean(folds))
    np.testing.assert_allclose([row["val_goodness"] for row in course], likely, atol=1e-4)
    assert {row["inner_folds"] for row in course} == {choosing.INNER_FOLDS}


@pytest.mark.parametrize("why", ["many items", "layer"])
def test_where_inner_folds_are_no_use_validation_items_choose(tmp_path, world, monkeypatch, why):
    x, classes = world
    if why == "many items":
        monkeypatch.setattr(choosing, "FEW_ITEMS", N - 1)
    # A network has seen all items for training, in every inner fold.
    name = "sound-pred_pooled" if why == "layer" else "mine"
    _, _, course = fitted(tmp_path, x, np.eye(CLASSES)[classes], "logistic-regression", "softmax", name=name)
    sets = split(N)
    z = standardised(x, sets["train"])
    likely = [
        -log_loss(
            classes[sets["val"]],
            LogisticRegression(C=row["choice"], max_iter=1000)
            .fit(z[sets["train"]], classes[sets["train"]])
            .predict_proba(z[sets["val"]]),
            labels=range(CLASSES),
        )
        for row in course
    ]
    np.testing.assert_allclose([row["val_goodness"] for row in course], likely, atol=1e-4)
    assert {row["inner_folds"] for row in course} == {0}


def test_groups_are_not_parted(tmp_path, rng):
    """Of items that are there five times, only inner folds of whole groups find out that nothing can be learned."""
    labels = np.repeat(rng.integers(CLASSES, size=N // 5), 5)
    x = np.repeat(rng.standard_normal((N // 5, COLUMNS)), 5, axis=0).astype(np.float32)
    groups = {f"S{number}": f"G{number // 5}" for number in range(N)}
    likely = {}
    for told in (None, groups):
        _, _, course = fitted(tmp_path, x, np.eye(CLASSES)[labels], "nearest-neighbours", "softmax", groups=told)
        likely[told is None] = max(row["val_goodness"] for row in course)
    assert likely[True] > -0.1
    assert likely[False] < -0.9


@pytest.mark.parametrize("method", ["linear-svm", "svm-rbf"])
def test_support_vector_machines_rank_as_scikit_learn_s(tmp_path, world, method):
    x, classes = world
    y = np.eye(CLASSES)[classes]
    _, scores, course = fitted(tmp_path, x, y, method, "sigmoid")
    z, sets = standardised(x, split(N)["train"]), split(N)
    strength = chosen(course)
    for column in range(CLASSES):
        machine = SVC(C=strength) if method == "svm-rbf" else LinearSVC(C=strength, random_state=0, max_iter=10_000)
        plain = machine.fit(z[sets["train"]], y[sets["train"], column]).decision_function(z[sets["val"]])
        found = scores["val"][:, column].astype(np.float64)
        np.testing.assert_allclose(np.log(found / (1 - found)), plain, atol=2e-3)


@pytest.mark.parametrize("method", ["linear-svm", "svm-rbf"])
def test_distances_to_one_class_of_many_become_probabilities(tmp_path, world, method):
    x, classes = world
    y, sets = np.eye(CLASSES)[classes], split(N)
    _, scores, course = fitted(tmp_path, x, y, method, "softmax")

    def distances(by: Any, of: Any) -> np.ndarray:
        z = standardised(x, by)
        machines = [
            SVC(C=chosen(course))
            if method == "svm-rbf"
            else LinearSVC(C=chosen(course), random_state=0, max_iter=10_000)
            for _ in range(CLASSES)
        ]
        found = [machine.fit(z[by], y[by, column]) for column, machine in enumerate(machines)]
        return np.column_stack([machine.decision_function(z[of]) for machine in found])

    # Those of items from which the method has not learned tell the factor; fitted on all, they are what it is for.
    parts = inner_parts(y)
    apart, whole = np.concatenate([distances(*part) for part in parts]), distances(slice(None), sets["val"])
    asked = classes[np.concatenate([others for _, others in parts])]
    log_odds = np.log(scores["val"][:, 1:].astype(np.float64) / scores["val"][:, :1])
    further = whole[:, 1:] - whole[:, :1]
    factor = np.median(log_odds / further)
    np.testing.assert_allclose(log_odds, factor * further, atol=2e-3)

    def loss(exponent: float) -> float:
        return log_loss(asked, softmax(np.exp(exponent) * apart, axis=1), labels=range(CLASSES))

    tried = np.linspace(np.log(0.1), np.log(10), 400)
    assert loss(np.log(factor)) <= min(map(loss, tried)) + 1e-4


def test_an_item_of_a_class_of_its_own_does_not_decide_how_sure_a_method_is(tmp_path, world):
    x, classes = world
    y = np.eye(CLASSES + 1)[classes]
    y[10] = np.eye(CLASSES + 1)[CLASSES]  # what learns nothing of it cannot know its class
    _, scores, course = fitted(tmp_path, x, y, "svm-rbf", "softmax")

    def distances(by: Any, of: Any) -> np.ndarray:
        z = (x - x[by].mean(axis=0, dtype=np.float64)) / x[by].std(axis=0, dtype=np.float64)
        found = [SVC(C=chosen(course)).fit(z[by], truth) if truth.any() else None for truth in y[by].T]
        of_class = [machine.decision_function(z[of]) if machine else np.full(len(z[of]), -30.0) for machine in found]
        return np.column_stack(of_class)

    parts = [(learned, others[others != 10]) for learned, others in inner_parts(y)]
    apart, asked = np.concatenate([distances(*part) for part in parts]), np.concatenate([part[1] for part in parts])
    tried = np.exp(np.linspace(np.log(0.1), np.log(10), 400))
    losses = [log_loss(classes[asked], softmax(much * apart, axis=1), labels=range(CLASSES + 1)) for much in tried]
    whole, log_odds = distances(slice(None), split(N)["val"]), np.log(scores["val"].astype(np.float64))
    factor = np.median((log_odds[:, 1] - log_odds[:, 0]) / (whole[:, 1] - whole[:, 0]))
    assert factor == pytest.approx(tried[np.argmin(losses)], rel=0.02)


def test_half_of_the_neighbours_are_a_score_of_a_half(tmp_path, rng):
    x, y = rng.standard_normal((N, 3)).astype(np.float32), (rng.random((N, 2)) < 0.5).astype(float)
    _, scores, course = fitted(tmp_path, x, y, "nearest-neighbours", "sigmoid")
    sets = split(N)
    z = (x - x[sets["train"]].mean(axis=0)) / x[sets["train"]].std(axis=0)
    plain = KNeighborsClassifier(int(chosen(course)), metric="cosine").fit(z[sets["train"]], y[sets["train"]])
    shares = np.column_stack([of_class[:, 1] for of_class in plain.predict_proba(z[sets["val"]])])
    np.testing.assert_allclose(np.log(scores["val"] / (1 - scores["val"])), shares - 0.5, atol=1e-5)


def test_no_more_neighbours_are_chosen_than_there_are_items(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(
        "tests.unit.learning.test_references.split", lambda n: {"train": slice(0, 12), "val": slice(12, n)}
    )
    x, y = rng.standard_normal((60, 3)).astype(np.float32), (rng.random((60, 2)) < 0.4).astype(float)
    model, _, course = fitted(tmp_path, x, y, "nearest-neighbours", "sigmoid")
    assert course[0]["choice"] == 10
    shares = prediction.sub_model(model, "neighbours").predict_on_batch(x)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)


def test_of_many_items_those_evenly_spaced_are_compared(tmp_path, world, monkeypatch):
    x, classes = world
    y, sets = np.eye(CLASSES)[classes], split(N)
    monkeypatch.setattr(references, "MOST_ROWS", 20)
    monkeypatch.setattr(choosing, "FEW_ITEMS", 0)
    model, scores, course = fitted(tmp_path, x, y, "svm-rbf", "sigmoid")
    rows = [round(number * 59 / 19) for number in range(20)]  # of 60
    z = (x.astype(np.float64) - x[rows].mean(axis=0, dtype=np.float64)) / x[rows].std(axis=0, dtype=np.float64)
    for column in range(CLASSES):
        plain = SVC(C=chosen(course)).fit(z[rows], y[rows, column]).decision_function(z[sets["val"]])
        found = scores["val"][:, column].astype(np.float64)
        np.testing.assert_allclose(np.log(found / (1 - found)), plain, atol=2e-3)
    assert model.get_layer("kernel").rows.shape == (20, COLUMNS)


def test_nearest_neighbours_share_out_one_as_scikit_learn_s_do(tmp_path, world):
    x, classes = world
    model, _, course = fitted(tmp_path, x, np.eye(CLASSES)[classes], "nearest-neighbours", "softmax")
    z, sets = standardised(x), split(N)
    plain = KNeighborsClassifier(int(chosen(course)), metric="cosine").fit(z, classes)
    shares = prediction.sub_model(model, "neighbours").predict_on_batch(x[sets["val"]])
    np.testing.assert_allclose(shares @ np.eye(CLASSES)[classes], plain.predict_proba(z[sets["val"]]), atol=1e-6)


def tastes(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return standardised(x) @ rng.standard_normal((COLUMNS, 4)) + rng.standard_normal((N, 4)) + [3, 2, 1, 0]


@pytest.mark.parametrize("output", ["linear", "factors"])
def test_ridge_predicts_what_scikit_learn_predicts_of_any_length(tmp_path, world, rng, output):
    x, _ = world
    z, sets, y = standardised(x), split(N), tastes(x, rng)
    _, scores, course = fitted(tmp_path, x, y, "ridge", output)
    plain = Ridge(chosen(course)).fit(z, y).predict(z[sets["val"]])
    np.testing.assert_allclose(scores["val"], plain, atol=1e-3)


def test_a_weighted_ridge_is_that_of_items_that_stand_there_as_often_as_they_are_played(tmp_path, world, rng):
    x, _ = world
    z, sets, y = standardised(x), split(N), tastes(x, rng)
    users = rng.integers(4, size=N)
    write_rows(
        tmp_path / "played.tsv",
        [{"id": f"S{n}", "set": "", "status": "", "users": count, "popularity": ""} for n, count in enumerate(users)],
    )
    _, scores, course = fitted(tmp_path, x, y, "ridge", "linear", played=tmp_path / "played.tsv")
    often = np.repeat(np.arange(N), users)
    plain = Ridge(chosen(course)).fit(z[often], y[often]).predict(z[sets["val"]])
    np.testing.assert_allclose(scores["val"], plain, atol=1e-3)


def test_items_that_nobody_played_cannot_be_weighed(tmp_path, world, rng):
    x, _ = world
    write_rows(tmp_path / "played.tsv", [{"id": "S0", "set": "", "status": "", "users": 0, "popularity": ""}])
    with pytest.raises(TartarusError, match=r"played\.tsv: nobody played a training item .*; write weighted: false"):
        fitted(tmp_path, x, tastes(x, rng), "ridge", "linear", played=tmp_path / "played.tsv")


def test_popularity_is_a_ridge_of_how_far_along_the_mean_an_item_lies(tmp_path, world, rng):
    x, _ = world
    z, sets, y = standardised(x), split(N), tastes(x, rng)
    _, scores, course = fitted(tmp_path, x, y, "popularity", "linear")
    mean = y.mean(axis=0)
    along = y @ mean / (mean @ mean)
    plain = Ridge(chosen(course)).fit(z, along).predict(z[sets["val"]])
    np.testing.assert_allclose(scores["val"], np.outer(plain, mean), atol=1e-3)
    users = rng.standard_normal((20, 4)) + mean  # those who like what is liked get one and the same order
    orders = {tuple(np.argsort(-scores["val"] @ user)) for user in users if user @ mean > 0.5}
    assert len(orders) == 1


def test_sparse_words_are_taken_as_they_are(tmp_path, rng):
    x = scipy.sparse.random(N, 40, density=0.2, format="csr", random_state=0, dtype=np.float32)
    y = (x[:, :CLASSES].toarray() > 0).astype(float)
    _, scores, course = fitted(tmp_path, x, y, "logistic-regression", "sigmoid")
    sets, strength = split(N), chosen(course)
    for column in range(CLASSES):
        plain = LogisticRegression(C=strength, max_iter=1000).fit(x[sets["train"]], y[sets["train"], column])
        np.testing.assert_allclose(scores["val"][:, column], plain.predict_proba(x[sets["val"]])[:, 1], atol=1e-4)


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_the_most_frequent_is_the_share_of_every_class_whatever_the_item(tmp_path, world, output):
    x, classes = world
    y = np.eye(CLASSES)[classes]
    _, scores, _ = fitted(tmp_path, x, y, "most-frequent", output)
    known = y if output == "softmax" else y[split(N)["train"]]
    np.testing.assert_allclose(scores["val"], np.tile(known.mean(axis=0), (N - N * 2 // 3, 1)), atol=1e-6)


@pytest.mark.parametrize("method", ["logistic-regression", "linear-svm", "svm-rbf"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_a_class_without_a_training_item_is_never_chosen(tmp_path, world, method, output):
    x, classes = world
    y = np.eye(CLASSES + 1)[classes]
    _, scores, _ = fitted(tmp_path, x, y, method, output)
    assert (scores["val"][:, CLASSES] < 1e-6).all()
    assert (scores["val"].argmax(axis=1) == classes[split(N)["val"]]).mean() > 0.5


def test_the_same_fit_gives_the_same_bytes(tmp_path, world):
    x, classes = world
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fitted(tmp_path / name, x, np.eye(CLASSES)[classes], "svm-rbf", "softmax")
        files.append((tmp_path / name / "model.keras").read_bytes())
    assert files[0] == files[1]


def test_the_variance_of_sparse_vectors_is_that_of_dense_ones(rng):
    x = scipy.sparse.random(20, 30, density=0.2, random_state=0, format="csr")
    assert references._variance(x) == pytest.approx(x.toarray().var())
    assert references._variance(x.toarray()) == pytest.approx(x.toarray().var())
