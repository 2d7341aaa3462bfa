"""Colours of covers, counted again pixel by pixel."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tartarus.features import store
from tartarus.features.pictures import colours, covers


def drawn(count: int, pixels: int) -> np.ndarray:
    return np.random.default_rng(pixels).integers(0, 256, (count, pixels, pixels, 3), dtype=np.uint8)


def counted(picture: np.ndarray) -> list[float]:
    """Measure a picture with nothing but loops."""
    pixels = len(picture)
    tiles: dict[tuple[int, int], list[np.ndarray]] = {(row, column): [] for row in range(8) for column in range(8)}
    edges = [int(np.floor(tile * pixels / 8)) for tile in range(9)]
    shares = np.zeros((4, 4, 4))
    for row in range(pixels):
        for column in range(pixels):
            red, green, blue = (int(value) for value in picture[row, column])
            shares[red // 64, green // 64, blue // 64] += 1 / pixels**2
            place = [next(tile for tile in range(8) if at < edges[tile + 1]) for at in (row, column)]
            tiles[place[0], place[1]].append(picture[row, column].astype(float))
    means = [value / 255 for tile in tiles.values() for value in np.mean(tile, axis=0)]
    return [*means, *shares.ravel()]


@pytest.mark.parametrize("pixels", [8, 32, 45])
def test_tiles_and_shares_are_those_counted_pixel_by_pixel(pixels: int) -> None:
    pictures = drawn(3, pixels)
    found = colours.colours(pictures)
    assert (found.shape, found.dtype) == ((3, 256), np.float32)
    np.testing.assert_allclose(found, [counted(picture) for picture in pictures], atol=1e-6)
    np.testing.assert_allclose(found[:, 192:].sum(axis=1), 1, atol=1e-6)


def test_of_a_single_colour_all_tiles_are_alike_and_one_share_is_whole() -> None:
    picture = np.empty((1, 224, 224, 3), np.uint8)
    picture[:] = (255, 128, 63)
    (found,) = colours.colours(picture)
    np.testing.assert_allclose(found[:192].reshape(64, 3), np.tile([1, 128 / 255, 63 / 255], (64, 1)), atol=1e-6)
    assert np.flatnonzero(found[192:]).tolist() == [3 * 16 + 2 * 4 + 0]
    assert found[192:].max() == 1


def test_turned_around_only_the_tiles_change_their_places() -> None:
    pictures = drawn(2, 64)
    found, turned = colours.colours(pictures), colours.colours(pictures[:, ::-1])
    np.testing.assert_array_equal(found[:, 192:], turned[:, 192:])
    np.testing.assert_array_equal(found[:, :192].reshape(2, 8, 8, 3)[:, ::-1], turned[:, :192].reshape(2, 8, 8, 3))


def test_a_set_has_the_colours_of_its_pictures_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colours, "BLOCK", 2)
    pictures = dict(zip("BCAED", drawn(5, 32), strict=True))
    for id_, picture in pictures.items():
        Image.fromarray(picture).save(tmp_path / f"{id_}.png")
    files = [(id_, tmp_path / f"{id_}.png") for id_ in pictures]
    covers.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", files, pixels=32)
    for set_, ids in {"train": ["D", "gone", "A", "C"], "val": []}.items():
        covers.write_set(tmp_path / f"{set_}.hdf5", ids, [tmp_path / "s.hdf5"], pixels=32)
        colours.write_set(tmp_path / f"X_{set_}_colours_D.npz", tmp_path / f"{set_}.hdf5")
    with store.open_features(tmp_path / "X_train_colours_D.npz") as found:
        assert found.index.tolist() == ["D", "A", "C"]
        assert found.signature == {"kind": "colours", "pixels": 32}
        expected = [counted(pictures[id_]) for id_ in found.index]
        np.testing.assert_allclose(found.rows(np.arange(3)), expected, atol=1e-6)
    assert store.read_index(tmp_path / "X_val_colours_D.npz") == []
    with store.open_features(tmp_path / "X_val_colours_D.npz") as empty:
        assert empty.shape == (256,)
