"""Unpacking of published archives: whole or not at all, and nothing outside the folder that it goes into."""

import os
import posixpath
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tartarus.archives.members import Member, kind_of, members_of, telling_damage
from tartarus.archives.records import MANIFEST, read_manifest
from tartarus.base.errors import TartarusError
from tartarus.base.files import sha256, telling_full_disk, temporary
from tartarus.base.logs import log, progress
from tartarus.items.fetch import link_or_copy

_BLOCK = 1 << 18  # bytes
_LONGEST_NAME = 240  # bytes; file systems take 255, and a temporary name is longer
_STEP = 1 << 20  # packed bytes, between two steps of the progress
_SMALL = 1 << 20  # unpacked bytes that are no bomb, however well they were packed


@dataclass
class _Guard:
    """What has been unpacked, and whether it may go on."""

    limits: Mapping[str, float]
    archive: Path = Path()
    packed: int = 0  # bytes of this archive
    unpacked: int = 0  # bytes from this archive
    all_unpacked: int = 0  # bytes from all archives
    members: int = 0  # of all archives
    taken: dict[PurePosixPath, str] = field(default_factory=dict)  # path in this archive: kind

    def begin(self, archive: Path) -> None:
        self.archive, self.packed, self.unpacked = archive, archive.stat().st_size, 0
        self.taken = {}

    def error(self, name: str, what: str, remedy: str = "") -> TartarusError:
        remedy = (
            remedy
            or f"if you trust the archive, pack it anew without that and put it, with its {MANIFEST}, into the mirror"
        )
        return TartarusError(f"{self.archive}: member {name!r}: {what}; {remedy}. Nothing was unpacked")

    def count_bytes(self, name: str, number: int) -> None:
        self.unpacked += number
        self.all_unpacked += number
        if self.all_unpacked > self.limits["gigabytes"] * 1e9:
            raise self._exceeded(name, "gigabytes", "GB unpacked, all archives together")
        if self.unpacked > max(self.limits["ratio"] * self.packed, _SMALL):
            raise self._exceeded(name, "ratio", "times the size of the archive")

    def count_member(self, name: str) -> None:
        self.members += 1
        if self.members > self.limits["files"]:
            raise self._exceeded(name, "files", "members of all archives")

    def _exceeded(self, name: str, key: str, unit: str) -> TartarusError:
        remedy = f"if you trust the archive, raise the limit (archives: unpack: {key}: in config.yaml)"
        return self.error(name, f"more than {self.limits[key]} {unit}", remedy)

    def claim(self, member: Member) -> PurePosixPath:
        """Tell where a member goes, relative to the archive's folder, if it may go there."""
        name, path = member.name, PurePosixPath(member.name)
        if "\\" in name or re.match(r"[A-Za-z]:", name):
            raise self.error(name, "a Windows path; expected folders parted by '/'")
        if path.is_absolute() or ".." in path.parts:
            raise self.error(name, "the path leads out of the folder")
        if member.kind not in ("file", "folder", "link"):
            raise self.error(name, f"{member.kind}; expected files, folders and links")
        if path == PurePosixPath() and member.kind != "folder":
            raise self.error(name, "no name; expected the name of a file")
        if max((len(part.encode()) for part in path.parts), default=0) > _LONGEST_NAME:
            raise self.error(name[:80], f"a name of more than {_LONGEST_NAME} bytes, more than file systems take")
        for parent in path.parents:
            if self.taken.setdefault(parent, "folder") != "folder":
                raise self.error(name, f"{str(parent)!r} is a file and a folder at once")
        if self.taken.get(path, member.kind) != member.kind or (path in self.taken and member.kind != "folder"):
            raise self.error(name, "two members have this path")
        self.taken[path] = member.kind
        return path


def unpack(downloads: str | Path, manifest: str | Path, folder: str | Path, *, limits: Mapping[str, float]) -> None:
    """Unpack every archive among the downloads, and link or copy the other files.

    An archive is unpacked into a folder of its own name, ``<folder>/<file>/``; ZIP and TAR (also packed by gzip,
    bzip2 or xz) are told by their content. All is gathered in a temporary folder, which is renamed at the end.

    Parameters
    ----------
    downloads : str or Path
        The folder of the files.
    manifest : str or Path
        The manifest that lists them, see `tartarus.archives.records`.
    folder : str or Path
        The folder to be made; a former one is replaced.
    limits : mapping
        ``gigabytes`` (of all that is unpacked), ``files`` (members of all archives) and ``ratio`` (unpacked to packed
        size of each archive that unpacks to more than a mebibyte). They are held against the bytes that are
        written, not against what the archive states.

    Raises
    ------
    TartarusError
        If an archive is damaged, a member would go outside the folder, is neither file, folder nor a link to a
        file of the archive, or lands where another is, if a limit is exceeded or the disk is full. A former
        folder stays then as it was.
    """
    folder, guard = Path(folder), _Guard(limits)
    files = read_manifest(manifest)["files"]
    paths = [Path(downloads) / file["name"] for file in files]
    for path, file in zip(paths, files, strict=True):
        if not path.is_file() or path.stat().st_size != file["bytes"]:
            raise TartarusError(
                f"{path}: not there with the {file['bytes']} bytes of {manifest}; remove that and fetch"
            )
    part = temporary(folder)
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        steps = (step for path in paths for step in _put(path, part / path.name, guard))
        total = sum(path.stat().st_size // _STEP + 1 for path in paths)
        for _ in progress(steps, total=total, what=f"unpacking into {folder}, MiB"):
            pass
        for place, _, _ in os.walk(part):
            Path(place).chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def find_files(folder: str | Path, names: Collection[str]) -> dict[str, list[Path]]:
    """Find files of a folder, however deep it is nested; hidden ones and those of ``__MACOSX`` do not count.

    Parameters
    ----------
    folder : str or Path
        Where to look.
    names : collection of str
        The names of the files that are looked for.

    Returns
    -------
    dict
        The file's name to its paths; of several files that are the same, the first in the order of the paths.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(path for path in _visible(Path(folder)) if path.name in names):
        alike = found.setdefault(path.name, [])
        if not any(path.stat().st_size == other.stat().st_size and sha256(path) == sha256(other) for other in alike):
            alike.append(path)
    return found


def _visible(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        yield from (Path(place) / name for name in names if not name.startswith("."))


def _put(path: Path, target: Path, guard: _Guard) -> Iterator[None]:
    """Unpack an archive, or link any other file; yield once for every step of the progress, at the end at least."""
    steps = path.stat().st_size // _STEP + 1
    with telling_damage(path):
        kind = kind_of(path)
        if kind:
            guard.begin(path)
            with path.open("rb") as raw:
                members = members_of(raw, kind, guard.count_bytes)
                for _ in _write_all(members, target, guard):
                    while steps > 1 and guard.packed - raw.tell() < (steps - 1) * _STEP:
                        steps -= 1
                        yield
            log.info("%s: %d bytes unpacked", path, guard.unpacked)
    if not kind:
        link_or_copy(path, target)
    yield from [None] * steps


def _write_all(members: Iterator[Member], folder: Path, guard: _Guard) -> Iterator[None]:
    """Write the members of an archive; yield after every block."""
    links = {}
    folder.mkdir()
    for member in members:
        guard.count_member(member.name)
        path = guard.claim(member)
        if member.kind == "folder":
            (folder / path).mkdir(parents=True, exist_ok=True)
        elif member.kind == "link":
            links[path] = posixpath.normpath(member.target)
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with member.open() as source, telling_full_disk(folder / path), (folder / path).open("xb") as file:
                while block := source.read(_BLOCK):
                    guard.count_bytes(member.name, len(block))
                    file.write(block)
                    yield
            (folder / path).chmod(0o644)
    _link_all(links, folder, guard)


def _link_all(links: dict[PurePosixPath, str], folder: Path, guard: _Guard) -> None:
    """Give the files that links point at, perhaps by way of other links, these names too."""
    for path, target in links.items():
        end, seen = PurePosixPath(target), {path}
        while end in links and end not in seen:
            seen.add(end)
            end = PurePosixPath(links[end])
        # Not through the file system: what a path means is decided by the archive alone.
        if guard.taken.get(end) != "file":
            raise guard.error(str(path), f"a link to {target!r}, which is no file of the archive")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(folder / end, folder / path)
