# Trained models put to use.
#
# Inputs: data/inbox/<INBOX>/, a folder of the user's. Outputs: data/models/<family>/<model>/use.json, what the use of a
# model needs; results/tags/<INBOX>/<family>_<model>.tsv and .json, and figures/<family>_<model>/ with a picture of every
# file; results/listeners/<INBOX>/<family>_<model>.tsv
#
# Vectors of items taken elsewhere: <features> is a setting of the dataset, or the name of features. Outputs:
# results/embeddings/<dataset>/<features>.parquet (or .npz, or _vectors.tsv and _metadata.tsv),
# results/neighbours/<dataset>/<features>.tsv and .json; for the files of an inbox,
# results/neighbours/<dataset>/<INBOX>/<features>.tsv; a map of them, results/<family>/figures/map_<features>.png, .svg, .html, .tsv


rule usage:
    """Write down what the use of a model needs: its classes, thresholds and all that leads to it, by checksum."""
    input:
        unpack(of_request(given.truth_of_tags, TRUTH.count_classes)),
        models=of_request(given.models_of_chain),
    output:
        "data/models/{family}/{model}/use.json",
    log:
        "logs/usage/{family}/{model}.log",
    benchmark:
        "benchmarks/usage/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("use", runs_networks=False),
    params:
        chain=of_request(chains.chain),
        thresholds=of_request(given.thresholds, CONFIG.values["tags"]["threshold"]),
        windows={key: CONFIG.values["tags"][key] for key in ("trim", "hop")},
        computing=of_request(given.options_of_computing),
        code=code("usage"),
    script:
        "../workflow/scripts/usage.py"


rule tags:
    """Tag the files of an inbox by a trained model, with all models that it is made from."""
    input:
        use=of_tagger(given.usage),
        models=of_tagger(given.models_of_chain),
    output:
        tsv="results/tags/{inbox}/{tagger}.tsv",
        json="results/tags/{inbox}/{tagger}.json",
    log:
        "logs/tags/{inbox}/{tagger}.log",
    benchmark:
        "benchmarks/tags/{inbox}/{tagger}.tsv"
    conda:
        TENSORFLOW
    threads: of_tagger(given.option, "threads")
    resources:
        **asks("use"),
    params:
        inbox=of_job(stamps_of_inbox),
        tags={key: CONFIG.values["tags"][key] for key in ("timeline", "top")},
        computing=of_tagger(given.computing, CONFIG.values["device"]),
        memory=".snakemake/tartarus/tags_{inbox}_{tagger}.json",
        code=code("tags"),
    script:
        "../workflow/scripts/tags.py"


rule tag_figures:
    """Draw every file of an inbox that is new or changed: its spectrogram, and what a model says of it over time."""
    input:
        use=of_tagger(given.usage),
        models=of_tagger(given.models_of_chain),
    output:
        update(directory("results/tags/{inbox}/figures/{tagger}")),
    log:
        "logs/tag_figures/{inbox}/{tagger}.log",
    benchmark:
        "benchmarks/tag_figures/{inbox}/{tagger}.tsv"
    conda:
        TENSORFLOW
    threads: of_tagger(given.option, "threads")
    resources:
        **asks("use"),
    params:
        inbox=of_job(stamps_of_inbox),
        computing=of_tagger(given.computing, CONFIG.values["device"]),
        memory=".snakemake/tartarus/tag_figures_{inbox}_{tagger}.json",
        code=code("tag_figures"),
    script:
        "../workflow/scripts/tag_figures.py"


rule listeners:
    """Find the users who are most likely to like the files of an inbox, by a model of plays."""
    input:
        unpack(of_tagger(given.listeners)),
        models=of_tagger(given.models_of_chain),
    output:
        "results/listeners/{inbox}/{tagger}.tsv",
    log:
        "logs/listeners/{inbox}/{tagger}.log",
    benchmark:
        "benchmarks/listeners/{inbox}/{tagger}.tsv"
    conda:
        TENSORFLOW
    threads: of_tagger(given.option, "threads")
    resources:
        **asks("use"),
    params:
        chain=of_tagger(chains.chain),
        inbox=of_job(stamps_of_inbox),
        windows={key: CONFIG.values["tags"][key] for key in ("trim", "hop")},
        length=CONFIG.values["listeners"]["top"],
        computing=of_tagger(given.computing, CONFIG.values["device"]),
        memory=".snakemake/tartarus/listeners_{inbox}_{tagger}.json",
        code=code("listeners"),
    script:
        "../workflow/scripts/listeners.py"


rule embeddings:
    """Write the vectors of a dataset as a table of Parquet: id, set, labels, vector."""
    input:
        unpack(of_job(TRUTH.labels)),
        features=of_job(vectors_of),
    output:
        "results/embeddings/{dataset}/{features}.parquet",
    log:
        "logs/embeddings/{dataset}_{features}.log",
    benchmark:
        "benchmarks/embeddings/{dataset}_{features}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("use"),
    params:
        sets=of_job(sets_with_vectors),
        code=code("embeddings"),
    script:
        "../workflow/scripts/embeddings.py"


rule embeddings_npz:
    """Write the vectors of a dataset as arrays of NumPy."""
    input:
        unpack(of_job(TRUTH.labels)),
        features=of_job(vectors_of),
    output:
        "results/embeddings/{dataset}/{features}.npz",
    log:
        "logs/embeddings_npz/{dataset}_{features}.log",
    benchmark:
        "benchmarks/embeddings_npz/{dataset}_{features}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("use"),
    params:
        sets=of_job(sets_with_vectors),
        code=code("embeddings"),
    script:
        "../workflow/scripts/embeddings.py"


rule embeddings_projector:
    """Write the vectors of a dataset as the projector of TensorFlow loads them."""
    input:
        unpack(of_job(TRUTH.labels)),
        features=of_job(vectors_of),
    output:
        vectors="results/embeddings/{dataset}/{features}_vectors.tsv",
        metadata="results/embeddings/{dataset}/{features}_metadata.tsv",
    log:
        "logs/embeddings_projector/{dataset}_{features}.log",
    benchmark:
        "benchmarks/embeddings_projector/{dataset}_{features}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("use"),
    params:
        sets=of_job(sets_with_vectors),
        code=code("embeddings"),
    script:
        "../workflow/scripts/embeddings.py"


rule neighbours:
    """List the nearest items of every item of a dataset, by the cosine of their vectors."""
    input:
        of_job(vectors_of),
    output:
        tsv="results/neighbours/{dataset}/{features}.tsv",
        json="results/neighbours/{dataset}/{features}.json",
    log:
        "logs/neighbours/{dataset}_{features}.log",
    benchmark:
        "benchmarks/neighbours/{dataset}_{features}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 8
    resources:
        **asks("use"),
    params:
        sets=of_job(sets_with_vectors),
        standardise=of_vectors(vectors.are_of_many_units),
        options=ordered(CONFIG.values["neighbours"]),
        code=code("neighbours"),
    script:
        "../workflow/scripts/neighbours.py"


rule inbox_neighbours:
    """Find the items of a dataset that the files of an inbox are most like, by the cosine of their vectors."""
    input:
        unpack(of_vectors(vectors.files_of_hearing)),
        features=of_job(vectors_of),
    output:
        "results/neighbours/{dataset}/{inbox}/{features}.tsv",
    log:
        "logs/inbox_neighbours/{dataset}_{inbox}_{features}.log",
    benchmark:
        "benchmarks/inbox_neighbours/{dataset}_{inbox}_{features}.tsv"
    conda:
        TENSORFLOW
    threads: of_vectors(lambda *named: vectors.computing(*named)["threads"])
    resources:
        **asks("use"),
    params:
        made_of=of_vectors(vectors.of_a_file),
        sets=of_job(sets_with_vectors),
        standardise=of_vectors(vectors.are_of_many_units),
        inbox=of_job(stamps_of_inbox),
        windows={key: CONFIG.values["tags"][key] for key in ("trim", "hop")},
        k=CONFIG.values["neighbours"]["k"],
        computing=of_vectors(vectors.computing),
        code=code("inbox_neighbours"),
    script:
        "../workflow/scripts/inbox_neighbours.py"


rule plot_map:
    """Draw the items of a dataset on a map, on which those that are alike are near each other."""
    input:
        unpack(of_mapped(TRUTH.labels)),
        features=of_mapped(vectors_of),
        predictions=of_mapped(lambda job: report_jobs.of_classes_on(sorted_requests(job["family"])[0], job["dataset"])),
        table=of_mapped(table_of_whole),
        sets=of_mapped(lambda job: sets_of(JOBS.whole(job["dataset"])) if table_of_whole(job) else []),
    output:
        html="results/{family}/figures/map_{features}.html",
        tsv="results/{family}/figures/map_{features}.tsv",
        svg="results/{family}/figures/map_{features}.svg",
        png=report(
            "results/{family}/figures/map_{features}.png",
            caption="../workflow/report/map.rst",
            category="7 Maps",
            labels={"features": "{features}"},
        ),
    log:
        "logs/plot_map/{family}_{features}.log",
    benchmark:
        "benchmarks/plot_map/{family}_{features}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("use", runs_networks=False),
    params:
        dataset=of_mapped(lambda job: job["dataset"]),
        sets=of_mapped(sets_with_vectors),
        standardise=of_mapped(lambda job: vectors.are_of_many_units(CONFIG, job["features"], job["dataset"])),
        reading=of_mapped(lambda job: ITEMS.reading({"dataset": JOBS.whole(job["dataset"])})),
        rows=of_mapped(lambda job: ITEMS.rows({"dataset": JOBS.whole(job["dataset"])}, "audio")),
        seed=SEED,
        page=sha256(HOME / "workflow" / "page" / "map.html"),
        code=code("plot_map"),
    script:
        "../workflow/scripts/plot_map.py"


rule deform:
    """Score the test items when their sound is deformed, in every way that the dataset says; and when it is not."""
    input:
        test=of_folds(JOBS.files, "test"),
        models=of_folds(given.models_of_test_items),
        index=of_folds(Request.index_file, "test"),
        table=of_request(raw_table),
        sets=of_request(raw_sets),
    output:
        directory("data/predictions/{family}/{model}/deformed"),
    log:
        "logs/deform/{family}/{model}.log",
    benchmark:
        "benchmarks/deform/{family}/{model}.tsv"
    conda:
        TENSORFLOW
    threads: of_request(given.option, "threads")
    resources:
        **asks("use"),
    params:
        chains=of_request(lambda request: [chains.of_test_items(fold) for fold in request.folds()]),
        deform=of_request(given.deformations),
        reading=of_request(lambda request: ITEMS.reading({"dataset": JOBS.whole(request.dataset)})),
        rows=of_request(raw_rows),
        seeds=of_request(given.option, "seeds"),
        folds=of_request(Request.numbers_of_folds),
        computing=of_request(given.computing, CONFIG.values["device"]),
        seed=SEED,
        code=code("deform"),
    script:
        "../workflow/scripts/deform.py"
