"""Files are whole or absent, on a full disk too."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base import arrays, files
from tartarus.base.errors import TartarusError
from tartarus.features.sound import patches, spectrograms

from tests.paths import SCRIPTS

SPECTRAL = {"type": "cqt", "sample_rate": 22050, "hop": 1024, "bins": 96, "bins_per_octave": 12, "min_seconds": 1.0}


# --- Replacing -------------------------------------------------------------------------------------------


def test_a_file_has_its_name_only_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "result.txt"
    with files.replacing(path) as part:
        part.write_text("half")
        assert part.parent == path.parent  # so that renaming never copies
        assert not path.exists()
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("old")

    def fail() -> None:
        with files.replacing(path) as part:
            part.write_text("new")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("old")

    def interrupt() -> None:
        with files.replacing(path) as part:
            part.write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_another_error_of_the_system_is_passed_on(tmp_path: Path) -> None:
    def fail() -> None:
        with files.replacing(tmp_path / "result.txt") as part:
            (part / "no folder").write_text("x")

    with pytest.raises(FileNotFoundError):
        fail()


KILLED = """
import os, signal, sys
from tartarus.base import files
with files.replacing(sys.argv[1]) as part:
    part.write_text("left behind, and much longer than the new text")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_job_left_behind_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, path], env={**os.environ, "PYTHONPATH": str(SCRIPTS)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2  # half a file, and who was writing it
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


ORPHAN = """
import sys
from tartarus.base import files
with files.replacing(sys.argv[1]) as part:
    part.write_text("of the orphan")
    print("begun", flush=True)
    sys.stdin.readline()
"""


def test_a_job_that_outlived_its_snakemake_publishes_nothing_once_the_next_run_has_begun(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    orphan = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, path], env={**os.environ, "PYTHONPATH": str(SCRIPTS)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert orphan.stdout is not None
    assert orphan.stdout.readline() == "begun\n"
    with files.replacing(path) as part:
        part.write_text("new")
        # It ends while the other is at it: neither publishes its own nor takes the other's away.
        said = orphan.communicate("go on\n")[1]
        assert "another run writes it; nothing was written here" in said
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_dated_in_the_future_is_named(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    path.touch()
    files.refuse_future(path)
    os.utime(path, (path.stat().st_mtime + 7200,) * 2)
    with pytest.raises(TartarusError, match=r"song\.wav: dated 2\.0 hours in the future; correct the clock, or touch"):
        files.refuse_future(path)


# --- The disk is full ------------------------------------------------------------------------------------


def write_patches(path: Path) -> None:
    """Write more than HDF5 keeps in memory, from a shard beside the file."""
    shard = path.with_name("shard.hdf5")
    with h5py.File(shard, "w") as file:
        file["features"] = np.ones((1000, 96), np.float32)
        file["index"] = np.array(["S1"], dtype=bytes)
        file["start"] = [0, 1000]
    patches.write_patches(path, ["S1"], [shard], SPECTRAL, count=200, seconds=1, how="even", pad="zero", seed=1)


WRITERS: dict[str, Callable[[Path], None]] = {
    "a little text": lambda path: files.write_text(path, "new"),
    "much text": lambda path: files.write_text(path, "new" * 100_000),
    "JSON": lambda path: files.write_json(path, {"new": 1}),
    "npy": lambda path: arrays.write_array(path, np.arange(10_000)),
    "npz": lambda path: arrays.write_arrays(path, a=np.arange(10_000), b=np.zeros(3)),
    "spectrograms": lambda path: spectrograms.write_shard(path, path.with_name("t.tsv"), [("S1", None)], SPECTRAL),
    "patches": write_patches,
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, the disk that is always full")
@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path: Path, writer: str) -> None:
    path = tmp_path / "result"
    path.write_text("old")
    # What is written under the temporary name meets a real ENOSPC.
    files.temporary(path).symlink_to("/dev/full")
    with pytest.raises(TartarusError) as error:
        WRITERS[writer](path)
    assert str(error.value) == f"{path}: the disk is full, nothing was written; free some space and run again"
    assert path.read_text() == "old"
    assert not files.temporary(path).is_symlink()
    assert Path("/dev/full").exists()


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(tmp_path: Path) -> None:
    # The system's words for it are others, its number is EFBIG.
    resource = pytest.importorskip("resource", reason="this system has no limits on the size of files")
    path = tmp_path / "result"
    path.write_text("old")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, former[1]))
        with pytest.raises(TartarusError, match=r"result: the disk is full, nothing was written"):
            files.write_text(path, "new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# --- Text ------------------------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8")))
def test_text_that_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    files.write_text(path, text)
    assert path.read_bytes() == text.encode("utf-8")
    assert files.read_text(path) == text.removeprefix("\ufeff")


def test_text_that_is_not_utf_8_is_refused_with_file_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "lyric.txt"
    path.write_bytes("canción".encode("latin-1"))
    with pytest.raises(TartarusError) as error:
        files.read_text(path)
    assert str(error.value).startswith(f"{path}: not UTF-8 (byte 0xf3 at position 5); convert it")
    assert "iconv" in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_of_wider_characters_is_read_by_its_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "lyric.txt"
    path.write_text("canción 🎵\r\n", encoding=encoding, newline="")
    assert files.read_text(path) == "canción 🎵\r\n"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        TartarusError, match=rf"lyric\.txt: begins as {encoding.upper()}, but is none .*; save it as UTF-8"
    ):
        files.read_text(path)


def test_text_of_wider_characters_without_a_mark_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lyric.txt"
    path.write_bytes("canción".encode("utf-16-le"))
    with pytest.raises(TartarusError, match="not UTF-8, probably UTF-16 without its mark; save it as UTF-8"):
        files.read_text(path)


def test_the_offending_byte_is_right_after_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "lyric.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "canción".encode("latin-1"))
    with pytest.raises(TartarusError) as error:
        files.read_text(path)
    assert "byte 0xf3 at position 8" in str(error.value)


def test_lines_are_read_without_blanks_and_white_space(tmp_path: Path) -> None:
    path = tmp_path / "ids.tsv"
    path.write_bytes(b"S1\r\n\r\n  S2 \nS3")
    assert files.read_lines(path) == ["S1", "S2", "S3"]


def test_lines_that_are_written_are_read_again(tmp_path: Path) -> None:
    files.write_lines(tmp_path / "ids.tsv", ["S1", "Beyoncé"])
    assert (tmp_path / "ids.tsv").read_bytes() == "S1\nBeyoncé\n".encode()
    assert files.read_lines(tmp_path / "ids.tsv") == ["S1", "Beyoncé"]


def test_an_id_with_an_unusual_separator_is_one_line(tmp_path: Path) -> None:
    files.write_lines(tmp_path / "ids.tsv", ["one\u2028two"])
    assert files.read_lines(tmp_path / "ids.tsv") == ["one\u2028two"]


# --- JSON and digests ------------------------------------------------------------------------------------


def test_json_has_sorted_keys_and_readable_letters(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    files.write_json(path, {"b": [1, 2.5, None], "a": "Beyoncé"})
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == {"a": "Beyoncé", "b": [1, 2.5, None]}
    assert text.index('"a"') < text.index('"b"')
    assert "Beyoncé" in text


def test_json_refuses_what_is_not_json_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(path, {"mean": float("nan")})
    assert path.read_text() == "{}"


@given(st.binary(max_size=200))
def test_the_checksum_of_a_file_is_its_sha_256(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("sha") / "file"
    path.write_bytes(data)
    assert files.sha256(path) == hashlib.sha256(data).hexdigest()


def test_the_checksum_of_a_large_file_is_its_sha_256(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000  # more than is read at once
    (tmp_path / "file").write_bytes(data)
    assert files.sha256(tmp_path / "file") == hashlib.sha256(data).hexdigest()


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=5))
def test_the_digest_of_a_value_ignores_the_order_of_keys(value: dict[str, int | str]) -> None:
    assert files.digest(dict(reversed(value.items()))) == files.digest(value)
    assert files.digest({**value, "one more": 1}) != files.digest(value)


def test_the_digest_of_a_value_tells_lists_of_another_order() -> None:
    assert files.digest(["a", "b"]) != files.digest(["b", "a"])


# --- Going through folders -------------------------------------------------------------------------------


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(os.fsencode(name))
    return folder


def visible(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in files.visible_files(folder)}


def test_all_files_are_visible_but_hidden_ones(tmp_path: Path) -> None:
    write(tmp_path / "own", "x", "a/b/y", ".hidden", ".git/z", "a/__MACOSX/y", "not.hidden")
    assert visible(tmp_path / "own") == {"x", "a/b/y", "not.hidden"}


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert visible(tmp_path / "own") == set()
    assert files.stamps(tmp_path / "own") == []


def test_links_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "y")
    write(tmp_path / "own", "x", "m/z")
    for name, target in (("a", "."), ("b", "."), ("m/up", ".."), ("c", "../elsewhere"), ("d", "c"), ("l", "m")):
        (tmp_path / "own" / name).symlink_to(target)
    (tmp_path / "own/file").symlink_to("x")
    assert visible(tmp_path / "own") == {"x", "file", "m/z", "c/y"}


def test_stamps_are_path_size_and_time(tmp_path: Path) -> None:
    write(tmp_path / "own", "b/y", "x", ".hidden")
    for name, seconds in (("x", 100), ("b/y", 200.5)):
        os.utime(tmp_path / "own" / name, (0, seconds))
    assert files.stamps(tmp_path / "own") == [
        [f"{tmp_path}/own/b/y", 3, 200.5],
        [f"{tmp_path}/own/x", 1, 100.0],
    ]


@pytest.mark.parametrize("target", ["gone", "link"])
def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(TartarusError, match=rf"{tmp_path}/link: .*; mend or remove it"):
        files.stamps(tmp_path)


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, through_a_link: bool) -> None:
    (tmp_path / "own").mkdir()
    os.mkfifo(tmp_path / ("pipe" if through_a_link else "own/x"))
    if through_a_link:
        (tmp_path / "own/x").symlink_to("../pipe")
    with pytest.raises(TartarusError, match=r"own/x: neither file nor folder, but a pipe or device; remove it"):
        list(files.visible_files(tmp_path / "own"))


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\rb", "\x7f", "\x85", os.fsdecode(b"\xff")])
def test_a_name_that_does_not_fit_into_a_table_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, f"{name}/x")
    with pytest.raises(TartarusError) as error:
        list(files.visible_files(tmp_path))
    assert str(error.value) == f"{tmp_path}: {name!r}: a name that does not fit into a table; rename it"


def test_other_names_fit_into_a_table(tmp_path: Path) -> None:
    names = {"Beyoncé", "two words", "non\xa0breaking", "one\u2028two", "日本", "'\""}
    assert visible(write(tmp_path, *names)) == names
