"""What pretrained networks are given: librosa called plainly, and windows cut by hand."""

from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile
from tartarus.features.sound import pretrained, shards
from tartarus.items.tables import read_rows

MEL: dict[str, Any] = {
    **{"type": "mel", "sample_rate": 16000, "n_fft": 512, "hop": 256, "bins": 40, "fmin": 50.0, "fmax": 7000.0},
    **{"htk": False, "power": 2, "scale": "log10", "gain": 10000, "offset": 1},
}
WAVEFORM = {"type": "waveform", "sample_rate": 16000}


def sound(rng: np.random.Generator, n: int) -> np.ndarray:
    return (0.1 * rng.standard_normal(n)).astype(np.float32)


@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("power", [1, 2])
def test_a_mel_spectrum_is_librosa_s(rng: np.random.Generator, htk: bool, power: int) -> None:
    samples = sound(rng, 5000)
    kind = {"fmin": 50.0, "fmax": 7000.0, "htk": htk, "norm": None if htk else "slaney"}
    given = {"y": samples, "sr": 16000, "n_fft": 512, "hop_length": 256, "n_mels": 40, "power": power}
    plain = librosa.feature.melspectrogram(**given, **kind).T
    found = pretrained.spectrum(samples, {**MEL, "htk": htk, "power": power, "scale": "none"})
    np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-6)
    found = pretrained.spectrum(samples, {**MEL, "htk": htk, "power": power})
    np.testing.assert_allclose(found, np.log10(10000 * plain + 1), rtol=1e-4, atol=1e-5)
    found = pretrained.spectrum(samples, {**MEL, "htk": htk, "power": power, "scale": "log", "gain": 2, "offset": 0.5})
    np.testing.assert_allclose(found, np.log(2 * plain + 0.5), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("power", [1, 2])
def test_decibels_are_below_the_loudest_whatever_the_power(rng: np.random.Generator, power: int) -> None:
    samples = sound(rng, 5000)
    plain = np.abs(librosa.stft(samples, n_fft=512, hop_length=256)).T
    found = pretrained.spectrum(samples, {**MEL, "type": "stft", "power": power, "scale": "db"})
    np.testing.assert_allclose(found, librosa.amplitude_to_db(plain, ref=np.max), atol=1e-2)
    assert found.max() == 0


def test_windows_follow_one_another_and_what_is_left_is_dropped(rng: np.random.Generator) -> None:
    samples = sound(rng, 100)
    found = pretrained.windows(samples, {"front_end": WAVEFORM, "window": 30, "hop": 20})
    np.testing.assert_array_equal(found, [samples[begin : begin + 30] for begin in (0, 20, 40, 60)])
    # Of 21 frames.
    assert pretrained.windows(sound(rng, 256 * 20), {"front_end": MEL, "window": 8, "hop": 8}).shape == (2, 8, 40)


def test_frames_of_a_window_are_those_of_the_whole(rng: np.random.Generator) -> None:
    samples = sound(rng, 256 * 20)
    frames = pretrained.spectrum(samples, MEL)
    cut = pretrained.windows(samples, {"front_end": MEL, "window": 8, "hop": 6})
    np.testing.assert_array_equal(cut[2], frames[12:20])


@pytest.mark.parametrize("front_end", [WAVEFORM, MEL], ids=["waveform", "mel"])
def test_behind_a_short_sound_comes_silence(rng: np.random.Generator, front_end: dict[str, Any]) -> None:
    samples = sound(rng, 300)
    (found,) = pretrained.windows(samples, {"front_end": front_end, "window": 700, "hop": 700})
    assert len(found) == 700
    length = 700 if front_end is WAVEFORM else 699 * 256
    padded = np.concatenate([samples, np.zeros(length - 300, np.float32)])
    np.testing.assert_array_equal(found, padded if front_end is WAVEFORM else pretrained.spectrum(padded, MEL))


def loudness(windows: np.ndarray) -> np.ndarray:
    """Stand for a network: how loud each window is, and how many there are."""
    return np.array([np.abs(windows).mean(), len(windows)], np.float32)


def test_a_shard_holds_a_vector_of_every_track_whatever_the_workers(tmp_path: Path, rng: np.random.Generator) -> None:
    options = {"front_end": WAVEFORM, "window": 1000, "hop": 1000}
    tracks: list[tuple[str, Path | None]] = [("S0", None)]
    for number, length in enumerate((16000, 8000, 4000), start=1):
        tracks.append((f"S{number}", tmp_path / f"{number}.wav"))
        soundfile.write(tmp_path / f"{number}.wav", sound(rng, length), 16000, subtype="FLOAT")
    for workers in (1, 3):
        names = (tmp_path / f"{workers}.hdf5", tmp_path / f"{workers}.tsv")
        pretrained.write_shard(*names, tracks, loudness, options, min_seconds=0.3, workers=workers)
    assert (tmp_path / "1.hdf5").read_bytes() == (tmp_path / "3.hdf5").read_bytes()
    statuses = [row["status"] for row in read_rows(tmp_path / "1.tsv", columns=("id", "status"))]
    assert statuses == ["missing", "ok", "ok", "too short"]
    found = dict(shards.read_spectrograms(shards.places_in([tmp_path / "1.hdf5"]).values()))
    assert {id_: vector[0, 1] for id_, vector in found.items()} == {"S1": 16, "S2": 8}
