"""A real HTTP server on this machine, with faults that a test may switch on."""

import gzip
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """A server of files, by their paths below /data/."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(files)
        self.asked: list[tuple[str, str | None]] = []  # path and Range of every request
        self.ranges = True
        self.compresses = False
        self.drops: Counter[str] = Counter()  # path: how many answers stop halfway
        self.shortened: Counter[str] = Counter()  # path: how many answers state and bring half of the file only
        self.refusals: dict[str, list[int]] = {}  # path: the statuses of the next answers
        self.retry_after: str | None = None  # header of refusals
        self.stalls: dict[str, int] = {}  # path: after how many bytes an answer waits until `resume` is set
        self.resume = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data"

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have gone."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer takes 40 ms

    def do_GET(self) -> None:
        path = self.path.removeprefix("/data/")
        wanted = self.headers.get("Range")
        self.server.asked.append((path, wanted))
        if self.server.refusals.get(path):
            stated = self.server.retry_after
            self.answer(self.server.refusals[path].pop(0), b"", *([("Retry-After", stated)] if stated else []))
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
        path = self.path.removeprefix("/data/")
        brings = status in (200, 206)
        if brings and self.server.shortened[path] > 0:
            self.server.shortened[path] -= 1
            body = body[: len(body) // 2]
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if brings and self.server.drops[path] > 0:
            self.server.drops[path] -= 1
            body = body[: len(body) // 2]
            self.close_connection = True
        if brings and path in self.server.stalls:
            begun = self.server.stalls[path]
            self.wfile.write(body[:begun])
            self.wfile.flush()
            self.server.resume.wait()
            body = body[begun:]
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[Server]:
    """Serve files until the end of the block."""
    with Server(files) as server:
        try:
            yield server
        finally:
            server.resume.set()
            server.shutdown()


def closed_address() -> str:
    """An address at which nothing listens."""
    with serving({}) as server:
        return server.url
