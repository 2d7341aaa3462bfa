# Published archives: fetched, unpacked, checked, imported.
#
# Outputs: data/raw/<archive>/MANIFEST.json (what was fetched; the files are in downloads/ beside it), content/ (what
# was in them), made/ (what is made of measured recordings), CHECK.tsv (what every file is worth); then the same files
# of data/ as other datasets have.
# Files that an archive lacks, the user puts into data/raw/<archive>/own/: they count as its own, and come first.


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
    localrule: True
    conda:
        "../envs/archives.yaml"
    params:
        archive="{archive}",
        records=of_job(lambda job: CONFIG.archive(job["archive"])["records"]),
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
    resources:
        **asks("archives"),
    params:
        json_stays_packed=of_job(lambda job: bool(JOBS.made_files(job))),
    script:
        "../workflow/scripts/unpack.py"


rule recordings:
    """Make features, classes and ground truth of recordings, each of which has a JSON file of what was measured."""
    input:
        "data/raw/{archive}/content",
    output:
        directory("data/raw/{archive}/made"),
    log:
        "logs/recordings/{archive}.log",
    benchmark:
        "benchmarks/recordings/{archive}.tsv"
    wildcard_constraints:
        archive=names.pattern(JOBS.archives_of_recordings()),
    conda:
        "../envs/archives.yaml"
    resources:
        **asks("archives"),
    params:
        datasets=of_job(JOBS.measured_features),
        seed=SEED,
        own=of_job(own_files),
        code=code("recordings"),
    script:
        "../workflow/scripts/recordings.py"


# A checkpoint: only after it is it known which results can be made.
checkpoint check:
    """Check every file of an archive, and tell the missing from the invalid."""
    input:
        content="data/raw/{archive}/content",
        made=of_job(JOBS.made_files),
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
    resources:
        **asks("archives"),
    params:
        expected=of_job(JOBS.expected_files),
        own=of_job(own_files),
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
            check=of_job(check_of_dataset),
            source=of_job(archived_file, pattern),
            index=names.INDEX if kind == "features" else [],
        output:
            pattern,
        log:
            f"logs/import/{Path(pattern).stem}.log",
        benchmark:
            f"benchmarks/import/{Path(pattern).stem}.tsv"
        wildcard_constraints:
            dataset=ARCHIVED,
            features=names.pattern(JOBS.archived_features()),
            fact="class|pmi|als",
            side="user|class",
        conda:
            "../envs/archives.yaml"
        resources:
            **asks("archives"),
        params:
            kind=kind,
            signature=of_job(JOBS.signature_of_archived) if kind in ("features", "patches") else {},
            stamp=of_job(archived_stamp, pattern),
            code=code("import_archived"),
        script:
            "../workflow/scripts/import_archived.py"


rule album_means:
    """Average what a model says of tracks, or what was measured of them, over their albums, for all three sets."""
    input:
        albums=of_job(JOBS.albums_of_tracks),
        train=of_job(JOBS.features_of_tracks, "train"),
        val=of_job(JOBS.features_of_tracks, "val"),
        test=of_job(JOBS.features_of_tracks, "test"),
        index_train="data/splits/items_index_train_{dataset}.tsv",
        index_val="data/splits/items_index_val_{dataset}.tsv",
        index_test="data/splits/items_index_test_{dataset}.tsv",
    output:
        train="data/train_data/X_train_{features}_{dataset}.npz",
        val="data/train_data/X_val_{features}_{dataset}.npz",
        test="data/train_data/X_test_{features}_{dataset}.npz",
    log:
        "logs/album_means/{features}_{dataset}.log",
    benchmark:
        "benchmarks/album_means/{features}_{dataset}.tsv"
    wildcard_constraints:
        dataset=names.pattern(JOBS.album_datasets()),
        features=JOBS.averaged_features(),
    conda:
        "../envs/archives.yaml"
    resources:
        **asks("archives"),
    params:
        code=code("album_means"),
    script:
        "../workflow/scripts/album_means.py"


# Features of albums that a model of their tracks makes are means, not the model's word on the albums. Of an archive's
# albums the user may have sound: then it is measured.
ruleorder: set_statistics > album_means > predict_layer
