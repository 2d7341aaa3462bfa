"""Unpacking of published archives: whole or not at all, and nothing outside the folder that it goes into."""

import os
import posixpath
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from tartarus.archives.json_archives import holds_json
from tartarus.archives.members import Member, kind_of, members_of, telling_damaged_archive
from tartarus.archives.records import MANIFEST, read_manifest
from tartarus.base.errors import TartarusError, telling_damage
from tartarus.base.files import fits_in_table, sha256, telling_full_disk, temporary, visible_files
from tartarus.base.logs import log, progress
from tartarus.items.fetch import link_or_copy

_BLOCK = 1 << 18  # bytes
_LONGEST_NAME = 240  # bytes; file systems take 255, and a temporary name is longer
_LONGEST_PATH = 1024  # bytes; systems take 4096, with the folder that it goes into
_DEEPEST_PATH = 64  # folders within folders
_STEP = 1 << 20  # packed bytes, between two steps of the progress
_SMALL = 1 << 20  # unpacked bytes that are no bomb, however well they were packed


@dataclass
class _Guard:
    """What has been unpacked, and whether it may go on."""

    limits: Mapping[str, float]
    archive: Path = Path()
    member: str = ""  # the last of this archive
    packed: int = 0  # bytes of this archive
    unpacked: int = 0  # bytes from this archive
    all_unpacked: int = 0  # bytes from all archives
    members: int = 0  # of all archives
    taken: dict[str, str] = field(default_factory=dict)  # path in this archive: kind

    def begin(self, archive: Path) -> None:
        self.archive, self.packed, self.unpacked = archive, archive.stat().st_size, 0
        self.member, self.taken = "", {"": "folder"}

    def error(self, what: str, remedy: str = "") -> TartarusError:
        remedy = (
            remedy
            or f"if you trust the archive, pack it anew without that and put it, with its {MANIFEST}, into the mirror"
        )
        name = self.member if len(self.member) <= _LONGEST_NAME else f"{self.member[:_LONGEST_NAME]}..."
        return TartarusError(f"{self.archive}: member {name!r}: {what}; {remedy}. Nothing was unpacked")

    def count_bytes(self, number: int) -> None:
        self.unpacked += number
        self.all_unpacked += number
        if self.all_unpacked > self.limits["gigabytes"] * 1e9:
            raise self._exceeded("gigabytes", "GB unpacked, all archives together")
        if self.unpacked > max(self.limits["ratio"] * self.packed, _SMALL):
            raise self._exceeded("ratio", "times the size of the archive")

    def _exceeded(self, key: str, unit: str) -> TartarusError:
        remedy = f"if you trust the archive, raise the limit (archives: unpack: {key}: in config.yaml)"
        return self.error(f"more than {self.limits[key]} {unit}", remedy)

    def claim(self, member: Member) -> str:
        """Tell where a member goes, relative to the archive's folder, if it may go there."""
        self.member, self.members = member.name, self.members + 1
        if self.members > self.limits["files"]:
            raise self._exceeded("files", "members of all archives")
        if not fits_in_table(member.name):
            raise self.error("control characters or bytes that are not UTF-8; expected names that fit into a table")
        if "\\" in member.name or re.match(r"[A-Za-z]:", member.name):
            raise self.error("a Windows path; expected folders parted by '/'")
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if member.name.startswith("/") or ".." in parts:
            raise self.error("the path leads out of the folder")
        if member.kind not in ("file", "folder", "link"):
            raise self.error(f"{member.kind}; expected files, folders and links")
        if not parts and member.kind != "folder":
            raise self.error("no name; expected the name of a file")
        if max((len(part.encode()) for part in parts), default=0) > _LONGEST_NAME:
            raise self.error(f"a name of more than {_LONGEST_NAME} bytes, more than file systems take")
        path = "/".join(parts)
        if len(path.encode()) > _LONGEST_PATH or len(parts) > _DEEPEST_PATH:
            raise self.error(f"a path of more than {_LONGEST_PATH} bytes or {_DEEPEST_PATH} folders")
        for parent in accumulate(parts[:-1], "{}/{}".format):
            if self.taken.setdefault(parent, "folder") != "folder":
                raise self.error(f"{parent!r} is a file and a folder at once")
        if self.taken.get(path, member.kind) != member.kind or (path in self.taken and member.kind != "folder"):
            raise self.error("two members have this path")
        self.taken[path] = member.kind
        return path


def unpack(
    downloads: str | Path,
    manifest: str | Path,
    folder: str | Path,
    *,
    limits: Mapping[str, float],
    json_stays_packed: bool = False,
) -> None:
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
        size of each archive that unpacks to more than a mebibyte). They are held against the bytes that come out,
        of TAR with its headers, and of each link with its file, not against what the archive states.
    json_stays_packed : bool
        Whether archives of JSON files are linked or copied too, instead of being unpacked.

    Raises
    ------
    TartarusError
        If an archive or the manifest is damaged, a member would go outside the folder, is neither file, folder nor a
        link to a file of the archive, has a name that no system or table takes, or lands where another is, if a limit
        is exceeded or the disk is full. A former folder stays then as it was.
    """
    folder, guard = Path(folder), _Guard(limits)
    with telling_damage(Path(manifest), "not a manifest", "fetch the archive again, or mend it in the mirror"):
        files = read_manifest(manifest)["files"]
    paths = [Path(downloads) / file["name"] for file in files]
    for file in files:
        if not fits_in_table(file["name"]) or len(file["name"].encode()) > _LONGEST_NAME:
            raise TartarusError(
                f"{manifest}: {file['name'][:_LONGEST_NAME]!r}: a name with control characters or of more than "
                f"{_LONGEST_NAME} bytes; rename it in the mirror, and in its {MANIFEST}"
            )
    for path, file in zip(paths, files, strict=True):
        if not path.is_file() or path.stat().st_size != file["bytes"]:
            raise TartarusError(
                f"{path}: not there with the {file['bytes']} bytes of {manifest}; remove that and fetch"
            )
    part = temporary(folder)
    for former in folder.parent.glob(f".{folder.name}.*.part"):  # of runs that were killed
        shutil.rmtree(former, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        steps = (step for path in paths for step in _put(path, part / path.name, guard, json_stays_packed))
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
    """Find files of a folder, as `visible_files` goes through it, however deep it is nested.

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
    for path in sorted(path for path in visible_files(folder) if path.name in names):
        alike = found.setdefault(path.name, [])
        if not any(path.stat().st_size == other.stat().st_size and sha256(path) == sha256(other) for other in alike):
            alike.append(path)
    return found


def _put(path: Path, target: Path, guard: _Guard, json_stays_packed: bool) -> Iterator[None]:
    """Unpack an archive, or link any other file; yield once for every step of the progress, at the end at least."""
    steps = path.stat().st_size // _STEP + 1
    with telling_damaged_archive(path):
        kind = None if json_stays_packed and holds_json(path) else kind_of(path)
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
    links: dict[str, str] = {}
    folder.mkdir()
    for member in members:
        path = guard.claim(member)
        if member.kind == "folder":
            (folder / path).mkdir(parents=True, exist_ok=True)
        elif member.kind == "link":
            links[path] = posixpath.normpath(member.target)
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with member.open() as source, telling_full_disk(folder / path), (folder / path).open("xb") as file:
                while block := source.read(_BLOCK):
                    file.write(block)
                    yield
            (folder / path).chmod(0o644)
    _link_all(links, folder, guard)


def _link_all(links: dict[str, str], folder: Path, guard: _Guard) -> None:
    """Give the files that links point at, perhaps by way of other links, these names too."""
    for path, target in links.items():
        passed, end = {path}, target
        while end in links and end not in passed:
            passed.add(end)
            end = links[end]
        # No way is gone twice: a chain of many links would take a time that is their square.
        links.update(dict.fromkeys(passed, end))
        guard.member = path
        # Not through the file system: what a path means is decided by the archive alone.
        if guard.taken.get(end) != "file":
            raise guard.error(f"a link to {target[:_LONGEST_NAME]!r}, which is no file of the archive")
        # Where a file has no second name, it is copied.
        guard.count_bytes((folder / end).stat().st_size)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(folder / end, folder / path)
