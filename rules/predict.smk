# What trained models say.
#
# Outputs: data/train_data/X_<set>_<model>-pred_<layer>_<dataset>.npz, the output of a layer as features for
# another model; data/predictions/<family>/<model>/<set>.npz, the scores of the items by every seed.


rule predict_layer:
    """Write the output of a named layer of a model's first seed, for all three sets."""
    input:
        model=of_model(first_trained),
        train=of_model(files_of("train")),
        val=of_model(files_of("val")),
        test=of_model(files_of("test")),
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
        "../envs/tensorflow.yaml"
    threads: of_model(threads_of)
    params:
        code=code("predict_layer"),
    script:
        "../workflow/scripts/predict_layer.py"


rule predict:
    """Score the items of validation and test with every seed of a model."""
    input:
        models=of_model(all_trained),
        val=of_model(files_of("val")),
        test=of_model(files_of("test")),
        index_val=of_model(index_of("val")),
        index_test=of_model(index_of("test")),
    output:
        val="data/predictions/{family}/{model}/val.npz",
        test="data/predictions/{family}/{model}/test.npz",
    log:
        "logs/predict/{family}/{model}.log",
    benchmark:
        "benchmarks/predict/{family}/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: of_model(threads_of)
    params:
        seeds=of_model(seeds_of),
        validation=of_model(validation_of),
        code=code("predict"),
    script:
        "../workflow/scripts/predict.py"
