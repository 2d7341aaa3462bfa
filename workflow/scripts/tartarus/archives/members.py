"""Reading the members of archives: ZIP, and TAR that may be packed by gzip, bzip2 or xz."""

import bz2
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
_LONGEST_EXTENSION = 1 << 20  # bytes of a header's extension, which is held in memory
_LONGEST_TARGET = 4096  # bytes of a link's target
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
    OSError,  # gzip and bzip2
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
        Opens a file for reading. Of TAR, only before the next member is asked for.
    target : str
        What a link points at, from the archive's root: not to be trusted.
    """

    name: str
    kind: str
    open: Callable[[], Any]
    target: str = ""


def members_of(raw: IO[bytes], kind: str, count: Callable[[str, int], None]) -> Iterator[Member]:
    """Go through an archive.

    Parameters
    ----------
    raw : file
        The archive, opened for reading bytes.
    kind : {"zip", "tar"}
        From `kind_of`.
    count : callable
        Is told of bytes that were unpacked though they belong to no member, those after the last: ("", number).

    Yields
    ------
    Member
        In the order of the archive.
    """
    return _zip_members(raw) if kind == "zip" else _tar_members(raw, count)


@contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """Turn the errors of a damaged archive into a TartarusError that names it."""
    try:
        yield
    except _DAMAGE as error:
        # An error of the disk, not of what was read from it.
        if getattr(error, "errno", None) is not None:
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


def _zip_members(raw: IO[bytes]) -> Iterator[Member]:
    with zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            form = stat.S_IFMT(info.external_attr >> 16)

            def open_(info: zipfile.ZipInfo = info) -> IO[bytes]:
                return archive.open(info)

            if form == stat.S_IFLNK:
                with open_() as file:
                    target = file.read(_LONGEST_TARGET).decode()
                yield Member(info.filename, "link", open_, posixpath.join(posixpath.dirname(info.filename), target))
            elif form in (0, stat.S_IFREG, stat.S_IFDIR):
                yield Member(info.filename, "folder" if info.is_dir() else "file", open_)
            else:
                yield Member(info.filename, "a device or pipe", open_)


class _Header(tarfile.TarInfo):
    """A header that is refused where tarfile would take a damaged one for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) == tarfile.BLOCKSIZE and not any(buf):
            return super().frombuf(buf, encoding, errors)  # raises what tells the end
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error
        if not (header.isreg() or header.isdir()) and header.size > _LONGEST_EXTENSION:
            raise tarfile.ReadError(f"a header of {header.size} bytes")
        return header


def _tar_members(raw: IO[bytes], count: Callable[[str, int], None]) -> Iterator[Member]:
    stream = _decompressed(raw)
    with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK, tarinfo=_Header) as archive:
        for info in archive:

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
    while block := stream.read(_BLOCK):
        count("", len(block))
