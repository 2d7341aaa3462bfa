"""From tracks to albums: means, and what is left out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.features import albums
from tartarus.features.store import open_features, write_vectors

# Two albums, a track of no album, and one of an album of another set.
TRACKS = ["T1", "T2", "T3", "T4", "T5"]
VALUES = np.array([[1, 2], [10, 20], [3, 4], [7, 7], [5, 0]], np.float32)
ALBUM_OF = {"T1": "A", "T3": "A", "T2": "Beyoncé", "T5": "elsewhere"}


@pytest.fixture
def tracks(vector_file: Callable[..., Path]) -> Path:
    return vector_file(VALUES, TRACKS, kind="layer", model="m")


def means(tracks: Path, target: Path, index: list[str], album_of: dict[str, str] | None = None) -> tuple:
    with open_features(tracks) as opened:
        albums.write_means(target, opened, ALBUM_OF if album_of is None else album_of, index)
    with open_features(target) as found:
        return found.index.tolist(), found.rows(np.arange(len(found.index))), found.signature


def test_the_vector_of_an_album_is_the_mean_of_those_of_its_tracks(tracks: Path, tmp_path: Path) -> None:
    index, values, signature = means(tracks, tmp_path / "albums.npz", ["Beyoncé", "A"])
    assert index == ["Beyoncé", "A"]
    np.testing.assert_array_equal(values, [[10, 20], [2, 3]])
    assert values.dtype == np.float32
    # So that no model takes them for the layer of one sound.
    assert signature == {"kind": "layer", "model": "m", "mean": "albums"}


def test_albums_without_tracks_are_left_out_and_told(
    tracks: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"):
        index, values, _ = means(tracks, tmp_path / "albums.npz", ["B", "A", "C"])
    assert index == ["A"]
    np.testing.assert_array_equal(values, [[2, 3]])
    assert "albums.npz: 2 of 3 albums have no track and are left out" in caplog.text


@pytest.mark.parametrize(("index", "album_of"), [(["B"], ALBUM_OF), (["A"], {}), ([], ALBUM_OF)])
def test_if_no_album_has_a_track_the_tables_are_refused(
    tracks: Path, tmp_path: Path, index: list[str], album_of: dict[str, str]
) -> None:
    with pytest.raises(TartarusError) as error:
        means(tracks, tmp_path / "albums.npz", index, album_of)
    assert str(error.value) == (f"{tracks}: none of its tracks is of an album of this set; check the table of albums")
    assert not (tmp_path / "albums.npz").exists()


@given(st.lists(st.sampled_from("ABCDEFG"), min_size=1, max_size=30), st.permutations("ABCDEFGH"), st.booleans())
def test_means_are_those_of_a_loop_whatever_the_order(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], index: list[str], sparse: bool
) -> None:
    folder = tmp_path_factory.mktemp("albums")
    values = np.sin(np.arange(3 * len(names), dtype=np.float32)).reshape(len(names), 3)
    ids = [f"T{number}" for number in range(len(names))]
    write_vectors(folder / "t.npz", scipy.sparse.csr_matrix(values) if sparse else values, ids, {})
    found, rows, _ = means(folder / "t.npz", folder / "a.npz", index, dict(zip(ids, names, strict=True)))
    assert found == [album for album in index if album in names]
    for album, row in zip(found, rows, strict=True):
        chosen = [value for value, name in zip(values, names, strict=True) if name == album]
        np.testing.assert_allclose(row, np.mean(chosen, axis=0), rtol=1e-6, atol=1e-7)


def test_albums_are_averaged_in_blocks(tracks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = means(tracks, tmp_path / "one.npz", ["Beyoncé", "A", "elsewhere"])
    monkeypatch.setattr(albums, "ALBUMS_AT_ONCE", 2)
    means(tracks, tmp_path / "two.npz", ["Beyoncé", "A", "elsewhere"])
    assert whole[0] == ["Beyoncé", "A", "elsewhere"]
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_mean_of_many_tracks_keeps_its_digits(vector_file: Callable[..., Path], tmp_path: Path) -> None:
    # Summed as 32-bit floats, sixteen million and one would stay sixteen million.
    values = np.array([[2**24], *[[1]] * 7], np.float32)
    path = vector_file(values, [f"T{number}" for number in range(8)])
    _, rows, _ = means(path, tmp_path / "a.npz", ["A"], {f"T{number}": "A" for number in range(8)})
    assert rows[0, 0] == np.float32((2**24 + 7) / 8)


def test_the_album_of_every_track_is_read_from_its_table(tmp_path: Path) -> None:
    (tmp_path / "albums.tsv").write_text("id\talbum\nT1\tA\nT2\tBeyoncé\n", encoding="utf-8")
    assert albums.read(tmp_path / "albums.tsv") == {"T1": "A", "T2": "Beyoncé"}
