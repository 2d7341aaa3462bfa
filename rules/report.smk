# Tables, pictures and the report of a family.
#
# Outputs: results/<family>/table.tsv, table.md, index.html, table.html, report.html and figures/: PNG, and of charts SVG,
# a table of their numbers and their description (Vega-Lite) for the page


rule table:
    """Put all results of a family into one table."""
    input:
        results=of_family(report_jobs.results),
        samples=of_family(report_jobs.samples_to_compare),
        histories=of_family(report_jobs.histories),
        published=published_file,
    output:
        table=report(
            "results/{family}/table.tsv",
            caption="../workflow/report/table.rst",
            category="2 Results",
            labels={"family": "{family}", "figure": "all figures"},
        ),
        page="results/{family}/table.md",
        png=report(
            "results/{family}/figures/table.png",
            caption="../workflow/report/table.rst",
            category="2 Results",
            labels={"family": "{family}", "figure": "table"},
        ),
        svg="results/{family}/figures/table.svg",
        tsv="results/{family}/figures/table.tsv",
        spec="results/{family}/figures/table.json",
    log:
        "logs/table/{family}.log",
    benchmark:
        "benchmarks/table/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        title=of_job(lambda job: CONFIG.family(job["family"])["title"]),
        left_out=of_job(lambda job: sorted_requests(job["family"])[1]),
        benchmarks=of_family(JOBS.training_benchmarks),
        code=code("table"),
    script:
        "../workflow/scripts/table.py"


rule plot_classes:
    """Draw how many test items of every class were found, for every result of a family."""
    input:
        of_family(report_jobs.results_by_class),
    output:
        png=report(
            "results/{family}/figures/classes.png",
            caption="../workflow/report/classes.rst",
            category="2 Results",
            labels={"family": "{family}", "figure": "classes"},
        ),
        svg="results/{family}/figures/classes.svg",
        tsv="results/{family}/figures/classes.tsv",
        spec="results/{family}/figures/classes.json",
    log:
        "logs/plot_classes/{family}.log",
    benchmark:
        "benchmarks/plot_classes/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        title=of_job(lambda job: CONFIG.family(job["family"])["title"]),
        code=code("plot_classes"),
    script:
        "../workflow/scripts/plot_classes.py"


rule plot_confusion:
    """Draw the confusion matrix of a result."""
    input:
        "results/{family}/{model}.json",
    output:
        png=report(
            "results/{family}/figures/confusion_{model}.png",
            caption="../workflow/report/confusion.rst",
            category="3 Confusion matrices",
            labels={"model": "{model}"},
        ),
        svg="results/{family}/figures/confusion_{model}.svg",
        tsv="results/{family}/figures/confusion_{model}.tsv",
        spec="results/{family}/figures/confusion_{model}.json",
    log:
        "logs/plot_confusion/{family}/{model}.log",
    benchmark:
        "benchmarks/plot_confusion/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        code=code("plot_confusion"),
    script:
        "../workflow/scripts/plot_confusion.py"


rule plot_precision_recall:
    """Draw precision against recall, over all classes together and for single ones."""
    input:
        unpack(of_request(TRUTH.truth_files)),
        predictions=of_request(Request.predictions),
        index=of_folds(Request.index_files),
        result="results/{family}/{model}.json",
    output:
        png=report(
            "results/{family}/figures/precision-recall_{model}.png",
            caption="../workflow/report/precision_recall.rst",
            category="3 Precision and recall",
            labels={"model": "{model}"},
        ),
        svg="results/{family}/figures/precision-recall_{model}.svg",
        tsv="results/{family}/figures/precision-recall_{model}.tsv",
        spec="results/{family}/figures/precision-recall_{model}.json",
    log:
        "logs/plot_precision_recall/{family}/{model}.log",
    benchmark:
        "benchmarks/plot_precision_recall/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        validation=of_request(given.option, "validation"),
        folds=of_request(Request.numbers_of_folds),
        code=code("plot_precision_recall"),
    script:
        "../workflow/scripts/plot_precision_recall.py"


rule plot_learning_curves:
    """Draw the course of a model's trainings."""
    input:
        of_folds(Request.histories),
    output:
        png=report(
            "results/{family}/figures/learning_{model}.png",
            caption="../workflow/report/learning.rst",
            category="4 Learning curves",
            labels={"model": "{model}"},
        ),
        svg="results/{family}/figures/learning_{model}.svg",
        tsv="results/{family}/figures/learning_{model}.tsv",
        spec="results/{family}/figures/learning_{model}.json",
    log:
        "logs/plot_learning_curves/{family}/{model}.log",
    benchmark:
        "benchmarks/plot_learning_curves/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        code=code("plot_learning_curves"),
    script:
        "../workflow/scripts/plot_learning_curves.py"


rule plot_spectrograms:
    """Draw the spectrogram of one training track of each class."""
    input:
        spectrograms=of_job(SOUND.spectrograms, "train"),
        table=items_table,
        sets=items_sets,
    output:
        png=report(
            "results/{family}/figures/spectrograms_{dataset}.png",
            caption="../workflow/report/spectrograms.rst",
            category="5 Spectrograms",
            labels={"dataset": "{dataset}"},
        ),
        svg="results/{family}/figures/spectrograms_{dataset}.svg",
        tsv="results/{family}/figures/spectrograms_{dataset}.tsv",
    log:
        "logs/plot_spectrograms/{family}_{dataset}.log",
    benchmark:
        "benchmarks/plot_spectrograms/{family}_{dataset}.tsv"
    conda:
        "../envs/audio.yaml"
    resources:
        **asks("report"),
    params:
        audio=of_job(JOBS.spectral_options),
        classes=of_job(TRUTH.classes),
        reading=of_job(ITEMS.reading),
        rows=of_job(ITEMS.training_rows),
        code=code("plot_spectrograms"),
    script:
        "../workflow/scripts/plot_spectrograms.py"


rule plot_chain:
    """Draw the rules that lead to a family's table, as Snakemake sees them."""

    # Before the check of an archive, Snakemake does not know what follows from it.
    input:
        of_job(lambda job: [names.CHECK.format(archive=name) for name in archives_of(job["family"])]),
    output:
        png=report(
            "results/{family}/figures/chain.png",
            caption="../workflow/report/chain.rst",
            category="6 Chain of rules",
            labels={"family": "{family}"},
        ),
        svg="results/{family}/figures/chain.svg",
        tsv="results/{family}/figures/chain.tsv",
    log:
        "logs/plot_chain/{family}.log",
    benchmark:
        "benchmarks/plot_chain/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        target="results/{family}/table.tsv",
        rules=rules_digest(),
        code=code("plot_chain"),
    script:
        "../workflow/scripts/plot_chain.py"


rule shown_items:
    """Choose the items of a family that its page shows, and what there is to hear and to see of them."""
    input:
        predictions=of_family(JOBS.predicted_items),
        spectrograms=of_family(
            lambda built: [
                path
                for dataset in JOBS.heard(JOBS.shown(built))
                for path in SOUND.spectrograms({"dataset": dataset, "set": "test"})
            ]
        ),
    output:
        "data/predictions/{family}/shown_items.json",
    log:
        "logs/shown_items/{family}.log",
    benchmark:
        "benchmarks/shown_items/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        datasets=of_family(JOBS.datasets_of_shown),
        embed=CONFIG.values["report"]["embed"],
        code=code("shown_items"),
    script:
        "../workflow/scripts/shown_items.py"


rule shown_lists:
    """Choose the users and the items whose lists the page of a family shows, by the first seed of a model."""
    input:
        unpack(of_request(given.listeners)),
        plays=of_request(lambda request: request.truth_files()["plays"]),
        index=of_request(Request.index_file, "test"),
        predictions="data/predictions/{family}/{model}/test.npz",
    output:
        "data/predictions/{family}/{model}/shown_lists.json",
    log:
        "logs/shown_lists/{family}/{model}.log",
    benchmark:
        "benchmarks/shown_lists/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        code=code("shown_lists"),
    script:
        "../workflow/scripts/shown_lists.py"


rule page:
    """Write the page of a family: its results to look at, to listen to and to compare, in one file."""
    input:
        results=of_family(report_jobs.results),
        table="results/{family}/table.tsv",
        published=published_file,
        charts=of_family(JOBS.charts),
        pictures=of_family(JOBS.pictures),
        shown=of_family(JOBS.shown_items),
        maps=of_family(JOBS.maps),
        lists=of_family(report_jobs.shown_lists),
        statuses=of_family(lambda built: sorted({path for one in built for path in SOUND.status_files(one)})),
    output:
        page=report(
            "results/{family}/index.html",
            caption="../workflow/report/page.rst",
            category="1 Page",
            labels={"family": "{family}", "page": "everything"},
        ),
        table=report(
            "results/{family}/table.html",
            caption="../workflow/report/table.rst",
            category="2 Results",
            labels={"family": "{family}", "figure": "table with all measures of the page"},
        ),
    log:
        "logs/page/{family}.log",
    benchmark:
        "benchmarks/page/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        title=of_job(lambda job: CONFIG.family(job["family"])["title"]),
        sources=of_family(JOBS.sources),
        embed=CONFIG.values["report"]["embed"],
        citation=sha256(HOME / "CITATION.cff"),
        look=look("index.html"),
        code=code("page"),
    script:
        "../workflow/scripts/page.py"


rule report:
    """Write Snakemake's report of a family, with its table and pictures."""
    input:
        page="results/{family}/index.html",
        table="results/{family}/table.tsv",
        figures=of_family(JOBS.figures),
    output:
        "results/{family}/report.html",
    log:
        "logs/report/{family}.log",
    benchmark:
        "benchmarks/report/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        code=code("report"),
    script:
        "../workflow/scripts/report.py"


rule inventory:
    """List every network of the configuration: parameters, layers, the size that is flattened."""
    output:
        report(
            "results/networks.tsv",
            caption="../workflow/report/networks.rst",
            category="7 Networks",
        ),
    log:
        "logs/inventory.log",
    benchmark:
        "benchmarks/inventory.tsv"
    conda:
        TENSORFLOW
    resources:
        **asks("report"),
    params:
        models=digest([ordered(CONFIG.datasets), ordered(CONFIG.families)]),
        code=code("inventory"),
    script:
        "../workflow/scripts/inventory.py"


rule top_list:
    """List for each user the items that suit best, by the first seed of a model."""
    input:
        unpack(of_request(given.listeners)),
        unpack(of_request(given.known_plays)),
        predictions="data/predictions/{family}/{model}/test.npz",
    output:
        "results/{family}/top_{length}_above_{threshold}_{model}.tsv",
    log:
        "logs/top_list/{family}/top_{length}_above_{threshold}_{model}.log",
    benchmark:
        "benchmarks/top_list/{family}/top_{length}_above_{threshold}_{model}.tsv"
    wildcard_constraints:
        length=r"\d+",
        threshold=r"-?\d+(\.\d+)?",
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        evaluation=of_request(given.option, "evaluation"),
        code=code("top_list"),
    script:
        "../workflow/scripts/top_list.py"


rule plot_learned:
    """Draw what a model's first seed looks for: filters of its first convolutions, or words that speak for a class."""
    input:
        unpack(of_request(given.model_to_look_at)),
    output:
        png="results/{family}/figures/learned_{model}.png",
        svg="results/{family}/figures/learned_{model}.svg",
        tsv="results/{family}/figures/learned_{model}.tsv",
    log:
        "logs/plot_learned/{family}/{model}.log",
    benchmark:
        "benchmarks/plot_learned/{family}/{model}.tsv"
    conda:
        TENSORFLOW
    threads: of_request(given.option, "threads")
    resources:
        **asks("report"),
    params:
        computing=of_request(given.computing, CONFIG.values["device"]),
        code=code("plot_learned"),
    script:
        "../workflow/scripts/plot_learned.py"


rule compare:
    """Set the results of families, or of versions of one, side by side."""
    input:
        results=lambda _: [path for side in compared() for path in side.results],
        samples=lambda _: [path for side in compared() for path in side.samples],
    output:
        page="results/compare.html",
        tsv="results/compare.tsv",
    log:
        "logs/compare.log",
    benchmark:
        "benchmarks/compare.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        sides=lambda _: [vars(side) for side in compared()],
        look=look("compare.html"),
        code=code("compare"),
    script:
        "../workflow/scripts/compare.py"


rule deformed_table:
    """Put what deformed sound does to the models of a family into one table."""
    input:
        of_family(report_jobs.deformed_results),
    output:
        tsv="results/{family}/deformed.tsv",
        md="results/{family}/deformed.md",
    log:
        "logs/deformed_table/{family}.log",
    benchmark:
        "benchmarks/deformed_table/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    resources:
        **asks("report"),
    params:
        title=of_job(lambda job: CONFIG.family(job["family"])["title"]),
        code=code("deformed_table"),
    script:
        "../workflow/scripts/deformed_table.py"
