"""Tartarus: deep learning on the sound, words, pictures and listeners of music.

The library knows nothing of Snakemake. Its modules follow the steps of the pipeline, and a module imports
only modules of its own or of an earlier step:

config, targets, tables    what is asked for, by which names, for which items
demo, fetch, original      raw files
spectrograms, patches      features from sound
texts, vsm, word2vec       features from words
features                   reading and writing features of any kind
layers, networks, losses   what a model is made of
training, prediction       models, their scores and the outputs of their layers
measures, results          how good the scores are, and how that is written down
tabulate, figures, nested  tables, pictures and the report, for people
"""
