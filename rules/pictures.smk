# From covers to pictures.
#
# Inputs: data/raw/<dataset>/items.tsv and the image files that it names; of an archive's dataset, the table
# data/raw/<archive>/own/<dataset>/items.tsv of files that the user has put there.
# Outputs: data/pictures/covers_<dataset>_<shard>.hdf5 and .tsv (what became of every cover),
# data/pictures/pictures_<set>_<dataset>.hdf5. A shard holds covers of one set, or of own files beside an archive.

PICTURED = names.all_but(JOBS.datasets(has_raw_files=False, takes_own_files=False))


rule covers:
    """Decode the covers of a shard, and tell in a table what became of every one."""
    input:
        table=items_table,
        sets=items_sets,
        images=of_job(FILES.raw_files, "image"),
    output:
        hdf5="data/pictures/covers_{dataset}_{shard}.hdf5",
        statuses="data/pictures/covers_{dataset}_{shard}.tsv",
    log:
        "logs/covers/{dataset}_{shard}.log",
    benchmark:
        "benchmarks/covers/{dataset}_{shard}.tsv"
    wildcard_constraints:
        dataset=PICTURED,
    priority: 1
    conda:
        "../envs/images.yaml"
    resources:
        **asks("pictures"),
    params:
        pictures=of_job(JOBS.section, "pictures"),
        shard=of_job(FILES.shard, "image"),
        rows=of_job(ITEMS.rows, "image"),
        code=code("covers"),
    # As of spectrograms, there may be hundreds.
    message:
        "covers {wildcards.dataset} {wildcards.shard}"
    script:
        "../workflow/scripts/covers.py"


rule pictures:
    """Gather the pictures of a set."""
    input:
        index="data/splits/items_index_{set}_{dataset}.tsv",
        covers=of_job(SOUND.covers),
        statuses=of_job(SOUND.cover_tables),
    output:
        "data/pictures/pictures_{set}_{dataset}.hdf5",
    log:
        "logs/pictures/{set}_{dataset}.log",
    benchmark:
        "benchmarks/pictures/{set}_{dataset}.tsv"
    wildcard_constraints:
        dataset=PICTURED,
    conda:
        "../envs/images.yaml"
    resources:
        **asks("pictures"),
    params:
        pictures=of_job(JOBS.section, "pictures"),
        max_missing=of_job(JOBS.section, "max_missing"),
        code=code("pictures"),
    script:
        "../workflow/scripts/pictures.py"


rule colours:
    """Measure the colours of the pictures of a set."""
    input:
        "data/pictures/pictures_{set}_{dataset}.hdf5",
    output:
        "data/train_data/X_{set}_colours_{dataset}.npz",
    log:
        "logs/colours/{set}_{dataset}.log",
    benchmark:
        "benchmarks/colours/{set}_{dataset}.tsv"
    wildcard_constraints:
        dataset=PICTURED,
    conda:
        "../envs/images.yaml"
    resources:
        **asks("pictures"),
    params:
        code=code("colours"),
    script:
        "../workflow/scripts/colours.py"
