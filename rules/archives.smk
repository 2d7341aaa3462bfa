# Published archives: fetched, unpacked, checked, imported.
#
# Outputs: data/raw/<archive>/MANIFEST.json (what was fetched; the files are in downloads/ beside it), content/ (what
# was in them), CHECK.tsv (what every file is worth); then the same files of data/ as other datasets have.
# Files that an archive lacks, the user puts into data/raw/<archive>/own/: they count as its own, and come first.

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


rule fetch_archive:
    """Fetch the files of an archive's records, from a mirror or from their source, and verify them."""
    output:
        "data/raw/{archive}/MANIFEST.json",
    log:
        "logs/fetch_archive/{archive}.log",
    benchmark:
        "benchmarks/fetch_archive/{archive}.tsv"
    wildcard_constraints:
        archive=ARCHIVES,
    conda:
        "../envs/archives.yaml"
    params:
        archive="{archive}",
        records=archive_records,
        api=CONFIG.values["archives"]["api"],
    script:
        "../workflow/scripts/fetch_archive.py"


rule unpack:
    """Unpack what was fetched, and refuse what would leave its folder or fill the disk."""
    input:
        "data/raw/{archive}/MANIFEST.json",
    output:
        directory("data/raw/{archive}/content"),
    log:
        "logs/unpack/{archive}.log",
    benchmark:
        "benchmarks/unpack/{archive}.tsv"
    wildcard_constraints:
        archive=ARCHIVES,
    conda:
        "../envs/archives.yaml"
    script:
        "../workflow/scripts/unpack.py"


# A checkpoint: only after it is it known which results can be made.
checkpoint check:
    """Check every file of an archive, and tell the missing from the invalid."""
    input:
        "data/raw/{archive}/content",
    output:
        "data/raw/{archive}/CHECK.tsv",
    log:
        "logs/check/{archive}.log",
    benchmark:
        "benchmarks/check/{archive}.tsv"
    wildcard_constraints:
        archive=ARCHIVES,
    conda:
        "../envs/archives.yaml"
    params:
        expected=expected_files,
        own=own_files,
        code=code("check"),
    script:
        "../workflow/scripts/check.py"


for kind, pattern in archives.PATTERNS.items():

    rule:
        """Import a file of an archive."""
        name:
            f"import_{kind}"
        input:
            # Whatever else is new in the archive, a file that stayed the same is not imported again.
            check=check_of_dataset,
            source=archived_file(pattern),
            index=index_beside(kind),
        output:
            pattern,
        log:
            log_of(pattern, "log"),
        benchmark:
            log_of(pattern, "tsv").replace("logs/", "benchmarks/", 1)
        wildcard_constraints:
            dataset=ARCHIVED,
            features=ARCHIVED_FEATURES,
            fact="class|pmi|als",
            side="user|class",
        conda:
            "../envs/archives.yaml"
        params:
            kind=kind,
            signature=signature_of(kind),
            stamp=stamp_of(pattern),
            code=code("import_archived"),
        script:
            "../workflow/scripts/import_archived.py"


rule album_means:
    """Average what a model says of tracks over their albums, for all three sets."""
    input:
        albums=albums_of_tracks,
        train=layer_of_tracks("train"),
        val=layer_of_tracks("val"),
        test=layer_of_tracks("test"),
        index_train="data/splits/items_index_train_{dataset}.tsv",
        index_val="data/splits/items_index_val_{dataset}.tsv",
        index_test="data/splits/items_index_test_{dataset}.tsv",
    output:
        train="data/train_data/X_train_{model}-pred_{layer}_{dataset}.npz",
        val="data/train_data/X_val_{model}-pred_{layer}_{dataset}.npz",
        test="data/train_data/X_test_{model}-pred_{layer}_{dataset}.npz",
    log:
        "logs/album_means/{model}-pred_{layer}_{dataset}.log",
    benchmark:
        "benchmarks/album_means/{model}-pred_{layer}_{dataset}.tsv"
    wildcard_constraints:
        dataset=ALBUM_DATASETS,
        model=models_of_tracks(),
    conda:
        "../envs/archives.yaml"
    params:
        code=code("album_means"),
    script:
        "../workflow/scripts/album_means.py"


# Features of albums that a model of their tracks makes are means, not the model's word on the albums.
ruleorder: album_means > predict_layer
