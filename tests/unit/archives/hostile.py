"""Hostile and damaged downloads, byte by byte: small, made to fill memory or disk, to reach files, never to end."""

import bz2
import gzip
import lzma
import random
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator

from tests.unit.archives.made import member, tar, tar_of, with_mode, zip_of

ZEROS = bytes(8 << 20)
GOOD = {"splits/items_index_train_X.tsv": b"S1\nS2\n", "notes.txt": b"la la la\n" * 200}

NAMES = {
    "nothing": "",
    "a dot": ".",
    "the root": "/",
    "the parent": "..",
    "of the system": "/etc/passwd",
    "two slashes": "//x",
    "beside": "../secret",
    "beside, by a detour": "a/../../secret",
    "of Windows": "C:\\x",
    "back slashes": "..\\..\\secret",
    "a tab": "a\tb/items_index_train_X.tsv",
    "a line end": "a\nb/items_index_train_X.tsv",
    "a carriage return": "a\rb/items_index_train_X.tsv",
    "a rubout": "a\x7f/items_index_train_X.tsv",
    "an escape": "\x1b[2J/items_index_train_X.tsv",
    "a zero": "a\0b",
    "only spaces": "   ",
    "a slash at its end": "a/",
    "of the shell": "$(touch secret)`id`;*",
    "an option": "--exclude=*",
    "backwards": "\u202ecod.exe",
    "241 bytes": "x" * 241,
    "256 bytes": "x" * 256,
    "letters of more bytes": "é" * 125,
    "5000 bytes": "x" * 5000,
    "60 000 bytes": "x" * 60_000,
    "65 folders": "d/" * 65 + "x",
    "30 000 folders": "d/" * 30_000 + "x",
    "paths of 2000 bytes": ("d" * 200 + "/") * 10 + "x",
}


def archives(secret: str) -> Iterator[tuple[str, str, bytes]]:
    """Give a title, the name of the download, and its bytes; `secret` is a file that is not to be read."""
    for title, name in NAMES.items():
        yield f"TAR, name: {title}", "a.tar", tar(member(name, b"1"))
        yield f"folder in TAR, name: {title}", "a.tar", tar(member(name, type=tarfile.DIRTYPE))
        yield f"ZIP, name: {title}", "a.zip", zip_of((named(name), b"1"))
    yield "TAR, name that is not UTF-8", "a.tar", tar(member("\udcff", b"1"), form=tarfile.GNU_FORMAT)
    yield "ZIP, name that is not UTF-8", "a.zip", zip_of(("ä", b"1")).replace("ä".encode(), b"\xff\xff")
    yield from links(secret)
    yield from headers()
    yield from directories()
    yield from bombs()
    yield from mutations()


def named(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = name  # as it is
    return info


def links(secret: str) -> Iterator[tuple[str, str, bytes]]:
    targets = {
        "a secret": secret, "the parent": "..", "beside": "../../secret", "itself": "link", "a folder": "folder",
        "nothing": "", "60 000 bytes": "x" * 60_000, "a tab": "a\tb", "30 000 folders": "../" * 20_000 + "x",
    }  # fmt: skip
    for title, target in targets.items():
        for kind, type_ in (("symbolic", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE)):
            data = tar(member("folder/x", b"1"), member("link", type=type_, linkname=target))
            yield f"a {kind} link to {title}", "a.tar", data
            through = tar(member("link", type=type_, linkname=target), member("link/x", b"1"))
            yield f"a file through a {kind} link to {title}", "a.tar", through
        yield f"a link in a ZIP to {title}", "a.zip", zip_of((with_mode("link", stat.S_IFLNK), target.encode()))
    yield "a link in a ZIP to what is not UTF-8", "a.zip", zip_of((with_mode("link", stat.S_IFLNK), b"\xff"))
    chain = [member(str(n), type=tarfile.SYMTYPE, linkname=str(n + 1)) for n in range(1000)]
    yield "1000 links in a chain", "a.tar.gz", gzip.compress(tar(*chain, member("1000", b"1")), 1)
    yield (
        "1000 links in a circle",
        "a.tar.gz",
        gzip.compress(tar(*chain, member("1000", type=tarfile.SYMTYPE, linkname="0")), 1),
    )
    kinds = {"character": stat.S_IFCHR, "block": stat.S_IFBLK, "pipe": stat.S_IFIFO, "socket": stat.S_IFSOCK}
    for title, mode in kinds.items():
        yield f"a device in a ZIP: {title}", "a.zip", zip_of((with_mode("x", mode), b""))
    for type_ in (
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.CONTTYPE,
        b"S",
        b"M",
        b"V",
        b"?",
        b"\xff",
    ):
        yield f"a TAR with the type {type_!r}", "a.tar", tar(member("x", type=type_))


def extended(*bodies: bytes, type_: bytes = tarfile.XHDTYPE, then: bytes = b"") -> bytes:
    """Make a TAR that begins with extensions."""
    extensions = b"".join(block(member("p", body, type=type_)) for body in bodies)
    return extensions + (then or tar(member("x", b"1")))


def block(what: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Make a header and its data as they stand in a TAR, without its end."""
    info, data = what
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)


def record(key: bytes, value: bytes) -> bytes:
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


def with_size(size: bytes, type_: bytes = b"0") -> bytes:
    """Make a TAR whose header states a size that is written as it is."""
    data = bytearray(tar(member("x", b"1", type=type_)))
    data[124:136] = size
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def headers() -> Iterator[tuple[str, str, bytes]]:
    """Give headers of TAR."""
    extensions = {
        "60 000 digits": b"1" * 60_000,
        "a million digits": b"1" * 1_000_000,
        "many digits in a value": record(b"comment", b"1" * 60_000),
        "records within each other": b"3 x" * 20_000 + b"=",
        "records of no length": b"0 a=b\n" * 100,
        "a record of an endless length": b"9" * 5000 + b" a=b\n",
        "a record that is too long": b"999999 a=b\n",
        "a record without a value": b"6 abc\n",
        "a record without a key": b"6 =ab\n",
        "a record of signs": b"\xff\xfe\xfd",
        "a size below 0": record(b"size", b"-512"),
        "a size beyond everything": record(b"size", b"9" * 40),
        "a size that is none": record(b"size", b"x"),
        "a charset that is none": record(b"hdrcharset", b"nonsense") + record(b"path", b"\xff"),
        "a path with a tab": record(b"path", b"a\tb"),
        "a path with a zero": record(b"path", b"a\0b"),
        "a path that leads out": record(b"path", b"../../secret"),
        "a path of 60 000 bytes": record(b"path", b"x" * 60_000),
        "a path of 30 000 folders": record(b"path", b"d/" * 30_000),
        "a time that is none": record(b"mtime", b"nan") + record(b"uid", b"inf"),
        "holes of the form 0.1": record(b"GNU.sparse.map", b"0,1,4,1") + record(b"GNU.sparse.size", b"99999999999"),
        "holes of the form 0.0": record(b"GNU.sparse.offset", b"0") + record(b"GNU.sparse.numbytes", b"1"),
        "holes of the form 1.0": record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.minor", b"0"),
        "many keys": b"".join(record(b"k%d" % n, b"v") for n in range(5000)),
    }
    for title, body in extensions.items():
        yield f"PAX: {title}", "a.tar.gz", gzip.compress(extended(body))
        yield f"PAX for all: {title}", "a.tar.gz", gzip.compress(extended(body, type_=tarfile.XGLTYPE))
    holes = b"1000000000\n" + b"1\n" * 3_000_000
    sparse = extended(extensions["holes of the form 1.0"], then=tar(member("x", holes)))
    yield "a map of holes without end", "a.tar.gz", gzip.compress(sparse)
    yield "2000 extensions in a row", "a.tar.gz", gzip.compress(extended(*[record(b"a", b"b")] * 2000))
    many = extended(*[record(b"comment", b"x" * 60_000)] * 1000)
    yield "1000 long extensions in a row", "a.tar.gz", gzip.compress(many)
    for type_ in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
        for length in (1000, 60_000, 2 << 20):
            data = extended(b"x/" * (length // 2), type_=type_)
            yield f"GNU {type_!r} of {length} bytes", "a.tar.gz", gzip.compress(data)
        yield f"GNU {type_!r} 500 times", "a.tar.gz", gzip.compress(extended(*[b"x" * 60_000] * 500, type_=type_))
        yield f"GNU {type_!r} before the end", "a.tar", extended(b"x", type_=type_, then=bytes(1024))
    sizes = {
        "below 0": b"\xff" * 12, "beyond any file": b"\x80" + b"\x7f" * 11, "2 ** 62": b"\x80\0\0\0@" + bytes(7),
        "no number": b"xxxxxxxxxxx ", "only spaces": b" " * 12,
    }  # fmt: skip
    for title, size in sizes.items():
        for type_ in (b"0", b"5", b"x", b"g", b"L", b"?", b"2"):
            yield f"a size {title} of the type {type_!r}", "a.tar", with_size(size, type_)


def patched(data: bytes, where: bytes, offset: int, new: bytes) -> bytes:
    """Change bytes behind the first place of some others."""
    place = data.index(where) + offset
    return data[:place] + new + data[place + len(new) :]


def directories() -> Iterator[tuple[str, str, bytes]]:
    """Give directories and headers of ZIP."""
    good = zip_of(*GOOD.items())
    end, entry, local = b"PK\5\6", b"PK\1\2", b"PK\3\4"
    for title, where, offset, new in (
        ("more entries than there are", end, 8, b"\xff\xff\xff\xff"),
        ("a directory that is too long", end, 12, b"\xff\xff\xff\x7f"),
        ("a directory that begins later", end, 16, b"\xff\xff\xff\x7f"),
        ("a directory that begins elsewhere", end, 16, b"\x07\0\0\0"),
        ("a comment that is too long", end, 20, b"\xff\xff"),
        ("another disk", end, 4, b"\x07\0\x07\0"),
        ("a newer version", entry, 6, b"\xff\0"),
        ("an unknown method", entry, 10, b"\x63\0"),
        ("another method", entry, 10, b"\x0c\0"),
        ("LZMA where there is none", entry, 10, b"\x0e\0"),
        ("a size of packed bytes beyond the file", entry, 20, b"\xff\xff\xff\x7f"),
        ("no packed bytes", entry, 20, b"\0\0\0\0"),
        ("a size beyond the file", entry, 24, b"\xff\xff\xff\x7f"),
        ("a name that is too long", entry, 28, b"\xff\xff"),
        ("no name", entry, 28, b"\0\0"),
        ("further fields that are too long", entry, 30, b"\xff\xff"),
        ("a comment of a member that is too long", entry, 32, b"\xff\xff"),
        ("a member that begins in the directory", entry, 42, b"\xff\x01\0\0"),
        ("a member that begins beyond the file", entry, 42, b"\xff\xff\xff\x7f"),
        ("another name in front of the member", local, 30, b"S"),
        ("an encrypted member", entry, 8, b"\x01\0"),
        ("a member of patches", entry, 8, b"\x20\0"),
        ("names of UTF-8 that are none", entry, 8, b"\0\x08"),
        ("a wrong checksum", entry, 16, b"\1\2\3\4"),
        ("a month of 15", entry, 14, b"\xff\xff"),
        ("a device", entry, 38, b"\xff\xff\xff\xff"),
    ):
        yield f"ZIP: {title}", "a.zip", patched(good, where, offset, new)
    for title, place in (("far away", 2**64 - 1), ("at half of everything", 2**63), ("behind the end", 2**40)):
        yield f"ZIP of 64 bits: a member {title}", "a.zip", with_wide_place(place)
    yield "ZIP: only its end", "a.zip", good[good.index(end) :]
    yield "ZIP: something in front of it", "a.zip", b"PK\3\4" + bytes(1000) + good
    yield "ZIP: half of it", "a.zip", good[: len(good) // 2]
    yield "ZIP: one member, ten thousand names", "a.zip", overlapping(10_000)
    yield "ZIP: 1000 members of nothing", "a.zip", zip_of(*((str(n), b"") for n in range(1000)))
    with warnings.catch_warnings(action="ignore"):
        yield "ZIP: two of one name", "a.zip", zip_of(("x", b"1"), ("x", b"2"))
    yield "ZIP: file and folder at once", "a.zip", zip_of(("x", b"1"), ("x/y", b"2"))


def with_wide_place(place: int) -> bytes:
    """Make a ZIP whose only member begins at a place of 64 bits."""
    good = zip_of(("x", b"la la la"))
    start = good.index(b"PK\1\2")
    wide = struct.pack("<HHQ", 1, 8, place)
    entry = bytearray(good[start : start + 47])
    entry[30:32], entry[42:46] = struct.pack("<H", len(wide)), b"\xff\xff\xff\xff"
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(wide), start, 0)
    return good[:start] + bytes(entry) + wide + end


def overlapping(number: int) -> bytes:
    """Make a ZIP of which many members have the same bytes: it unpacks to far more than it is."""
    good = zip_of(("00000", bytes(1 << 20)))
    start, stop = good.index(b"PK\1\2"), good.index(b"PK\5\6")
    entries = b"".join(good[start:stop].replace(b"00000", b"%05d" % n) for n in range(number))
    return good[:start] + entries + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, number, number, len(entries), start, 0)


def bombs() -> Iterator[tuple[str, str, bytes]]:
    """Give what unpacks to far more than it is."""
    full = tar_of({"x": ZEROS})
    for title, name, pack in (("gzip", "a.tgz", gzip.compress), ("bzip2", "a.tar.bz2", bz2.compress)):
        yield f"a bomb of {title}", name, pack(full, 1)
        yield f"a bomb of {title} behind the end", name, pack(tar_of(GOOD) + ZEROS, 1)
        yield f"a bomb of {title} that is no TAR", name, pack(ZEROS, 1)
    yield "a bomb of xz", "a.tar.xz", lzma.compress(full, preset=0)
    yield "a bomb of xz that needs 4 GB", "a.tar.xz", with_dictionary(lzma.compress(full, preset=0))
    for title, method in (("deflate", 8), ("bzip2", 12), ("LZMA", 14)):
        yield f"a bomb of {title} in a ZIP", "a.zip", zip_of(("x", ZEROS), packed=method)
    yield "a ZIP in a ZIP", "a.zip", zip_of(("a.zip", zip_of(("x", ZEROS))))
    yield "a GZIP in a GZIP", "a.tar.gz", gzip.compress(gzip.compress(full, 1))
    empty = b"".join(block(member(f"{n:x}")) for n in range(1000))
    yield "1000 empty files", "a.tar.gz", gzip.compress(empty + bytes(1024), 1)
    copies = [member(f"{n:x}", type=tarfile.LNKTYPE, linkname="x") for n in range(300)]
    yield "a file of 300 names", "a.tar.gz", gzip.compress(tar(member("x", ZEROS[: 1 << 20]), *copies), 1)


def with_dictionary(data: bytes) -> bytes:
    """Have an XZ ask for the largest dictionary that there is."""
    length = (data[12] + 1) * 4
    header = bytearray(data[12 : 12 + length - 4])
    header[header.index(b"\x21\x01") + 2] = 40
    return data[:12] + bytes(header) + struct.pack("<I", zlib.crc32(bytes(header))) + data[12 + length :]


def mutations() -> Iterator[tuple[str, str, bytes]]:
    """Give good archives in which some bytes are others, some are missing, or some are double."""
    rng = random.Random(7)  # noqa: S311
    good = {
        "a.zip": zip_of(*GOOD.items()),
        "a.tar": tar_of(GOOD),
        "b.tar": tar_of(GOOD | {"d" * 150: b"1"}, tarfile.GNU_FORMAT),
        "c.tar": tar_of(GOOD | {"ä" * 90: b"1"}),
        "a.tgz": gzip.compress(tar_of(GOOD), mtime=0),
        "a.tar.bz2": bz2.compress(tar_of(GOOD)),
        "a.tar.xz": lzma.compress(tar_of(GOOD)),
    }
    for name, data in good.items():
        for number, damaged in enumerate(damages(rng, data, 15)):
            yield f"{name}, damaged {number}", name, damaged


def damages(rng: random.Random, data: bytes, number: int) -> Iterator[bytes]:
    """Damage bytes in several ways."""
    for _ in range(number):
        damaged = bytearray(data)
        for _ in range(rng.choice([1, 1, 2, 8])):
            place = rng.randrange(len(damaged))
            how = rng.randrange(5)
            if how < 3:
                damaged[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
            elif how == 3:
                del damaged[place : place + rng.randrange(1, 64)]
            else:
                damaged[place:place] = damaged[place : place + rng.randrange(1, 64)]
            if not damaged:
                break
        yield bytes(damaged)
