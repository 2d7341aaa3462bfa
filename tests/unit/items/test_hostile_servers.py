"""Whatever a server answers: the right bytes or a message, in bounded time and memory, and nothing half-written."""

import base64
import gzip
import hashlib
import itertools
import json
import logging
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tartarus.archives import records
from tartarus.archives.records import fetch_archive
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.items import network
from tartarus.items.fetch import fetch
from tartarus.items.network import Limits, shown

from tests.paths import SHIPPED
from tests.unit.raw_server import Answer, RawServer, answering

SONG = bytes(range(256)) * 12
SUMS = {"song": hashlib.sha256(SONG).hexdigest()}
LIMITS = Limits(plain_http=True, gigabytes=1e-4, hours=1)
STRICT = Limits(plain_http=True, gigabytes=1e-4, hours=0.5 / 3600)


@pytest.fixture(autouse=True)
def sleepless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleep through no wait that a server demands."""
    monkeypatch.setattr(network.time, "sleep", lambda _: None)


def head(status: object = "200 OK", **headers: object) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(body: bytes, status: object = "200 OK", **headers: object) -> Answer:
    return [head(status, Content_Length=len(body), **headers) + body]


def chunked(*chunks: bytes) -> Answer:
    return [head(Transfer_Encoding="chunked"), *chunks]


class Endless:
    """Pieces without end, anew for each connection; slow ones wait for the end of the test in between."""

    def __init__(self, first: bytes, piece: bytes, server: list[RawServer] | None = None) -> None:
        self.first, self.piece, self.server = first, piece, server

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        while True:
            if self.server is not None:
                self.server[0].gone.wait(0.02)
            yield self.piece


class Silent:
    """Some bytes, then nothing until the end of the test."""

    def __init__(self, first: bytes) -> None:
        self.first = first

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        RUNNING[0].gone.wait()


RUNNING: list[RawServer] = []
ZEROS = bytes(1 << 20)
BOMB = gzip.compress(ZEROS) * 1024  # 1 GiB in 1 MB
LARGE = b"\xff" * (1 << 16)

RIGHT: dict[str, Answer] = {
    "plain": answer(SONG),
    "no length, closed at the end": [head(), SONG],
    "length abc": [head(Content_Length="abc"), SONG],
    "length of many digits": [head(Content_Length="9" * 5000), SONG],
    "length -1": [head(Content_Length="-1"), SONG],
    "length empty": [head(Content_Length=""), SONG],
    "length in other digits": [head(Content_Length="\xb3\xb2"), SONG],
    "length too short by chance": [head(Content_Length=f"{len(SONG)}, {len(SONG)}"), SONG],
    "chunks": chunked(b"400\r\n" + SONG[:1024] + b"\r\n", b"800\r\n" + SONG[1024:] + b"\r\n0\r\n\r\n"),
    "chunks with a length too": [
        head(Transfer_Encoding="chunked", Content_Length=7) + b"C00\r\n" + SONG + b"\r\n0\r\n\r\n"
    ],
    "gzip though not asked for": answer(gzip.compress(SONG), Content_Encoding="gzip"),
    "more than was said": [head(Content_Length=len(SONG)), SONG, LARGE],
    "a type that is none": answer(SONG, Content_Type="\xff\xfe;charset=\x01"),
    "an HTML page that is the song": answer(SONG, Content_Type="text/html"),
    "first wait": [b"HTTP/1.1 100 Continue\r\n\r\n", *answer(SONG)],
    "headers folded": [b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", SONG],
    "201": answer(SONG, "201 Created"),
    "206 though all was asked for": answer(SONG, "206 Partial Content", Content_Range="bytes 5-9/3"),
}
WRONG: dict[str, Answer] = {
    "nothing": [],
    "reset at once": [None],
    "reset after the head": [head(Content_Length=len(SONG)), None],
    "reset in the middle": [head(Content_Length=len(SONG)), SONG[:1000], None],
    "not HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n"],
    "binary": [LARGE],
    "TLS where none is": [b"\x15\x03\x01\x00\x02\x02\x16"],
    "status abc": answer(SONG, "abc OK"),
    "status 99999": answer(SONG, "99999 OK"),
    "status 700": answer(SONG, "700 What"),
    "status 204": [head("204 No Content")],
    "status 304": [head("304 Not Modified")],
    "status 300": answer(SONG, "300 Multiple Choices"),
    "status 401": answer(b"secret", "401 Unauthorized", WWW_Authenticate="Basic"),
    "status 404": answer(b"", "404 Not Found"),
    "status 416": answer(b"", "416 Range Not Satisfiable"),
    "status 451 with escapes": answer(b"", "451 \x1b[31m secret"),
    "an endless status": Endless(b"HTTP/1.1 200 ", LARGE),
    "an endless header": Endless(b"HTTP/1.1 200 OK\r\nX: ", LARGE),
    "endless headers": Endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000),
    "endless 100": Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "empty": answer(b""),
    "HTML": answer(b"<html>Sign in</html>"),
    "other bytes": answer(SONG[::-1]),
    "one byte short": answer(SONG[:-1]),
    "shorter than was said": [head(Content_Length=len(SONG) + 1), SONG],
    "two lengths": [head(Content_Length="5, 6"), SONG],
    "a length of 10 TB": [head(Content_Length=10**13), SONG],
    "chunk of length xyz": chunked(b"xyz\r\n" + SONG),
    "chunk of length -1": chunked(b"-1\r\n" + SONG),
    "chunk of length -1 without end": Endless(head(Transfer_Encoding="chunked") + b"-1\r\n", LARGE),
    "chunk of length 2^63": Endless(head(Transfer_Encoding="chunked") + b"8000000000000000\r\n", LARGE),
    "chunk that breaks off": chunked(b"C00\r\n" + SONG[:100]),
    "no last chunk": chunked(b"400\r\n" + SONG[:1024] + b"\r\n"),
    "an endless chunk length": Endless(head(Transfer_Encoding="chunked"), b"0" * 65536),
    "endless trailers": Endless(head(Transfer_Encoding="chunked") + b"0\r\n", b"X: y\r\n" * 1000),
    "endless chunks": Endless(head(Transfer_Encoding="chunked"), b"10000\r\n" + LARGE + b"\r\n"),
    "an endless body": Endless(head(), LARGE),
    "a bomb": answer(BOMB, Content_Encoding="gzip"),
    "a bomb in a bomb": answer(gzip.compress(BOMB), Content_Encoding="gzip, gzip"),
    "a deflated bomb": answer(zlib.compress(ZEROS * 16), Content_Encoding="deflate"),
    "not gzip": answer(SONG, Content_Encoding="gzip"),
    "gzip that breaks off": answer(gzip.compress(SONG)[:-20], Content_Encoding="gzip"),
    "an encoding that is none": answer(SONG[::-1], Content_Encoding="rot13"),
    "silence": Silent(b""),
    "silence after the head": Silent(head(Content_Length=len(SONG))),
    "silence in the body": Silent(head(Content_Length=len(SONG)) + SONG[:100]),
    "trickling status": Endless(b"HTTP/1.1 200 ", b"O", RUNNING),
    "trickling headers": Endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", RUNNING),
    "trickling body": Endless(head(Content_Length=10**5 - 1), b"x", RUNNING),
    "trickling chunks": Endless(head(Transfer_Encoding="chunked"), b"1\r\nx\r\n", RUNNING),
    "redirected in a circle": answer(b"", "302 Found", Location="/song"),
    "redirected without end and body": Endless(head("302 Found", Location="/song"), LARGE),
    "redirected with a bomb": answer(BOMB, "301 Moved Permanently", Location="/song", Content_Encoding="gzip"),
    "redirected to a file": answer(b"", "302 Found", Location="file:///etc/passwd"),
    "redirected to ftp": answer(b"", "307 Temporary Redirect", Location="ftp://anna:secret@127.0.0.1/song"),
    "redirected to nowhere": answer(b"", "302 Found", Location=""),
    "redirected to a bad port": answer(b"", "302 Found", Location="http://127.0.0.1:99999/song"),
    "redirected to no address": answer(b"", "308 Permanent Redirect", Location="http://[::1/song?token=secret"),
    "redirected to bytes": answer(b"", "302 Found", Location="http://\xff\xfe\x01/%zz"),
    "redirected to a long label": answer(b"", "302 Found", Location=f"http://{'a' * 300}.example/?secret"),
    "redirected without a place": [head("302 Found")],
    **{
        f"{status} with Retry-After {stated[:20]!r}": answer(b"secret", f"{status} Busy", Retry_After=stated)
        for status, stated in itertools.product(
            (429, 503),
            (
                "",
                "soon",
                "-5",
                "1e9",
                "9" * 5000,
                "Fri, 31 Dec 99999 23:59:59 GMT",
                "Mon, 99 Foo 2020 99:99:99",
                "\xb2",
            ),
        )
    },
}


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def get(server: RawServer, folder: Path, limits: Limits = LIMITS) -> None:
    fetch(SUMS, folder / "SONGS", url=server.url, name="SONGS", limits=limits, backoff=0)


@pytest.mark.parametrize("case", RIGHT)
def test_the_right_bytes_are_taken_however_they_are_announced(tmp_path: Path, case: str) -> None:
    with answering({"/song": RIGHT[case]}) as server:
        get(server, tmp_path)
    assert files_below(tmp_path) == {"SONGS/song": SONG}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_gets_a_message_and_leaves_nothing_in_place(
    tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(network, "TIMEOUT", 0.05)
    with answering({"/song": WRONG[case]}) as server:
        RUNNING[:] = [server]
        tracemalloc.start()
        with pytest.raises(TartarusError) as error:
            get(server, tmp_path, STRICT)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 1 << 21
    message = str(error.value)
    assert f"{server.url}/song: " in message
    assert "secret" not in message + caplog.text
    assert message.isprintable()
    left = files_below(tmp_path)
    assert set(left) <= {".SONGS.download/song.part"}
    assert sum(map(len, left.values())) <= 2 * LIMITS.gigabytes * 1e9
    # What is kept is told, and where.
    assert (f"what has arrived stays in {tmp_path}/.SONGS.download/song.part" in message) == bool(left)


# --- Records ---------------------------------------------------------------------------------------------


def record(**changed: object) -> dict[str, object]:
    md5 = hashlib.md5(SONG, usedforsecurity=False).hexdigest()
    file = {"key": "song", "size": len(SONG), "checksum": f"md5:{md5}", "links": {"self": "URL/song?token=secret"}}
    return {"metadata": {"title": "Songs", "doi": "10.1/z"}, "files": [{**file, **changed}]}


def said(value: object, **headers: object) -> Answer:
    return answer(json.dumps(value).encode(), **headers)


def titled(title: object) -> dict[str, object]:
    return {**record(), "metadata": {"title": title, "doi": "10.1/z"}}


RECORDS: dict[str, Answer] = {
    "nothing": [],
    "empty": answer(b""),
    "HTML": answer(b"<!DOCTYPE html><html>Sign in</html>", Content_Type="application/json"),
    "half of one": answer(json.dumps(record()).encode()[:100]),
    "UTF-16 without a mark": answer(json.dumps(record()).encode("utf-16-be")[1:]),
    "null": said(None),
    "a number": said(7),
    "a list": said([record()]),
    "a text": said("record"),
    "no files": said({**record(), "files": []}),
    "files that are null": said({**record(), "files": None}),
    "a file that is a list": said({**record(), "files": [[record()]]}),
    "a title that is NaN": answer(json.dumps(titled(float("nan"))).encode()),
    "a title of half a character": said(titled("\ud800")),
    "a title of a million letters in a list": said(titled(["x" * 1000] * 1000)),
    "a key twice": answer(b'{"files": [], ' + json.dumps(record()).encode()[1:]),
    "a size of 5000 digits": answer(json.dumps(record(size=0)).replace('"size": 0', f'"size": {"9" * 5000}').encode()),
    "a size of 10^30": said(record(size=10**30)),
    "a size of 1e3": answer(json.dumps(record(size=0)).replace('"size": 0', '"size": 1e3').encode()),
    "a size that is too small": said(record(size=5)),
    "a size below 0": said(record(size=-5)),
    "deep brackets": answer(b"[" * 10**6),
    "deep keys": answer(b'{"files":' * 10**5),
    "a million commas": answer(b"[" + b"0," * 10**6),
    "a checksum that is none": said(record(checksum="md5:secret")),
    "a name of 300 bytes": said(record(key="\u00e4" * 150)),
    "a name with a folder": said(record(key="../song")),
    "a name that is none": said(record(key=".")),
    "a name with escapes": said(record(key="\x1b[31m")),
    "a name of half a character": said(record(key="song\udc80")),
    "a name that a download has on its way": said(record(key="song.part")),
    "a link to a file": said(record(links={"self": "file:///etc/passwd"})),
    "a link to nowhere": said(record(links={"self": ""})),
    "a link that is none": said(record(links={"self": "http://[secret"})),
    "a link with a password": said(record(links={"self": "ftp://anna:secret@127.0.0.1/song?token=secret"})),
    "links that are a list": said(record(links=["URL/song"])),
    "an endless body": Endless(head() + b'{"metadata": "', LARGE),
    "an endless list": Endless(head() + b"[", b"1," * 30000),
    "a bomb": answer(BOMB, Content_Encoding="gzip"),
    "white space without end": Endless(head(), b" " * 65536),
    "trickling": Endless(head() + b"[", b"1,", RUNNING),
    "a circle": answer(b"", "302 Found", Location="/records/1"),
    "redirected to a file": answer(b"", "302 Found", Location="file:///etc/passwd"),
    "not found": answer(b"secret", "404 Not Found"),
    "busy": answer(b"secret", "503 Busy", Retry_After="9" * 5000),
}


def get_archive(server: RawServer, folder: Path) -> None:
    fetch_archive("SONGS", [1], folder / "SONGS", api=server.url, limits=LIMITS, backoff=0)


@pytest.mark.parametrize("case", RECORDS)
def test_an_odd_record_gets_a_message_and_leaves_nothing(
    tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(records, "_SECONDS", 0.1)
    with answering({"/records/1": RECORDS[case], "/song?token=secret": answer(SONG)}) as server:
        RUNNING[:] = [server]
        if isinstance(RECORDS[case], list):
            body = [piece.replace(b"URL", server.url.encode()) for piece in RECORDS[case]]
            server.answers["/records/1"] = body
        with pytest.raises(TartarusError) as error:
            get_archive(server, tmp_path)
    message = str(error.value)
    assert "secret" not in (message + caplog.text).replace("md5: 'secret'", "")
    assert message.isprintable()
    assert len(message) < 700
    assert files_below(tmp_path) == {}


def test_a_record_that_is_right_is_taken_with_its_file(tmp_path: Path) -> None:
    with answering({"/song?token=secret": answer(SONG)}) as server:
        server.answers["/records/1"] = answer(json.dumps(record()).replace("URL", server.url).encode())
        get_archive(server, tmp_path)
    assert files_below(tmp_path)["SONGS/downloads/song"] == SONG


# --- What is secret, and what is not encrypted -----------------------------------------------------------


@pytest.mark.parametrize("status", ["401 Unauthorized", "503 Busy", "200 OK"])
def test_a_password_of_an_address_is_told_nowhere(
    tmp_path: Path, status: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, logger="tartarus")
    odd = [head(status, Content_Length=9, X="y") + b": \x00odd\r\n"]
    with answering({"/records/1": odd, "/api/records/1": odd}) as server:
        api = server.url.replace("//", "//anna:secret@") + "/api"
        with pytest.raises(TartarusError) as error:
            fetch_archive("SONGS", [1], tmp_path / "SONGS", api=api, limits=LIMITS, backoff=0)
    assert str(error.value).startswith(f"{server.url}/api/records/1: ")
    told = str(error.value) + caplog.text + "".join(capfd.readouterr())
    assert "secret" not in told
    assert "anna" not in told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://example.org/a/b?token=secret#x", "https://example.org/a/b"),
        ("https://anna:p@ss@example.org:80/a@b", "https://example.org:80/a@b"),
        ("https://anna:se/cret@example.org/", "an address that is none"),
        ("http://[::1", "an address that is none"),
        ("https://example.org/\x1b[31m\ud800", "https://example.org/?[31m?"),
        ("secret", "://"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(url: str, told: str) -> None:
    assert shown(url) == told


def test_without_leave_no_address_is_followed_that_is_not_encrypted(tmp_path: Path) -> None:
    with answering({"/song": answer(SONG)}) as server:
        with pytest.raises(TartarusError, match=r"does not begin with https://, see fetch: plain_http in config\.yaml"):
            get(server, tmp_path, Limits())
        # Nor a redirection, which goes through the same door.
        with network.open_session(Limits()) as session, pytest.raises(requests.exceptions.InvalidSchema):
            session.get_adapter(server.url)
    assert server.asked == []


def test_a_password_is_found_where_the_user_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login anna password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with answering({"/song": answer(SONG)}) as server:
        get(server, tmp_path / "raw")
    assert b"Authorization: Basic " + base64.b64encode(b"anna:secret") in server.headers


# --- Limits ----------------------------------------------------------------------------------------------


def test_what_took_too_long_is_gone_on_with_by_the_next_run(tmp_path: Path) -> None:
    slow = Endless(head(Content_Length=len(SONG)) + SONG[:2000], b"", RUNNING)
    with answering({"/song": slow}) as server:
        RUNNING[:] = [server]
        with pytest.raises(TartarusError) as error:
            get(server, tmp_path, Limits(plain_http=True, hours=0.02 / 3600))
        assert str(error.value).startswith(
            f"{server.url}/song: not whole after 5.55556e-06 hours; raise fetch: hours in"
        )
        part = tmp_path / ".SONGS.download/song.part"
        begun = part.stat().st_size if part.exists() else 0
        rest = [head("206 Partial Content", Content_Length=len(SONG) - begun), SONG[begun:]]
        server.answers["/song"] = rest if begun else answer(SONG)
        get(server, tmp_path)
    assert files_below(tmp_path) == {"SONGS/song": SONG}


@pytest.mark.parametrize("stated", [True, False])
def test_a_file_of_unknown_size_may_be_as_long_as_is_allowed(tmp_path: Path, stated: bool) -> None:
    body = answer(SONG) if stated else [head(), SONG]
    with answering({"/song": body}) as server:
        get(server, tmp_path / "a", Limits(plain_http=True, gigabytes=len(SONG) / 1e9))
        with pytest.raises(TartarusError) as error:
            get(server, tmp_path / "b", Limits(plain_http=True, gigabytes=(len(SONG) - 1) / 1e9))
    assert files_below(tmp_path) == {"a/SONGS/song": SONG}
    assert str(error.value) == (
        f"{server.url}/song: more than 3.071e-06 GB; the file was not kept. If it is the right one, raise fetch: "
        f"gigabytes in config.yaml"
    )


def test_what_the_disk_has_no_room_for_is_not_begun(tmp_path: Path) -> None:
    with answering({"/song?token=secret": Endless(head(), LARGE)}) as server:
        body = json.dumps(record(size=10**18)).replace("URL", server.url).encode()
        server.answers["/records/1"] = answer(body)
        with pytest.raises(TartarusError) as error:
            get_archive(server, tmp_path)
    part = tmp_path / "SONGS/downloads/song.part"
    assert str(error.value).startswith(
        f"{part}: 1000000000000000000 bytes are to come from {server.url}/song, but the disk has "
    )
    assert files_below(tmp_path) == {}


def test_limits_hold_in_the_configuration_as_in_the_library() -> None:
    values = read_yaml(SHIPPED / "config.yaml")
    assert Limits(**values["fetch"]) == Limits()
