# From sound to patches of spectrograms, and to vectors.
#
# Inputs: data/raw/<dataset>/items.tsv and the audio files that it names.
# Outputs: data/spectrograms/spectrograms_<type>_<dataset>_<shard>.hdf5 with tracks_<dataset>_<shard>.tsv,
# data/patches/patches_<set>_<dataset>_<n>_<sec>.hdf5; of what is measured over the whole length (timbre, descriptors; and
# what pretrained.smk makes),
# data/statistics/<statistics>_<dataset>_<shard>.hdf5 and .tsv (what became of every track),
# data/train_data/X_<set>_<statistics>_<dataset>.npz. A shard holds tracks of one set.


from tartarus.plan.feature_kinds import OF_TRACKS, STATISTICS

# Own files beside an archive may be measured too.
HEARD = names.all_but(JOBS.datasets(has_raw_files=False, takes_own_files=False))


# The table of a shard's tracks has no type in its name, so there is one rule for each type in use, for the
# datasets that are configured so.
for type_, datasets in JOBS.datasets_by_spectrograms().items():

    rule:
        """Make the spectrograms of a shard, and a table that tells what became of every track."""
        name:
            f"spectrograms_{type_}"
        input:
            table=items_table,
            sets=items_sets,
            audio=of_job(FILES.raw_files, "audio"),
        output:
            hdf5=f"data/spectrograms/spectrograms_{type_}_{{dataset}}_{{shard}}.hdf5",
            tracks="data/spectrograms/tracks_{dataset}_{shard}.tsv",
        log:
            f"logs/spectrograms/{type_}_{{dataset}}_{{shard}}.log",
        benchmark:
            f"benchmarks/spectrograms/{type_}_{{dataset}}_{{shard}}.tsv"
        wildcard_constraints:
            dataset=names.pattern(datasets),
        # Sound takes longest: it goes first.
        priority: 1
        conda:
            "../envs/audio.yaml"
        threads: of_job(JOBS.audio, "workers")
        resources:
            **asks("audio", of_each_thread=True),
        params:
            audio=of_job(JOBS.spectral_options, "min_seconds"),
            shard=of_job(FILES.shard, "audio"),
            rows=of_job(ITEMS.rows, "audio"),
            code=code("spectrograms"),
        # Of hundreds of shards, Snakemake would fill many screens otherwise.
        message:
            f"spectrograms_{type_} {{wildcards.dataset}} {{wildcards.shard}}"
        script:
            "../workflow/scripts/spectrograms.py"


rule patches:
    """Cut patches of equal length out of the spectrograms of a set."""
    input:
        index="data/splits/items_index_{set}_{dataset}.tsv",
        spectrograms=of_job(SOUND.spectrograms_of_patches),
        tracks=of_job(SOUND.track_tables),
    output:
        "data/patches/patches_{set}_{dataset}_{n}_{sec}.hdf5",
    log:
        "logs/patches/{set}_{dataset}_{n}_{sec}.log",
    benchmark:
        "benchmarks/patches/{set}_{dataset}_{n}_{sec}.tsv"
    wildcard_constraints:
        dataset=RAW,
        # What is no number is answered with a message.
        n=r"[^_/]+",
        sec=r"[^_/]+",
    priority: 1
    conda:
        "../envs/audio.yaml"
    resources:
        **asks("audio"),
    params:
        audio=of_job(JOBS.spectral_options),
        patches=of_job(JOBS.section, "patches"),
        max_missing=of_job(JOBS.section, "max_missing"),
        seed=SEED,
        code=code("patches"),
    script:
        "../workflow/scripts/patches.py"


rule track_statistics:
    """Measure the tracks of a shard over their whole length, and tell what became of every track."""
    input:
        table=items_table,
        sets=items_sets,
        audio=of_job(FILES.raw_files, "audio"),
    output:
        hdf5="data/statistics/{statistics}_{dataset}_{shard}.hdf5",
        tracks="data/statistics/{statistics}_{dataset}_{shard}.tsv",
    log:
        "logs/statistics/{statistics}_{dataset}_{shard}.log",
    benchmark:
        "benchmarks/statistics/{statistics}_{dataset}_{shard}.tsv"
    wildcard_constraints:
        dataset=HEARD,
        statistics=names.pattern([kind.name for kind in STATISTICS]),
    priority: 1
    conda:
        "../envs/audio.yaml"
    threads: of_job(JOBS.audio, "workers")
    resources:
        **asks("audio", of_each_thread=True),
    params:
        audio=of_job(JOBS.statistical_options),
        min_seconds=of_job(JOBS.audio, "min_seconds"),
        shard=of_job(FILES.shard, "audio"),
        rows=of_job(ITEMS.rows, "audio"),
        code=code("track_statistics"),
    message:
        "track_statistics {wildcards.statistics} {wildcards.dataset} {wildcards.shard}"
    script:
        "../workflow/scripts/track_statistics.py"


rule set_statistics:
    """Gather what was measured of the tracks of a set: a vector for each."""
    input:
        index="data/splits/items_index_{set}_{dataset}.tsv",
        statistics=of_job(SOUND.statistics),
        tracks=of_job(SOUND.statistics_tables),
    output:
        "data/train_data/X_{set}_{statistics}_{dataset}.npz",
    log:
        "logs/statistics/{set}_{statistics}_{dataset}.log",
    benchmark:
        "benchmarks/statistics/{set}_{statistics}_{dataset}.tsv"
    wildcard_constraints:
        dataset=HEARD,
        statistics="|".join(kind.wildcard for kind in OF_TRACKS),
    conda:
        "../envs/audio.yaml"
    resources:
        **asks("audio"),
    params:
        audio=of_job(JOBS.statistical_options),
        max_missing=of_job(JOBS.section, "max_missing"),
        code=code("set_statistics"),
    script:
        "../workflow/scripts/set_statistics.py"
