# Training: one rule for each experiment, one job for some seeds of a model.
#
# Inputs: features and ground truth of train and val. Outputs:
# data/models/<family>/<experiment>_<settings>/seed-<seed>/model.keras and history.csv
#
# Snakemake wants to know the outputs of a rule before it knows what the rule is for, and seeds belong to the
# experiment: hence the loop. Seeds of one job share the start of TensorFlow and the reading of the features; a seed
# that is added later makes a job of its own, if the earlier jobs are full.

for family, experiment, seeds in trainings():

    rule:
        """Train the models of an experiment."""
        name:
            training_name(family, experiment, seeds)
        input:
            train=of_model(files_of("train")),
            val=of_model(files_of("val")),
            vocabularies=of_model(vocabularies_of),
            index_train=of_model(index_of("train")),
            index_val=of_model(index_of("val")),
            y_train=of_model(target_of("train")),
            y_val=of_model(target_of("val")),
        output:
            models=[f"data/models/{{family}}/{{model}}/seed-{seed}/model.keras" for seed in seeds],
            histories=[f"data/models/{{family}}/{{model}}/seed-{seed}/history.csv" for seed in seeds],
        log:
            f"logs/train/{{family}}/{{model}}_seed-{seeds[0]}.log",
        benchmark:
            f"benchmarks/train/{{family}}/{{model}}_seed-{seeds[0]}.tsv"
        wildcard_constraints:
            family=family,
            model=models_pattern(family, experiment),
        # Others wait for these.
        priority: 1 if is_learned_from(family, experiment) else 0
        conda:
            "../envs/tensorflow.yaml"
        threads: of_model(threads_of)
        params:
            seeds=seeds,
            features=of_model(features_of),
            options=of_model(training_options),
            code=code("train"),
        script:
            "../workflow/scripts/train.py"
