"""Plain methods as models: what the model says is what scikit-learn says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC
from tartarus.features import store
from tartarus.learning import model_files, prediction, references, training

N, COLUMNS, CLASSES = 90, 6, 3


def split(n: int) -> dict[str, slice]:
    return {"train": slice(0, n * 2 // 3), "val": slice(n * 2 // 3, n)}


@pytest.fixture
def world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Give vectors of very different scales, and the class of each, which they tell in part."""
    classes = rng.integers(CLASSES, size=N)
    x = rng.standard_normal((N, COLUMNS)) + 1.2 * np.eye(CLASSES, COLUMNS)[classes]
    return (x * 10.0 ** np.arange(-2, COLUMNS - 2) + 5).astype(np.float32), classes


def fitted(folder: Path, x: Any, y: np.ndarray, method: str, output: str) -> tuple[Any, dict[str, Any], list[Any]]:
    features, index, truth = {}, {}, {}
    for set_, rows in split(len(y)).items():
        path = folder / f"X_{set_}_mine_SONGS.npz"
        index[set_] = [f"S{number}" for number in range(len(y))][rows]
        store.write_vectors(path, x[rows], index[set_], {"kind": "mine"})
        features[set_] = [store.open_features(path)]
        truth[set_] = y[rows]
    inputs = training.describe(["mine"], features["train"], {})
    options = {"network": {"name": "reference", "method": method}, "output": output, "dim": y.shape[1]}
    model, course = references.fit("plain", inputs, features, index, truth, options)
    model_files.save(model, folder / "model.keras")
    loaded = model_files.load(folder / "model.keras")
    _, blocks = prediction.predict(loaded, features["val"], index["val"])
    return loaded, {"val": np.concatenate(list(blocks))}, course


def standardised(x: np.ndarray) -> np.ndarray:
    train = x[split(len(x))["train"]].astype(np.float64)
    return (x - train.mean(axis=0)) / train.std(axis=0)


def chosen(course: list[Any]) -> float:
    return max(course, key=lambda row: (row["val_goodness"], -row["epoch"]))["choice"]


def test_logistic_regression_says_what_scikit_learn_says(tmp_path, world):
    x, classes = world
    _, scores, course = fitted(tmp_path, x, np.eye(CLASSES)[classes], "logistic-regression", "softmax")
    z, sets = standardised(x), split(N)
    plain = LogisticRegression(C=chosen(course), max_iter=1000).fit(z[sets["train"]], classes[sets["train"]])
    np.testing.assert_allclose(scores["val"], plain.predict_proba(z[sets["val"]]), atol=1e-4)
    accuracies = [
        LogisticRegression(C=row["choice"], max_iter=1000)
        .fit(z[sets["train"]], classes[sets["train"]])
        .score(z[sets["val"]], classes[sets["val"]])
        for row in course
    ]
    np.testing.assert_allclose([row["val_goodness"] for row in course], accuracies)


@pytest.mark.parametrize("method", ["linear-svm", "svm-rbf"])
def test_support_vector_machines_rank_as_scikit_learn_s(tmp_path, world, method):
    x, classes = world
    y = np.eye(CLASSES)[classes]
    _, scores, course = fitted(tmp_path, x, y, method, "sigmoid")
    z, sets = standardised(x), split(N)
    strength = chosen(course)
    for column in range(CLASSES):
        machine = SVC(C=strength) if method == "svm-rbf" else LinearSVC(C=strength, random_state=0, max_iter=10_000)
        plain = machine.fit(z[sets["train"]], y[sets["train"], column]).decision_function(z[sets["val"]])
        found = scores["val"][:, column].astype(np.float64)
        np.testing.assert_allclose(np.log(found / (1 - found)), plain, atol=2e-3)


def test_nearest_neighbours_share_out_one_as_scikit_learn_s_do(tmp_path, world):
    x, classes = world
    model, _, course = fitted(tmp_path, x, np.eye(CLASSES)[classes], "nearest-neighbours", "softmax")
    z, sets = standardised(x), split(N)
    plain = KNeighborsClassifier(int(chosen(course)), metric="cosine").fit(z[sets["train"]], classes[sets["train"]])
    shares = prediction.sub_model(model, "neighbours").predict_on_batch(x[sets["val"]])
    np.testing.assert_allclose(
        shares @ np.eye(CLASSES)[classes[sets["train"]]], plain.predict_proba(z[sets["val"]]), atol=1e-6
    )


def test_ridge_predicts_the_direction_that_scikit_learn_predicts(tmp_path, world, rng):
    x, _ = world
    z, sets = standardised(x), split(N)
    y = z @ rng.standard_normal((COLUMNS, 4)) + rng.standard_normal((N, 4))
    _, scores, course = fitted(tmp_path, x, y, "ridge", "linear")
    plain = Ridge(chosen(course)).fit(z[sets["train"]], y[sets["train"]]).predict(z[sets["val"]])
    np.testing.assert_allclose(scores["val"], plain / np.linalg.norm(plain, axis=1, keepdims=True), atol=1e-4)


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
    np.testing.assert_allclose(
        scores["val"], np.tile(y[split(N)["train"]].mean(axis=0), (N - N * 2 // 3, 1)), atol=1e-6
    )


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
