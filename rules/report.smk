# Tables, pictures and the report of a family.
#
# Outputs: results/<family>/table.tsv, table.md, figures/*.png, report.html


rule table:
    """Put all results of a family into one table."""
    input:
        results_of_family,
    output:
        tsv=report(
            "results/{family}/table.tsv",
            caption="../workflow/report/table.rst",
            category="1 Results",
            labels={"family": "{family}", "figure": "all figures"},
        ),
        md="results/{family}/table.md",
        png=report(
            "results/{family}/figures/table.png",
            caption="../workflow/report/table.rst",
            category="1 Results",
            labels={"family": "{family}", "figure": "table"},
        ),
    log:
        "logs/table/{family}.log",
    benchmark:
        "benchmarks/table/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        title=family_title,
        code=code("table"),
    script:
        "../workflow/scripts/table.py"


rule plot_confusion:
    """Draw the confusion matrix of a result."""
    input:
        "results/{family}/{model}.json",
    output:
        report(
            "results/{family}/figures/confusion_{model}.png",
            caption="../workflow/report/confusion.rst",
            category="2 Confusion matrices",
            labels={"model": "{model}"},
        ),
    log:
        "logs/plot_confusion/{family}/{model}.log",
    benchmark:
        "benchmarks/plot_confusion/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("plot_confusion"),
    script:
        "../workflow/scripts/plot_confusion.py"


rule plot_learning_curves:
    """Draw the course of a model's trainings."""
    input:
        of_model(histories),
    output:
        report(
            "results/{family}/figures/learning_{model}.png",
            caption="../workflow/report/learning.rst",
            category="3 Learning curves",
            labels={"model": "{model}"},
        ),
    log:
        "logs/plot_learning_curves/{family}/{model}.log",
    benchmark:
        "benchmarks/plot_learning_curves/{family}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        seeds=of_model(seeds_of),
        code=code("plot_learning_curves"),
    script:
        "../workflow/scripts/plot_learning_curves.py"


rule plot_spectrograms:
    """Draw the spectrogram of one training track of each class."""
    input:
        spectrograms=training_spectrograms,
        table=items_table,
    output:
        report(
            "results/{family}/figures/spectrograms_{dataset}.png",
            caption="../workflow/report/spectrograms.rst",
            category="4 Spectrograms",
            labels={"dataset": "{dataset}"},
        ),
    log:
        "logs/plot_spectrograms/{family}_{dataset}.log",
    benchmark:
        "benchmarks/plot_spectrograms/{family}_{dataset}.tsv"
    conda:
        "../envs/audio.yaml"
    params:
        audio=spectral_settings,
        classes=told(classes_of),
        reading=items_options,
        rows=training_rows,
        code=code("plot_spectrograms"),
    script:
        "../workflow/scripts/plot_spectrograms.py"


rule plot_chain:
    """Draw the rules that lead to a family's table, as Snakemake sees them."""
    output:
        report(
            "results/{family}/figures/chain.png",
            caption="../workflow/report/chain.rst",
            category="5 Chain of rules",
            labels={"family": "{family}"},
        ),
    log:
        "logs/plot_chain/{family}.log",
    benchmark:
        "benchmarks/plot_chain/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        target="results/{family}/table.tsv",
        rules=rules_digest(),
        code=code("plot_chain"),
    script:
        "../workflow/scripts/plot_chain.py"


rule report:
    """Write Snakemake's report of a family, with its table and pictures."""
    input:
        table="results/{family}/table.tsv",
        figures=figures_of_family,
    output:
        "results/{family}/report.html",
    log:
        "logs/report/{family}.log",
    benchmark:
        "benchmarks/report/{family}.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("report"),
    script:
        "../workflow/scripts/report.py"
