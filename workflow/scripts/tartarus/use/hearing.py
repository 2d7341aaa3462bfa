"""What models need of a file that nobody has labelled: its raw material, brought to the form that they were trained on.

A model carries what its features were (their signature), and the functions that made them for training make them here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_text
from tartarus.features.pictures import colours, covers
from tartarus.features.sound import extraction, patches, pretrained, spectrograms, statistics
from tartarus.features.sound.deformation import Deformation
from tartarus.items.inbox import Found
from tartarus.learning import musicnn, onnx_files
from tartarus.plan.chains import RECORDINGS
from tartarus.plan.config import Section
from tartarus.plan.feature_kinds import BOW, COLOURS, OF_TRACKS, PATCHES, PICTURES, PRETRAINED, SEM, W2V


class Need(NamedTuple):
    """An input of a model.

    Attributes
    ----------
    plan : dict
        As in `tartarus.plan.chains.chain`.
    signature : dict
        Of its features.
    transform : callable or None
        What makes a vector of samples, if it takes one; see `transform_of`.
    """

    plan: Section
    signature: dict[str, Any]
    transform: spectrograms.Transform | None = None


def transform_of(plan: Section, signature: dict[str, Any]) -> spectrograms.Transform | None:
    """Find what makes an input, a vector, of samples; None if it is none of a whole sound.

    These are the statistics of sound, pretrained networks (of musicnn or in an ONNX file), and the extractor of
    recordings.

    Raises
    ------
    TartarusError
        If a network is another than in training, onnxruntime is wanted and not installed, or it is not known what the
        recordings of training hold.
    """
    if plan["kind"] == RECORDINGS:
        columns = extraction.read_columns(plan["columns"])
        return lambda samples, _: extraction.extract(samples, columns)
    if plan["kind"] != PRETRAINED.name:
        return statistics.STATISTICS.get(plan["kind"])
    if "node" in signature:
        network = onnx_files.network(plan["network"], signature, threads=plan["threads"])
    else:
        network = musicnn.network(plan["network"], signature["parts"], digest=signature["weights"])
    return pretrained.embedding(network, signature)


@dataclass
class Heard:
    """What was made of a file before any model sees it.

    Attributes
    ----------
    found : Found
        The file.
    deform : callable or None
        What was done to its sound first; see `tartarus.features.sound.deformation`.
    status, detail : str
        ``ok``; or why it is odd, or cannot be used.
    seconds : float
        Of its sound; 0 without any.
    windows : dict
        Front end, see `front_end`, to windows [shape=(n_windows, 1, n_frames, n_bins)].
    begins : dict
        Front end to the second in which each window begins.
    wholes : dict
        Front end to what is made of the whole file: its cover, or what is measured of its sound [shape=(1, ...)].
    text : str or None
    spectrogram : np.ndarray [shape=(n_frames, n_bins)] or None
        Of the first front end, in dB; None if it was not asked for.
    seconds_per_frame : float
        Of this front end.
    """

    found: Found
    deform: Deformation | None = None
    status: str = "ok"
    detail: str = ""
    seconds: float = 0.0
    windows: dict[str, np.ndarray] = field(default_factory=dict)
    begins: dict[str, np.ndarray] = field(default_factory=dict)
    wholes: dict[str, np.ndarray] = field(default_factory=dict)
    text: str | None = None
    spectrogram: np.ndarray | None = None
    seconds_per_frame: float = 0.0

    def forget(self) -> None:
        """Drop what models see, once they have seen it."""
        self.windows, self.begins, self.wholes, self.text = {}, {}, {}, None

    def tell(self, status: str, detail: str) -> None:
        """Note what is odd; the first status stays."""
        self.status = status if self.status == "ok" else self.status
        if detail not in self.detail:
            self.detail = "; ".join(filter(None, (self.detail, detail)))


def front_end(need: Need) -> str:
    """Tell what makes an input of a file: inputs of several models may be the same."""
    plan, signature, _ = need
    return repr((sorted(signature.items()), sorted(plan.items())))


def hear(
    found: Found,
    needs: Iterable[Need],
    *,
    deform: Deformation | None = None,
    keep_spectrogram: bool = False,
    **windows: float,
) -> Heard:
    """Make what models need of a file's sound, text and cover.

    Parameters
    ----------
    found : Found
        The file.
    needs : iterable of Need
        The inputs of the models; outputs of layers are passed over.
    deform : callable, optional
        What is done to the sound first.
    keep_spectrogram : bool
        Whether the spectrogram is wanted too, beside its windows: of hours of sound it fills the memory.
    windows : float
        `trim` and `hop`, see `patches.windows`; but where a plan has `offsets`, it is patches of the dataset that are
        cut, see `patches.offsets`.
    """
    heard = Heard(found, deform)
    for need in {front_end(need): need for need in needs}.values():
        kind = need.plan["kind"]
        if kind == PATCHES.name:
            _cut_windows(heard, need, windows, keep_spectrogram=keep_spectrogram)
        elif kind in _WHOLES:
            _WHOLES[kind](heard, need)
    return heard


def _cut_windows(heard: Heard, need: Need, windows: Mapping[str, float], *, keep_spectrogram: bool) -> None:
    plan, signature, _ = need
    options = {key: value for key, value in signature.items() if key != "frames"}
    frames, seconds = signature["frames"], options["hop"] / options["sample_rate"]
    spectrogram = _of_sound(heard, {**options, "min_seconds": plan["min_seconds"]}, spectrograms.spectrogram)
    if spectrogram is None:
        return
    if not heard.windows:
        heard.spectrogram, heard.seconds_per_frame = spectrogram if keep_spectrogram else None, seconds
    if "offsets" in plan:
        begins = patches.offsets(len(spectrogram), frames, id_=heard.found.id, **plan["offsets"])
    else:
        begins = patches.windows(len(spectrogram), frames, **windows)
    cut = [patches.cut(spectrogram, begin, frames, pad=plan["pad"]) for begin in begins]
    heard.windows[front_end(need)] = np.stack(cut)[:, None]
    heard.begins[front_end(need)] = begins * seconds


def _measure(heard: Heard, need: Need) -> None:
    plan, signature, transform = need
    if transform is None:
        raise ValueError(f"{plan['kind']}: nothing that makes it of a sound")
    options = {key: value for key, value in signature.items() if key != "kind"}
    if plan["kind"] == PRETRAINED.name:
        options = {"sample_rate": options["front_end"]["sample_rate"]}
    if plan["kind"] == RECORDINGS:
        options = {"sample_rate": extraction.SAMPLE_RATE}
    found = _of_sound(heard, {**options, "min_seconds": plan["min_seconds"]}, transform)
    if found is not None:
        heard.wholes[front_end(need)] = found


def _of_sound(heard: Heard, options: dict[str, Any], transform: spectrograms.Transform) -> np.ndarray | None:
    if heard.deform:
        options = {**options, "deform": heard.deform}
    try:
        track, values = spectrograms.analyse(heard.found.id, heard.found.audio, options, transform)
    except ValueError as error:
        heard.tell("undecodable", f"{heard.found.audio}: {error}")
        return None
    heard.seconds = track.seconds
    if track.status != "ok":
        heard.tell(track.status, track.detail)
    return values


def _see(heard: Heard, need: Need) -> None:
    if heard.found.image is None:
        heard.tell("missing", "no cover beside it, which the model needs")
        return
    cover, picture = covers.look_at(heard.found.id, heard.found.image, pixels=need.signature["pixels"])
    if cover.status != "ok":
        heard.tell(cover.status, cover.detail)
    if picture is not None:
        seen = picture[None]
        heard.wholes[front_end(need)] = colours.colours(seen) if need.plan["kind"] == COLOURS.name else seen


def _read(heard: Heard, _: Need) -> None:
    if heard.found.words:
        heard.text = heard.found.words
    elif heard.found.text is None:
        heard.tell("missing", "no text beside it, which the model needs")
    elif heard.text is None:
        try:
            heard.text = read_text(heard.found.text)
        except TartarusError as error:
            heard.tell("unreadable", str(error))


# What is made of a whole file, by the kind of the features.
_WHOLES: dict[str, Callable[[Heard, Need], None]] = {
    **{kind.name: _read for kind in (BOW, SEM, W2V)},
    **{kind.name: _measure for kind in OF_TRACKS},
    **{kind.name: _see for kind in (PICTURES, COLOURS)},
    RECORDINGS: _measure,
}
