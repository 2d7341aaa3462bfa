# Training: one rule for each experiment, one job for some seeds of a model.
#
# Inputs: features and ground truth of train and val; for some networks, weights to begin from; for
# patches that are drawn anew in every epoch, spectrograms; for plain methods, the table that tells groups. Outputs:
# data/models/<family>/<experiment>_<settings>/seed-<seed>/model.keras and history.csv, data/raw/weights/<network>/<file>.
# Where the dataset has folds, one job trains the models of all: .../fold-<fold>/seed-<seed>/...
#
# Snakemake wants to know the outputs of a rule before it knows what the rule is for, and seeds belong to the
# experiment: hence the loop. Seeds of one job share the start of TensorFlow and the reading of the features; a seed
# that is added later makes a job of its own, if the earlier jobs are full.
#
# `computing` has the threads of TensorFlow. Those of the job are fewer where there are fewer cores; results are the same.


rule fetch_weights:
    """Fetch the published file of a network, from a mirror or from its source, and verify it."""
    output:
        "data/raw/weights/{network}/{file}",
    log:
        "logs/fetch_weights/{network}_{file}.log",
    benchmark:
        "benchmarks/fetch_weights/{network}_{file}.tsv"
    wildcard_constraints:
        network=names.pattern([*weights.PUBLISHED, *JOBS.own_networks()]),
    localrule: True
    conda:
        "../envs/common.yaml"
    params:
        source=of_job(JOBS.source_of_weights),
    script:
        "../workflow/scripts/fetch_weights.py"


for training in JOBS.trainings():

    rule:
        """Train the models of an experiment."""
        name:
            training.rule
        input:
            train=of_folds(JOBS.files, "train"),
            val=of_folds(JOBS.files, "val"),
            vocabularies=of_folds(Request.vocabularies),
            weights=of_request(given.weights_file),
            played=of_request(given.weighing_plays),
            spectrograms=of_request(SOUND.to_redraw),
            index_train=of_folds(Request.index_file, "train"),
            index_val=of_folds(Request.index_file, "val"),
            y_train=of_folds(Request.target_file, "train"),
            y_val=of_folds(Request.target_file, "val"),
            table=of_request(grouped_table, TRUTH.grouping),
            sets=of_request(grouped_sets, TRUTH.grouping),
        output:
            models=[f"data/models/{{family}}/{{model}}/{fold}seed-{seed}/model.keras" for fold, seed in training.runs],
            histories=[
                f"data/models/{{family}}/{{model}}/{fold}seed-{seed}/history.csv" for fold, seed in training.runs
            ],
        log:
            f"logs/train/{{family}}/{{model}}_seed-{training.seeds[0]}.log",
        benchmark:
            f"benchmarks/train/{{family}}/{{model}}_seed-{training.seeds[0]}.tsv"
        wildcard_constraints:
            family=training.family,
            model=training.models,
        # Others wait for these.
        priority: 1 if training.is_awaited else 0
        conda:
            TENSORFLOW
        threads: of_request(given.option, "threads")
        resources:
            **asks("train"),
        params:
            seeds=training.seeds,
            folds=training.folds,
            features=of_request(Request.feature_names),
            options=of_request(given.training_options),
            padding=of_request(JOBS.padding),
            grouping=of_request(TRUTH.grouping),
            computing=of_request(given.computing, CONFIG.values["device"]),
            code=code("train"),
        script:
            "../workflow/scripts/train.py"
