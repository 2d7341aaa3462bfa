"""What Essentia measures of one's own sound, in the columns of released recordings."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.sound import extraction
from tartarus.features.sound.music_extractor import WORDS, flatten
from tartarus.lookalike import released

# What a later version writes of a sound, as far as it differs.
LATER: dict[str, Any] = {
    "lowlevel": {"mfcc": {"mean": [1.0, 2.0]}, "melbands128": {"mean": [3.0]}},
    "rhythm": {"bpm": 120.0, "bpm_histogram_first_peak_bpm": 118, "beats_position": [0.5, 1.0]},
    "tonal": {
        "chords_key": "Eb",
        "chords_scale": "minor",
        "key_edma": {"key": "C", "scale": "major", "strength": 0.2},
        "key_temperley": {"key": "Bb", "scale": "minor", "strength": 0.7},
    },
}


def numbers(recording: dict[str, Any]) -> dict[str, float]:
    return dict(zip(*flatten(extraction.as_released(recording)), strict=True))


def test_the_key_is_temperley_s_and_written_with_sharps() -> None:
    found = numbers(LATER)
    assert found["tonal.key_strength"] == 0.7
    told = {name for name, value in found.items() if name.startswith("tonal.") and value == 1}
    assert told == {"tonal.key_key.A#", "tonal.key_scale.minor", "tonal.chords_key.D#", "tonal.chords_scale.minor"}


def test_a_peak_is_summed_up_as_a_single_value() -> None:
    found = {name: value for name, value in numbers(LATER).items() if "peak" in name}
    assert found == {
        f"rhythm.bpm_histogram_first_peak_bpm.{of}": 118.0 if of in ("max", "mean", "median", "min") else 0.0
        for of in ("dmean", "dmean2", "dvar", "dvar2", "max", "mean", "median", "min", "var")
    }


def test_what_is_released_stays_as_it_is(rng: np.random.Generator) -> None:
    recording = released.recording(rng.random(2669, np.float32))
    assert flatten(extraction.as_released(recording)) == flatten(recording)


def test_numbers_come_in_the_order_of_the_columns_and_more_are_passed_over() -> None:
    columns = ["tonal.key_strength", "lowlevel.mfcc.mean.1", "rhythm.bpm"]
    row = extraction.in_columns(extraction.as_released(LATER), columns)
    np.testing.assert_array_equal(row, np.float32([[0.7, 2.0, 120.0]]))
    assert row.dtype == np.float32


def test_columns_that_are_not_measured_are_named() -> None:
    wanted = ["rhythm.bpm", "lowlevel.spectral_flux.mean", "rhythm.onset_rate"]
    with pytest.raises(TartarusError, match=r"2 of 3 columns .*: lowlevel\.spectral_flux\.mean, rhythm\.onset_rate; "):
        extraction.in_columns(extraction.as_released(LATER), wanted)


def test_without_the_columns_or_essentia_it_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TartarusError, match=r"COLUMNS\.tsv: not found; it tells which numbers"):
        extraction.read_columns(str(tmp_path / "COLUMNS.tsv"))
    monkeypatch.setitem(sys.modules, "essentia", None)
    with pytest.raises(TartarusError, match=r"Essentia is not installed .* -r requirements-essentia\.lock"):
        extraction.extract(np.zeros(10, np.float32), [])


# --- With Essentia ---------------------------------------------------------------------------------------


@pytest.fixture
def sound(rng: np.random.Generator) -> np.ndarray:
    """Two beats a second of a tone and noise, for eight seconds."""
    time = np.arange(8 * extraction.SAMPLE_RATE) / extraction.SAMPLE_RATE
    beats = np.exp(-8 * (time % 0.5))
    return (0.4 * beats * np.sin(2 * np.pi * 220 * time) + 0.01 * rng.standard_normal(len(time))).astype(np.float32)


def test_all_columns_of_released_recordings_are_measured(sound: np.ndarray, rng: np.random.Generator) -> None:
    pytest.importorskip("essentia", reason="Essentia is not installed (requirements-essentia.lock)")
    columns, _ = flatten(released.recording(rng.random(2669, np.float32)))
    row = extraction.extract(sound, columns)
    assert row.shape == (1, 2669)
    assert np.isfinite(row).all()
    np.testing.assert_array_equal(row, extraction.extract(sound, columns))
    found = dict(zip(columns, row[0].tolist(), strict=True))
    assert found["rhythm.bpm"] == pytest.approx(120, rel=0.02)
    for word, values in WORDS.items():
        assert sorted(found[f"{word}.{value}"] for value in values) == [0] * (len(values) - 1) + [1]
    # The weight of the peak is the share of the beats in it, where the extractor has written its spread.
    rhythm = extraction._measured(sound)["rhythm"]
    tempi = np.floor(60 / np.diff(rhythm["beats_position"]))
    share = np.mean(tempi == found["rhythm.bpm_histogram_first_peak_bpm.mean"])
    assert found["rhythm.bpm_histogram_first_peak_weight.mean"] == pytest.approx(share)
    assert found["rhythm.bpm_histogram_first_peak_spread.mean"] != pytest.approx(share)


def test_what_essentia_cannot_measure_is_told() -> None:
    pytest.importorskip("essentia", reason="Essentia is not installed (requirements-essentia.lock)")
    with pytest.raises(ValueError, match=r"Essentia cannot measure it: .*silent"):
        extraction.extract(np.zeros(extraction.SAMPLE_RATE, np.float32), ["rhythm.bpm"])
