"""Why the raw file of an item cannot be read, as far as its name tells."""

import unicodedata
from pathlib import Path


def why_missing(path: Path) -> str:
    """Say why a path is not that of a file: nothing is there, a folder, or a file whose name only looks the same."""
    if path.is_dir():
        return f"{path} is a folder, not a file"
    for form in ("NFC", "NFD"):
        alike = unicodedata.normalize(form, str(path))
        # Letters with accents are one character or two; a table and a disk need not agree.
        if alike != str(path) and Path(alike).exists():
            return (
                f"{path} does not exist, but looks like a file whose name is in the form {form} of Unicode; rename it"
            )
    return f"{path} does not exist"
