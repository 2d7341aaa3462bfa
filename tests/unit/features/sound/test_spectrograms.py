"""Spectrograms: analytic signals, librosa called plainly, and what becomes of files that cannot be read."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.sound import spectrograms
from tartarus.items.tables import read_rows
from tartarus.plan.feature_kinds import bins_of
from threadpoolctl import threadpool_limits

from tests.paths import SCRIPTS

RATE = 22050
CQT: dict[str, Any] = {
    "type": "cqt",
    "sample_rate": RATE,
    "hop": 1024,
    "bins": 96,
    "bins_per_octave": 12,
    "n_fft": 2048,
    "min_seconds": 1.0,
}
MEL = {**CQT, "type": "mel"}
STFT = {**CQT, "type": "stft"}
ALL = pytest.mark.parametrize("settings", [CQT, MEL, STFT], ids=lambda settings: settings["type"])


def hertz(number: int) -> float:
    """Compute the centre of a cqt bin: semitones above C1, three octaves and nine semitones below A4 = 440 Hz."""
    return 440 * 2 ** ((number - 45) / 12)


def tone(frequency: float, *, rate: int = RATE, seconds: float = 2.0, gain: float = 0.5) -> np.ndarray:
    return gain * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)


def loudest(values: np.ndarray) -> set[int]:
    """List the loudest bins of all frames but those near the ends."""
    return set(values[4:-4].argmax(axis=1).tolist())


# --- Analytic signals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg"])
@pytest.mark.parametrize(("rate", "channels"), [(22050, 1), (44100, 2), (48000, 1), (16000, 2)])
def test_a_tone_is_loudest_in_its_own_bin_whatever_the_file(
    tmp_path: Path, kind: str, rate: int, channels: int
) -> None:
    for number in (24, 45, 70):
        path = tmp_path / f"{number}.{kind}"
        soundfile.write(path, np.tile(tone(hertz(number), rate=rate)[:, None], channels), rate)
        track, values = spectrograms.analyse("S1", path, CQT)
        assert (track.status, track.sample_rate, track.seconds) == ("ok", rate, 2.0)
        assert loudest(values) == {number}


@given(st.integers(18, 90))
def test_every_semitone_has_its_bin(number: int) -> None:
    assert loudest(spectrograms.spectrogram(tone(hertz(number)).astype(np.float32), CQT)) == {number}


@pytest.mark.parametrize("number", [20, 100, 500])
def test_a_tone_in_the_middle_of_a_bin_of_the_fourier_transform_is_loudest_there(number: int) -> None:
    samples = tone(number * RATE / STFT["n_fft"]).astype(np.float32)
    assert loudest(spectrograms.spectrogram(samples, STFT)) == {number}


@ALL
def test_a_tone_of_a_tenth_of_the_amplitude_is_20_decibels_lower(settings: dict[str, Any]) -> None:
    samples = np.concatenate([tone(440, gain=0.8), tone(440, gain=0.08)]).astype(np.float32)
    peaks = spectrograms.spectrogram(samples, settings).max(axis=1)
    assert np.median(peaks[10:30]) - np.median(peaks[-30:-10]) == pytest.approx(20, abs=0.1)


@ALL
def test_decibels_are_between_80_below_and_the_maximum(rng: np.random.Generator, settings: dict[str, Any]) -> None:
    loud = np.concatenate([tone(440), 1e-7 * rng.normal(size=RATE)]).astype(np.float32)
    values = spectrograms.spectrogram(loud, settings)
    assert values.dtype == np.float32
    # One frame for every begun hop, with frames centred on multiples of the hop.
    assert values.shape == (1 + len(loud) // 1024, bins_of(settings))
    assert values.max() == 0
    assert values.min() == -80


@ALL
def test_how_loud_the_whole_is_does_not_matter(rng: np.random.Generator, settings: dict[str, Any]) -> None:
    samples = rng.normal(scale=0.1, size=RATE).astype(np.float32)
    one, other = (spectrograms.spectrogram(samples * np.float32(gain), settings) for gain in (1, 4))
    np.testing.assert_allclose(one, other, atol=1e-3)


@ALL
def test_silence_is_finite_zeros_and_is_kept(tmp_path: Path, settings: dict[str, Any]) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros(2 * RATE), RATE)
    track, values = spectrograms.analyse("S1", tmp_path / "x.wav", settings)
    assert (track.status, track.peak) == ("silent", 0)
    assert str(tmp_path / "x.wav") in track.detail
    np.testing.assert_array_equal(values, np.zeros((1 + 2 * RATE // 1024, bins_of(settings))))


def test_the_power_of_a_frame_is_that_of_a_naive_fourier_transform(rng: np.random.Generator) -> None:
    samples = rng.normal(scale=0.1, size=RATE).astype(np.float32)
    length = STFT["n_fft"]
    padded = np.pad(samples.astype(float), length // 2)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    frames = np.stack([padded[begin : begin + length] * window for begin in range(0, len(samples), 1024)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    expected = np.maximum(10 * np.log10(power / power.max()), -80)
    np.testing.assert_allclose(spectrograms.spectrogram(samples, STFT), expected, atol=0.01)


@ALL
def test_noise_gives_what_librosa_gives(rng: np.random.Generator, settings: dict[str, Any]) -> None:
    samples = rng.normal(scale=0.1, size=5 * RATE).astype(np.float32)
    plain = {
        "cqt": np.abs(librosa.cqt(samples, sr=RATE, hop_length=1024, n_bins=96)) ** 2,
        "mel": librosa.feature.melspectrogram(y=samples, sr=RATE, n_fft=2048, hop_length=1024, n_mels=96),
        "stft": np.abs(librosa.stft(samples, n_fft=2048, hop_length=1024)) ** 2,
    }
    expected = librosa.power_to_db(plain[settings["type"]], ref=np.max).T
    np.testing.assert_allclose(spectrograms.spectrogram(samples, settings), expected, atol=1e-4)


@pytest.mark.parametrize(("settings", "needed"), [(CQT, set()), (STFT, set()), (MEL, {"librosa", "numba"})])
def test_what_takes_seconds_to_import_is_imported_for_the_mel_scale_alone(
    settings: dict[str, Any], needed: set[str]
) -> None:
    program = (
        "import sys, numpy; from tartarus.features.sound import spectrograms; "
        f"spectrograms.spectrogram(numpy.zeros({RATE}, 'f4'), {settings}); print(*sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert set(done.stdout.split()) & {"librosa", "numba", "sklearn", "matplotlib"} == needed


# --- Loading ---------------------------------------------------------------------------------------------


def test_channels_are_averaged(tmp_path: Path, rng: np.random.Generator) -> None:
    stereo = rng.uniform(-1, 1, size=(RATE, 2)).astype(np.float32)
    soundfile.write(tmp_path / "x.wav", stereo, RATE, subtype="FLOAT")
    samples, sound = spectrograms.load(tmp_path / "x.wav", sample_rate=RATE)
    np.testing.assert_allclose(samples, stereo.mean(axis=1), atol=1e-7)
    assert (sound.rate, sound.samples.shape) == (RATE, (RATE, 2))


def test_channels_that_cancel_each_other_are_told_from_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.outer(tone(440), [1, -1]), RATE, subtype="FLOAT")
    track, values = spectrograms.analyse("S1", tmp_path / "x.wav", CQT)
    assert (track.status, track.peak) == ("cancelled", 0)
    assert "its channels are each other's opposite, up to 0.5" in track.detail
    assert not values.any()


@pytest.mark.parametrize("rate", [11025, 44100, 48000])
def test_resampling_keeps_a_tone(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "x.wav", tone(440, rate=rate), rate, subtype="FLOAT")
    samples, sound = spectrograms.load(tmp_path / "x.wav", sample_rate=RATE)
    assert (sound.rate, len(sound.samples), len(samples)) == (rate, 2 * rate, 2 * RATE)
    # Away from the ends, where the resampling filter has nothing to go by.
    np.testing.assert_allclose(samples[1000:-1000], tone(440)[1000:-1000], atol=1e-3)


# --- Files that are not as they should be ----------------------------------------------------------------


def refused(path: Path | None, settings: dict[str, Any] = CQT) -> spectrograms.Track:
    track, values = spectrograms.analyse("S1", path, settings)
    assert values is None
    assert track.id == "S1"
    if path is not None:
        assert str(path) in track.detail
    return track


def test_a_file_of_no_bytes_and_a_folder_say_so(tmp_path: Path) -> None:
    (tmp_path / "x.wav").touch()
    track = refused(tmp_path / "x.wav")
    assert (track.status, track.detail) == ("undecodable", f"{tmp_path / 'x.wav'}: an empty file")
    assert refused(tmp_path).detail == f"{tmp_path} is a folder, not a file"


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert refused(tmp_path / "x.wav").status == "missing"
    assert refused(tmp_path).status == "missing"
    track = refused(None)
    assert (track.status, track.detail) == ("missing", "no audio in the table")


@pytest.mark.parametrize("name", ["x.wav", "x.mp3", "x.flac", "x.ogg"])
@pytest.mark.parametrize("data", [b"", b"no sound at all", np.random.default_rng(1).bytes(20_000)])
def test_a_file_that_is_no_sound_is_undecodable(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert refused(tmp_path / name).status == "undecodable"


def test_a_file_without_samples_is_undecodable(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros(0), RATE)
    track = refused(tmp_path / "x.wav")
    assert track.status == "undecodable"
    assert "no samples" in track.detail


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_undecodable(tmp_path: Path, value: float) -> None:
    samples = tone(440)
    samples[1000] = value
    soundfile.write(tmp_path / "x.wav", samples, RATE, subtype="FLOAT")
    track = refused(tmp_path / "x.wav")
    assert track.status == "undecodable"
    assert "not finite" in track.detail


def test_a_short_track_is_told_with_its_length_and_the_limit(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", tone(440, seconds=0.5), RATE)
    track = refused(tmp_path / "x.wav")
    assert (track.status, track.seconds) == ("too short", 0.5)
    assert "0.5 s, shorter than min_seconds 1.0" in track.detail
    assert spectrograms.analyse("S1", tmp_path / "x.wav", {**CQT, "min_seconds": 0.5})[0].status == "ok"


@pytest.mark.parametrize("end", [2_000, 100_000, 700_000, -700])
def test_a_real_file_that_was_cut_off_is_undecodable(mirror: Path, tmp_path: Path, end: int) -> None:
    (tmp_path / "x.mp3").write_bytes((mirror / "SUPER" / "audio" / "berlina.mp3").read_bytes()[:end])
    track = refused(tmp_path / "x.mp3")
    assert track.status == "undecodable"
    assert "truncated: it breaks off after" in track.detail


def test_a_real_file_with_a_hole_is_kept_without_it_and_told(mirror: Path, tmp_path: Path) -> None:
    path = mirror / "SUPER" / "audio" / "berlina.mp3"
    data = bytearray(path.read_bytes())
    data[600_000:605_000] = bytes(5_000)
    (tmp_path / "x.mp3").write_bytes(data)
    (whole, _), (track, _) = (spectrograms.analyse("S1", file, CQT) for file in (path, tmp_path / "x.mp3"))
    assert (whole.status, track.status) == ("ok", "damaged")
    assert f"{tmp_path / 'x.mp3'}: damaged in 1 place: 0.1 s of it are no sound" in track.detail
    # 256 kbit/s: 835 or 836 bytes a frame, so that at most 7 are touched; 1152 samples each.
    assert 5 * 1152 / 44100 <= whole.seconds - track.seconds <= 8 * 1152 / 44100


# --- librosa, called plainly, on real music --------------------------------------------------------------


@pytest.mark.parametrize("song", ["berlina", "canariedad"])
def test_real_music_gives_what_librosa_gives(mirror: Path, song: str) -> None:
    path = mirror / "SUPER" / "audio" / f"{song}.mp3"
    y, rate = librosa.load(path, sr=22050, mono=True)
    plain = {
        "cqt": np.abs(librosa.cqt(y, sr=rate, hop_length=1024, n_bins=96, bins_per_octave=12)),
        "mel": np.sqrt(librosa.feature.melspectrogram(y=y, sr=rate, n_fft=2048, hop_length=1024, n_mels=96)),
        "stft": np.abs(librosa.stft(y, n_fft=2048, hop_length=1024)),
    }
    for settings in (CQT, MEL, STFT):
        expected = librosa.amplitude_to_db(plain[settings["type"]], ref=np.max, top_db=None).T
        track, values = spectrograms.analyse("S1", path, settings)
        assert (track.status, track.sample_rate) == ("ok", 44100)
        assert values.shape == expected.shape
        above = expected > -80
        assert above.mean() > 0.5
        assert np.abs(values - expected)[above].max() < 0.1
        # What is lower is at the floor.
        assert values[~above].max(initial=-80) < -79.9


def test_the_real_track_without_sound_is_silent(mirror: Path) -> None:
    track, values = spectrograms.analyse("S8", mirror / "SUPER" / "audio" / "odisea_carnavalera.mp3", CQT)
    assert track.status == "silent"
    assert not values.any()


# --- Shards ----------------------------------------------------------------------------------------------


@pytest.fixture
def tracks(tmp_path: Path) -> list[tuple[str, Path | None]]:
    """Make tracks of all kinds, some of which cannot be read."""
    soundfile.write(tmp_path / "a.wav", tone(440), RATE)
    soundfile.write(tmp_path / "b.wav", tone(880, seconds=1.5), RATE)
    soundfile.write(tmp_path / "short.wav", tone(440, seconds=0.2), RATE)
    (tmp_path / "broken.wav").write_bytes(b"broken")
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE), RATE)
    names = ("a", "broken", "silent", "short", "gone", "b")
    return [*((name, tmp_path / f"{name}.wav") for name in names), ("none", None)]


def test_missing_tracks_are_told_in_one_line_and_others_each_in_its_own(
    tmp_path: Path, tracks: list[tuple[str, Path | None]], caplog: pytest.LogCaptureFixture
) -> None:
    spectrograms.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", tracks, CQT)
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [line.split(":")[0] for line in said] == [
        "track broken is undecodable",
        "track silent is silent",
        "track short is too short",
        "track gone is missing",
    ]
    missing = f"track gone is missing: {tmp_path / 'gone.wav'} does not exist (and 1 more; all are in {tmp_path}/s.tsv)"
    assert said[-1] == missing


def test_a_shard_holds_the_readable_tracks_and_its_table_all_of_them(
    tmp_path: Path, tracks: list[tuple[str, Path | None]]
) -> None:
    spectrograms.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", tracks, CQT)
    rows = read_rows(tmp_path / "s.tsv")
    assert {row["id"]: row["status"] for row in rows} == {
        "a": "ok",
        "broken": "undecodable",
        "silent": "silent",
        "short": "too short",
        "gone": "missing",
        "b": "ok",
        "none": "missing",
    }
    assert [row["id"] for row in rows] == [id_ for id_, _ in tracks]
    assert all(bool(row["detail"]) == (row["status"] != "ok") for row in rows)
    with h5py.File(tmp_path / "s.hdf5") as file:
        assert file["index"][:].tolist() == [b"a", b"silent", b"b"]
        start = file["start"][:].tolist()
        assert np.diff(start).tolist() == [1 + int(seconds * RATE) // 1024 for seconds in (2, 1, 1.5)]
        assert file["features"].shape == (start[-1], 96)
        for number, id_ in enumerate(["a", "silent", "b"]):
            _, values = spectrograms.analyse(id_, tmp_path / f"{id_}.wav", CQT)
            np.testing.assert_array_equal(file["features"][start[number] : start[number + 1]], values)


@ALL
def test_the_number_of_workers_does_not_change_a_byte(
    tmp_path: Path, tracks: list[tuple[str, Path | None]], settings: dict[str, Any]
) -> None:
    for workers in (1, 2, 5):
        hdf5, table = tmp_path / f"{workers}.hdf5", tmp_path / f"{workers}.tsv"
        spectrograms.write_shard(hdf5, table, tracks, settings, workers=workers)
    for suffix in (".hdf5", ".tsv"):
        one, *others = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in ("1", "2", "5"))
        assert all(other == one for other in others)


def test_the_threads_of_a_library_of_matrices_do_not_change_a_byte(tmp_path: Path, rng: np.random.Generator) -> None:
    soundfile.write(tmp_path / "x.wav", rng.normal(scale=0.1, size=30 * RATE), RATE)
    for threads in (1, 2):
        # As Snakemake sets them, to the `threads` of the rule.
        with threadpool_limits(threads):
            spectrograms.write_shard(tmp_path / f"{threads}.hdf5", tmp_path / "s.tsv", [("x", tmp_path / "x.wav")], MEL)
    assert (tmp_path / "1.hdf5").read_bytes() == (tmp_path / "2.hdf5").read_bytes()


@pytest.mark.parametrize("workers", [1, 3])
def test_tracks_are_begun_a_few_ahead_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    begun, written, ahead = list[str](), list[str](), list[int]()

    def analyse(id_: str, *_: object) -> tuple[spectrograms.Track, np.ndarray]:
        begun.append(id_)
        return spectrograms.Track(id_, "ok"), np.zeros((1, 96), np.float32)

    def progress(steps: Iterable[tuple[spectrograms.Track, np.ndarray]], **_: object) -> Iterator[object]:
        for step in steps:
            ahead.append(len(begun) - len(written))
            written.append(step[0].id)
            yield step

    monkeypatch.setattr(spectrograms, "analyse", analyse)
    monkeypatch.setattr(spectrograms, "progress", progress)
    tracks = [(f"{number}", tmp_path) for number in range(100)]
    spectrograms.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", tracks, CQT, workers=workers)
    assert written == [id_ for id_, _ in tracks]
    assert sorted(begun, key=int) == written
    assert max(ahead) <= 2 * workers + 1


@pytest.mark.parametrize("tracks", [[], [("gone", Path("gone.wav"))]])
@ALL
def test_a_shard_may_be_empty(tmp_path: Path, tracks: list[tuple[str, Path]], settings: dict[str, Any]) -> None:
    spectrograms.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", tracks, settings)
    with h5py.File(tmp_path / "s.hdf5") as file:
        assert file["features"].shape == (0, bins_of(settings))
        assert file["start"][:].tolist() == [0]
        assert len(file["index"]) == 0
    assert [row["id"] for row in read_rows(tmp_path / "s.tsv")] == [id_ for id_, _ in tracks]


def test_ids_may_have_letters_of_any_language(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", tone(440), RATE)
    spectrograms.write_shard(tmp_path / "s.hdf5", tmp_path / "s.tsv", [("Beyoncé", tmp_path / "x.wav")], CQT)
    with h5py.File(tmp_path / "s.hdf5") as file:
        assert [id_.decode() for id_ in file["index"][:]] == ["Beyoncé"]


def test_a_wave_file_that_breaks_off_is_undecodable(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, tone(440), RATE)
    whole = path.read_bytes()
    path.write_bytes(whole[: 2 * len(whole) // 3])
    track, values = spectrograms.analyse("S1", path, CQT)
    assert (track.status, values) == ("undecodable", None)
    assert "x.wav: truncated: it breaks off after 1.3 s" in track.detail
