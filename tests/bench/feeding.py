"""Reading the patches that trainings run over."""

from pathlib import Path

import numpy as np
from case import Case, Work

SHAPE = (1, 322, 96)


def write_patches(folder: Path, size: int) -> Path:
    """Write patches of random numbers, unless they are there."""
    import h5py

    path, rng = folder / f"patches_{size}.hdf5", np.random.default_rng(0)
    if not path.exists():
        with h5py.File(path, "w") as file:
            features = file.create_dataset("features", (size, *SHAPE), "f4", chunks=(1, *SHAPE))
            for first in range(0, size, 500):
                features[first : first + 500] = rng.standard_normal((min(500, size - first), *SHAPE), dtype=np.float32)
            file["index"] = np.arange(size).astype("S")
            file.attrs["signature"] = "{}"
    return path


class Reading(Case):
    """An epoch of shuffled batches of patches, read from disk."""

    name, yardstick, unit = "reading", "h5py in the order of the disk", "rows"
    size, quick, goal = 4096, 40, 0.8

    def prepare(self, folder: Path, size: int) -> None:
        write_patches(folder, size)

    def ours(self, folder: Path, size: int) -> Work:
        from training import start

        start()
        from tartarus.features import store
        from tartarus.learning import batches

        entry = store.open_features(folder / f"patches_{size}.hdf5")
        _, _, rows = batches.align([entry], entry.index.tolist())
        epoch = batches.Batches([entry], rows, batch_size=32, seed=1)
        return lambda: [np.asarray(x).shape for (x,) in epoch]

    def plain(self, folder: Path, size: int) -> Work:
        import h5py

        features = h5py.File(folder / f"patches_{size}.hdf5", "r")["features"]
        return lambda: [features[first : first + 32].shape for first in range(0, size, 32)]


class Moments(Case):
    """Mean and variance of all training patches, in blocks."""

    name, yardstick, unit = "moments", "NumPy, all in memory", "rows"
    size, quick = 4096, 40

    def prepare(self, folder: Path, size: int) -> None:
        write_patches(folder, size)

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.features import store

        entry = store.open_features(folder / f"patches_{size}.hdf5")
        return lambda: store.moments(entry)

    def plain(self, folder: Path, size: int) -> Work:
        import h5py

        def work() -> None:
            with h5py.File(folder / f"patches_{size}.hdf5", "r") as file:
                rows = file["features"][:].astype(np.float64)
            rows.mean(axis=0), rows.var(axis=0)

        return work
