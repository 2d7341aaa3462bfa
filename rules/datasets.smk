# Raw files, splits and ground truth.
#
# Outputs: data/raw/<dataset>/..., data/splits/items_index_<set>_<dataset>.tsv, genre_labels_<dataset>.tsv,
# y_<set>_class_<dim>_<dataset>.npy. data/splits/sets_<dataset>.tsv is written when the jobs are planned. Of a table that
# a user wrote, data/raw/<dataset>/CHECK.tsv tells all that is wrong.

from tartarus.items import checking

for dataset in JOBS.datasets_of_kind("synthetic"):

    rule:
        """Synthesise a dataset: sounds, lyrics, covers, the table of items, the plays of listeners."""
        name:
            f"synthesise_{dataset}"
        output:
            expand(
                "data/raw/{dataset}/{file}",
                dataset=dataset,
                file=demo.files(tracks_per_artist=CONFIG.dataset(dataset)["synthesis"]["tracks_per_artist"]),
            ),
        log:
            f"logs/synthesise/{dataset}.log",
        benchmark:
            f"benchmarks/synthesise/{dataset}.tsv"
        conda:
            "../envs/images.yaml"
        threads: 2
        resources:
            **asks("datasets"),
        params:
            synthesis=ordered(CONFIG.dataset(dataset)["synthesis"]),
            seed=SEED,
            code=code("synthesise"),
        script:
            "../workflow/scripts/synthesise.py"


for dataset in JOBS.datasets_of_kind("original"):

    rule:
        """Fetch the files of a dataset from a mirror or from their source, and verify them."""
        name:
            f"fetch_{dataset}"
        output:
            expand(
                "data/raw/{dataset}/{file}",
                dataset=dataset,
                file=CONFIG.dataset(dataset)["files"],
            ),
        log:
            f"logs/fetch/{dataset}.log",
        benchmark:
            f"benchmarks/fetch/{dataset}.tsv"
        localrule: True
        conda:
            "../envs/common.yaml"
        params:
            dataset=dataset,
            url=CONFIG.dataset(dataset)["url"],
            files=ordered(CONFIG.dataset(dataset)["files"]),
        script:
            "../workflow/scripts/fetch.py"

    rule:
        """Read the original's index and split files into a table of items."""
        name:
            f"import_{dataset}"
        input:
            expand(
                "data/raw/{dataset}/{file}",
                dataset=dataset,
                file=CONFIG.dataset(dataset)["files"],
            ),
        output:
            f"data/raw/{dataset}/items.tsv",
        log:
            f"logs/import_original/{dataset}.log",
        benchmark:
            f"benchmarks/import_original/{dataset}.tsv"
        conda:
            "../envs/common.yaml"
        resources:
            **asks("datasets"),
        params:
            dataset=dataset,
            code=code("import_original"),
        script:
            "../workflow/scripts/import_original.py"


for dataset in JOBS.datasets_of_kind("mirdata"):

    # Jobs are planned with the table: it is made before them, by its name.
    rule:
        """Make the table of items by a loader of mirdata, which checks all files."""
        name:
            f"mirdata_{dataset}"
        output:
            table=f"data/raw/{dataset}/items.tsv",
            source=f"data/raw/{dataset}/SOURCE.json",
        log:
            f"logs/mirdata_table/{dataset}.log",
        benchmark:
            f"benchmarks/mirdata_table/{dataset}.tsv"
        conda:
            "../envs/mirdata.yaml"
        resources:
            **asks("datasets"),
        params:
            options=ordered(mirdata_loader.options_of(CONFIG.dataset(dataset))),
            code=code("mirdata_table"),
        script:
            "../workflow/scripts/mirdata_table.py"


for dataset in JOBS.datasets_of_kind("albums"):

    rule:
        """Make the table of the albums of a dataset of tracks."""
        name:
            f"albums_{dataset}"
        input:
            table=table_of(JOBS.tracks_of({"dataset": dataset})),
            sets=of_job(lambda _, dataset: sets_of(dataset), JOBS.tracks_of({"dataset": dataset})),
        output:
            table=f"data/raw/{dataset}/items.tsv",
            albums=JOBS.albums_of_tracks({"dataset": dataset}),
        log:
            f"logs/albums/{dataset}.log",
        benchmark:
            f"benchmarks/albums/{dataset}.tsv"
        conda:
            "../envs/common.yaml"
        resources:
            **asks("datasets"),
        params:
            reading=ITEMS.reading({"dataset": JOBS.tracks_of({"dataset": dataset})}),
            rows=of_job(lambda _, dataset: ITEMS.album_rows(dataset), dataset),
            code=code("albums"),
        script:
            "../workflow/scripts/albums.py"


for dataset in JOBS.views():

    rule:
        """Make the table of a view: the items of another dataset, for another task."""
        name:
            f"view_{dataset}"
        input:
            table=table_of(JOBS.whole(dataset)),
            sets=of_job(lambda _, dataset: sets_of(dataset), JOBS.whole(dataset)),
        output:
            f"data/raw/{dataset}/items.tsv",
        log:
            f"logs/view/{dataset}.log",
        benchmark:
            f"benchmarks/view/{dataset}.tsv"
        localrule: True
        conda:
            "../envs/common.yaml"
        params:
            reading=ITEMS.reading({"dataset": JOBS.whole(dataset)}),
            classes=ITEMS.classes_of_view(dataset),
            rows=of_job(lambda _, dataset: ITEMS.view_rows(dataset), dataset),
            code=code("view"),
        script:
            "../workflow/scripts/view.py"


for dataset, folds in JOBS.folded().items():

    rule:
        """Write the ids of train, val and test of every fold."""
        name:
            f"folds_{dataset}"
        input:
            table=table_of(dataset),
            sets=of_job(lambda _, dataset: sets_of(dataset), dataset),
        output:
            expand("data/splits/items_index_{set}_{fold}.tsv", fold=folds, set=kinds.SETS),
        log:
            f"logs/folds/{dataset}.log",
        benchmark:
            f"benchmarks/folds/{dataset}.tsv"
        localrule: True
        conda:
            "../envs/common.yaml"
        params:
            reading=of_job(lambda _, dataset: ITEMS.reading({"dataset": dataset}), dataset),
            rows=of_job(lambda _, dataset: ITEMS.fold_rows(dataset), dataset),
            code=code("folds"),
        script:
            "../workflow/scripts/folds.py"

    rule:
        """Write the ground truth of train, val and test of every fold: items x classes."""
        name:
            f"fold_targets_{dataset}"
        input:
            table=table_of(dataset),
            sets=of_job(lambda _, dataset: sets_of(dataset), dataset),
            classes=f"data/splits/genre_labels_{dataset}.tsv",
        output:
            expand("data/splits/y_{set}_class_{{dim}}_{fold}.npy", fold=folds, set=kinds.SETS),
        log:
            f"logs/fold_targets/{{dim}}_{dataset}.log",
        benchmark:
            f"benchmarks/fold_targets/{{dim}}_{dataset}.tsv"
        localrule: True
        conda:
            "../envs/common.yaml"
        params:
            reading=of_job(lambda _, dataset: ITEMS.reading({"dataset": dataset}), dataset),
            rows=of_job(lambda _, dataset: ITEMS.fold_rows(dataset), dataset),
            code=code("fold_targets"),
        script:
            "../workflow/scripts/fold_targets.py"


rule check_table:
    """Check a table of items, the files that it names and the tables beside it: all that is wrong, and what is odd."""

    # What is not there, or is no table, is told by the check, not by whoever plans it.
    input:
        table=of_job(FILES.present, names.ITEMS),
        sets=of_job(FILES.present, names.SETS),
        gazetteer=of_job(FILES.present, names.GAZETTEER),
        plays=of_job(FILES.present, names.TABLE_OF_PLAYS),
    output:
        "data/raw/{dataset}/CHECK.tsv",
    log:
        "logs/check_table/{dataset}.log",
    benchmark:
        "benchmarks/check_table/{dataset}.tsv"
    wildcard_constraints:
        dataset=names.pattern(JOBS.datasets(is_users_table=True)),
    conda:
        "../envs/checks.yaml"
    threads: of_job(JOBS.audio, "workers")
    resources:
        **asks("datasets", of_each_thread=True),
    params:
        reading=of_job(ITEMS.reading),
        section=of_job(JOBS.section, "classes", "pictures", "sem"),
        table=of_job(lambda job: ITEMS.table(job["dataset"])),
        files=of_job(lambda job: checking.version(ITEMS.table(job["dataset"]))),
        audio=of_job(JOBS.spectral_options, "min_seconds"),
        code=code("check_table"),
    script:
        "../workflow/scripts/check_table.py"


rule index:
    """Write the ids of a set."""
    input:
        table=items_table,
        sets=items_sets,
        played=of_job(JOBS.played),
    output:
        "data/splits/items_index_{set}_{dataset}.tsv",
    log:
        "logs/index/{set}_{dataset}.log",
    benchmark:
        "benchmarks/index/{set}_{dataset}.tsv"
    wildcard_constraints:
        dataset=LISTED,
    localrule: True
    conda:
        "../envs/common.yaml"
    params:
        reading=of_job(ITEMS.reading),
        rows=of_job(ITEMS.rows),
        code=code("index"),
    script:
        "../workflow/scripts/index.py"


rule classes:
    """Write the classes of a dataset in column order."""
    output:
        "data/splits/genre_labels_{dataset}.tsv",
    log:
        "logs/classes/{dataset}.log",
    benchmark:
        "benchmarks/classes/{dataset}.tsv"
    wildcard_constraints:
        dataset=LISTED,
    localrule: True
    conda:
        "../envs/common.yaml"
    params:
        classes=of_job(TRUTH.classes),
        code=code("classes"),
    script:
        "../workflow/scripts/classes.py"


rule targets:
    """Write the ground truth of a set: items x classes."""
    input:
        table=items_table,
        sets=items_sets,
        classes="data/splits/genre_labels_{dataset}.tsv",
    output:
        "data/splits/y_{set}_class_{dim}_{dataset}.npy",
    log:
        "logs/targets/{set}_{dim}_{dataset}.log",
    benchmark:
        "benchmarks/targets/{set}_{dim}_{dataset}.tsv"
    wildcard_constraints:
        dataset=LISTED,
    localrule: True
    conda:
        "../envs/common.yaml"
    params:
        reading=of_job(ITEMS.reading),
        task=of_job(JOBS.section, "task"),
        rows=of_job(ITEMS.label_rows),
        code=code("targets"),
    script:
        "../workflow/scripts/targets.py"
