"""Statistics of sound: librosa and numpy called plainly, and vectors in the order of the items."""

import json
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile
from tartarus.base.errors import TartarusError
from tartarus.features.sound import spectrograms, statistics
from tartarus.items.tables import read_rows
from tartarus.plan.feature_kinds import STATISTICS, row_shape

RATE = 22050
OPTIONS: dict[str, Any] = {"hop": 1024, "n_fft": 2048, "sample_rate": RATE}
ANALYSED = {**OPTIONS, "min_seconds": 0.5}


def librosas(samples: np.ndarray) -> np.ndarray:
    """Compute the 48 numbers of librosa's own coefficients."""
    frames = librosa.feature.mfcc(y=samples, sr=RATE, n_mfcc=13, n_fft=2048, hop_length=1024)[1:].T
    assert frames.shape[1] == 12
    norms = np.sqrt((frames.astype(float) ** 2).sum(axis=0))
    return np.concatenate([frames.mean(axis=0), frames.max(axis=0), frames.var(axis=0), norms])


def sound(rng: np.random.Generator, seconds: float = 2.0, gain: float = 0.3) -> np.ndarray:
    """Make noise that becomes duller and fades: coefficients that change over time."""
    noise = rng.normal(size=int(seconds * RATE))
    share = np.linspace(0, 1, len(noise))
    return (gain * (1 - 0.9 * share) * ((1 - share) * noise + share * np.cumsum(noise) / 100)).astype(np.float32)


@pytest.mark.parametrize("gain", [0.3, 0.001])
def test_timbre_is_that_of_librosa_s_coefficients_1_to_12(rng: np.random.Generator, gain: float) -> None:
    samples = sound(rng, gain=gain)
    found = statistics.timbre(samples, OPTIONS)
    assert found.shape == (1, 48)
    expected = librosas(samples)
    np.testing.assert_allclose(found[0], expected, rtol=2e-4, atol=2e-3)
    assert expected[24:36].min() > 1  # they do vary


def test_timbre_does_not_depend_on_how_loud_a_sound_is(rng: np.random.Generator) -> None:
    samples = sound(rng)
    np.testing.assert_allclose(
        statistics.timbre(samples / 4, OPTIONS), statistics.timbre(samples, OPTIONS), rtol=1e-3, atol=1e-2
    )


def test_silence_has_a_timbre_of_zeros() -> None:
    assert not statistics.timbre(np.zeros(RATE, np.float32), OPTIONS).any()


def test_every_kind_of_statistics_is_computed_and_as_long_as_its_row_says(rng: np.random.Generator) -> None:
    assert list(statistics.STATISTICS) == [kind.name for kind in STATISTICS]
    for name, transform in statistics.STATISTICS.items():
        assert transform(sound(rng), OPTIONS).shape == (1, *(row_shape(name, {}) or ()))


def write(folder: Path, sounds: dict[str, np.ndarray | None], *, workers: int = 1) -> tuple[Path, Path]:
    tracks = []
    for id_, samples in sounds.items():
        path = folder / f"{id_}.wav"
        path.write_bytes(b"no sound") if samples is None else soundfile.write(path, samples, RATE, subtype="FLOAT")
        tracks.append((id_, path))
    hdf5, table = folder / f"shard{workers}.hdf5", folder / f"shard{workers}.tsv"
    spectrograms.write_shard(hdf5, table, tracks, ANALYSED, transform=statistics.timbre, width=48, workers=workers)
    return hdf5, table


def test_vectors_are_in_the_order_of_the_items_and_say_what_they_are(tmp_path: Path, rng: np.random.Generator) -> None:
    sounds = {"S1": sound(rng), "S2": None, "S3": sound(rng, 1.0)}
    hdf5, table = write(tmp_path, sounds)
    statuses = {row["id"]: row["status"] for row in read_rows(table, columns=("id", "status"))}
    assert statuses == {"S1": "ok", "S2": "undecodable", "S3": "ok"}
    statistics.write_set(tmp_path / "X.npz", ["S3", "S2", "S1"], [hdf5], "timbre", OPTIONS)
    with np.load(tmp_path / "X.npz") as found:
        assert found["index"].tolist() == ["S3", "S1"]
        assert json.loads(str(found["signature"])) == {"kind": "timbre", **OPTIONS}
        assert found["features"].dtype == np.float32
        for row, id_ in zip(found["features"], ("S3", "S1"), strict=True):
            np.testing.assert_allclose(row, librosas(sounds[id_]), rtol=2e-4, atol=2e-3)


def test_workers_change_no_byte(tmp_path: Path, rng: np.random.Generator) -> None:
    sounds = {f"S{number}": sound(rng, 1.0) for number in range(5)}
    (one, rows), (three, others) = (write(tmp_path, sounds, workers=workers) for workers in (1, 3))
    assert one.read_bytes() == three.read_bytes()
    assert rows.read_bytes() == others.read_bytes()


def test_a_set_without_any_sound_is_an_error(tmp_path: Path) -> None:
    hdf5, _ = write(tmp_path, {"S1": None})
    with pytest.raises(TartarusError, match=r"X\.npz: no track of this set .* data/statistics/timbre_\*\.tsv"):
        statistics.write_set(tmp_path / "X.npz", ["S1"], [hdf5], "timbre", OPTIONS)


# --- Descriptors -----------------------------------------------------------------------------------------


def plainly_described(samples: np.ndarray) -> np.ndarray:
    """Call each function of librosa with the sound itself."""
    how: dict[str, Any] = {"y": samples, "sr": RATE, "n_fft": 2048, "hop_length": 1024}
    mfcc = librosa.feature.mfcc(n_mfcc=20, **how)
    kept = [
        *(mfcc, librosa.feature.delta(mfcc)),
        *(librosa.feature.chroma_stft(tuning=0, **how), librosa.feature.spectral_contrast(**how)),
    ]
    sums = [function(np.concatenate(kept), axis=1) for function in (np.mean, np.std, np.min, np.max)]
    return np.concatenate([*sums, librosa.feature.tempo(y=samples, sr=RATE, hop_length=1024)])


# The first coefficient is loudness, relative to the loudest cell here: its mean, minimum and maximum are others.
LEVELS = [0, 2 * 59, 3 * 59]


def test_descriptors_are_what_librosa_s_functions_say_of_the_sound(rng: np.random.Generator) -> None:
    samples = sound(rng, 3.0)
    found, expected = statistics.STATISTICS["descriptors"](samples, OPTIONS)[0], plainly_described(samples)
    assert found.shape == expected.shape == (237,)
    others = np.setdiff1d(np.arange(237), LEVELS)
    np.testing.assert_allclose(found[others], expected[others], rtol=1e-2, atol=2e-2)
    shifts = found[LEVELS] - expected[LEVELS]
    np.testing.assert_allclose(shifts, shifts[0], rtol=1e-2)


def test_descriptors_do_not_depend_on_how_loud_a_sound_is(rng: np.random.Generator) -> None:
    samples = sound(rng)
    quiet, loud = (statistics.STATISTICS["descriptors"](gain * samples, OPTIONS) for gain in (0.1, 1))
    np.testing.assert_allclose(quiet, loud, rtol=1e-2, atol=5e-2)


def test_descriptors_hear_the_pitch_and_the_tempo() -> None:
    time = np.arange(6 * RATE) / RATE
    tone = (np.sin(2 * np.pi * 440 * time) * ((time % 0.5) < 0.1)).astype(np.float32)  # A, at 120 beats a minute
    found = statistics.STATISTICS["descriptors"](tone, OPTIONS)[0]
    assert found[40:52].argmax() == 9
    assert found[-1] == pytest.approx(120, abs=6)


@pytest.mark.parametrize("seconds", [0.1, 1.0])
def test_short_sounds_and_silence_have_finite_descriptors(seconds: float) -> None:
    assert np.isfinite(statistics.STATISTICS["descriptors"](np.zeros(int(seconds * RATE), np.float32), OPTIONS)).all()
