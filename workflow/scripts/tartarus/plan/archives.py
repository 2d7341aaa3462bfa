"""What the published archives are to hold: one entry for each file of the original's nomenclature.

An archive holds one dataset or several. Which files Tartarus looks for follows from the configuration: the sets and
settings of its datasets, and what the experiments on them predict.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tartarus.base.errors import TartarusError
from tartarus.plan import lineage, names, requests
from tartarus.plan.config import Config
from tartarus.plan.expected import Expected
from tartarus.plan.feature_kinds import LAYER, PATCHES, feature_file, kind_of, row_shape
from tartarus.plan.kinds import ALL, DATASET_KINDS, SETS, TASKS
from tartarus.plan.request import Request

# The files of an archived dataset, by what they hold.
PATTERNS = {
    "index": names.INDEX,
    "labels": names.CLASSES,
    "targets": names.TARGETS,
    "factors": names.FACTORS,
    "plays": names.PLAYS,
    "albums": names.ALBUMS,
    "features": names.VECTORS,
    "patches": names.PATCHES,
}


def sets_of(config: Config, dataset: str) -> list[str]:
    """List the sets that a dataset has files of; what all folds share is in one."""
    section = config.dataset(dataset)
    if "folds" in section:
        return [ALL]
    sets = section.get("sets", SETS)
    return [set_ for set_ in SETS if set_ in sets]


def datasets_of(config: Config, archive: str) -> list[str]:
    """List the datasets that an archive holds."""
    return list(config.archive(archive)["datasets"])


def is_of_recordings(config: Config, archive: str) -> bool:
    """Tell whether an archive may hold measured recordings, from which the files that are expected are made."""
    return bool(config.archive(archive).get("form") == "recordings")


def features_of(config: Config, dataset: str) -> list[str]:
    """List the vectors that an archive holds of a dataset: the settings that are neither patches nor layers."""
    found = list(config.dataset(dataset)["settings"].values())
    for family in config.families.values():
        for options in family["experiments"].values():
            if options["dataset"] == dataset:
                found += options.get("features", {}).values()
    return [name for name in dict.fromkeys(found) if kind_of(name).in_archives and kind_of(name) is not PATCHES]


def expected(config: Config, archive: str) -> list[Expected]:
    """List the files that an archive is to hold, the ids first."""
    entries = (entry for dataset in datasets_of(config, archive) for entry in _of_dataset(config, dataset))
    return sorted(dict.fromkeys(entries), key=lambda entry: entry.kind != "index")


def _of_dataset(config: Config, dataset: str) -> Iterator[Expected]:
    section, sets = config.dataset(dataset), sets_of(config, dataset)
    for set_ in sets:
        yield Expected(names.INDEX.format(set=set_, dataset=dataset), "index", dataset, set_)
    task = TASKS[section["task"]]
    if task.has_classes:
        n_classes = section["classes"]
        yield Expected(names.CLASSES.format(dataset=dataset), "labels", dataset, columns=(n_classes,))
        values = "one" if task.one_class else "many"
        for set_ in sets:
            path = names.TARGETS.format(set=set_, fact="class", dim=n_classes, dataset=dataset)
            yield Expected(path, "targets", dataset, set_, (n_classes,), values)
    yield from _factors(config, dataset)
    if "albums_of" in section:
        tracks = section["albums_of"]
        yield Expected(names.ALBUMS.format(dataset=tracks), "albums", tracks)
    patches = [features for features in section["settings"].values() if kind_of(features) is PATCHES]
    for kind, held in (("features", features_of(config, dataset)), ("patches", patches)):
        for features in held:
            shape = row_shape(features, section) or ()
            for set_ in sets:
                yield Expected(feature_file(features, set_, dataset), kind, dataset, set_, shape)


def _factors(config: Config, dataset: str) -> Iterator[Expected]:
    """Go through the factors that experiments on a dataset predict, and what they are measured against."""
    section = config.dataset(dataset)
    facts = {
        (options["fact"], options["dim"], options["validation"])
        for family in config.families.values()
        for options in family["experiments"].values()
        if options["dataset"] == dataset and options["fact"] != "class"
    }
    task = TASKS[section["task"]]
    for fact, dim, validation in sorted(facts):
        for set_ in ("train", "val") if validation == "file" else ("train",):
            path = names.TARGETS.format(set=set_, fact=fact, dim=dim, dataset=dataset)
            yield Expected(path, "targets", dataset, set_, (dim,), "real")
        shape = (section["classes"], dim) if task.has_classes else (dim,)
        path = names.FACTORS.format(side=task.side, fact=fact, dim=dim, dataset=dataset)
        yield Expected(path, "factors", dataset, columns=shape)
    if not task.has_classes:
        yield Expected(names.PLAYS.format(set="test", dataset=dataset), "plays", dataset, "test")


def needed_by(request: Request) -> set[str]:
    """List the archived files that a result, its models and their features are made from; empty if there are none."""
    needed = _features_needed(request)
    if request.config.dataset(request.dataset)["kind"] == "archive":
        needed |= set(request.index_files())
        needed |= {request.target_file(set_) for set_ in ("train", "val")}
        needed |= set(request.truth_files().values())
    return needed


def _features_needed(request: Request) -> set[str]:
    config, dataset = request.config, request.dataset
    archived = config.dataset(dataset)["kind"] == "archive"
    needed: set[str] = set()
    for features in request.features:
        kind = kind_of(features)
        if kind is LAYER:
            source = requests.find_source(config, kind.parts(features)["model"], dataset)
            needed |= needed_by(requests.find(config, source.family, source.name)) | _features_needed(source)
            if archived and lineage.is_mean_of_tracks(config, features, dataset):
                needed.add(names.ALBUMS.format(dataset=source.dataset))
        elif archived and kind.in_archives:
            needed |= {feature_file(features, request.source(set_), dataset) for set_ in SETS}
    return needed


def own_features(request: Request) -> Iterator[tuple[str, str]]:
    """Go through what a result takes of files that the user puts beside an archive: dataset and name of features."""
    config = request.config
    for features in request.features:
        kind = kind_of(features)
        if kind is LAYER:
            yield from own_features(requests.find_source(config, kind.parts(features)["model"], request.dataset))
        elif "{shard}" in kind.statuses and not kind.in_archives and _takes_own_files(config, request.dataset):
            yield request.dataset, features


def _takes_own_files(config: Config, dataset: str) -> bool:
    return DATASET_KINDS[config.dataset(dataset)["kind"]].takes_own_files


def own_tables(request: Request) -> set[str]:
    """List the tables of such files."""
    return {
        names.OWN_ITEMS.format(archive=request.config.dataset(dataset)["archive"], dataset=dataset)
        for dataset, _ in own_features(request)
    }


def source_of(rows: Mapping[str, Mapping[str, str]], path: str, *, archive: str) -> str:
    """Look up the file that a file of ours is made from.

    Parameters
    ----------
    rows : mapping
        Path of ours to its row in the report of the check, as in `tartarus.archives.checking`.
    path : str
        The path of ours.
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
    if names.has_braces(row["source"]):
        raise TartarusError(
            f"{row['source']}: has braces, which Snakemake takes for a wildcard; put the file into "
            f"data/raw/{archive}/own, in a folder without any"
        )
    return row["source"]


def missing_for(request: Request, status: Mapping[str, Mapping[str, str]]) -> list[str]:
    """List the archived files that a result lacks, and the tables of files that the user puts beside the archive.

    Parameters
    ----------
    request : Request
        What is asked for.
    status : mapping
        Path of ours to its row in the report of the check.

    Raises
    ------
    TartarusError
        If one of them is there but invalid: that is to be mended, not to be left out.
    """
    rows = [status[path] for path in sorted(needed_by(request)) if path in status]
    for row in rows:
        if row["status"] == "invalid":
            raise TartarusError(f"{request.name}: {row['message']}")
    own = [path for path in sorted(own_tables(request)) if not Path(path).is_file()]
    return [row["path"] for row in rows if row["status"] == "missing"] + own
