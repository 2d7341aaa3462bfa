"""AcousticBrainz as it is released: JSON files of what was measured, packed, and tables of genres.

The numbers are those of the other look-alike, in the order of their paths, but for four words. How many numbers there
are under each path is as the music extractor of those days wrote them, so that they make as many columns as published.
"""

import bz2
import json
import tarfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.files import replacing
from tartarus.features.sound.music_extractor import WORDS
from tartarus.lookalike.archives import SOURCES, Size, genres_of, measured, recordings_of
from tartarus.lookalike.files import spans
from tartarus.lookalike.world import Items

_ON_A_RELEASE = 3  # recordings
_STATISTICS = ("dmean", "dmean2", "dvar", "dvar2", "max", "mean", "median", "min", "var")
_BANDS = ("barkbands", "erbbands", "melbands")
_OF_BANDS = ("crest", "flatness_db", "kurtosis", "skewness", "spread")
_SPECTRAL = (
    *("centroid", "complexity", "decrease", "energy", "entropy", "flux", "kurtosis", "rms", "rolloff", "skewness"),
    *("spread", "strongpeak", "energyband_high", "energyband_low", "energyband_middle_high", "energyband_middle_low"),
)
_PEAKS = [f"bpm_histogram_{peak}_peak_{of}" for peak in ("first", "second") for of in ("bpm", "spread", "weight")]
# What is measured in frames, each by all statistics, and how many numbers it has.
_IN_FRAMES = {
    "lowlevel": {
        **dict(zip(_BANDS, (27, 40, 40), strict=True)),
        **{f"{bands}_{of}": 0 for bands in _BANDS for of in _OF_BANDS},
        **{f"spectral_{of}": 0 for of in _SPECTRAL},
        **{f"silence_rate_{level}dB": 0 for level in (20, 30, 60)},
        **{"spectral_contrast_coeffs": 6, "spectral_contrast_valleys": 6},
        **dict.fromkeys(("dissonance", "hfc", "pitch_salience", "zerocrossingrate"), 0),
    },
    "rhythm": {"beats_loudness": 0, **dict.fromkeys(_PEAKS, 0)},
    "tonal": {"chords_strength": 0, "hpcp": 36, "hpcp_entropy": 0},
}
_OF_ALL = {
    "lowlevel": {"average_loudness": 0, "dynamic_complexity": 0},
    "rhythm": {"beats_count": 0, "bpm": 0, "danceability": 0, "onset_rate": 0},
    "tonal": {
        **{"chords_changes_rate": 0, "chords_histogram": 24, "chords_number_rate": 0, "key_strength": 0, "thpcp": 36},
        **{f"tuning_{of}": 0 for of in ("diatonic_strength", "equal_tempered_deviation", "frequency")},
        "tuning_nontempered_energy_ratio": 0,
    },
}


def recording(row: np.ndarray) -> dict[str, Any]:
    """Write a row as the music extractor would have measured it.

    Parameters
    ----------
    row : np.ndarray [shape=(n_columns,)], float32
        As many as the numbers and the words take.

    Returns
    -------
    dict
        Sections lowlevel, metadata, rhythm, tonal; without beats, whose number would be another for every recording.
    """
    numbers = iter(row.tolist())

    def some(count: int) -> Any:
        return [next(numbers) for _ in range(count)] if count else next(numbers)

    found: dict[str, Any] = {"metadata": {"version": {"lookalike": "1.0"}, "audio_properties": {"length": 180.0}}}
    for section, in_frames in _IN_FRAMES.items():
        found[section] = {name: some(count) for name, count in _OF_ALL[section].items()}
        for name, count in in_frames.items():
            found[section][name] = {statistic: some(count) for statistic in _STATISTICS}
    found["rhythm"]["beats_loudness_band_ratio"] = {statistic: some(6) for statistic in _STATISTICS[:-1]}
    for coefficients in ("gfcc", "mfcc"):
        matrices = {name: [some(13) for _ in range(13)] for name in ("cov", "icov")}
        found["lowlevel"][coefficients] = {"mean": some(13), **matrices}
    for path, words in WORDS.items():
        section, name = path.split(".")
        found[section][name] = words[int(np.argmax([next(numbers) for _ in words]))]
    found["rhythm"]["beats_position"] = [0.5 * beat for beat in range(1, 3 + int(abs(row[0])) % 5)]
    return found


def write(folder: Path, size: Size) -> dict[str, int]:
    """Write the archives and the tables; the published one is made of train and val.

    Returns
    -------
    dict
        Name of a file to the number of its record.
    """
    records = {}
    for name, sets in (("train", ("train", "val")), ("validation", ("test",))):
        for source in SOURCES:
            table = f"acousticbrainz-mediaeval-{source}-{name}.tsv.bz2"
            _write_genres(folder / table, source, sets, size)
            records[table] = 2554044 if source == "allmusic" else 2553414
        archive = f"acousticbrainz-mediaeval-features-{name}-0123456789abcdef.tar.bz2"
        _write_recordings(folder / archive, f"acousticbrainz-mediaeval-{name}", sets, size)
        records[archive] = 2553414
    return records


def _write_recordings(path: Path, folder: str, sets: Sequence[str], size: Size) -> None:
    """Pack every recording that a source knows: ``<folder>/54/54551aad-....json``."""
    with (
        replacing(path) as part,
        bz2.open(part, "wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for set_ in sets:
            for items, start, stop in _all_recordings(set_, size):
                for id_, row in zip(items.uuids(start, stop), measured(items, start, stop), strict=True):
                    text = json.dumps(recording(row)).encode()
                    member = tarfile.TarInfo(f"{folder}/{id_[:2]}/{id_}.json")
                    member.size, member.mode = len(text), 0o644
                    tar.addfile(member, BytesIO(text))


def _all_recordings(set_: str, size: Size) -> Iterator[tuple[Items, int, int]]:
    """Go through the recordings of all sources, each once, in spans [start, stop)."""
    reached = 0
    for items, first, count in sorted((recordings_of(source, set_, size) for source in SOURCES), key=itemgetter(1)):
        first, last = max(first, reached), first + count
        for start, stop in spans(max(last - first, 0)):
            yield items, first + start, first + stop
        reached = max(reached, last)


def _write_genres(path: Path, source: str, sets: Sequence[str], size: Size) -> None:
    """Write a table of genres; recordings after one another are of one group of releases."""
    genres = genres_of(source, size)
    names = [
        name if parent == column else f"{genres.names[parent]}---{name}"
        for column, (name, parent) in enumerate(zip(genres.names, genres.parent.tolist(), strict=True))
    ]
    blocks = [
        (items, first + start, first + stop)
        for items, first, count in (recordings_of(source, set_, size) for set_ in sets)
        for start, stop in spans(count)
    ]
    # At any scale every genre is borne once: the number of classes is the published one.
    borne = np.zeros(len(names), bool)
    for items, start, stop in blocks if "train" in sets else ():
        borne |= genres.labels(items, start, stop, name=source).any(axis=0)
    rare = iter(np.array_split(np.flatnonzero(~borne), blocks[0][2] - blocks[0][1]) if "train" in sets else ())
    with replacing(path) as part, bz2.open(part, "wt", encoding="utf-8", newline="\n") as file:
        file.write("recordingmbid\treleasegroupmbid\tgenre1\tgenre2\tgenre3\n")
        for items, start, stop in blocks:
            of = np.arange(start, stop) // _ON_A_RELEASE
            releases = Items(size.seed, f"{items.name} releases").uuids(int(of[0]), int(of[-1]) + 1)
            y = genres.labels(items, start, stop, name=source)
            for id_, release, row in zip(items.uuids(start, stop), of - of[0], y, strict=True):
                row[next(rare, [])] = True
                cells = [id_, releases[release], *(names[column] for column in np.flatnonzero(row))]
                file.write("\t".join(cells) + "\n")
