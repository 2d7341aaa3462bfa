"""What a training is given: the items of which set, their truth, and by what inputs are standardised."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus.base.files import write_lines
from tartarus.features import store
from tartarus.learning import material

IDS = {"train": ["S1", "S2", "S3", "S4"], "val": ["S8", "S9"]}
VALUES = {"train": np.array([[1, 0], [2, 0], [3, 0], [4, 2]]), "val": np.array([[8, 4], [9, 9]])}
EVERY = np.concatenate([VALUES["train"], VALUES["val"]])


@pytest.fixture
def files(tmp_path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"vocabularies": []}
    for set_, ids in IDS.items():
        write_lines(tmp_path / f"index_{set_}.tsv", ids)
        np.save(tmp_path / f"y_{set_}.npy", np.eye(9, dtype=np.float32)[[int(id_[1:]) - 1 for id_ in ids]])
        store.write_vectors(tmp_path / f"X_{set_}.npz", VALUES[set_].astype(np.float32), ids, {"kind": "x"})
        found |= {
            f"index_{set_}": [str(tmp_path / f"index_{set_}.tsv")],
            f"y_{set_}": [str(tmp_path / f"y_{set_}.npy")],
        }
        found[set_] = [str(tmp_path / f"X_{set_}.npz")]
    return found


def opened(stack: ExitStack, files: dict[str, list[str]], *, of_fold: bool = False, **more: Any) -> material.Material:
    options = {"validation": "file", "standardise": True, **more}
    return material.open_material(stack, files, ["mine"], options=options, of_fold=of_fold)


def test_what_is_learned_from_are_the_items_for_training(files: dict[str, list[str]]) -> None:
    with ExitStack() as stack:
        its = opened(stack, files)
        assert its.index == IDS
        assert its.inputs[0].moments is not None
        np.testing.assert_allclose(its.inputs[0].moments[0], VALUES["train"].mean(axis=0))


@pytest.mark.parametrize("of_fold", [False, True])
def test_or_those_for_validation_too(files: dict[str, list[str]], tmp_path: Path, of_fold: bool) -> None:
    if of_fold:  # whose sets are in one file, with test items between them
        values, ids = np.insert(EVERY, 2, 99, axis=0), [*IDS["train"][:2], "S7", *IDS["train"][2:], *IDS["val"]]
        store.write_vectors(tmp_path / "X_all.npz", values.astype(np.float32), ids, {"kind": "x"})
        files |= {"train": [str(tmp_path / "X_all.npz")], "val": [str(tmp_path / "X_all.npz")]}
    with ExitStack() as stack:
        its = opened(stack, files, of_fold=of_fold, learn_from="all")
        assert its.index == {"train": [*IDS["train"], *IDS["val"]], "val": IDS["val"]}
        assert [f"S{row.argmax() + 1}" for row in its.y["train"]] == its.index["train"]
        (features,) = its.features["train"]
        place = {id_: row for row, id_ in enumerate(features.index.tolist())}
        np.testing.assert_array_equal(features.rows(np.array([place[id_] for id_ in its.index["train"]])), EVERY)
        assert its.inputs[0].moments is not None
        np.testing.assert_allclose(its.inputs[0].moments[0], EVERY.mean(axis=0))
