"""Differences to the best plain method: numpy's percentiles of differences of plainly resampled measures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.evaluation import differences, measures, multiclass

from tests.unit.examples import RESULT

N, CLASSES, SAMPLES = 200, 3, 300


def measured(y: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    named = [f"c{number}" for number in range(CLASSES)]
    return multiclass.evaluate(y, scores[None], named, samples=SAMPLES, seed=5)


def result(name: str, found: dict[str, Any], *, is_plain: bool = True, **more: Any) -> dict[str, Any]:
    network = {"name": "reference", "method": name} if is_plain else {"name": "cnn"}
    provenance = {**RESULT["provenance"], "settings": {"network": network}}
    return {**RESULT, "experiment": name, "settings": [], **found, "provenance": provenance, **more}


@pytest.fixture
def world(rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Give the truth, and scores of a model that errs where a good plain method does, and seldom besides."""
    y = np.eye(CLASSES)[rng.integers(CLASSES, size=N)]
    plain = y + rng.normal(0, 0.7, y.shape)
    ours = plain + 0.3 * y
    return y, {"svm": plain, "model": ours, "bad": rng.normal(size=y.shape)}


def compared(folder: Path, y: np.ndarray, scores: dict[str, np.ndarray], ids: dict[str, list[str]]) -> Any:
    results, samples = [], []
    for name, its in scores.items():
        found, drawn = differences.taken_out(measured(y, its))
        np.savez(folder / "test.npz", index=np.array(ids[name]))
        differences.write(folder / f"{name}.npz", drawn, folder / "test.npz")
        results.append(result(name, found, is_plain=name != "model"))
        samples.append(differences.read(folder / f"{name}.npz"))
    return dict(zip(scores, differences.to_best_reference(results, samples), strict=True))


def test_the_interval_is_that_of_differences_of_the_same_draws(tmp_path, world):
    y, scores = world
    ids = [f"S{number}" for number in range(N)]
    found = compared(tmp_path, y, scores, dict.fromkeys(scores, ids))["model"]["accuracy"]
    right = {name: its.argmax(axis=1) == y.argmax(axis=1) for name, its in scores.items()}
    gained = right["model"].astype(float) - right["svm"]
    plain = [np.repeat(gained, drawn).mean() for drawn in measures.draws(N, samples=SAMPLES, seed=5)]
    assert found.reference == "svm"
    assert found.mean == pytest.approx(gained.mean())
    assert found.ci95 == pytest.approx(np.percentile(plain, [2.5, 97.5]))
    # Both err on the same items: the interval is narrower than that of either.
    low, high = measured(y, scores["model"])["measures"]["accuracy"]["ci95"]
    assert found.ci95[1] - found.ci95[0] < 0.7 * (high - low)


def test_the_best_plain_method_has_no_difference_to_itself_and_others_have(tmp_path, world):
    y, scores = world
    ids = [f"S{number}" for number in range(N)]
    found = compared(tmp_path, y, {**scores, "twin": scores["svm"]}, dict.fromkeys([*scores, "twin"], ids))
    assert "accuracy" not in found["svm"]
    assert found["bad"]["accuracy"].mean < -0.2
    assert (found["twin"]["f1_macro"].mean, found["twin"]["f1_macro"].ci95) == (0, (0, 0))


def test_of_other_test_items_there_is_a_difference_without_an_interval(tmp_path, world):
    y, scores = world
    ids = {name: [f"{name}{number}" for number in range(N)] for name in scores}
    found = compared(tmp_path, y, scores, ids)["model"]["accuracy"]
    assert found.mean > 0
    assert found.ci95 is None


def test_only_plain_methods_on_the_same_dataset_and_task_are_compared_with(world):
    y, scores = world
    found, _ = differences.taken_out(measured(y, scores["svm"]))
    ours = result("cnn", found, is_plain=False)
    others = [result("svm", found, dataset="OTHER"), result("knn", found, task="multilabel")]
    assert differences.to_best_reference([ours, *others], []) == [{}, {}, {}]
    lesser, _ = differences.taken_out(measured(y, scores["bad"]))
    both = differences.to_best_reference([ours, result("bad", lesser), result("good", found)], [])
    assert {its.reference for its in both[0].values()} == {"good"}
    assert not both[2]


def test_nothing_of_the_samples_stays_in_a_result(world):
    y, scores = world
    whole = measured(y, scores["svm"])
    found, drawn = differences.taken_out({**whole, "folds": [whole, whole]})
    assert drawn["accuracy"].shape == (SAMPLES,)
    assert "sampled" not in repr(found)
    assert found["measures"]["accuracy"]["mean"] == whole["measures"]["accuracy"]["mean"]


def test_a_sample_may_lack_a_measure(tmp_path):
    np.savez(tmp_path / "test.npz", index=np.array(["S1"]))
    differences.write(tmp_path / "bootstrap.npz", {"roc_auc": np.array([0.5, np.nan])}, tmp_path / "test.npz")
    np.testing.assert_array_equal(
        differences.read(tmp_path / "bootstrap.npz").of_measures["roc_auc"], np.array([0.5, np.nan])
    )


def test_a_file_without_samples_is_told(tmp_path):
    np.savez(tmp_path / "bootstrap.npz", scores=np.zeros(3))
    with pytest.raises(TartarusError, match=r"bootstrap\.npz: no samples of measures"):
        differences.read(tmp_path / "bootstrap.npz")
