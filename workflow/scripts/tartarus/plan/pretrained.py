"""Pretrained networks whose outputs are features, `pretrained_<model>_<parts>`: which there are, where from, fed how.

Those of musicnn are known here; others are ONNX files that the section ``pretrained`` of a configuration names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tartarus.base.errors import TartarusError, suggestion
from tartarus.plan import names
from tartarus.plan.feature_kinds import PRETRAINED, kind_of

Section = dict[str, Any]

# Of a front end, and of a network, what need not be said.
_FRONT_END = {"power": 2, "fmin": 0, "htk": False, "scale": "none", "gain": 1, "offset": 0}
_NETWORK = {"axis": -1, "bins_first": False}
# How what a node of an ONNX file gives is pooled over all windows, and over what else it gives a vector for.
POOLINGS = ("mean", "max", "sd")


@dataclass(frozen=True)
class Musicnn:
    """A network of musicnn.

    Attributes
    ----------
    folder : str
        Of its checkpoint, in the authors' repository and in a mirror.
    files : dict
        Name to SHA-256.
    weights : str
        The SHA-256 of all its weights, once they are converted.
    """

    folder: str
    files: dict[str, str]
    weights: str


# github.com/jordipons/musicnn at 516acb2.
_ADDRESS = "https://raw.githubusercontent.com/jordipons/musicnn/516acb2a0ff5ef73f64547898e018e793152c506/musicnn"
IN_MIRROR = "musicnn"
_INDEX, _DATA = ".index", ".data-00000-of-00001"
LICENCE = "ISC (Music Technology Group, Universitat Pompeu Fabra 2019)"
CITATION = (
    "J. Pons and X. Serra: musicnn: Pre-trained Convolutional Neural Networks for Music Audio Tagging. ISMIR 2019, "
    "late-breaking"
)
MUSICNN = {
    "MSD-musicnn": Musicnn(
        "MSD_musicnn",
        {
            _INDEX: "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
            _DATA: "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
        },
        "a44cb90bc6b3dedcc9994b6d4d47fc70b9375f28514041f05184ef88a0a627d4",
    ),
    "MTT-musicnn": Musicnn(
        "MTT_musicnn",
        {
            _INDEX: "da2d7bb670b2b31e9bc441bb1bd75eca31b5b061f963cc1f9630c1aff3238f57",
            _DATA: "041f3935e981a65cea739842d30c188d3a7d2adf4410955c8668eb3de4a5acab",
        },
        "f2b938581c1149653aeb609a0d70cb3fe8f3671ae57561c1d915f1add57dcda0",
    ),
}
# The layers that features may be made of. Their windows are of three seconds, one behind the other.
LAYERS = ("mean", "max", "penultimate", "taggram", "timbral", "temporal", "cnn1", "cnn2", "cnn3")
WINDOWS_OF_MUSICNN: Section = {
    "front_end": {
        **{"type": "mel", "sample_rate": 16000, "n_fft": 512, "hop": 256, "bins": 96, "fmin": 0, "fmax": 8000},
        **{"htk": False, "power": 2, "scale": "log10", "gain": 10000, "offset": 1},
    },
    "window": 187,
    "hop": 187,
}


def refuse_unknown(features: str, section: Mapping[str, Any]) -> None:
    """Stop if there are no such features: an unknown network, or parts that it has not.

    Parameters
    ----------
    features : str
        Their name; of other kinds, nothing is asked.
    section : mapping
        Of the dataset.

    Raises
    ------
    TartarusError
        Listing what there is.
    """
    if kind_of(features) is not PRETRAINED:
        return
    name, parts = _named(features)
    known, had = {*MUSICNN, *section["pretrained"]}, LAYERS if name in MUSICNN else POOLINGS
    if name not in known:
        raise TartarusError(
            f"'{features}': no pretrained network '{name}'; {suggestion(name, known)}. Others are ONNX files that the "
            f"section pretrained names"
        )
    for part in parts:
        if part not in had:
            raise TartarusError(
                f"'{features}': {name} gives no '{part}'; {suggestion(part, had)}; several are joined by hyphens"
            )


def refuse_two_of_a_name(datasets: Mapping[str, Mapping[str, Any]]) -> None:
    """Stop if two datasets mean two files by the same name of a network, or a name is that of a known one."""
    files: dict[str, tuple[str, str]] = {}
    for dataset, section in datasets.items():
        for name, network in section["pretrained"].items():
            if name in MUSICNN:
                raise TartarusError(f"{dataset}: pretrained: {name} is a network of musicnn; give yours another name")
            other, digest = files.setdefault(name, (dataset, network["sha256"]))
            if digest != network["sha256"]:
                raise TartarusError(
                    f"{dataset}: pretrained: {name}: {other} means another file by this name; rename one of them"
                )


def _named(features: str) -> tuple[str, list[str]]:
    parts = PRETRAINED.parts(features)
    return parts["network"], parts["parts"].split("-")


def _complete(network: Mapping[str, Any]) -> Section:
    front_end = {**_FRONT_END, "fmax": network["front_end"]["sample_rate"] / 2, **network["front_end"]}
    return {**_NETWORK, "hop": network["window"], **network, "front_end": front_end}


def options(features: str, section: Mapping[str, Any]) -> Section:
    """Give all that such features depend on: it is a parameter of the rule, and their signature.

    Returns
    -------
    dict
        `front_end`, `window` and `hop`, as `tartarus.features.sound.pretrained.windows` takes them; `parts`, what is
        joined to a vector; `weights`, the SHA-256 of the network: of its converted weights, or of an ONNX file, which
        has its `node`, `axis` and `bins_first` too.
    """
    name, parts = _named(features)
    if name in MUSICNN:
        return {**WINDOWS_OF_MUSICNN, "parts": parts, "weights": MUSICNN[name].weights}
    whole = _complete(section["pretrained"][name])
    kept = {key: whole[key] for key in ("axis", "bins_first", "front_end", "hop", "node", "window")}
    return {**kept, "parts": parts, "weights": whole["sha256"]}


def is_musicnn(features: str) -> bool:
    """Tell whether such features are made by a network of musicnn."""
    return _named(features)[0] in MUSICNN


def weights_file(features: str, section: Mapping[str, Any]) -> str:
    """Name the file that the network of such features is read from."""
    name, _ = _named(features)
    if name in MUSICNN:
        return names.PRETRAINED.format(network=name)
    return names.WEIGHTS.format(network=name, file=section["pretrained"][name]["file"])


def described(features: str, section: Mapping[str, Any]) -> Section:
    """Tell what a result is to name of the network of such features: its files by checksum, licence and citation."""
    name, _ = _named(features)
    if name in MUSICNN:
        return {"network": name, "sha256": MUSICNN[name].files, "licence": LICENCE, "citation": CITATION}
    own = section["pretrained"][name]
    told = {key: own[key] for key in ("licence", "citation") if key in own}
    return {"network": name, "sha256": {own["file"]: own["sha256"]}, **told}


def source_of_musicnn(job: Mapping[str, str]) -> Section:
    """Tell where the checkpoint of a job's network is had."""
    known = MUSICNN[job["network"]]
    return {
        "url": f"{_ADDRESS}/{known.folder}",
        "files": known.files,
        "algorithm": "sha256",
        "mirror": f"{IN_MIRROR}/{known.folder}",
    }


def source_of_own(job: Mapping[str, str], own: Mapping[str, Mapping[str, Any]]) -> Section:
    """Tell where the ONNX file of a job's network is had; without an address, in a mirror alone.

    Raises
    ------
    TartarusError
        If the network has another file.
    """
    network = own[job["network"]]
    if job["file"] != network["file"]:
        raise TartarusError(f"{job['file']}: not the file of {job['network']}, which is {network['file']}")
    return {
        "url": network.get("url", ""),
        "files": {network["file"]: network["sha256"]},
        "algorithm": "sha256",
        "mirror": job["network"],
    }
