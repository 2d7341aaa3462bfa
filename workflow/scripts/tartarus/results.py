"""Result files: what was measured, on what, from which inputs, by which code."""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tartarus.config import SETS, validate
from tartarus.files import sha256

# The packages whose version can change a figure.
PACKAGES = (
    "gensim",
    "h5py",
    "keras",
    "librosa",
    "numpy",
    "scikit-learn",
    "scipy",
    "soundfile",
    "soxr",
    "tensorflow",
    "tensorflow-cpu",
)


def count_items(
    index: Mapping[str, Sequence[str]],
    used: Mapping[str, Sequence[Sequence[str]]],
    statuses: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Count the items that an experiment used, and why others were left out.

    Parameters
    ----------
    index : mapping
        Set to all its ids.
    used : mapping
        Set to the ids of every input; an item is used if all inputs have it.
    statuses : mapping
        Item to its statuses, one for each kind of raw file, as in `tartarus.statuses`.

    Returns
    -------
    dict
        `train`, `val`, `test`: items used. `left_out`: reason to number. `noted`: oddity to number of items
        used in spite of it.
    """
    counts: dict[str, Any] = {}
    left_out: Counter[str] = Counter()
    noted: Counter[str] = Counter()
    for set_ in SETS:
        everywhere = set(index[set_]).intersection(*map(set, used[set_]))
        counts[set_] = len(everywhere)
        for id_ in index[set_]:
            odd = [status for status in statuses.get(id_, ()) if status != "ok"]
            if id_ in everywhere:
                noted.update(odd)
            else:
                left_out[next((status for status in odd if status not in ("silent", "empty")), "missing")] += 1
    return {**counts, "left_out": dict(sorted(left_out.items())), "noted": dict(sorted(noted.items()))}


def versions() -> dict[str, str]:
    """Look up the installed versions of `PACKAGES`."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def provenance(settings: Mapping[str, Any], inputs: Sequence[str], code: str) -> dict[str, Any]:
    """Write down where a result comes from: settings, SHA-256 of the inputs, versions, fingerprint of the code."""
    return {
        "settings": dict(settings),
        "inputs": {path: sha256(path) for path in sorted(set(inputs))},
        "versions": versions(),
        "code": code,
    }


def check(result: Mapping[str, Any], source: str) -> None:
    """Check a result against its schema; TartarusError names what is wrong."""
    validate(result, "result", source=source)
