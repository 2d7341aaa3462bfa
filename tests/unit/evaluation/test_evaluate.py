"""Predictions against the truth, by task: files as the rules write them, figures as scikit-learn computes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn import metrics
from sklearn.metrics.pairwise import cosine_similarity
from tartarus.base.arrays import write_arrays
from tartarus.base.errors import TartarusError
from tartarus.base.files import write_lines
from tartarus.evaluation import evaluate, measures, prediction_files, recommendation
from tartarus.items import listening
from tartarus.items.tables import write_rows

from .conftest import CLASSES, Written

SEEDS = 2
DRAWS = {"samples": 20, "seed": 1}


def ids_of(count: int, prefix: str = "S") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def per_seed(result: dict[str, Any]) -> dict[str, list[float]]:
    return {name: measure["per_seed"] for name, measure in result["measures"].items()}


# --- One class -------------------------------------------------------------------------------------------


def test_one_class_is_measured_as_by_scikit_learn(
    array: Written, scores_file: Written, classes: str, rng: np.random.Generator
) -> None:
    truth, ids = rng.permutation(np.arange(40) % 4), ids_of(40)
    scores = rng.normal(size=(SEEDS, 40, 4)) + 1.5 * np.eye(4)[truth]
    # Predicted in another order than that of the index, and not all of them.
    order = rng.permutation(40)[:35]
    found = evaluate.evaluate(
        "multiclass",
        {"y_test": array("y", np.eye(4, dtype=np.uint8)[truth]), "classes": classes},
        {"test": scores_file("test", scores[:, order], [ids[row] for row in order])},
        {"train": ids_of(5, "T"), "val": ids_of(5, "V"), "test": ids},
        **DRAWS,
    )
    expected: dict[str, list[float]] = {}
    counts = np.zeros((4, 4), int)
    for seed in range(SEEDS):
        predicted = scores[seed].argmax(axis=1)
        pair = (truth[order], predicted[order])
        counts += metrics.confusion_matrix(*pair, labels=range(4))
        expected.setdefault("accuracy", []).append(metrics.accuracy_score(*pair))
        macro = metrics.precision_recall_fscore_support(*pair, average="macro", zero_division=0)
        for name, value in zip(("precision_macro", "recall_macro", "f1_macro"), macro[:3], strict=True):
            expected.setdefault(name, []).append(value)
        expected.setdefault("precision_micro", []).append(metrics.precision_score(*pair, average="micro"))
    assert set(per_seed(found)) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(per_seed(found)[name], values, rtol=1e-12, err_msg=name)
    assert found["confusion"] == counts.tolist()
    assert (found["parameters"], found["classes"]) == (1234, 4)
    assert [entry["class"] for entry in found["per_class"]] == CLASSES
    assert [entry["support"] for entry in found["per_class"]] == np.bincount(truth[order]).tolist()


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_an_ensemble_is_measured_as_one_model_that_says_the_mean(
    array: Written, scores_file: Written, classes: str, rng: np.random.Generator, task: str
) -> None:
    y = {set_: np.eye(4, dtype=np.uint8)[rng.permutation(np.arange(40) % 4)] for set_ in ("val", "test")}
    truth = {**{f"y_{set_}": array(f"y_{set_}", its) for set_, its in y.items()}, "classes": classes}
    index = {"train": ids_of(5, "T"), "val": ids_of(40, "V"), "test": ids_of(40)}
    found = {}
    for kind in ("apart", "mean"):
        files = {}
        for set_, its in y.items():
            scores = np.random.default_rng(len(set_)).normal(size=(3, 40, 4)) + its
            scores = scores.mean(axis=0, keepdims=True) if kind == "mean" else scores
            files[set_] = scores_file(f"{kind}_{set_}", scores, index[set_])
        found[kind] = evaluate.evaluate(task, truth, files, index, ensemble=kind == "apart", **DRAWS)
    assert found["apart"]["ensemble"] == found["mean"]["measures"]
    assert "ensemble" not in found["mean"]
    assert found["apart"]["ensemble"] != found["apart"]["measures"]


# --- Many classes ----------------------------------------------------------------------------------------


def labels(rng: np.random.Generator, count: int) -> np.ndarray:
    y = (rng.random((count, 4)) < 0.4).astype(np.uint8)
    y[0], y[1] = 1, 0
    return y


def areas(y: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    return {
        "roc_auc": metrics.roc_auc_score(y, scores, average="macro"),
        "pr_auc": metrics.average_precision_score(y, scores, average="macro"),
        "precision@1": float(np.mean([row[best] for row, best in zip(y, scores.argmax(axis=1), strict=True)
                                      if row.any()])),
        "ndcg@3": float(np.mean([metrics.ndcg_score([row], [s], k=3) for row, s in zip(y, scores, strict=True)
                                 if row.any()])),
    }  # fmt: skip


def f1_at_best(y: np.ndarray, scores: np.ndarray, held_y: np.ndarray, held_scores: np.ndarray) -> float:
    """Cut where F1 is best on the validation set, the higher of equals, and compute macro F1 on the test set.

    Classes with fewer than eight validation items are cut where micro F1 is best.
    """

    def best(truth: np.ndarray, values: np.ndarray) -> float:
        return max((metrics.f1_score(truth.ravel(), values.ravel() >= cut), cut) for cut in np.unique(values))[1]

    found = []
    for column in range(y.shape[1]):
        few = held_y[:, column].sum() < 8
        cut = best(held_y, held_scores) if few else best(held_y[:, column], held_scores[:, column])
        found.append(metrics.f1_score(y[:, column], scores[:, column] >= cut))
    return float(np.mean(found))


@pytest.mark.parametrize("validation", ["file", "cut"])
@pytest.mark.parametrize("factors", [False, True], ids=["classes", "factors of classes"])
def test_many_classes_are_measured_as_by_scikit_learn(
    array: Written,
    scores_file: Written,
    classes: str,
    rng: np.random.Generator,
    validation: str,
    factors: bool,
) -> None:
    # Cut, the validation items are the rows 40 to 44 of the 50 for training.
    n_val, begin, end = (50, 40, 45) if validation == "cut" else (20, 0, 20)
    y = {"val": labels(rng, n_val), "test": labels(rng, 30)}
    y["val"][begin:end][:2] = [[1, 1, 0, 0], [0, 0, 1, 1]]
    truth = {f"y_{set_}": array(f"y_{set_}", values) for set_, values in y.items()}
    index = {"train": ids_of(50, "T"), "val": ids_of(n_val, "T" if validation == "cut" else "V"), "test": ids_of(30)}
    order = {"val": rng.permutation(np.arange(begin, end)), "test": rng.permutation(30)[:27]}
    order["test"] = np.union1d(order["test"], [0, 1])[::-1]
    shown, used, predictions = {}, {}, {}
    class_factors = rng.normal(size=(4, 3)).astype(np.float32)
    for set_, rows in order.items():
        outputs = rng.normal(size=(SEEDS, len(rows), 3 if factors else 4)).astype(np.float32)
        shown[set_] = [cosine_similarity(output, class_factors) for output in outputs] if factors else list(outputs)
        used[set_] = y[set_][rows]
        predictions[set_] = scores_file(set_, outputs, [index[set_][row] for row in rows])
    if factors:
        truth["class_factors"] = array("class_factors", class_factors)
    found = evaluate.evaluate(
        "multilabel", {**truth, "classes": classes}, predictions, index, validation=validation, **DRAWS
    )
    expected = [areas(used["test"], scores) for scores in shown["test"]]
    for name in expected[0]:
        values = [measured[name] for measured in expected]
        np.testing.assert_allclose(per_seed(found)[name], values, rtol=1e-5, err_msg=name)
    f1 = [
        f1_at_best(used["test"], scores, used["val"], held)
        for scores, held in zip(shown["test"], shown["val"], strict=True)
    ]
    np.testing.assert_allclose(per_seed(found)["f1_macro"], f1, rtol=1e-6)
    assert [entry["support"] for entry in found["per_class"]] == used["test"].sum(axis=0).tolist()
    assert found["unlabelled_items"] == (~used["test"].any(axis=1)).sum()
    assert (found["parameters"], found["classes"]) == (1234, 4)


def test_perfect_scores_are_perfect_only_if_items_are_matched_by_id(
    array: Written, scores_file: Written, classes: str, rng: np.random.Generator
) -> None:
    y, ids = labels(rng, 30), ids_of(30)
    truth = {"y_test": array("y_test", y), "y_val": array("y_val", y), "classes": classes}
    order = rng.permutation(30)
    perfect = np.repeat(y[None, order].astype(float), SEEDS, axis=0)
    index = {"train": ids, "val": ids, "test": ids}

    def f1(given: list[str]) -> float:
        files = {set_: scores_file(set_, perfect, given) for set_ in ("val", "test")}
        return evaluate.evaluate("multilabel", truth, files, index, **DRAWS)["measures"]["roc_auc"]["mean"]

    assert f1([ids[row] for row in order]) == 1
    assert f1(ids) < 1


# --- Recommendation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("users", [None, 6])
def test_recommendations_are_measured_as_by_scikit_learn(
    tmp_path: Path, array: Written, scores_file: Written, rng: np.random.Generator, users: int | None
) -> None:
    plays = (rng.random((12, 9)) < 0.3) * rng.integers(1, 50, size=(12, 9))
    plays[:, 2] = 0  # a user without a play
    plays[:2, 0], plays[2:4, 0] = 3, 0
    matrix = scipy.sparse.csr_matrix(plays)
    write_arrays(
        tmp_path / "plays.npz", data=matrix.data, indices=matrix.indices, indptr=matrix.indptr,
        shape=np.array(matrix.shape),
    )  # fmt: skip
    user_factors = rng.normal(size=(9, 3)).astype(np.float32)
    outputs = rng.normal(size=(SEEDS, 12, 3)).astype(np.float32)
    outputs /= np.linalg.norm(outputs, axis=2, keepdims=True)
    ids, order = ids_of(12), rng.permutation(12)[:10]
    found = evaluate.evaluate(
        "recommendation",
        {"plays": str(tmp_path / "plays.npz"), "user_factors": array("users", user_factors)},
        {"test": scores_file("test", outputs[:, order], [ids[row] for row in order])},
        {"train": ids_of(3, "T"), "val": ids_of(3, "T"), "test": ids},
        validation="cut",
        users=users,
        **DRAWS,
    )
    asked = range(users or 9)
    played = plays[order] > 0
    active = [user for user in asked if played[:, user].any()]
    assert found["users"] == {"evaluated": len(active), "without_items": len(asked) - len(active)}
    for seed in range(SEEDS):
        scores = user_factors @ outputs[seed, order].T
        pairs = [(played[:, user], scores[user]) for user in active]
        expected = {
            # With fewer than 500 items, average precision.
            "map@500": np.mean([metrics.average_precision_score(*pair) for pair in pairs]),
            "roc_auc": np.mean([metrics.roc_auc_score(*pair) for pair in pairs if not pair[0].all()]),
            "ndcg@5": np.mean([metrics.ndcg_score([truth], [values], k=5) for truth, values in pairs]),
            "precision@1": np.mean([truth[values.argmax()] for truth, values in pairs]),
        }
        for name, value in expected.items():
            assert per_seed(found)[name][seed] == pytest.approx(value, rel=1e-5), name
    assert (found["classes"], found["per_class"], found["parameters"]) == (0, [], 1234)


# --- Truth and scores of a set ---------------------------------------------------------------------------


def test_truth_and_scores_of_a_set_belong_together(array: Written, scores_file: Written) -> None:
    y = np.arange(40, dtype=np.uint8).reshape(20, 2) % 3 % 2
    ids, kept = ids_of(20), [17, 16]
    scores = np.array([[[17, 0], [16, 0]], [[17, 1], [16, 1]]], float)
    scored = prediction_files.read(scores_file("val", scores, [ids[row] for row in kept]))
    found = evaluate.of_classes({"y_val": array("y", y)}, scored, {"val": ids}, "val", validation="cut")
    np.testing.assert_array_equal(found[0], y[kept])
    np.testing.assert_array_equal(found[1], scores)


# --- Files that are damaged, or do not belong together ---------------------------------------------------


@pytest.fixture
def labelled(array: Written, scores_file: Written, classes: str, rng: np.random.Generator) -> dict[str, Any]:
    """All that an evaluation of many labels is given, by the names of its parameters."""
    y, ids = labels(rng, 30), ids_of(30)
    scores = rng.random((SEEDS, 30, 4))
    return {
        "task": "multilabel",
        "truth": {"y_test": array("y_test", y), "y_val": array("y_val", y), "classes": classes},
        "predictions": {set_: scores_file(set_, scores, ids) for set_ in ("test", "val")},
        "index": {"train": ids, "val": ids, "test": ids},
    }


def test_an_id_that_stands_twice_is_refused_with_its_places(tmp_path: Path) -> None:
    path = tmp_path / "items_index_test_X.tsv"
    write_lines(path, ["A", "B", "C", "B", "A"])
    with pytest.raises(TartarusError, match=f"^{path}: the id 'B' stands twice, as number 2 and 4; delete it"):
        evaluate.read_ids(path)
    write_lines(path, ["A", "B", "C"])
    assert evaluate.read_ids(path) == ["A", "B", "C"]


@pytest.mark.parametrize("set_", ["test", "val"])
def test_an_index_that_lacks_lines_is_refused(labelled: dict[str, Any], set_: str) -> None:
    # Whichever line is lost, those behind it would get the truth of others.
    labelled["index"][set_] = labelled["index"][set_][1:]
    with pytest.raises(TartarusError, match=rf"y_{set_}.npy: 30 rows, but its set has 29 ids in items_index; delete"):
        evaluate.evaluate(**labelled, **DRAWS)


@pytest.mark.parametrize("set_", ["test", "val"])
def test_predictions_of_unknown_items_are_refused(labelled: dict[str, Any], set_: str) -> None:
    labelled["index"][set_] = ["other", *ids_of(30)[1:]]
    with pytest.raises(TartarusError, match=rf"{set_}.npz: 1 of 30 items, the first 'S0', are not in items_index"):
        evaluate.evaluate(**labelled, **DRAWS)


@pytest.mark.parametrize("columns", [3, 5])
def test_a_truth_of_other_classes_is_refused(labelled: dict[str, Any], array: Written, columns: int) -> None:
    labelled["truth"]["y_val"] = array("y_val", np.eye(30, columns, dtype=np.uint8))
    with pytest.raises(TartarusError, match=rf"4 classes, but .*y_val.npy has {columns} and the scores of .*val.npz"):
        evaluate.evaluate(**labelled, **DRAWS)


def test_a_truth_without_classes_or_with_other_values_is_refused(labelled: dict[str, Any], array: Written) -> None:
    labelled["truth"]["y_test"] = array("y_test", np.ones(30))
    with pytest.raises(TartarusError, match=r"y_test.npy: 1 dimensions, expected items and classes; delete"):
        evaluate.evaluate(**labelled, **DRAWS)
    y = np.ones((30, 4))
    y[7, 2] = 2
    labelled["truth"]["y_test"] = array("y_test", y)
    with pytest.raises(TartarusError, match=r"y_test.npy: item 'S7' holds other values than 0 and 1"):
        evaluate.evaluate(**labelled, **DRAWS)


def test_an_item_of_two_classes_is_refused_where_there_is_one(labelled: dict[str, Any], array: Written) -> None:
    y = np.eye(4, dtype=np.uint8)[np.arange(30) % 4]
    y[7] = [1, 0, 0, 1]
    labelled |= {"task": "multiclass", "predictions": {"test": labelled["predictions"]["test"]}}
    labelled["truth"]["y_test"] = array("y_test", y)
    with pytest.raises(TartarusError, match=r"y_test.npy: item 'S7' does not have exactly one class"):
        evaluate.evaluate(**labelled, **DRAWS)


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_a_score_that_is_not_finite_is_refused_with_file_seed_and_item(labelled: dict[str, Any], task: str) -> None:
    scores = np.zeros((SEEDS, 30, 4), np.float32)
    scores[1, 7, 2] = np.nan
    labelled |= {"task": task}
    # Not as `predict` writes it, which refuses it too.
    others = {"index": np.array(ids_of(30)), "seeds": np.arange(SEEDS), "parameters": np.array(1)}
    np.savez(labelled["predictions"]["test"], scores=scores, **others)
    with pytest.raises(TartarusError, match=r"test.npz: seed 1: item 'S7', column 2: nan is not a finite number"):
        evaluate.evaluate(**labelled, **DRAWS)


def test_predictions_of_other_seeds_than_those_of_the_test_items_are_refused(
    labelled: dict[str, Any], scores_file: Written
) -> None:
    labelled["predictions"]["val"] = scores_file("val", np.zeros((3, 30, 4)), ids_of(30))
    with pytest.raises(TartarusError, match=r"val.npz: seeds \[0, 1, 2\], but .*test.npz has \[0, 1\]; delete both"):
        evaluate.evaluate(**labelled, **DRAWS)


@pytest.mark.parametrize("values", [np.ones((4, 3)), np.ones(4), np.full((4, 4), np.nan)], ids=["width", "1-D", "NaN"])
def test_factors_of_classes_that_do_not_fit_are_refused(
    tmp_path: Path, labelled: dict[str, Any], values: np.ndarray
) -> None:
    labelled["truth"]["class_factors"] = str(tmp_path / "class_factors.npy")
    np.save(tmp_path / "class_factors.npy", values)
    with pytest.raises(TartarusError, match=r"class_factors.npy: .* expected 4 finite factors for each class"):
        evaluate.evaluate(**labelled, **DRAWS)


def test_plays_of_other_items_are_refused(
    tmp_path: Path, array: Written, scores_file: Written, rng: np.random.Generator
) -> None:
    matrix = scipy.sparse.csr_matrix(np.eye(12, 9))
    write_arrays(
        tmp_path / "plays.npz", data=matrix.data, indices=matrix.indices, indptr=matrix.indptr,
        shape=np.array(matrix.shape),
    )  # fmt: skip
    with pytest.raises(TartarusError, match=r"plays.npz: 12 rows, but its set has 11 ids in items_index"):
        evaluate.evaluate(
            "recommendation",
            {"plays": str(tmp_path / "plays.npz"), "user_factors": array("users", rng.random((9, 3)))},
            {"test": scores_file("test", rng.random((SEEDS, 11, 3)), ids_of(11))},
            {"train": ids_of(3, "T"), "val": ids_of(3, "T"), "test": ids_of(11)},
            **DRAWS,
        )


# --- Plays that were factorised here ---------------------------------------------------------------------


@pytest.mark.parametrize("known", ["2", ""])
def test_what_is_known_without_a_model_stands_beside_it(
    tmp_path: Path, array: Written, scores_file: Written, rng: np.random.Generator, known: str
) -> None:
    ids, kept = ids_of(12), [3, 0, 7, 8, 11]
    plays = scipy.sparse.csr_matrix((rng.random((12, 9)) < 0.4).astype(np.float32))
    listening.write_counts(str(tmp_path / "plays.npz"), plays)
    own, users = rng.normal(size=(12, 3)).astype(np.float32), rng.normal(size=(9, 3)).astype(np.float32)
    popularity = {id_: f"{number % 5}" for number, id_ in enumerate(ids)} | {ids[3]: known}
    rows = [
        {"id": id_, "set": "test", "status": "ok", "users": 1, "popularity": popularity[id_]} for id_ in reversed(ids)
    ]
    write_rows(tmp_path / "played.tsv", rows, columns=listening.ITEM_COLUMNS)
    listed = [{"user": name, "row": row, "train": 1, "val": 0, "test": 1} for name, row in (("u", 0), ("v", ""))]
    write_rows(tmp_path / "users.tsv", listed, columns=listening.USER_COLUMNS)
    found = evaluate.evaluate(
        "recommendation",
        {
            "plays": str(tmp_path / "plays.npz"),
            "user_factors": array("users", users),
            "item_factors": array("own", own),
            "played": str(tmp_path / "played.tsv"),
            "users": str(tmp_path / "users.tsv"),
        },
        {"test": scores_file("test", rng.normal(size=(1, 5, 3)), [ids[row] for row in kept])},
        {"train": [], "val": [], "test": ids},
        samples=3,
        seed=1,
    )
    expected = recommendation.evaluate(plays[kept], own[kept][None], users, samples=3, seed=1)["measures"]
    for name, measure in found["measures"].items():
        assert measure["upper_bound"] == expected[name]["mean"]
        assert ("popularity" in measure) == bool(known)
    assert found["users"]["left_out"] == 1


# --- Whole groups ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["multiclass", "multilabel", "retrieval"])
def test_intervals_draw_whole_groups_of_test_items(
    array: Written, scores_file: Written, classes: str, rng: np.random.Generator, task: str
) -> None:
    truth = np.eye(4, dtype=np.uint8)[np.arange(24) % 4]
    scores = rng.normal(size=(SEEDS, 24, 4)) + truth
    ids, group_of = ids_of(24), {f"S{number}": f"artist {number // 3}" for number in range(24)}
    val = {"y_val": array("y_val", truth)} if task == "multilabel" else {}
    predictions = {"test": scores_file("test", scores, ids)}
    if val:
        predictions["val"] = scores_file("val", scores, ids)
    truth_files = {"y_test": array("y", truth), "classes": classes, **val}
    given = (task, truth_files, predictions, {"train": [], "val": ids, "test": ids})
    found = evaluate.evaluate(*given, groups=group_of, **DRAWS)
    assert found["bootstrap"] == {"by": "group", "groups": 8}
    by_item = evaluate.evaluate(*given, **DRAWS)
    assert "bootstrap" not in by_item
    assert per_seed(found) == per_seed(by_item)
    name = {"multiclass": "accuracy", "multilabel": "precision@1", "retrieval": "recall@1_first_to_second"}[task]
    assert found["measures"][name]["ci95"] != by_item["measures"][name]["ci95"]
    if task == "multiclass":
        right = (scores.argmax(axis=2) == truth.argmax(axis=1)).mean(axis=0)
        groups = np.arange(24) // 3
        means = [np.average(right, weights=drawn) for drawn in measures.draws(24, **DRAWS, groups=groups)]
        assert found["measures"][name]["ci95"] == pytest.approx(np.percentile(means, [2.5, 97.5]).tolist())


@pytest.mark.parametrize("task", ["multiclass", "multilabel", "retrieval"])
def test_a_single_group_has_no_interval(array: Written, scores_file: Written, classes: str, task: str) -> None:
    truth, ids = np.eye(4, dtype=np.uint8)[np.arange(24) % 4], ids_of(24)
    scores = scores_file("test", np.stack([truth, truth]).astype(float), ids)
    found = evaluate.evaluate(
        task,
        {"y_test": array("y", truth), "y_val": array("y", truth), "classes": classes},
        {"test": scores, **({"val": scores} if task == "multilabel" else {})},
        {"train": [], "val": ids, "test": ids},
        groups=dict.fromkeys(ids, "The Owls"),
        **DRAWS,
    )
    assert found["bootstrap"] == {"by": "group", "groups": 1}
    assert all(measure["ci95"] is None for measure in found["measures"].values())
