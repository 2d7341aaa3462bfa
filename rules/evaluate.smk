# Results: how good the scores of the test items are.
#
# Outputs: results/<family>/<experiment>_<settings>.json; results/<family>/predictions_<experiment>_<settings>.tsv, the
# scores of every item; data/predictions/<family>/<model>/bootstrap.npz, the measures of every bootstrap sample;
# results/<family>/deformed.tsv and .md, the same when the sound of the test items is deformed, from
# data/predictions/<family>/<model>/deformed/ and deformed.json


rule evaluate:
    """Measure a model's predictions and write its result."""
    input:
        unpack(of_request(TRUTH.truth_files)),
        predictions=of_request(Request.predictions),
        models=of_folds(Request.models),
        weights=of_request(given.weights_file),
        train=of_folds(JOBS.files, "train"),
        val=of_folds(JOBS.files, "val"),
        test=of_folds(JOBS.files, "test"),
        index=of_folds(Request.index_files),
        statuses=of_request(lambda request: [*SOUND.status_files(request), *given.play_statuses(request)]),
        source=of_request(JOBS.source_of_table),
        table=of_request(grouped_table, TRUTH.groups),
        sets=of_request(grouped_sets, TRUTH.groups),
    output:
        result="results/{family}/{model}.json",
        samples="data/predictions/{family}/{model}/bootstrap.npz",
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
        options=of_request(given.training_options),
        computing=of_request(given.computing, CONFIG.values["device"]),
        published=of_request(requests.published),
        evaluation=of_request(given.option, "evaluation"),
        bootstrap=of_request(TRUTH.bootstrap),
        reading=of_request(lambda request: ITEMS.reading({"dataset": JOBS.whole(request.dataset)})),
        groups=of_request(TRUTH.groups),
        folds=of_request(Request.numbers_of_folds),
        about_validation=of_request(TRUTH.about_validation),
        seed=SEED,
        code=code("evaluate"),
    script:
        "../workflow/scripts/evaluate.py"


rule item_by_item:
    """Write what a model says of every item beside the truth: for one's own analysis."""
    input:
        unpack(of_request(TRUTH.truth_of_items)),
        predictions=of_request(Request.predictions),
        index=of_folds(Request.index_files),
        table=of_request(raw_table),
        sets=of_request(raw_sets),
    output:
        "results/{family}/predictions_{model}.tsv",
    log:
        "logs/item_by_item/{family}/{model}.log",
    benchmark:
        "benchmarks/item_by_item/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("evaluate"),
    params:
        task=of_request(lambda request: request.task),
        reading=of_request(lambda request: ITEMS.reading({"dataset": JOBS.whole(request.dataset)})),
        rows=of_request(raw_rows, "words"),
        evaluation=of_request(given.option, "evaluation"),
        validation=of_request(given.option, "validation"),
        folds=of_request(Request.numbers_of_folds),
        code=code("item_by_item"),
    script:
        "../workflow/scripts/item_by_item.py"


rule evaluate_deformed:
    """Measure what a model says of the test items when their sound is deformed."""
    input:
        unpack(of_request(TRUTH.truth_files)),
        deformed="data/predictions/{family}/{model}/deformed",
        predictions=of_request(Request.predictions),
        index=of_folds(Request.index_files),
        table=of_request(raw_table),
        sets=of_request(raw_sets),
    output:
        "data/predictions/{family}/{model}/deformed.json",
    log:
        "logs/evaluate_deformed/{family}/{model}.log",
    benchmark:
        "benchmarks/evaluate_deformed/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("evaluate"),
    params:
        result=of_request(requests.description),
        validation=of_request(given.option, "validation"),
        deform=of_request(given.deformations),
        evaluation=of_request(given.option, "evaluation"),
        bootstrap=of_request(TRUTH.bootstrap),
        reading=of_request(lambda request: ITEMS.reading({"dataset": JOBS.whole(request.dataset)})),
        groups=of_request(TRUTH.groups),
        folds=of_request(Request.numbers_of_folds),
        seed=SEED,
        code=code("evaluate_deformed"),
    script:
        "../workflow/scripts/evaluate_deformed.py"
