# From sound to vectors by pretrained networks.
#
# Inputs: data/raw/<dataset>/items.tsv and the audio files that it names; the checkpoints of musicnn, from a mirror or from
# their authors; ONNX files that the configuration names, which fetch_weights brings.
# Outputs: data/models/pretrained/<network>.keras; data/statistics/pretrained_<network>_<parts>_<dataset>_<shard>.hdf5 and
# .tsv (what became of every track), which set_statistics gathers. A shard holds tracks of one set.

MUSICNN = names.pattern(pretrained.MUSICNN)
OWN_NETWORKS = names.pattern(JOBS.own_networks())


rule fetch_musicnn:
    """Fetch the published checkpoint of a musicnn network, from a mirror or from its authors, and verify it."""
    output:
        "data/raw/weights/{network}/.index",
        "data/raw/weights/{network}/.data-00000-of-00001",
    log:
        "logs/fetch_musicnn/{network}.log",
    benchmark:
        "benchmarks/fetch_musicnn/{network}.tsv"
    wildcard_constraints:
        network=MUSICNN,
    localrule: True
    conda:
        "../envs/common.yaml"
    params:
        source=of_job(pretrained.source_of_musicnn),
    script:
        "../workflow/scripts/fetch_weights.py"


rule convert_musicnn:
    """Write a musicnn network with the weights of its checkpoint."""
    input:
        "data/raw/weights/{network}/.index",
        "data/raw/weights/{network}/.data-00000-of-00001",
    output:
        "data/models/pretrained/{network}.keras",
    log:
        "logs/convert_musicnn/{network}.log",
    benchmark:
        "benchmarks/convert_musicnn/{network}.tsv"
    wildcard_constraints:
        network=MUSICNN,
    conda:
        TENSORFLOW
    resources:
        **asks("pretrained"),
    params:
        digest=of_job(lambda job: pretrained.MUSICNN[job["network"]].weights),
        code=code("convert_musicnn"),
    script:
        "../workflow/scripts/convert_musicnn.py"


rule track_musicnn:
    """Make a vector of every track of a shard by a musicnn network, and tell what became of every track."""
    input:
        table=items_table,
        sets=items_sets,
        audio=of_job(FILES.raw_files, "audio"),
        network=of_job(JOBS.pretrained_file),
    output:
        hdf5="data/statistics/{statistics}_{dataset}_{shard}.hdf5",
        tracks="data/statistics/{statistics}_{dataset}_{shard}.tsv",
    log:
        "logs/statistics/{statistics}_{dataset}_{shard}.log",
    benchmark:
        "benchmarks/statistics/{statistics}_{dataset}_{shard}.tsv"
    wildcard_constraints:
        dataset=HEARD,
        statistics=f"pretrained_({MUSICNN})_[^_]+",
    priority: 1
    conda:
        TENSORFLOW
    threads: of_job(JOBS.audio, "workers")
    resources:
        **asks("pretrained"),
    params:
        options=of_job(JOBS.statistical_options),
        min_seconds=of_job(JOBS.audio, "min_seconds"),
        computing={"threads": CONFIG.values["experiment"]["threads"], "device": CONFIG.values["device"]},
        shard=of_job(FILES.shard, "audio"),
        rows=of_job(ITEMS.rows, "audio"),
        code=code("track_musicnn"),
    message:
        "track_musicnn {wildcards.statistics} {wildcards.dataset} {wildcards.shard}"
    script:
        "../workflow/scripts/track_musicnn.py"


rule track_onnx:
    """Make a vector of every track of a shard by a network in an ONNX file, and tell what became of every track."""
    input:
        table=items_table,
        sets=items_sets,
        audio=of_job(FILES.raw_files, "audio"),
        network=of_job(JOBS.pretrained_file),
    output:
        hdf5="data/statistics/{statistics}_{dataset}_{shard}.hdf5",
        tracks="data/statistics/{statistics}_{dataset}_{shard}.tsv",
    log:
        "logs/statistics/{statistics}_{dataset}_{shard}.log",
    benchmark:
        "benchmarks/statistics/{statistics}_{dataset}_{shard}.tsv"
    wildcard_constraints:
        dataset=HEARD,
        statistics=f"pretrained_({OWN_NETWORKS})_[^_]+",
    priority: 1
    conda:
        "../envs/onnx.yaml"
    threads: of_job(JOBS.audio, "workers")
    resources:
        **asks("pretrained"),
    params:
        options=of_job(JOBS.statistical_options),
        min_seconds=of_job(JOBS.audio, "min_seconds"),
        threads=CONFIG.values["experiment"]["threads"],
        shard=of_job(FILES.shard, "audio"),
        rows=of_job(ITEMS.rows, "audio"),
        code=code("track_onnx"),
    message:
        "track_onnx {wildcards.statistics} {wildcards.dataset} {wildcards.shard}"
    script:
        "../workflow/scripts/track_onnx.py"
