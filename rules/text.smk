# From words to vectors.
#
# Inputs: data/raw/<dataset>/items.tsv with the texts themselves, or the files of texts and of texts with names that it
# names, gazetteer.tsv.
# Outputs: data/texts/texts_<dataset>.jsonl and .tsv (what became of every text); for bow (tf-idf), sem (the same, with
# names) and w2v (word ids): data/train_data/X_<set>_<bow, sem or w2v>_<dataset>.npz, vocabulary_<...>_<dataset>.npz


rule texts:
    """Gather the texts of a dataset in one file, and tell what became of every one."""
    input:
        table=items_table,
        sets=items_sets,
        texts=of_job(FILES.raw_files, "text"),
        entities=of_job(FILES.raw_files, "entities"),
    output:
        jsonl="data/texts/texts_{dataset}.jsonl",
        statuses="data/texts/texts_{dataset}.tsv",
    log:
        "logs/texts/{dataset}.log",
    benchmark:
        "benchmarks/texts/{dataset}.tsv"
    wildcard_constraints:
        dataset=RAW,
    conda:
        "../envs/common.yaml"
    resources:
        **asks("text"),
    params:
        reading=of_job(ITEMS.reading),
        rows=of_job(ITEMS.rows, "text", "words", "entities"),
        text_files=of_job(FILES.users_files, "text"),
        entities_files=of_job(FILES.users_files, "entities"),
        max_missing=of_job(JOBS.section, "max_missing"),
        code=code("texts"),
    script:
        "../workflow/scripts/texts.py"


rule album_texts:
    """Join the texts of the tracks of each album."""
    input:
        table=items_table,
        texts=of_job(JOBS.texts_of_tracks),
        albums=of_job(JOBS.albums_of_tracks),
    output:
        jsonl="data/texts/texts_{dataset}.jsonl",
        statuses="data/texts/texts_{dataset}.tsv",
    log:
        "logs/album_texts/{dataset}.log",
    benchmark:
        "benchmarks/album_texts/{dataset}.tsv"
    wildcard_constraints:
        dataset=names.pattern(JOBS.datasets_of_kind("albums")),
    conda:
        "../envs/archives.yaml"
    resources:
        **asks("text"),
    params:
        max_missing=of_job(JOBS.section, "max_missing"),
        code=code("album_texts"),
    script:
        "../workflow/scripts/album_texts.py"


rule bow:
    """Turn texts into sparse vectors of tf-idf, fitted on the training texts."""
    input:
        texts=of_job(JOBS.texts),
        index=of_job(JOBS.sets_of_fold),
    output:
        train="data/train_data/X_train_bow_{dataset}.npz",
        val="data/train_data/X_val_bow_{dataset}.npz",
        test="data/train_data/X_test_bow_{dataset}.npz",
        vocabulary="data/train_data/vocabulary_bow_{dataset}.npz",
    log:
        "logs/bow/{dataset}.log",
    benchmark:
        "benchmarks/bow/{dataset}.tsv"
    wildcard_constraints:
        dataset=FITTED,
    conda:
        "../envs/text.yaml"
    resources:
        **asks("text"),
    params:
        bow=of_job(JOBS.section, "bow"),
        code=code("bow"),
    script:
        "../workflow/scripts/bow.py"


rule sem:
    """Turn texts into sparse vectors of tf-idf, with names as one word and what they are as words."""
    input:
        texts=of_job(JOBS.texts),
        index=of_job(JOBS.sets_of_fold),
        gazetteer=of_job(FILES.gazetteer),
    output:
        train="data/train_data/X_train_sem_{dataset}.npz",
        val="data/train_data/X_val_sem_{dataset}.npz",
        test="data/train_data/X_test_sem_{dataset}.npz",
        vocabulary="data/train_data/vocabulary_sem_{dataset}.npz",
    log:
        "logs/sem/{dataset}.log",
    benchmark:
        "benchmarks/sem/{dataset}.tsv"
    wildcard_constraints:
        dataset=FITTED,
    conda:
        "../envs/text.yaml"
    resources:
        **asks("text"),
    params:
        options=of_job(JOBS.section, "bow", "sem"),
        code=code("sem"),
    script:
        "../workflow/scripts/sem.py"


rule w2v:
    """Turn texts into word ids, with a vector for each word learned from the training texts."""
    input:
        texts=of_job(JOBS.texts),
        index=of_job(JOBS.sets_of_fold),
        pretrained=of_job(JOBS.pretrained_vectors),
    output:
        train="data/train_data/X_train_w2v_{dataset}.npz",
        val="data/train_data/X_val_w2v_{dataset}.npz",
        test="data/train_data/X_test_w2v_{dataset}.npz",
        vocabulary="data/train_data/vocabulary_w2v_{dataset}.npz",
    log:
        "logs/w2v/{dataset}.log",
    benchmark:
        "benchmarks/w2v/{dataset}.tsv"
    wildcard_constraints:
        dataset=FITTED,
    conda:
        "../envs/text.yaml"
    resources:
        **asks("text"),
    params:
        w2v=of_job(JOBS.section, "w2v"),
        seed=SEED,
        code=code("w2v"),
    script:
        "../workflow/scripts/w2v.py"
