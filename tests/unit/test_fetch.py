"""Fetching, from a real HTTP server on this machine."""

import gzip
import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tartarus import config
from tartarus.errors import TartarusError
from tartarus.fetch import fetch

SHIPPED = Path(__file__).parents[2] / "config"
FILES = {"audio/one.mp3": bytes(range(256)) * 1200, "text/one.txt": b"la la la\n"}
SUMS = {path: hashlib.sha256(data).hexdigest() for path, data in FILES.items()}
LARGE = "audio/one.mp3"


class Server(ThreadingHTTPServer):
    """A server of FILES, with faults that a test may switch on."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(FILES)
        self.asked: list[tuple[str, str | None]] = []  # path and Range of every request
        self.ranges = True
        self.compresses = False
        self.drops: Counter[str] = Counter()  # path: how many answers stop halfway
        self.refusals: Counter[str] = Counter()  # path: how many answers are 503
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.removeprefix("/data/")
        wanted = self.headers.get("Range")
        self.server.asked.append((path, wanted))
        if self.server.refusals[path] > 0:
            self.server.refusals[path] -= 1
            self.answer(503, b"")
        elif path not in self.server.files:
            self.answer(404, b"")
        elif wanted and self.server.ranges:
            whole = self.server.files[path]
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(whole):
                self.answer(416, b"")
            else:
                self.answer(206, whole[begin:], ("Content-Range", f"bytes {begin}-{len(whole) - 1}/{len(whole)}"))
        elif self.server.compresses and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.answer(200, gzip.compress(self.server.files[path]), ("Content-Encoding", "gzip"))
        else:
            self.answer(200, self.server.files[path])

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        path = self.path.removeprefix("/data/")
        if status in (200, 206) and self.server.drops[path] > 0:
            self.server.drops[path] -= 1
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running
        running.shutdown()


@pytest.fixture
def get(tmp_path: Path, server: Server) -> Callable[..., Path]:
    """Fetch a dataset called SONGS from the server."""

    def run(
        sums: dict[str, str] = SUMS, *, url: str | None = None, mirror: Path | None = None, folder: str = "raw"
    ) -> Path:
        target = tmp_path / folder / "SONGS"
        fetch(sums, target, url=url or server.url, name="SONGS", mirror=mirror)
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


def test_a_connection_that_breaks_off_is_told_and_the_next_run_goes_on(
    get: Callable, server: Server, tmp_path: Path
) -> None:
    sums = dict(sorted(SUMS.items(), reverse=True))  # the small file first
    server.drops[LARGE] = 1
    with pytest.raises(TartarusError, match=r"one\.mp3: could not be fetched .*what has arrived is kept"):
        get(sums)
    arrived = (waiting(tmp_path) / f"{LARGE}.part").read_bytes()
    assert 0 < len(arrived) <= len(FILES[LARGE]) // 2
    assert FILES[LARGE].startswith(arrived)
    assert not (tmp_path / "raw" / "SONGS").exists()

    server.asked.clear()
    assert contents(get(sums)) == FILES
    # The file that was finished in the first run is not asked for again.
    assert server.asked == [(LARGE, f"bytes={len(arrived)}-")]


def test_a_server_that_is_busy_is_asked_again(get: Callable, server: Server) -> None:
    server.refusals[LARGE] = 1
    assert contents(get()) == FILES
    assert Counter(path for path, _ in server.asked)[LARGE] == 2


def test_a_file_that_the_server_does_not_have_is_named(get: Callable, server: Server, tmp_path: Path) -> None:
    del server.files[LARGE]
    with pytest.raises(TartarusError) as error:
        get()
    assert str(error.value).startswith(f"{server.url}/{LARGE}: could not be fetched (HTTPError)")
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
    settings = config.read_yaml(SHIPPED / "datasets" / "SUPER.yaml")
    target = tmp_path / "SUPER"
    # A port on which nothing listens: any request would fail.
    fetch(settings["files"], target, url="http://127.0.0.1:9/", name="SUPER", mirror=mirror)
    found = contents(target)
    assert {path: hashlib.sha256(data).hexdigest() for path, data in found.items()} == settings["files"]
    assert len([path for path in found if path.endswith(".mp3")]) == 9


# --- From nowhere ----------------------------------------------------------------------------------------


@pytest.fixture
def closed() -> str:
    """An address at which nothing listens."""
    with Server() as server:
        server.shutdown()
        return server.url


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
