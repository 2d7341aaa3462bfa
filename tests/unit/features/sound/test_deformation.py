"""Sound that is deformed on purpose: what each deformation does to a sound that is known."""

import numpy as np
import pytest
import soundfile
from tartarus.features.sound import spectrograms
from tartarus.features.sound.deformation import STEPS, deformation

RATE = 22050


def tone(frequency: float, *, seconds: float = 2.0, rate: int = RATE, loud: float = 0.3) -> np.ndarray:
    return (loud * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def deformed(samples: np.ndarray, *, rate: int = RATE, id_: str = "A", seed: int = 1, **options: float) -> np.ndarray:
    return deformation(options, id_=id_, seed=seed)(samples, rate)


def loudness(samples: np.ndarray, frequency: float, *, rate: int = RATE) -> float:
    """The loudness of a frequency, in dB."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    place = round(frequency * len(samples) / rate)
    return float(20 * np.log10(spectrum[place - 2 : place + 3].max()))


def test_a_gain_is_in_decibels_and_clips_at_full_scale():
    np.testing.assert_allclose(deformed(tone(440), gain=-20), 0.1 * tone(440), rtol=1e-5, atol=1e-7)
    louder = deformed(tone(440, loud=0.9), gain=6)
    assert louder.max() == 1
    assert louder.min() == -1


@pytest.mark.parametrize("decibels", [20, 0])
def test_noise_is_so_far_below_the_sound_and_another_for_each_item(decibels):
    sound = tone(440)
    noise = deformed(sound, noise=decibels).astype(np.float64) - sound
    assert 10 * np.log10(np.mean(sound.astype(np.float64) ** 2) / np.mean(noise**2)) == pytest.approx(decibels, abs=0.1)
    np.testing.assert_array_equal(deformed(sound, noise=decibels), deformed(sound, noise=decibels))
    for other in ({"id_": "B"}, {"seed": 2}):
        again = deformed(sound, noise=decibels, **other) - sound
        assert abs(np.corrcoef(noise, again)[0, 1]) < 0.05
    assert not deformed(np.zeros(100, np.float32), noise=decibels).any()


def test_a_low_pass_leaves_what_is_below_and_takes_what_is_above():
    sound = tone(500) + tone(4000)
    found = deformed(sound, low_pass=2000)
    assert loudness(found, 500) == pytest.approx(loudness(sound, 500), abs=0.1)
    # An octave above the cut, by the formula of Butterworth: 10 log10(1 + 2^20).
    assert loudness(sound, 4000) - loudness(found, 4000) > 58
    np.testing.assert_array_equal(deformed(sound, low_pass=RATE / 2), sound)


def test_what_is_stretched_is_longer_and_as_high():
    found = deformed(tone(440), stretch=0.8)
    assert len(found) / RATE == pytest.approx(2 / 0.8, abs=0.01)
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found))))
    assert spectrum.argmax() * RATE / len(found) == pytest.approx(440, abs=1)


@pytest.mark.parametrize("rate", [11000, RATE, 44100, 96000])
def test_an_mp3_is_as_long_and_at_the_same_place_and_not_the_same(rate, rng):
    sound = 0.2 * rng.standard_normal(3 * rate).astype(np.float32) * np.hanning(3 * rate).astype(np.float32)
    low = deformed(sound, rate=rate, low_pass=3000)
    found = deformed(low, rate=rate, mp3=64)
    assert found.shape == low.shape
    assert np.corrcoef(found, low)[0, 1] > 0.98
    assert np.corrcoef(found[1:], low[:-1])[0, 1] < np.corrcoef(found, low)[0, 1]
    np.testing.assert_array_equal(found, deformed(low, rate=rate, mp3=64))
    coarse = deformed(low, rate=rate, mp3=8)
    assert np.square(coarse - low).mean() > 2 * np.square(found - low).mean()


def test_several_are_done_in_the_order_of_a_recording():
    sound, options = tone(440), {"mp3": 64.0, "gain": -6.0, "noise": 30.0, "low_pass": 3000.0, "stretch": 1.1}
    wanted = sound
    for name in ("stretch", "low_pass", "noise", "gain", "mp3"):
        wanted = deformed(wanted, **{name: options[name]})
    np.testing.assert_allclose(deformed(sound, **options), wanted, atol=1e-6)
    assert list(STEPS) == ["stretch", "low_pass", "noise", "gain", "mp3"]


def test_a_file_is_deformed_at_its_own_rate_before_it_is_resampled(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(9000, rate=44100) + tone(500, rate=44100), 44100)
    deform = deformation({"low_pass": 3000}, id_="A", seed=1)
    options = {"sample_rate": RATE, "min_seconds": 1}
    _, whole = spectrograms.listen("A", tmp_path / "a.wav", options)
    track, low = spectrograms.listen("A", tmp_path / "a.wav", {**options, "deform": deform})
    assert (track.status, len(low)) == ("ok", len(whole))
    assert loudness(whole, 9000) - loudness(low, 9000) > 60
    assert loudness(low, 500) == pytest.approx(loudness(whole, 500), abs=0.1)
