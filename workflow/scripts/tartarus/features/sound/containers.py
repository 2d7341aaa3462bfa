"""What a sound file is, by its content and not by its name, and how much sound its header says that it holds.

Only the piece that holds the sound is looked at: what other pieces say, or lie behind it, does not matter. Layouts:
RIFF WAVE (IBM and Microsoft 1991), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), Sony Wave64, AU (Sun, NeXT),
AIFF and AIFF-C (Apple).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# What writers to a pipe, who cannot go back, leave for a length that they do not know.
UNKNOWN = {0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFF000, 0xFFFFFFFF}
_MAX_PIECES = 10_000


@dataclass(frozen=True)
class Piece:
    """The piece of a file that holds the sound.

    Attributes
    ----------
    stated, present : int
        Bytes, as the header says and as there are.
    bytes_per_second : float
        0 if unknown.
    """

    stated: int
    present: int
    bytes_per_second: float

    @property
    def is_cut_off(self) -> bool:
        """Whether the file ends before the sound does."""
        return self.present < self.stated

    def seconds(self, length: int) -> str:
        """Tell how long so many bytes last."""
        return f"{length / self.bytes_per_second:.1f} s" if self.bytes_per_second else f"{length} bytes"


def container(head: bytes) -> str:
    """Tell what a file is by its first 16 bytes.

    Returns
    -------
    str
        ``wav``, ``w64``, ``au``, ``aiff``; ``other``, which says its length itself or has none, for all that is
        neither; ``mpeg`` for what begins with a tag or a frame of MPEG audio; empty if it looks like nothing known.
    """
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"riff" and head[4:16] == bytes.fromhex("2e91cf11a5d628db04c10000"):
        return "w64"
    if head[:4] in (b".snd", b"dns."):
        return "au"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    known = (b"fLaC", b"OggS", b"caff", b"\x1aE\xdf\xa3", b"0&\xb2u")
    if head.startswith(known) or head[4:8] == b"ftyp":
        return "other"
    return "mpeg" if head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0") else ""


def piece_of_sound(path: str | Path) -> Piece | None:
    """Find the piece that holds the sound in a WAV, RF64, W64, AU or AIFF file.

    Returns
    -------
    Piece or None
        None if it is none of these, has no such piece, or leaves its length open.
    """
    with Path(path).open("rb") as file:
        head = file.read(16)
        size = os.fstat(file.fileno()).st_size
        read = {"wav": _wav, "w64": _w64, "au": _au, "aiff": _aiff}.get(container(head))
        return read(file, head, size) if read else None


def _pieces(file: BinaryIO, at: int, size: int, order: str, *, even: int = 2) -> Iterator[tuple[bytes, int, int]]:
    """List name, length and begin of the content of each piece of a RIFF or AIFF file."""
    for _ in range(_MAX_PIECES):
        if at + 8 > size:
            return
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], order)  # type: ignore[arg-type]
        yield head[:4], length, at + 8
        at += 8 + length + length % even


def _wav(file: BinaryIO, head: bytes, size: int) -> Piece | None:
    order = "big" if head[:4] == b"RIFX" else "little"
    rate, long_length = 0.0, 0
    for name, length, begin in _pieces(file, 12, size, order):
        file.seek(begin)
        if name == b"ds64":
            long_length = int.from_bytes(file.read(16)[8:], "little")
        elif name == b"fmt ":
            rate = float(int.from_bytes(file.read(12)[8:], order))  # type: ignore[arg-type]
        elif name == b"data":
            if length == 0xFFFFFFFF and long_length:
                length = long_length
            return None if length in UNKNOWN else Piece(length, size - begin, rate)
    return None


def _w64(file: BinaryIO, _head: bytes, size: int) -> Piece | None:
    at, rate = 40, 0.0
    for _ in range(_MAX_PIECES):
        if at + 24 > size:
            break
        file.seek(at)
        head = file.read(24)
        length = int.from_bytes(head[16:], "little") - 24  # lengths are with the 24 bytes that state them
        if head[:4] == b"fmt ":
            rate = float(int.from_bytes(file.read(12)[8:], "little"))
        elif head[:4] == b"data":
            return Piece(length, size - at - 24, rate) if 0 < length < 1 << 62 else None
        if length < 0:
            break
        at += 24 + length + -length % 8
    return None


def _au(file: BinaryIO, head: bytes, size: int) -> Piece | None:
    order = "big" if head[:4] == b".snd" else "little"
    file.seek(4)
    fields = file.read(20)
    begin, length, coding, rate, channels = (
        int.from_bytes(fields[at : at + 4], order)  # type: ignore[arg-type]
        for at in range(0, 20, 4)
    )
    # 8-bit mu-law, PCM of 8 to 32 bits, floats of 32 and 64, 8-bit A-law.
    width = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}.get(coding, 0)
    return None if length in UNKNOWN else Piece(length, size - begin, float(rate * channels * width))


def _aiff(file: BinaryIO, _head: bytes, size: int) -> Piece | None:
    frames = 0
    seconds = 0.0
    for name, length, begin in _pieces(file, 12, size, "big"):
        file.seek(begin)
        if name == b"COMM":
            fields = file.read(18)
            frames = int.from_bytes(fields[2:6], "big")
            # An 80-bit floating-point number: exponent and mantissa.
            exponent, mantissa = int.from_bytes(fields[8:10], "big") & 0x7FFF, int.from_bytes(fields[10:18], "big")
            rate = mantissa * 2.0 ** (exponent - 16383 - 63) if exponent < 16383 + 64 else 0.0
            seconds = frames / rate if rate else 0.0
        elif name == b"SSND":
            # Offset and block size come before the sound.
            length, begin = length - 8, begin + 8
            return None if length + 8 in UNKNOWN else Piece(length, size - begin, length / seconds if seconds else 0.0)
    return None
