"""Fixtures that the tests share: random numbers, the real data, Keras, and small files of features."""

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest
from hypothesis import settings
from tartarus.learning import backend

# The same examples in every run: a failure on one machine is a failure on all.
settings.register_profile("tartarus", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("tartarus")


@pytest.hookimpl(tryfirst=True)  # before -m chooses among the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the real data, so that no test can forget to; leave out what takes minutes, unless asked for."""
    for item in items:
        if item.get_closest_marker("slow") and not config.option.markexpr:
            item.add_marker(pytest.mark.skip(reason="takes minutes: run it with -m slow"))
        if "mirror" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.original)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same for every test."""
    return np.random.default_rng(20170713)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder that holds SUPER/, the real data."""
    folder = os.environ.get("TARTARUS_MIRROR")
    if not folder or not (Path(folder) / "SUPER").is_dir():
        pytest.skip(
            "the real data of SUPER are not here: fetch them with `snakemake --cores 1 fetch_SUPER`, then set "
            "TARTARUS_MIRROR=data/raw (any folder that holds SUPER/audio, SUPER/text, ... will do)"
        )
    return Path(folder).resolve()


# --- Keras, and the modules that import it: not before the backend is started as the jobs start it --------


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """Keras, started once for all tests."""
    backend.start(threads=1)
    return importlib.import_module("keras")


def _module(name: str) -> Callable[[ModuleType], ModuleType]:
    @pytest.fixture(scope="session", name=name)
    def module(keras: ModuleType) -> ModuleType:
        return importlib.import_module(f"tartarus.learning.{name}")

    return module


batches = _module("batches")
layers = _module("layers")
losses = _module("losses")
model_files = _module("model_files")
networks = _module("networks")
prediction = _module("prediction")
training = _module("training")


@pytest.fixture
def seeded(keras: ModuleType) -> None:
    """Weights that are the same in every run.

    Not by `backend.seed`, which also clears the session: a quarter of a second for each of a hundred tests.
    """
    keras.utils.set_random_seed(1)


# --- Small files of features, written without the library's own writers ----------------------------------


@pytest.fixture
def patch_file(tmp_path: Path) -> Callable[..., Path]:
    """Write patches as HDF5."""

    def write(values: np.ndarray, index: list[str], name: str = "patches.hdf5", **signature: object) -> Path:
        with h5py.File(tmp_path / name, "w") as file:
            file["features"] = np.asarray(values, np.float32)
            file["index"] = np.array(index, dtype=bytes)
            file.attrs["signature"] = json.dumps(signature)
        return tmp_path / name

    return write


@pytest.fixture
def vector_file(tmp_path: Path) -> Callable[..., Path]:
    """Write dense vectors as .npz."""

    def write(values: np.ndarray, index: list[str], name: str = "vectors.npz", **signature: object) -> Path:
        np.savez(tmp_path / name, features=values, index=np.array(index), signature=np.array(json.dumps(signature)))
        return tmp_path / name

    return write
