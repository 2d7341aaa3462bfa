"""Files of truth and scores, as the rules write them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tartarus.base.arrays import write_array, write_in_blocks
from tartarus.base.files import write_lines

CLASSES = ["rock", "pop", "jazz", "Música"]

Written = Callable[..., str]


@pytest.fixture
def array(tmp_path: Path) -> Written:
    def write(name: str, values: np.ndarray) -> str:
        write_array(tmp_path / f"{name}.npy", values)
        return str(tmp_path / f"{name}.npy")

    return write


@pytest.fixture
def scores_file(tmp_path: Path) -> Written:
    """Write scores as the rule `predict` does."""

    def write(set_: str, scores: np.ndarray, ids: list[str]) -> str:
        write_in_blocks(
            tmp_path / f"{set_}.npz",
            "scores",
            scores.shape,
            np.float32,
            iter(scores),
            index=np.array(ids),
            seeds=np.arange(len(scores)),
            parameters=np.array(1234),
        )
        return str(tmp_path / f"{set_}.npz")

    return write


@pytest.fixture
def classes(tmp_path: Path) -> str:
    write_lines(tmp_path / "classes.tsv", CLASSES)
    return str(tmp_path / "classes.tsv")
