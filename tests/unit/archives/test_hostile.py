"""Whatever an archive holds: a TartarusError or a row of the report, nothing read or written elsewhere."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import pytest
from tartarus.archives import checking, importing
from tartarus.archives.unpacking import find_files, unpack
from tartarus.base.errors import TartarusError
from tartarus.items.tables import read_rows, write_rows
from tartarus.plan.expected import Expected

from tests.unit.archives import hostile, hostile_files
from tests.unit.watching import Watch

LIMITS = {"gigabytes": 1, "files": 100_000, "ratio": 200}
EXPECTED = [
    Expected("data/splits/items_index_train_X.tsv", "index", "X", "train"),
    Expected("data/splits/genre_labels_X.tsv", "labels", "X", columns=(3,)),
    Expected("data/splits/y_train_class_3_X.npy", "targets", "X", "train", (3,), "many"),
    Expected("data/splits/matrix_test_X.npz", "plays", "X", "test"),
    Expected("data/splits/albums_X.tsv", "albums", "X"),
    Expected("data/train_data/X_train_words_X.npz", "features", "X", "train"),
    Expected("data/patches/patches_train_X_2_1.hdf5", "patches", "X", "train", (1, 3, 2)),
]
NAMES = {name for entry in EXPECTED for name in entry.names}


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[tuple[Path, Watch]]:
    """Write a file of numbers beside all else, and watch it."""
    with h5py.File(tmp_path / "secret", "w") as file:
        file["x"] = hostile_files.VALUES
    watch = Watch(tmp_path / "secret")
    yield tmp_path / "secret", watch
    watch.close()


def place(folder: Path, name: str, data: bytes) -> Path:
    """Put a download and its manifest where they are unpacked from."""
    (folder / "downloads").mkdir(parents=True)
    (folder / "downloads" / name).write_bytes(data)
    file = {"name": name, "record": 1, "bytes": len(data), "md5": hashlib.md5(data).hexdigest()}  # noqa: S324
    records = [{"record": 1, "title": "", "doi": "", "licence": None}]
    (folder / "MANIFEST.json").write_text(json.dumps({"archive": "A", "records": records, "files": [file]}))
    return folder


def fault(attempt: Callable[[], object]) -> str:
    """Tell what an attempt raises; a TartarusError and nothing at all are no faults."""
    try:
        attempt()
    except TartarusError as error:
        return "" if str(error).isprintable() else f"unreadable: {str(error)!r}"
    except BaseException as error:
        return repr(error)
    return ""


def test_no_archive_does_harm(tmp_path: Path, secret: tuple[Path, Watch]) -> None:
    path, watch = secret
    faults, count = {}, itertools.count()

    def unpack_and_check(folder: Path) -> None:
        unpack(folder / "downloads", folder / "MANIFEST.json", folder / "content", limits=LIMITS)
        rows = checking.check(EXPECTED, find_files(folder / "content", NAMES))
        write_rows(folder / "CHECK.tsv", rows, columns=checking.COLUMNS)
        assert read_rows(folder / "CHECK.tsv") == rows

    for title, name, data in hostile.archives(str(path)):
        folder = place(tmp_path / f"raw/{next(count)}", name, data)
        if found := fault(lambda folder=folder: unpack_and_check(folder)):
            faults[title] = found
        if stray := {entry.name for entry in folder.iterdir()} - {"downloads", "MANIFEST.json", "content", "CHECK.tsv"}:
            faults[title] = f"left: {stray}"
    assert faults == {}
    assert not watch.touched()
    assert {entry.name for entry in tmp_path.iterdir()} == {"raw", "secret"}
    assert len(list((tmp_path / "raw").iterdir())) == next(count) > 350


@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_no_file_of_an_archive_does_harm(tmp_path: Path, secret: tuple[Path, Watch]) -> None:
    path, watch = secret
    faults, count = {}, itertools.count()

    def check_and_import(entry: Expected, source: Path) -> None:
        (row,) = rows = checking.check([entry], {source.name: [source]})
        write_rows(tmp_path / "CHECK.tsv", rows, columns=checking.COLUMNS)
        assert read_rows(tmp_path / "CHECK.tsv") == rows
        if row["status"] == "ok":
            target = tmp_path / "imported" / entry.path.rsplit("/", 1)[1]
            importing.IMPORTS[entry.kind](source, str(target), [], {})
            # Numbers of the secret are none of any other file.
            if entry.kind == "patches":
                with h5py.File(target) as file:
                    assert file["features"].shape[1:] == (1, 3, 2)

    (tmp_path / "raw").mkdir()
    for title, name, data in hostile_files.files(tmp_path, path):
        watch.touched()  # by whoever wrote the file
        (tmp_path / "raw" / name).write_bytes(data)
        (entry,) = [entry for entry in EXPECTED if name in entry.names]
        next(count)
        if found := fault(lambda entry=entry, name=name: check_and_import(entry, tmp_path / "raw" / name)):
            faults[title] = found
        if watch.touched():
            faults[title] = "read another file"
    assert faults == {}
    assert next(count) > 350


MANIFESTS = {
    "brackets": b"[" * 200_000,
    "braces": b'{"a":' * 200_000,
    "not UTF-8": b"\xff",
    "nothing": b"",
    "a name of 250 bytes": {"name": "x" * 250},
    "a name of 5000 bytes": {"name": "x" * 5000},
    "a name with a line end": {"name": "a\x85b"},
    "a name of half a letter": {"name": "\udc80"},
    "a size beyond everything": {"bytes": 10**400},
    "a download that is a folder": {"name": "folder"},
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_no_manifest_does_harm(tmp_path: Path, case: str) -> None:
    folder, content = place(tmp_path / "raw", "a.zip", b""), MANIFESTS[case]
    (folder / "downloads/folder").mkdir()
    if isinstance(content, dict):
        manifest = json.loads((folder / "MANIFEST.json").read_text())
        manifest["files"][0].update(content)
        content = json.dumps(manifest).encode()
    (folder / "MANIFEST.json").write_bytes(content)
    with pytest.raises(TartarusError, match=r"MANIFEST\.json"):
        unpack(folder / "downloads", folder / "MANIFEST.json", folder / "content", limits=LIMITS)
    assert not (folder / "content").exists()
