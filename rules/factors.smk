# Factors of plays and of classes: what models learn to predict in the place of plays and classes.
#
# Inputs: data/raw/<dataset>/plays.tsv, or the ground truth of classes.
# Outputs: data/splits/matrix_<set>_<dataset>.npz (who played which item of a set), users_<dataset>.tsv and
# plays_<dataset>.tsv (what became of every user and item); y_<set>_<als or pmi>_<dim>_<dataset>.npy with
# user_factors_als_<dim>_<dataset>.npy or class_factors_pmi_<dim>_<dataset>.npy. Archives bring such files themselves.


rule plays:
    """Read who played what, and part it by set."""
    input:
        plays=of_job(JOBS.plays_of),
        albums=of_job(JOBS.albums_of_plays),
        table=items_table,
        sets=items_sets,
        owner=of_owner(lambda job: table_of(job["dataset"])),
        owner_sets=of_owner(lambda job: sets_of(job["dataset"])),
    output:
        train="data/splits/matrix_train_{dataset}.npz",
        val="data/splits/matrix_val_{dataset}.npz",
        test="data/splits/matrix_test_{dataset}.npz",
        users="data/splits/users_{dataset}.tsv",
        played="data/splits/plays_{dataset}.tsv",
    log:
        "logs/plays/{dataset}.log",
    benchmark:
        "benchmarks/plays/{dataset}.tsv"
    wildcard_constraints:
        dataset=LISTED,
    conda:
        "../envs/factors.yaml"
    resources:
        **asks("factors"),
    params:
        plays=of_job(JOBS.section, "plays"),
        reading=of_job(ITEMS.reading),
        rows=of_job(ITEMS.rows),
        owner_reading=of_owner(ITEMS.reading),
        owner_rows=of_job(rows_of_owner),
        code=code("plays"),
    script:
        "../workflow/scripts/plays.py"


rule als:
    """Find factors of users and items by who played what; the plays of the training items alone tell the users."""
    input:
        train="data/splits/matrix_train_{dataset}.npz",
        val="data/splits/matrix_val_{dataset}.npz",
        test="data/splits/matrix_test_{dataset}.npz",
    output:
        train="data/splits/y_train_als_{dim}_{dataset}.npy",
        val="data/splits/y_val_als_{dim}_{dataset}.npy",
        test="data/splits/y_test_als_{dim}_{dataset}.npy",
        users="data/splits/user_factors_als_{dim}_{dataset}.npy",
    log:
        "logs/als/{dim}_{dataset}.log",
    benchmark:
        "benchmarks/als/{dim}_{dataset}.tsv"
    wildcard_constraints:
        dataset=LISTED,
    conda:
        "../envs/factors.yaml"
    resources:
        **asks("factors"),
    params:
        als=of_job(JOBS.section, "als"),
        seed=SEED,
        code=code("als"),
    script:
        "../workflow/scripts/als.py"


rule pmi:
    """Find factors of classes by which of them go together, and those of the items by their classes."""
    input:
        unpack(of_job(TRUTH.targets_of_classes)),
    output:
        train="data/splits/y_train_pmi_{dim}_{dataset}.npy",
        val="data/splits/y_val_pmi_{dim}_{dataset}.npy",
        test="data/splits/y_test_pmi_{dim}_{dataset}.npy",
        classes="data/splits/class_factors_pmi_{dim}_{dataset}.npy",
    log:
        "logs/pmi/{dim}_{dataset}.log",
    benchmark:
        "benchmarks/pmi/{dim}_{dataset}.tsv"
    wildcard_constraints:
        dataset=names.all_but(JOBS.datasets_of_kind("archive")),
    conda:
        "../envs/factors.yaml"
    resources:
        **asks("factors"),
    params:
        code=code("pmi"),
    script:
        "../workflow/scripts/pmi.py"
