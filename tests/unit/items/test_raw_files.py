"""Why a raw file is missing, as far as its name tells; and whether raw files are still the same."""

import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from tartarus.items.raw_files import remember, stamps_of, version_of, why_missing


@pytest.mark.parametrize(("on_disk", "in_table"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_a_name_that_only_looks_the_same_is_named(tmp_path: Path, on_disk: str, in_table: str) -> None:
    (tmp_path / unicodedata.normalize(on_disk, "Beyoncé.mp3")).touch()
    path = tmp_path / unicodedata.normalize(in_table, "Beyoncé.mp3")
    assert not path.is_file()
    assert why_missing(path) == (
        f"{path} does not exist, but looks like a file whose name is in the form {on_disk} of Unicode; rename it"
    )


def test_a_folder_is_told_from_what_is_not_there(tmp_path: Path) -> None:
    assert why_missing(tmp_path) == f"{tmp_path} is a folder, not a file"
    assert why_missing(tmp_path / "é.mp3") == f"{tmp_path / 'é.mp3'} does not exist"


# --- Whether they are still the same ---------------------------------------------------------------------


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    """Three songs; a fourth is named and not there."""
    paths = [tmp_path / f"{name}.wav" for name in "abcd"]
    for number, path in enumerate(paths[:3]):
        path.write_text(f"song {number}")
    return paths


def later(path: Path) -> None:
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def test_files_are_told_by_size_and_time_and_what_is_no_file_is_not_there(songs: list[Path], tmp_path: Path) -> None:
    status = songs[0].stat()
    assert stamps_of([songs[0], songs[3], tmp_path]) == {str(songs[0]): [6, status.st_mtime_ns]}
    assert stamps_of(["\0.wav"]) == {}


def test_without_a_memory_the_version_follows_from_the_files(songs: list[Path], tmp_path: Path) -> None:
    memory, before = tmp_path / "m.json", stamps_of(songs)
    assert version_of(memory, before) == version_of(memory, stamps_of(songs[::-1]))
    later(songs[0])
    assert version_of(memory, before) != version_of(memory, stamps_of(songs))


def _copied(song: Path) -> None:
    shutil.copyfile(song, song.with_suffix(".new"))
    song.with_suffix(".new").replace(song)
    later(song)


SAME: dict[str, Callable[[Path], object]] = {"nothing": lambda _: None, "touched": later, "copied": _copied}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_the_same_content_is_the_version_remembered(
    songs: list[Path], tmp_path: Path, change: Callable[[Path], object]
) -> None:
    memory = tmp_path / "m.json"
    remember(songs, memory=memory, version="planned")
    change(songs[1])
    assert version_of(memory, stamps_of(songs)) == "planned"


def _other_content(song: Path) -> None:
    time = song.stat().st_mtime_ns
    song.write_text("SONG 1")
    os.utime(song, ns=(0, time + 1))


def _other_size(song: Path) -> None:
    time = song.stat().st_mtime_ns
    song.write_text("a longer song")
    os.utime(song, ns=(0, time))


OTHER: dict[str, Callable[[Path], object]] = {
    "content": _other_content,
    "size": _other_size,
    "gone": Path.unlink,
    "another": lambda song: song.with_name("d.wav").write_text("new"),
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_another_content_is_another_version_until_a_job_has_read_it(
    songs: list[Path], tmp_path: Path, change: Callable[[Path], object]
) -> None:
    memory = tmp_path / "m.json"
    remember(songs, memory=memory, version="planned")
    change(songs[1])
    new = version_of(memory, stamps_of(songs))
    assert new == version_of(memory, stamps_of(songs)) != "planned"
    remember(songs, memory=memory, version=new)
    later(songs[0])
    assert version_of(memory, stamps_of(songs)) == new


def test_a_file_that_changes_after_it_is_remembered_is_another(songs: list[Path], tmp_path: Path) -> None:
    # As if a job were still reading it: what it makes is of the old content or of the new.
    memory = tmp_path / "m.json"
    remember(songs, memory=memory, version=version_of(memory, stamps_of(songs)))
    before = version_of(memory, stamps_of(songs))
    _other_content(songs[2])
    assert version_of(memory, stamps_of(songs)) != before


def test_content_is_looked_at_once_where_times_may_be_written_down(songs: list[Path], tmp_path: Path) -> None:
    memory = tmp_path / "m.json"
    remember(songs, memory=memory, version="planned")
    before = memory.read_bytes()
    later(songs[0])
    stamps = stamps_of(songs)
    assert version_of(memory, stamps) == "planned"
    assert memory.read_bytes() == before  # a dry run writes nothing
    assert version_of(memory, stamps, may_write=True) == "planned"
    # Now size and time suffice: the content could not be read.
    songs[0].unlink()
    assert version_of(memory, stamps) == "planned"


def test_files_that_cannot_be_read_are_the_same_by_their_time_only(tmp_path: Path) -> None:
    memory, song = tmp_path / "m.json", tmp_path / "a.wav"
    song.write_text("song")
    remember([song], memory=memory, version="planned")
    # Root can read everything: in the place of the checksum, put what stands for one that was not to be had.
    content = memory.read_text(encoding="utf-8")
    memory.write_text(content.replace(content.split('"')[-2], ""), encoding="utf-8")
    assert version_of(memory, stamps_of([song])) == "planned"
    later(song)
    assert version_of(memory, stamps_of([song])) != "planned"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"version": "planned"}', '{"version": "x", "files": {"a": 1}}'])
def test_a_damaged_memory_counts_as_none(songs: list[Path], tmp_path: Path, content: str) -> None:
    memory = tmp_path / "m.json"
    without = version_of(memory, stamps_of(songs))
    memory.write_text(content, encoding="utf-8")
    assert version_of(memory, stamps_of(songs)) == without
