# Training: one job for each seed of a model.
#
# Inputs: features and ground truth of train and val. Outputs:
# data/models/<family>/<experiment>_<settings>/seed-<seed>/model.keras and history.csv


rule train:
    """Train a model with one seed."""
    input:
        train=of_model(files_of("train")),
        val=of_model(files_of("val")),
        vocabularies=of_model(vocabularies_of),
        index_train=of_model(index_of("train")),
        index_val=of_model(index_of("val")),
        y_train=of_model(target_of("train")),
        y_val=of_model(target_of("val")),
    output:
        model="data/models/{family}/{model}/seed-{seed}/model.keras",
        history="data/models/{family}/{model}/seed-{seed}/history.csv",
    params:
        features=of_model(features_of),
        options=of_model(training_options),
        code=code("train"),
    threads: of_model(threads_of)
    log:
        "logs/train/{family}/{model}_seed-{seed}.log",
    benchmark:
        "benchmarks/train/{family}/{model}_seed-{seed}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    script:
        "../workflow/scripts/train.py"
