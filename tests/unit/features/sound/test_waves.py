"""Channels, the loudest sample, and other sample rates: NumPy and librosa called plainly."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.sound import waves


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 300))
def test_mono_is_the_mean_of_the_channels(seed: int, channels: int, length: int) -> None:
    samples = noise(seed, length, channels)
    found = waves.mono(samples)
    assert (found.dtype, found.shape) == (np.float32, (length,))
    np.testing.assert_allclose(found, samples.astype(np.float64).mean(axis=1), atol=1e-6)


def test_mono_leaves_the_samples_as_they_are() -> None:
    samples = noise(1, 100, 2)
    before = samples.copy()
    waves.mono(samples)
    np.testing.assert_array_equal(samples, before)


@pytest.mark.parametrize(
    ("values", "expected"), [([0.25, -0.5], 0.5), ([0.75, -0.5], 0.75), ([0, 0], 0), ([-1, np.inf], np.inf)]
)
def test_the_peak_is_the_largest_absolute_sample(values: list[float], expected: float) -> None:
    assert waves.peak(np.array([values, values], np.float32)) == expected


def test_the_peak_of_what_is_no_number_is_none() -> None:
    assert np.isnan(waves.peak(np.array([0.5, np.nan, 1], np.float32)))


@given(
    st.integers(0, 1000),
    st.integers(1, 5000),
    st.sampled_from([8000, 16000, 22050, 44100, 48000]),
    st.sampled_from([11025, 16000, 22050]),
)
def test_resampling_gives_what_librosa_gives(seed: int, length: int, before: int, after: int) -> None:
    samples = noise(seed, length)
    found = waves.resample(samples, before, after)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, librosa.resample(samples, orig_sr=before, target_sr=after))
