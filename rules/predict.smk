# What trained models say.
#
# Outputs: data/train_data/X_<set>_<model>-pred_<layer>_<dataset>.npz, the output of a layer as features for
# another model; data/predictions/<family>/<model>/<set>.npz, the scores of the items by every seed. Where the dataset has
# folds, an item's are those of the models that were not trained on it.
#
# `computing` has the threads of TensorFlow. Those of the job are fewer where there are fewer cores; results are the same.


rule predict_layer:
    """Write the output of a named layer of a model's first seed, for all three sets."""
    input:
        model=of_request(JOBS.first_model),
        train=of_request(JOBS.files, "train"),
        val=of_request(JOBS.files, "val"),
        test=of_request(JOBS.files, "test"),
        index_train="data/splits/items_index_train_{dataset}.tsv",
        index_val="data/splits/items_index_val_{dataset}.tsv",
        index_test="data/splits/items_index_test_{dataset}.tsv",
    output:
        train="data/train_data/X_train_{model}-pred_{layer}_{dataset}.npz",
        val="data/train_data/X_val_{model}-pred_{layer}_{dataset}.npz",
        test="data/train_data/X_test_{model}-pred_{layer}_{dataset}.npz",
    log:
        "logs/predict_layer/{model}-pred_{layer}_{dataset}.log",
    benchmark:
        "benchmarks/predict_layer/{model}-pred_{layer}_{dataset}.tsv"
    priority: 1
    conda:
        TENSORFLOW
    threads: of_request(given.option, "threads")
    resources:
        **asks("predict"),
    params:
        computing=of_request(given.computing, CONFIG.values["device"]),
        code=code("predict_layer"),
    script:
        "../workflow/scripts/predict_layer.py"


rule predict:
    """Score the items of validation and test with every seed of a model."""
    input:
        models=of_folds(Request.models),
        val=of_folds(JOBS.files, "val"),
        test=of_folds(JOBS.files, "test"),
        index_val=of_folds(Request.index_file, "val"),
        index_test=of_folds(Request.index_file, "test"),
    output:
        val="data/predictions/{family}/{model}/val.npz",
        test="data/predictions/{family}/{model}/test.npz",
    log:
        "logs/predict/{family}/{model}.log",
    benchmark:
        "benchmarks/predict/{family}/{model}.tsv"
    conda:
        TENSORFLOW
    threads: of_request(given.option, "threads")
    resources:
        **asks("predict"),
    params:
        seeds=of_request(given.option, "seeds"),
        folds=of_request(Request.numbers_of_folds),
        computing=of_request(given.computing, CONFIG.values["device"]),
        validation=of_request(given.option, "validation"),
        code=code("predict"),
    script:
        "../workflow/scripts/predict.py"
