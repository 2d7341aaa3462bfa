"""From measured recordings and tables of their genres to the files that an archive is to hold."""

import bz2
import gzip
import io
import json
import resource
import tarfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from tartarus.archives import checking, recordings, unpacking
from tartarus.archives.genre_tables import find_tables, read_table
from tartarus.archives.json_archives import holds_json, read_json_files
from tartarus.archives.unpacking import find_files
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.features.sound.music_extractor import flatten
from tartarus.items.tables import read_rows
from tartarus.plan.expected import Expected

from tests.unit.archives.made import member, tar_of, zip_of

GENRES = ["jazz", "jazz---bebop", "rock"]
FEATURES = {"one": "patches_1_1", "two": "patches_1_1"}


def measured(number: int) -> dict[str, Any]:
    tonal = {"key_key": "C", "key_scale": "minor", "chords_key": "A#", "chords_scale": "major"}
    return {"lowlevel": {"mfcc": {"mean": [number, -number]}}, "rhythm": {"bpm": 60 + number}, "tonal": tonal}


def content(*numbers: int, **others: bytes) -> dict[str, bytes]:
    files = {f"r{number}": json.dumps(measured(number)).encode() for number in numbers}
    return {f"data/{name[:2]}/{name}.json": text for name, text in (files | others).items()}


def table(*rows: str) -> bytes:
    return "\n".join(["recordingmbid\treleasegroupmbid\tgenre1\tgenre2", *rows, ""]).encode()


def rows(*numbers: int, group: int = 1) -> list[str]:
    return [f"r{number}\tg{number // group}\t{GENRES[number % 2]}\t{GENRES[2] * (number % 3)}" for number in numbers]


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """Two datasets whose recordings are partly the same; of the first, one has no file, and one an odd one."""
    folder = tmp_path / "content"
    folder.mkdir()
    odd = json.dumps({**measured(7), "rhythm": {"bpm": 1, "onset_rate": 2}}).encode()
    (folder / "features-train-0.tar.bz2").write_bytes(bz2.compress(tar_of(content(*range(5, 40), r7=odd))))
    (folder / "features-train-1.zip").write_bytes(zip_of(*content(*range(5), 99).items()))
    (folder / "features-validation.tar.gz").write_bytes(gzip.compress(tar_of(content(*range(50, 60)))))
    (folder / "x-one-train.tsv.bz2").write_bytes(bz2.compress(table(*rows(*range(41), group=3))))
    (folder / "x-one-validation.tsv").write_bytes(table(*rows(*range(50, 55)), "r55\tg9\tpop"))
    (folder / "x-two-train.tsv.gz").write_bytes(gzip.compress(table(*rows(*range(20, 40), 55, group=3))))
    (folder / "x-two-test.tsv").write_bytes(table(*rows(*range(56, 60))))
    return folder


def make(folder: Path, seed: int = 1, features: dict[str, str] = FEATURES) -> Path:
    target = folder.with_name(f"made-{seed}-{len(list(folder.parent.iterdir()))}")
    recordings.make([folder, folder.with_name("own")], target, features=features, seed=seed)
    return target


def vectors(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return dict(zip(file["index"].asstr()[:], file["features"][:], strict=True))


def test_every_recording_of_the_tables_gets_its_row_classes_and_set(released):
    made = make(released)
    sets = {set_: read_lines(made / f"items_index_{set_}_one.tsv") for set_ in ("train", "val", "test")}
    assert sorted(sets["train"] + sets["val"]) == sorted(f"r{number}" for number in range(41))
    assert sets["test"] == [f"r{number}" for number in range(50, 56)]
    classes = read_lines(made / "genre_labels_one.tsv")
    # Those of the table for training: none is known of pop, which is in the table for testing alone.
    assert classes == sorted({cell for row in rows(*range(41)) for cell in row.split("\t")[2:] if cell})
    for set_, ids in sets.items():
        y = np.load(made / f"y_{set_}_class_{len(classes)}_one.npy")
        for id_, row in zip(ids, y, strict=True):
            (line,) = rows(int(id_[1:])) if id_ != "r55" else ["r55\tg9\tpop"]
            assert {classes[column] for column in np.flatnonzero(row)} == {*line.split("\t")[2:]} & {*classes}
        found = vectors(made / f"patches_{set_}_one_1_1.hdf5")
        assert set(found) == {*ids} - {"r7", "r40"}
        for id_, row in found.items():
            np.testing.assert_array_equal(row, np.float32(flatten(measured(int(id_[1:])))[1]))
    # A recording may be of the training of one dataset and of the tests of another.
    assert "r55" in {**vectors(made / "patches_train_two_1_1.hdf5"), **vectors(made / "patches_val_two_1_1.hdf5")}
    assert tuple(read_lines(made / "COLUMNS.tsv")) == flatten(measured(1))[0]


def test_what_is_left_out_is_named_and_counted(released):
    made = make(released)
    (refused,) = read_rows(made / "REFUSED.tsv")
    assert refused["file"] == f"{released}/features-train-0.tar.bz2: data/r7/r7.json"
    assert refused["recording"] == "r7"
    assert "1 more, the first rhythm.onset_rate" in refused["reason"]
    counts = {(row["dataset"], row["set"]): row for row in read_rows(made / "COUNTS.tsv")}
    of_one = [
        {key: int(counts["one", set_][key]) for key in ("recordings", "used", "refused", "missing")}
        for set_ in ("train", "val")
    ]
    assert {key: sum(entry[key] for entry in of_one) for key in of_one[0]} == {
        "recordings": 41,
        "used": 39,
        "refused": 1,
        "missing": 1,
    }
    assert counts["two", "test"] == {
        "dataset": "two",
        "set": "test",
        "recordings": "4",
        "used": "4",
        "refused": "0",
        "missing": "0",
    }


def test_a_group_of_releases_is_on_one_side_in_all_datasets_and_a_fifth_validate(tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    for dataset, first in (("one", 0), ("two", 500)):
        (folder / f"{dataset}-train.tsv").write_bytes(table(*rows(*range(first, first + 3000), group=4)))
        (folder / f"{dataset}-validation.tsv").write_bytes(table(*rows(9000)))
    made = make(folder)
    sides: dict[int, set[str]] = {}
    for dataset in FEATURES:
        for set_ in ("train", "val"):
            for id_ in read_lines(made / f"items_index_{set_}_{dataset}.tsv"):
                sides.setdefault(int(id_[1:]) // 4, set()).add(set_)
    assert {len(side) for side in sides.values()} == {1}
    share = np.mean([side == {"val"} for side in sides.values()])
    # 875 groups; four deviations of a share of a fifth are 0.054.
    assert abs(share - 0.2) < 0.054
    other = make(folder, seed=2)
    assert read_lines(made / "items_index_val_one.tsv") != read_lines(other / "items_index_val_one.tsv")


def test_the_authors_lists_say_which_recordings_train(released):
    own = released.with_name("own")
    own.mkdir()
    (own / "x-one-train-train.recordingmbid").write_text("r3\nr1\n")
    with pytest.raises(TartarusError, match=r"one-train-train or one-train-test\.recordingmbid is missing; give both"):
        make(released)
    (own / "x-one-train-test.recordingmbid").write_text("r2\n")
    made = make(released)
    assert read_lines(made / "items_index_train_one.tsv") == ["r1", "r3"]
    assert read_lines(made / "items_index_val_one.tsv") == ["r2"]


def test_a_dataset_without_its_tables_is_left_out(released):
    (released / "x-one-validation.tsv").unlink()
    made = make(released)
    assert {path.name for path in made.iterdir() if "_one" in path.name} == set()
    assert (made / "patches_test_two_1_1.hdf5").is_file()


def test_where_nothing_is_measured_nothing_is_made(tmp_path):
    made = make(tmp_path / "content")
    assert {path.name for path in made.iterdir()} == {"COLUMNS.tsv", "REFUSED.tsv", "COUNTS.tsv"}
    assert read_rows(made / "COUNTS.tsv") == []


def test_the_same_files_give_the_same_bytes(released):
    one, two = make(released), make(released)
    assert one != two
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_what_is_made_passes_the_check_of_an_archive(released):
    made = make(released)
    patches = Expected("data/patches/patches_val_one_1_1.hdf5", "patches", "one", "val", (31,))
    index = Expected("data/splits/items_index_val_one.tsv", "index", "one", "val")
    targets = Expected("data/splits/y_val_class_4_one.npy", "targets", "one", "val", (4,), "many")
    entries = [index, targets, patches]
    report = checking.check(entries, find_files(made, [name for entry in entries for name in entry.names]))
    assert {row["status"] for row in report} == {"ok"}


def test_an_odd_first_file_is_told_for_all_others_are_refused(released):
    (released / "a.json").write_text("{}")
    (released / "features-a.tar").write_bytes(tar_of({"x/r1.json": json.dumps({"rhythm": {"bpm": 3}}).encode()}))
    with pytest.raises(TartarusError, match=r"of 50 recordings were refused.*if it is .*features-a\.tar: x/r1\.json"):
        make(released)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"id\tgenre\n", "its header begins with 'id"),
        (table("r1\tg1"), "row 2: expected an id, a group of releases, and at least one genre"),
        (table(*rows(1, 2, 1)), "the recording 'r1' stands twice"),
        (table(*rows(1)) + b"\xff\t\t\n", "not a table of genres"),
        (table(), "no recordings for train"),
    ],
    ids=["header", "no genre", "twice", "bytes", "empty"],
)
def test_a_bad_table_is_refused(released, text, message):
    (released / "x-one-train.tsv.bz2").write_bytes(bz2.compress(text))
    with pytest.raises(TartarusError, match=message) as error:
        make(released)
    assert "x-one-train.tsv.bz2" in str(error.value)


def test_two_tables_of_one_dataset_are_refused(released):
    (released / "y-one-train.tsv").write_bytes(table(*rows(1)))
    with pytest.raises(TartarusError, match="both could be the same table; remove one"):
        find_tables(sorted(released.iterdir()), FEATURES)


def test_a_damaged_table_or_archive_is_told(released):
    path = released / "x-one-train.tsv.bz2"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TartarusError, match=r"x-one-train\.tsv\.bz2: not a table of genres"):
        list(read_table(path))
    path = released / "features-train-0.tar.bz2"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(TartarusError, match=r"features-train-0\.tar\.bz2: cannot be unpacked"):
        list(read_json_files([path]))


def test_archives_of_json_stay_packed_and_others_do_not(released, tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    (released / "features-train-0.tar.bz2").rename(downloads / "features.tar.bz2")
    (downloads / "other.tar").write_bytes(tar_of({"a/b.npy": b"x", "a/c.json": b"{}"}))
    assert [holds_json(downloads / name) for name in ("features.tar.bz2", "other.tar")] == [True, False]
    files = [
        {"name": path.name, "record": 1, "bytes": path.stat().st_size, "md5": "0" * 32} for path in downloads.iterdir()
    ]
    record = {"record": 1, "title": "T", "doi": "D", "licence": None}
    manifest = tmp_path / "MANIFEST.json"
    manifest.write_text(json.dumps({"archive": "A", "records": [record], "files": files}))
    limits = {"gigabytes": 1, "files": 2, "ratio": 100}  # the packed recordings do not count
    unpacking.unpack(downloads, manifest, tmp_path / "unpacked", limits=limits, json_stays_packed=True)
    assert (tmp_path / "unpacked/features.tar.bz2").is_file()
    assert (tmp_path / "unpacked/other.tar/a/b.npy").is_file()


def test_memory_does_not_grow_with_what_is_measured(tmp_path):
    text = json.dumps({"lowlevel": {"a": list(range(2000))}}).encode()
    peaks = []
    for count in (500, 3000):  # the first opens everything once
        folder = tmp_path / str(count) / "content"
        folder.mkdir(parents=True)
        with tarfile.open(folder / "features.tar", "w") as archive:
            for number in range(count):
                archive.addfile(*((info := member(f"r{number}.json", text))[0], io.BytesIO(info[1])))
        (folder / "one-train.tsv").write_bytes(table(*rows(*range(count))))
        (folder / "one-validation.tsv").write_bytes(table(*rows(5000)))
        make(folder, features={"one": "patches_1_1"})
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    # 24 MB of numbers are written, and JSON of 29 MB is read.
    assert peaks[1] - peaks[0] < 20
