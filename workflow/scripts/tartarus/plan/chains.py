"""The models that a file passes through, from its raw material to its scores, and what each is fed with.

A fusion is fed with the outputs of layers of other models, these with patches or words: a chain, as plain values, so
that a job can be given it.
"""

from collections.abc import Iterator

from tartarus.base.errors import TartarusError
from tartarus.base.files import as_written
from tartarus.plan import archives, lineage, names, pretrained, requests
from tartarus.plan.config import Config, Section
from tartarus.plan.feature_kinds import (
    BOW,
    COLOURS,
    LAYER,
    OF_TRACKS,
    PATCHES,
    PICTURES,
    PRETRAINED,
    SEM,
    STATISTICS,
    W2V,
    kind_of,
)
from tartarus.plan.kinds import DATASET_KINDS
from tartarus.plan.request import Request

# What is measured of a sound as the recordings of an archive were measured, by the music extractor of Essentia.
RECORDINGS = "recordings"
# What an inbox is good for.
FROM_A_FILE = (PATCHES, *OF_TRACKS, BOW, SEM, W2V, PICTURES, COLOURS)


def chain(request: Request) -> Section:
    """Write the chain of a request.

    Returns
    -------
    dict
        `models`, the files of the trained models, one for each seed; and of each of their `inputs` the `kind`, and for
        a layer's output `model`, `layer` and its own chain, `source`, with the first seed alone; for what is made of
        sound `min_seconds`, for patches `pad`, and for the vectors of a pretrained network its file, `network`, and
        of onnxruntime the `threads`; for semantic texts the `gazetteer` of the dataset, which need not be there.

    Raises
    ------
    TartarusError
        If an input cannot be made from a file.
    """
    return {"models": request.models(), "inputs": [_of_request(request, features) for features in request.features]}


def _of_request(request: Request, features: str) -> Section:
    return input_of(request.config, features, request.dataset, asked_by=f"{request.family}/{request.name}")


def of_test_items(request: Request) -> Section:
    """Write the chain of a request for the test items of its dataset, of which the sound alone is heard anew.

    Returns
    -------
    dict
        As of `chain`; but patches have `offsets`, those of the dataset, as `tartarus.features.sound.patches.offsets`
        takes them, and an input that no sound leads to has the `file` of the test items' features, as they are.

    Raises
    ------
    TartarusError
        If no sound leads to the model, or its dataset has no files of sound.
    """
    if not is_of_sound(request):
        raise TartarusError(
            f"{request.family}/{request.name}: no sound of {request.dataset} leads to it, which could be deformed; ask "
            f"for a model of sound, of a dataset with files"
        )
    return {"models": request.models(), "inputs": [_of_test_items(request, name) for name in request.features]}


def is_of_sound(request: Request) -> bool:
    """Tell whether files of sound lead to a request, through other models too."""
    whole = request.config.dataset(lineage.whole_of(request.config, request.dataset))
    return DATASET_KINDS[whole["kind"]].has_raw_files and "audio" in requests.modalities(request)


def _of_test_items(request: Request, features: str) -> Section:
    kind = kind_of(features)
    if kind is LAYER:
        parts = kind.parts(features)
        source = requests.find_source(request.config, parts["model"], request.dataset)
        if is_of_sound(source):
            inner = {**of_test_items(source), "models": source.models()[:1]}
            return {"kind": kind.name, **parts, "source": inner}
    if kind.modality != "audio":
        return {"kind": kind.name, "file": request.file(features, "test")}
    plan = _of_request(request, features)
    if kind is PATCHES:
        how = request.config.dataset(request.home_of(features))["patches"]["offsets"]
        count, seed = int(kind.parts(features)["n"]), request.config.values["seed"]
        plan["offsets"] = {"count": count, "how": how, "seed": seed}
    return plan


def input_of(config: Config, features: str, dataset: str, *, asked_by: str) -> Section:
    """Write how features of a dataset are made of a file in an inbox, as an input of a chain.

    Raises
    ------
    TartarusError
        If they cannot be; the message begins with what is `asked_by`.
    """
    kind, its = kind_of(features), lineage.home_of(config, features, dataset)
    home = config.dataset(its)
    if kind is LAYER:
        parts = kind.parts(features)
        source = requests.find_source(config, parts["model"], dataset)
        return {"kind": kind.name, **parts, "source": {**chain(source), "models": source.models()[:1]}}
    if kind is PATCHES and home["kind"] == "archive" and archives.is_of_recordings(config, home["archive"]):
        columns = f"{names.MADE.format(archive=home['archive'])}/COLUMNS.tsv"
        return {"kind": RECORDINGS, "columns": columns, "min_seconds": home["audio"]["min_seconds"]}
    if kind not in FROM_A_FILE or (home["kind"] == "archive" and kind.in_archives):
        able = ", ".join(entry.name for entry in FROM_A_FILE)
        raise TartarusError(
            f"{asked_by}: nothing makes '{features}' from a file in an inbox; what can be made of one is {able}, and "
            f"layers of models of these"
        )
    if kind is PATCHES:
        return {"kind": kind.name, "pad": home["patches"]["pad"], "min_seconds": home["audio"]["min_seconds"]}
    if kind is PRETRAINED:
        # Of onnxruntime, the last bits depend on them.
        threads = {} if pretrained.is_musicnn(features) else {"threads": config.values["experiment"]["threads"]}
        heard_by = pretrained.weights_file(features, home)
        return {"kind": kind.name, "network": heard_by, "min_seconds": home["audio"]["min_seconds"], **threads}
    if kind in STATISTICS:
        return {"kind": kind.name, "min_seconds": home["audio"]["min_seconds"]}
    if kind is SEM:
        return {"kind": kind.name, "gazetteer": as_written(names.GAZETTEER.format(dataset=its))}
    return {"kind": kind.name}


def models(whole: Section) -> Iterator[str]:
    """Go through the files of all models of a chain, of pretrained networks, and of features that are read as is."""
    yield from whole["models"]
    for entry in whole["inputs"]:
        yield from (entry[key] for key in ("network", "file") if key in entry)
        if "source" in entry:
            yield from models(entry["source"])
