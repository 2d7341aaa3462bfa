"""From audio files to spectrograms, in shards.

Constants (REFERENCE): mono, 22 050 Hz, Hann window, hop 1024; `cqt` 96 bins from C1, 12 per octave; `mel` and
`stft` with a given window length; decibels of the power relative to the track's maximum, time first. The numbers are
librosa's.

A shard is an HDF5 file with `features` [n_frames, n_bins], all tracks one after another, `index` [n_tracks] and
`start` [n_tracks + 1], the first frame of each; beside it a table with a row for every track, whatever became of
it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tartarus.base.files import replacing
from tartarus.base.hdf5 import encode_ids
from tartarus.base.logs import log, progress
from tartarus.base.threads import in_threads
from tartarus.features.sound import constant_q
from tartarus.features.sound.decoding import Sound, decode
from tartarus.features.sound.deformation import Deformation
from tartarus.features.sound.fourier import hann, spectra
from tartarus.features.sound.waves import mono, peak, resample
from tartarus.items import statuses
from tartarus.items.raw_files import why_missing
from tartarus.items.tables import write_rows
from tartarus.plan.feature_kinds import bins_of
from threadpoolctl import threadpool_limits

# Samples and options to what is kept of a track [shape=(n_frames, n_bins)].
Transform = Callable[[np.ndarray, dict[str, Any]], np.ndarray]

SILENCE = 1e-5  # peak, of full scale: -100 dB


@dataclass(frozen=True)
class Track:
    """What became of a track.

    Attributes
    ----------
    id : str
        The item.
    status : str
        ``ok``; ``silent``, ``cancelled`` (channels whose mean is silence), ``damaged`` (in the middle): kept;
        ``too short``, ``undecodable`` or ``missing``: left out.
    seconds : float
        Its length as decoded.
    sample_rate : int
        Of the file, in Hz.
    peak : float
        The largest absolute sample; 1 is full scale.
    detail : str
        Why it is not ok.
    """

    id: str
    status: str
    seconds: float = 0.0
    sample_rate: int = 0
    peak: float = 0.0
    detail: str = ""


def load(path: str | Path, *, sample_rate: int, deform: Deformation | None = None) -> tuple[np.ndarray, Sound]:
    """Decode an audio file and resample it.

    Parameters
    ----------
    path : str or Path
        Any format that libsndfile or FFmpeg reads.
    sample_rate : int
        The wanted rate, in Hz.
    deform : callable, optional
        What is done to the sound first, at its own rate; see `deformation.deformation`.

    Returns
    -------
    samples : np.ndarray [shape=(n,)], float32
        Mono: the mean of the channels.
    sound : Sound
        As decoded.

    Raises
    ------
    ValueError
        As `decoding.decode`.
    """
    sound = decode(path)
    samples = mono(sound.samples)
    return resample(deform(samples, sound.rate) if deform else samples, sound.rate, sample_rate), sound


def spectrogram(samples: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """Compute a spectrogram in decibels below the track's maximum.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float
        Mono, at ``options["sample_rate"]`` Hz.
    options : dict
        `type` cqt, mel or stft; `hop` and `n_fft` in samples; `bins`; `bins_per_octave`.

    Returns
    -------
    np.ndarray [shape=(n_frames, n_bins)], float32, values in [-80, 0]
        All zero for digital silence.
    """
    rate, hop = options["sample_rate"], options["hop"]
    if options["type"] == "cqt":
        octave = options["bins_per_octave"]
        transform = constant_q.transform(
            samples, sample_rate=rate, hop=hop, bins=options["bins"], bins_per_octave=octave
        )
        power = np.abs(transform) ** 2
    else:
        blocks = spectra(samples, window=hann(options["n_fft"]), hop=hop)
        power = np.hstack([np.abs(block) ** 2 for block in blocks])
        if options["type"] == "mel":
            power = mel_filters(rate, options["n_fft"], options["bins"]) @ power
    return np.ascontiguousarray(_decibels(power).T)


@cache
def mel_filters(
    rate: int, n_fft: int, bins: int, *, fmin: float = 0.0, fmax: float | None = None, htk: bool = False
) -> np.ndarray:
    """Make the filters of the mel scale [shape=(bins, n_fft // 2 + 1)], from `fmin` to `fmax` (half the rate) in Hz.

    With `htk` they are those of that toolkit, each with a peak of 1; else librosa's (Slaney's), each of the same area.
    """
    from librosa.filters import mel  # two seconds, which the other types need not spend

    return mel(sr=rate, n_fft=n_fft, n_mels=bins, fmin=fmin, fmax=fmax, htk=htk, norm=None if htk else "slaney")


def _decibels(power: np.ndarray) -> np.ndarray:
    """Compute decibels below the maximum, at least -80; what is below 1e-10 counts as that."""
    found: np.ndarray = 10 * np.log10(np.maximum(power, 1e-10))
    found -= found.max()
    return np.maximum(found, -80)


def listen(id_: str, path: Path | None, options: dict[str, Any]) -> tuple[Track, np.ndarray | None]:
    """Decode a track, or tell why it is left out.

    Parameters
    ----------
    id_ : str
        The item.
    path : Path or None
        Its audio file; None if it has none.
    options : dict
        `sample_rate` and `min_seconds`; `deform` if something is to be done to the sound first, as in `load`.

    Returns
    -------
    Track
        What became of it.
    np.ndarray [shape=(n,)] or None
        Its samples, if it is kept.
    """
    if path is None or not path.is_file():
        return Track(id_, "missing", detail=why_missing(path) if path else "no audio in the table"), None
    try:
        samples, sound = load(path, sample_rate=options["sample_rate"], deform=options.get("deform"))
    except ValueError as error:
        return Track(id_, "undecodable", detail=f"{path}: {error}"), None
    seconds, loudest = round(len(sound.samples) / sound.rate, 3), peak(samples)
    if seconds < options["min_seconds"]:
        detail = f"{path}: {seconds} s, shorter than min_seconds {options['min_seconds']}"
        return Track(id_, "too short", seconds, sound.rate, loudest, detail), None
    status, detail = _oddity(sound, loudest)
    return Track(id_, status, seconds, sound.rate, loudest, detail and f"{path}: {detail}"), samples


def analyse(
    id_: str, path: Path | None, options: dict[str, Any], transform: Transform = spectrogram
) -> tuple[Track, np.ndarray | None]:
    """Make the spectrogram of a track, or tell why there is none.

    Parameters
    ----------
    id_ : str
        The item.
    path : Path or None
        Its audio file; None if it has none.
    options : dict
        As in `spectrogram`, and those of `listen`.
    transform : callable
        What is made of the sound.

    Returns
    -------
    Track
        What became of it.
    np.ndarray [shape=(n_frames, n_bins)] or None
        The spectrogram, if it is kept.
    """
    track, samples = listen(id_, path, options)
    if samples is None:
        return track, None
    values = transform(samples, options)
    if not np.isfinite(values).all():
        return replace(track, status="undecodable", detail=f"{path}: what it sounds like is not finite"), None
    return track, values


def _oddity(sound: Sound, loudest: float) -> tuple[str, str]:
    """Tell what is odd about a track that is kept, and its status."""
    if sound.damage:
        return "damaged", sound.damage
    if loudest >= SILENCE:
        return "ok", ""
    if (of_channels := peak(sound.samples)) >= SILENCE:
        return "cancelled", f"its channels are each other's opposite, up to {of_channels:.2g}: their mean is silence"
    return "silent", "nothing but silence"


def write_shard(
    hdf5: str | Path,
    table: str | Path,
    tracks: Sequence[tuple[str, Path | None]],
    options: dict[str, Any],
    *,
    transform: Transform = spectrogram,
    width: int | None = None,
    workers: int = 1,
) -> None:
    """Make the spectrograms of a shard.

    Parameters
    ----------
    hdf5, table : str or Path
        What to write.
    tracks : sequence of (str, Path or None)
        Ids and audio files.
    options, transform
        As in `analyse`.
    width : int, optional
        How many numbers a frame has; by default the bins of a spectrogram.
    workers : int
        How many threads, each with a track at a time; the outcome does not depend on it.
    """
    width = width or bins_of(options)
    start, ids, rows = [0], [], []
    with replacing(hdf5) as part, h5py.File(part, "w") as file:
        features = file.create_dataset("features", (0, width), "f4", maxshape=(None, width), chunks=(256, width))
        outcomes = _outcomes(tracks, options, transform, workers=workers)
        for track, values in progress(outcomes, total=len(tracks), what="tracks"):
            rows.append({**asdict(track), "detail": " ".join(track.detail.split())})
            if track.detail and track.status != "missing":
                log.warning("track %s is %s: %s", track.id, track.status, track.detail)
            if values is not None:
                features.resize(start[-1] + len(values), axis=0)
                features[start[-1] :] = values
                start.append(start[-1] + len(values))
                ids.append(track.id)
        file["index"] = encode_ids(ids)
        file["start"] = np.array(start, dtype=np.int64)
        file.attrs["type"] = options.get("type", transform.__name__)
    missing = ((row["id"], row["status"], row["detail"]) for row in rows if row["status"] == "missing")
    statuses.tell(missing, what="track", table=table)
    write_rows(table, rows, columns=[entry.name for entry in fields(Track)])


def _outcomes(
    tracks: Sequence[tuple[str, Path | None]], options: dict[str, Any], transform: Transform, *, workers: int
) -> Iterator[tuple[Track, np.ndarray | None]]:
    """Analyse tracks in threads: nearly all the time is spent in libraries that let other threads run."""
    # A product of matrices has other last bits on more threads.
    with threadpool_limits(1):
        yield from in_threads(lambda track: analyse(*track, options, transform), tracks, workers=workers)
