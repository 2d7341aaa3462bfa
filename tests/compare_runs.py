"""Compare what two clones have made, after a change that must not change results.

    python tests/compare_runs.py <clone before> <clone after>

Every file of data/ and results/ is to be there in both, with the same bytes, except for what tells of the code or of
time: the fingerprint in a result, seconds in a table, Snakemake's report, the page, and the picture of the rules.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

SECONDS = re.compile(r"s/epoch|epoch_seconds")
# Snakemake writes times into its report; the rules are drawn as they are, on the page too.
NOT_COMPARED = re.compile(r"(report|index)\.html|figures/chain\.(png|svg|tsv)")


def files(clone: Path) -> set[str]:
    """List what a clone has made, with the raw files that it has fetched or synthesised."""
    found = {path for folder in ("data", "results") for path in (clone / folder).rglob("*") if path.is_file()}
    return {str(path.relative_to(clone)) for path in found} - {"data/README.md"}


def content(path: Path) -> object:
    """Read what must be the same: a digest, or the value of a result or table without what may differ."""
    if path.suffix == ".json" and path.parts[-3] == "results":
        result = json.loads(path.read_text(encoding="utf-8"))
        return {**result, "provenance": {**result["provenance"], "code": ""}}
    if path.name in ("table.tsv", "table.md") and path.parent.name != "figures":
        separator = "\t" if path.suffix == ".tsv" else "|"
        rows = path.read_text(encoding="utf-8").split("\n")
        lines = [re.split(rf" *{re.escape(separator)} *", row) for row in rows]
        head = next(line for line in lines if any(SECONDS.fullmatch(cell) for cell in line))
        apart = [number for number, cell in enumerate(head) if SECONDS.fullmatch(cell)]
        return [
            [re.sub(r"^-+$", "-", cell) for number, cell in enumerate(line) if number not in apart] for line in lines
        ]
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(before: Path, after: Path) -> int:
    """Print what differs; return how many files do."""
    one, other = files(before), files(after)
    for name in sorted(one ^ other):
        print(f"only in {before if name in one else after}: {name}")
    common = sorted(name for name in one & other if not NOT_COMPARED.search(name))
    differing = [name for name in common if content(before / name) != content(after / name)]
    for name in differing:
        print(f"differs: {name}")
    print(f"{len(common)} files compared, {len(differing)} differ, {len(one ^ other)} are in one clone only")
    return len(differing) + len(one ^ other)


if __name__ == "__main__":
    sys.exit(min(main(*map(Path, sys.argv[1:3])), 1))
