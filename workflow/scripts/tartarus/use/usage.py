"""What the use of a trained model needs, written down beside it.

Its front end, its vocabulary and what its features are the model itself carries. All else is here: its classes, their
thresholds, the models that lead to it, how long files are heard, and of every file that is read the checksum. What is
said of a file depends on nothing else: neither on a dataset nor on a configuration that have changed since.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.arrays import read_array
from tartarus.base.documents import read_json
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines, sha256, write_json
from tartarus.evaluation import evaluate, item_by_item
from tartarus.plan import chains
from tartarus.plan.config import Section
from tartarus.plan.feature_kinds import LAYER
from tartarus.plan.schemas import validate

# Of what a model may be given.
KINDS = {*(kind.name for kind in chains.FROM_A_FILE), chains.RECORDINGS, LAYER.name}


def write(path: str | Path, given: Mapping[str, Any], *, chain: Section, thresholds: Section, **told: Section) -> None:
    """Write down what the use of a model needs.

    Parameters
    ----------
    path : str or Path
        Where to.
    given : mapping
        Names the files of `tartarus.plan.given.truth_of_tags`.
    chain : dict
        As in `tartarus.plan.chains.chain`.
    thresholds : dict
        How they are chosen: options of `item_by_item.learned_cuts`.
    **told
        `windows`: `trim` and `hop`, see `tartarus.features.sound.patches.windows`; `computing`: what the backend is
        started with.
    """
    cuts = _thresholds(given, **thresholds)
    factors = read_array(given["class_factors"]) if given.get("class_factors") else None
    whole = {
        "classes": read_lines(given["classes"]),
        "thresholds": None if cuts is None else cuts.tolist(),
        "class_factors": None if factors is None else factors.tolist(),
        "chain": chain,
        # What is not there is told by who reads this.
        "files": {file: sha256(file) for file in sorted({*_files(chain)}) if Path(file).is_file()},
        **told,
    }
    write_json(path, whole)


def _thresholds(given: Mapping[str, Any], **options: Any) -> np.ndarray | None:
    """Choose the threshold of every class on the validation items; None if an item has one class."""
    if not given.get("predictions"):
        return None
    truth = {key: given[key] for key in ("y_val", "classes", "class_factors") if given.get(key)}
    return item_by_item.learned_cuts(truth, given["predictions"], evaluate.read_sets(given["index"]), **options)


def _files(chain: Section) -> Iterator[str]:
    """Go through all that is read of a chain; but for gazetteers, whose content is in the signature of features."""
    yield from chains.models(chain)
    yield from (entry["columns"] for entry in chain["inputs"] if "columns" in entry)
    for entry in chain["inputs"]:
        if "source" in entry:
            yield from _files(entry["source"])


def _kinds(chain: Section) -> Iterator[str]:
    for entry in chain["inputs"]:
        yield entry["kind"]
        yield from _kinds(entry.get("source", {"inputs": []}))


def read(path: str | Path) -> Section:
    """Read what the use of a model needs; the files that it names are looked at from the working folder.

    Raises
    ------
    TartarusError
        If it is no such file, or a file that it names is not there or another.
    """
    # Not all files that it names are made by jobs: without force, nothing may be there to be done.
    remedy = f"have it written anew: snakemake --cores 4 --force {path}"
    whole: Section = read_json(path, what="what the use of a model needs", remedy=remedy)
    validate(whole, "use", source=str(path))
    for key in ("thresholds", "class_factors"):
        if whole[key] is not None and len(whole[key]) != len(whole["classes"]):
            raise TartarusError(f"{path}: {key}: {len(whole[key])} for {len(whole['classes'])} classes; {remedy}")
    if len({len(row) for row in whole["class_factors"] or []}) > 1:
        raise TartarusError(f"{path}: class_factors: not as many of every class; {remedy}")
    for kind in _kinds(whole["chain"]):
        if kind not in KINDS:
            raise TartarusError(f"{path}: chain: nothing makes '{kind}' of a file; {remedy}")
    for file in sorted({*_files(whole["chain"]), *whole["files"]}):
        if not Path(file).is_file():
            raise TartarusError(f"{path}: {file}: not there, and the model needs it; put it there, or {remedy}")
        if sha256(file) != whole["files"].get(file):
            raise TartarusError(
                f"{path}: {file}: another file than when this was written; put that one there, or {remedy}"
            )
    return whole
