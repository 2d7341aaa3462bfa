"""What Essentia's music extractor measures of a sound of one's own, in the columns of released recordings.

Essentia [1]_ is no requirement of Tartarus, and under the AGPL: it is imported only here, and only when a model of
such recordings is asked about a sound. The recordings of AcousticBrainz were measured by version 2.1 beta 2. What
later versions call otherwise, or measure wrongly, is told by `as_released`.

.. [1] Bogdanov et al.: Essentia: An Audio Analysis Library for Music Information Retrieval. ISMIR 2013
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.features.sound.music_extractor import flatten

SAMPLE_RATE = 44100  # Hz; the extractor's own
_ABSENT = (
    "Essentia is not installed ({}), which measures sound as AcousticBrainz did; .venv/bin/pip install -r "
    "requirements-essentia.lock, and run without --sdm conda. It is under the AGPL (docs/using.md, Recordings)"
)
_PEAKS = [f"bpm_histogram_{peak}_peak_{of}" for peak in ("first", "second") for of in ("bpm", "spread", "weight")]
# Statistics of a single value.
_SAME, _NONE = ("max", "mean", "median", "min"), ("dmean", "dmean2", "dvar", "dvar2", "var")
_SHARPS = {"Ab": "G#", "Bb": "A#", "Db": "C#", "Eb": "D#", "Gb": "F#"}


def read_columns(path: str) -> tuple[str, ...]:
    """Read which columns the recordings that a model was trained on have.

    Raises
    ------
    TartarusError
        If that is not known.
    """
    if not Path(path).is_file():
        raise TartarusError(
            f"{path}: not found; it tells which numbers a model of recordings is to be given, and is made with them "
            f"from what is released (docs/papers.md, AcousticBrainz)"
        )
    return tuple(read_lines(path))


def extract(samples: np.ndarray, columns: Sequence[str]) -> np.ndarray:
    """Measure a sound.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        Mono, at `SAMPLE_RATE` Hz.
    columns : sequence of str
        Which numbers are wanted, as `music_extractor.flatten` calls them.

    Returns
    -------
    np.ndarray [shape=(1, n_columns)], float32

    Raises
    ------
    ValueError
        If it cannot be measured, as silence cannot.
    TartarusError
        If Essentia is not installed, or measures none of some columns.
    """
    return in_columns(as_released(_measured(samples)), columns)


def _measured(samples: np.ndarray) -> dict[str, Any]:
    """Run the music extractor, which takes files alone; and measure anew what it gets wrong."""
    try:
        import essentia
        from essentia import standard
    except ImportError as error:
        raise TartarusError(_ABSENT.format(error)) from error
    essentia.log.infoActive = essentia.log.warningActive = False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        soundfile.write(path, samples, SAMPLE_RATE, subtype="FLOAT")
        try:
            pool, _ = standard.MusicExtractor()(str(path))
        except RuntimeError as error:
            raise ValueError(f"Essentia cannot measure it: {error}") from error
    found: dict[str, Any] = {}
    for name in pool.descriptorNames():
        *sections, last = name.split(".")
        inner = found
        for section in sections:
            inner = inner.setdefault(section, {})
        value = pool[name]
        inner[last] = value.tolist() if isinstance(value, np.ndarray) else value
    # The extractor writes the spread of the first peak under the name of its weight.
    beats = np.diff(np.array(found["rhythm"]["beats_position"], np.float32))
    peaks = standard.BpmHistogramDescriptors()(beats)
    of_first = dict(zip(("bpm", "weight", "spread"), peaks[:3], strict=True))
    found["rhythm"] |= {f"bpm_histogram_first_peak_{of}": float(value) for of, value in of_first.items()}
    return found


def as_released(recording: dict[str, Any]) -> dict[str, Any]:
    """Bring what a later version has measured to the form of released recordings.

    - The key is that of Temperley's profiles, ``key_temperley``, which was the only one then; keys are written with
      sharps.
    - Each peak of the histogram of tempi is one number now. Then it was summed up like numbers of many frames: maximum,
      mean, median and minimum are the number itself, variances and differences are 0.

    Returns
    -------
    dict
        A recording with more names; none is taken away.
    """
    rhythm, tonal = dict(recording.get("rhythm", {})), dict(recording.get("tonal", {}))
    for peak in _PEAKS:
        if isinstance(rhythm.get(peak), int | float):
            rhythm[peak] = {**dict.fromkeys(_SAME, rhythm[peak]), **dict.fromkeys(_NONE, 0.0)}
    if "key_key" not in tonal:
        tonal |= {f"key_{of}": value for of, value in tonal.get("key_temperley", {}).items()}
    for word in ("key_key", "chords_key"):
        if word in tonal:
            tonal[word] = _SHARPS.get(tonal[word], tonal[word])
    return {**recording, "rhythm": rhythm, "tonal": tonal}


def in_columns(recording: dict[str, Any], columns: Sequence[str]) -> np.ndarray:
    """Take from a recording the numbers of some columns, in their order; it may have more.

    Returns
    -------
    np.ndarray [shape=(1, n_columns)], float32

    Raises
    ------
    TartarusError
        If it lacks columns; the message counts them and names the first.
    """
    found = dict(zip(*flatten(recording), strict=True))
    lacking = [column for column in columns if column not in found]
    if lacking:
        named = ", ".join(lacking[:5])
        raise TartarusError(
            f"{len(lacking)} of {len(columns)} columns that the model was trained on are not measured by the installed "
            f"version of Essentia: {named}{' ...' if len(lacking) > 5 else ''}; install the one of "
            f"requirements-essentia.lock, or train the model on recordings that it measured"
        )
    return np.array([[found[column] for column in columns]], np.float32)
