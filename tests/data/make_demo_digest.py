"""Write demo.sha256: what a small world of DEMO must be on every machine, to the last bit.

One line for each kind of file: the SHA-256 of what

    find <kind> -type f | LC_ALL=C sort | xargs sha256sum

prints in the world's folder (for the tables: ``sha256sum gazetteer.tsv items.tsv plays.tsv``). To be run, with the
library on the path, only when DEMO is meant to change:

    PYTHONPATH=workflow/scripts python tests/data/make_demo_digest.py
"""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

WORLD: dict[str, Any] = {"tracks_per_artist": 2, "seconds": 2, "listeners": 10, "seed": 1}


def digests(folder: Path) -> dict[str, str]:
    """Compute the digest of every kind of file."""
    found = {
        kind: [path for path in (folder / kind).rglob("*") if path.is_file()] for kind in ("audio", "text", "image")
    }
    found["tables"] = [folder / name for name in ("gazetteer.tsv", "items.tsv", "plays.tsv")]
    return {kind: _digest(folder, paths) for kind, paths in found.items()}


def _digest(folder: Path, paths: list[Path]) -> str:
    names = sorted(path.relative_to(folder).as_posix() for path in paths)
    listing = "".join(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    return hashlib.sha256(listing.encode()).hexdigest()


if __name__ == "__main__":
    from tartarus.items import demo

    with tempfile.TemporaryDirectory() as folder:
        demo.write(folder, **WORLD)
        lines = [f"{digest}  {kind}\n" for kind, digest in digests(Path(folder)).items()]
    Path(__file__).with_name("demo.sha256").write_text("".join(lines), encoding="utf-8")
