# Results: how good the scores of the test items are.
#
# Output: results/<family>/<experiment>_<settings>.json


rule evaluate:
    """Measure a model's predictions and write its result."""
    input:
        unpack(of_model(truth_of)),
        predictions=of_model(predictions_of),
        models=of_model(all_trained),
        train=of_model(files_of("train")),
        val=of_model(files_of("val")),
        test=of_model(files_of("test")),
        index=of_model(all_indexes),
        statuses=of_model(targets.status_files),
    output:
        "results/{family}/{model}.json",
    log:
        "logs/evaluate/{family}/{model}.log",
    benchmark:
        "benchmarks/evaluate/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        result=of_model(description),
        options=of_model(training_options),
        published=of_model(published_of),
        evaluation=of_model(evaluation_options),
        bootstrap=ordered(CONFIG.values["bootstrap"]),
        seed=SEED,
        code=code("evaluate"),
    script:
        "../workflow/scripts/evaluate.py"
