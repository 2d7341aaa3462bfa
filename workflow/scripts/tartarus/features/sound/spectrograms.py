"""From audio files to spectrograms, in shards.

Constants (REFERENCE): mono, 22 050 Hz, Hann window, hop 1024; `cqt` 96 bins from C1, 12 per octave; `mel` and
`stft` with a given window length; decibels of the power relative to the track's maximum, time first. The
transforms are librosa's.

A shard is an HDF5 file with `features` [n_frames, n_bins], all tracks one after another, `index` [n_tracks] and
`start` [n_tracks + 1], the first frame of each; beside it a table with a row for every track, whatever became of
it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import joblib
import librosa
import numpy as np
from tartarus.base.files import replacing
from tartarus.base.hdf5 import encode_ids
from tartarus.base.logs import log, progress
from tartarus.features.sound.decoding import Sound, decode
from tartarus.items import statuses
from tartarus.items.raw_files import why_missing
from tartarus.items.tables import write_rows
from tartarus.plan.feature_kinds import bins_of

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


def load(path: str | Path, *, sample_rate: int) -> tuple[np.ndarray, Sound]:
    """Decode an audio file and resample it.

    Parameters
    ----------
    path : str or Path
        Any format that libsndfile or FFmpeg reads.
    sample_rate : int
        The wanted rate, in Hz.

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
    mono = librosa.to_mono(sound.samples.T)
    return librosa.resample(mono, orig_sr=sound.rate, target_sr=sample_rate), sound


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
        transform = librosa.cqt(samples, sr=rate, hop_length=hop, n_bins=options["bins"], bins_per_octave=octave)
        power = np.abs(transform) ** 2
    elif options["type"] == "mel":
        power = librosa.feature.melspectrogram(
            y=samples, sr=rate, hop_length=hop, n_fft=options["n_fft"], n_mels=options["bins"]
        )
    else:
        power = np.abs(librosa.stft(samples, hop_length=hop, n_fft=options["n_fft"])) ** 2
    return librosa.power_to_db(power, ref=np.max).T.astype(np.float32)


def analyse(id_: str, path: Path | None, options: dict[str, Any]) -> tuple[Track, np.ndarray | None]:
    """Make the spectrogram of a track, or tell why there is none.

    Parameters
    ----------
    id_ : str
        The item.
    path : Path or None
        Its audio file; None if it has none.
    options : dict
        As in `spectrogram`, and `min_seconds`.

    Returns
    -------
    Track
        What became of it.
    np.ndarray [shape=(n_frames, n_bins)] or None
        The spectrogram, if it is kept.
    """
    if path is None or not path.is_file():
        return Track(id_, "missing", detail=why_missing(path) if path else "no audio in the table"), None
    try:
        samples, sound = load(path, sample_rate=options["sample_rate"])
    except ValueError as error:
        return Track(id_, "undecodable", detail=f"{path}: {error}"), None
    seconds, peak = round(len(sound.samples) / sound.rate, 3), float(np.abs(samples).max())
    if seconds < options["min_seconds"]:
        detail = f"{path}: {seconds} s, shorter than min_seconds {options['min_seconds']}"
        return Track(id_, "too short", seconds, sound.rate, peak, detail), None
    status, detail = _oddity(sound, peak)
    values = spectrogram(samples, options)
    if not np.isfinite(values).all():
        return Track(id_, "undecodable", seconds, sound.rate, peak, f"{path}: its spectrogram is not finite"), None
    return Track(id_, status, seconds, sound.rate, peak, detail and f"{path}: {detail}"), values


def _oddity(sound: Sound, peak: float) -> tuple[str, str]:
    """Tell what is odd about a track that is kept, and its status."""
    if sound.damage:
        return "damaged", sound.damage
    if peak >= SILENCE:
        return "ok", ""
    loudest = float(np.abs(sound.samples).max())
    if loudest >= SILENCE:
        return "cancelled", f"its channels are each other's opposite, up to {loudest:.2g}: their mean is silence"
    return "silent", "nothing but silence"


def write_shard(
    hdf5: str | Path,
    table: str | Path,
    tracks: Sequence[tuple[str, Path | None]],
    options: dict[str, Any],
    *,
    workers: int = 1,
) -> None:
    """Make the spectrograms of a shard.

    Parameters
    ----------
    hdf5, table : str or Path
        What to write.
    tracks : sequence of (str, Path or None)
        Ids and audio files.
    options : dict
        As in `analyse`.
    workers : int
        How many processes; the outcome does not depend on it.
    """
    width = bins_of(options)
    start, ids, rows = [0], [], []
    with replacing(hdf5) as part, h5py.File(part, "w") as file:
        features = file.create_dataset("features", (0, width), "f4", maxshape=(None, width), chunks=(256, width))
        calls = (joblib.delayed(analyse)(id_, path, options) for id_, path in tracks)
        outcomes = joblib.Parallel(n_jobs=workers, return_as="generator")(calls)
        for track, values in progress(outcomes, total=len(tracks), what="spectrograms"):
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
        file.attrs["type"] = options["type"]
    missing = ((row["id"], row["status"], row["detail"]) for row in rows if row["status"] == "missing")
    statuses.tell(missing, what="track", table=table)
    write_rows(table, rows, columns=[entry.name for entry in fields(Track)])
