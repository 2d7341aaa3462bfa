"""From sound to spectrograms and patches."""

from pathlib import Path

import numpy as np
from case import Case, Work

AUDIO = {"type": "cqt", "sample_rate": 22050, "hop": 1024, "bins": 96, "bins_per_octave": 12, "n_fft": 2048}
WRITTEN = 60  # sounds that differ


def sounds(folder: Path, size: int, *, ending: str, seconds: int, channels: int) -> list[tuple[str, Path]]:
    """Name so many tracks, and write the files that they share."""
    import soundfile

    rng = np.random.default_rng(0)
    paths = [folder / f"{number}.{ending}" for number in range(min(size, WRITTEN))]
    for path in paths:
        if not path.exists():
            soundfile.write(path, 0.1 * rng.standard_normal((44100 * seconds, channels)), 44100)
    return [(str(number), paths[number % WRITTEN]) for number in range(size)]


def write_shard(folder: Path, tracks: list[tuple[str, Path]], workers: int) -> None:
    from tartarus.features.sound import spectrograms

    settings = {**AUDIO, "min_seconds": 1.0}
    spectrograms.write_shard(folder / f"{workers}.hdf5", folder / f"{workers}.tsv", tracks, settings, workers=workers)


class Spectrograms(Case):
    """Spectrograms (cqt) of WAVs of 30 s, one worker."""

    name, yardstick, unit = "spectrograms", "librosa.load and librosa.cqt in a loop", "tracks"
    size, quick, goal, smallest = 240, 2, 1.2, 30

    def prepare(self, folder: Path, size: int) -> None:
        sounds(folder, size, ending="wav", seconds=30, channels=1)

    def ours(self, folder: Path, size: int) -> Work:
        tracks = sounds(folder, size, ending="wav", seconds=30, channels=1)
        write_shard(folder, tracks[:2], 1)
        return lambda: write_shard(folder, tracks, 1)

    def plain(self, folder: Path, size: int) -> Work:
        import librosa

        def one(path: Path, name: str) -> None:
            samples, _ = librosa.load(path, sr=22050)
            transform = librosa.cqt(samples, sr=22050, hop_length=1024, n_bins=96)
            np.save(folder / f"{name}.npy", librosa.power_to_db(np.abs(transform) ** 2, ref=np.max).T)

        tracks = sounds(folder, size, ending="wav", seconds=30, channels=1)
        one(tracks[0][1], "first")
        return lambda: [one(path, name) for name, path in tracks]


class Workers(Spectrograms):
    """Spectrograms (cqt) of WAVs of 30 s, two workers that are up."""

    name, yardstick, goal, smallest = "workers", "one worker", 1.9, None

    def ours(self, folder: Path, size: int) -> Work:
        tracks = sounds(folder, size, ending="wav", seconds=30, channels=1)
        write_shard(folder, tracks[:4], 2)
        return lambda: write_shard(folder, tracks, 2)

    def plain(self, folder: Path, size: int) -> Work:
        return Spectrograms.ours(self, folder, size)


class Mp3(Case):
    """Spectrograms (cqt) of MP3s of 60 s, two channels, one worker."""

    name, yardstick, unit = "mp3", "soundfile.read alone", "tracks"
    size, quick, goal = 60, 1, 1 / 1.3

    def prepare(self, folder: Path, size: int) -> None:
        sounds(folder, size, ending="mp3", seconds=60, channels=2)

    def ours(self, folder: Path, size: int) -> Work:
        tracks = sounds(folder, size, ending="mp3", seconds=60, channels=2)
        write_shard(folder, tracks[:2], 1)
        return lambda: write_shard(folder, tracks, 1)

    def plain(self, folder: Path, size: int) -> Work:
        import soundfile

        tracks = sounds(folder, size, ending="mp3", seconds=60, channels=2)
        # Kept one at a time: room for all of them takes longer to make than the decoding.
        return lambda: [len(soundfile.read(path)[0]) for _, path in tracks]


class Patches(Case):
    """Patches of 15 s cut out of spectrograms of 30 s, and written."""

    name, yardstick, unit = "patches", "h5py: the same rows written at once", "patches"
    size, quick, smallest = 2000, 20, 500

    def prepare(self, folder: Path, size: int) -> None:
        import h5py

        rng, frames = np.random.default_rng(0), 646
        with h5py.File(folder / f"shard_{size}.hdf5", "w") as file:
            features = file.create_dataset("features", (size * frames, 96), "f4", chunks=(256, 96))
            for first in range(0, size * frames, 100 * frames):
                count = min(100 * frames, size * frames - first)
                features[first : first + count] = -rng.random((count, 96), dtype=np.float32)
            file["index"] = np.arange(size).astype("S")
            file["start"] = np.arange(size + 1) * frames
            file.attrs["type"] = "cqt"

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.features.sound import patches

        how = {"count": 1, "seconds": 15, "how": "random", "pad": "floor", "seed": 1}
        ids = [str(number) for number in range(size)]
        shards = [folder / f"shard_{size}.hdf5"]
        return lambda: patches.write_patches(folder / f"patches_{size}.hdf5", ids, shards, AUDIO, **how)

    def plain(self, folder: Path, size: int) -> Work:
        import h5py

        def work() -> None:
            with h5py.File(folder / f"shard_{size}.hdf5") as shard, h5py.File(folder / "plain.hdf5", "w") as file:
                rows = shard["features"][:].reshape(size, 646, 96)[:, None, :322]
                file.create_dataset("features", data=rows, chunks=(1, 1, 322, 96))

        return work
