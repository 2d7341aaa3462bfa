"""JSON files in archives that stay packed: a million of them would take a file system longer than their content."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tartarus.archives.members import kind_of, members_of, telling_damaged_archive

_PACKED = (".tar", ".bz2", ".gz", ".tbz2", ".tgz", ".txz", ".xz", ".zip")
_LARGEST = 1 << 23  # bytes of a file; those of AcousticBrainz have 60 000

# Where a file is, for messages; its name without its ending; its content.
File = tuple[str, str, bytes]


def holds_json(path: Path) -> bool:
    """Tell whether a file is an archive whose first file is a JSON file."""
    if not path.name.lower().endswith(_PACKED):
        return False
    kind = kind_of(path)
    if kind is None:
        return False
    with path.open("rb") as raw:
        members = members_of(raw, kind, lambda _: None)
        return next((member.name.endswith(".json") for member in members if member.kind == "file"), False)


def read_json_files(paths: Iterable[Path]) -> Iterator[File]:
    """Go through the JSON files among some files and in the archives among them; an archive is never unpacked.

    Yields
    ------
    place, name, content : str, str, bytes
        The name is without its ending. Content beyond 8 MiB is cut off.

    Raises
    ------
    TartarusError
        If an archive is damaged.
    """
    for path in paths:
        if path.suffix == ".json":
            with path.open("rb") as file:
                yield str(path), path.stem, file.read(_LARGEST)
            continue
        with telling_damaged_archive(path):
            if not holds_json(path):
                continue
            with path.open("rb") as raw:
                for member in members_of(raw, str(kind_of(path)), lambda _: None):
                    name = member.name.rsplit("/", 1)[-1]
                    if member.kind == "file" and name.endswith(".json"):
                        with member.open() as file:
                            yield f"{path}: {member.name}", name.removesuffix(".json"), file.read(_LARGEST)
