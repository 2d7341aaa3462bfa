"""The names of all files that are made.

Each stands here once, and once more in the rule that makes it, for a rule is to be understood alone; a test holds
the two together. Sets, datasets and the parts of names are filled in with ``str.format``.
"""

import re
from collections.abc import Container, Iterable
from pathlib import Path

from tartarus.base.errors import TartarusError

# Items, splits and ground truth.
ITEMS = "data/raw/{dataset}/items.tsv"
SOURCE = "data/raw/{dataset}/SOURCE.json"  # where the table of items is from, if mirdata made it
GAZETTEER = "data/raw/{dataset}/gazetteer.tsv"  # of a synthetic dataset; of others, the user's
TABLE_OF_PLAYS = "data/raw/{dataset}/plays.tsv"
INDEX = "data/splits/items_index_{set}_{dataset}.tsv"
SETS = "data/splits/sets_{dataset}.tsv"  # where the table of items does not tell; written when jobs are planned
CLASSES = "data/splits/genre_labels_{dataset}.tsv"
TARGETS = "data/splits/y_{set}_{fact}_{dim}_{dataset}.npy"
FACTORS = "data/splits/{side}_factors_{fact}_{dim}_{dataset}.npy"
PLAYS = "data/splits/matrix_{set}_{dataset}.npz"  # who played which item of a set
USERS = "data/splits/users_{dataset}.tsv"  # whose columns these are
PLAYED = "data/splits/plays_{dataset}.tsv"  # what became of the plays of every item
ALBUMS = "data/splits/albums_{dataset}.tsv"  # the album of every track of this dataset

# Archives.
MANIFEST = "data/raw/{archive}/MANIFEST.json"
CONTENT = "data/raw/{archive}/content"
MADE = "data/raw/{archive}/made"  # of measured recordings
CHECK = "data/raw/{archive}/CHECK.tsv"  # of a table of items, too
OWN_ITEMS = "data/raw/{archive}/own/{dataset}/items.tsv"  # put there by the user: sound and pictures of its items

# Features. VECTORS are bow, w2v, timbre, what pretrained networks make, outputs of layers, what an archive holds, and
# vectors of one's own.
SPECTROGRAMS = "data/spectrograms/spectrograms_{type}_{dataset}_{shard}.hdf5"
TRACKS = "data/spectrograms/tracks_{dataset}_{shard}.tsv"  # what became of every track
# What is measured of the tracks of a shard over their whole length, and what became of every one.
STATISTICS = "data/statistics/{statistics}_{dataset}_{shard}.hdf5"
STATISTICS_TRACKS = "data/statistics/{statistics}_{dataset}_{shard}.tsv"
# A shard of decoded covers, and what became of every one; then the pictures of a set.
COVERS = "data/pictures/covers_{dataset}_{shard}.hdf5"
COVER_STATUSES = "data/pictures/covers_{dataset}_{shard}.tsv"
PICTURES = "data/pictures/pictures_{set}_{dataset}.hdf5"
PATCHES = "data/patches/patches_{set}_{dataset}_{n}_{sec}.hdf5"
TEXTS = "data/texts/texts_{dataset}.jsonl"
TEXT_STATUSES = "data/texts/texts_{dataset}.tsv"  # what became of every text
VECTORS = "data/train_data/X_{set}_{features}_{dataset}.npz"
VOCABULARY = "data/train_data/vocabulary_{features}_{dataset}.npz"

# Models and what they say.
WEIGHTS = "data/raw/weights/{network}/{file}"  # published ones, to begin from, or of networks that make features
PRETRAINED = "data/models/pretrained/{network}.keras"  # a published network that makes features, converted
MODEL = "data/models/{family}/{model}/{fold}seed-{seed}/model.keras"  # fold: empty, or fold-1/ and so on
HISTORY = "data/models/{family}/{model}/{fold}seed-{seed}/history.csv"
PREDICTIONS = "data/predictions/{family}/{model}/{set}.npz"
SAMPLES = "data/predictions/{family}/{model}/bootstrap.npz"  # of measures, for paired differences

# Results. A family's table is written for programs, for people (as text and on pages), and as a picture.
RESULT = "results/{family}/{model}.json"
PREDICTED_ITEMS = "results/{family}/predictions_{model}.tsv"  # what is said of every item, for people
SHOWN_ITEMS = "data/predictions/{family}/shown_items.json"  # by the page of a family
SHOWN_LISTS = "data/predictions/{family}/{model}/shown_lists.json"
TABLE = "results/{family}/table.tsv"
TABLE_PAGE = "results/{family}/table.md"
TABLE_HTML = "results/{family}/table.html"
PAGE = "results/{family}/index.html"
FIGURE = "results/{family}/figures/{figure}.png"
# A map of vectors; its picture is a FIGURE.
MAP_PAGE = "results/{family}/figures/map_{features}.html"
MAP_NUMBERS = "results/{family}/figures/map_{features}.tsv"
LEARNED = "results/{family}/figures/learned_{model}.tsv"  # and the picture, as PNG and SVG
LEARNED_SVG = "results/{family}/figures/learned_{model}.svg"
# A chart is a figure that is drawn from numbers: as SVG too, its numbers, and what a page draws it from.
CHART_SVG = "results/{family}/figures/{figure}.svg"
CHART_NUMBERS = "results/{family}/figures/{figure}.tsv"
CHART = "results/{family}/figures/{figure}.json"
REPORT = "results/{family}/report.html"
TOP_LIST = "results/{family}/top_{length}_above_{threshold}_{model}.tsv"
NETWORKS = "results/networks.tsv"
COMPARISON = "results/compare.tsv"
COMPARISON_PAGE = "results/compare.html"

# What models say of the test items when their sound is deformed: a folder with a file for each deformation.
DEFORMED = "data/predictions/{family}/{model}/deformed"
DEFORMED_RESULT = "data/predictions/{family}/{model}/deformed.json"
DEFORMED_TABLE = "results/{family}/deformed.tsv"
DEFORMED_PAGE = "results/{family}/deformed.md"

# Models put to use. An inbox is a folder of the user's.
# Folders of results/, which no family may be called.
TAKEN = ("tags", "listeners", "embeddings", "neighbours", "benchmarks")
INBOX = "data/inbox/{inbox}"
# What the use of a model needs besides itself.
USAGE = "data/models/{family}/{model}/use.json"
TAGS = "results/tags/{inbox}/{tagger}.tsv"
TAG_FIGURES = "results/tags/{inbox}/figures/{tagger}"  # a folder
TAGS_IN_FULL = "results/tags/{inbox}/{tagger}.json"
LISTENERS = "results/listeners/{inbox}/{tagger}.tsv"
# Vectors of items taken elsewhere; `features` is a setting of the dataset, or the name of features.
EMBEDDINGS = "results/embeddings/{dataset}/{features}.parquet"
EMBEDDINGS_NPZ = "results/embeddings/{dataset}/{features}.npz"
PROJECTOR_VECTORS = "results/embeddings/{dataset}/{features}_vectors.tsv"
PROJECTOR_METADATA = "results/embeddings/{dataset}/{features}_metadata.tsv"
NEIGHBOURS = "results/neighbours/{dataset}/{features}.tsv"
INBOX_NEIGHBOURS = "results/neighbours/{dataset}/{inbox}/{features}.tsv"
NEIGHBOURS_HOW = "results/neighbours/{dataset}/{features}.json"

# Measured by Snakemake: not made by a rule's script, and in no rule's inputs.
TRAINING_BENCHMARK = "benchmarks/train/{family}/{model}_seed-{seed}.tsv"


def folder_of(fold: int | None) -> str:
    """Name the folder of a fold's models, within that of a model; empty without folds."""
    return f"fold-{fold}/" if fold else ""


def all_patterns() -> dict[str, str]:
    """Give the names above, by what they are called here."""
    return {name: value for name, value in globals().items() if name.isupper() and isinstance(value, str)}


def pattern(names: "list[str] | tuple[str, ...] | set[str] | dict[str, object]") -> str:
    """Write the regular expression of these names; of none, one that nothing matches."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def has_braces(path: str) -> bool:
    """Tell whether Snakemake would take a part of a path for a wildcard: it cannot be told otherwise."""
    return "{" in path or "}" in path


def all_but(names: list[str]) -> str:
    """Write the regular expression of other datasets' names.

    Unknown ones are among them, so that a rule matches and can answer with the name that was meant.
    """
    return rf"(?!({pattern(names)})(_|\.[a-z0-9]+$|$))[^_/]+"


def refuse_odd(folder: Path, kind: str, names: Iterable[str], *, more: str = "") -> None:
    """Refuse names that file names or Snakemake's patterns cannot hold; `more` is what they may hold besides.

    Raises
    ------
    TartarusError
        Naming the folder of the files so named.
    """
    for name in names:
        if not re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9.{more}-]*", name):
            also = ", underscores" if more else ""
            raise TartarusError(
                f"{folder}: '{name}': the name of a {kind} holds letters, digits{also}, dots and hyphens only, a "
                f"letter or digit first; rename the file"
            )


def refuse_taken(folder: Path, families: Container[str]) -> None:
    """Refuse families of names under which results/ holds something else.

    Raises
    ------
    TartarusError
        Naming the file.
    """
    for taken in TAKEN:
        if taken in families:
            raise TartarusError(
                f"{folder}/{taken}.yaml: results/{taken} is for what models are used for; give the family another name"
            )
