"""Fourier transforms of frames: a naive sum, and SciPy's window."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.sound import fourier


@given(st.integers(2, 3000))
def test_the_window_is_scipy_s(size: int) -> None:
    np.testing.assert_allclose(fourier.hann(size), scipy.signal.get_window("hann", size), atol=1e-15)


@pytest.mark.parametrize("size", [2, 15, 16])
@pytest.mark.parametrize("hop", [1, 5, 16, 40])
@pytest.mark.parametrize("length", [1, 15, 100])
def test_every_number_is_the_sum_over_a_frame_around_its_time(
    rng: np.random.Generator, size: int, hop: int, length: int
) -> None:
    samples, window = rng.normal(size=length).astype(np.float32), rng.normal(size=size)
    found = np.hstack(list(fourier.spectra(samples, window=window, hop=hop)))
    # The last frame that ends within the zeros behind the samples.
    count = 1 + (length - size % 2) // hop
    assert (found.dtype, found.shape) == (np.complex64, (size // 2 + 1, count))
    for time in range(count):
        places = time * hop - size // 2 + np.arange(size)
        frame = [samples[place] if 0 <= place < length else 0 for place in places] * window
        for number in range(size // 2 + 1):
            expected = (frame * np.exp(-2j * np.pi * number * np.arange(size) / size)).sum()
            assert found[number, time] == pytest.approx(expected, abs=1e-5)


def test_blocks_are_small_whatever_the_length_and_change_no_number(rng: np.random.Generator) -> None:
    samples, window = rng.normal(size=200_000).astype(np.float32), fourier.hann(512)
    blocks = list(fourier.spectra(samples, window=window, hop=64))
    assert len(blocks) > 1
    assert max(block.nbytes for block in blocks) < 2_000_000
    # A piece of the samples that one block holds, away from its ends.
    (piece,) = fourier.spectra(samples[64 * 200 : 64 * 300], window=window, hop=64)
    np.testing.assert_array_equal(np.hstack(blocks)[:, 210:290], piece[:, 10:90])
