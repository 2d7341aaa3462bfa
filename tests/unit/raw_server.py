"""A server on this machine that answers with bytes as they are written in a test, however wrong they are."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

# What is sent, piece by piece; None resets the connection.
Answer = Iterable[bytes | None]


class RawServer(socketserver.ThreadingTCPServer):
    """A server of answers by their paths; what is asked for without one gets 404."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = dict(answers)
        self.asked: list[str] = []
        self.headers: list[bytes] = []  # of all questions
        self.gone = threading.Event()  # set when the test is over
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have gone."""


class _Handler(socketserver.StreamRequestHandler):
    server: RawServer
    disable_nagle_algorithm = True

    def handle(self) -> None:
        path = self.rfile.readline().split(b" ")[1].decode()
        while line := self.rfile.readline().strip():
            self.server.headers.append(line)
        self.server.asked.append(path)
        with contextlib.suppress(OSError):
            for piece in self.server.answers.get(path, [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]):
                if piece is None:
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.request.close()
                    return
                if self.server.gone.is_set():
                    return
                self.wfile.write(piece)


@contextmanager
def answering(answers: Mapping[str, Answer]) -> Iterator[RawServer]:
    """Answer until the end of the block."""
    with RawServer(answers) as server:
        try:
            yield server
        finally:
            server.gone.set()
            server.shutdown()
