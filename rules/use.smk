# Trained models put to use.
#
# Inputs: data/inbox/<INBOX>/, a folder of the user's. Outputs: results/tags/<INBOX>/<family>_<model>.tsv and .json, and
# figures/<family>_<model>/ with a picture of every file


rule tags:
    """Tag the files of an inbox by a trained model, with all models that it is made from."""
    input:
        unpack(of_tagger(jobs.truth_of_tags)),
        models=of_tagger(jobs.models_of_chain),
    output:
        tsv="results/tags/{inbox}/{tagger}.tsv",
        json="results/tags/{inbox}/{tagger}.json",
    log:
        "logs/tags/{inbox}/{tagger}.log",
    benchmark:
        "benchmarks/tags/{inbox}/{tagger}.tsv"
    conda:
        TENSORFLOW
    threads: of_tagger(jobs.option, "threads")
    resources:
        **asks("use"),
    params:
        chain=of_tagger(chains.chain),
        inbox=of_job(stamps_of_inbox),
        tags=ordered(CONFIG.values["tags"]),
        thresholds=of_tagger(jobs.thresholds, CONFIG.values["tags"]["threshold"]),
        computing=of_tagger(jobs.computing, CONFIG.values["device"]),
        memory=".snakemake/tartarus/tags_{inbox}_{tagger}.json",
        code=code("tags"),
    script:
        "../workflow/scripts/tags.py"


rule tag_figures:
    """Draw every file of an inbox: its spectrogram, and what a model says of it over time."""
    input:
        unpack(of_tagger(jobs.truth_of_tags)),
        models=of_tagger(jobs.models_of_chain),
    output:
        directory("results/tags/{inbox}/figures/{tagger}"),
    log:
        "logs/tag_figures/{inbox}/{tagger}.log",
    benchmark:
        "benchmarks/tag_figures/{inbox}/{tagger}.tsv"
    conda:
        TENSORFLOW
    threads: of_tagger(jobs.option, "threads")
    resources:
        **asks("use"),
    params:
        chain=of_tagger(chains.chain),
        inbox=of_job(stamps_of_inbox),
        tags=ordered(CONFIG.values["tags"]),
        computing=of_tagger(jobs.computing, CONFIG.values["device"]),
        code=code("tag_figures"),
    script:
        "../workflow/scripts/tag_figures.py"
