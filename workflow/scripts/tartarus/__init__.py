"""Tartarus: deep learning on the sound, words, pictures and listeners of music.

The library knows nothing of Snakemake. A package is a step, and a module imports only from its own step or from an
earlier one:

base        errors, files, arrays, logs
plan        configuration, file names, what a target asks for, which jobs follow
items       raw files, tables of items, sets, classes
features    from sound and words to features in files
archives    published archives, imported as features and targets
learning    networks, training, outputs of layers
evaluation  how good predictions are
use         trained models put to use
report      tables, pictures and the report, for people

``lookalike`` stands apart: it writes archives that look like the published ones.
"""
