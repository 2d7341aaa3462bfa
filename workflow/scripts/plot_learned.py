"""Draw what a trained model looks for: the kernels of its first convolutions, or the words that speak for a class."""

from tartarus.base import files, logs
from tartarus.items import tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, out = snakemake.input, snakemake.output
    backend.start(**snakemake.params.computing)
    from tartarus.learning import learned, model_files
    from tartarus.report import figures, learned_figures

    model, title = model_files.load(given.model), snakemake.wildcards.model
    found = learned.kernels(model)
    if found:
        rows, figure = learned.rows_of_kernels(found), learned_figures.kernels(found, title)
    else:
        words, weights = learned.word_weights(model)
        rows = learned.rows_of_words(words, weights, files.read_lines(given.classes))
        figure = learned_figures.words(rows, title)
    tables.write_rows(out.tsv, rows)
    figures.save(figure, out.png, out.svg)
