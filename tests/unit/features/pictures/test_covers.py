"""Covers: what becomes of every one, in shards, and the pictures of a set gathered from them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tartarus.features import store
from tartarus.features.pictures import covers
from tartarus.items.tables import read_rows

PIXELS = 8


def picture(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (PIXELS, PIXELS, 3), dtype=np.uint8)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path | None]:
    """One cover of every kind, by id."""
    for number in range(3):
        Image.fromarray(picture(number)).save(tmp_path / f"{number}.png")
    Image.new("RGB", (1, 1)).save(tmp_path / "blank.gif")
    (tmp_path / "page.jpg").write_text("<html></html>", encoding="utf-8")
    (tmp_path / "folder.jpg").mkdir()
    names = {"A": "0.png", "B": "blank.gif", "C": "page.jpg", "D": "folder.jpg", "E": "none.jpg", "G": "1.png"}
    return {id_: tmp_path / name for id_, name in names.items()} | {"F": None, "H": tmp_path / "2.png"}


def write(folder: Path, found: dict[str, Path | None], name: str = "s") -> Path:
    covers.write_shard(folder / f"{name}.hdf5", folder / f"{name}.tsv", [*found.items()], pixels=PIXELS)
    return folder / f"{name}.hdf5"


def test_every_cover_has_a_status_and_says_why(tmp_path: Path, files: dict[str, Path | None]) -> None:
    write(tmp_path, files)
    rows = {row["id"]: row for row in read_rows(tmp_path / "s.tsv")}
    assert {id_: row["status"] for id_, row in rows.items()} == {
        "A": "ok",
        "B": "blank",
        "C": "undecodable",
        "D": "missing",
        "E": "missing",
        "F": "missing",
        "G": "ok",
        "H": "ok",
    }
    assert "web page" in rows["C"]["detail"]
    assert "is a folder" in rows["D"]["detail"]
    assert "does not exist" in rows["E"]["detail"]
    assert rows["F"]["detail"] == "no image in the table"
    assert (rows["A"]["width"], rows["B"]["height"]) == (str(PIXELS), "1")


def test_a_set_has_its_pictures_in_the_order_of_its_ids(tmp_path: Path, files: dict[str, Path | None]) -> None:
    first = write(tmp_path, {id_: files[id_] for id_ in "ACH"}, "first")
    second = write(tmp_path, {id_: files[id_] for id_ in "BFG"}, "second")
    target = tmp_path / "pictures_train_D.hdf5"
    # X is in no shard; A is in one, but not of this set.
    covers.write_set(target, ["H", "G", "X", "C", "B"], [first, second], pixels=PIXELS)
    with store.open_features(target) as found:
        assert found.index.tolist() == ["H", "G", "B"]
        assert found.shape == (PIXELS, PIXELS, 3)
        assert found.signature == {"kind": "pictures", "pixels": PIXELS}
        rows = found.rows(np.array([1, 0, 2]))
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(rows, [picture(1), picture(2), np.zeros((PIXELS, PIXELS, 3))])
    assert store.read_index(target) == ["H", "G", "B"]


def test_the_same_covers_give_the_same_bytes(tmp_path: Path, files: dict[str, Path | None]) -> None:
    shards = [write(tmp_path, files, name) for name in ("one", "two")]
    for number, shard in enumerate(shards):
        covers.write_set(tmp_path / f"{number}.hdf5", list(files), [shard], pixels=PIXELS)
    assert shards[0].read_bytes() == shards[1].read_bytes()
    assert (tmp_path / "0.hdf5").read_bytes() == (tmp_path / "1.hdf5").read_bytes()


def test_a_set_without_pictures_is_a_file_too(tmp_path: Path) -> None:
    target = tmp_path / "pictures_val_D.hdf5"
    covers.write_set(target, ["A"], [write(tmp_path, {})], pixels=PIXELS)
    assert store.read_index(target) == []
