"""Reading the members of archives: ZIP, and TAR that may be packed by gzip, bzip2 or xz."""

import bz2
import errno
import gzip
import lzma
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from tartarus.base.errors import TartarusError

_BLOCK = 1 << 18  # bytes
_LONGEST_EXTENSION = 1 << 16  # bytes of a header's extension, which is held in memory
_LONGEST_NUMBER = 100  # digits in such an extension: tarfile searches for digits in a time that is their square
_LONGEST_TARGET = 4096  # bytes of a link's target
_RECORD = re.compile(rb"(\d{1,9}) ([^=]+)=")
_ARCHIVE_NAME = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz))$", re.IGNORECASE)
# ZIP inside, but files in their own right.
_NOT_ARCHIVES = {".npz", ".keras", ".docx", ".xlsx", ".pptx", ".odt", ".ods"}
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    EOFError,
    MemoryError,  # of what has a size that no file has
    OSError,  # gzip and bzip2
    OverflowError,  # places beyond any file
    ValueError,  # names and numbers that cannot be
    RuntimeError,  # encrypted; NotImplementedError (a method of compression) is one too
)


@dataclass(frozen=True)
class Member:
    """A member of an archive.

    Attributes
    ----------
    name : str
        As the archive has it: not to be trusted.
    kind : str
        ``file``, ``folder``, ``link``, or words for what cannot be unpacked.
    open : callable
        Opens a file for reading, for use in a ``with`` statement. Of TAR, only before the next member is asked for.
    target : str
        What a link points at, from the archive's root: not to be trusted.
    """

    name: str
    kind: str
    open: Callable[[], Any]
    target: str = ""


def members_of(raw: IO[bytes], kind: str, count: Callable[[int], None]) -> Iterator[Member]:
    """Go through an archive.

    Parameters
    ----------
    raw : file
        The archive, opened for reading bytes.
    kind : {"zip", "tar"}
        From `kind_of`.
    count : callable
        Is told the number of bytes, whenever some were unpacked: of TAR also those of headers and behind the end.

    Yields
    ------
    Member
        In the order of the archive.
    """
    return _zip_members(raw, count) if kind == "zip" else _tar_members(raw, count)


@contextmanager
def telling_damaged_archive(path: Path) -> Iterator[None]:
    """Turn the errors of a damaged archive into a TartarusError that names it."""
    try:
        yield
    except _DAMAGE as error:
        # An error of the disk, not of what was read from it; but for places that cannot be.
        if getattr(error, "errno", None) not in (None, errno.EINVAL):
            raise
        raise TartarusError(
            f"{path}: cannot be unpacked ({type(error).__name__}: {error}): damaged, encrypted, or no archive in "
            f"spite of its name. Remove it and fetch again, or replace it in the mirror. Nothing was unpacked"
        ) from error


def kind_of(path: Path) -> str | None:
    """Tell by its content whether a file is an archive: "zip", "tar" or, if it is none, None.

    What is called an archive and is none is taken for a damaged TAR, which reading it will tell.
    """
    with path.open("rb") as raw:
        start = raw.read(4)
        if start in (b"PK\x03\x04", b"PK\x05\x06"):
            return None if path.suffix.lower() in _NOT_ARCHIVES else "zip"
        raw.seek(0)
        named = _ARCHIVE_NAME.search(path.name)
        try:
            header = _decompressed(raw).read(tarfile.BLOCKSIZE)
        except _DAMAGE:
            # A file that was packed but is no archive is left as it is, damaged or not.
            if named:
                raise
            return None
    return "tar" if named or header[257:262] == b"ustar" else None


def _decompressed(raw: IO[bytes]) -> Any:
    start = raw.read(6)
    raw.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(raw)
    if start.startswith(b"BZh"):
        return bz2.open(raw)
    return lzma.open(raw) if start == b"\xfd7zXZ\x00" else raw


class _Counted:
    """A stream of which all is counted that is read."""

    def __init__(self, stream: IO[bytes], count: Callable[[int], None]) -> None:
        self._stream, self._count = stream, count

    def read(self, size: int) -> bytes:
        block = self._stream.read(size)
        self._count(len(block))
        return block

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _zip_members(raw: IO[bytes], count: Callable[[int], None]) -> Iterator[Member]:
    with zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            form = stat.S_IFMT(info.external_attr >> 16)

            def open_(info: zipfile.ZipInfo = info) -> _Counted:
                return _Counted(archive.open(info), count)

            if form == stat.S_IFLNK:
                with open_() as file:
                    target = file.read(_LONGEST_TARGET).decode()
                yield Member(info.filename, "link", open_, posixpath.join(posixpath.dirname(info.filename), target))
            elif form in (0, stat.S_IFREG, stat.S_IFDIR):
                # Not is_dir(), which takes it for granted that there is a name.
                yield Member(info.filename, "folder" if info.filename.endswith("/") else "file", open_)
            else:
                yield Member(info.filename, "a device or pipe", open_)


class _Header(tarfile.TarInfo):
    """A header that is refused where tarfile would take a damaged one for the end, or never come to an end itself."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) == tarfile.BLOCKSIZE and not any(buf):
            return super().frombuf(buf, encoding, errors)  # raises what tells the end
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error
        if header.size < 0 or (header.size > _LONGEST_EXTENSION and not (header.isreg() or header.isdir())):
            raise tarfile.ReadError(f"a header of {header.size} bytes")
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("a file with holes")
        return header

    def _proc_pax(self, tarfile_: Any) -> Any:
        """Check an extension before tarfile reads it: its pattern is lax, and searches in a time that is a square."""
        stream = tarfile_.fileobj
        body = stream.read(self._block(self.size))  # type: ignore[attr-defined]
        _check_records(body[: self.size].rstrip(b"\0"))
        tarfile_.fileobj = _ReadAgain(body, stream)
        try:
            return super()._proc_pax(tarfile_)  # type: ignore[misc]
        finally:
            tarfile_.fileobj = stream


class _ReadAgain:
    """A stream whose last block is read once more."""

    def __init__(self, block: bytes, stream: Any) -> None:
        self._block, self._stream = block, stream

    def read(self, size: int) -> bytes:
        block, self._block = self._block, b""
        return block or self._stream.read(size)

    def tell(self) -> int:
        return self._stream.tell()


def _check_records(body: bytes) -> None:
    """Expect records, each of which tells its length: ``<bytes> <key>=<value>`` and a line feed."""
    if max(map(len, re.findall(rb"\d+", body)), default=0) > _LONGEST_NUMBER:
        raise tarfile.ReadError("a header with a number without end")
    place = 0
    while place < len(body):
        begin = _RECORD.match(body, place)
        end = place + int(begin[1]) if begin else 0
        if begin is None or begin.end() >= end or body[end - 1 : end] != b"\n":
            raise tarfile.ReadError(f"a header that is none at byte {place}")
        if begin[2].startswith(b"GNU.sparse."):
            raise tarfile.ReadError("a file with holes")
        place = end


def _tar_members(raw: IO[bytes], count: Callable[[int], None]) -> Iterator[Member]:
    stream: Any = _Counted(_decompressed(raw), count)
    with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK, tarinfo=_Header) as archive:
        while info := archive.next():
            archive.members.clear()  # type: ignore[attr-defined]  # or it would keep all headers

            def open_(info: tarfile.TarInfo = info) -> Any:
                return archive.extractfile(info)

            if info.issym():
                target = posixpath.join(posixpath.dirname(info.name), info.linkname)
                yield Member(info.name, "link", open_, target)
            elif info.islnk():
                yield Member(info.name, "link", open_, info.linkname)
            elif info.isreg() or info.isdir():
                yield Member(info.name, "file" if info.isreg() else "folder", open_)
            else:
                yield Member(info.name, "a device or pipe", open_)
    # The checksum of what is packed stands at its end.
    while stream.read(_BLOCK):
        pass
