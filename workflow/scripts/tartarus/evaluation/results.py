"""Result files: what was measured, on what, from which inputs, by which code."""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tartarus.base.documents import read_json
from tartarus.base.errors import REMEDY, TartarusError, suggestion
from tartarus.base.files import sha256
from tartarus.evaluation.measures import NAMES
from tartarus.items.dividing import rows_of_set
from tartarus.items.statuses import KEPT, UNPLAYED
from tartarus.plan.kinds import SETS
from tartarus.plan.schemas import validate

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
    *,
    validation: str = "file",
) -> dict[str, Any]:
    """Count the items that an experiment used, and why others were left out.

    Parameters
    ----------
    index : mapping
        Set to all ids of the file that it is read from.
    used : mapping
        Set to the ids of every input; an item is used if all inputs have it.
    statuses : mapping
        Item to its statuses, one for each kind of raw file, as in `tartarus.items.statuses`.
    validation : str
        ``file``, or ``cut``: then `val` is cut from the training items, as in
        `tartarus.items.dividing.rows_of_set`, and what the cut leaves is counted as unused.

    Returns
    -------
    dict
        `train`, `val`, `test`: items used. `left_out`: reason to number. `noted`: oddity to number of items
        used in spite of it; ``unknown`` are ids of the inputs that are no items of their set, and not used.
    """
    counts: dict[str, Any] = {}
    left_out: Counter[str] = Counter()
    noted: Counter[str] = Counter()
    if validation == "cut":
        left_out["unused"] = len(index["train"]) - rows_of_set("val", len(index["train"]), validation="cut").stop
    # Already left out of the index, so that no model learns from them; features may well have them.
    unplayed = {id_ for id_, found in statuses.items() if UNPLAYED in found}.difference(*index.values())
    left_out[UNPLAYED] = len(unplayed)
    for set_ in SETS:
        ids = index[set_][rows_of_set(set_, len(index[set_]), validation=validation)]
        everywhere = set(ids).intersection(*map(set, used[set_]))
        noted["unknown"] += len(set().union(*used[set_]).difference(index[set_], unplayed))
        counts[set_] = len(everywhere)
        for id_ in ids:
            odd = [status for status in statuses.get(id_, ()) if status != "ok"]
            if id_ in everywhere:
                noted.update(odd)
            else:
                left_out[next((status for status in odd if status not in KEPT), "missing")] += 1
    return {**counts, "left_out": dict(sorted((+left_out).items())), "noted": dict(sorted((+noted).items()))}


def with_published(measured: Mapping[str, Any], published: Mapping[str, Any]) -> dict[str, Any]:
    """Put the published figures beside the measures.

    Parameters
    ----------
    measured : mapping
        With `measures`, as in a result file.
    published : mapping
        `source`, and `figures`: measure to figure; empty if nothing was published.
    """
    if not published:
        return dict(measured)
    figures = published["figures"]
    measures = {
        name: {**measure, "published": figures[name]} if name in figures else measure
        for name, measure in measured["measures"].items()
    }
    return {**measured, "measures": measures, "published_source": published["source"]}


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
    """Check a result against its schema, and the names of its measures; TartarusError names what is wrong."""
    validate(result, "result", source=source)
    unknown = sorted(set(result["measures"]) - set(NAMES))
    if unknown:
        raise TartarusError(f"{source}: measures: unknown '{unknown[0]}'; {suggestion(unknown[0], NAMES)}")


def read(path: str | Path) -> dict[str, Any]:
    """Read a result file; TartarusError if it is damaged, or is not what results of this version are."""
    result: dict[str, Any] = read_json(path, what="a result", remedy=REMEDY)
    try:
        check(result, str(path))
    except TartarusError as error:
        raise TartarusError(f"{error}. The file is damaged, or of another version: {REMEDY}") from None
    return result
