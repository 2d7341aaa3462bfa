"""Fetching, from a real HTTP server on this machine."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
import requests
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.items import fetch as fetching
from tartarus.items import network
from tartarus.items.download import Remote, download
from tartarus.items.fetch import fetch, link_or_copy
from tartarus.items.network import ATTEMPTS, Limits, open_session, patiently

from tests.paths import SHIPPED
from tests.unit.servers import Server, closed_address, serving

FILES = {"audio/one.mp3": bytes(range(256)) * 19200, "text/one.txt": b"la la la\n"}
SUMS = {path: hashlib.sha256(data).hexdigest() for path, data in FILES.items()}
LARGE = "audio/one.mp3"
LIMITS = Limits(plain_http=True)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(FILES) as running:
        yield running


@pytest.fixture
def get(tmp_path: Path, server: Server) -> Callable[..., Path]:
    """Fetch a dataset called SONGS from the server."""

    def run(
        sums: dict[str, str] = SUMS, *, url: str | None = None, mirror: Path | None = None, folder: str = "raw"
    ) -> Path:
        target = tmp_path / folder / "SONGS"
        fetch(sums, target, url=url or server.url, name="SONGS", limits=LIMITS, mirror=mirror, backoff=0.001)
        return target

    return run


def waiting(tmp_path: Path) -> Path:
    """The folder in which files are gathered."""
    return tmp_path / "raw" / ".SONGS.download"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- From the network ------------------------------------------------------------------------------------


def test_files_are_fetched_whole_and_nothing_else_is_left(get: Callable, server: Server, tmp_path: Path) -> None:
    assert contents(get()) == FILES
    assert sorted(server.asked) == [(path, None) for path in sorted(FILES)]
    assert not waiting(tmp_path).exists()


def test_a_slash_at_the_end_of_the_address_does_no_harm(get: Callable, server: Server) -> None:
    assert contents(get(url=server.url + "/")) == FILES


def test_a_download_goes_on_where_it_stopped(get: Callable, server: Server, tmp_path: Path) -> None:
    part = waiting(tmp_path) / f"{LARGE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[LARGE][:1000])
    assert contents(get()) == FILES
    assert (LARGE, "bytes=1000-") in server.asked
    assert Counter(path for path, _ in server.asked)[LARGE] == 1


def test_a_server_that_knows_no_ranges_sends_the_file_from_the_start(
    get: Callable, server: Server, tmp_path: Path
) -> None:
    server.ranges = False
    part = waiting(tmp_path) / f"{LARGE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[LARGE][:1000])
    assert contents(get()) == FILES
    assert (LARGE, "bytes=1000-") in server.asked


def test_a_file_that_had_arrived_whole_is_not_sent_again(get: Callable, server: Server, tmp_path: Path) -> None:
    part = waiting(tmp_path) / f"{LARGE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[LARGE])
    assert contents(get()) == FILES
    assert [asked for path, asked in server.asked if path == LARGE] == [f"bytes={len(FILES[LARGE])}-"]


@pytest.mark.parametrize("begun", [b"other bytes", FILES[LARGE] + b"and more"])
def test_a_download_that_was_begun_from_other_bytes_starts_anew(
    get: Callable, server: Server, tmp_path: Path, begun: bytes
) -> None:
    part = waiting(tmp_path) / f"{LARGE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(begun)
    assert contents(get()) == FILES
    assert [asked for path, asked in server.asked if path == LARGE] == [f"bytes={len(begun)}-", None]


def test_a_connection_that_breaks_off_is_taken_up_again_as_long_as_something_arrives(
    get: Callable, server: Server
) -> None:
    # Each answer stops halfway through what is left: more breaks than would be allowed in vain.
    server.drops[LARGE] = ATTEMPTS + 2
    assert contents(get()) == FILES
    ranges = [asked for path, asked in server.asked if path == LARGE]
    assert ranges[0] is None
    assert len(ranges) == ATTEMPTS + 3
    begins = [int(asked.removeprefix("bytes=").removesuffix("-")) for asked in ranges[1:]]
    assert begins == sorted(begins)
    assert begins[0] > 0


def test_a_server_without_ranges_that_breaks_off_is_asked_from_the_start(get: Callable, server: Server) -> None:
    server.ranges = False
    server.drops[LARGE] = ATTEMPTS - 1
    assert contents(get()) == FILES


def test_a_server_that_always_breaks_off_at_the_same_place_is_given_up(get: Callable, server: Server) -> None:
    server.ranges = False
    server.drops[LARGE] = 100
    with pytest.raises(TartarusError, match=r"one\.mp3: could not be fetched"):
        get()
    assert Counter(path for path, _ in server.asked)[LARGE] == ATTEMPTS + 1  # the first brought something


def test_what_arrives_once_more_is_no_progress() -> None:
    sizes = itertools.cycle([5, 3])  # as of a server that begins anew and breaks off here and there
    attempts = []

    def break_off() -> None:
        attempts.append(1)
        assert len(attempts) <= 2 * ATTEMPTS
        raise requests.ConnectionError

    with pytest.raises(requests.ConnectionError):
        patiently(break_off, what="it", backoff=0, arrived=lambda: next(sizes))


def test_what_has_arrived_before_the_end_is_where_the_next_run_goes_on(
    get: Callable, server: Server, tmp_path: Path
) -> None:
    sums = dict(sorted(SUMS.items(), reverse=True))  # the small file first
    half = len(FILES[LARGE]) // 2
    part = waiting(tmp_path) / f"{LARGE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[LARGE][:half])
    server.refusals[LARGE] = [503] * ATTEMPTS
    with pytest.raises(
        TartarusError, match=r"one\.mp3: could not be fetched .*what has arrived stays in \S+one\.mp3\.part"
    ):
        get(sums)
    assert part.read_bytes() == FILES[LARGE][:half]
    assert not (tmp_path / "raw" / "SONGS").exists()

    server.asked.clear()
    assert contents(get(sums)) == FILES
    # The file that was finished in the first run is not asked for again.
    assert server.asked == [(LARGE, f"bytes={half}-")]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(get: Callable, server: Server, status: int) -> None:
    server.refusals[LARGE] = [status] * (ATTEMPTS - 1)
    assert contents(get()) == FILES
    assert Counter(path for path, _ in server.asked)[LARGE] == ATTEMPTS


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_refusal_that_will_not_pass_is_told_at_once(get: Callable, server: Server, status: int) -> None:
    server.refusals[LARGE] = [status]
    with pytest.raises(TartarusError, match=f"the server answered {status} "):
        get()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("stated", "least", "most"),
    [("7", 7, 7), ("0", 0, 0), ("99999999", 3600, 3600), (formatdate(1e9, usegmt=True), 0, 0), ("soon", 0.001, 0.001)],
)
def test_the_wait_that_a_server_states_is_kept(
    get: Callable, server: Server, monkeypatch: pytest.MonkeyPatch, stated: str, least: float, most: float
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(network.time, "sleep", waits.append)
    server.refusals[LARGE] = [429]
    server.retry_after = stated
    assert contents(get()) == FILES
    assert len(waits) == 1
    assert least <= waits[0] <= most


def test_the_wait_doubles_from_one_attempt_to_the_next(
    get: Callable, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(network.time, "sleep", waits.append)
    server.refusals[LARGE] = [503] * (ATTEMPTS - 1)
    get()
    assert waits == [0.001, 0.002, 0.004, 0.008]


def test_a_file_that_the_server_does_not_have_is_named(get: Callable, server: Server, tmp_path: Path) -> None:
    del server.files[LARGE]
    with pytest.raises(TartarusError) as error:
        get()
    assert str(error.value).startswith(f"{server.url}/{LARGE}: could not be fetched (the server answered 404 ")
    assert not (tmp_path / "raw" / "SONGS").exists()


def test_a_wrong_checksum_is_refused_and_nothing_is_left_in_place(
    get: Callable, server: Server, tmp_path: Path
) -> None:
    server.files[LARGE] = b"something else"
    with pytest.raises(TartarusError) as error:
        get()
    found = hashlib.sha256(b"something else").hexdigest()
    assert str(error.value) == (
        f"{server.url}/{LARGE}: wrong checksum: SHA-256 {found}, expected {SUMS[LARGE]}; the file was not kept"
    )
    assert not (tmp_path / "raw" / "SONGS").exists()
    assert not list(waiting(tmp_path).rglob("one.mp3*"))


def test_a_server_that_compresses_does_no_harm(get: Callable, server: Server) -> None:
    # As GitHub's does; a short text is longer when it is compressed.
    server.compresses = True
    assert contents(get()) == FILES


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, the disk that is always full")
def test_a_full_disk_is_told_with_the_file(get: Callable, tmp_path: Path) -> None:
    part = waiting(tmp_path) / f"{LARGE}.part"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(TartarusError, match=r"one\.mp3.*disk is full"):
        get()
    assert not (tmp_path / "raw" / "SONGS").exists()


# --- A file whose size is known, as those of an archive ------------------------------------------------------


@pytest.fixture
def take(server: Server, tmp_path: Path) -> Callable[..., Path]:
    """Download the large file, checking its size and MD5."""

    def run(**other: object) -> Path:
        md5 = hashlib.md5(FILES[LARGE], usedforsecurity=False).hexdigest()
        facts = {"path": "one.mp3", "url": f"{server.url}/{LARGE}", "size": len(FILES[LARGE]), "checksum": md5}
        target = tmp_path / "one.mp3"
        remote = Remote(algorithm="md5", **facts | other)
        with open_session(LIMITS) as session:
            download(session, remote, target, place="<mirror>/x", limits=LIMITS, backoff=0.001)
        return target

    return run


def test_an_answer_that_states_too_little_is_gone_on_with(take: Callable, server: Server) -> None:
    server.shortened[LARGE] = 2
    assert take().read_bytes() == FILES[LARGE]
    half = len(FILES[LARGE]) // 2
    assert server.asked == [(LARGE, None), (LARGE, f"bytes={half}-"), (LARGE, f"bytes={half + half // 2}-")]


def test_a_file_that_has_arrived_whole_is_not_asked_for(take: Callable, server: Server, tmp_path: Path) -> None:
    (tmp_path / "one.mp3.part").write_bytes(FILES[LARGE])
    assert take().read_bytes() == FILES[LARGE]
    assert server.asked == []


def test_a_wrong_md5_is_told_with_address_found_and_expected(take: Callable, server: Server, tmp_path: Path) -> None:
    found = hashlib.md5(FILES[LARGE], usedforsecurity=False).hexdigest()
    with pytest.raises(TartarusError) as error:
        take(checksum="0" * 32)
    assert str(error.value) == (
        f"{server.url}/{LARGE}: wrong checksum: MD5 {found}, expected {'0' * 32}; the file was not kept"
    )
    # Gigabytes are not fetched twice: nothing was left of an earlier run that could be to blame.
    assert len(server.asked) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [len(FILES[LARGE]) - 1, len(FILES[LARGE]) + 1])
def test_a_wrong_size_is_told_with_address_found_and_expected(
    take: Callable, server: Server, tmp_path: Path, size: int
) -> None:
    with pytest.raises(TartarusError) as error:
        take(size=size)
    assert str(error.value) == (
        f"{server.url}/{LARGE}: wrong size: {len(FILES[LARGE])} bytes, expected {size}; the file was not kept"
    )
    assert not list(tmp_path.iterdir())


# --- Links -----------------------------------------------------------------------------------------------


def test_a_link_is_the_same_file_and_a_copy_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"la la la")
    (tmp_path / "name").symlink_to("source")
    link_or_copy(tmp_path / "name", tmp_path / "linked" / "file")  # of a symbolic link, what it points at
    assert (tmp_path / "linked" / "file").samefile(source)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(fetching.os, "link", refuse)
    link_or_copy(source, tmp_path / "copied")
    assert (tmp_path / "copied").read_bytes() == b"la la la"
    assert not (tmp_path / "copied").samefile(source)


def test_what_a_stopped_run_left_is_not_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mirror").write_bytes(b"of the mirror")
    (tmp_path / "source").write_bytes(b"another")
    (tmp_path / ".target.part").hardlink_to(tmp_path / "mirror")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(fetching.os, "link", refuse)
    link_or_copy(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"another"
    assert (tmp_path / "mirror").read_bytes() == b"of the mirror"


# --- From a mirror ---------------------------------------------------------------------------------------


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A mirror that holds all files."""
    folder = tmp_path / "mirror"
    for path, data in FILES.items():
        (folder / "SONGS" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "SONGS" / path).write_bytes(data)
    return folder


def test_a_mirror_goes_before_the_network(get: Callable, server: Server, filled: Path) -> None:
    assert contents(get(mirror=filled)) == FILES
    assert server.asked == []


def test_a_mirror_is_left_as_it_is(get: Callable, filled: Path) -> None:
    get(mirror=filled)
    assert contents(filled / "SONGS") == FILES


def test_what_the_mirror_lacks_comes_from_the_network(get: Callable, server: Server, filled: Path) -> None:
    (filled / "SONGS" / LARGE).unlink()
    assert contents(get(mirror=filled)) == FILES
    assert server.asked == [(LARGE, None)]


def test_a_wrong_checksum_in_the_mirror_is_refused(get: Callable, server: Server, filled: Path, tmp_path: Path) -> None:
    (filled / "SONGS" / LARGE).write_bytes(b"something else")
    with pytest.raises(TartarusError) as error:
        get(mirror=filled)
    message = str(error.value)
    assert message.startswith(f"{filled / 'SONGS' / LARGE}: wrong checksum: SHA-256 ")
    assert SUMS[LARGE] in message
    assert "replace the file in the mirror" in message
    # Not silently fetched from elsewhere: the user named this mirror.
    assert LARGE not in [path for path, _ in server.asked]
    assert not (tmp_path / "raw" / "SONGS").exists()


def test_the_real_data_come_from_their_mirror_without_a_network(mirror: Path, tmp_path: Path) -> None:
    settings = read_yaml(SHIPPED / "datasets" / "SUPER.yaml")
    target = tmp_path / "SUPER"
    # A port on which nothing listens: any request would fail.
    fetch(settings["files"], target, url="http://127.0.0.1:9/", name="SUPER", limits=LIMITS, mirror=mirror)
    found = contents(target)
    assert {path: hashlib.sha256(data).hexdigest() for path, data in found.items()} == settings["files"]
    assert len([path for path in found if path.endswith(".mp3")]) == 9


# --- From nowhere ----------------------------------------------------------------------------------------


@pytest.fixture
def closed() -> str:
    return closed_address()


def test_without_network_and_mirror_the_message_says_which_file_to_put_where(get: Callable, closed: str) -> None:
    with pytest.raises(TartarusError) as error:
        get(url=closed)
    message = str(error.value)
    assert message.startswith(f"{closed}/{LARGE}: could not be fetched (ConnectionError), and no mirror has it.")
    assert f"Put the file at a folder <mirror>/SONGS/{LARGE} and name the mirror in TARTARUS_MIRROR" in message
    assert "config.yaml (mirror:)" in message


def test_a_mirror_that_lacks_the_file_is_named_as_the_place_to_put_it(get: Callable, closed: str, filled: Path) -> None:
    (filled / "SONGS" / LARGE).unlink()
    with pytest.raises(TartarusError) as error:
        get(url=closed, mirror=filled)
    assert f"Put the file at {filled}/SONGS/{LARGE} and" in str(error.value)


def test_the_place_is_right_where_an_outer_folder_has_the_dataset_s_name(
    get: Callable, closed: str, filled: Path
) -> None:
    (filled / "SONGS" / LARGE).unlink()
    with pytest.raises(TartarusError) as error:
        get(url=closed, mirror=filled, folder="SONGS/raw")
    assert f"Put the file at {filled}/SONGS/{LARGE} and" in str(error.value)
