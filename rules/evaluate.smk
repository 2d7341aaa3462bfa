# Results: how good the scores of the test items are.
#
# Output: results/<family>/<experiment>_<settings>.json


rule evaluate:
    """Measure a model's predictions and write its result."""
    input:
        unpack(of_request(Request.truth_files)),
        predictions=of_request(Request.predictions),
        models=of_request(Request.models),
        train=of_request(JOBS.files, "train"),
        val=of_request(JOBS.files, "val"),
        test=of_request(JOBS.files, "test"),
        index=of_request(Request.index_files),
        statuses=of_request(SOUND.status_files),
    output:
        "results/{family}/{model}.json",
    log:
        "logs/evaluate/{family}/{model}.log",
    benchmark:
        "benchmarks/evaluate/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("evaluate"),
    params:
        result=of_request(requests.description),
        options=of_request(jobs.training_options),
        computing=of_request(jobs.computing, CONFIG.values["device"]),
        published=of_request(requests.published),
        evaluation=of_request(jobs.option, "evaluation"),
        bootstrap=ordered(CONFIG.values["bootstrap"]),
        seed=SEED,
        code=code("evaluate"),
    script:
        "../workflow/scripts/evaluate.py"
