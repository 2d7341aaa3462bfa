"""The kinds of features: one row for each, with all that is asked about it elsewhere.

What features are, their name alone tells: ``patches_1_15``, ``bow``, ``dummy_audio-pred_flatten``. Whoever adds a
kind adds a row here, the rule that makes it, its script and its module.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.plan import names

Section = dict[str, Any]
Shape = tuple[int, ...]


def frames_of(seconds: float, audio: Section) -> int:
    """Tell how many frames a patch has: int(seconds * sample_rate / hop), 322 for 15 s."""
    return int(seconds * audio["sample_rate"] / audio["hop"])


def bins_of(audio: Section) -> int:
    """Tell how many bins a spectrogram has: of stft, n_fft / 2 + 1, from 0 Hz to half the sample rate."""
    return int(audio["n_fft"] // 2 + 1 if audio["type"] == "stft" else audio["bins"])


def _row_of_patches(parts: dict[str, str], section: Section) -> Shape:
    audio = section["audio"]
    return (1, frames_of(float(parts["sec"]), audio), bins_of(audio))


def _row_of_word_ids(_: dict[str, str], section: Section) -> Shape:
    return (section["w2v"]["length"],)


def _row_of_pictures(_: dict[str, str], section: Section) -> Shape:
    pixels = section["pictures"]["pixels"]
    return (pixels, pixels, 3)


def _decided_by_data(_: dict[str, str], __: Section) -> None:
    return None


@dataclass(frozen=True)
class FeatureKind:
    """What there is to know of a kind of features.

    Attributes
    ----------
    name : str
        What the kind is called in messages.
    pattern : re.Pattern
        Of the name of such features; its groups are parts of the names of their files.
    file : str
        The name of their files, of `tartarus.plan.names`.
    made_by : str
        What makes them: a rule; empty if none does, and an archive or the user brings them.
    modality : str
        The raw material: audio, text, image; empty if that depends (on the model, on who made them).
    statuses : str
        The name of the tables that tell what became of every item's raw material, where ``{statistics}`` stands for the
        name of the features; empty if there are none.
    has_vocabulary : bool
        Whether their columns or values stand for words.
    are_word_ids : bool
        Whether a row is a sequence of numbers of words, and each word has a vector.
    is_fitted : bool
        Whether making them learns from the training items: then each fold has its own.
    is_standardised : bool
        Whether networks always bring them to mean 0 and variance 1 first; see `are_standardised`.
    in_archives : bool
        Whether an archive may hold them.
    row : callable
        Parts of the name and section of the dataset to the shape of a row; None where only data tell.
    """

    name: str
    pattern: re.Pattern[str]
    file: str
    made_by: str
    modality: str = ""
    statuses: str = ""
    has_vocabulary: bool = False
    are_word_ids: bool = False
    is_fitted: bool = False
    is_standardised: bool = False
    in_archives: bool = False
    row: Callable[[dict[str, str], Section], Shape | None] = _decided_by_data

    @property
    def wildcard(self) -> str:
        """Give the pattern without names of its groups, for a rule: Snakemake takes what stands in <> for its own."""
        return re.sub(r"\?P<\w+>", "", self.pattern.pattern)

    def parts(self, features: str) -> dict[str, str]:
        """Take the name of features apart: of ``patches_1_15``, n and sec; of a layer's output, model and layer."""
        found = self.pattern.fullmatch(features)
        return found.groupdict() if found else {}


PATCHES = FeatureKind(
    "patches_<n>_<sec>",
    re.compile(r"patches_(?P<n>[1-9][0-9]*)_(?P<sec>[1-9][0-9]*|(0|[1-9][0-9]*)\.[0-9]*[1-9])"),
    names.PATCHES,
    made_by="patches",
    modality="audio",
    statuses=names.TRACKS,
    is_standardised=True,
    in_archives=True,
    row=_row_of_patches,
)
BOW = FeatureKind(
    "bow",
    re.compile("bow"),
    names.VECTORS,
    made_by="bow",
    modality="text",
    statuses=names.TEXT_STATUSES,
    has_vocabulary=True,
    is_fitted=True,
)
SEM = FeatureKind(
    "sem",
    re.compile("sem"),
    names.VECTORS,
    made_by="sem",
    modality="text",
    statuses=names.TEXT_STATUSES,
    has_vocabulary=True,
    is_fitted=True,
)
W2V = FeatureKind(
    "w2v",
    re.compile("w2v"),
    names.VECTORS,
    made_by="w2v",
    modality="text",
    statuses=names.TEXT_STATUSES,
    has_vocabulary=True,
    is_fitted=True,
    are_word_ids=True,
    row=_row_of_word_ids,
)


def _statistics(name: str, length: int) -> FeatureKind:
    """Make a kind of numbers that tell of a whole sound; `tartarus.features.sound.statistics` computes them."""
    return FeatureKind(
        name,
        re.compile(name),
        names.VECTORS,
        made_by="set_statistics",
        modality="audio",
        statuses=names.STATISTICS_TRACKS,
        # Some are thousands of times others: as they are, no learning rate suits them all.
        is_standardised=True,
        row=lambda *_: (length,),
    )


# The spectral contrast of descriptors has this band of frequencies, in Hz, and so many octaves above it.
CONTRAST_FROM, CONTRAST_OCTAVES = 200.0, 6
TIMBRE = _statistics("timbre", 48)
DESCRIPTORS = _statistics("descriptors", 237)
STATISTICS = (TIMBRE, DESCRIPTORS)
# What a pretrained network makes of a sound; `tartarus.plan.pretrained` knows the networks, and what parts they have.
PRETRAINED = FeatureKind(
    "pretrained_<network>_<parts>",
    re.compile(r"pretrained_(?P<network>[^_]+)_(?P<parts>[^_]+)"),
    names.VECTORS,
    made_by="set_statistics",
    modality="audio",
    statuses=names.STATISTICS_TRACKS,
    is_standardised=True,
)
# Kinds of vectors that are computed track by track, of all its sound.
OF_TRACKS = (*STATISTICS, PRETRAINED)
PICTURES = FeatureKind(
    "pictures",
    re.compile("pictures"),
    names.PICTURES,
    made_by="pictures",
    modality="image",
    statuses=names.COVER_STATUSES,
    row=_row_of_pictures,
)
# The colours of a picture: of so many tiles a side, and of all pixels, by so many shades of red, green and blue.
TILES, SHADES = 8, 4
COLOURS = FeatureKind(
    "colours",
    re.compile("colours"),
    names.VECTORS,
    made_by="colours",
    modality="image",
    statuses=names.COVER_STATUSES,
    row=lambda *_: (TILES**2 * len("RGB") + SHADES**3,),
)
LAYER = FeatureKind(
    "<model>-pred_<layer>",
    re.compile(r"(?P<model>.+)-pred_(?P<layer>[^_]+)"),
    names.VECTORS,
    made_by="predict_layer",
    is_fitted=True,
)
# Vectors that nothing here makes: an archive holds them, or the user has put them into data/train_data.
GIVEN = FeatureKind("vectors", re.compile(".+"), names.VECTORS, made_by="", in_archives=True)

# Nobody calls vectors so: patches are meant.
_NO_PATCHES = re.compile(r"patches_[-0-9.,]+_[-0-9.,]+s?")

KINDS = (PATCHES, BOW, SEM, W2V, *OF_TRACKS, PICTURES, COLOURS, LAYER, GIVEN)

# Those whose name has no parts: a setting of this name means them.
STANDING_FOR_THEMSELVES = {kind.name: kind.name for kind in KINDS if kind.made_by and "<" not in kind.name}


def are_standardised(features: str, *, if_possible: bool) -> bool:
    """Tell whether networks bring features to mean 0 and variance 1 first.

    Parameters
    ----------
    features : str
        Their name.
    if_possible : bool
        Whether an experiment asks for it; pictures and word ids stay as they are.
    """
    kind = kind_of(features)
    return kind.is_standardised or (if_possible and not kind.are_word_ids and kind is not PICTURES)


def kind_of(features: str) -> FeatureKind:
    """Tell the kind of features by their name: the first of `KINDS` that fits.

    Raises
    ------
    TartarusError
        If the name is that of patches whose number or length is none, or is written in another way: a length has one
        name.
    """
    kind = next(kind for kind in KINDS if kind.pattern.fullmatch(features))
    if kind is GIVEN and _NO_PATCHES.fullmatch(features):
        raise TartarusError(
            f"'{features}': {PATCHES.name} are n patches, 1 or more, of so many seconds, with no more digits than "
            f"needed; write patches_1_15 or patches_4_0.5, for example"
        )
    return kind


def feature_file(features: str, set_: str, dataset: str) -> str:
    """Name the file of a set's features.

    Examples
    --------
    >>> feature_file("patches_1_15", "train", "SUPER")
    'data/patches/patches_train_SUPER_1_15.hdf5'
    >>> feature_file("bow", "test", "SUPER")
    'data/train_data/X_test_bow_SUPER.npz'
    """
    kind = kind_of(features)
    return kind.file.format(set=set_, dataset=dataset, features=features, **kind.parts(features))


def row_shape(features: str, section: Section) -> Shape | None:
    """Tell the shape of a row of features of a dataset, as far as its section tells; None where only data do."""
    if features in section.get("columns", {}):
        return (section["columns"][features],)
    kind = kind_of(features)
    return kind.row(kind.parts(features), section)
