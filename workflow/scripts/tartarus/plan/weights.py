"""Weights that a network begins from: published ones, each by its checksum, or a file of one's own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import sha256, stamp
from tartarus.plan import names
from tartarus.plan.network_options import declared

IMAGENET, NONE = "imagenet", "none"
# The folder of a mirror that holds them.
IN_MIRROR = "keras-applications"


@dataclass(frozen=True)
class Published:
    """Published weights.

    Attributes
    ----------
    url : str
        The address of their folder.
    file : str
        Their name.
    md5 : str
        Their checksum, as Keras states it.
    licence : str
        Under which they may be used.
    """

    url: str
    file: str
    md5: str
    licence: str


_RESNETS = "https://storage.googleapis.com/tensorflow/keras-applications/resnet"
_LICENCE = "MIT (K. He et al., deep-residual-networks, as converted by Keras); trained on ImageNet, for research"
# By the network and its depth. The checksums are those of keras/src/applications/resnet.py, without the output layer.
PUBLISHED = {
    "resnet50": Published(
        _RESNETS, "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "4d473c1dd8becc155b73f8504c6f6626", _LICENCE
    ),
    "resnet101": Published(
        _RESNETS, "resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5", "88cf7a10940856eca736dc7b7e228a21", _LICENCE
    ),
}


def _choice(network: Mapping[str, Any]) -> tuple[str, str]:
    """Tell what a network's options say of its weights, and the name by which published ones are known."""
    options = {**declared()[network["name"]].defaults, **network}
    return options.get("weights", NONE), f"{options['name']}{options.get('depth', '')}"


def file_of(network: Mapping[str, Any]) -> str:
    """Name the file of the weights that a network begins from; empty if it begins at random.

    Raises
    ------
    TartarusError
        If the user's own file is not there.
    """
    chosen, known_as = _choice(network)
    if chosen == NONE:
        return ""
    if chosen == IMAGENET:
        return names.WEIGHTS.format(network=known_as, file=PUBLISHED[known_as].file)
    if not Path(chosen).is_file():
        raise TartarusError(
            f"network: weights: {chosen}: no such file; name one, or write {IMAGENET} (published weights) or {NONE}"
        )
    return chosen


def described(network: Mapping[str, Any]) -> dict[str, str]:
    """Tell what a network begins from, by checksum, and under which licence; empty if it begins at random."""
    path, (chosen, known_as) = file_of(network), _choice(network)
    if not path:
        return {}
    if chosen == IMAGENET:
        return asdict(PUBLISHED[known_as])
    return {"file": path, "sha256": _sha256(*stamp(path))}


@cache
def _sha256(path: str, *_: object) -> str:
    """Compute the checksum of a file of this size and time, once."""
    return sha256(path)


def source_of(job: Mapping[str, str]) -> dict[str, Any]:
    """Tell where the weights of a file's name are had, for a job that fetches them.

    Raises
    ------
    TartarusError
        If the network has no such weights.
    """
    known = PUBLISHED[job["network"]]
    if job["file"] != known.file:
        raise TartarusError(f"{job['file']}: not the weights of {job['network']}, which are {known.file}")
    return {"url": known.url, "files": {known.file: known.md5}, "algorithm": "md5", "mirror": IN_MIRROR}
