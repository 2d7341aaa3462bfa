"""Fetching the files of records, from a real HTTP server on this machine."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tartarus.archives.records import fetch_archive, read_manifest
from tartarus.base.errors import TartarusError
from tartarus.items.network import ATTEMPTS, Limits

from tests.paths import SCRIPTS
from tests.unit.servers import Server, closed_address, serving

FILES = {"songs.tar.gz": bytes(range(256)) * 4000, "README.txt": b"la la la\n", "covers.zip": b"PK no more\n"}
OWNERS = {"songs.tar.gz": 12, "README.txt": 7, "covers.zip": 12}
RECORDS = [12, 7]
LIMITS = Limits(plain_http=True)
TITLES = {7: "Canción de prueba", 12: "Songs"}


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


MANIFEST = {
    "archive": "SONGS",
    "records": [
        {"record": 7, "title": TITLES[7], "doi": "10.1/z.7", "licence": "cc-by-4.0"},
        {"record": 12, "title": TITLES[12], "doi": "10.1/z.12", "licence": "cc-by-4.0"},
    ],
    "files": [
        {"name": name, "record": OWNERS[name], "bytes": len(FILES[name]), "md5": md5(FILES[name])}
        for name in sorted(FILES)
    ],
}


def record(number: int, url: str) -> dict[str, Any]:
    """A record in today's form."""
    return {
        "id": number,
        "metadata": {"title": TITLES[number], "doi": f"10.1/z.{number}", "license": {"id": "cc-by-4.0"}},
        "files": [
            {"key": name, "size": len(data), "checksum": f"md5:{md5(data)}", "links": {"self": f"{url}/{name}"}}
            for name, data in FILES.items()
            if OWNERS[name] == number
        ],
    }


def former_record(number: int, url: str) -> dict[str, Any]:
    """A record in the form of former years."""
    return {
        "doi": f"10.1/z.{number}",
        "metadata": {"title": TITLES[number], "license": "cc-by-4.0"},
        "files": [
            {
                "filename": name,
                "filesize": len(data),
                "checksum": md5(data).upper(),
                "links": {"self": f"{url}/records/{number}", "download": f"{url}/{name}"},
            }
            for name, data in FILES.items()
            if OWNERS[name] == number
        ],
    }


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(FILES) as running:
        for number in RECORDS:
            running.files[f"records/{number}"] = json.dumps(record(number, running.url)).encode()
        yield running


@pytest.fixture
def get(tmp_path: Path, server: Server) -> Callable[..., Path]:
    """Fetch an archive called SONGS."""

    def run(*, api: str | None = None, mirror: Path | None = None, folder: str = "raw") -> Path:
        target = tmp_path / folder / "SONGS"
        fetch_archive("SONGS", RECORDS, target, api=api or server.url, limits=LIMITS, mirror=mirror, backoff=0.001)
        return target

    return run


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A mirror with all files and a manifest."""
    folder = tmp_path / "mirror"
    (folder / "SONGS").mkdir(parents=True)
    for name, data in FILES.items():
        (folder / "SONGS" / name).write_bytes(data)
    (folder / "SONGS/MANIFEST.json").write_text(json.dumps(MANIFEST))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def downloaded(folder: Path) -> dict[str, bytes]:
    return contents(folder / "downloads")


def asked_for(server: Server, name: str) -> list[str | None]:
    return [asked for path, asked in server.asked if path == name]


# --- From the network ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [record, former_record])
def test_all_files_of_all_records_are_fetched_and_written_down(get: Callable, server: Server, form: Callable) -> None:
    for number in RECORDS:
        server.files[f"records/{number}"] = json.dumps(form(number, server.url)).encode()
    folder = get(api=server.url + "/")
    assert downloaded(folder) == FILES
    assert set(contents(folder)) == {"MANIFEST.json"} | {f"downloads/{name}" for name in FILES}
    assert json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8")) == MANIFEST
    assert read_manifest(folder / "MANIFEST.json") == MANIFEST


def test_a_record_that_states_no_licence_is_written_down_without_one(get: Callable, server: Server) -> None:
    stated = record(7, server.url)
    del stated["metadata"]["license"]
    server.files["records/7"] = json.dumps(stated).encode()
    assert read_manifest(get() / "MANIFEST.json")["records"][0]["licence"] is None


def test_what_is_there_and_right_is_not_fetched_again(get: Callable, server: Server) -> None:
    before = contents(get())
    server.asked.clear()
    assert contents(get()) == before
    assert server.asked == [("records/12", None), ("records/7", None)]


def test_what_is_there_and_wrong_is_fetched_again(get: Callable, server: Server) -> None:
    (get() / "downloads/README.txt").write_bytes(b"LA LA LA\n")
    server.asked.clear()
    assert downloaded(get()) == FILES
    assert [path for path, _ in server.asked if path in FILES] == ["README.txt"]


def test_a_server_that_is_busy_and_breaks_off_is_asked_again(get: Callable, server: Server) -> None:
    server.retry_after = "0"
    server.refusals = {"records/7": [429, 503], "songs.tar.gz": [429, 503, 500]}
    server.drops.update({"records/12": 2, "songs.tar.gz": 1})
    server.shortened["README.txt"] = 1
    assert downloaded(get()) == FILES
    assert len(asked_for(server, "records/7")) == 3
    assert len(asked_for(server, "records/12")) == 3
    assert len(asked_for(server, "songs.tar.gz")) == 5
    assert asked_for(server, "README.txt") == [None, f"bytes={len(FILES['README.txt']) // 2}-"]


def test_a_wrong_md5_is_told_and_no_manifest_is_written(get: Callable, server: Server, tmp_path: Path) -> None:
    server.files["songs.tar.gz"] = FILES["songs.tar.gz"][::-1]
    with pytest.raises(TartarusError) as error:
        get()
    assert str(error.value) == (
        f"{server.url}/songs.tar.gz: wrong checksum: MD5 {md5(FILES['songs.tar.gz'][::-1])}, "
        f"expected {md5(FILES['songs.tar.gz'])}; the file was not kept"
    )
    assert set(contents(tmp_path / "raw/SONGS")) == {"downloads/README.txt", "downloads/covers.zip"}


def test_a_run_that_is_killed_in_the_middle_is_gone_on_with(get: Callable, server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "raw/SONGS"
    part = folder / "downloads/songs.tar.gz.part"
    sent = len(FILES["songs.tar.gz"]) // 2
    server.stalls["songs.tar.gz"] = sent
    code = "from tartarus.archives.records import fetch_archive; from tartarus.items.network import Limits; "
    code += f"fetch_archive('SONGS', {RECORDS}, {str(folder)!r}, api={server.url!r}, limits=Limits(plain_http=True))"
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        end = time.monotonic() + 30
        while not (part.exists() and part.stat().st_size > sent * 0.9):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    arrived = part.stat().st_size
    assert FILES["songs.tar.gz"].startswith(part.read_bytes())
    assert not (folder / "MANIFEST.json").exists()

    del server.stalls["songs.tar.gz"]
    server.resume.set()
    server.asked.clear()
    assert downloaded(get()) == FILES
    assert [(path, asked) for path, asked in server.asked if path in FILES] == [("songs.tar.gz", f"bytes={arrived}-")]
    assert read_manifest(folder / "MANIFEST.json") == MANIFEST


# --- Answers that are no records -------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [b"<html>Sign in</html>", b"", b"\xff\xfe", b'{"metadata": '])
def test_an_answer_that_is_not_json_is_refused(get: Callable, server: Server, answer: bytes) -> None:
    server.files["records/12"] = answer
    with pytest.raises(TartarusError) as error:
        get()
    assert str(error.value).startswith(f"{server.url}/records/12: the answer is not JSON, it begins with {answer!r}")


def without(*keys: Any) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        for key in keys[:-1]:
            value = value[key]
        del value[keys[-1]]

    return change


def having(new: Any, *keys: Any) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        for key in keys[:-1]:
            value = value[key]
        value[keys[-1]] = new

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("metadata"), "the key 'metadata' is missing"),
        (without("metadata", "title"), "metadata: the key 'title' is missing"),
        (without("metadata", "doi"), "metadata: the key 'doi' is missing"),
        (having(5, "metadata", "title"), "metadata: title: found 5, expected str"),
        (without("files"), "the key 'files' is missing"),
        (having({}, "files"), "files: found {}, expected list"),
        (having("x", "files", 0), "files[0]: expected keys and values, found str"),
        (without("files", 0, "key"), "files[0]: the key 'filename' is missing"),
        (without("files", 0, "size"), "files[0]: the key 'filesize' is missing"),
        (having(True, "files", 0, "size"), "files[0]: size: found True, expected int"),
        (without("files", 0, "checksum"), "files[0]: the key 'checksum' is missing"),
        (without("files", 0, "links"), "files[0]: the key 'links' is missing"),
        (having({}, "files", 0, "links"), "files[0]: links: the key 'self' is missing"),
    ],
)
def test_an_answer_that_lacks_something_is_refused(get: Callable, server: Server, change: Callable, told: str) -> None:
    answer = record(12, server.url)
    change(answer)
    server.files["records/12"] = json.dumps(answer).encode()
    with pytest.raises(TartarusError) as error:
        get()
    assert str(error.value) == f"{server.url}/records/12: {told}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (having("../x", "files", 0, "key"), "name: '../x'; expected the name of a file"),
        (having("sha256:" + "0" * 64, "files", 0, "checksum"), "expected 32 hexadecimal digits"),
        (having("README.txt", "files", 0, "key"), "'README.txt' stands twice, in record 12 and in record 7"),
    ],
)
def test_an_answer_that_is_not_to_be_trusted_is_refused(
    get: Callable, server: Server, tmp_path: Path, change: Callable, told: str
) -> None:
    answer = record(12, server.url)
    change(answer)
    server.files["records/12"] = json.dumps(answer).encode()
    with pytest.raises(TartarusError) as error:
        get()
    assert f"{server.url}/records/12" in str(error.value)
    assert told in str(error.value)
    assert not (tmp_path / "raw").exists()


def test_records_without_files_are_refused(get: Callable, server: Server) -> None:
    for number in RECORDS:
        server.files[f"records/{number}"] = json.dumps(record(number, server.url) | {"files": []}).encode()
    with pytest.raises(TartarusError, match=r"files: none; .* not be open to the public"):
        get()


# --- From a mirror ---------------------------------------------------------------------------------------


def test_a_mirror_with_a_manifest_needs_no_network(get: Callable, filled: Path) -> None:
    folder = get(api=closed_address(), mirror=filled)
    assert downloaded(folder) == FILES
    assert contents(filled / "SONGS") == FILES | {"MANIFEST.json": json.dumps(MANIFEST).encode()}


def test_the_manifest_is_the_same_from_mirror_and_network(get: Callable, filled: Path) -> None:
    manifest = MANIFEST | {key: MANIFEST[key][::-1] for key in ("records", "files")} | {"note": "from a disk"}
    (filled / "SONGS/MANIFEST.json").write_text(json.dumps(manifest))
    ours = get(mirror=filled, folder="a") / "MANIFEST.json"
    assert ours.read_bytes() == (get(folder="b") / "MANIFEST.json").read_bytes()


def test_a_manifest_that_was_written_serves_a_mirror(get: Callable, filled: Path) -> None:
    written = get() / "MANIFEST.json"
    (filled / "SONGS/MANIFEST.json").write_bytes(written.read_bytes())
    assert downloaded(get(api=closed_address(), mirror=filled, folder="other")) == FILES


@pytest.mark.parametrize("damage", ["missing", "wrong size", "wrong checksum"])
def test_what_a_manifest_of_a_mirror_lists_must_be_right(get: Callable, filled: Path, damage: str) -> None:
    path = filled / "SONGS/songs.tar.gz"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"x" * (1 if damage == "wrong size" else len(FILES["songs.tar.gz"])))
    with pytest.raises(TartarusError) as error:
        get(mirror=filled)
    assert str(error.value).startswith(f"{path}: {damage}")
    assert "put the right file there, or remove that MANIFEST.json" in str(error.value)


def test_without_a_manifest_the_right_files_of_a_mirror_are_taken(
    get: Callable, server: Server, filled: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (filled / "SONGS/MANIFEST.json").unlink()
    (filled / "SONGS/covers.zip").write_bytes(b"x" * len(FILES["covers.zip"]))
    (filled / "SONGS/README.txt").unlink()
    folder = get(mirror=filled)
    assert downloaded(folder) == FILES
    assert read_manifest(folder / "MANIFEST.json") == MANIFEST
    assert [path for path, _ in server.asked] == ["records/12", "records/7", "README.txt", "covers.zip"]
    assert f"{filled}/SONGS/covers.zip: wrong checksum" in caplog.text


def test_a_new_version_does_not_go_into_the_file_of_the_mirror(get: Callable, server: Server, filled: Path) -> None:
    # Gigabytes are linked, not copied.
    folder = get(mirror=filled)
    assert (folder / "downloads/README.txt").samefile(filled / "SONGS/README.txt")
    (filled / "SONGS/MANIFEST.json").unlink()
    server.files["README.txt"] = b"second edition\n"
    answer = record(7, server.url)
    answer["files"][0] |= {"size": 15, "checksum": f"md5:{md5(server.files['README.txt'])}"}
    server.files["records/7"] = json.dumps(answer).encode()
    assert downloaded(get(mirror=filled)) == FILES | {"README.txt": b"second edition\n"}
    assert contents(filled / "SONGS") == FILES


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("archive"), "the key 'archive' is missing"),
        (having("OTHER", "archive"), "archive: 'OTHER', expected 'SONGS'"),
        (having([], "records"), "record: 7; expected one of records: []"),
        (having(8, "records", 0, "record"), "record: 7; expected one of records: [8, 12]"),
        (having("7", "records", 0, "record"), "records[0]: record: found '7', expected int"),
        (without("records", 0, "doi"), "records[0]: the key 'doi' is missing"),
        (without("records", 0, "licence"), "records[0]: the key 'licence' is missing"),
        (without("files"), "the key 'files' is missing"),
        (having([], "files"), "files: none"),
        (having(3, "files", 1), "files[1]: expected keys and values, found int"),
        (without("files", 1, "md5"), "files[1]: the key 'md5' is missing"),
        (having(1.5, "files", 1, "bytes"), "files[1]: bytes: found 1.5, expected int"),
        (having(-1, "files", 1, "bytes"), "files[1]: bytes: -1; expected 0 or more"),
        (having("0" * 31, "files", 1, "md5"), "files[1]: md5: '" + "0" * 31 + "'; expected 32 hexadecimal digits"),
        (having("a/b", "files", 1, "name"), "files[1]: name: 'a/b'; expected the name of a file"),
        (having("/etc", "files", 1, "name"), "files[1]: name: '/etc'"),
        (having("..", "files", 1, "name"), "files[1]: name: '..'"),
        (having("", "files", 1, "name"), "files[1]: name: ''"),
        (having("a\\b", "files", 1, "name"), "files[1]: name: 'a\\\\b'"),
        (having("README.txt", "files", 1, "name"), "'README.txt' stands twice, in record 7 and in record 12"),
    ],
)
def test_a_malformed_manifest_is_refused(get: Callable, filled: Path, change: Callable, told: str) -> None:
    path = filled / "SONGS/MANIFEST.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(TartarusError) as error:
        get(mirror=filled)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


def test_a_manifest_of_other_records_is_refused(get: Callable, filled: Path, tmp_path: Path) -> None:
    with pytest.raises(TartarusError, match=r"records: \[7, 12\], expected \[7\], as the archive is configured"):
        fetch_archive("SONGS", [7], tmp_path / "raw", api=closed_address(), limits=LIMITS, mirror=filled)


@pytest.mark.parametrize("text", ["", "[1, 2", "never JSON"])
def test_a_manifest_that_is_not_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "MANIFEST.json"
    path.write_text(text)
    with pytest.raises(TartarusError) as error:
        read_manifest(path)
    assert str(error.value).startswith(f"{path}: not JSON (")


# --- From nowhere ----------------------------------------------------------------------------------------


def test_without_network_and_mirror_the_message_says_what_to_put_where(get: Callable) -> None:
    closed = closed_address()
    with pytest.raises(TartarusError) as error:
        get(api=closed)
    message = str(error.value)
    assert message.startswith(f"{closed}/records/12: could not be fetched (ConnectionError), and no mirror has it.")
    assert "Put its files at <mirror>/SONGS/<file>, with the MANIFEST.json" in message
    assert "name the mirror in TARTARUS_MIRROR or in config.yaml (mirror:)" in message


def test_a_mirror_that_has_nothing_is_named_as_the_place(get: Callable, tmp_path: Path) -> None:
    with pytest.raises(TartarusError) as error:
        get(api=closed_address(), mirror=tmp_path / "empty")
    assert f"Put its files at {tmp_path}/empty/SONGS/<file>, with the MANIFEST.json" in str(error.value)


def test_a_file_that_cannot_be_had_is_told_with_its_place(get: Callable, server: Server) -> None:
    server.refusals["songs.tar.gz"] = [503] * ATTEMPTS
    with pytest.raises(TartarusError) as error:
        get()
    message = str(error.value)
    assert message.startswith(f"{server.url}/songs.tar.gz: could not be fetched (the server answered 503 ")
    assert "Put the file at <mirror>/SONGS/songs.tar.gz, with the MANIFEST.json" in message


def test_an_archive_of_no_records_is_empty_and_asks_nobody(tmp_path: Path) -> None:
    fetch_archive("X", [], tmp_path / "X", api="http://127.0.0.1:9", limits=LIMITS)
    assert read_manifest(tmp_path / "X/MANIFEST.json") == {"archive": "X", "records": [], "files": []}
