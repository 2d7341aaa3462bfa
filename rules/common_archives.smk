# What the rules about archives share: what is in them, which of it a file of the house is made from.

from dataclasses import asdict

ARCHIVES = pattern_of(CONFIG.archives)
ARCHIVED_FEATURES = pattern_of(
    sorted({name for dataset in datasets_of_kind("archive") for name in archives.features_of(CONFIG, dataset)})
)
ALBUM_DATASETS = pattern_of(name for name, settings in CONFIG.datasets.items() if "albums_of" in settings)


@told
def archive_records(wildcards):
    return CONFIG.archive(wildcards.archive)["records"]


@told
def expected_files(wildcards):
    """What an archive is to hold, as plain values."""
    return [ordered(asdict(entry)) for entry in archives.expected(CONFIG, wildcards.archive)]


@told
def own_files(wildcards):
    """A digest of what the user has put beside an archive: names, sizes and times."""
    folder = f"data/raw/{wildcards.archive}/own"
    found = []
    for place, _, names in os.walk(folder, followlinks=True):
        for path in sorted(os.path.join(place, name) for name in names):
            if not os.path.exists(path):
                raise TartarusError(f"{path}: a link to a file that is not there; mend or remove it")
            found.append([path, os.path.getsize(path), os.path.getmtime(path)])
    return digest(sorted(found))


def report_of(archive):
    """The report of an archive's check, path to row; Snakemake comes back here once there is one."""
    return {row["path"]: row for row in tables.read_rows(checkpoints.check.get(archive=archive).output[0])}


@told
def check_of_dataset(wildcards):
    return ancient(f"data/raw/{CONFIG.dataset(wildcards.dataset)['archive']}/CHECK.tsv")


def archived_file(pattern):
    """Give the file of an archive that a file of the house is made from."""

    @told
    def of_job(wildcards):
        archive = CONFIG.dataset(wildcards.dataset)["archive"]
        return archives.source_of(report_of(archive), pattern.format(**dict(wildcards.items())), archive=archive)

    return of_job


def stamp_of(pattern):
    """Size and time of the file that one of the house is made from: a new one may be older than what it replaces."""
    source = archived_file(pattern)

    def of_job(wildcards):
        found = os.stat(source(wildcards))
        return [found.st_size, found.st_mtime]

    return of_job


def index_beside(kind):
    return "data/splits/items_index_{set}_{dataset}.tsv" if kind == "features" else []


def signature_of(kind):
    """Say what the columns of archived features mean: the same for all datasets of an archive."""

    @told
    def of_job(wildcards):
        name = f"patches_{wildcards.n}_{wildcards.sec}" if kind == "patches" else wildcards.features
        return {
            "archive": CONFIG.dataset(wildcards.dataset)["archive"],
            "features": name,
            "kind": "archive",
        }

    return of_job if kind in ("features", "patches") else {}


def log_of(pattern, ending):
    """Name the log of a rule after what it makes."""
    return f"logs/import/{os.path.basename(pattern).rsplit('.', 1)[0]}.{ending}"


def tracks_of(wildcards):
    return CONFIG.dataset(wildcards.dataset)["albums_of"]


@told
def albums_of_tracks(wildcards):
    return targets.albums_file(tracks_of(wildcards))


def layer_of_tracks(set_):
    @told
    def of_job(wildcards):
        features = f"{wildcards.model}-pred_{wildcards.layer}"
        return targets.feature_file(features, set_, tracks_of(wildcards))

    return of_job


def models_of_tracks():
    """The regular expression of models whose layers albums get as means: trained on tracks, not on albums too."""
    patterns = []
    for settings in CONFIG.datasets.values():
        tracks = settings.get("albums_of")
        for family, content in CONFIG.families.items():
            for experiment, options in content["experiments"].items():
                if options["dataset"] == tracks:
                    patterns.append(models_pattern(family, experiment))
    return "|".join(sorted(set(patterns))) or "(?!)"
