"""Files of predictions: read whole, or refused with the file, the seed and the item."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.evaluation import prediction_files

SCORES = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
WHOLE: dict[str, Any] = {
    "scores": SCORES,
    "index": np.array(["A", "B", "C", "Ü"]),
    "seeds": np.array([5, 7]),
    "parameters": np.array(1234),
}


def written(path: Path, **changes: Any) -> Path:
    parts = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    np.savez(path, **parts)
    return path


def test_all_parts_are_read(tmp_path: Path) -> None:
    found = prediction_files.read(written(tmp_path / "test.npz"))
    assert (found.ids, found.seeds, found.parameters) == (["A", "B", "C", "Ü"], [5, 7], 1234)
    np.testing.assert_array_equal(found.scores, SCORES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        *[({name: None}, "not a file of predictions|no array 'scores'") for name in WHOLE],
        ({"scores": SCORES[:, :3]}, r"\[2 x 3 x 3\] of 2 seeds and 4 items"),
        ({"scores": SCORES[:1]}, r"\[1 x 4 x 3\] of 2 seeds and 4 items"),
        ({"scores": SCORES[0]}, r"\[4 x 3\] of 2 seeds"),
        ({"scores": SCORES[:, :, :0]}, r"\[2 x 4 x 0\]"),
        ({"scores": SCORES.astype("U4")}, "scores <U4"),
        ({"index": np.array(["A", "B", "C"])}, "2 seeds and 3 items"),
        ({"index": np.array("A")}, "not a file of predictions"),
        ({"index": np.array(["A", "B", "A", "C"])}, "the id 'A' stands in rows 0 and 2"),
        ({"seeds": np.array(["one", "two"])}, "not a file of predictions"),
        ({"seeds": np.array(5)}, "not a file of predictions"),
        ({"parameters": np.array([1, 2])}, "not a file of predictions"),
    ],
)
def test_parts_that_lack_or_do_not_belong_together_are_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    path = written(tmp_path / "test.npz", **changes)
    with pytest.raises(TartarusError, match=rf"{path}: .*({said}).*delete it to have it made anew"):
        prediction_files.read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_is_refused_with_seed_and_item(tmp_path: Path, value: float) -> None:
    scores = SCORES.copy()
    scores[1, 3, 0] = value
    path = written(tmp_path / "test.npz", scores=scores)
    with pytest.raises(TartarusError, match=f"^{path}: seed 7: item 'Ü', column 0: {value} is not a finite number"):
        prediction_files.read(path)


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "test.npz"
    for length in range(0, len(data), 37):
        path.write_bytes(data[:length])
        with pytest.raises(TartarusError, match=rf"^{path}: .*delete it to have it made anew"):
            prediction_files.read(path)


def test_a_damaged_byte_is_refused_or_does_no_harm(tmp_path: Path) -> None:
    data = written(tmp_path / "whole.npz").read_bytes()
    path, refused, harmless = tmp_path / "test.npz", 0, 0
    for place in range(0, len(data), 5):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            assert prediction_files.read(path).scores.shape == SCORES.shape
        except TartarusError as error:
            refused += str(error).startswith(f"{path}: ")
        else:
            harmless += 1
    assert refused > harmless > 0
    assert refused + harmless == len(range(0, len(data), 5))
