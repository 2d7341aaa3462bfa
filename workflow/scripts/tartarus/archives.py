"""What the published archives are to hold: one entry for each file of the original's nomenclature.

An archive holds one dataset or several. Which files Tartarus looks for follows from the configuration: the sets and
settings of its datasets, and what the experiments on them predict.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tartarus import targets
from tartarus.config import SETS, Config, frames_of
from tartarus.errors import TartarusError
from tartarus.targets import LAYER_OUTPUT, PATCHES, WORD_FEATURES, Model

# The files of an archived dataset, by what they hold.
PATTERNS = {
    "index": "data/splits/items_index_{set}_{dataset}.tsv",
    "labels": "data/splits/genre_labels_{dataset}.tsv",
    "targets": "data/splits/y_{set}_{fact}_{dim}_{dataset}.npy",
    "factors": "data/splits/{side}_factors_{fact}_{dim}_{dataset}.npy",
    "plays": "data/splits/matrix_test_{dataset}.npz",
    "albums": "data/splits/albums_{dataset}.tsv",
    "features": "data/train_data/X_{set}_{features}_{dataset}.npz",
    "patches": "data/patches/patches_{set}_{dataset}_{n}_{sec}.hdf5",
}


@dataclass(frozen=True)
class Expected:
    """A file that an archive is to hold.

    Attributes
    ----------
    path : str
        Where it goes in the house.
    kind : str
        A key of `PATTERNS`.
    dataset : str
        Which dataset it is of.
    set : str
        train, val or test; empty if it is of all.
    columns : tuple of int
        The shape of a row, as far as it is known; empty if it is not. Of factors of classes, of all rows.
    values : str
        For targets: ``one`` (a single class), ``many`` (any number of classes), ``real``.
    """

    path: str
    kind: str
    dataset: str
    set: str = ""
    columns: tuple[int, ...] = ()
    values: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """List the names that it may have in the archive."""
        name = self.path.rsplit("/", 1)[1]
        return (name.removesuffix(".npz") + ".npy", name) if self.kind == "features" else (name,)


def sets_of(config: Config, dataset: str) -> list[str]:
    """List the sets that a dataset has files of."""
    sets = config.dataset(dataset).get("sets", SETS)
    return [set_ for set_ in SETS if set_ in sets]


def datasets_of(config: Config, archive: str) -> list[str]:
    """List the datasets that an archive holds."""
    return list(config.archive(archive)["datasets"])


def features_of(config: Config, dataset: str) -> list[str]:
    """List the vectors that an archive holds of a dataset: the settings that are neither patches nor layers."""
    names = list(config.dataset(dataset)["settings"].values())
    for family in config.families.values():
        for options in family["experiments"].values():
            if options["dataset"] == dataset:
                names += options.get("features", {}).values()
    return [name for name in dict.fromkeys(names) if _is_archived(name) and not PATCHES.fullmatch(name)]


def _is_archived(features: str) -> bool:
    return not LAYER_OUTPUT.fullmatch(features) and features not in WORD_FEATURES


def expected(config: Config, archive: str) -> list[Expected]:
    """List the files that an archive is to hold, the ids first."""
    entries = (entry for dataset in datasets_of(config, archive) for entry in _of_dataset(config, dataset))
    return sorted(dict.fromkeys(entries), key=lambda entry: entry.kind != "index")


def _of_dataset(config: Config, dataset: str) -> Iterator[Expected]:
    settings, sets = config.dataset(dataset), sets_of(config, dataset)
    for set_ in sets:
        yield Expected(targets.index_file(set_, dataset), "index", dataset, set_)
    if settings["task"] != "recommendation":
        n_classes = settings["classes"]
        yield Expected(targets.class_file(dataset), "labels", dataset, columns=(n_classes,))
        values = "one" if settings["task"] == "multiclass" else "many"
        for set_ in sets:
            path = targets.target_file(set_, "class", n_classes, dataset)
            yield Expected(path, "targets", dataset, set_, (n_classes,), values)
    yield from _factors(config, dataset)
    if "albums_of" in settings:
        tracks = settings["albums_of"]
        yield Expected(targets.albums_file(tracks), "albums", tracks)
    for features in features_of(config, dataset):
        width = settings.get("columns", {}).get(features)
        for set_ in sets:
            path = targets.feature_file(features, set_, dataset)
            yield Expected(path, "features", dataset, set_, (width,) if width else ())
    for features in settings["settings"].values():
        patches = PATCHES.fullmatch(features)
        for set_ in sets if patches else ():
            path = targets.feature_file(features, set_, dataset)
            yield Expected(path, "patches", dataset, set_, patch_shape(config, features, dataset))


def _factors(config: Config, dataset: str) -> Iterator[Expected]:
    """Go through the factors that experiments on a dataset predict, and what they are measured against."""
    settings = config.dataset(dataset)
    facts = {
        (options["fact"], options["dim"], options["validation"])
        for family in config.families.values()
        for options in family["experiments"].values()
        if options["dataset"] == dataset and options["fact"] != "class"
    }
    side = "user" if settings["task"] == "recommendation" else "class"
    for fact, dim, validation in sorted(facts):
        for set_ in ("train", "val") if validation == "file" else ("train",):
            path = targets.target_file(set_, fact, dim, dataset)
            yield Expected(path, "targets", dataset, set_, (dim,), "real")
        shape = (dim,) if side == "user" else (settings["classes"], dim)
        yield Expected(targets.factors_file(side, fact, dim, dataset), "factors", dataset, columns=shape)
    if side == "user":
        yield Expected(targets.matrix_file(dataset), "plays", dataset, "test")


def patch_shape(config: Config, features: str, dataset: str) -> tuple[int, ...]:
    """Tell the shape of a row of patches: one channel, frames and bins; or columns, if the dataset states them."""
    settings = config.dataset(dataset)
    if features in settings.get("columns", {}):
        return (settings["columns"][features],)
    audio, seconds = settings["audio"], int(features.rsplit("_", 1)[1])
    bins = audio["n_fft"] // 2 + 1 if audio["type"] == "stft" else audio["bins"]
    return (1, frames_of(seconds, audio), bins)


def needed_by(model: Model) -> set[str]:
    """List the archived files that a model, its features and its result are made from; empty if there are none."""
    config, dataset = model.config, model.dataset
    needed = _features_needed(model)
    if config.dataset(dataset)["kind"] == "archive":
        needed |= {model.index_file(set_) for set_ in SETS}
        needed |= {model.target_file(set_) for set_ in ("train", "val")}
        needed |= set(model.truth_files().values())
    return needed


def _features_needed(model: Model) -> set[str]:
    config, dataset = model.config, model.dataset
    archived = config.dataset(dataset)["kind"] == "archive"
    needed: set[str] = set()
    for features in model.features:
        layer = LAYER_OUTPUT.fullmatch(features)
        if layer:
            source = targets.find_source(config, layer["model"], dataset)
            needed |= needed_by(targets.find(config, source.family, source.name)) | _features_needed(source)
            if targets.is_mean_of_tracks(config, features, dataset):
                needed.add(targets.albums_file(source.dataset))
        elif archived and _is_archived(features):
            needed |= {targets.feature_file(features, model.source(set_), dataset) for set_ in SETS}
    return needed


def source_of(rows: Mapping[str, Mapping[str, str]], path: str, *, archive: str) -> str:
    """Look up the file that a file of the house is made from.

    Parameters
    ----------
    rows : mapping
        Path in the house to its row in the report of the check, as in `tartarus.checking`.
    path : str
        The file of the house.
    archive : str
        The name of the archive, for the message.

    Raises
    ------
    TartarusError
        If the archive lacks it, or it is invalid; with the remedy.
    """
    report = f"data/raw/{archive}/CHECK.tsv"
    row = rows.get(path)
    if row is None:
        raise TartarusError(
            f"{path}: no such file is looked for in {archive}; name it in config/datasets/{archive}.yaml"
        )
    if row["status"] == "missing":
        raise TartarusError(f"{path}: {row['message']}; put it into data/raw/{archive}/own ({report})")
    if row["status"] == "invalid":
        raise TartarusError(f"{path}: {row['message']} ({report})")
    return row["source"]


def missing_for(model: Model, status: Mapping[str, Mapping[str, str]]) -> list[str]:
    """List the archived files that a model lacks.

    Parameters
    ----------
    model : Model
        Any model.
    status : mapping
        Path in the house to its row in the report of the check.

    Raises
    ------
    TartarusError
        If one of them is there but invalid: that is to be mended, not to be left out.
    """
    rows = [status[path] for path in sorted(needed_by(model)) if path in status]
    for row in rows:
        if row["status"] == "invalid":
            raise TartarusError(f"{model.name}: {row['message']}")
    return [row["path"] for row in rows if row["status"] == "missing"]
