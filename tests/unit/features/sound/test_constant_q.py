"""The constant-Q transform: librosa's own, called plainly, over its parameters and on real sounds."""

import math
import warnings
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.sound import constant_q


def expect_librosa_s(samples: np.ndarray, *, rate: int, hop: int, bins: int, octave: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # frames longer than the samples
        expected = librosa.cqt(samples, sr=rate, hop_length=hop, n_bins=bins, bins_per_octave=octave)
    found = constant_q.transform(samples, sample_rate=rate, hop=hop, bins=bins, bins_per_octave=octave)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    # On the machine where it was written not a bit differs; others have other sines.
    assert np.abs(found - expected).max() <= 1e-6 * np.abs(expected).max()


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, int]:
    """Choose rates with few or many octaves to spare, hops that can be halved often or never, broken octaves."""
    rate = draw(st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000]))
    octave = draw(st.integers(1, 40))
    most = math.floor(octave * math.log2(rate / 2 / constant_q.C1 / (1 + 0.76 * (4 ** (1 / octave) - 1))))
    bins = draw(st.integers(1, most))
    hop = draw(st.sampled_from([160, 256, 333, 441, 512, 1000, 1024, 2048, 8192]))
    return {"rate": rate, "hop": hop, "bins": bins, "octave": octave}


@given(parameters(), st.integers(0, 1000), st.integers(1000, 30_000), st.sampled_from([1e-4, 0.1, 1.0]))
def test_it_gives_what_librosa_gives(chosen: dict[str, int], seed: int, length: int, gain: float) -> None:
    samples = np.random.default_rng(seed).normal(scale=gain, size=length).astype(np.float32)
    expect_librosa_s(samples, **chosen)


@pytest.mark.parametrize(
    ("rate", "hop", "bins", "octave"),
    [
        (22050, 1024, 96, 12),  # the original's
        (22050, 1024, 1, 12),
        (22050, 1024, 13, 12),
        (22050, 333, 84, 12),  # a hop that cannot be halved
        (22050, 8192, 12, 12),  # samples are halved before the first octave
        (44100, 512, 168, 24),
    ],
)
def test_it_gives_what_librosa_gives_at_the_edges(
    rng: np.random.Generator, rate: int, hop: int, bins: int, octave: int
) -> None:
    samples = rng.normal(scale=0.1, size=3 * rate).astype(np.float32)
    expect_librosa_s(samples, rate=rate, hop=hop, bins=bins, octave=octave)


def test_real_sounds_give_what_librosa_gives(mirror: Path) -> None:
    paths = sorted((mirror / "SUPER" / "audio").glob("*.mp3"))
    assert paths
    for path in [*paths, *sorted((mirror / "instruments" / "audio").glob("*.ogg"))[:10]]:
        samples, rate = librosa.load(path, sr=22050, mono=True)
        expect_librosa_s(samples, rate=int(rate), hop=1024, bins=96, octave=12)


def test_the_samples_stay_as_they_are(rng: np.random.Generator) -> None:
    samples = rng.normal(size=22050).astype(np.float32)
    before = samples.copy()
    for hop in (333, 8192):
        constant_q.transform(samples, sample_rate=22050, hop=hop, bins=12, bins_per_octave=12)
    np.testing.assert_array_equal(samples, before)


def test_filters_are_made_once_for_all_tracks(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = constant_q._filters
    monkeypatch.setattr(constant_q, "_filters", lambda *given: made.append(given) or original(*given))
    for _ in range(3):
        samples = rng.normal(size=22050).astype(np.float32)
        constant_q.transform(samples, sample_rate=22050, hop=1024, bins=30, bins_per_octave=11)
    assert len(made) == 3  # octaves


def test_a_filter_beyond_half_the_sample_rate_is_refused() -> None:
    # 95 bins end at 7459 Hz; the 96th is at 7902 Hz, but hears more than 8000 Hz.
    constant_q.transform(np.zeros(16000, np.float32), sample_rate=16000, hop=1024, bins=95, bins_per_octave=12)
    with pytest.raises(ValueError, match="the highest of 96 bins reaches 8244 Hz, above half of 16000 Hz"):
        constant_q.transform(np.zeros(16000, np.float32), sample_rate=16000, hop=1024, bins=96, bins_per_octave=12)
