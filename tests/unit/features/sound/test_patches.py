"""Patches: where they begin, and that every item has its own."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.evaluation import evaluate, results
from tartarus.features import store
from tartarus.features.sound import patches
from tartarus.plan import feature_kinds

CQT: dict[str, Any] = {
    "type": "cqt",
    "sample_rate": 22050,
    "hop": 1024,
    "bins": 5,
    "bins_per_octave": 12,
    "n_fft": 2048,
    "min_seconds": 1.0,
}
# Of 2 s; 22050 * 2 / 1024 = 43.07.
FRAMES = 43
LENGTHS = {"long": 500, "exact": FRAMES, "short": 20, "medium": 90}


def test_a_patch_of_15_seconds_has_322_frames() -> None:
    # 15 * 22050 / 1024 = 322.998, and the last frame is not whole.
    assert feature_kinds.frames_of(15, CQT) == 322


@pytest.mark.parametrize(
    ("seconds", "rate", "hop", "frames"), [(1, 1024, 1024, 1), (3, 44100, 512, 258), (0.5, 16000, 256, 31)]
)
def test_frames_follow_rate_and_hop(seconds: float, rate: int, hop: int, frames: int) -> None:
    assert feature_kinds.frames_of(seconds, {"sample_rate": rate, "hop": hop}) == frames


# --- Where patches begin ---------------------------------------------------------------------------------


@given(
    st.integers(0, 400),
    st.integers(1, 400),
    st.integers(1, 20),
    st.sampled_from(["even", "random"]),
    st.text(max_size=5),
)
def test_patches_lie_within_the_spectrogram(total: int, frames: int, count: int, how: str, id_: str) -> None:
    begins = patches.offsets(total, frames, count, how=how, id_=id_, seed=1)
    assert begins.shape == (count,)
    assert begins.min() >= 0
    assert begins.max() <= max(0, total - frames)


@given(st.integers(2, 400), st.integers(1, 200), st.integers(2, 20))
def test_even_patches_go_from_the_beginning_to_the_end_in_equal_steps(total: int, frames: int, count: int) -> None:
    begins = patches.offsets(total, frames, count, how="even", id_="S1", seed=1)
    assert (begins[0], begins[-1]) == (0, max(0, total - frames))
    steps = np.diff(begins)
    assert (steps >= 0).all()
    assert steps.max() - steps.min() <= 1


@given(st.text(max_size=5), st.integers(0, 9))
def test_random_patches_are_the_same_in_every_run(id_: str, seed: int) -> None:
    one, two = (patches.offsets(400, 10, 5, how="random", id_=id_, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_random_patches_depend_on_item_and_seed() -> None:
    drawn = {
        tuple(patches.offsets(100_000, 10, 5, how="random", id_=id_, seed=seed).tolist())
        for id_ in ("S1", "S2", "S3")
        for seed in (1, 2, 3)
    }
    assert len(drawn) == 9


def test_random_patches_are_spread_over_the_whole_spectrogram() -> None:
    begins = np.concatenate(
        [patches.offsets(110, 10, 10, how="random", id_=f"S{number}", seed=1) for number in range(1000)]
    )
    # Uniform on 0..100: both ends occur, and the mean is within four standard errors.
    assert (begins.min(), begins.max()) == (0, 100)
    assert abs(begins.mean() - 50) < 4 * np.sqrt((101**2 - 1) / 12 / len(begins))


# --- Cutting ---------------------------------------------------------------------------------------------


@given(st.integers(0, 30), st.integers(0, 20), st.integers(1, 40))
def test_what_is_beyond_the_end_is_zero(total: int, begin: int, frames: int) -> None:
    spectrogram = -1.0 - np.arange(total * 2, dtype=np.float32).reshape(total, 2)
    patch = patches.cut(spectrogram, begin, frames, pad="zero")
    assert patch.shape == (frames, 2)
    for frame in range(frames):
        expected = spectrogram[begin + frame] if begin + frame < total else [0, 0]
        np.testing.assert_array_equal(patch[frame], expected)


# --- The file of a set -----------------------------------------------------------------------------------


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Spectrograms in two shards; every frame of every item has values of its own."""
    paths = []
    for shard, ids in (("a", ["long", "short"]), ("b", ["exact", "medium"])):
        values = [spectrogram(id_) for id_ in ids]
        with h5py.File(tmp_path / f"{shard}.hdf5", "w") as file:
            file["features"] = np.concatenate(values)
            file["index"] = np.array(ids, dtype=bytes)
            file["start"] = np.cumsum([0, *map(len, values)])
        paths.append(tmp_path / f"{shard}.hdf5")
    return paths


def spectrogram(id_: str) -> np.ndarray:
    first = 1000 * (1 + list(LENGTHS).index(id_))
    return (first + np.arange(LENGTHS[id_])[:, None] + np.arange(5) / 10).astype(np.float32)


def written(
    path: Path, shards: list[Path], ids: list[str], *, count: int = 2, how: str = "random", seed: int = 1
) -> tuple[np.ndarray, list[str], dict[str, Any]]:
    patches.write_patches(path, ids, shards, CQT, count=count, seconds=2, how=how, pad="zero", seed=seed)
    with h5py.File(path) as file:
        return file["features"][:], file["index"][:].astype(str).tolist(), json.loads(file.attrs["signature"])


def test_every_item_has_its_patches_one_after_another(tmp_path: Path, shards: list[Path]) -> None:
    values, index, _ = written(tmp_path / "p.hdf5", shards, ["medium", "long"], count=3)
    assert index == ["medium"] * 3 + ["long"] * 3
    assert values.shape == (6, 1, FRAMES, 5)
    assert values.dtype == np.float32
    for id_, patch in zip(index, values[:, 0], strict=True):
        begin = int(patch[0, 0] - spectrogram(id_)[0, 0])
        np.testing.assert_array_equal(patch, spectrogram(id_)[begin : begin + FRAMES])


def test_even_patches_of_a_file_begin_and_end_with_the_track(tmp_path: Path, shards: list[Path]) -> None:
    values, _, _ = written(tmp_path / "p.hdf5", shards, ["long"], count=3, how="even")
    np.testing.assert_array_equal(values[0, 0, 0], spectrogram("long")[0])
    np.testing.assert_array_equal(values[-1, 0, -1], spectrogram("long")[-1])


def test_a_short_track_is_padded_with_zeros_at_its_end(tmp_path: Path, shards: list[Path]) -> None:
    values, index, _ = written(tmp_path / "p.hdf5", shards, ["short", "exact"], count=1)
    assert index == ["short", "exact"]
    np.testing.assert_array_equal(values[0, 0, :20], spectrogram("short"))
    assert not values[0, 0, 20:].any()
    np.testing.assert_array_equal(values[1, 0], spectrogram("exact"))


def test_the_patches_of_an_item_do_not_depend_on_the_others(tmp_path: Path, shards: list[Path]) -> None:
    alone, _, _ = written(tmp_path / "one.hdf5", shards, ["long"])
    together, index, _ = written(tmp_path / "all.hdf5", shards[::-1], ["medium", "short", "long", "exact"])
    np.testing.assert_array_equal(together[[id_ == "long" for id_ in index]], alone)


def test_items_without_a_spectrogram_are_left_out(tmp_path: Path, shards: list[Path]) -> None:
    _, index, _ = written(tmp_path / "p.hdf5", shards, ["gone", "long", "lost"], count=1)
    assert index == ["long"]


def test_a_set_without_any_spectrogram_is_refused_and_nothing_is_written(tmp_path: Path, shards: list[Path]) -> None:
    with pytest.raises(TartarusError, match=r"p\.hdf5: no track of this set could be read; see data/spectrograms"):
        written(tmp_path / "p.hdf5", shards, ["gone"])
    assert not (tmp_path / "p.hdf5").exists()


def test_the_same_patches_are_the_same_bytes(tmp_path: Path, shards: list[Path]) -> None:
    for name in ("one", "two"):
        written(tmp_path / f"{name}.hdf5", shards, ["long", "medium"])
    assert (tmp_path / "one.hdf5").read_bytes() == (tmp_path / "two.hdf5").read_bytes()
    written(tmp_path / "three.hdf5", shards, ["long", "medium"], seed=2)
    assert (tmp_path / "one.hdf5").read_bytes() != (tmp_path / "three.hdf5").read_bytes()


def test_neither_shards_nor_blocks_change_a_byte(
    tmp_path: Path, shards: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["short", "exact", "medium", "long"]
    written(tmp_path / "one.hdf5", shards, ids)
    written(tmp_path / "other.hdf5", shards[::-1], ids)
    monkeypatch.setattr(patches, "_BLOCK", 1)  # one item at a time: back and forth between the shards
    written(tmp_path / "blocks.hdf5", shards, ids)
    one = (tmp_path / "one.hdf5").read_bytes()
    assert one == (tmp_path / "other.hdf5").read_bytes() == (tmp_path / "blocks.hdf5").read_bytes()


def test_the_signature_says_what_the_values_depend_on(tmp_path: Path, shards: list[Path]) -> None:
    options = {"type": "cqt", "sample_rate": CQT["sample_rate"], "hop": CQT["hop"], "bins": CQT["bins"]}
    patches.write_patches(
        tmp_path / "p.hdf5", ["long"], shards, options, count=1, seconds=2, how="even", pad="zero", seed=1
    )
    with h5py.File(tmp_path / "p.hdf5") as file:
        signature = json.loads(file.attrs["signature"])
    assert signature == {**options, "frames": FRAMES}


def test_ids_may_have_letters_of_any_language(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "s.hdf5", "w") as file:
        file["features"] = np.zeros((50, 5), np.float32)
        file["index"] = np.array(["Beyoncé".encode()])
        file["start"] = [0, 50]
    patches.write_patches(
        tmp_path / "p.hdf5",
        ["Beyoncé"],
        [tmp_path / "s.hdf5"],
        CQT,
        count=1,
        seconds=1,
        how="even",
        pad="floor",
        seed=1,
    )


# --- Shorter than a patch --------------------------------------------------------------------------------


def test_what_stands_behind_the_end_is_the_lowest_value_or_the_original_s_zero(rng: np.random.Generator) -> None:
    spectrogram = rng.uniform(-60, 0, size=(3, 4)).astype(np.float32)
    for pad, value in (("floor", spectrogram.min()), ("zero", 0)):
        patch = patches.cut(spectrogram, 0, 5, pad=pad)
        np.testing.assert_array_equal(patch[:3], spectrogram)
        assert (patch[3:] == value).all()


def test_items_shorter_than_a_patch_are_named_in_the_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "s.hdf5", "w") as file:
        file["features"] = np.full((FRAMES + 5, 96), -3, np.float32)
        file["index"] = np.array([b"long", b"short"])
        file["start"] = [0, FRAMES, FRAMES + 5]
    write = {"count": 2, "seconds": 2, "how": "even", "pad": "floor", "seed": 1}
    patches.write_patches(tmp_path / "p.hdf5", ["long", "short"], [tmp_path / "s.hdf5"], CQT, **write)
    assert store.read_padded(tmp_path / "p.hdf5") == ["short"]
    patches.write_patches(tmp_path / "q.hdf5", ["long"], [tmp_path / "s.hdf5"], CQT, **write)
    assert store.read_padded(tmp_path / "q.hdf5") == []
    found = evaluate.oddities([], [tmp_path / "p.hdf5", tmp_path / "q.hdf5", tmp_path / "x.npz"])
    assert found == {"short": ["padded"]}
    used = {"train": [["long", "short"]], "val": [[]], "test": [[]]}
    counts = results.count_items({"train": ["long", "short"], "val": [], "test": []}, used, found)
    assert (counts["train"], counts["left_out"], counts["noted"]) == (2, {}, {"padded": 1})
