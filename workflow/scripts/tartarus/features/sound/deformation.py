"""Sound that is deformed on purpose: how much of what a model says survives what happens to recordings.

Conventions: samples are mono, [-1, 1] is full scale, and the rate is that of the file. Several deformations of one
sound are done in the order of `STEPS`: it is played, recorded, and stored.
"""

import io
from collections.abc import Callable, Mapping

import numpy as np
from scipy import signal
from tartarus.base.hashing import stable_hash
from tartarus.features.sound.waves import resample

# Samples [shape=(n,)] and their rate in Hz to samples.
Deformation = Callable[[np.ndarray, int], np.ndarray]

# MPEG audio has no other rates up to this one; what has more becomes that.
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_ORDER = 10  # of the low-pass: 60 dB an octave


def deformation(options: Mapping[str, float], *, id_: str, seed: int) -> Deformation:
    """Make a deformation of the sound of an item.

    Parameters
    ----------
    options : mapping
        `stretch`: how many times as fast, at the same pitch; `low_pass`, in Hz; `noise`: white noise, so many dB below
        the mean power of the sound; `gain`, in dB; `mp3`, in kbit/s. Those that are not there change nothing.
    id_, seed
        The item, and the seed of all: no item's noise depends on another's.
    """

    def deform(samples: np.ndarray, rate: int) -> np.ndarray:
        for name, step in STEPS.items():
            if name in options:
                samples = step(samples, rate, options[name], stable_hash(f"deform {id_}", seed=seed))
        return samples.astype(np.float32, copy=False)

    return deform


def _stretch(samples: np.ndarray, _: int, speed: float, __: int) -> np.ndarray:
    """Play faster, or slower, at the same pitch, by librosa's phase vocoder."""
    from librosa.effects import time_stretch  # two seconds, which the others need not spend

    return np.asarray(time_stretch(samples, rate=speed))


def _low_pass(samples: np.ndarray, rate: int, cutoff: float, _: int) -> np.ndarray:
    """Take away what is above a frequency, by a Butterworth filter; where there is nothing above it, nothing."""
    if cutoff >= rate / 2:
        return samples
    return np.asarray(signal.sosfilt(signal.butter(_ORDER, cutoff, fs=rate, output="sos"), samples))


def _noise(samples: np.ndarray, _: int, decibels: float, seed: int) -> np.ndarray:
    """Add white noise; to silence, none."""
    power = np.mean(np.square(samples, dtype=np.float64))
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(len(samples))
    return samples + noise * np.sqrt(power * 10 ** (-decibels / 10))


def _gain(samples: np.ndarray, _: int, decibels: float, __: int) -> np.ndarray:
    """Make louder, up to full scale, where files clip; or softer."""
    return np.clip(samples * 10 ** (decibels / 20), -1, 1)


def _mp3(samples: np.ndarray, rate: int, kilobits: float, _: int) -> np.ndarray:
    """Encode as MP3 of a constant rate, by LAME, and decode it; as long as before."""
    import av  # a third of a second, which the others need not spend

    coded_rate = next((known for known in _MP3_RATES if known >= rate), _MP3_RATES[-1])
    waves = np.clip(resample(samples.astype(np.float32), rate, coded_rate), -1, 1)
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp3") as file:
        stream = file.add_stream("libmp3lame", rate=coded_rate, layout="mono", format="fltp")
        stream.bit_rate = int(1000 * kilobits)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(waves[None]), format="fltp", layout="mono")
        frame.sample_rate = coded_rate
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    memory.seek(0)
    with av.open(memory, "r") as file:
        to_float = av.AudioResampler(format="fltp", layout="mono")
        heard = [block.to_ndarray()[0] for frame in file.decode(audio=0) for block in to_float.resample(frame)]
    decoded = resample(np.concatenate(heard), coded_rate, rate)[: len(samples)]
    return np.pad(decoded, (0, len(samples) - len(decoded)))


# Samples, rate, how much, and a seed to samples.
STEPS: dict[str, Callable[[np.ndarray, int, float, int], np.ndarray]] = {
    "stretch": _stretch,
    "low_pass": _low_pass,
    "noise": _noise,
    "gain": _gain,
    "mp3": _mp3,
}
